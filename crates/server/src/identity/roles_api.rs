//! HTTP of roles: the matrix of who may do what.

use std::collections::BTreeMap;

use aisle_domain::identity::{Grants, Permission, Role, Scope};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::error::Problem;
use crate::http::{Can, Json, Path, right, text};
use crate::{App, Error, Result};

use super::rights::RoleRow;
use super::roles::{self, NewRole};

/// The calls about roles.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_roles, add_role))
        .routes(routes!(change_role, delete_role))
}

#[derive(Serialize, ToSchema)]
struct RoleList {
    /// Every permission there is, in the order to show.
    permissions: Vec<&'static str>,
    items: Vec<RoleView>,
}

#[derive(Serialize, ToSchema)]
struct RoleView {
    /// A built-in role's name, or `custom-7`.
    role: String,
    /// The name of a role of the shop's own.
    name: Option<String>,
    /// Built in: cannot be changed.
    builtin: bool,
    /// Played by devices, never by people.
    device: bool,
    /// `own` store or `all`.
    scope: &'static str,
    /// `allowed`, `approval` or `denied` for each permission.
    grants: BTreeMap<&'static str, &'static str>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct WriteRole {
    name: String,
    /// `own` store or `all`.
    scope: String,
    /// `allowed` or `approval`; what is not named is denied.
    grants: BTreeMap<String, String>,
}

/// All roles. Needs `user.manage`.
#[utoipa::path(get, path = "/api/v1/roles", tag = "identity",
    responses((status = 200, body = RoleList), (status = "default", body = Problem)))]
async fn list_roles(
    State(app): State<App>,
    _can: Can<right::UserManage>,
) -> Result<Json<RoleList>> {
    let rows = roles::list(&app).await?;
    Ok(Json(RoleList {
        permissions: Permission::ALL.iter().map(|one| one.as_str()).collect(),
        items: rows.into_iter().map(view).collect(),
    }))
}

/// Make a role, with no more rights than one's own. Needs `role.manage`.
#[utoipa::path(post, path = "/api/v1/roles", tag = "identity", request_body = WriteRole,
    responses((status = 201, body = RoleView), (status = "default", body = Problem)))]
async fn add_role(
    State(app): State<App>,
    can: Can<right::RoleManage>,
    Json(body): Json<WriteRole>,
) -> Result<impl IntoResponse> {
    let row = roles::add(&app, &can.actor, &parse(body)?).await?;
    Ok((StatusCode::CREATED, Json(view(row))))
}

/// Change a role of the shop's own; it counts from the next request on. Needs `role.manage`.
#[utoipa::path(put, path = "/api/v1/roles/{role}", tag = "identity", request_body = WriteRole,
    params(("role" = String, Path)),
    responses((status = 200, body = RoleView), (status = "default", body = Problem)))]
async fn change_role(
    State(app): State<App>,
    can: Can<right::RoleManage>,
    Path(role): Path<String>,
    Json(body): Json<WriteRole>,
) -> Result<Json<RoleView>> {
    let row = roles::change(&app, &can.actor, &role, &parse(body)?).await?;
    Ok(Json(view(row)))
}

/// Delete a role of the shop's own that nobody plays. Needs `role.manage`.
#[utoipa::path(delete, path = "/api/v1/roles/{role}", tag = "identity", params(("role" = String, Path)),
    responses((status = 204), (status = "default", body = Problem)))]
async fn delete_role(
    State(app): State<App>,
    can: Can<right::RoleManage>,
    Path(role): Path<String>,
) -> Result<StatusCode> {
    roles::delete(&app, &can.actor, &role).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn parse(body: WriteRole) -> Result<NewRole> {
    let answers = body
        .grants
        .iter()
        .map(|(permission, grant)| (permission.as_str(), grant.as_str()));
    Ok(NewRole {
        name: text("name", &body.name, 1, 40)?,
        scope: Scope::parse(&body.scope).ok_or_else(|| Error::invalid("scope", "own or all"))?,
        grants: Grants::named(answers).map_err(|unknown| Error::invalid("grants", &unknown.0))?,
    })
}

fn view(row: RoleRow) -> RoleView {
    let preset = Role::parse(&row.role);
    RoleView {
        builtin: preset.is_some(),
        device: preset.is_some_and(Role::is_device),
        role: row.role,
        name: row.name,
        scope: row.scope.as_str(),
        grants: row
            .grants
            .iter()
            .map(|(permission, grant)| (permission.as_str(), grant.as_str()))
            .collect(),
    }
}
