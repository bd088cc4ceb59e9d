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
use crate::http::{self, Can, Json, Page, Path, Terminal, right};
use crate::{App, Error, Result};

use super::store;
use super::store::TerminalRow;
use super::terminal::{self, NewTerminal, TerminalChange};

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
    if !can.actor.sees(store_id) {
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
        last_seen_at: None,
        revoked: false,
    }
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
