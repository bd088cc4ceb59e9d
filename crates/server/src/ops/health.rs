//! Probes and metrics: plain, for machines.

use std::sync::OnceLock;
use std::time::Duration;

use aisle_db::Sql;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use axum::routing::get;
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};

use crate::{App, Error};

/// How long the database may take before it counts as gone.
const PROBE_TIME: Duration = Duration::from_millis(900);
const BUCKETS: [f64; 13] = [
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0,
];

/// `/livez`, `/readyz`, `/metrics`.
pub fn plain_routes() -> Router<App> {
    recorder();
    Router::new()
        .route("/livez", get(async || "ok"))
        .route("/readyz", get(ready))
        .route("/metrics", get(render))
}

/// Ready = not stopping and the database takes writes.
async fn ready(State(app): State<App>) -> impl IntoResponse {
    if app.tasks.is_stopping() {
        return (StatusCode::SERVICE_UNAVAILABLE, "stopping");
    }
    let probe = async {
        aisle_db::transact!(app.db, |tx| {
            Sql::new("UPDATE counters SET value = value WHERE name = ")
                .arg("catalogue")
                .run(tx)
                .await
                .map_err(Error::from)
        })
    };
    match tokio::time::timeout(PROBE_TIME, probe).await {
        Ok(Ok(_)) => (StatusCode::OK, "ready"),
        Ok(Err(error)) => {
            tracing::warn!(%error, "not ready: the database refuses writes");
            (
                StatusCode::SERVICE_UNAVAILABLE,
                "the database refuses writes",
            )
        }
        Err(_) => (
            StatusCode::SERVICE_UNAVAILABLE,
            "the database does not answer",
        ),
    }
}

async fn render(State(app): State<App>) -> String {
    let count = app.catalogue.products().len();
    metrics::gauge!("aisle_products").set(f64::from(u32::try_from(count).unwrap_or(u32::MAX)));
    recorder().render()
}

/// The one recorder of the process.
fn recorder() -> &'static PrometheusHandle {
    static RECORDER: OnceLock<PrometheusHandle> = OnceLock::new();
    RECORDER.get_or_init(|| {
        let builder = PrometheusBuilder::new();
        let builder = builder
            .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &BUCKETS)
            .unwrap_or_else(|_| PrometheusBuilder::new());
        let recorder = builder.build_recorder();
        let handle = recorder.handle();
        if metrics::set_global_recorder(recorder).is_err() {
            tracing::debug!("another recorder was set first");
        }
        handle
    })
}
