//! HTTP of prices given at the till.

use aisle_domain::ids::ProductId;
use aisle_domain::money::Money;
use aisle_domain::time::Instant;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use crate::error::Problem;
use crate::http::{Can, Json, Path, right, text};
use crate::{App, Error, Result};

use super::price_override::{self, Given};

const PRICE_MAX_FEN: i64 = 100_000_000_000;

/// The calls about given prices.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(give_price))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct GivePrice {
    product_id: i64,
    /// Price of one unit: not above the goods' own and not below their floor price.
    unit_price_fen: i64,
    reason: String,
}

#[derive(Serialize, ToSchema)]
struct GivenPrice {
    id: Uuid,
    product_id: i64,
    /// The goods' own price when it was given.
    list_price_fen: i64,
    unit_price_fen: i64,
    reason: String,
    approver: Option<String>,
    expires_at: String,
}

/// Give goods another price for one line of one sale at this till; the order names it as
/// `price_override`. Needs `price.override` and a device.
#[utoipa::path(put, path = "/api/v1/price-overrides/{id}", tag = "sales", request_body = GivePrice,
    params(("id" = Uuid, Path, description = "UUIDv7 made by the till; the same may be sent again.")),
    responses((status = 200, body = GivenPrice), (status = "default", body = Problem)))]
async fn give_price(
    State(app): State<App>,
    can: Can<right::PriceOverride>,
    Path(id): Path<Uuid>,
    Json(body): Json<GivePrice>,
) -> Result<Json<GivenPrice>> {
    if !(0..=PRICE_MAX_FEN).contains(&body.unit_price_fen) {
        return Err(Error::invalid("unit_price_fen", "0 or more, and possible"));
    }
    let given = Given {
        id,
        product: ProductId(body.product_id),
        unit_price: Money::from_fen(body.unit_price_fen),
        reason: text("reason", &body.reason, 1, 100)?,
    };
    let row = price_override::give(&app, &can.actor, given).await?;
    Ok(Json(GivenPrice {
        id: row.id,
        product_id: row.product_id,
        list_price_fen: row.list_price_fen,
        unit_price_fen: row.unit_price_fen,
        reason: row.reason,
        approver: row.approver,
        expires_at: Instant(row.expires_at).to_rfc3339(),
    }))
}
