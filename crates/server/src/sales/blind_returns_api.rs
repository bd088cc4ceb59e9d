//! HTTP of returns without a receipt.

use aisle_domain::checkout::LINES_MAX;
use aisle_domain::money::Money;
use aisle_domain::pricing::BasketLine;
use aisle_domain::time::Instant;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use crate::catalog::Store;
use crate::digest::sha256_hex;
use crate::error::Problem;
use crate::http::{Can, Cursor, Json, Page, PageQuery, Path, Query, right, text};
use crate::{App, Error, Result, codes};

use super::api::the_store;
use super::basket::PlaceLine;
use super::blind_return_slip;
use super::blind_returns::{self, Ask};
use super::blind_returns_store::{self, BlindLineRow, BlindRow};
use super::print::Document;
use super::returns::GoodsTo;
use super::tills_api::{PrintReceipt, Printed, ReceiptQuery, ReceiptView, printed, receipt_view};

/// The calls about returns without a receipt.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_blind_returns))
        .routes(routes!(show_blind_return, return_without_receipt))
        .routes(routes!(quote_blind_return))
        .routes(routes!(show_blind_return_slip))
        .routes(routes!(print_blind_return_slip))
}

/// Goods somebody brings back without a receipt.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ReturnBlind {
    reason: String,
    #[schema(min_items = 1, max_items = 500)]
    lines: Vec<BlindLine>,
    /// What the customer was told; another refund is refused.
    #[serde(default)]
    expect_refund_fen: Option<i64>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct QuoteBlind {
    #[schema(min_items = 1, max_items = 500)]
    lines: Vec<BlindLine>,
}

/// A line that comes back, by barcode or by product.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct BlindLine {
    #[serde(default)]
    barcode: Option<String>,
    #[serde(default)]
    product_id: Option<i64>,
    /// How many (of the scanned pack), thousandths; 1000 when absent.
    #[serde(default)]
    qty_milli: Option<i64>,
    /// `shelf`: to be sold again; `loss`: written off. `shelf` when absent.
    #[serde(default)]
    goods_to: Option<String>,
}

/// A return without a receipt.
#[derive(Serialize, ToSchema)]
struct BlindReturnView {
    id: Uuid,
    /// Day, till, B and running number.
    no: String,
    reason: String,
    terminal_no: i64,
    cashier: String,
    approver: String,
    goods_fen: i64,
    rounding_fen: i64,
    /// What went back, in cash.
    refund_fen: i64,
    created_at: String,
    prints: i64,
    lines: Vec<BlindLineView>,
}

#[derive(Serialize, ToSchema)]
struct BlindLineView {
    line_no: i64,
    product_id: i64,
    barcode: String,
    name: String,
    spec: String,
    unit: String,
    qty_milli: i64,
    unit_price_fen: i64,
    amount_fen: i64,
    /// `shelf` or `loss`.
    goods_to: String,
}

/// What a return without a receipt would pay back.
#[derive(Serialize, ToSchema)]
struct BlindQuote {
    goods_fen: i64,
    rounding_fen: i64,
    refund_fen: i64,
    lines: Vec<BlindQuotedLine>,
}

#[derive(Serialize, ToSchema)]
struct BlindQuotedLine {
    line_no: i64,
    product_id: i64,
    name: String,
    unit: String,
    qty_milli: i64,
    unit_price_fen: i64,
    amount_fen: i64,
}

/// Take goods back without a receipt and pay for them in cash at today's price.
/// Needs `order.return_blind`, a device, and always a second person.
#[utoipa::path(put, path = "/api/v1/blind-returns/{id}", tag = "sales", request_body = ReturnBlind,
    params(("id" = Uuid, Path)),
    responses((status = 201, body = BlindReturnView),
        (status = 200, body = BlindReturnView, description = "sent again"),
        (status = "default", body = Problem)))]
