//! How often an action was done over some days.

use aisle_db::{FromQueryResult, Read, Sql};
use aisle_domain::ids::StoreId;

use crate::Result;

use super::log::{self, Wanted};

/// Whose entries are counted together.
#[derive(Debug, Clone, Copy)]
pub enum By {
    /// Those of who did it.
    Actor,
    /// Those of what it was done to.
    Target,
}

/// Entries of a store about one action from one time to another, by whose they are.
pub async fn tally(
    reader: &Read,
    store: StoreId,
    action: &str,
    (from, to): (i64, i64),
    by: By,
) -> Result<Vec<(String, i64)>> {
    #[derive(FromQueryResult)]
    struct Row {
        whose: String,
        count: i64,
    }
    let wanted = Wanted {
        from: Some(from),
        to: Some(to),
        ..Wanted::default()
    };
    let span = log::span(reader, &wanted, None).await?;
    let column = match by {
        By::Actor => "actor",
        By::Target => "target",
    };
    let rows: Vec<Row> = Sql::new("SELECT ")
        .push(column)
        .push(" AS whose, COUNT(*) AS count FROM operation_log WHERE action = ")
        .arg(action)
        .push(" AND id > ")
        .arg(span.above)
        .push(" AND id < ")
        .arg(span.below)
        .push(" AND store_id = ")
        .arg(store.get())
        .push(" AND at >= ")
        .arg(from)
        .push(" AND at < ")
        .arg(to)
        .push(" GROUP BY ")
        .push(column)
        .all(reader)
        .await?;
    Ok(rows.into_iter().map(|row| (row.whose, row.count)).collect())
}
