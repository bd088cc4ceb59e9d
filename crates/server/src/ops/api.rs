//! HTTP of operations: the event stream and the state of the server.

use std::convert::Infallible;
use std::time::Duration;

use aisle_domain::identity::Permission;
use aisle_domain::ids::StoreId;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::sse::{Event as SseEvent, KeepAlive, Sse};
use serde::Serialize;
use tokio_stream::wrappers::BroadcastStream;
use tokio_stream::{Stream, StreamExt};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::error::Problem;
use crate::http::{Actor, Can, Json, right};
use crate::{App, Result};

use super::events::{Event, Missed};

/// A session may end by itself, without anybody saying so.
const RECHECK: Duration = Duration::from_secs(30);

/// Events and state.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(stream_events))
        .routes(routes!(show_status))
}

/// What happens, as server-sent events. Needs `events.read`. Send `Last-Event-ID` to go on where the
/// stream broke; `reset` means too much was missed.
#[utoipa::path(get, path = "/api/v1/events", tag = "ops",
    responses((status = 200, content_type = "text/event-stream", body = String),
        (status = "default", body = Problem)))]
async fn stream_events(
    State(app): State<App>,
    can: Can<right::EventsRead>,
    headers: HeaderMap,
) -> Sse<impl Stream<Item = Result<SseEvent, Infallible>>> {
    let last = headers
        .get("last-event-id")
        .and_then(|value| value.to_str().ok())
        .and_then(|text| text.parse().ok());
    let (missed, receiver) = app.events.listen(last);
    let store = can.store_id();
    let first = match missed {
        Missed::Events(events) => events.into_iter().map(Some).collect(),
        Missed::TooMuch => vec![None],
    };
    let ends = ends(app.clone(), headers, store);
    let live = BroadcastStream::new(receiver).map(Result::ok);
    let mine = move |event: &Option<Event>| {
        event
            .as_ref()
            .is_none_or(|event| event.store.is_none_or(|of| of == store))
    };
    let stream = tokio_stream::iter(first)
        .chain(live)
        .filter(mine)
        .map(|event| Ok(wire(event.as_ref())));
    // The first bytes tell the listener at once that it is connected.
    let hello = tokio_stream::once(Ok(SseEvent::default().comment("connected")));
    let stream = hello.chain(stream);
    Sse::new(futures_stop(stream, ends))
        .keep_alive(KeepAlive::new().interval(Duration::from_secs(15)))
}

/// Ends when the server stops, or when whoever listens may not any more.
async fn ends(app: App, headers: HeaderMap, store: StoreId) {
    let mut changes = app.identity.changes();
    loop {
        tokio::select! {
            () = app.tasks.stopping() => return,
            changed = changes.changed() => if changed.is_err() { return },
            () = tokio::time::sleep(RECHECK) => {}
        }
        let listener = Actor::of(&headers, &app).await;
        let may = listener
            .is_ok_and(|actor| actor.store_id == store && actor.may(Permission::EventsRead));
        if !may {
            return;
        }
    }
}

/// `None` stands for events that are gone.
fn wire(event: Option<&Event>) -> SseEvent {
    match event {
        Some(event) => SseEvent::default()
            .id(event.id.to_string())
            .event(event.kind)
            .data(event.data.to_string()),
        None => SseEvent::default().event("reset").data("{}"),
    }
}

/// Ends a stream when `stop` ends, so that open listeners do not hold up the end of the server.
fn futures_stop<S: Stream>(
    stream: S,
    stop: impl Future<Output = ()>,
) -> impl Stream<Item = S::Item> {
    let mut stream = Box::pin(stream);
    let mut stop = Box::pin(stop);
    futures_util::stream::poll_fn(move |context| {
        if stop.as_mut().poll(context).is_ready() {
            return std::task::Poll::Ready(None);
        }
        stream.as_mut().poll_next(context)
    })
}

#[derive(Serialize, ToSchema)]
struct Status {
    version: &'static str,
    /// `sqlite` or `postgres`.
    database: &'static str,
    products: usize,
    catalogue_version: i64,
}

/// What is running.
#[utoipa::path(get, path = "/api/v1/status", tag = "ops",
    responses((status = 200, body = Status), (status = "default", body = Problem)))]
async fn show_status(State(app): State<App>, _actor: Actor) -> Json<Status> {
    let products = app.catalogue.products();
    Json(Status {
        version: env!("CARGO_PKG_VERSION"),
        database: match app.db.engine() {
            aisle_db::Engine::Sqlite => "sqlite",
            aisle_db::Engine::Postgres => "postgres",
        },
        products: products.len(),
        catalogue_version: products.version(),
    })
}
