//! All routes, grouped by slice, and the layers around them.

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::header;
use axum::middleware;
use axum::response::{Html, IntoResponse};
use axum::routing::get;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{DefaultPredicate, NotForContentType, Predicate};
use utoipa_axum::router::OpenApiRouter;

use crate::{App, Error, catalog, codes, http, identity, inventory, openapi, ops, payments, sales};

/// Bodies may have this many bytes unless a route says otherwise.
const BODY_MAX: usize = 1024 * 1024;

/// Every documented call.
fn documented() -> OpenApiRouter<App> {
    OpenApiRouter::with_openapi(openapi::base())
        .merge(identity::routes())
        .merge(catalog::routes())
        .merge(inventory::routes())
        .merge(payments::routes())
        .merge(sales::routes())
        .merge(ops::routes())
}

/// The OpenAPI document.
pub fn openapi() -> utoipa::openapi::OpenApi {
    openapi::completed(documented().split_for_parts().1)
}

/// The whole server.
pub fn router(app: App) -> Router {
    let (routes, document) = documented().split_for_parts();
    let document = openapi::completed(document).to_json().unwrap_or_default();
    let json = [(header::CONTENT_TYPE, "application/json")];
    let script = [(header::CONTENT_TYPE, "text/javascript")];
    let style = [(header::CONTENT_TYPE, "text/css")];
    let page = [(header::CONTENT_SECURITY_POLICY, http::PAGE_POLICY)];
    let routes = routes
        .route(
            "/api/openapi.json",
            get(async move || (json, document).into_response()),
        )
        .route(
            "/api/docs",
            get(async move || (page, Html(include_str!("docs/index.html")))),
        )
        .route(
            "/api/docs.js",
            get(async || (script, include_str!("docs/docs.js"))),
        )
        .route(
            "/api/docs.css",
            get(async || (style, include_str!("docs/docs.css"))),
        )
        .merge(ops::plain_routes())
        .method_not_allowed_fallback(async || Error::code(&codes::METHOD_NOT_ALLOWED))
        .fallback(http::web::serve)
        .layer(DefaultBodyLimit::max(BODY_MAX))
        .layer(CatchPanicLayer::custom(
            |_: Box<dyn std::any::Any + Send>| {
                tracing::error!("a request panicked");
                Error::code(&codes::TROUBLE).into_response()
            },
        ))
        .layer(middleware::from_fn(http::trace))
        .layer(CompressionLayer::new().compress_when(
            DefaultPredicate::new().and(NotForContentType::new("text/event-stream")),
        ));
    http::with_headers(routes).with_state(app)
}