async fn return_without_receipt(
    State(app): State<App>,
    can: Can<right::OrderReturnBlind>,
    Path(id): Path<Uuid>,
    Json(body): Json<ReturnBlind>,
) -> Result<Response> {
    let store = the_store(&app, can.store_id())?;
    let ask = Ask {
        id,
        request_hash: sha256_hex(serde_json::to_vec(&body).map_err(anyhow::Error::from)?),
        reason: text("reason", &body.reason, 1, 200)?,
        lines: parse_lines(&app, &store, &body.lines)?,
        expected_refund: body.expect_refund_fen.map(Money::from_fen),
    };
    let again = blind_returns::take_back(&app, &store, &can.actor, &ask).await?;
    let status = if again {
        StatusCode::OK
    } else {
        StatusCode::CREATED
    };
    Ok((status, Json(load(&app, &store, id).await?)).into_response())
}

/// What a return of these goods without a receipt would pay back; nothing happens. Needs `order.read`.
#[utoipa::path(post, path = "/api/v1/blind-return-quote", tag = "sales", request_body = QuoteBlind,
    responses((status = 200, body = BlindQuote), (status = "default", body = Problem)))]
async fn quote_blind_return(
    State(app): State<App>,
    can: Can<right::OrderRead>,
    Json(body): Json<QuoteBlind>,
) -> Result<Json<BlindQuote>> {
    let store = the_store(&app, can.store_id())?;
    let lines = parse_lines(&app, &store, &body.lines)?;
    let done = blind_returns::quote(&store, &lines);
    let quoted = (1i64..).zip(lines.iter().zip(&done.lines));
    Ok(Json(BlindQuote {
        goods_fen: done.goods.fen(),
        rounding_fen: done.rounding.fen(),
        refund_fen: done.refund.fen(),
        lines: quoted
            .map(|(line_no, ((line, _), worth))| BlindQuotedLine {
                line_no,
                product_id: line.product.id.get(),
                name: line.product.name.to_string(),
                unit: line.product.unit.to_string(),
                qty_milli: line.qty.milli(),
                unit_price_fen: worth.unit_price.fen(),
                amount_fen: worth.amount.fen(),
            })
            .collect(),
    }))
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct BlindReturnsQuery {
    limit: Option<u32>,
    cursor: Option<String>,
}

/// Returns without a receipt, newest first. Needs `order.read`.
#[utoipa::path(get, path = "/api/v1/blind-returns", tag = "sales", params(BlindReturnsQuery),
    responses((status = 200, body = Page<BlindReturnView>), (status = "default", body = Problem)))]
async fn list_blind_returns(
    State(app): State<App>,
    can: Can<right::OrderRead>,
    Query(query): Query<BlindReturnsQuery>,
) -> Result<Json<Page<BlindReturnView>>> {
    let (limit, before) = PageQuery::by_place(query.limit, query.cursor)?;
    let (reader, store) = (app.db.read_fresh(), can.store_id());
    let rows = blind_returns_store::list(reader, store, before, limit + 1).await?;
    let page = Page::cut(rows, limit, |row| Cursor::place((row.created_at, row.id)));
    let ids: Vec<Uuid> = page.items.iter().map(|row| row.id).collect();
    let lines = blind_returns_store::lines(reader, store, &ids).await?;
    Ok(Json(Page {
        items: page
            .items
            .into_iter()
            .map(|row| view(row, &lines))
            .collect(),
        next: page.next,
    }))
}

/// One return without a receipt. Needs `order.read`.
#[utoipa::path(get, path = "/api/v1/blind-returns/{id}", tag = "sales", params(("id" = Uuid, Path)),
    responses((status = 200, body = BlindReturnView), (status = "default", body = Problem)))]
async fn show_blind_return(
    State(app): State<App>,
    can: Can<right::OrderRead>,
    Path(id): Path<Uuid>,
) -> Result<Json<BlindReturnView>> {
    let store = the_store(&app, can.store_id())?;
    Ok(Json(load(&app, &store, id).await?))
}

