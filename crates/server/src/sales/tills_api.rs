//! HTTP of what tills do besides selling: receipts, the drawer, held baskets, the day's figures.

use aisle_domain::receipt::{Lang, Row, Width};
use aisle_domain::time::Instant;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use base64::Engine as _;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use crate::error::Problem;
use crate::http::{Actor, Can, Json, Page, Path, Query, right, text};
use crate::identity::Names;
use crate::{App, Error, Result};

use super::api::the_store;
use super::held;
use super::print::{self, Document};
use super::receipt::{self, Slip, Style};
use super::till_events;
use super::today::{self, Today};

/// The calls of tills.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(show_receipt))
        .routes(routes!(print_receipt))
        .routes(routes!(list_held, hold_basket))
        .routes(routes!(recall_basket))
        .routes(routes!(open_drawer))
        .routes(routes!(show_today))
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ReceiptQuery {
    /// Paper in mm: 58 or 80; 58 when absent.
    width: Option<u32>,
    /// `zh-CN` or `en`; `zh-CN` when absent.
    lang: Option<String>,
}

impl ReceiptQuery {
    /// Paper and language, checked.
    pub(super) fn style(&self) -> Result<Style> {
        Ok(Style {
            width: paper(self.width.unwrap_or(58))?,
            lang: language(self.lang.as_deref())?,
        })
    }
}

#[derive(Serialize, ToSchema)]
pub(super) struct ReceiptView {
    rows: Vec<ReceiptRow>,
    /// Ready for a printer: ESC/POS, GB18030, base64.
    escpos_base64: String,
    /// How often it was printed.
    prints: i64,
    columns: usize,
    /// The customer's link to this order: whole where the shop says what it is called from outside, else
    /// the path of it.
    link: Option<String>,
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
    let style = query.style()?;
    let slip = receipt::slip(&app, &store, id, style, None).await?;
    Ok(Json(receipt_view(&slip, style)))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PrintReceipt {
    /// `zh-CN` or `en`; `zh-CN` when absent.
    lang: Option<String>,
    /// Also open the drawer.
    #[serde(default)]
    open_drawer: bool,
}

#[derive(Serialize, ToSchema)]
pub(super) struct Printed {
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
    printed(&app, &can.actor, Document::Sale(id), &body).await
}

/// Prints a document and answers how often it was printed.
pub(super) async fn printed(
    app: &App,
    actor: &Actor,
    document: Document,
    body: &PrintReceipt,
) -> Result<Json<Printed>> {
    let job = print::Job {
        document,
        lang: language(body.lang.as_deref())?,
        open_drawer: body.open_drawer,
    };
    let store = the_store(app, actor.store_id)?;
    let prints = print::print(app, &store, actor, &job).await?;
    Ok(Json(Printed { prints }))
}

/// Open the till's cash drawer without a sale; recorded. Needs `drawer.open` and a device.
#[utoipa::path(post, path = "/api/v1/drawer/open", tag = "sales",
    responses((status = 204), (status = "default", body = Problem)))]
async fn open_drawer(State(app): State<App>, can: Can<right::DrawerOpen>) -> Result<StatusCode> {
    let (address, _) = receipt::printer(&app, &can.actor).await?;
    till_events::record_drawer_open(&app, &can.actor).await?;
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
    #[schema(min_items = 1, max_items = 500)]
    lines: Vec<held::HeldLine>,
}

#[derive(Serialize, ToSchema)]
struct HeldView {
    id: Uuid,
    terminal_no: i64,
    /// As recorded: a sign-in name, or that of a device.
    cashier: String,
    /// What people call them.
    cashier_name: String,
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
    Ok(Json(Page::whole(held_views(&app, rows).await?)))
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
    let view = held_view(&app, row).await?;
    Ok((StatusCode::CREATED, Json(view)))
}

/// Take a held basket up; only the first till gets it. Needs `order.sell`.
#[utoipa::path(post, path = "/api/v1/held-baskets/{id}/recall", tag = "sales", params(("id" = Uuid, Path)),
    responses((status = 200, body = HeldView), (status = "default", body = Problem)))]
async fn recall_basket(
    State(app): State<App>,
    can: Can<right::OrderSell>,
    Path(id): Path<Uuid>,
) -> Result<Json<HeldView>> {
    let row = held::recall(&app, can.store_id(), id).await?;
    Ok(Json(held_view(&app, row).await?))
}

/// The figures of the day. Needs `sales.read`.
#[utoipa::path(get, path = "/api/v1/sales/today", tag = "sales",
    responses((status = 200, body = Today), (status = "default", body = Problem)))]
async fn show_today(State(app): State<App>, can: Can<right::SalesRead>) -> Result<Json<Today>> {
    let store = the_store(&app, can.store_id())?;
    Ok(Json(today::today(&app, &store).await?))
}

async fn held_views(app: &App, rows: Vec<held::HeldRow>) -> Result<Vec<HeldView>> {
    let recorded = rows.iter().map(|row| row.cashier.as_str());
    let names = Names::load(app.db.read_fresh(), recorded).await?;
    rows.into_iter().map(|row| shown(row, &names)).collect()
}

async fn held_view(app: &App, row: held::HeldRow) -> Result<HeldView> {
    let names = Names::load(app.db.read_fresh(), [row.cashier.as_str()]).await?;
    shown(row, &names)
}

fn shown(row: held::HeldRow, names: &Names) -> Result<HeldView> {
    Ok(HeldView {
        id: row.id,
        terminal_no: row.terminal_no,
        cashier_name: names.of(&row.cashier),
        cashier: row.cashier,
        note: row.note,
        total_fen: row.total_fen,
        lines: serde_json::from_str(&row.lines).map_err(anyhow::Error::from)?,
        created_at: Instant(row.created_at).to_rfc3339(),
    })
}

/// A slip as clients see it.
pub(super) fn receipt_view(slip: &Slip, style: Style) -> ReceiptView {
    ReceiptView {
        rows: slip.rows.iter().map(receipt_row).collect(),
        escpos_base64: base64::engine::general_purpose::STANDARD.encode(&slip.bytes),
        prints: slip.reprints,
        columns: style.width.columns(),
        link: slip.link.clone(),
    }
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
