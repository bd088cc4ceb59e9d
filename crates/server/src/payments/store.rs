//! SQL of attempts.

use aisle_db::{Bulk, FromQueryResult, Source, Sql, Tx};
use aisle_domain::ids::StoreId;
use aisle_domain::money::Money;
use aisle_domain::payments::{Attempt, AttemptState, Next, Product};
use aisle_domain::time::Instant;
use aisle_pay::{Capture, Channel, Failure, TradeNo};
use uuid::Uuid;

use crate::{Error, Result};

/// An attempt as stored, with the payment it is.
#[derive(Debug, Clone, FromQueryResult)]
pub struct AttemptRow {
    /// The store.
    pub store_id: i64,
    /// Of the payment.
    pub id: Uuid,
    /// The order it pays.
    pub order_id: Uuid,
    /// The request that began it.
    pub request_hash: String,
    /// `wechat` or `alipay`.
    pub channel: String,
    /// How the customer pays.
    pub product: String,
    /// The till.
    pub terminal_no: i64,
    /// Who began it.
    pub actor: String,
    /// When it was begun.
    pub created_at: i64,
    /// When it was sent.
    pub dispatched_at: Option<i64>,
    /// When the customer's time is over.
    pub expires_at: i64,
    /// When it is looked at again.
    pub check_at: Option<i64>,
    /// Looks since its state began.
    pub checks: i64,
    /// When it was over.
    pub finished_at: Option<i64>,
    /// What the customer scans.
    pub qr: Option<String>,
    /// The gateway's number.
    pub gateway_no: Option<String>,
    /// Who paid, masked.
    pub payer: String,
    /// What the gateway says was paid.
    pub captured_fen: Option<i64>,
    /// What the channel takes.
    pub fee_fen: Option<i64>,
    /// Why it failed or is not known.
    pub error_code: String,
    /// The gateway's words.
    pub error_text: String,
    /// Where it stands.
    pub state: String,
    /// What was asked for.
    pub amount_fen: i64,
}

const ATTEMPT: &str = "SELECT a.store_id, a.id, a.order_id, a.request_hash, a.channel, a.product, a.terminal_no, a.actor, \
     a.created_at, a.dispatched_at, a.expires_at, a.check_at, a.checks, a.finished_at, a.qr, a.gateway_no, a.payer, \
     a.captured_fen, a.fee_fen, a.error_code, a.error_text, p.status AS state, p.amount_fen \
     FROM payment_attempts a JOIN payments p ON p.store_id = a.store_id AND p.order_id = a.order_id AND p.id = a.id";

impl AttemptRow {
    /// As the rules see it.
    pub fn attempt(&self) -> Result<Attempt> {
        Ok(Attempt {
            state: self.state()?,
            product: Product::parse(&self.product).ok_or_else(|| self.bad("product"))?,
            amount: Money::from_fen(self.amount_fen),
            dispatched_at: Instant(self.dispatched_at.unwrap_or(self.created_at)),
            expires_at: Instant(self.expires_at),
            checks: self.checks,
        })
    }

    /// Where it stands.
    pub fn state(&self) -> Result<AttemptState> {
        AttemptState::parse(&self.state).ok_or_else(|| self.bad("status"))
    }

    /// Whose it is.
    pub fn channel(&self) -> Result<Channel> {
        Channel::parse(&self.channel).ok_or_else(|| self.bad("channel"))
    }

    /// Its number at the gateway.
    pub fn trade_no(&self) -> Result<TradeNo> {
        trade_no(self.id).ok_or_else(|| self.bad("id"))
    }

    fn bad(&self, column: &'static str) -> Error {
        aisle_db::DbError::BadRow {
            table: "payment_attempts",
            id: self.id.to_string(),
            column,
        }
        .into()
    }
}

/// The number an attempt or a refund has at a gateway: its identity without dashes.
pub fn trade_no(id: Uuid) -> Option<TradeNo> {
    TradeNo::parse(&id.simple().to_string())
}

/// Whose number this is.
pub fn of_trade_no(text: &str) -> Option<Uuid> {
    Uuid::try_parse(text).ok()
}

fn attempts(condition: &str) -> Sql {
    Sql::new(ATTEMPT).push(condition)
}

/// One attempt of this store.
pub async fn attempt(source: &impl Source, store: StoreId, id: Uuid) -> Result<Option<AttemptRow>> {
    Ok(attempts(" WHERE a.store_id = ")
        .arg(store.get())
        .push(" AND a.id = ")
        .arg(id)
        .one(source)
        .await?)
}

/// All attempts for an order, in the order of time.
pub async fn of_order(
    source: &impl Source,
    store: StoreId,
    order: Uuid,
) -> Result<Vec<AttemptRow>> {
    Ok(attempts(" WHERE a.store_id = ")
        .arg(store.get())
        .push(" AND a.order_id = ")
        .arg(order)
        .push(" ORDER BY a.created_at, a.id")
        .all(source)
        .await?)
}

