//! HTTP of goods that come back.

use aisle_domain::checkout::LINES_MAX;
use aisle_domain::money::Money;
use aisle_domain::quantity::Quantity;
use aisle_domain::returns::Wanted;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use crate::clock::new_uuid;
use crate::digest::sha256_hex;
use crate::error::Problem;
use crate::http::{Can, Json, Path, Query, right, text};
use crate::{App, Error, Result};

use super::api::{load, the_store};
use super::print::Document;
use super::return_slip;
use super::returns::{self, Ask, GoodsTo, Quote};
use super::tills_api::{PrintReceipt, Printed, ReceiptQuery, ReceiptView, printed, receipt_view};
use super::view::OrderView;

/// The calls about returns.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(return_goods))
        .routes(routes!(quote_return))
        .routes(routes!(show_return_slip))
        .routes(routes!(print_return_slip))
}

/// Goods somebody brings back.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ReturnGoods {
    /// UUIDv7 made by the till; the same return may be sent again. Without it each call is a return of its own.
    #[serde(default)]
    id: Option<Uuid>,
    reason: String,
    lines: Vec<ReturnLine>,
    /// What the customer was told; another refund is refused.
    #[serde(default)]
    expect_refund_fen: Option<i64>,
}

/// A line that comes back, named once.
#[derive(Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ReturnLine {
    /// The line of the order.
    line_no: i64,
    /// How much, thousandths of the unit.
    qty_milli: i64,
    /// `shelf`: to be sold again; `loss`: written off. `shelf` when absent.
    #[serde(default)]
    goods_to: Option<String>,
}

/// Take goods back and pay their money back, to the payments it came from. Needs `order.return`.
#[utoipa::path(post, path = "/api/v1/orders/{id}/returns", tag = "sales", request_body = ReturnGoods,
    params(("id" = Uuid, Path)),
    responses((status = 201, body = OrderView), (status = 200, body = OrderView, description = "sent again"),
        (status = "default", body = Problem)))]
async fn return_goods(
    State(app): State<App>,
    can: Can<right::OrderReturn>,
    Path(order): Path<Uuid>,
    Json(body): Json<ReturnGoods>,
) -> Result<Response> {
    let store = the_store(&app, can.store_id())?;
    let ask = Ask {
        id: body.id.unwrap_or_else(new_uuid),
        order,
        request_hash: sha256_hex(serde_json::to_vec(&body).map_err(anyhow::Error::from)?),
        reason: text("reason", &body.reason, 1, 200)?,
        lines: parse_lines(&body.lines)?,
        expected_refund: body.expect_refund_fen.map(Money::from_fen),
    };
    let again = returns::take_back(&app, &store, &can.actor, &ask).await?;
    let status = if again {
        StatusCode::OK
    } else {
        StatusCode::CREATED
    };
    Ok((status, Json(load(&app, store.id, order).await?)).into_response())
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct QuoteReturn {
    lines: Vec<ReturnLine>,
}

/// What a return would pay back.
#[derive(Serialize, ToSchema)]
struct ReturnQuote {
    /// What the lines were paid with.
    goods_fen: i64,
    /// What cash rounding adds, usually negative.
    rounding_fen: i64,
    /// What goes back.
    refund_fen: i64,
    lines: Vec<QuotedLine>,
    refunds: Vec<QuotedRefund>,
    /// Whether the sale is longer ago than the store takes goods back as usual: a second person must agree.
    is_late: bool,
}

#[derive(Serialize, ToSchema)]
struct QuotedLine {
    line_no: i64,
    qty_milli: i64,
    amount_fen: i64,
}

#[derive(Serialize, ToSchema)]
struct QuotedRefund {
    payment_id: Uuid,
    method: String,
    amount_fen: i64,
}

/// What a return of these lines would pay back; nothing happens. Needs `order.read`.
#[utoipa::path(post, path = "/api/v1/orders/{id}/return-quote", tag = "sales", request_body = QuoteReturn,
    params(("id" = Uuid, Path)),
    responses((status = 200, body = ReturnQuote), (status = "default", body = Problem)))]
