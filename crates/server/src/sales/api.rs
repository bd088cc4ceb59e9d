//! HTTP of orders.

use std::sync::Arc;

use aisle_domain::ids::StoreId;
use aisle_domain::order::{Channel, OrderEvent, order_no};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use crate::catalog::Store;
use crate::error::Problem;
use crate::http::{Can, Json, Path, right, text};
use crate::{App, Error, Result, codes};

use super::basket::PlaceOrder;
use super::checkout::{self, Outcome, Tell};
use super::engine::Job;
use super::settle::{self, Cancel};
use super::view::OrderView;
use super::{price_override, store};

/// The calls about orders.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(place_order))
        .routes(routes!(show_order))
        .routes(routes!(cancel_order))
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
    let overrides = price_override::find(&app, &terminal, &body.override_ids(), now).await?;
    let parsed = match body.parse(&app.catalogue.products(), &store, overrides, now) {
        Ok(parsed) => parsed,
        // The same order sent again is answered even when its goods are gone from the catalogue.
        Err(refusal) => return sent_before(&app, store.id, id, &request_hash, refusal).await,
    };
    let user = can.actor.user.as_ref();
    let job = Job {
        request_hash: request_hash.clone(),
        cashier_id: user.map(|user| user.id.get()),
        cashier: can.actor.title().to_owned(),
        actor: can.actor.name().to_owned(),
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
        actor: Some(&can.actor),
        reason: &reason,
    };
    settle::cancel(&app, &store, id, cancel).await?;
    Ok(Json(load(&app, store.id, id).await?))
}

/// An order with everything that belongs to it.
pub(super) async fn load(app: &App, store: StoreId, id: Uuid) -> Result<OrderView> {
    let reader = app.db.read_fresh();
    let row = store::order(reader, store, id)
        .await?
        .ok_or_else(|| Error::code(&codes::NOT_FOUND))?;
    OrderView::load(reader, row).await
}

/// The store a call is about.
pub(super) fn the_store(app: &App, id: StoreId) -> Result<Arc<Store>> {
    app.catalogue
        .store(id)
        .ok_or_else(|| Error::code(&codes::NOT_FOUND))
}