/// The slip of a return without a receipt. Needs `order.read`.
#[utoipa::path(get, path = "/api/v1/blind-returns/{id}/receipt", tag = "sales",
    params(("id" = Uuid, Path), ReceiptQuery),
    responses((status = 200, body = ReceiptView), (status = "default", body = Problem)))]
async fn show_blind_return_slip(
    State(app): State<App>,
    can: Can<right::OrderRead>,
    Path(id): Path<Uuid>,
    Query(query): Query<ReceiptQuery>,
) -> Result<Json<ReceiptView>> {
    let store = the_store(&app, can.store_id())?;
    let style = query.style()?;
    let slip = blind_return_slip::slip(&app, &store, id, style, None).await?;
    Ok(Json(receipt_view(&slip, style)))
}

/// Print the slip of a return without a receipt on the till's printer. Needs `order.read` and a device.
#[utoipa::path(post, path = "/api/v1/blind-returns/{id}/print", tag = "sales", request_body = PrintReceipt,
    params(("id" = Uuid, Path)),
    responses((status = 200, body = Printed), (status = "default", body = Problem)))]
async fn print_blind_return_slip(
    State(app): State<App>,
    can: Can<right::OrderRead>,
    Path(id): Path<Uuid>,
    Json(body): Json<PrintReceipt>,
) -> Result<Json<Printed>> {
    printed(&app, &can.actor, Document::BlindReturn(id), &body).await
}

fn parse_lines(
    app: &App,
    store: &Store,
    lines: &[BlindLine],
) -> Result<Vec<(BasketLine, GoodsTo)>> {
    if lines.is_empty() || lines.len() > LINES_MAX {
        return Err(Error::invalid("lines", "1 to 500 lines"));
    }
    let snapshot = app.catalogue.products();
    let year = store.business_day(app.clock.now()).year();
    let parse = |line: &BlindLine| {
        let named = PlaceLine {
            barcode: line.barcode.clone(),
            product_id: line.product_id,
            qty_milli: line.qty_milli,
            price_override: None,
        };
        let goods_to = GoodsTo::parse(line.goods_to.as_deref().unwrap_or("shelf"))
            .ok_or_else(|| Error::invalid("goods_to", "shelf or loss"))?;
        Ok((named.parse(&snapshot, store, year)?, goods_to))
    };
    lines.iter().map(parse).collect()
}

async fn load(app: &App, store: &Store, id: Uuid) -> Result<BlindReturnView> {
    let reader = app.db.read_fresh();
    let row = blind_returns_store::head(reader, store.id, id)
        .await?
        .ok_or_else(|| Error::code(&codes::NOT_FOUND))?;
    let lines = blind_returns_store::lines(reader, store.id, &[id]).await?;
    Ok(view(row, &lines))
}

fn view(row: BlindRow, lines: &[BlindLineRow]) -> BlindReturnView {
    let lines = lines.iter().filter(|line| line.return_id == row.id);
    BlindReturnView {
        no: row.number(),
        id: row.id,
        reason: row.reason,
        terminal_no: row.terminal_no,
        cashier: row.cashier,
        approver: row.approver,
        goods_fen: row.goods_fen,
        rounding_fen: row.rounding_fen,
        refund_fen: row.refund_fen,
        created_at: Instant(row.created_at).to_rfc3339(),
        prints: row.prints,
        lines: lines
            .map(|line| BlindLineView {
                line_no: line.line_no,
                product_id: line.product_id,
                barcode: line.barcode.clone(),
                name: line.name.clone(),
                spec: line.spec.clone(),
                unit: line.unit.clone(),
                qty_milli: line.qty_milli,
                unit_price_fen: line.unit_price_fen,
                amount_fen: line.amount_fen,
                goods_to: line.goods_to.clone(),
            })
            .collect(),
    }
}
