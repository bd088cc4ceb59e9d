//! HTTP of orders and tills.

use std::sync::Arc;

use aisle_domain::checkout::CashTender;
use aisle_domain::ids::{PaymentId, StoreId};
use aisle_domain::money::Money;
use aisle_domain::order::{Channel, OrderEvent, OrderState, order_no};
use aisle_domain::receipt::{Lang, Row, Width};
use aisle_domain::time::Instant;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use crate::catalog::Store;
use crate::error::Problem;
use crate::http::{Can, Cursor, Json, Page, PageQuery, Path, Query, instant, right, text};
use crate::{App, Error, Result, codes};

use super::basket::{self, PlaceOrder};
use super::checkout::{self, Outcome, Tell};
use super::engine::Job;
use super::list::Wanted;
use super::receipt::{self, Style};
use super::settle::{self, Cancel};
use super::till_events::{self, TillEvent};
use super::today::{self, Today};
use super::view::{OrderRowView, OrderView, PaymentView};
use super::{held, list, store};

/// The calls of this slice.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(place_order, list_orders))
        .routes(routes!(show_order))
        .routes(routes!(pay_order))
        .routes(routes!(cancel_order))
        .routes(routes!(show_receipt))
        .routes(routes!(print_receipt))
        .routes(routes!(list_held, hold_basket))
        .routes(routes!(recall_basket))
        .routes(routes!(record_till_events))
        .routes(routes!(open_drawer))
        .routes(routes!(show_today))
}

/// Sell. The same order may be sent for ever. Needs `order.sell` and a device.
#[utoipa::path(post, path = "/api/v1/orders", tag = "sales", request_body = PlaceOrder,
    responses((status = 201, body = OrderView), (status = 200, body = OrderView, description = "sent again"),
        (status = "default", body = Problem)))]
async fn place_order(
    State(app): State<App>,
    can: Can<right::OrderSell>,
    Json(body): Json<PlaceOrder>,
) -> Result<Response> {
    let terminal = can.actor.terminal()?.clone();
    let store = the_store(&app, can.store_id())?;
    if terminal.kind == "kiosk" && body.channel == Channel::Pos.as_str() {
        return Err(Error::invalid(
            "channel",
            "a self-checkout sells as kiosk or online",
        ));
    }
    let (id, request_hash) = (body.id, body.hash());
    let now = app.clock.now();
    let parsed = match body.parse(&app.catalogue.products(), &store, now) {
        Ok(parsed) => parsed,
        // The same order sent again is answered even when its goods are gone from the catalogue.
        Err(refusal) => return sent_before(&app, store.id, id, &request_hash, refusal).await,
    };
    let user = can.actor.user.as_ref();
    let job = Job {
        request_hash: request_hash.clone(),
        cashier_id: user.map(|user| user.id.get()),
        cashier: can.actor.name().to_owned(),
        terminal,
        basket: parsed.basket,
        member: parsed.member,
        sold_at: parsed.sold_at,
        created_at: now,
    };
    answer(&app, &store, job, id).await
}

async fn answer(app: &App, store: &Arc<Store>, job: Job, id: Uuid) -> Result<Response> {
    let tell = Tell {
        store: store.id,
        order_id: id,
        no: String::new(),
        channel: job.basket.channel.as_str(),
    };
    let job = Arc::new(job);
    match app.engines.submit(app, store, job.clone()).await? {
        Outcome::Placed(placed) => {
            let tell = Tell {
                no: order_no(placed.day, job.terminal.no, placed.seq),
                ..tell
            };
            checkout::tell_placed(app, &tell, &placed);
            let view = OrderView::of_placed(store.id, &job, &placed);
            Ok((StatusCode::CREATED, Json(view)).into_response())
        }
        Outcome::Again => Ok(Json(load(app, store.id, id).await?).into_response()),
        Outcome::Reused => Err(Error::code(&codes::ORDER_ID_REUSED)),
        Outcome::Refused(refusal) => {
            let error = checkout::refusal_error(app, refusal);
            metrics::counter!("aisle_orders_total", "channel" => tell.channel, "result" => error.wire_code().name)
                .increment(1);
            Err(error)
        }
    }
}

