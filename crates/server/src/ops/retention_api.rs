//! HTTP of how long records are kept.

use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::error::Problem;
use crate::http::{Can, Json, right};
use crate::{App, Result};

use super::cut;

/// The call about it.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(show_retention))
}

/// How many days records are kept; 0 is for ever.
#[derive(Serialize, ToSchema)]
struct RetentionView {
    operations_days: u32,
    till_events_days: u32,
    /// Wrong guesses, and sessions that are over.
    guesses_days: u32,
    /// The last day of the operation log that was cut off, `yyyy-mm-dd`.
    operations_cut: Option<String>,
}

/// How long records are kept. Needs `log.read`.
#[utoipa::path(get, path = "/api/v1/retention", tag = "ops",
    responses((status = 200, body = RetentionView), (status = "default", body = Problem)))]
async fn show_retention(
    State(app): State<App>,
    _can: Can<right::LogRead>,
) -> Result<Json<RetentionView>> {
    let cut = cut::last(app.db.read_fresh()).await?;
    Ok(Json(RetentionView {
        operations_days: app.config.keep_operations_days,
        till_events_days: app.config.keep_till_events_days,
        guesses_days: app.config.keep_guesses_days,
        operations_cut: cut.map(|cut| cut.day),
    }))
}
