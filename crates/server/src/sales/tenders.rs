//! The payments of an order, of every kind and state.

use aisle_db::{FromQueryResult, Source, Sql};
use aisle_domain::ids::StoreId;
use aisle_domain::money::Money;
use aisle_domain::payments::AttemptState;
use uuid::Uuid;

use crate::Result;

/// A payment as stored.
#[derive(Debug, Clone, FromQueryResult)]
pub(super) struct PaymentRow {
    pub(super) id: Uuid,
    pub(super) method: String,
    pub(super) status: String,
    pub(super) amount_fen: i64,
    pub(super) tendered_fen: i64,
    pub(super) change_fen: i64,
    pub(super) created_at: i64,
}

impl PaymentRow {
    /// Whether its money is ours.
    pub(super) fn is_succeeded(&self) -> bool {
        self.status == AttemptState::Succeeded.as_str()
    }

    /// Whether its money is waited for.
    pub(super) fn is_awaited(&self) -> bool {
        AttemptState::parse(&self.status).is_some_and(AttemptState::holds_its_amount)
    }

    /// Whether nothing will change any more.
    pub(super) fn is_over(&self) -> bool {
        AttemptState::parse(&self.status).is_some_and(AttemptState::is_over)
    }
}

/// What was paid for an order so far.
pub(super) async fn succeeded(source: &impl Source, store: StoreId, id: Uuid) -> Result<Money> {
    let paid = payments(source, store, id).await?;
    Ok(paid
        .iter()
        .filter(|payment| payment.is_succeeded())
        .map(|payment| Money::from_fen(payment.amount_fen))
        .sum())
}

/// The payments of an order.
pub(super) async fn payments(
    source: &impl Source,
    store: StoreId,
    id: Uuid,
) -> Result<Vec<PaymentRow>> {
    Ok(Sql::new(
        "SELECT id, method, status, amount_fen, tendered_fen, change_fen, created_at FROM payments WHERE store_id = ",
    )
    .arg(store.get())
    .push(" AND order_id = ")
    .arg(id)
    .push(" ORDER BY created_at, id")
    .all(source)
    .await?)
}
