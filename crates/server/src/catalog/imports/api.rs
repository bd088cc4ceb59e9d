//! HTTP of imports.

use aisle_domain::time::Instant;
use axum::extract::multipart::MultipartRejection;
use axum::extract::{DefaultBodyLimit, Multipart, State};
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use crate::error::Problem;
use crate::http::{Can, Cursor, Json, Page, PageQuery, Path, Query, right};
use crate::ops::Operation;
use crate::{App, Error, Result, codes};

use super::failed;
use super::rows::{self, Row, Wanted};
use super::run;
use super::store::{self, Import, State as ImportState};
use super::texts::Lang;
use super::upload::{self, FILE_MAX};
use super::{BAD, CHANGED, KEPT, NEW, UNCHANGED, UNDONE};

/// What a form needs besides the file.
const FORM_BYTES: usize = 64 * 1024;
const STATES: [&str; 6] = [NEW, CHANGED, UNCHANGED, BAD, UNDONE, KEPT];

/// The calls about imports.
pub(super) fn routes() -> OpenApiRouter<App> {
    let file = usize::try_from(FILE_MAX).unwrap_or(usize::MAX);
    OpenApiRouter::new()
        .routes(routes!(list_imports, upload_file))
        .layer(DefaultBodyLimit::max(file + FORM_BYTES))
        .routes(routes!(show_import))
        .routes(routes!(list_import_rows))
        .routes(routes!(show_failed_rows))
        .routes(routes!(apply_import))
        .routes(routes!(undo_import))
}

/// An import.
#[derive(Debug, Serialize, ToSchema)]
pub struct ImportView {
    id: Uuid,
    /// `products`.
    kind: String,
    file_name: String,
    state: ImportState,
    /// Rows of the sheet so far.
    rows: i64,
    /// Rows that can be applied, or are so already.
    good: i64,
    /// Rows with errors.
    bad: i64,
    /// Rows that are done in the present state.
    done: i64,
    /// New goods; before it is applied, those there would be.
    created: i64,
    /// Changed goods; before it is applied, those there would be.
    updated: i64,
    /// Rows that say what the catalogue holds already.
    unchanged: i64,
    /// Goods the undoing left alone, because somebody has changed or moved them since.
    kept: i64,
    /// The columns of the sheet, in the order of a row's `values`.
    headers: Vec<String>,
    /// About columns: `{code, header, …}`. None of them stops the import.
    #[schema(value_type = Vec<Object>)]
    warnings: Vec<Value>,
    /// Why it failed: `{code, reason, detail}`.
    #[schema(value_type = Option<Object>)]
    error: Option<Value>,
    created_by: String,
    created_at: String,
}

impl ImportView {
    /// As it is told to people and programs.
    pub fn of(import: &Import) -> Result<ImportView> {
        let read = |text: &str| serde_json::from_str(text).map_err(anyhow::Error::from);
        Ok(ImportView {
            id: import.id,
            kind: import.kind.clone(),
            file_name: import.file_name.clone(),
            state: import.state()?,
            rows: import.rows_total,
            good: import.rows_good,
            bad: import.rows_bad,
            done: import.rows_done,
            created: import.created,
            updated: import.updated,
            unchanged: import.unchanged,
            kept: import.kept,
            headers: import.headers()?,
            warnings: match read(&import.warnings)? {
                Value::Array(warnings) => warnings,
                _ => Vec::new(),
            },
            error: import.error.as_deref().map(read).transpose()?,
            created_by: import.created_by.clone(),
            created_at: Instant(import.created_at).to_rfc3339(),
        })
    }
}

/// A file, as a form.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only its schema is used")]
struct UploadForm {
    /// CSV or XLSX, at most 32 MB.
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
    /// `products`.
    kind: String,
}

/// Send a file of goods; it is checked beside this call. Needs `catalog.import`.
#[utoipa::path(post, path = "/api/v1/imports", tag = "catalog",
    request_body(content = UploadForm, content_type = "multipart/form-data"),
    responses((status = 202, body = ImportView), (status = "default", body = Problem)))]
