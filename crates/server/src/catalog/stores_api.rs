//! HTTP of stores.

use std::sync::Arc;

use aisle_domain::ids::StoreId;
use aisle_domain::scale_label::{LabelCheck, ScaleRule};
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::error::Problem;
use crate::http::{Actor, Can, Json, Page, Path, plain_text, right, text};
use crate::{App, Error, Result, codes};

use super::catalogue::Store;
use super::stores::{self, NewStore, StoreChange};

/// The calls about stores.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_stores, add_store))
        .routes(routes!(show_store, change_store))
        .routes(routes!(list_scale_rules, replace_scale_rules))
}

/// A store.
#[derive(Debug, Serialize, ToSchema)]
pub struct StoreView {
    id: i64,
    code: String,
    name: String,
    phone: String,
    address: String,
    /// IANA name.
    time_zone: String,
    /// The business day ends at this hour, 0–23.
    day_cutoff_hour: u32,
    /// `none`, `drop_fen`, `drop_jiao`, `round_jiao`, `round_yuan`.
    rounding: &'static str,
    /// Whether staffed tills sell what the books do not have.
    pos_negative_stock: bool,
    /// How long an unpaid order keeps its goods.
    reservation_minutes: i64,
    /// Days within which goods come back without a second person; 0 is no end.
    return_window_days: i64,
    receipt_footer: String,
    locations: Vec<LocationView>,
}

#[derive(Debug, Serialize, ToSchema)]
struct LocationView {
    id: i64,
    /// `floor`, `back`, `transit`.
    kind: String,
    name: String,
}

/// A store by identity, as clients see it.
pub fn store_view(app: &App, id: StoreId) -> Result<StoreView> {
    Ok(view(&*find(app, id)?))
}

/// All stores. Needs to be signed in.
#[utoipa::path(get, path = "/api/v1/stores", tag = "catalog",
    responses((status = 200, body = Page<StoreView>), (status = "default", body = Problem)))]
async fn list_stores(State(app): State<App>, _actor: Actor) -> Json<Page<StoreView>> {
    let stores = app.catalogue.stores();
    Json(Page::whole(
        stores.iter().map(|store| view(store)).collect(),
    ))
}

/// One store. Needs to be signed in.
#[utoipa::path(get, path = "/api/v1/stores/{id}", tag = "catalog", params(("id" = i64, Path)),
    responses((status = 200, body = StoreView), (status = "default", body = Problem)))]
async fn show_store(
    State(app): State<App>,
    _actor: Actor,
    Path(id): Path<i64>,
) -> Result<Json<StoreView>> {
    Ok(Json(store_view(&app, StoreId(id))?))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AddStore {
    code: String,
    name: String,
    #[serde(default)]
    phone: String,
    #[serde(default)]
    address: String,
    /// IANA name; `Asia/Shanghai` when absent.
    time_zone: Option<String>,
}

/// Open a store with its places and the usual scale labels. Needs `store.manage`.
#[utoipa::path(post, path = "/api/v1/stores", tag = "catalog", request_body = AddStore,
    responses((status = 200, body = StoreView), (status = "default", body = Problem)))]
async fn add_store(
    State(app): State<App>,
    can: Can<right::StoreManage>,
    Json(body): Json<AddStore>,
) -> Result<Json<StoreView>> {
    let new = NewStore {
        code: plain_text("code", &body.code, 1, 16)?,
        name: text("name", &body.name, 1, 60)?,
        phone: text("phone", &body.phone, 0, 30)?,
        address: text("address", &body.address, 0, 120)?,
        time_zone: body.time_zone.unwrap_or_else(|| "Asia/Shanghai".to_owned()),
    };
    if aisle_domain::time::parse_zone(&new.time_zone).is_none() {
        return Err(Error::invalid("time_zone", "not an IANA time zone"));
    }
    let id = stores::create_store(&app, &new, can.actor.name()).await?;
    Ok(Json(store_view(&app, id)?))
}

/// Change a store. Needs `store.manage`.
#[utoipa::path(patch, path = "/api/v1/stores/{id}", tag = "catalog", request_body = StoreChange,
    params(("id" = i64, Path)),
    responses((status = 200, body = StoreView), (status = "default", body = Problem)))]
