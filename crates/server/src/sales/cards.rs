//! Card payments whose terminal is not connected: the record on its slip, typed in.
//!
//! Promises: one slip pays once; nothing of a card is kept but its last four digits.

use aisle_db::{Bulk, Sql, Tx};
use aisle_pay::card::CardRecord;
use uuid::Uuid;

use crate::{Error, Result, codes};

/// Writes a slip down. One that was used before is refused.
pub(super) async fn insert(tx: &Tx, store: i64, payment: Uuid, slip: &CardRecord) -> Result<()> {
    use std::iter::once as one;
    let used = Sql::new("SELECT COUNT(*) FROM payment_cards WHERE store_id = ")
        .arg(store)
        .push(" AND terminal = ")
        .arg(slip.terminal())
        .push(" AND batch = ")
        .arg(slip.batch())
        .push(" AND trace = ")
        .arg(slip.trace())
        .number(tx)
        .await?;
    if used > 0 {
        return Err(Error::code(&codes::CARD_SLIP_USED));
    }
    // Of two at the same moment the second is refused by the index.
    Bulk::into("payment_cards")
        .same_bigint("store_id", store)
        .uuid("id", one(payment))
        .text("terminal", one(slip.terminal()))
        .text("batch", one(slip.batch()))
        .text("trace", one(slip.trace()))
        .text("rrn", one(slip.rrn()))
        .text("auth", one(slip.auth()))
        .text("last4", one(slip.last4()))
        .insert(tx)
        .await?;
    Ok(())
}