async fn upload_file(
    State(app): State<App>,
    can: Can<right::CatalogImport>,
    form: Result<Multipart, MultipartRejection>,
) -> Result<impl IntoResponse> {
    let form = form.map_err(|rejection| Error::invalid("body", &rejection.body_text()))?;
    let received = upload::receive(&app, form).await?;
    let operation = Operation::of(&can.actor, "import.upload");
    let by = (can.store_id(), can.actor.name());
    let import = upload::begin(&app, received, by, operation).await?;
    run::start(&app, import.id);
    Ok((StatusCode::ACCEPTED, Json(ImportView::of(&import)?)))
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ImportsQuery {
    limit: Option<u32>,
    cursor: Option<String>,
}

/// Imports of the store, newest first. Needs `catalog.import`.
#[utoipa::path(get, path = "/api/v1/imports", tag = "catalog", params(ImportsQuery),
    responses((status = 200, body = Page<ImportView>), (status = "default", body = Problem)))]
async fn list_imports(
    State(app): State<App>,
    can: Can<right::CatalogImport>,
    Query(query): Query<ImportsQuery>,
) -> Result<Json<Page<ImportView>>> {
    let (limit, before) = PageQuery::by_place(query.limit, query.cursor)?;
    let more = i64::try_from(limit + 1).unwrap_or(i64::MAX);
    let imports = store::list(app.db.read(), can.store_id(), before, more).await?;
    let page = Page::cut(imports, limit, |last| {
        Cursor::place((last.created_at, last.id))
    });
    Ok(Json(Page {
        items: (page.items.iter().map(ImportView::of)).collect::<Result<_>>()?,
        next: page.next,
    }))
}

/// An import and how far it is. Needs `catalog.import`.
#[utoipa::path(get, path = "/api/v1/imports/{id}", tag = "catalog", params(("id" = Uuid, Path)),
    responses((status = 200, body = ImportView), (status = "default", body = Problem)))]
async fn show_import(
    State(app): State<App>,
    can: Can<right::CatalogImport>,
    Path(id): Path<Uuid>,
) -> Result<Json<ImportView>> {
    Ok(Json(ImportView::of(&known(&app, &can, id).await?)?))
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct RowsQuery {
    /// `new`, `changed`, `unchanged`, `bad`; after an undo also `undone`, `kept`.
    state: Option<String>,
    limit: Option<u32>,
    cursor: Option<String>,
}

/// A row of the sheet.
#[derive(Serialize, ToSchema)]
struct RowView {
    /// Its number in the sheet, from 1.
    row: i64,
    /// `new`, `changed`, `unchanged`, `bad`, `undone`, `kept`.
    state: String,
    /// The cells, in the order of the import's `headers`.
    values: Vec<String>,
    /// `{column, code, value, …}`.
    #[schema(value_type = Vec<Object>)]
    errors: Value,
    /// The product it names or has made.
    product_id: Option<i64>,
}

impl RowView {
    fn of(row: &Row) -> Result<RowView> {
        Ok(RowView {
            row: row.row_no,
            state: row.state.clone(),
            values: row.cells()?,
            errors: serde_json::from_str(&row.errors).map_err(anyhow::Error::from)?,
            product_id: row.product_id,
        })
    }
}

/// The rows of an import and what is wrong with them. Needs `catalog.import`.
#[utoipa::path(get, path = "/api/v1/imports/{id}/rows", tag = "catalog",
    params(("id" = Uuid, Path), RowsQuery),
    responses((status = 200, body = Page<RowView>), (status = "default", body = Problem)))]
