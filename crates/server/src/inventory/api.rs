//! HTTP of stock levels and changes by hand.

use aisle_domain::catalog::Product;
use aisle_domain::identity::Permission;
use aisle_domain::ids::ProductId;
use aisle_domain::inventory::{Direction, Reason};
use aisle_domain::quantity::Quantity;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use crate::catalog::{self, Listing};
use crate::error::Problem;
use crate::http::{Can, Json, Page, PageQuery, Query, right, text};
use crate::{App, Error, Result, codes};

use super::adjust::{self, Adjustment, AdjustmentLine};

const ADJUSTMENT_LINES_MAX: usize = 1000;

/// The calls about levels.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_stock))
        .routes(routes!(list_reasons))
        .routes(routes!(adjust_stock))
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct StockQuery {
    /// Name, pinyin, code, barcode digits.
    q: Option<String>,
    /// Category id; its sub-categories count too.
    category: Option<i64>,
    /// Only goods below their safety stock.
    low: Option<bool>,
    /// Only goods below zero.
    negative: Option<bool>,
    limit: Option<u32>,
    cursor: Option<String>,
}

#[derive(Serialize, ToSchema)]
struct StockRow {
    product_id: i64,
    name: String,
    spec: String,
    barcode: Option<String>,
    unit: String,
    on_hand_milli: i64,
    reserved_milli: i64,
    available_milli: i64,
    safety_stock_milli: i64,
    /// On hand at reference cost; needs `cost.read`.
    #[serde(skip_serializing_if = "Option::is_none")]
    cost_value_fen: Option<i64>,
}

/// What is on hand. Needs `stock.read`.
#[utoipa::path(get, path = "/api/v1/stock", tag = "inventory", params(StockQuery),
    responses((status = 200, body = Page<StockRow>), (status = "default", body = Problem)))]
async fn list_stock(
    State(app): State<App>,
    can: Can<right::StockRead>,
    Query(query): Query<StockQuery>,
) -> Result<Json<Page<StockRow>>> {
    let paging = PageQuery {
        limit: query.limit,
        cursor: query.cursor,
    };
    let store = can.store_id();
    let (low, negative) = (query.low.unwrap_or(false), query.negative.unwrap_or(false));
    let passes = |product: &Product| {
        let available = app.stock.get(store, product.id).now();
        (!low || available < product.safety_stock) && (!negative || available < Quantity::ZERO)
    };
    let listing = Listing {
        q: query.q.unwrap_or_default(),
        category: query.category,
        ..Listing::default()
    };
    let page = catalog::list(&app, listing, &paging, &passes).await?;
    let sees_cost = can.actor.may(Permission::CostRead);
    let row = |product: Arc<Product>| {
        let stock = app.stock.get(store, product.id);
        StockRow {
            product_id: product.id.get(),
            name: product.name.to_string(),
            spec: product.spec.to_string(),
            barcode: product.main_barcode().map(str::to_owned),
            unit: product.unit.to_string(),
            on_hand_milli: stock.on_hand.milli(),
            reserved_milli: stock.reserved.milli(),
            available_milli: stock.now().milli(),
            safety_stock_milli: product.safety_stock.milli(),
            cost_value_fen: sees_cost.then(|| product.cost.times(stock.on_hand).fen()),
        }
    };
    Ok(Json(Page {
        items: page.items.into_iter().map(row).collect(),
        next: page.next,
    }))
}

#[derive(Serialize, ToSchema)]
struct Reasons {
    items: Vec<ReasonView>,
}

#[derive(Serialize, ToSchema)]
struct ReasonView {
    code: &'static str,
    /// `in`, `out` or `both`.
    direction: &'static str,
    /// Whether a clerk may choose it.
    manual: bool,
}

/// Why stock can change. Needs `stock.read`.
#[utoipa::path(get, path = "/api/v1/stock/reasons", tag = "inventory",
    responses((status = 200, body = Reasons), (status = "default", body = Problem)))]
