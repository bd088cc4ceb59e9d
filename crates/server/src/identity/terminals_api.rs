//! HTTP of tills.

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
use crate::http::{self, Actor, Can, Json, Page, Path, Terminal, right};
use crate::{App, Error, Result};

use super::report;
use super::terminal::{self, NewTerminal, TerminalChange};
use super::terminal_rows::{TerminalRow, rights_of};
use super::users::ensure_covers;

/// The calls about tills.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_terminals, enrol_terminal))
        .routes(routes!(change_terminal, revoke_terminal))
}

#[derive(Serialize, ToSchema)]
pub(super) struct TerminalView {
    id: i64,
    no: i64,
    name: String,
    kind: String,
    store_id: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    printer: Option<Printer>,
    created_at: Option<String>,
    /// When a browser or a tool became this till; `null` while its code waits for one.
    enrolled_at: Option<String>,
    /// When it last said something of itself.
    last_seen_at: Option<String>,
    /// Whether that was just now.
    online: bool,
    revoked: bool,
    /// Whether its tokens are renewed by a key that never leaves it.
    has_key: bool,
    /// Of the page it runs.
    app_version: Option<String>,
    /// Sales it could not send yet.
    unsent: Option<i64>,
    /// Who is signed in there.
    cashier: Option<String>,
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
pub(super) struct EnrolTerminal {
    /// The caller's store when absent.
    store_id: Option<i64>,
    name: String,
    /// `pos` or `kiosk`.
    pub(super) kind: String,
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

/// The tills of the store. Needs `terminal.manage`.
#[utoipa::path(get, path = "/api/v1/terminals", tag = "identity",
    responses((status = 200, body = Page<TerminalView>), (status = "default", body = Problem)))]
async fn list_terminals(
    State(app): State<App>,
    can: Can<right::TerminalManage>,
) -> Result<Json<Page<TerminalView>>> {
    let rows = terminal::list(&app, can.store_id()).await?;
    let now = app.clock.now();
    let views = rows.into_iter().map(|(row, cashier)| TerminalView {
        cashier,
        ..view(row, now)
    });
    Ok(Json(Page::whole(views.collect())))
}

/// Enrol a tool as a till, with a token that lasts; browsers take a code. Needs `terminal.manage`.
#[utoipa::path(post, path = "/api/v1/terminals", tag = "identity", request_body = EnrolTerminal,
    responses((status = 201, body = EnrolledTerminal), (status = "default", body = Problem)))]
async fn enrol_terminal(
    State(app): State<App>,
    can: Can<right::TerminalManage>,
    Json(body): Json<EnrolTerminal>,
) -> Result<impl IntoResponse> {
    let (store_id, name) = checked(&app, &can.actor, &body)?;
    ensure_covers(&can.actor, &rights_of(&body.kind, store_id))?;
    let new = NewTerminal {
        store_id,
        name: &name,
        kind: &body.kind,
        actor: can.actor.name(),
    };
    let (row, token) = terminal::enrol_row(&app, &new).await?;
    let answer = EnrolledTerminal {
        terminal: view(row, app.clock.now()),
        token,
    };
    Ok((StatusCode::CREATED, Json(answer)))
}

/// Where a new till stands and what it is called, when both can be.
pub(super) fn checked(app: &App, actor: &Actor, body: &EnrolTerminal) -> Result<(StoreId, String)> {
    if body.kind != "pos" && body.kind != "kiosk" {
        return Err(Error::invalid("kind", "pos or kiosk"));
    }
    let name = http::text("name", &body.name, 1, 60)?;
    let store_id = body.store_id.map_or(actor.store_id, StoreId);
    if !actor.sees(store_id) {
        return Err(Error::code(&crate::codes::NOT_FOUND));
    }
    crate::catalog::store_view(app, store_id)?;
    Ok((store_id, name))
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
    let row = terminal::change(&app, &can.actor, id, change).await?;
    Ok(Json(view(row, app.clock.now())))
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

/// A device as it sees itself.
pub(super) fn own_view(terminal: &Terminal) -> TerminalView {
    TerminalView {
        id: terminal.id.get(),
        no: terminal.no,
        name: terminal.name.clone(),
        kind: terminal.kind.clone(),
        store_id: terminal.store_id.get(),
        printer: None,
        created_at: None,
        enrolled_at: None,
        last_seen_at: None,
        online: true,
        revoked: false,
        has_key: false,
        app_version: None,
        unsent: None,
        cashier: None,
    }
}

pub(super) fn view(row: TerminalRow, now: Instant) -> TerminalView {
    let time = |at: Option<i64>| at.map(|at| Instant(at).to_rfc3339());
    TerminalView {
        id: row.id,
        no: row.no,
        online: report::is_online(&row, now),
        name: row.name,
        kind: row.kind,
        store_id: row.store_id,
        printer: row.printer_address.map(|address| Printer {
            address,
            width: row.printer_width,
        }),
        created_at: time(Some(row.created_at)),
        enrolled_at: time(row.enrolled_at),
        last_seen_at: time(row.last_seen_at),
        revoked: row.revoked_at.is_some(),
        has_key: row.public_key.is_some(),
        app_version: row.app_version,
        unsent: row.unsent,
        cashier: None,
    }
}
