//! A product's past: the ledger chain, newest first, and its days.

use aisle_db::{FromQueryResult, Read, Sql};
use aisle_domain::ids::{ProductId, StoreId};
use aisle_domain::inventory::Reason;
use uuid::Uuid;

use crate::Result;

/// Entries one look back may walk over.
const WALK_MAX: i64 = 50_000;

/// One ledger entry.
#[derive(Debug, FromQueryResult)]
pub(super) struct EntryRow {
    pub(super) id: i64,
    pub(super) at: i64,
    pub(super) happened_at: Option<i64>,
    pub(super) reason: String,
    pub(super) delta_milli: i64,
    pub(super) balance_milli: i64,
    pub(super) ref_id: Option<Uuid>,
    pub(super) actor: String,
    pub(super) note: String,
    /// The order behind it, also that of which goods came back: `day-till-seq`.
    pub(super) order_id: Option<Uuid>,
    pub(super) business_day: Option<i64>,
    pub(super) terminal_no: Option<i64>,
    pub(super) seq: Option<i64>,
}

/// What part of the past is asked for.
#[derive(Debug, Default)]
pub(super) struct Past {
    pub(super) from: Option<i64>,
    pub(super) to: Option<i64>,
    pub(super) reason: Option<Reason>,
    /// Only entries before this one.
    pub(super) before: Option<i64>,
}

/// The entries of one product, newest first.
pub(super) async fn entries(
    reader: &Read,
    store: StoreId,
    product: ProductId,
    past: &Past,
    limit: usize,
) -> Result<Vec<EntryRow>> {
    Ok(chain(store, product, past.from)
        .push(
            "SELECT c.id, c.at, c.happened_at, c.reason, c.delta_milli, c.balance_milli, c.ref_id, c.actor, c.note, \
             o.id AS order_id, o.business_day, o.terminal_no, o.seq FROM chain c \
             LEFT JOIN order_returns r ON r.id = c.ref_id AND r.store_id = ",
        )
        .arg(store.get())
        .push(" LEFT JOIN orders o ON o.id = COALESCE(r.order_id, c.ref_id) AND o.store_id = ")
        .arg(store.get())
        .push(" WHERE 1 = 1")
        .opt(" AND c.at <= ", past.to)
        .opt(" AND c.at >= ", past.from)
        .opt(" AND c.reason = ", past.reason.map(Reason::as_str))
        .opt(" AND c.id < ", past.before)
        .push(" ORDER BY c.id DESC LIMIT ")
        .arg(i64::try_from(limit).unwrap_or(i64::MAX))
        .all(reader)
        .await?)
}

/// What went in and out at one instant's entry.
#[derive(Debug, FromQueryResult)]
pub(super) struct Step {
    pub(super) at: i64,
    pub(super) delta_milli: i64,
    pub(super) balance_milli: i64,
}

/// Every change since `from`, oldest first.
pub(super) async fn steps(
    reader: &Read,
    store: StoreId,
    product: ProductId,
    from: i64,
) -> Result<Vec<Step>> {
    Ok(chain(store, product, Some(from))
        .push("SELECT c.at, c.delta_milli, c.balance_milli FROM chain c WHERE c.at >= ")
        .arg(from)
        .push(" ORDER BY c.id")
        .all(reader)
        .await?)
}

/// Walks from the level's last entry back to the first one before `from`.
fn chain(store: StoreId, product: ProductId, from: Option<i64>) -> Sql {
    let columns = "l.id, l.prev_id, l.at, l.happened_at, l.reason, l.delta_milli, \
                   l.balance_milli, l.ref_id, l.actor, l.note";
    Sql::new("WITH RECURSIVE chain AS (SELECT ")
        .push(columns)
        .push(
            ", 1 AS depth FROM stock_levels s JOIN stock_ledger l ON l.store_id = s.store_id \
             AND l.id = s.last_entry_id WHERE s.store_id = ",
        )
        .arg(store.get())
        .push(" AND s.product_id = ")
        .arg(product.get())
        .push(" UNION ALL SELECT ")
        .push(columns)
        .push(", c.depth + 1 FROM chain c JOIN stock_ledger l ON l.store_id = ")
        .arg(store.get())
        .push(" AND l.id = c.prev_id WHERE c.depth < ")
        .arg(WALK_MAX)
        .opt(" AND c.at >= ", from)
        .push(") ")
}
