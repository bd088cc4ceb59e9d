//! Numbers without gaps, shared by all servers.

use aisle_db::{Sql, Tx};

use crate::Result;

/// Takes `count` numbers of a counter inside the caller's transaction and answers the last of them.
/// Nobody else gets numbers of this counter until the transaction ends, so rolled-back numbers are
/// taken again. Taking none only waits for that turn.
pub async fn take_numbers(tx: &Tx, counter: &str, count: i64) -> Result<i64> {
    Ok(Sql::new("INSERT INTO counters (name, value) VALUES (")
        .arg(counter)
        .push(", ")
        .arg(count)
        .push(") ON CONFLICT (name) DO UPDATE SET value = counters.value + excluded.value RETURNING value")
        .number(tx)
        .await?)
}
