//! HTTP of signing in and out, and of the sessions people have open.

use std::sync::Arc;

use aisle_domain::identity::{Grant, Permission};
use aisle_domain::time::Instant;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use crate::error::Problem;
use crate::http::{self, Actor, Address, Can, Json, Page, Path, Terminal, User, right};
use crate::{App, Error, Result, codes};

use super::rights::Rights;
use super::session::{self, Credentials, Place, SessionRow, SignedIn, Which};
use super::terminals_api::{TerminalView, own_view};
use super::{store, users};

/// The calls about sessions.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(sign_in, list_sessions, end_other_sessions))
        .routes(routes!(sign_in_by_pin))
        .routes(routes!(current_session, sign_out))
        .routes(routes!(end_session))
        .routes(routes!(list_sessions_of_user, end_sessions_of_user))
        .routes(routes!(sign_in_hints))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SignIn {
    username: String,
    password: String,
    /// In the back office, of who has a second factor: six digits, or a recovery code.
    code: Option<String>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SignInByPin {
    username: String,
    /// 4 to 8 digits.
    pin: String,
}

#[derive(Serialize, ToSchema)]
struct StartedSession {
    /// Send it as `Authorization: Bearer` where there are no cookies.
    token: String,
    expires_at: String,
    user: UserView,
    permissions: Vec<&'static str>,
    /// What a second person must agree to each time, at a till.
    with_approval: Vec<&'static str>,
}

#[derive(Serialize, ToSchema)]
struct UserView {
    id: i64,
    username: String,
    name: String,
    /// A built-in role, or `custom-7`.
    role: String,
    /// The name of a role of the shop's own.
    role_name: Option<String>,
}

#[derive(Serialize, ToSchema)]
struct CurrentSession {
    /// `null` for a device by itself.
    user: Option<UserView>,
    permissions: Vec<&'static str>,
    /// What a second person must agree to each time, at a till.
    with_approval: Vec<&'static str>,
    /// Nothing is allowed until a second factor is set up.
    lacks_second_factor: bool,
    /// Whether what belongs to any store is shown, or that of some stores.
    sees_all_stores: bool,
    store: crate::catalog::StoreView,
    /// `null` in the back office.
    terminal: Option<TerminalView>,
}

#[derive(Serialize, ToSchema)]
struct SessionView {
    id: Uuid,
    /// The one that asks.
    current: bool,
    /// The till it is good at alone; `null` in the back office.
    terminal_id: Option<i64>,
    address: String,
    user_agent: String,
    created_at: String,
    /// To the minute.
    last_seen_at: String,
    expires_at: String,
}

#[derive(Serialize, ToSchema)]
struct Ended {
    /// How many.
    ended: u64,
}

#[derive(Serialize, ToSchema)]
struct SignInHints {
    demo: Vec<SignInHint>,
}

#[derive(Serialize, ToSchema)]
struct SignInHint {
    username: String,
    password: &'static str,
}

/// Sign in. With a device's token beside it the session is good at that device alone. Who has a second
/// factor is answered `second_factor_needed` in the back office until the call brings a code.
#[utoipa::path(post, path = "/api/v1/sessions", tag = "identity", request_body = SignIn, security(()),
    responses((status = 201, body = StartedSession), (status = "default", body = Problem)))]
async fn sign_in(
    State(app): State<App>,
    address: Address,
    headers: HeaderMap,
    Json(body): Json<SignIn>,
) -> Result<Response> {
    http::refuse_cross_origin_headers(&headers)?;
    let terminal = device(&app, &headers, address).await?;
    if terminal.is_none() {
        app.limits.count_sign_in(address.network())?;
    }
    let place = place(address, &headers, terminal.as_deref());
    let with = Credentials {
        username: &body.username,
        password: body.password,
        code: body.code.as_deref(),
    };
    let signed = session::sign_in(&app, with, &place).await?;
    started(&app, &headers, signed)
}

/// Sign in at a till by PIN. Needs a device.
#[utoipa::path(post, path = "/api/v1/sessions/pin", tag = "identity", request_body = SignInByPin, security(()),
    responses((status = 201, body = StartedSession), (status = "default", body = Problem)))]
