//! The page at `/`: the customer's phone, for people who try things out.

use std::sync::Arc;

use axum::Router;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use crate::sim::Simulator;

/// Nothing from anywhere else, and no script in the page itself.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
     img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The page and its two files.
pub(crate) fn routes() -> Router<Arc<Simulator>> {
    let page = || async {
        file(
            "text/html; charset=utf-8",
            include_str!("console/page.html"),
        )
    };
    let script = || async {
        let both = concat!(
            include_str!("console/words.js"),
            include_str!("console/page.js")
        );
        file("text/javascript; charset=utf-8", both)
    };
    let style = || async { file("text/css; charset=utf-8", include_str!("console/page.css")) };
    Router::new()
        .route("/", get(page))
        .route("/console/page.js", get(script))
        .route("/console/page.css", get(style))
}

fn file(kind: &'static str, text: &'static str) -> Response {
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "no-cache"),
    ];
    (headers, text).into_response()
}
