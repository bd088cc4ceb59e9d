//! SQL of imports.

use aisle_db::{DbError, FromQueryResult, Source, Sql, Tx};
use aisle_domain::ids::StoreId;
use aisle_domain::time::Instant;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::Result;

const COLUMNS: &str = "id, store_id, kind, file_name, state, at_row, rows_total, rows_good, rows_bad, \
     rows_done, created, updated, unchanged, kept, warnings, headers, error, undo_id, created_by, \
     created_at, checked_at";

/// Where an import is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// The file is being read and compared.
    Checking,
    /// Every row has its verdict; nothing is changed yet.
    Checked,
    /// Good rows are being written.
    Applying,
    /// Good rows are written.
    Applied,
    /// What was written is being put back.
    Undoing,
    /// What was written is put back.
    Undone,
    /// It ended with `error`.
    Failed,
}

impl State {
    const ALL: [State; 7] = [
        State::Checking,
        State::Checked,
        State::Applying,
        State::Applied,
        State::Undoing,
        State::Undone,
        State::Failed,
    ];

    /// The name in storage and on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            State::Checking => "checking",
            State::Checked => "checked",
            State::Applying => "applying",
            State::Applied => "applied",
            State::Undoing => "undoing",
            State::Undone => "undone",
            State::Failed => "failed",
        }
    }

    /// Whether somebody is at work.
    pub fn is_working(self) -> bool {
        match self {
            State::Checking | State::Applying | State::Undoing => true,
            State::Checked | State::Applied | State::Undone | State::Failed => false,
        }
    }
}

/// An import as stored.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Import {
    pub(super) id: Uuid,
    pub(super) store_id: i64,
    pub(super) kind: String,
    pub(super) file_name: String,
    state: String,
    pub(super) at_row: i64,
    pub(super) rows_total: i64,
    pub(super) rows_good: i64,
    pub(super) rows_bad: i64,
    pub(super) rows_done: i64,
    pub(super) created: i64,
    pub(super) updated: i64,
    pub(super) unchanged: i64,
    pub(super) kept: i64,
    pub(super) warnings: String,
    pub(super) headers: String,
    pub(super) error: Option<String>,
    pub(super) undo_id: Uuid,
    pub(super) created_by: String,
    pub(super) created_at: i64,
    pub(super) checked_at: Option<i64>,
}

impl Import {
    /// Identity.
    pub fn id(&self) -> Uuid {
        self.id
    }

    /// Where it is.
    pub fn state(&self) -> Result<State> {
        let state = State::ALL
            .into_iter()
            .find(|state| state.as_str() == self.state);
        Ok(state.ok_or_else(|| DbError::BadRow {
            table: "imports",
            id: self.id.to_string(),
            column: "state",
        })?)
    }

    /// The columns of the sheet.
    pub(super) fn headers(&self) -> Result<Vec<String>> {
        Ok(serde_json::from_str(&self.headers).map_err(anyhow::Error::from)?)
    }
}

/// What is added to an import's numbers by one step.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Step {
    pub(super) total: i64,
    pub(super) good: i64,
    pub(super) bad: i64,
    pub(super) done: i64,
    pub(super) created: i64,
    pub(super) updated: i64,
    pub(super) unchanged: i64,
    pub(super) kept: i64,
}

/// Stores a new import.
pub(super) async fn insert(tx: &Tx, import: &Import) -> Result<()> {
    Sql::new("INSERT INTO imports (id, store_id, kind, file_name, state, undo_id, created_by, created_at) VALUES (")
        .arg(import.id)
        .push(", ")
        .arg(import.store_id)
        .push(", ")
        .arg(import.kind.as_str())
        .push(", ")
        .arg(import.file_name.as_str())
        .push(", ")
        .arg(import.state.as_str())
        .push(", ")
        .arg(import.undo_id)
        .push(", ")
        .arg(import.created_by.as_str())
        .push(", ")
        .arg(import.created_at)
        .push(")")
        .run(tx)
        .await?;
    Ok(())
}

/// An import that is to be checked.
pub(super) fn fresh(id: Uuid, store: StoreId, by: &str, file_name: &str, now: Instant) -> Import {
    Import {
        id,
        store_id: store.get(),
        kind: "products".to_owned(),
        file_name: file_name.to_owned(),
        state: State::Checking.as_str().to_owned(),
        at_row: 0,
        rows_total: 0,
        rows_good: 0,
        rows_bad: 0,
        rows_done: 0,
        created: 0,
        updated: 0,
        unchanged: 0,
        kept: 0,
        warnings: "[]".to_owned(),
        headers: "[]".to_owned(),
        error: None,
        undo_id: crate::clock::new_uuid(),
        created_by: by.to_owned(),
        created_at: now.0,
        checked_at: None,
    }
}