async fn sent_before(
    app: &App,
    store: StoreId,
    id: Uuid,
    request_hash: &str,
    refusal: Error,
) -> Result<Response> {
    match store::order(app.db.read_fresh(), store, id).await? {
        None => Err(refusal),
        Some(row) if row.request_hash == request_hash => {
            let view = OrderView::load(app.db.read_fresh(), row).await?;
            Ok(Json(view).into_response())
        }
        Some(_) => Err(Error::code(&codes::ORDER_ID_REUSED)),
    }
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct OrdersQuery {
    /// `20261122`, `20261122-01` or `20261122-01-000123`.
    no: Option<String>,
    /// Member number as recorded.
    customer: Option<String>,
    member: Option<String>,
    /// `received`, `paid`, `cancelled`.
    status: Option<String>,
    /// `pos`, `kiosk`, `online`.
    channel: Option<String>,
    /// RFC 3339, inclusive.
    from: Option<String>,
    /// RFC 3339, exclusive.
    to: Option<String>,
    /// Product id.
    product: Option<i64>,
    /// Till number.
    terminal: Option<i64>,
    limit: Option<u32>,
    cursor: Option<String>,
}

/// Orders, newest first. Needs `order.read`.
#[utoipa::path(get, path = "/api/v1/orders", tag = "sales", params(OrdersQuery),
    responses((status = 200, body = Page<OrderRowView>), (status = "default", body = Problem)))]
async fn list_orders(
    State(app): State<App>,
    can: Can<right::OrderRead>,
    Query(query): Query<OrdersQuery>,
) -> Result<Json<Page<OrderRowView>>> {
    let paging = PageQuery {
        limit: query.limit,
        cursor: query.cursor,
    };
    let limit = paging.limit()?;
    if query
        .status
        .as_deref()
        .is_some_and(|name| OrderState::parse(name).is_none())
    {
        return Err(Error::invalid("status", "received, paid or cancelled"));
    }
    if query
        .channel
        .as_deref()
        .is_some_and(|name| Channel::parse(name).is_none())
    {
        return Err(Error::invalid("channel", "pos, kiosk or online"));
    }
    let before = match paging.cursor()? {
        None => None,
        Some(cursor) => {
            let id = cursor.0.get(1).and_then(|text| text.parse().ok());
            Some((
                cursor.as_number(0)?,
                id.ok_or_else(|| Error::invalid("cursor", "not a cursor"))?,
            ))
        }
    };
    let wanted = Wanted {
        no: query.no,
        customer: query.customer.or(query.member),
        status: query.status,
        channel: query.channel,
        from: instant("from", query.from)?,
        to: instant("to", query.to)?,
        product: query.product,
        terminal: query.terminal,
        before,
    };
    let rows = list::list(app.db.read_fresh(), can.store_id(), wanted, limit + 1).await?;
    let page = Page::cut(rows, limit, |row| {
        Cursor(vec![row.created_at.to_string(), row.id.to_string()])
    });
    Ok(Json(Page {
        items: page.items.into_iter().map(OrderRowView::of).collect(),
        next: page.next,
    }))
}

/// One order with its lines, payments and every stage. Needs `order.read`.
#[utoipa::path(get, path = "/api/v1/orders/{id}", tag = "sales", params(("id" = Uuid, Path)),
    responses((status = 200, body = OrderView), (status = "default", body = Problem)))]
async fn show_order(
    State(app): State<App>,
    can: Can<right::OrderRead>,
    Path(id): Path<Uuid>,
) -> Result<Json<OrderView>> {
    Ok(Json(load(&app, can.store_id(), id).await?))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PayOrder {
    /// UUIDv7 made by the till; the same payment may be sent again.
    id: Uuid,
    /// `cash`.
    method: String,
    /// What the customer gave.
    tendered_fen: Option<i64>,
    /// Exactly this much; stands for `tendered_fen` when that is absent.
    amount_fen: Option<i64>,
}

#[derive(Serialize, ToSchema)]
struct PaidView {
    #[serde(flatten)]
    payment: Option<PaymentView>,
    order: OrderView,
}

/// Pay an order that waits. Needs `order.sell`.
#[utoipa::path(post, path = "/api/v1/orders/{id}/payments", tag = "sales", request_body = PayOrder,
    params(("id" = Uuid, Path)),
    responses((status = 200, body = PaidView), (status = "default", body = Problem)))]