async fn list_import_rows(
    State(app): State<App>,
    can: Can<right::CatalogImport>,
    Path(id): Path<Uuid>,
    Query(query): Query<RowsQuery>,
) -> Result<Json<Page<RowView>>> {
    let import = known(&app, &can, id).await?;
    let paging = PageQuery {
        limit: query.limit,
        cursor: query.cursor,
    };
    let limit = paging.limit()?;
    let states: Vec<&str> = query.state.as_deref().into_iter().collect();
    if !states.iter().all(|state| STATES.contains(state)) {
        return Err(Error::invalid("state", &STATES.join(", ")));
    }
    let wanted = Wanted {
        states: &states,
        after: match paging.cursor()? {
            None => 0,
            Some(cursor) => cursor.as_number(0)?,
        },
        limit: i64::try_from(limit + 1).unwrap_or(i64::MAX),
        ..Wanted::default()
    };
    let rows = rows::list_rows(app.db.read_fresh(), import.id, wanted).await?;
    let page = Page::cut(rows, limit, |last| Cursor::number(last.row_no));
    Ok(Json(Page {
        items: (page.items.iter().map(RowView::of)).collect::<Result<_>>()?,
        next: page.next,
    }))
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct FailedQuery {
    /// `xlsx` (default) or `csv`.
    format: Option<String>,
    /// `zh-CN` (default) or `en`: the language of the error column.
    lang: Option<String>,
}

/// The failed rows with their errors, ready to be corrected and sent again. Needs `catalog.import`.
#[utoipa::path(get, path = "/api/v1/imports/{id}/failed", tag = "catalog",
    params(("id" = Uuid, Path), FailedQuery),
    responses(
        (status = 200, content(
            (Vec<u8> = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
            (String = "text/csv"))),
        (status = "default", body = Problem)))]
async fn show_failed_rows(
    State(app): State<App>,
    can: Can<right::CatalogImport>,
    Path(id): Path<Uuid>,
    Query(query): Query<FailedQuery>,
) -> Result<impl IntoResponse> {
    let lang = match query.lang.as_deref() {
        None | Some("zh-CN" | "zh") => Lang::Zh,
        Some("en") => Lang::En,
        Some(_) => return Err(Error::invalid("lang", "zh-CN or en")),
    };
    let import = known(&app, &can, id).await?;
    let table = failed::table(&app, &import, lang).await?;
    let (bytes, kind, name) = match query.format.as_deref() {
        None | Some("xlsx") => (
            failed::xlsx(&table)?,
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            "attachment; filename=\"failed.xlsx\"",
        ),
        Some("csv") => (
            failed::csv(&table)?,
            "text/csv; charset=utf-8",
            "attachment; filename=\"failed.csv\"",
        ),
        Some(_) => return Err(Error::invalid("format", "csv or xlsx")),
    };
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::CONTENT_DISPOSITION, name),
    ];
    Ok((headers, bytes))
}

/// Write the good rows; it is done beside this call. Needs `catalog.import`.
#[utoipa::path(post, path = "/api/v1/imports/{id}/apply", tag = "catalog",
    params(("id" = Uuid, Path)),
    responses((status = 202, body = ImportView), (status = "default", body = Problem)))]
async fn apply_import(
    State(app): State<App>,
    can: Can<right::CatalogImport>,
    Path(id): Path<Uuid>,
) -> Result<impl IntoResponse> {
    let import = known(&app, &can, id).await?;
    let operation = Operation::of(&can.actor, "import.apply");
    let import = run::begin_apply(&app, &import, operation).await?;
    run::start(&app, id);
    Ok((StatusCode::ACCEPTED, Json(ImportView::of(&import)?)))
}

/// Put back what was written, except what somebody has changed since. Needs `catalog.import`.
#[utoipa::path(post, path = "/api/v1/imports/{id}/undo", tag = "catalog",
    params(("id" = Uuid, Path)),
    responses((status = 202, body = ImportView), (status = "default", body = Problem)))]
async fn undo_import(
    State(app): State<App>,
    can: Can<right::CatalogImport>,
    Path(id): Path<Uuid>,
) -> Result<impl IntoResponse> {
    let import = known(&app, &can, id).await?;
    let operation = Operation::of(&can.actor, "import.undo");
    let import = run::begin_undo(&app, &import, operation).await?;
    run::start(&app, id);
    Ok((StatusCode::ACCEPTED, Json(ImportView::of(&import)?)))
}

/// An import of the actor's store; another store's is not there.
async fn known(app: &App, can: &Can<right::CatalogImport>, id: Uuid) -> Result<Import> {
    let found = store::find(app.db.read_fresh(), id).await?;
    found
        .filter(|import| import.store_id == can.store_id().get())
        .ok_or_else(|| Error::code(&codes::NOT_FOUND))
}
