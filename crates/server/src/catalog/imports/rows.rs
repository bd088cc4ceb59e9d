//! SQL of the rows of an import.

use aisle_db::{Bulk, FromQueryResult, Source, Sql, Tx};
use uuid::Uuid;

use crate::Result;

/// A row as stored.
#[derive(Debug, Clone, FromQueryResult)]
pub(super) struct Row {
    pub(super) row_no: i64,
    pub(super) state: String,
    pub(super) cells: String,
    pub(super) errors: String,
    pub(super) product_id: Option<i64>,
    pub(super) before: Option<String>,
    pub(super) version: Option<i64>,
}

impl Row {
    /// What the sheet has in it.
    pub(super) fn cells(&self) -> Result<Vec<String>> {
        Ok(serde_json::from_str(&self.cells).map_err(anyhow::Error::from)?)
    }
}

/// Stores rows, or their new verdict where they are stored already.
pub(super) async fn record(tx: &Tx, id: Uuid, rows: &[Row]) -> Result<()> {
    let each = || rows.iter();
    Bulk::into("import_rows")
        .uuid("import_id", each().map(|_| id))
        .bigint("row_no", each().map(|row| row.row_no))
        .text("state", each().map(|row| row.state.as_str()))
        .text("cells", each().map(|row| row.cells.as_str()))
        .text("errors", each().map(|row| row.errors.as_str()))
        .bigint_opt("product_id", each().map(|row| row.product_id))
        .text_opt("before", each().map(|row| row.before.clone()))
        .bigint_opt("version", each().map(|row| row.version))
        .tail(
            "ON CONFLICT (import_id, row_no) DO UPDATE SET state = excluded.state, \
             errors = excluded.errors, product_id = excluded.product_id, \
             before = excluded.before, version = excluded.version",
        )
        .insert(tx)
        .await?;
    Ok(())
}

/// Which rows of an import.
#[derive(Debug, Default)]
pub(super) struct Wanted<'a> {
    /// In one of these states; none named = in any.
    pub(super) states: &'a [&'a str],
    /// Only those that are written to the catalogue, or only those that are not.
    pub(super) written: Option<bool>,
    /// Behind this row.
    pub(super) after: i64,
    /// At most so many.
    pub(super) limit: i64,
}

/// Rows in the order of the sheet.
pub(super) async fn list_rows(
    source: &impl Source,
    id: Uuid,
    wanted: Wanted<'_>,
) -> Result<Vec<Row>> {
    let mut sql = Sql::new(
        "SELECT row_no, state, cells, errors, product_id, before, version FROM import_rows \
         WHERE import_id = ",
    )
    .arg(id)
    .push(" AND row_no > ")
    .arg(wanted.after);
    for (at, state) in wanted.states.iter().enumerate() {
        sql = sql
            .push(if at == 0 {
                " AND (state = "
            } else {
                " OR state = "
            })
            .arg(*state);
    }
    let end = if wanted.states.is_empty() { "" } else { ")" };
    let written = match wanted.written {
        None => "",
        Some(true) => " AND version IS NOT NULL",
        Some(false) => " AND version IS NULL",
    };
    Ok(sql
        .push(end)
        .push(written)
        .push(" ORDER BY row_no LIMIT ")
        .arg(wanted.limit)
        .all(source)
        .await?)
}