async fn list_reasons(_can: Can<right::StockRead>) -> Json<Reasons> {
    let items = Reason::ALL
        .into_iter()
        .map(|reason| ReasonView {
            code: reason.as_str(),
            direction: match reason.direction() {
                Direction::In => "in",
                Direction::Out => "out",
                Direction::Both => "both",
            },
            manual: reason.is_manual(),
        })
        .collect();
    Json(Reasons { items })
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AdjustStock {
    /// UUIDv7 made by the caller; sending it again does nothing more.
    id: Uuid,
    /// A manual reason's code.
    reason: String,
    #[serde(default)]
    note: String,
    #[schema(min_items = 1, max_items = 1000)]
    lines: Vec<AdjustLine>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AdjustLine {
    product_id: i64,
    /// Added (positive) or taken (negative), thousandths of the unit.
    delta_milli: i64,
}

#[derive(Serialize, ToSchema)]
struct AdjustedView {
    id: Uuid,
    lines: Vec<AdjustedLine>,
}

#[derive(Serialize, ToSchema)]
struct AdjustedLine {
    product_id: i64,
    delta_milli: i64,
    balance_milli: i64,
}

/// Change stock by hand. Needs `stock.adjust`.
#[utoipa::path(post, path = "/api/v1/stock/adjustments", tag = "inventory", request_body = AdjustStock,
    responses((status = 201, body = AdjustedView), (status = 200, body = AdjustedView, description = "sent again"),
        (status = "default", body = Problem)))]
async fn adjust_stock(
    State(app): State<App>,
    can: Can<right::StockAdjust>,
    Json(body): Json<AdjustStock>,
) -> Result<impl IntoResponse> {
    let reason = parse_reason(&body.reason)?;
    if !reason.is_manual() {
        return Err(Error::code(&codes::REASON_NOT_PERMITTED));
    }
    if body.lines.is_empty() || body.lines.len() > ADJUSTMENT_LINES_MAX {
        return Err(Error::invalid("lines", "1 to 1000 lines"));
    }
    let lines = body
        .lines
        .iter()
        .map(|line| adjustment_line(reason, line))
        .collect::<Result<Vec<_>>>()?;
    let adjustment = Adjustment {
        id: body.id,
        reason,
        note: text("note", &body.note, 0, 200)?,
        lines,
    };
    let adjusted = adjust::adjust(&app, &can.actor, &adjustment).await?;
    let lines = adjustment
        .lines
        .iter()
        .map(|line| AdjustedLine {
            product_id: line.product.get(),
            delta_milli: line.delta.milli(),
            balance_milli: adjusted
                .balances
                .get(&line.product)
                .map_or(0, |qty| qty.milli()),
        })
        .collect();
    let status = if adjusted.again {
        StatusCode::OK
    } else {
        StatusCode::CREATED
    };
    Ok((status, Json(AdjustedView { id: body.id, lines })))
}

fn adjustment_line(reason: Reason, line: &AdjustLine) -> Result<AdjustmentLine> {
    let delta = Quantity::from_milli(line.delta_milli);
    if line.delta_milli.abs() > aisle_domain::checkout::LINE_QTY_MAX.milli() {
        return Err(Error::with(
            &codes::BAD_QUANTITY,
            vec![json!({ "name": "delta_milli", "product_id": line.product_id })],
        ));
    }
    if !reason.permits(delta) {
        return Err(Error::with(
            &codes::REASON_NOT_PERMITTED,
            vec![
                json!({ "product_id": line.product_id, "reason": reason.as_str(), "delta_milli": line.delta_milli }),
            ],
        ));
    }
    Ok(AdjustmentLine {
        product: ProductId(line.product_id),
        delta,
    })
}

/// A reason by its code.
pub(super) fn parse_reason(name: &str) -> Result<Reason> {
    Reason::parse(name).ok_or_else(|| Error::invalid("reason", "not a reason"))
}
