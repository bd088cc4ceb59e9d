//! HTTP of sessions and terminals.

use aisle_domain::identity::Permission;
use aisle_domain::ids::StoreId;
use aisle_domain::time::Instant;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::IntoResponse;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::error::Problem;
use crate::http::{self, Actor, Can, Json, Page, Path, right};
use crate::{App, Error, Result};

use super::store::TerminalRow;
use super::terminal::{self, NewTerminal, TerminalChange};
use super::{session, store};

/// The calls of this slice.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(sign_in))
        .routes(routes!(current_session, sign_out))
        .routes(routes!(sign_in_hints))
        .routes(routes!(list_terminals, enrol_terminal))
        .routes(routes!(change_terminal, revoke_terminal))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SignIn {
    username: String,
    password: String,
}

#[derive(Serialize, ToSchema)]
struct SessionView {
    /// Send it as `Authorization: Bearer` where there are no cookies.
    token: String,
    expires_at: String,
    user: UserView,
    permissions: Vec<&'static str>,
}

#[derive(Serialize, ToSchema)]
struct UserView {
    id: i64,
    username: String,
    name: String,
    role: &'static str,
}

#[derive(Serialize, ToSchema)]
struct CurrentSession {
    /// `null` for a device by itself.
    user: Option<UserView>,
    permissions: Vec<&'static str>,
    store: crate::catalog::StoreView,
    /// `null` in the back office.
    terminal: Option<TerminalView>,
}

#[derive(Serialize, ToSchema)]
struct TerminalView {
    id: i64,
    no: i64,
    name: String,
    kind: String,
    store_id: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    printer: Option<Printer>,
    created_at: Option<String>,
    last_seen_at: Option<String>,
    revoked: bool,
}

#[derive(Serialize, ToSchema)]
struct EnrolledTerminal {
    #[serde(flatten)]
    terminal: TerminalView,
    /// Shown this once.
    token: String,
}

/// A receipt printer that takes ESC/POS over TCP.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Printer {
    /// `host:port`, usually port 9100.
    address: String,
    /// Paper width in mm: 58 or 80.
    width: i64,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct EnrolTerminal {
    /// The caller's store when absent.
    store_id: Option<i64>,
    name: String,
    /// `pos` or `kiosk`.
    kind: String,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ChangeTerminal {
    name: Option<String>,
    /// `null` takes the printer away.
    #[serde(default, deserialize_with = "crate::http::present")]
    #[schema(value_type = Option<Printer>)]
    printer: Option<Option<Printer>>,
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

/// Sign in.
#[utoipa::path(post, path = "/api/v1/sessions", tag = "identity", request_body = SignIn,
    responses((status = 201, body = SessionView), (status = "default", body = Problem)))]
async fn sign_in(
    State(app): State<App>,
    headers: HeaderMap,
    Json(body): Json<SignIn>,
) -> Result<impl IntoResponse> {
    http::refuse_cross_origin_headers(&headers)?;
    let signed = session::sign_in(&app, &body.username, body.password).await?;
    let cookie = format!(
        "aisle={}; Path=/; HttpOnly; SameSite=Strict; Max-Age={}",
        signed.token,
        (signed.expires.0 - app.clock.now().0) / 1000
    );
    let view = SessionView {
        token: signed.token,
        expires_at: signed.expires.to_rfc3339(),
        permissions: names(signed.user.role.permissions()),
        user: user_view(&signed.user),
    };
    let cookie = HeaderValue::from_str(&cookie).map_err(|error| anyhow::anyhow!(error))?;
    Ok((
        StatusCode::CREATED,
        [(header::SET_COOKIE, cookie)],
        Json(view),
    ))
}

/// Who is signed in, on which device, in which store.
#[utoipa::path(get, path = "/api/v1/sessions/current", tag = "identity",
    responses((status = 200, body = CurrentSession), (status = "default", body = Problem)))]
async fn current_session(State(app): State<App>, actor: Actor) -> Result<Json<CurrentSession>> {
    let store = crate::catalog::store_view(&app, actor.store_id)?;
    Ok(Json(CurrentSession {
        user: actor.user.as_deref().map(user_view),
        permissions: names(actor.role.permissions()),
        store,
        terminal: actor.terminal.as_deref().map(|terminal| TerminalView {
            id: terminal.id.get(),
            no: terminal.no,
            name: terminal.name.clone(),
            kind: terminal.kind.clone(),
            store_id: terminal.store_id.get(),
            printer: None,
            created_at: None,
            last_seen_at: None,
            revoked: false,
        }),
    }))
}

/// Sign out.
#[utoipa::path(delete, path = "/api/v1/sessions/current", tag = "identity",
    responses((status = 204), (status = "default", body = Problem)))]
