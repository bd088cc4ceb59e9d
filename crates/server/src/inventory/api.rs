//! HTTP of stock.

use aisle_domain::catalog::Product;
use aisle_domain::identity::Permission;
use aisle_domain::ids::ProductId;
use aisle_domain::inventory::{Direction, Reason};
use aisle_domain::quantity::Quantity;
use aisle_domain::time::{BusinessDay, Instant};
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
use crate::http::{Can, Cursor, Json, Page, PageQuery, Path, Query, instant, right, text};
use crate::{App, Error, Result, codes};

use super::adjust::{self, Adjustment, AdjustmentLine};
use super::history::{self, Past};

const ADJUSTMENT_LINES_MAX: usize = 1000;
const DAYS_MAX: i64 = 366;
const DAY_MS: i64 = 86_400_000;

/// The calls of this slice.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_stock))
        .routes(routes!(list_entries))
        .routes(routes!(list_days))
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

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct LedgerQuery {
    /// RFC 3339.
    from: Option<String>,
    /// RFC 3339.
    to: Option<String>,
    /// A reason's code.
    reason: Option<String>,
    limit: Option<u32>,
    cursor: Option<String>,
}

#[derive(Serialize, ToSchema)]
struct EntryView {
    id: i64,
    at: String,
    reason: String,
    delta_milli: i64,
    balance_milli: i64,
    /// `order` or `document`.
    ref_kind: Option<&'static str>,
    ref_id: Option<Uuid>,
    /// The order's number.
    ref_no: Option<String>,
    actor: String,
    note: String,
}

/// A product's stock history, newest first. Needs `stock.read`.
#[utoipa::path(get, path = "/api/v1/stock/{product_id}/ledger", tag = "inventory",
    params(("product_id" = i64, Path), LedgerQuery),
    responses((status = 200, body = Page<EntryView>), (status = "default", body = Problem)))]
async fn list_entries(
    State(app): State<App>,
    can: Can<right::StockRead>,
    Path(product): Path<i64>,
    Query(query): Query<LedgerQuery>,
) -> Result<Json<Page<EntryView>>> {
    known(&app, product)?;
    let paging = PageQuery {
        limit: query.limit,
        cursor: query.cursor,
    };
    let past = Past {
        from: instant("from", query.from)?,
        to: instant("to", query.to)?,
        reason: query.reason.as_deref().map(parse_reason).transpose()?,
        before: paging
            .cursor()?
            .map(|cursor| cursor.as_number(0))
            .transpose()?,
    };
    let limit = paging.limit()?;
    let reader = app.db.read_fresh();
    let rows =
        history::entries(reader, can.store_id(), ProductId(product), &past, limit + 1).await?;
    let page = Page::cut(rows, limit, |row| Cursor::number(row.id));
    let view = |row: history::EntryRow| {
        let ref_no = match (row.business_day, row.terminal_no, row.seq) {
            (Some(day), Some(no), Some(seq)) => {
                Some(aisle_domain::order::order_no(BusinessDay(day), no, seq))
            }
            _ => None,
        };
        EntryView {
            id: row.id,
            at: Instant(row.at).to_rfc3339(),
            reason: row.reason,
            delta_milli: row.delta_milli,
            balance_milli: row.balance_milli,
            ref_kind: row.ref_id.map(|_| {
                if ref_no.is_some() {
                    "order"
                } else {
                    "document"
                }
            }),
            ref_id: row.ref_id,
            ref_no,
            actor: row.actor,
            note: row.note,
        }
    };
    Ok(Json(Page {
        items: page.items.into_iter().map(view).collect(),
        next: page.next,
    }))
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct DaysQuery {
    /// How many days back, 1–366; 30 when absent.
    days: Option<i64>,
}

#[derive(Serialize, ToSchema)]
struct Days {
    items: Vec<DayView>,
}

#[derive(Serialize, ToSchema)]
struct DayView {
    /// Business day, `yyyymmdd`.
    day: i64,
    in_milli: i64,
    out_milli: i64,
    /// At the end of the day.
    balance_milli: i64,
}

/// What went in and out per business day. Needs `stock.read`.
#[utoipa::path(get, path = "/api/v1/stock/{product_id}/days", tag = "inventory",
    params(("product_id" = i64, Path), DaysQuery),
    responses((status = 200, body = Days), (status = "default", body = Problem)))]
async fn list_days(
    State(app): State<App>,
    can: Can<right::StockRead>,
    Path(product): Path<i64>,
    Query(query): Query<DaysQuery>,
) -> Result<Json<Days>> {
    known(&app, product)?;
    let days = query.days.unwrap_or(30);
    if !(1..=DAYS_MAX).contains(&days) {
        return Err(Error::invalid("days", "1 to 366"));
    }
    let store = app
        .catalogue
        .store(can.store_id())
        .ok_or_else(|| Error::code(&codes::NOT_FOUND))?;
    let now = app.clock.now();
    let today = store.business_day(now);
    let from = now.plus_ms(-(days + 1) * DAY_MS);
    let reader = app.db.read_fresh();
    let steps = history::steps(reader, store.id, ProductId(product), from.0).await?;
    let now_on_hand = app.stock.get(store.id, ProductId(product)).on_hand.milli();
    let opening = steps
        .first()
        .map_or(now_on_hand, |step| step.balance_milli - step.delta_milli);
    let mut balance = opening;
    let mut steps = steps.into_iter().peekable();
    let items = (0..days)
        .map(|back| today.plus_days(back - days + 1))
        .map(|day| {
            let mut view = DayView {
                day: day.0,
                in_milli: 0,
                out_milli: 0,
                balance_milli: 0,
            };
            while let Some(step) = steps.next_if(|step| store.business_day(Instant(step.at)) <= day)
            {
                balance = step.balance_milli;
                if store.business_day(Instant(step.at)) == day {
                    view.in_milli += step.delta_milli.max(0);
                    view.out_milli += (-step.delta_milli).max(0);
                }
            }
            view.balance_milli = balance;
            view
        })
        .collect();
    Ok(Json(Days { items }))
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

fn known(app: &App, product: i64) -> Result<Arc<Product>> {
    app.catalogue
        .products()
        .product(ProductId(product))
        .cloned()
        .ok_or_else(|| Error::code(&codes::NOT_FOUND))
}

fn parse_reason(name: &str) -> Result<Reason> {
    Reason::parse(name).ok_or_else(|| Error::invalid("reason", "not a reason"))
}
