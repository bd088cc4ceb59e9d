//! HTTP of what tills did that is no order: reporting it, and reading it.

use aisle_domain::time::Instant;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use crate::error::Problem;
use crate::http::{Can, Cursor, Json, Page, PageQuery, Query, instant, right};
use crate::{App, Result};

use super::till_events::{self, TillEvent};
use super::till_log::{self, Found, Wanted};

/// The calls about till events.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list_till_events, record_till_events))
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct TillEventsQuery {
    /// What happened, as reported.
    kind: Option<String>,
    /// Sign-in name, or the name of a device.
    actor: Option<String>,
    /// Identity of the device.
    terminal: Option<i64>,
    /// RFC 3339, included.
    from: Option<String>,
    /// RFC 3339, not included.
    to: Option<String>,
    /// Part of the particulars.
    q: Option<String>,
    /// Rows per page, 1–500.
    limit: Option<u32>,
    /// Where to go on.
    cursor: Option<String>,
}

/// Something a till did that is no order.
#[derive(Serialize, ToSchema)]
struct TillEventView {
    id: Uuid,
    at: String,
    kind: String,
    actor: String,
    terminal_id: i64,
    /// What the device is called.
    terminal: Option<String>,
    detail: String,
}

/// What tills of the store did that is no order, newest first. Needs `log.read`. A page can hold fewer
/// rows than there are: go on while there is a `next`.
#[utoipa::path(get, path = "/api/v1/till-events", tag = "sales", params(TillEventsQuery),
    responses((status = 200, body = Page<TillEventView>), (status = "default", body = Problem)))]
async fn list_till_events(
    State(app): State<App>,
    can: Can<right::LogRead>,
    Query(query): Query<TillEventsQuery>,
) -> Result<Json<Page<TillEventView>>> {
    let (limit, before) = PageQuery::by_place(query.limit, query.cursor)?;
    let given = |text: Option<String>| text.filter(|text| !text.is_empty());
    let kind = given(query.kind);
    if let Some(kind) = &kind {
        till_events::parse_kind(kind)?;
    }
    let wanted = Wanted {
        kind,
        actor: given(query.actor),
        terminal: query.terminal,
        from: instant("from", query.from)?,
        to: instant("to", query.to)?,
        q: given(query.q),
        before,
    };
    let (rows, next) = till_log::page(app.db.read(), can.store_id(), &wanted, limit).await?;
    Ok(Json(Page {
        items: rows.into_iter().map(TillEventView::of).collect(),
        next: next.map(|place| Cursor::place(place).encode()),
    }))
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

impl TillEventView {
    fn of(row: Found) -> TillEventView {
        TillEventView {
            id: row.id,
            at: Instant(row.at).to_rfc3339(),
            kind: row.kind,
            actor: row.actor,
            terminal_id: row.terminal_id,
            terminal: row.terminal,
            detail: row.detail,
        }
    }
}