async fn sign_out(
    State(app): State<App>,
    _actor: Actor,
    headers: HeaderMap,
) -> Result<impl IntoResponse> {
    if let Some(token) = http::bearer_token(&headers).or_else(|| http::cookie(&headers)) {
        session::sign_out(&app, token).await?;
    }
    let cookie = HeaderValue::from_static("aisle=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0");
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, cookie)]))
}

/// Demo sign-ins, while nobody has changed their passwords.
#[utoipa::path(get, path = "/api/v1/sign-in-hints", tag = "identity",
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

/// The tills of the store. Needs `terminal.manage`.
#[utoipa::path(get, path = "/api/v1/terminals", tag = "identity",
    responses((status = 200, body = Page<TerminalView>), (status = "default", body = Problem)))]
async fn list_terminals(
    State(app): State<App>,
    can: Can<right::TerminalManage>,
) -> Result<Json<Page<TerminalView>>> {
    let rows = store::terminals(app.db.read(), can.store_id()).await?;
    Ok(Json(Page::whole(rows.into_iter().map(view).collect())))
}

/// Enrol a till. Needs `terminal.manage`.
#[utoipa::path(post, path = "/api/v1/terminals", tag = "identity", request_body = EnrolTerminal,
    responses((status = 201, body = EnrolledTerminal), (status = "default", body = Problem)))]
async fn enrol_terminal(
    State(app): State<App>,
    can: Can<right::TerminalManage>,
    Json(body): Json<EnrolTerminal>,
) -> Result<impl IntoResponse> {
    if body.kind != "pos" && body.kind != "kiosk" {
        return Err(Error::invalid("kind", "pos or kiosk"));
    }
    let name = http::text("name", &body.name, 1, 60)?;
    let store_id = body.store_id.map_or(can.store_id(), StoreId);
    if store_id != can.store_id() && !can.actor.may(Permission::StoreManage) {
        return Err(Error::code(&crate::codes::NOT_FOUND));
    }
    crate::catalog::store_view(&app, store_id)?;
    let new = NewTerminal {
        store_id,
        name: &name,
        kind: &body.kind,
        actor: can.actor.name(),
    };
    let (row, token) = terminal::enrol_row(&app, &new).await?;
    let answer = EnrolledTerminal {
        terminal: view(row),
        token,
    };
    Ok((StatusCode::CREATED, Json(answer)))
}

/// Rename a till or set its printer. Needs `terminal.manage`.
#[utoipa::path(patch, path = "/api/v1/terminals/{id}", tag = "identity", request_body = ChangeTerminal,
    params(("id" = i64, Path)),
    responses((status = 200, body = TerminalView), (status = "default", body = Problem)))]
async fn change_terminal(
    State(app): State<App>,
    can: Can<right::TerminalManage>,
    Path(id): Path<i64>,
    Json(body): Json<ChangeTerminal>,
) -> Result<Json<TerminalView>> {
    let name = body
        .name
        .map(|name| http::text("name", &name, 1, 60))
        .transpose()?;
    if let Some(Some(printer)) = &body.printer
        && (!matches!(printer.width, 58 | 80) || !printer.address.contains(':'))
    {
        return Err(Error::invalid(
            "printer",
            "host:port and a width of 58 or 80",
        ));
    }
    let change = TerminalChange {
        name,
        printer: body
            .printer
            .map(|printer| printer.map(|printer| (printer.address, printer.width))),
        revoke: false,
    };
    Ok(Json(view(
        terminal::change(&app, &can.actor, id, change).await?,
    )))
}

/// End a till's token at once. Needs `terminal.manage`.
#[utoipa::path(delete, path = "/api/v1/terminals/{id}", tag = "identity",
    params(("id" = i64, Path)),
    responses((status = 204), (status = "default", body = Problem)))]
async fn revoke_terminal(
    State(app): State<App>,
    can: Can<right::TerminalManage>,
    Path(id): Path<i64>,
) -> Result<StatusCode> {
    let change = TerminalChange {
        revoke: true,
        ..TerminalChange::default()
    };
    terminal::change(&app, &can.actor, id, change).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn user_view(user: &crate::http::User) -> UserView {
    UserView {
        id: user.id.get(),
        username: user.username.clone(),
        name: user.name.clone(),
        role: user.role.as_str(),
    }
}

fn names(permissions: impl Iterator<Item = Permission>) -> Vec<&'static str> {
    permissions.map(Permission::as_str).collect()
}

fn view(row: TerminalRow) -> TerminalView {
    TerminalView {
        id: row.id,
        no: row.no,
        name: row.name,
        kind: row.kind,
        store_id: row.store_id,
        printer: row.printer_address.map(|address| Printer {
            address,
            width: row.printer_width,
        }),
        created_at: Some(Instant(row.created_at).to_rfc3339()),
        last_seen_at: row.last_seen_at.map(|at| Instant(at).to_rfc3339()),
        revoked: row.revoked_at.is_some(),
    }
}