async fn pay_order(
    State(app): State<App>,
    can: Can<right::OrderSell>,
    Path(id): Path<Uuid>,
    Json(body): Json<PayOrder>,
) -> Result<Json<PaidView>> {
    let store = the_store(&app, can.store_id())?;
    let tendered = body
        .tendered_fen
        .or(body.amount_fen)
        .ok_or_else(|| Error::invalid("tendered_fen", "needed"))?;
    basket::check_cash(&body.method, tendered)?;
    let tender = CashTender {
        id: PaymentId(body.id),
        tendered: Money::from_fen(tendered),
    };
    settle::pay(&app, &store, id, tender, can.actor.name()).await?;
    let order = load(&app, store.id, id).await?;
    Ok(Json(PaidView {
        payment: order.payment(body.id),
        order,
    }))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CancelOrder {
    reason: String,
}

/// Give an unpaid order up and release its goods. Needs `order.cancel`.
#[utoipa::path(post, path = "/api/v1/orders/{id}/cancel", tag = "sales", request_body = CancelOrder,
    params(("id" = Uuid, Path)),
    responses((status = 200, body = OrderView), (status = "default", body = Problem)))]
async fn cancel_order(
    State(app): State<App>,
    can: Can<right::OrderCancel>,
    Path(id): Path<Uuid>,
    Json(body): Json<CancelOrder>,
) -> Result<Json<OrderView>> {
    let store = the_store(&app, can.store_id())?;
    let reason = text("reason", &body.reason, 1, 200)?;
    let cancel = Cancel {
        kind: OrderEvent::Cancelled,
        actor: can.actor.name(),
        reason: &reason,
    };
    settle::cancel(&app, &store, id, cancel).await?;
    Ok(Json(load(&app, store.id, id).await?))
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ReceiptQuery {
    /// Paper in mm: 58 or 80; 58 when absent.
    width: Option<u32>,
    /// `zh-CN` or `en`; `zh-CN` when absent.
    lang: Option<String>,
}

#[derive(Serialize, ToSchema)]
struct ReceiptView {
    rows: Vec<ReceiptRow>,
    /// Ready for a printer: ESC/POS, GB18030, base64.
    escpos_base64: String,
    /// How often it was printed.
    prints: i64,
    columns: usize,
}

/// A printed row.
#[derive(Serialize, ToSchema)]
struct ReceiptRow {
    /// `text`, `qr` or `barcode`.
    kind: &'static str,
    text: String,
    /// `left`, `center`, `right`.
    align: &'static str,
    bold: bool,
    /// `normal` or `double`.
    size: &'static str,
}

/// The receipt of an order. Needs `order.read`.
#[utoipa::path(get, path = "/api/v1/orders/{id}/receipt", tag = "sales",
    params(("id" = Uuid, Path), ReceiptQuery),
    responses((status = 200, body = ReceiptView), (status = "default", body = Problem)))]