async fn sign_in_by_pin(
    State(app): State<App>,
    address: Address,
    headers: HeaderMap,
    Json(body): Json<SignInByPin>,
) -> Result<Response> {
    http::refuse_cross_origin_headers(&headers)?;
    let terminal = device(&app, &headers, address).await?;
    let place = place(address, &headers, terminal.as_deref());
    let signed = session::sign_in_by_pin(&app, &body.username, body.pin, &place).await?;
    started(&app, &headers, signed)
}

/// Who is signed in, on which device, in which store.
#[utoipa::path(get, path = "/api/v1/sessions/current", tag = "identity",
    responses((status = 200, body = CurrentSession), (status = "default", body = Problem)))]
async fn current_session(State(app): State<App>, actor: Actor) -> Result<Json<CurrentSession>> {
    let store = crate::catalog::store_view(&app, actor.store_id)?;
    let user = actor.user.as_deref();
    Ok(Json(CurrentSession {
        user: user.map(|user| user_view(user, &actor.rights)),
        permissions: names(&actor.rights, Grant::Allowed),
        with_approval: names(&actor.rights, Grant::Approval),
        lacks_second_factor: actor.lacks_second_factor,
        sees_all_stores: actor.sees_all_stores(),
        store,
        terminal: actor.terminal.as_deref().map(own_view),
    }))
}

/// Sign out.
#[utoipa::path(delete, path = "/api/v1/sessions/current", tag = "identity",
    responses((status = 204), (status = "default", body = Problem)))]
async fn sign_out(
    State(app): State<App>,
    actor: Actor,
    headers: HeaderMap,
) -> Result<impl IntoResponse> {
    if let Some(token) = http::bearer_token(&headers).or_else(|| http::cookie(&headers)) {
        session::sign_out(&app, &actor, token).await?;
    }
    let cookie = http::session_cookie(&headers, "", 0)?;
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, cookie)]))
}

/// One's own sessions.
#[utoipa::path(get, path = "/api/v1/sessions", tag = "identity",
    responses((status = 200, body = Page<SessionView>), (status = "default", body = Problem)))]
async fn list_sessions(State(app): State<App>, actor: Actor) -> Result<Json<Page<SessionView>>> {
    let user = own(&actor)?.id.get();
    Ok(Json(views(&app, &actor, user).await?))
}

/// End all of one's own sessions but this one.
#[utoipa::path(delete, path = "/api/v1/sessions", tag = "identity",
    responses((status = 200, body = Ended), (status = "default", body = Problem)))]
async fn end_other_sessions(State(app): State<App>, actor: Actor) -> Result<Json<Ended>> {
    let user = own(&actor)?.id.get();
    let this = actor.session.as_ref().map(|session| session.id);
    let ended = session::end(&app, user, Which::AllBut(this)).await?;
    Ok(Json(Ended { ended }))
}

/// End one of one's own sessions.
#[utoipa::path(delete, path = "/api/v1/sessions/{id}", tag = "identity", params(("id" = Uuid, Path)),
    responses((status = 204), (status = "default", body = Problem)))]
async fn end_session(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<Uuid>,
) -> Result<StatusCode> {
    let user = own(&actor)?.id.get();
    match session::end(&app, user, Which::One(id)).await? {
        0 => Err(Error::code(&codes::NOT_FOUND)),
        _ => Ok(StatusCode::NO_CONTENT),
    }
}

/// A person's sessions. Needs `user.manage`.
#[utoipa::path(get, path = "/api/v1/users/{id}/sessions", tag = "identity", params(("id" = i64, Path)),
    responses((status = 200, body = Page<SessionView>), (status = "default", body = Problem)))]
async fn list_sessions_of_user(
    State(app): State<App>,
    can: Can<right::UserManage>,
    Path(id): Path<i64>,
) -> Result<Json<Page<SessionView>>> {
    users::get(&app, &can.actor, id).await?;
    Ok(Json(views(&app, &can.actor, id).await?))
}

