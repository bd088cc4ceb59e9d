//! HTTP of the people who sign in.

use aisle_domain::ids::StoreId;
use aisle_domain::time::Instant;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::error::Problem;
use crate::http::{Actor, Can, Json, Page, Path, right, text};
use crate::{App, Error, Result};

use super::account;
use super::users::{self, Particulars, Person};

/// The calls about people.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_users, add_user))
        .routes(routes!(change_user))
        .routes(routes!(reset_password))
        .routes(routes!(release_user))
        .routes(routes!(reveal_user))
        .routes(routes!(change_own_password))
        .routes(routes!(set_own_pin))
}

#[derive(Serialize, ToSchema)]
struct PersonView {
    id: i64,
    username: String,
    name: String,
    /// `138****1234`.
    phone: String,
    /// A built-in role, or `custom-7`.
    role: String,
    role_name: Option<String>,
    store_id: i64,
    /// Stores seen besides the home store.
    more_stores: Vec<i64>,
    has_pin: bool,
    has_second_factor: bool,
    /// Until when guesses at this person's sign-in are not looked at somewhere; `null` = at once.
    locked_until: Option<String>,
    disabled: bool,
    /// Whether the one who asks may change this person.
    changeable: bool,
}

#[derive(Serialize, ToSchema)]
struct RevealedUser {
    /// Whole.
    phone: String,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AddUser {
    /// 2 to 40 letters, digits, dots, dashes; never changed afterwards.
    username: String,
    name: String,
    #[serde(default)]
    phone: String,
    role: String,
    /// The caller's store when absent.
    store_id: Option<i64>,
    #[serde(default)]
    more_stores: Vec<i64>,
    password: String,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ChangeUser {
    name: Option<String>,
    phone: Option<String>,
    role: Option<String>,
    store_id: Option<i64>,
    more_stores: Option<Vec<i64>>,
    disabled: Option<bool>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ResetPassword {
    password: String,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ChangePassword {
    old_password: String,
    password: String,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SetPin {
    password: String,
    /// 4 to 8 digits; `null` takes it away.
    pin: Option<String>,
}

/// The people of the stores one sees. Needs `user.manage`.
#[utoipa::path(get, path = "/api/v1/users", tag = "identity",
    responses((status = 200, body = Page<PersonView>), (status = "default", body = Problem)))]
async fn list_users(
    State(app): State<App>,
    can: Can<right::UserManage>,
) -> Result<Json<Page<PersonView>>> {
    let people = users::list(&app, &can.actor).await?;
    let views = people.into_iter().map(|person| view(person, &can.actor));
    Ok(Json(Page::whole(views.collect())))
}

/// Add a person, with no more rights than one's own. Needs `user.manage`.
#[utoipa::path(post, path = "/api/v1/users", tag = "identity", request_body = AddUser,
    responses((status = 201, body = PersonView), (status = "default", body = Problem)))]
async fn add_user(
    State(app): State<App>,
    can: Can<right::UserManage>,
    Json(body): Json<AddUser>,
) -> Result<impl IntoResponse> {
    let username = sign_in_name(&body.username)?;
    let new = Particulars {
        name: text("name", &body.name, 1, 60)?,
        phone: phone(&body.phone)?,
        role: body.role,
        store: body.store_id.map_or(can.store_id(), StoreId),
        more_stores: body.more_stores.into_iter().map(StoreId).collect(),
        disabled: false,
    };
    let person = users::add(&app, &can.actor, &username, &body.password, &new).await?;
    Ok((StatusCode::CREATED, Json(view(person, &can.actor))))
}

/// Change a person, or end and revive their access. Needs `user.manage`.
#[utoipa::path(patch, path = "/api/v1/users/{id}", tag = "identity", request_body = ChangeUser,
    params(("id" = i64, Path)),
    responses((status = 200, body = PersonView), (status = "default", body = Problem)))]
async fn change_user(
    State(app): State<App>,
    can: Can<right::UserManage>,
    Path(id): Path<i64>,
    Json(body): Json<ChangeUser>,
) -> Result<Json<PersonView>> {
    let name = body
        .name
        .map(|name| text("name", &name, 1, 60))
        .transpose()?;
    let phone = body.phone.map(|number| phone(&number)).transpose()?;
    let more: Option<Vec<StoreId>> = body
        .more_stores
        .map(|stores| stores.into_iter().map(StoreId).collect());
    let change = |person: &mut Particulars| {
        if let Some(name) = &name {
            person.name.clone_from(name);
        }
        if let Some(phone) = &phone {
            person.phone.clone_from(phone);
        }
        if let Some(role) = &body.role {
            person.role.clone_from(role);
        }
        if let Some(more) = &more {
            person.more_stores.clone_from(more);
        }
        person.store = body.store_id.map_or(person.store, StoreId);
        person.disabled = body.disabled.unwrap_or(person.disabled);
    };
    let person = users::change(&app, &can.actor, id, change).await?;
    Ok(Json(view(person, &can.actor)))
}

