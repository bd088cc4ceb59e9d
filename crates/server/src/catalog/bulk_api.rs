//! HTTP of changing many goods at once.

use aisle_domain::bulk_change::{BulkChange, BulkValue, PRICE_MOST_FEN};
use aisle_domain::catalog::ProductState;
use aisle_domain::identity::Permission;
use aisle_domain::ids::ProductId;
use aisle_domain::money::{Money, Rate};
use aisle_domain::quantity::Quantity;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::error::Problem;
use crate::http::{Can, Json, right};
use crate::{App, Error, Result};

use super::bulk::{self, Item};
use super::fields::SAFETY_STOCK_MOST_MILLI;

const IDS_MAX: usize = 5000;
/// Ten times the price, up or down.
const PERCENT_MOST_BP: i64 = 100_000;

/// The call that changes many goods.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(change_products))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ChangeProducts {
    /// At most 5000.
    ids: Vec<i64>,
    change: ChangeView,
    /// Only show what would become of them.
    #[serde(default)]
    preview: bool,
}

/// What changes. Prices are fen, percentages basis points.
#[derive(Deserialize, ToSchema)]
#[serde(
    tag = "kind",
    content = "value",
    rename_all = "snake_case",
    deny_unknown_fields
)]
enum ChangeView {
    /// The price itself.
    PriceSet(i64),
    /// Added to the price.
    PriceAdd(i64),
    /// Added to the price, as a part of it: 500 is five percent dearer.
    PricePercent(i64),
    /// The member price as a part of the retail price: 9500 is five percent off.
    MemberPricePercent(i64),
    /// The state.
    State(String),
    /// A category's id, or null.
    Category(Option<i64>),
    /// The safety stock, in thousandths.
    SafetyStock(i64),
}

#[derive(Serialize, ToSchema)]
struct ChangedProducts {
    items: Vec<ChangedProduct>,
    /// How many became different; 0 in a preview.
    applied: usize,
}

#[derive(Serialize, ToSchema)]
struct ChangedProduct {
    id: i64,
    name: String,
    before: FieldValue,
    after: FieldValue,
    /// `negative` and `too_high` refuse to be applied; `below_cost` (needs `cost.read`) and
    /// `below_floor` warn.
    problem: Option<&'static str>,
}

/// A number, a state's name, or null.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
enum FieldValue {
    Number(i64),
    Text(&'static str),
    Nothing,
}

/// Change many goods in one way, or preview it. Needs `catalog.write`.
#[utoipa::path(post, path = "/api/v1/products/bulk", tag = "catalog", request_body = ChangeProducts,
    responses((status = 200, body = ChangedProducts), (status = "default", body = Problem)))]
async fn change_products(
    State(app): State<App>,
    can: Can<right::CatalogWrite>,
    Json(body): Json<ChangeProducts>,
) -> Result<Json<ChangedProducts>> {
    if body.ids.is_empty() || body.ids.len() > IDS_MAX {
        return Err(Error::invalid("ids", "1 to 5000"));
    }
    let ids: Vec<ProductId> = body.ids.into_iter().map(ProductId).collect();
    let change = body.change.into_change()?;
    let report = if body.preview {
        bulk::preview(&app, &ids, change).await?
    } else {
        bulk::apply(&app, &can.actor, &ids, change).await?
    };
    let sees_cost = can.actor.may(Permission::CostRead);
    Ok(Json(ChangedProducts {
        items: report
            .items
            .iter()
            .map(|item| changed_product(item, sees_cost))
            .collect(),
        applied: report.applied,
    }))
}

impl ChangeView {
    fn into_change(self) -> Result<BulkChange> {
        let within = |value: i64, least: i64, most: i64| {
            if (least..=most).contains(&value) {
                Ok(value)
            } else {
                Err(Error::invalid("change", &format!("{least} to {most}")))
            }
        };
        let price = |fen| within(fen, -PRICE_MOST_FEN, PRICE_MOST_FEN).map(Money::from_fen);
        let rate = |bp| within(bp, -PERCENT_MOST_BP, PERCENT_MOST_BP).map(Rate);
        Ok(match self {
            ChangeView::PriceSet(fen) => BulkChange::PriceSet(price(fen)?),
            ChangeView::PriceAdd(fen) => BulkChange::PriceAdd(price(fen)?),
            ChangeView::PricePercent(bp) => BulkChange::PricePercent(rate(bp)?),
            ChangeView::MemberPricePercent(bp) => BulkChange::MemberPricePercent(rate(bp)?),
            ChangeView::State(name) => BulkChange::State(
                ProductState::parse(&name)
                    .ok_or_else(|| Error::invalid("change", "not a state"))?,
            ),
            ChangeView::Category(id) => BulkChange::Category(id),
            ChangeView::SafetyStock(milli) => BulkChange::SafetyStock(Quantity::from_milli(
                within(milli, 0, SAFETY_STOCK_MOST_MILLI)?,
            )),
        })
    }
}

fn changed_product(item: &Item, sees_cost: bool) -> ChangedProduct {
    let (product, outcome) = item;
    ChangedProduct {
        id: product.id.get(),
        name: product.name.to_string(),
        before: field_value(outcome.before),
        after: field_value(outcome.after),
        problem: bulk::shown_problem(item, sees_cost).map(|problem| problem.as_str()),
    }
}

fn field_value(value: BulkValue) -> FieldValue {
    let number = |value: Option<i64>| value.map_or(FieldValue::Nothing, FieldValue::Number);
    match value {
        BulkValue::Price(price) => number(price.map(Money::fen)),
        BulkValue::State(state) => FieldValue::Text(state.as_str()),
        BulkValue::Category(id) => number(id),
        BulkValue::Quantity(qty) => FieldValue::Number(qty.milli()),
    }
}
