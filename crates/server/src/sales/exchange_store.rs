//! SQL of exchanges.

use aisle_db::{FromQueryResult, Source, Sql, Tx};
use aisle_domain::ids::StoreId;
use aisle_domain::money::Money;
use aisle_domain::order::order_no;
use aisle_domain::time::{BusinessDay, Instant};
use uuid::Uuid;

use crate::Result;

use super::returns_store;

/// An exchange, both halves by identity and number.
#[derive(Debug, Clone, FromQueryResult)]
pub(super) struct ExchangeRow {
    pub(super) return_id: Uuid,
    /// The order something came back of.
    pub(super) from_order_id: Uuid,
    /// The order of what was taken along.
    pub(super) order_id: Uuid,
    pub(super) credit_fen: i64,
    return_day: i64,
    return_till: i64,
    return_seq: i64,
    order_day: i64,
    order_till: i64,
    order_seq: i64,
}

impl ExchangeRow {
    /// The number of the return.
    pub(super) fn return_no(&self) -> String {
        returns_store::number(self.return_day, self.return_till, self.return_seq)
    }

    /// The number of the order of what was taken along.
    pub(super) fn order_no(&self) -> String {
        order_no(BusinessDay(self.order_day), self.order_till, self.order_seq)
    }
}

const HALVES: &str = "SELECT x.return_id AS return_id, r.order_id AS from_order_id, x.order_id, x.credit_fen, x.created_at AS created_at, \
     r.business_day AS return_day, r.terminal_no AS return_till, r.seq AS return_seq, \
     o.business_day AS order_day, o.terminal_no AS order_till, o.seq AS order_seq FROM exchanges x \
     JOIN order_returns r ON r.store_id = x.store_id AND r.id = x.return_id \
     JOIN orders o ON o.store_id = x.store_id AND o.id = x.order_id";

/// Exchanges one of whose halves is this order. Each half is found by its own index.
pub(super) async fn of_order(
    source: &impl Source,
    store: StoreId,
    order: Uuid,
) -> Result<Vec<ExchangeRow>> {
    Ok(Sql::new(HALVES)
        .push(" WHERE x.store_id = ")
        .arg(store.get())
        .push(" AND x.order_id = ")
        .arg(order)
        .push(" UNION ALL ")
        .push(HALVES)
        .push(" WHERE r.store_id = ")
        .arg(store.get())
        .push(" AND r.order_id = ")
        .arg(order)
        .push(" ORDER BY created_at, return_id")
        .all(source)
        .await?)
}

/// Joins the halves.
pub(super) async fn insert(
    tx: &Tx,
    store: StoreId,
    (return_id, order_id): (Uuid, Uuid),
    (credit, at): (Money, Instant),
) -> Result<()> {
    Sql::new(
        "INSERT INTO exchanges (store_id, return_id, order_id, credit_fen, created_at) VALUES (",
    )
    .arg(store.get())
    .push(", ")
    .arg(return_id)
    .push(", ")
    .arg(order_id)
    .push(", ")
    .arg(credit.fen())
    .push(", ")
    .arg(at.0)
    .push(")")
    .run(tx)
    .await?;
    Ok(())
}