/// Give a person a new password and sign them out everywhere. Needs `user.manage`.
#[utoipa::path(post, path = "/api/v1/users/{id}/password", tag = "identity", request_body = ResetPassword,
    params(("id" = i64, Path)),
    responses((status = 204), (status = "default", body = Problem)))]
async fn reset_password(
    State(app): State<App>,
    can: Can<right::UserManage>,
    Path(id): Path<i64>,
    Json(body): Json<ResetPassword>,
) -> Result<StatusCode> {
    users::reset_password(&app, &can.actor, id, &body.password).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Let somebody who was locked out after wrong guesses try again at once. Needs `user.manage`.
#[utoipa::path(post, path = "/api/v1/users/{id}/release", tag = "identity", params(("id" = i64, Path)),
    responses((status = 200, body = PersonView), (status = "default", body = Problem)))]
async fn release_user(
    State(app): State<App>,
    can: Can<right::UserManage>,
    Path(id): Path<i64>,
) -> Result<Json<PersonView>> {
    let person = users::release(&app, &can.actor, id).await?;
    Ok(Json(view(person, &can.actor)))
}

/// See a person's phone number whole; the operation log keeps who did. Needs `personal.reveal`.
#[utoipa::path(post, path = "/api/v1/users/{id}/reveal", tag = "identity", params(("id" = i64, Path)),
    responses((status = 200, body = RevealedUser), (status = "default", body = Problem)))]
async fn reveal_user(
    State(app): State<App>,
    can: Can<right::PersonalReveal>,
    Path(id): Path<i64>,
) -> Result<Json<RevealedUser>> {
    let phone = users::reveal_phone(&app, &can.actor, id).await?;
    Ok(Json(RevealedUser { phone }))
}

/// Change one's own password; one's other sessions end.
#[utoipa::path(post, path = "/api/v1/users/current/password", tag = "identity", request_body = ChangePassword,
    responses((status = 204), (status = "default", body = Problem)))]
async fn change_own_password(
    State(app): State<App>,
    actor: Actor,
    Json(body): Json<ChangePassword>,
) -> Result<StatusCode> {
    account::change_password(&app, &actor, body.old_password, &body.password).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Set one's own PIN, for tills and approvals.
#[utoipa::path(post, path = "/api/v1/users/current/pin", tag = "identity", request_body = SetPin,
    responses((status = 204), (status = "default", body = Problem)))]
async fn set_own_pin(
    State(app): State<App>,
    actor: Actor,
    Json(body): Json<SetPin>,
) -> Result<StatusCode> {
    account::set_pin(&app, &actor, body.password, body.pin.as_deref()).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn view(person: Person, actor: &Actor) -> PersonView {
    PersonView {
        changeable: actor.rights.covers(&person.rights),
        role: person.rights.role,
        role_name: person.rights.role_name,
        id: person.row.id,
        username: person.row.username,
        name: person.row.name,
        phone: users::masked(&person.row.phone),
        store_id: person.row.store_id,
        more_stores: person.more_stores.iter().map(|store| store.get()).collect(),
        has_pin: person.row.pin_hash.is_some(),
        has_second_factor: person.row.has_second_factor,
        locked_until: person.locked_until.map(Instant::to_rfc3339),
        disabled: person.row.disabled,
    }
}

fn sign_in_name(name: &str) -> Result<String> {
    let name = text("username", name, 2, 40)?;
    let plain = |ch: char| ch.is_alphanumeric() || matches!(ch, '.' | '-' | '_' | '@');
    if name.chars().all(plain) {
        Ok(name)
    } else {
        Err(Error::invalid("username", "letters, digits, . - _ @"))
    }
}

fn phone(number: &str) -> Result<String> {
    let number = text("phone", number, 0, 30)?;
    let plain = |ch: char| ch.is_ascii_digit() || matches!(ch, '+' | '-' | ' ');
    if number.chars().all(plain) {
        Ok(number)
    } else {
        Err(Error::invalid("phone", "digits, + and -"))
    }
}