async fn quote_return(
    State(app): State<App>,
    can: Can<right::OrderRead>,
    Path(order): Path<Uuid>,
    Json(body): Json<QuoteReturn>,
) -> Result<Json<ReturnQuote>> {
    let store = the_store(&app, can.store_id())?;
    let lines = parse_lines(&body.lines)?;
    let wanted: Vec<Wanted> = lines.iter().map(|(wanted, _)| *wanted).collect();
    let quote = returns::quote(&app, &store, order, &wanted).await?;
    Ok(Json(quoted(quote)))
}

/// The slip of a return. Needs `order.read`.
#[utoipa::path(get, path = "/api/v1/returns/{id}/receipt", tag = "sales",
    params(("id" = Uuid, Path), ReceiptQuery),
    responses((status = 200, body = ReceiptView), (status = "default", body = Problem)))]
async fn show_return_slip(
    State(app): State<App>,
    can: Can<right::OrderRead>,
    Path(id): Path<Uuid>,
    Query(query): Query<ReceiptQuery>,
) -> Result<Json<ReceiptView>> {
    let store = the_store(&app, can.store_id())?;
    let style = query.style()?;
    let slip = return_slip::slip(&app, &store, id, style, None).await?;
    Ok(Json(receipt_view(&slip, style)))
}

/// Print the slip of a return on the till's printer. Needs `order.read` and a device.
#[utoipa::path(post, path = "/api/v1/returns/{id}/print", tag = "sales", request_body = PrintReceipt,
    params(("id" = Uuid, Path)),
    responses((status = 200, body = Printed), (status = "default", body = Problem)))]
async fn print_return_slip(
    State(app): State<App>,
    can: Can<right::OrderRead>,
    Path(id): Path<Uuid>,
    Json(body): Json<PrintReceipt>,
) -> Result<Json<Printed>> {
    printed(&app, &can.actor, Document::Return(id), &body).await
}

/// Lines as the rules take them, each named once.
pub(super) fn parse_lines(lines: &[ReturnLine]) -> Result<Vec<(Wanted, GoodsTo)>> {
    if lines.is_empty() || lines.len() > LINES_MAX {
        return Err(Error::invalid("lines", "1 to 500 lines"));
    }
    let mut parsed: Vec<(Wanted, GoodsTo)> = Vec::with_capacity(lines.len());
    for line in lines {
        if parsed
            .iter()
            .any(|(wanted, _)| wanted.line_no == line.line_no)
        {
            return Err(Error::invalid("lines", "each line is named once"));
        }
        let goods_to = GoodsTo::parse(line.goods_to.as_deref().unwrap_or("shelf"))
            .ok_or_else(|| Error::invalid("goods_to", "shelf or loss"))?;
        let wanted = Wanted {
            line_no: line.line_no,
            qty: Quantity::from_milli(line.qty_milli),
        };
        parsed.push((wanted, goods_to));
    }
    Ok(parsed)
}

fn quoted(quote: Quote) -> ReturnQuote {
    let Quote { done, refunds, .. } = quote;
    ReturnQuote {
        is_late: quote.is_late,
        goods_fen: done.goods.fen(),
        rounding_fen: done.rounding.fen(),
        refund_fen: done.refund.fen(),
        lines: done
            .lines
            .iter()
            .map(|line| QuotedLine {
                line_no: line.line_no,
                qty_milli: line.share.qty.milli(),
                amount_fen: line.share.amount.fen(),
            })
            .collect(),
        refunds: refunds
            .into_iter()
            .map(|refund| QuotedRefund {
                payment_id: refund.payment,
                method: refund.method,
                amount_fen: refund.amount.fen(),
            })
            .collect(),
    }
}