/// An import, whichever store's.
pub(super) async fn find(source: &impl Source, id: Uuid) -> Result<Option<Import>> {
    Ok(select(" WHERE id = ").arg(id).one(source).await?)
}

/// Imports of a store, newest first.
pub(super) async fn list(
    source: &impl Source,
    store: StoreId,
    before: Option<(i64, Uuid)>,
    limit: i64,
) -> Result<Vec<Import>> {
    Ok(select(" WHERE store_id = ")
        .arg(store.get())
        .behind(("created_at", "id"), before)
        .push(" ORDER BY created_at DESC, id DESC LIMIT ")
        .arg(limit)
        .all(source)
        .await?)
}

/// Imports somebody was at work on.
pub(super) async fn list_working(source: &impl Source) -> Result<Vec<Import>> {
    Ok(
        select(" WHERE state IN ('checking', 'applying', 'undoing') ORDER BY created_at")
            .all(source)
            .await?,
    )
}

fn select(rest: &str) -> Sql {
    Sql::new("SELECT ")
        .push(COLUMNS)
        .push(" FROM imports")
        .push(rest)
}

/// Moves an import on inside its state. False: it is not where the caller left it, so somebody else is
/// at work.
pub(super) async fn advance(tx: &Tx, import: &Import, at_row: i64, step: Step) -> Result<bool> {
    let mut sql = Sql::new("UPDATE imports SET at_row = ").arg(at_row);
    for (column, added) in [
        ("rows_total", step.total),
        ("rows_good", step.good),
        ("rows_bad", step.bad),
        ("rows_done", step.done),
        ("created", step.created),
        ("updated", step.updated),
        ("unchanged", step.unchanged),
        ("kept", step.kept),
    ] {
        sql = sql
            .push(", ")
            .push(column)
            .push(" = ")
            .push(column)
            .push(" + ")
            .arg(added);
    }
    let moved = sql
        .push(" WHERE id = ")
        .arg(import.id)
        .push(" AND state = ")
        .arg(import.state.as_str())
        .push(" AND at_row = ")
        .arg(import.at_row)
        .run(tx)
        .await?;
    Ok(moved == 1)
}

/// What else changes when an import gets into another state.
#[derive(Debug, Default)]
pub(super) struct Turn {
    /// Headers and warnings, known once the file is checked.
    pub(super) sheet: Option<(String, String)>,
    /// Why it failed.
    pub(super) error: Option<String>,
    /// Rows that need no work in the next state.
    pub(super) done: Option<i64>,
    /// Whether what it creates and updates is counted anew.
    pub(super) recount: bool,
}

/// Brings an import from the state it was loaded in to the next. False: it is not there any more.
pub(super) async fn turn(
    tx: &Tx,
    import: &Import,
    to: State,
    turn: Turn,
    now: Instant,
) -> Result<bool> {
    let mut sql = Sql::new("UPDATE imports SET state = ")
        .arg(to.as_str())
        .push(", error = ")
        .arg(turn.error);
    if let Some((headers, warnings)) = turn.sheet {
        sql = sql
            .push(", checked_at = ")
            .arg(now.0)
            .push(", headers = ")
            .arg(headers)
            .push(", warnings = ")
            .arg(warnings);
    }
    if let Some(done) = turn.done {
        sql = sql.push(", at_row = 0, rows_done = ").arg(done);
    }
    if turn.recount {
        sql = sql.push(", created = 0, updated = 0");
    }
    if !to.is_working() {
        sql = sql.push(", finished_at = ").arg(now.0);
    }
    let turned = sql
        .push(" WHERE id = ")
        .arg(import.id)
        .push(" AND state = ")
        .arg(import.state.as_str())
        .push(" AND at_row = ")
        .arg(import.at_row)
        .run(tx)
        .await?;
    Ok(turned == 1)
}

/// Forgets what a check that was cut off has found. False: nobody is to check it any more.
pub(super) async fn clear(tx: &Tx, id: Uuid) -> Result<bool> {
    let cleared = Sql::new(
        "UPDATE imports SET at_row = 0, rows_total = 0, rows_good = 0, rows_bad = 0, rows_done = 0, \
         created = 0, updated = 0, unchanged = 0 WHERE state = 'checking' AND id = ",
    )
    .arg(id)
    .run(tx)
    .await?;
    if cleared == 0 {
        return Ok(false);
    }
    Sql::new("DELETE FROM import_rows WHERE import_id = ")
        .arg(id)
        .run(tx)
        .await?;
    Ok(true)
}