async fn show_receipt(
    State(app): State<App>,
    can: Can<right::OrderRead>,
    Path(id): Path<Uuid>,
    Query(query): Query<ReceiptQuery>,
) -> Result<Json<ReceiptView>> {
    let store = the_store(&app, can.store_id())?;
    let style = Style {
        width: paper(query.width.unwrap_or(58))?,
        lang: language(query.lang.as_deref())?,
    };
    let slip = receipt::slip(&app, &store, id, style, false).await?;
    Ok(Json(ReceiptView {
        rows: slip.rows.iter().map(receipt_row).collect(),
        escpos_base64: base64::engine::general_purpose::STANDARD.encode(&slip.bytes),
        prints: slip.reprints,
        columns: style.width.columns(),
    }))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PrintReceipt {
    /// `zh-CN` or `en`; `zh-CN` when absent.
    lang: Option<String>,
    /// Also open the drawer.
    #[serde(default)]
    open_drawer: bool,
}

#[derive(Serialize, ToSchema)]
struct Printed {
    /// How often it was printed now; from the second on it is marked as a reprint.
    prints: i64,
}

/// Print a receipt on the till's printer. Needs `order.read` and a device.
#[utoipa::path(post, path = "/api/v1/orders/{id}/print", tag = "sales", request_body = PrintReceipt,
    params(("id" = Uuid, Path)),
    responses((status = 200, body = Printed), (status = "default", body = Problem)))]
async fn print_receipt(
    State(app): State<App>,
    can: Can<right::OrderRead>,
    Path(id): Path<Uuid>,
    Json(body): Json<PrintReceipt>,
) -> Result<Json<Printed>> {
    let store = the_store(&app, can.store_id())?;
    let lang = language(body.lang.as_deref())?;
    let (address, width) = receipt::printer(&app, &can.actor).await?;
    let prints = receipt::count_print(&app, &store, id).await?;
    let slip = receipt::slip(&app, &store, id, Style { width, lang }, body.open_drawer).await?;
    receipt::send(&address, &slip.bytes).await?;
    Ok(Json(Printed { prints }))
}

/// Open the till's cash drawer without a sale; recorded. Needs `order.sell` and a device.
#[utoipa::path(post, path = "/api/v1/drawer/open", tag = "sales",
    responses((status = 204), (status = "default", body = Problem)))]
async fn open_drawer(State(app): State<App>, can: Can<right::OrderSell>) -> Result<StatusCode> {
    let (address, _) = receipt::printer(&app, &can.actor).await?;
    let now = app.clock.now();
    till_events::record(&app, &can.actor, vec![TillEvent::drawer_open(now)]).await?;
    receipt::send(&address, &aisle_domain::receipt::escpos::drawer_only()).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct HoldBasket {
    /// UUIDv7 made by the till.
    id: Uuid,
    #[serde(default)]
    note: String,
    total_fen: i64,
    lines: Vec<held::HeldLine>,
}

#[derive(Serialize, ToSchema)]
struct HeldView {
    id: Uuid,
    terminal_no: i64,
    cashier: String,
    note: String,
    total_fen: i64,
    lines: Vec<held::HeldLine>,
    created_at: String,
}

/// Baskets held at any till of the store. Needs `order.sell`.
#[utoipa::path(get, path = "/api/v1/held-baskets", tag = "sales",
    responses((status = 200, body = Page<HeldView>), (status = "default", body = Problem)))]
async fn list_held(
    State(app): State<App>,
    can: Can<right::OrderSell>,
) -> Result<Json<Page<HeldView>>> {
    let rows = held::list(app.db.read_fresh(), can.store_id()).await?;
    let items = rows
        .into_iter()
        .map(held_view)
        .collect::<Result<Vec<_>>>()?;
    Ok(Json(Page::whole(items)))
}

/// Put a basket aside. Needs `order.sell` and a device.
#[utoipa::path(post, path = "/api/v1/held-baskets", tag = "sales", request_body = HoldBasket,
    responses((status = 201, body = HeldView), (status = "default", body = Problem)))]
async fn hold_basket(
    State(app): State<App>,
    can: Can<right::OrderSell>,
    Json(body): Json<HoldBasket>,
) -> Result<impl IntoResponse> {
    if body.lines.is_empty() || body.lines.len() > aisle_domain::checkout::LINES_MAX {
        return Err(Error::invalid("lines", "1 to 500 lines"));
    }
    let row = held::HeldRow {
        id: body.id,
        terminal_no: can.actor.terminal()?.no,
        cashier: can.actor.name().to_owned(),
        note: text("note", &body.note, 0, 100)?,
        total_fen: body.total_fen,
        lines: serde_json::to_string(&body.lines).map_err(anyhow::Error::from)?,
        created_at: app.clock.now().0,
    };
    held::hold(&app, can.store_id(), &row).await?;
    Ok((StatusCode::CREATED, Json(held_view(row)?)))
}

