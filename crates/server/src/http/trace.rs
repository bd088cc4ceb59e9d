//! The outermost layer: names each request, writes out problems, measures.

use std::time::Instant;

use axum::extract::{MatchedPath, Request};
use axum::http::{HeaderName, HeaderValue, Method};
use axum::middleware::Next;
use axum::response::Response;

use crate::clock::new_uuid;
use crate::error::Problem;

static REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Runs the request inside its span and finishes its answer.
pub async fn trace(request: Request, next: Next) -> Response {
    let started = Instant::now();
    let method = request.method().clone();
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map(|path| path.as_str().to_owned());
    let mut response = next.run(request).await;
    let problem = response.extensions_mut().remove::<Problem>();
    if let Some(problem) = problem {
        let request_id = new_uuid().simple().to_string();
        let status = response.status().as_u16();
        if status >= 500 {
            tracing::warn!(%method, route, status, request_id, "answered with a problem");
        } else {
            tracing::debug!(%method, route, status, request_id, "refused");
        }
        let headers = std::mem::take(response.headers_mut());
        response = problem.into_response(&request_id);
        response
            .headers_mut()
            .extend(headers.into_iter().filter_map(|(name, value)| {
                name.filter(|name| name == axum::http::header::SET_COOKIE)
                    .map(|name| (name, value))
            }));
        if let Ok(value) = HeaderValue::from_str(&request_id) {
            response.headers_mut().insert(REQUEST_ID.clone(), value);
        }
    }
    measure(&method, route, response.status().as_u16(), started);
    response
}

fn measure(method: &Method, route: Option<String>, status: u16, started: Instant) {
    let Some(route) = route else { return };
    let labels = [
        ("method", method.as_str().to_owned()),
        ("route", route),
        ("status", status.to_string()),
    ];
    metrics::histogram!("http_server_request_duration_seconds", &labels)
        .record(started.elapsed().as_secs_f64());
}
