//! HTTP of what devices do themselves: becoming one by a code, renewing their tokens, reporting.

use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use aisle_domain::identity::EnrolmentCode;

use crate::error::Problem;
use crate::http::{self, Address, Can, Json, Path, right};
use crate::{App, Error, Result};

use super::device_key::{self, PublicKey, Renewal};
use super::enrolment::{self, Invitation};
use super::report::{self, Report};
use super::terminal::NewTerminal;
use super::terminals_api::{EnrolTerminal, TerminalView, checked, view};

/// The calls of devices, and of the codes they begin with.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(make_enrolment_code))
        .routes(routes!(make_enrolment_code_again))
        .routes(routes!(take_enrolment_code))
        .routes(routes!(make_challenge))
        .routes(routes!(renew_token))
        .routes(routes!(report_device))
}

#[derive(Serialize, ToSchema)]
struct EnrolmentCodeView {
    terminal: TerminalView,
    /// Eight letters, shown this once.
    code: String,
    expires_at: String,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct TakeEnrolmentCode {
    /// However it was typed.
    code: String,
    /// A P-256 point as WebCrypto exports it (`raw`), in base64url. With it the token dies soon and is
    /// renewed by the key.
    public_key: Option<String>,
}

#[derive(Serialize, ToSchema)]
struct Enrolment {
    terminal: TerminalView,
    token: String,
    /// `null` for a token that lasts.
    expires_at: Option<String>,
}

#[derive(Serialize, ToSchema)]
struct ChallengeView {
    challenge: String,
    expires_at: String,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct RenewToken {
    terminal_id: i64,
    challenge: String,
    /// ECDSA with SHA-256 over `aisle terminal token`, the terminal's id and the challenge, each on a line of its
    /// own; r and s in base64url, as WebCrypto makes it.
    signature: String,
}

#[derive(Serialize, ToSchema)]
struct RenewedToken {
    token: String,
    expires_at: String,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ReportDevice {
    /// Of the page it runs.
    version: String,
    /// Sales it could not send yet; absent when it cannot tell.
    unsent: Option<i64>,
}

/// Make a till and the code with which a browser becomes it. Needs `terminal.manage`.
#[utoipa::path(post, path = "/api/v1/enrolment-codes", tag = "identity", request_body = EnrolTerminal,
    responses((status = 201, body = EnrolmentCodeView), (status = "default", body = Problem)))]
async fn make_enrolment_code(
    State(app): State<App>,
    can: Can<right::TerminalManage>,
    Json(body): Json<EnrolTerminal>,
) -> Result<(StatusCode, Json<EnrolmentCodeView>)> {
    let (store_id, name) = checked(&app, &can.actor, &body)?;
    let new = NewTerminal {
        store_id,
        name: &name,
        kind: &body.kind,
        actor: can.actor.name(),
    };
    let made = enrolment::invite_new(&app, &can.actor, &new).await?;
    Ok(code_view(&app, made))
}

/// Make a code with which another browser takes a till's place. Needs `terminal.manage`.
#[utoipa::path(post, path = "/api/v1/terminals/{id}/enrolment-code", tag = "identity",
    params(("id" = i64, Path)),
    responses((status = 201, body = EnrolmentCodeView), (status = "default", body = Problem)))]
async fn make_enrolment_code_again(
    State(app): State<App>,
    can: Can<right::TerminalManage>,
    Path(id): Path<i64>,
) -> Result<(StatusCode, Json<EnrolmentCodeView>)> {
    let made = enrolment::invite(&app, &can.actor, id).await?;
    Ok(code_view(&app, made))
}

/// Become a till by a code. Whatever was that till before is none any more.
#[utoipa::path(post, path = "/api/v1/enrolments", tag = "identity", security(()), request_body = TakeEnrolmentCode,
    responses((status = 201, body = Enrolment), (status = "default", body = Problem)))]
async fn take_enrolment_code(
    State(app): State<App>,
    address: Address,
    Json(body): Json<TakeEnrolmentCode>,
) -> Result<(StatusCode, Json<Enrolment>)> {
    let code = EnrolmentCode::parse(&body.code)
        .ok_or_else(|| Error::invalid("code", "eight letters and digits"))?;
    let key = body.public_key.map(|key| {
        PublicKey::parse(&key).ok_or_else(|| Error::invalid("public_key", "a point on P-256"))
    });
    let enrolled = enrolment::redeem(&app, &code, key.transpose()?, address).await?;
    let answer = Enrolment {
        terminal: view(enrolled.row, app.clock.now()),
        token: enrolled.token,
        expires_at: enrolled.expires.map(|at| at.to_rfc3339()),
    };
    Ok((StatusCode::CREATED, Json(answer)))
}

/// What a device signs to renew its token.
#[utoipa::path(post, path = "/api/v1/terminals/challenges", tag = "identity", security(()),
    responses((status = 201, body = ChallengeView), (status = "default", body = Problem)))]
async fn make_challenge(State(app): State<App>) -> Result<(StatusCode, Json<ChallengeView>)> {
    let (challenge, expires) = app.identity.challenges.make(app.clock.now());
    let answer = ChallengeView {
        challenge,
        expires_at: expires.to_rfc3339(),
    };
    Ok((StatusCode::CREATED, Json(answer)))
}

/// Renew a device's token with its key.
#[utoipa::path(post, path = "/api/v1/terminals/token", tag = "identity", security(()), request_body = RenewToken,
    responses((status = 201, body = RenewedToken), (status = "default", body = Problem)))]
async fn renew_token(
    State(app): State<App>,
    Json(body): Json<RenewToken>,
) -> Result<(StatusCode, Json<RenewedToken>)> {
    let renewal = Renewal {
        terminal: body.terminal_id,
        challenge: &body.challenge,
        signature: &body.signature,
    };
    let (token, expires) = device_key::renew(&app, &renewal).await?;
    let answer = RenewedToken {
        token,
        expires_at: expires.to_rfc3339(),
    };
    Ok((StatusCode::CREATED, Json(answer)))
}

/// Say which page a device runs and what it could not send yet. Needs `order.sell` and a device.
#[utoipa::path(post, path = "/api/v1/terminals/self/report", tag = "identity", request_body = ReportDevice,
    responses((status = 204), (status = "default", body = Problem)))]
async fn report_device(
    State(app): State<App>,
    can: Can<right::OrderSell>,
    Json(body): Json<ReportDevice>,
) -> Result<StatusCode> {
    let terminal = can.actor.terminal()?.id.get();
    if body.unsent.is_some_and(|unsent| unsent < 0) {
        return Err(Error::invalid("unsent", "not below 0"));
    }
    let said = Report {
        version: http::text("version", &body.version, 1, 40)?,
        unsent: body.unsent,
    };
    report::report(&app, terminal, &said).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn code_view(app: &App, made: Invitation) -> (StatusCode, Json<EnrolmentCodeView>) {
    let answer = EnrolmentCodeView {
        terminal: view(made.row, app.clock.now()),
        code: made.code.as_str().to_owned(),
        expires_at: made.expires.to_rfc3339(),
    };
    (StatusCode::CREATED, Json(answer))
}
