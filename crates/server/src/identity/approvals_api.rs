//! HTTP of a second person's yes.

use aisle_domain::identity::{Grant, Permission};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use crate::error::Problem;
use crate::http::{Actor, Json};
use crate::{App, Error, Result, codes};

use super::approvals::{self, Proof};

/// The calls about approvals.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(approve))
        .routes(routes!(list_approvable, make_code))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Approve {
    /// What it is for, such as `drawer.open`.
    permission: String,
    /// Who agrees, with their PIN; or a code instead of both.
    username: Option<String>,
    pin: Option<String>,
    /// A one-time code made by who agrees.
    code: Option<String>,
}

#[derive(Serialize, ToSchema)]
struct ApprovalView {
    /// Send it as `X-Aisle-Approval` with the call it is for.
    id: Uuid,
    approver: String,
    expires_at: String,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct MakeApprovalCode {
    /// The one thing it is good for, such as `drawer.open`.
    permission: String,
}

#[derive(Serialize, ToSchema)]
struct Approvable {
    permissions: Vec<&'static str>,
}

#[derive(Serialize, ToSchema)]
struct ApprovalCode {
    /// Eight digits to read to the till; good once.
    code: String,
    expires_at: String,
}

/// A second person agrees, at a till, to what the first may not do alone.
#[utoipa::path(post, path = "/api/v1/approvals", tag = "identity", request_body = Approve,
    responses((status = 201, body = ApprovalView), (status = "default", body = Problem)))]
async fn approve(
    State(app): State<App>,
    actor: Actor,
    Json(body): Json<Approve>,
) -> Result<impl IntoResponse> {
    let permission = permission(&body.permission)?;
    // Nobody's yes helps somebody who may not ask. Some deeds take two people whoever begins them.
    if actor.rights.grants.get(permission) == Grant::Denied {
        return Err(Error::code(&codes::DENIED));
    }
    let proof = match (body.username, body.pin, body.code) {
        (Some(username), Some(pin), None) => Proof::Pin { username, pin },
        (None, None, Some(code)) => Proof::Code(code),
        _ => return Err(Error::invalid("pin", "a username with its pin, or a code")),
    };
    let approval = approvals::approve(&app, &actor, permission, proof).await?;
    let view = ApprovalView {
        id: approval.id,
        approver: approval.approver,
        expires_at: approval.expires.to_rfc3339(),
    };
    Ok((StatusCode::CREATED, Json(view)))
}

/// What somebody needs approval for and one may agree to oneself.
#[utoipa::path(get, path = "/api/v1/approval-codes", tag = "identity",
    responses((status = 200, body = Approvable), (status = "default", body = Problem)))]
async fn list_approvable(State(app): State<App>, actor: Actor) -> Result<Json<Approvable>> {
    let permissions = approvals::approvable(&app, &actor).await?;
    let permissions = permissions.into_iter().map(Permission::as_str).collect();
    Ok(Json(Approvable { permissions }))
}

/// Make a one-time code to agree to one thing from afar; an older one ends.
#[utoipa::path(post, path = "/api/v1/approval-codes", tag = "identity",
    request_body = MakeApprovalCode,
    responses((status = 201, body = ApprovalCode), (status = "default", body = Problem)))]
async fn make_code(
    State(app): State<App>,
    actor: Actor,
    Json(body): Json<MakeApprovalCode>,
) -> Result<impl IntoResponse> {
    let permission = permission(&body.permission)?;
    let (code, expires) = approvals::make_code(&app, &actor, permission).await?;
    let view = ApprovalCode {
        code,
        expires_at: expires.to_rfc3339(),
    };
    Ok((StatusCode::CREATED, Json(view)))
}

fn permission(name: &str) -> Result<Permission> {
    Permission::parse(name).ok_or_else(|| Error::invalid("permission", "a permission there is"))
}