/// Take a held basket up; only the first till gets it. Needs `order.sell`.
#[utoipa::path(post, path = "/api/v1/held-baskets/{id}/recall", tag = "sales", params(("id" = Uuid, Path)),
    responses((status = 200, body = HeldView), (status = "default", body = Problem)))]
async fn recall_basket(
    State(app): State<App>,
    can: Can<right::OrderSell>,
    Path(id): Path<Uuid>,
) -> Result<Json<HeldView>> {
    Ok(Json(held_view(
        held::recall(&app, can.store_id(), id).await?,
    )?))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct RecordTillEvents {
    items: Vec<TillEvent>,
}

/// Report what a till did that is no order. Needs `order.sell` and a device.
#[utoipa::path(post, path = "/api/v1/till-events", tag = "sales", request_body = RecordTillEvents,
    responses((status = 202), (status = "default", body = Problem)))]
async fn record_till_events(
    State(app): State<App>,
    can: Can<right::OrderSell>,
    Json(body): Json<RecordTillEvents>,
) -> Result<StatusCode> {
    till_events::record(&app, &can.actor, body.items).await?;
    Ok(StatusCode::ACCEPTED)
}

/// The figures of the day. Needs `sales.read`.
#[utoipa::path(get, path = "/api/v1/sales/today", tag = "sales",
    responses((status = 200, body = Today), (status = "default", body = Problem)))]
async fn show_today(State(app): State<App>, can: Can<right::SalesRead>) -> Result<Json<Today>> {
    let store = the_store(&app, can.store_id())?;
    Ok(Json(today::today(&app, &store).await?))
}

async fn load(app: &App, store: StoreId, id: Uuid) -> Result<OrderView> {
    let reader = app.db.read_fresh();
    let row = store::order(reader, store, id)
        .await?
        .ok_or_else(|| Error::code(&codes::NOT_FOUND))?;
    OrderView::load(reader, row).await
}

fn the_store(app: &App, id: StoreId) -> Result<Arc<Store>> {
    app.catalogue
        .store(id)
        .ok_or_else(|| Error::code(&codes::NOT_FOUND))
}

fn held_view(row: held::HeldRow) -> Result<HeldView> {
    Ok(HeldView {
        id: row.id,
        terminal_no: row.terminal_no,
        cashier: row.cashier,
        note: row.note,
        total_fen: row.total_fen,
        lines: serde_json::from_str(&row.lines).map_err(anyhow::Error::from)?,
        created_at: Instant(row.created_at).to_rfc3339(),
    })
}

fn receipt_row(row: &Row) -> ReceiptRow {
    use aisle_domain::receipt::{Align, Size};
    let plain = |kind, text: &str| ReceiptRow {
        kind,
        text: text.to_owned(),
        align: "center",
        bold: false,
        size: "normal",
    };
    match row {
        Row::Qr(payload) => plain("qr", payload),
        Row::Barcode(payload) => plain("barcode", payload),
        Row::Text(row) => ReceiptRow {
            align: match row.align {
                Align::Left => "left",
                Align::Center => "center",
                Align::Right => "right",
            },
            bold: row.bold,
            size: if row.size == Size::Double {
                "double"
            } else {
                "normal"
            },
            ..plain("text", &row.text)
        },
    }
}

fn paper(width: u32) -> Result<Width> {
    match width {
        58 => Ok(Width::Mm58),
        80 => Ok(Width::Mm80),
        _ => Err(Error::invalid("width", "58 or 80")),
    }
}

fn language(name: Option<&str>) -> Result<Lang> {
    match name {
        None | Some("zh-CN") => Ok(Lang::ZhCn),
        Some("en") => Ok(Lang::En),
        Some(_) => Err(Error::invalid("lang", "zh-CN or en")),
    }
}