async fn change_store(
    State(app): State<App>,
    can: Can<right::StoreManage>,
    Path(id): Path<i64>,
    Json(body): Json<StoreChange>,
) -> Result<Json<StoreView>> {
    let store = find(&app, StoreId(id))?;
    stores::change(&app, &can.actor, &store, body).await?;
    Ok(Json(store_view(&app, StoreId(id))?))
}

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ScaleRules {
    items: Vec<ScaleRuleView>,
}

/// How one kind of in-store label is read.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ScaleRuleView {
    prefix: String,
    /// F flag, W item, E amount, N weight, v price check, C check; such as `FFWWWWWEEEEEC`.
    pattern: String,
    weight_decimals: u8,
    price_decimals: u8,
    /// `ean` or `none`.
    check: String,
    priority: i32,
}

/// How a store reads scale labels. Needs to be signed in.
#[utoipa::path(get, path = "/api/v1/stores/{id}/scale-rules", tag = "catalog", params(("id" = i64, Path)),
    responses((status = 200, body = ScaleRules), (status = "default", body = Problem)))]
async fn list_scale_rules(
    State(app): State<App>,
    _actor: Actor,
    Path(id): Path<i64>,
) -> Result<Json<ScaleRules>> {
    let store = find(&app, StoreId(id))?;
    Ok(Json(ScaleRules {
        items: store.scale_rules.iter().map(rule_view).collect(),
    }))
}

/// Replace how a store reads scale labels. Needs `store.manage`.
#[utoipa::path(put, path = "/api/v1/stores/{id}/scale-rules", tag = "catalog", request_body = ScaleRules,
    params(("id" = i64, Path)),
    responses((status = 200, body = ScaleRules), (status = "default", body = Problem)))]
async fn replace_scale_rules(
    State(app): State<App>,
    can: Can<right::StoreManage>,
    Path(id): Path<i64>,
    Json(body): Json<ScaleRules>,
) -> Result<Json<ScaleRules>> {
    let store = find(&app, StoreId(id))?;
    let rules = body
        .items
        .into_iter()
        .map(rule)
        .collect::<Result<Vec<_>>>()?;
    stores::replace_rules(&app, &can.actor, &store, &rules).await?;
    let store = find(&app, StoreId(id))?;
    Ok(Json(ScaleRules {
        items: store.scale_rules.iter().map(rule_view).collect(),
    }))
}

fn find(app: &App, id: StoreId) -> Result<Arc<Store>> {
    app.catalogue
        .store(id)
        .ok_or_else(|| Error::code(&codes::NOT_FOUND))
}

fn view(store: &Store) -> StoreView {
    StoreView {
        id: store.id.get(),
        code: store.code.clone(),
        name: store.name.clone(),
        phone: store.phone.clone(),
        address: store.address.clone(),
        time_zone: store.zone.name().to_owned(),
        day_cutoff_hour: store.cutoff_hour,
        rounding: store.policy.rounding.as_str(),
        pos_negative_stock: store.policy.pos_negative_stock,
        reservation_minutes: store.reservation_minutes,
        return_window_days: store.return_window.days(),
        receipt_footer: store.receipt_footer.clone(),
        locations: store
            .locations
            .iter()
            .map(|(id, kind, name)| LocationView {
                id: *id,
                kind: kind.clone(),
                name: name.clone(),
            })
            .collect(),
    }
}

fn rule_view(rule: &ScaleRule) -> ScaleRuleView {
    ScaleRuleView {
        prefix: rule.prefix.clone(),
        pattern: rule.pattern.clone(),
        weight_decimals: rule.weight_decimals,
        price_decimals: rule.price_decimals,
        check: match rule.check {
            LabelCheck::Ean => "ean".to_owned(),
            LabelCheck::None => "none".to_owned(),
        },
        priority: rule.priority,
    }
}

fn rule(view: ScaleRuleView) -> Result<ScaleRule> {
    let rule = ScaleRule {
        prefix: view.prefix,
        pattern: view.pattern,
        weight_decimals: view.weight_decimals,
        price_decimals: view.price_decimals,
        check: match view.check.as_str() {
            "ean" => LabelCheck::Ean,
            "none" => LabelCheck::None,
            _ => return Err(Error::invalid("check", "ean or none")),
        },
        priority: view.priority,
    };
    rule.validate()
        .map_err(|error| Error::invalid("items", &error.to_string()))?;
    Ok(rule)
}