/// Sign a person out everywhere. Needs `user.manage`.
#[utoipa::path(delete, path = "/api/v1/users/{id}/sessions", tag = "identity", params(("id" = i64, Path)),
    responses((status = 200, body = Ended), (status = "default", body = Problem)))]
async fn end_sessions_of_user(
    State(app): State<App>,
    can: Can<right::UserManage>,
    Path(id): Path<i64>,
) -> Result<Json<Ended>> {
    let ended = users::sign_out_everywhere(&app, &can.actor, id).await?;
    Ok(Json(Ended { ended }))
}

/// Demo sign-ins, while nobody has changed their passwords.
#[utoipa::path(get, path = "/api/v1/sign-in-hints", tag = "identity", security(()),
    responses((status = 200, body = SignInHints)))]
async fn sign_in_hints(State(app): State<App>) -> Result<Json<SignInHints>> {
    let names = store::demo_usernames(app.db.read()).await?;
    let demo = names
        .into_iter()
        .map(|username| SignInHint {
            username,
            password: crate::cli::DEMO_PASSWORD,
        })
        .collect();
    Ok(Json(SignInHints { demo }))
}

/// The device that asks, when one does; a token that ends nowhere is refused.
async fn device(app: &App, headers: &HeaderMap, address: Address) -> Result<Option<Arc<Terminal>>> {
    let Some(token) = http::device_token(headers) else {
        return Ok(None);
    };
    let found = app.identity.find_actor(app, token).await?;
    let Some(terminal) = found.and_then(|actor| actor.terminal) else {
        app.limits.count_stranger(address.network())?;
        return Err(Error::code(&codes::UNAUTHENTICATED));
    };
    app.limits.count_device(terminal.id)?;
    Ok(Some(terminal))
}

fn place<'a>(
    address: Address,
    headers: &'a HeaderMap,
    terminal: Option<&'a Terminal>,
) -> Place<'a> {
    let agent = headers.get(header::USER_AGENT);
    Place {
        address,
        user_agent: agent
            .and_then(|agent| agent.to_str().ok())
            .unwrap_or_default(),
        terminal,
    }
}

fn started(app: &App, headers: &HeaderMap, signed: SignedIn) -> Result<Response> {
    let seconds = (signed.expires.0 - app.clock.now().0) / 1000;
    let cookie: HeaderValue = http::session_cookie(headers, &signed.token, seconds)?;
    let view = StartedSession {
        token: signed.token,
        expires_at: signed.expires.to_rfc3339(),
        user: user_view(&signed.user, &signed.rights),
        permissions: names(&signed.rights, Grant::Allowed),
        with_approval: names(&signed.rights, Grant::Approval),
    };
    let set = [(header::SET_COOKIE, cookie)];
    Ok((StatusCode::CREATED, set, Json(view)).into_response())
}

async fn views(app: &App, actor: &Actor, user: i64) -> Result<Page<SessionView>> {
    let rows = session::list(app.db.read_fresh(), user, app.clock.now()).await?;
    Ok(Page::whole(
        rows.into_iter().map(|row| view(row, actor)).collect(),
    ))
}

fn view(row: SessionRow, actor: &Actor) -> SessionView {
    let this = actor.session.as_ref().map(|session| session.id);
    SessionView {
        id: row.id,
        current: this == Some(row.id),
        terminal_id: row.terminal_id,
        address: row.address,
        user_agent: row.user_agent,
        created_at: Instant(row.created_at).to_rfc3339(),
        last_seen_at: Instant(row.last_seen_at).to_rfc3339(),
        expires_at: Instant(row.expires_at).to_rfc3339(),
    }
}

/// The person who asks; a device by itself has no sessions.
fn own(actor: &Actor) -> Result<&User> {
    actor
        .user
        .as_deref()
        .ok_or_else(|| Error::code(&codes::NOT_FOUND))
}

fn user_view(user: &User, rights: &Rights) -> UserView {
    UserView {
        id: user.id.get(),
        username: user.username.clone(),
        name: user.name.clone(),
        role: rights.role.clone(),
        role_name: rights.role_name.clone(),
    }
}

fn names(rights: &Rights, grant: Grant) -> Vec<&'static str> {
    rights.answered(grant).map(Permission::as_str).collect()
}
