//! HTTP of money that goes back, and of what a person decides about money in doubt.

use axum::extract::State;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use crate::error::Problem;
use crate::http::{Can, Cursor, Json, Page, PageQuery, Path, Query, right, text};
use crate::payments::money_back;
use crate::{App, Result};

use super::api::the_store;
use super::decide;
use super::payment_view::RefundView;

/// The calls about refunds.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_refunds))
        .routes(routes!(retry_refund))
        .routes(routes!(settle_refund))
        .routes(routes!(refund_payment))
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct RefundsQuery {
    /// Only those the customer does not have yet.
    open: Option<bool>,
    limit: Option<u32>,
    cursor: Option<String>,
}

/// Money that goes back to payments, newest first. Needs `payment.read`.
#[utoipa::path(get, path = "/api/v1/refunds", tag = "payments", params(RefundsQuery),
    responses((status = 200, body = Page<RefundView>), (status = "default", body = Problem)))]
async fn list_refunds(
    State(app): State<App>,
    can: Can<right::PaymentRead>,
    Query(query): Query<RefundsQuery>,
) -> Result<Json<Page<RefundView>>> {
    let (limit, before) = PageQuery::by_place(query.limit, query.cursor)?;
    let is_open = query.open.unwrap_or(false);
    let page = (is_open, before, limit + 1);
    let rows = money_back::list(app.db.read_fresh(), can.store_id(), page).await?;
    let page = Page::cut(rows, limit, |row| Cursor::place((row.created_at, row.id)));
    Ok(Json(Page {
        items: page.items.into_iter().map(RefundView::of).collect(),
        next: page.next,
    }))
}

/// Send a refund that did not go through once more. Needs `payment.settle`.
#[utoipa::path(post, path = "/api/v1/refunds/{id}/retry", tag = "payments", params(("id" = Uuid, Path)),
    responses((status = 200, body = RefundView), (status = "default", body = Problem)))]
async fn retry_refund(
    State(app): State<App>,
    can: Can<right::PaymentSettle>,
    Path(id): Path<Uuid>,
) -> Result<Json<RefundView>> {
    let store = the_store(&app, can.store_id())?;
    let row = decide::retry(&app, &store, id, &can.actor).await?;
    Ok(Json(RefundView::of(row)))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Settle {
    /// How the customer got the money.
    note: String,
}

/// Say that the customer got the money in another way. Needs `payment.settle`.
#[utoipa::path(post, path = "/api/v1/refunds/{id}/settle", tag = "payments", request_body = Settle,
    params(("id" = Uuid, Path)),
    responses((status = 200, body = RefundView), (status = "default", body = Problem)))]
async fn settle_refund(
    State(app): State<App>,
    can: Can<right::PaymentSettle>,
    Path(id): Path<Uuid>,
    Json(body): Json<Settle>,
) -> Result<Json<RefundView>> {
    let store = the_store(&app, can.store_id())?;
    let note = text("note", &body.note, 1, 200)?;
    let row = decide::settle(&app, &store, id, (&can.actor, &note)).await?;
    Ok(Json(RefundView::of(row)))
}

/// Pay back what was paid when it was another amount than was asked for. Needs `payment.settle`.
#[utoipa::path(post, path = "/api/v1/payments/{id}/refund", tag = "payments", params(("id" = Uuid, Path)),
    responses((status = 200, body = RefundView), (status = "default", body = Problem)))]
async fn refund_payment(
    State(app): State<App>,
    can: Can<right::PaymentSettle>,
    Path(id): Path<Uuid>,
) -> Result<Json<RefundView>> {
    let store = the_store(&app, can.store_id())?;
    let row = decide::refund(&app, &store, id, &can.actor).await?;
    Ok(Json(RefundView::of(row)))
}
