//! HTTP of a product's stock history.

use std::sync::Arc;

use aisle_domain::catalog::Product;
use aisle_domain::ids::ProductId;
use aisle_domain::time::{BusinessDay, Instant};
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use crate::error::Problem;
use crate::http::{Can, Cursor, Json, Page, PageQuery, Path, Query, instant, right};
use crate::identity::Names;
use crate::{App, Error, Result, codes};

use super::api::parse_reason;
use super::history::{self, Past};

const DAYS_MAX: i64 = 366;
const DAY_MS: i64 = 86_400_000;

/// The calls about history.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_entries))
        .routes(routes!(list_days))
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
    /// When the goods moved, where that was before it was recorded.
    happened_at: Option<String>,
    reason: String,
    delta_milli: i64,
    balance_milli: i64,
    /// `order` or `document`.
    ref_kind: Option<&'static str>,
    ref_id: Option<Uuid>,
    /// The order's number.
    ref_no: Option<String>,
    /// As recorded: a sign-in name, or that of a device or job.
    actor: String,
    /// What people call them.
    actor_name: String,
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
    let names = Names::load(reader, page.items.iter().map(|row| row.actor.as_str())).await?;
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
            happened_at: row.happened_at.map(|at| Instant(at).to_rfc3339()),
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
            ref_id: row.order_id.or(row.ref_id),
            ref_no,
            actor_name: names.of(&row.actor),
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

fn known(app: &App, product: i64) -> Result<Arc<Product>> {
    app.catalogue
        .products()
        .product(ProductId(product))
        .cloned()
        .ok_or_else(|| Error::code(&codes::NOT_FOUND))
}
