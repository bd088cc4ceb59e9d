//! HTTP of the operation log.

use aisle_domain::identity::Permission;
use aisle_domain::ids::StoreId;
use aisle_domain::time::Instant;
use axum::extract::State;
use axum::response::IntoResponse;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::error::Problem;
use crate::http::{Actor, Can, Cursor, Json, Page, PageQuery, Query, download, instant, right};
use crate::sheet::{Language, SheetFormat};
use crate::{App, Error, Result, codes};

use super::log::{self, Found, Wanted};
use super::log_export;

/// The calls about the operation log.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_operations))
        .routes(routes!(export_operations))
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct OperationsQuery {
    /// Sign-in name, or the name of a device or job.
    actor: Option<String>,
    /// One action (`product.change`), or all that begin so (`product.`).
    action: Option<String>,
    /// The thing, such as `product 12`.
    target: Option<String>,
    /// Identity of the device.
    terminal: Option<i64>,
    /// RFC 3339, included.
    from: Option<String>,
    /// RFC 3339, not included.
    to: Option<String>,
    /// Another store than one's own, or all of them when absent: for who sees them.
    store: Option<i64>,
    /// Words in who, what to and the particulars: Latin words and numbers whole, Chinese in any part.
    q: Option<String>,
    /// Rows per page, 1–500.
    limit: Option<u32>,
    /// Where to go on.
    cursor: Option<String>,
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ExportQuery {
    /// As in the list, like everything down to `q`.
    actor: Option<String>,
    action: Option<String>,
    target: Option<String>,
    terminal: Option<i64>,
    from: Option<String>,
    to: Option<String>,
    store: Option<i64>,
    q: Option<String>,
    /// `xlsx` or `csv`.
    format: String,
    /// `zh-CN` (the default) or `en`.
    lang: Option<String>,
}

/// An entry of the operation log.
#[derive(Serialize, ToSchema)]
struct OperationView {
    id: i64,
    at: String,
    store_id: i64,
    /// Sign-in name, or the name of a device or job.
    actor: String,
    /// Who allowed it, where somebody had to.
    approver: Option<String>,
    terminal_id: Option<i64>,
    /// What the device is called.
    terminal: Option<String>,
    /// `product.change` …
    action: String,
    /// `product 12` …
    target: String,
    /// Particulars. `changes` has each field that changed with its value before and after; `items` the
    /// same for several things. Costs need `cost.read`; `hidden` names what was left out.
    #[schema(value_type = Option<Object>)]
    detail: Value,
    /// Needs `cost.read`, as `hash` does: a hash lets a cost be found by trying.
    prev_hash: Option<String>,
    /// Over this entry and the hash of the one before.
    hash: Option<String>,
}

/// Who did what, newest first. Needs `log.read`; costs need `cost.read`. A page can hold fewer rows than there are: go on while
/// there is a `next`.
#[utoipa::path(get, path = "/api/v1/operations", tag = "ops", params(OperationsQuery),
    responses((status = 200, body = Page<OperationView>), (status = "default", body = Problem)))]
async fn list_operations(
    State(app): State<App>,
    can: Can<right::LogRead>,
    Query(query): Query<OperationsQuery>,
) -> Result<Json<Page<OperationView>>> {
    let paging = PageQuery {
        limit: query.limit,
        cursor: query.cursor,
    };
    let limit = paging.limit()?;
    let before = paging
        .cursor()?
        .map(|cursor| cursor.as_number(0))
        .transpose()?;
    let wanted = Wanted {
        store: scope(&can.actor, query.store)?,
        actor: given(query.actor),
        action: given(query.action),
        target: given(query.target),
        terminal: query.terminal,
        from: instant("from", query.from)?,
        to: instant("to", query.to)?,
        q: given(query.q),
        sees_costs: can.actor.may(Permission::CostRead),
    };
    let (rows, next) = log::page(app.db.read(), &wanted, before, limit).await?;
    Ok(Json(Page {
        items: rows.into_iter().map(OperationView::of).collect(),
        next: next.map(|id| Cursor::number(id).encode()),
    }))
}

/// What the list shows as a file, at most 100,000 rows. Needs `log.read`; costs need `cost.read`.
#[utoipa::path(get, path = "/api/v1/operations/export", tag = "ops", params(ExportQuery),
    responses(
        (status = 200, content(
            (Vec<u8> = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
            (String = "text/csv"))),
        (status = "default", body = Problem)))]
async fn export_operations(
    State(app): State<App>,
    can: Can<right::LogRead>,
    Query(query): Query<ExportQuery>,
) -> Result<impl IntoResponse> {
    let format =
        SheetFormat::parse(&query.format).ok_or_else(|| Error::invalid("format", "xlsx or csv"))?;
    let language = Language::parse(query.lang.as_deref())
        .ok_or_else(|| Error::invalid("lang", "zh-CN or en"))?;
    let wanted = Wanted {
        store: scope(&can.actor, query.store)?,
        actor: given(query.actor),
        action: given(query.action),
        target: given(query.target),
        terminal: query.terminal,
        from: instant("from", query.from)?,
        to: instant("to", query.to)?,
        q: given(query.q),
        sees_costs: can.actor.may(Permission::CostRead),
    };
    let (name, bytes) =
        log_export::export(&app, can.store_id(), &wanted, (format, language)).await?;
    Ok(download(format.media_type(), &name, bytes))
}

/// Who sees all stores sees all of the log; everybody else asks for one of their stores, and others are
/// not there.
fn scope(actor: &Actor, asked: Option<i64>) -> Result<Option<i64>> {
    match asked {
        Some(store) if !actor.sees(StoreId(store)) => Err(Error::code(&codes::NOT_FOUND)),
        None if !actor.sees_all_stores() => Ok(Some(actor.store_id.get())),
        asked => Ok(asked),
    }
}

fn given(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty())
}

impl OperationView {
    fn of(row: Found) -> OperationView {
        OperationView {
            id: row.id,
            at: Instant(row.at).to_rfc3339(),
            store_id: row.store_id,
            actor: row.actor,
            approver: row.approver,
            terminal_id: row.terminal_id,
            terminal: row.terminal,
            action: row.action,
            target: row.target,
            detail: serde_json::from_str(&row.detail).unwrap_or_default(),
            prev_hash: row.prev_hash,
            hash: row.hash,
        }
    }
}