/// Writes a new attempt down. Nothing is sent before this is committed.
pub async fn insert(tx: &Tx, row: &AttemptRow, merchant: &str) -> Result<()> {
    use std::iter::once as one;
    Bulk::into("payments")
        .same_bigint("store_id", row.store_id)
        .uuid("order_id", one(row.order_id))
        .uuid("id", one(row.id))
        .text("method", one(row.channel.as_str()))
        .text("status", one(row.state.as_str()))
        .bigint("amount_fen", one(row.amount_fen))
        .bigint("tendered_fen", one(row.amount_fen))
        .bigint("change_fen", one(0))
        .bigint("created_at", one(row.created_at))
        .insert(tx)
        .await?;
    Bulk::into("payment_attempts")
        .same_bigint("store_id", row.store_id)
        .uuid("id", one(row.id))
        .uuid("order_id", one(row.order_id))
        .text("request_hash", one(row.request_hash.as_str()))
        .text("channel", one(row.channel.as_str()))
        .text("product", one(row.product.as_str()))
        .text("merchant", one(merchant))
        .text("trade_no", one(row.id.simple().to_string()))
        .bigint("terminal_no", one(row.terminal_no))
        .text("actor", one(row.actor.as_str()))
        .bigint("created_at", one(row.created_at))
        .bigint("expires_at", one(row.expires_at))
        .bigint_opt("check_at", one(row.check_at))
        .insert(tx)
        .await?;
    Ok(())
}

/// Claims a prepared attempt for sending; false when it is not to be sent any more.
pub async fn dispatch(
    tx: &Tx,
    row: &AttemptRow,
    (now, busy_until): (Instant, Instant),
) -> Result<bool> {
    let changed = Sql::new(
        "UPDATE payments SET status = 'dispatched' WHERE status = 'prepared' AND store_id = ",
    )
    .arg(row.store_id)
    .push(" AND order_id = ")
    .arg(row.order_id)
    .push(" AND id = ")
    .arg(row.id)
    .run(tx)
    .await?;
    if changed == 0 {
        return Ok(false);
    }
    Sql::new("UPDATE payment_attempts SET dispatched_at = ")
        .arg(now.0)
        .push(", check_at = ")
        .arg(busy_until.0)
        .push(", busy_until = ")
        .arg(busy_until.0)
        .push(" WHERE store_id = ")
        .arg(row.store_id)
        .push(" AND id = ")
        .arg(row.id)
        .run(tx)
        .await?;
    Ok(true)
}

/// What was learnt of an attempt.
#[derive(Debug, Clone, Default)]
pub struct Learnt<'a> {
    /// The payment, when there was one.
    pub capture: Option<&'a Capture>,
    /// What the channel takes of it.
    pub fee: Option<Money>,
    /// Why it failed or is not known.
    pub failure: Option<&'a Failure>,
}

/// Moves an attempt on.
pub async fn move_on(
    tx: &Tx,
    row: &AttemptRow,
    (next, now): (Next, Instant),
    learnt: &Learnt<'_>,
) -> Result<()> {
    let is_same = row.state == next.state.as_str();
    if !is_same {
        Sql::new("UPDATE payments SET status = ")
            .arg(next.state.as_str())
            .push(" WHERE store_id = ")
            .arg(row.store_id)
            .push(" AND order_id = ")
            .arg(row.order_id)
            .push(" AND id = ")
            .arg(row.id)
            .run(tx)
            .await?;
    }
    let finished = if next.state.is_over() {
        row.finished_at.or(Some(now.0))
    } else {
        None
    };
    let mut update = Sql::new("UPDATE payment_attempts SET busy_until = 0, check_at = ")
        .arg(next.check_at.map(|at| at.0))
        .push(", checks = ")
        .arg(if is_same { row.checks + 1 } else { 0 })
        .push(", finished_at = ")
        .arg(finished);
    if let Some(capture) = learnt.capture {
        update = update
            .push(", gateway_no = ")
            .arg(capture.gateway_no.as_str())
            .push(", payer = ")
            .arg(capture.payer.as_str())
            .push(", captured_fen = ")
            .arg(capture.amount.fen())
            .push(", fee_fen = ")
            .arg(learnt.fee.map(Money::fen));
    }
    if let Some(failure) = learnt.failure {
        update = update
            .push(", error_code = ")
            .arg(failure.code.as_str())
            .push(", error_text = ")
            .arg(failure.message.as_str());
    }
    update
        .push(" WHERE store_id = ")
        .arg(row.store_id)
        .push(" AND id = ")
        .arg(row.id)
        .run(tx)
        .await?;
    Ok(())
}

/// Keeps what the customer scans.
pub async fn set_qr(tx: &Tx, row: &AttemptRow, qr: &str) -> Result<()> {
    Sql::new("UPDATE payment_attempts SET qr = ")
        .arg(qr)
        .push(" WHERE store_id = ")
        .arg(row.store_id)
        .push(" AND id = ")
        .arg(row.id)
        .run(tx)
        .await?;
    Ok(())
}
