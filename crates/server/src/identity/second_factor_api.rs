//! HTTP of the second factor.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::error::Problem;
use crate::http::{Actor, Can, Json, Path, right};
use crate::{App, Result};

use super::second_factor;

/// The calls about second factors.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(own_second_factor, begin_second_factor))
        .routes(routes!(confirm_second_factor))
        .routes(routes!(renew_recovery_codes))
        .routes(routes!(remove_own_second_factor))
        .routes(routes!(remove_second_factor))
}

#[derive(Serialize, ToSchema)]
struct SecondFactorView {
    /// Whether a code is asked for at sign-in in the back office.
    set: bool,
    recovery_codes_left: i64,
    /// Whether the shop requires it of the one who asks.
    required: bool,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct BeginSecondFactor {
    password: String,
}

#[derive(Serialize, ToSchema)]
struct OfferedSecondFactor {
    /// To type into the app.
    secret: String,
    /// To scan: `otpauth://totp/…`.
    url: String,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ConfirmSecondFactor {
    /// Six digits, from the app.
    code: String,
}

#[derive(Serialize, ToSchema)]
struct RecoveryCodes {
    /// Each is good once in place of the app's code. They are not shown again.
    recovery_codes: Vec<String>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ProveSecondFactor {
    password: String,
    /// Six digits, or a recovery code.
    code: String,
}

/// How it stands with one's own second factor.
#[utoipa::path(get, path = "/api/v1/users/current/second-factor", tag = "identity",
    responses((status = 200, body = SecondFactorView), (status = "default", body = Problem)))]
async fn own_second_factor(State(app): State<App>, actor: Actor) -> Result<Json<SecondFactorView>> {
    let state = second_factor::state(&app, &actor).await?;
    Ok(Json(SecondFactorView {
        set: state.is_set,
        recovery_codes_left: state.recovery_codes_left,
        required: actor.lacks_second_factor || second_factor::is_required(&app, &actor.rights),
    }))
}

/// Begin to set up one's own second factor; it counts once a code of it was confirmed.
#[utoipa::path(post, path = "/api/v1/users/current/second-factor", tag = "identity",
    request_body = BeginSecondFactor,
    responses((status = 201, body = OfferedSecondFactor), (status = "default", body = Problem)))]
async fn begin_second_factor(
    State(app): State<App>,
    actor: Actor,
    Json(body): Json<BeginSecondFactor>,
) -> Result<impl IntoResponse> {
    let offer = second_factor::begin(&app, &actor, body.password).await?;
    let view = OfferedSecondFactor {
        secret: offer.secret,
        url: offer.url,
    };
    Ok((StatusCode::CREATED, Json(view)))
}

/// Confirm one's own second factor with a code; one's other sessions end.
#[utoipa::path(post, path = "/api/v1/users/current/second-factor/confirm", tag = "identity",
    request_body = ConfirmSecondFactor,
    responses((status = 200, body = RecoveryCodes), (status = "default", body = Problem)))]
async fn confirm_second_factor(
    State(app): State<App>,
    actor: Actor,
    Json(body): Json<ConfirmSecondFactor>,
) -> Result<Json<RecoveryCodes>> {
    let recovery_codes = second_factor::confirm(&app, &actor, &body.code).await?;
    Ok(Json(RecoveryCodes { recovery_codes }))
}

/// Make new recovery codes for oneself; the old ones end.
#[utoipa::path(post, path = "/api/v1/users/current/second-factor/recovery-codes", tag = "identity",
    request_body = ProveSecondFactor,
    responses((status = 200, body = RecoveryCodes), (status = "default", body = Problem)))]
async fn renew_recovery_codes(
    State(app): State<App>,
    actor: Actor,
    Json(body): Json<ProveSecondFactor>,
) -> Result<Json<RecoveryCodes>> {
    let ProveSecondFactor { password, code } = body;
    let recovery_codes = second_factor::renew_recovery_codes(&app, &actor, password, &code).await?;
    Ok(Json(RecoveryCodes { recovery_codes }))
}

/// Take away one's own second factor.
#[utoipa::path(post, path = "/api/v1/users/current/second-factor/remove", tag = "identity",
    request_body = ProveSecondFactor,
    responses((status = 204), (status = "default", body = Problem)))]
async fn remove_own_second_factor(
    State(app): State<App>,
    actor: Actor,
    Json(body): Json<ProveSecondFactor>,
) -> Result<StatusCode> {
    second_factor::remove_own(&app, &actor, body.password, &body.code).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Take away the second factor of somebody who has lost it. Needs `user.manage`.
#[utoipa::path(delete, path = "/api/v1/users/{id}/second-factor", tag = "identity",
    params(("id" = i64, Path)),
    responses((status = 204), (status = "default", body = Problem)))]
async fn remove_second_factor(
    State(app): State<App>,
    can: Can<right::UserManage>,
    Path(id): Path<i64>,
) -> Result<StatusCode> {
    second_factor::remove(&app, &can.actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
