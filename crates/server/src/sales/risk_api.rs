//! HTTP of what is worth a look.

use axum::extract::State;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::error::Problem;
use crate::http::{Can, Json, Query, instant, right};
use crate::{App, Result};

use super::api::the_store;
use super::risk::{self, RiskView};

/// The call about risk.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(show_risk))
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct RiskQuery {
    /// RFC 3339, included; seven days before `to` when absent, at most 92.
    from: Option<String>,
    /// RFC 3339, not included; now when absent.
    to: Option<String>,
}

/// What each person did at the tills that is worth a look, beside colleagues over the same days.
/// Needs `log.read`.
#[utoipa::path(get, path = "/api/v1/risk", tag = "sales", params(RiskQuery),
    responses((status = 200, body = RiskView), (status = "default", body = Problem)))]
async fn show_risk(
    State(app): State<App>,
    can: Can<right::LogRead>,
    Query(query): Query<RiskQuery>,
) -> Result<Json<RiskView>> {
    let store = the_store(&app, can.store_id())?;
    let from = instant("from", query.from)?;
    let to = instant("to", query.to)?;
    let range = risk::range(from, to, app.clock.now())?;
    Ok(Json(risk::risk(&app, &store, range).await?))
}
