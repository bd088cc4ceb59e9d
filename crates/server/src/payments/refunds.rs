//! SQL of money that goes back.

use aisle_db::{Bulk, FromQueryResult, Source, Sql, Tx};
use aisle_domain::ids::StoreId;
use aisle_domain::payments::RefundState;
use aisle_domain::time::Instant;
use uuid::Uuid;

use crate::{Error, Result};

use super::record::{self, NewEvent};

/// Money that goes back, as stored.
#[derive(Debug, Clone, FromQueryResult)]
pub struct RefundRow {
    /// The store.
    pub store_id: i64,
    /// Of the refund; its number at the gateway is made of it.
    pub id: Uuid,
    /// The order.
    pub order_id: Uuid,
    /// The payment it goes back to.
    pub payment_id: Uuid,
    /// The return it is for.
    pub return_id: Option<Uuid>,
    /// `return`, `cancel` (the order was given up) or `late` (nobody waited for the money).
    pub kind: String,
    /// How it was paid: `cash`, `wechat` …
    pub method: String,
    /// How much.
    pub amount_fen: i64,
    /// Where it stands.
    pub state: String,
    /// The gateway's number.
    pub gateway_no: Option<String>,
    /// Why.
    pub reason: String,
    /// Who asked for it.
    pub actor: String,
    /// When.
    pub created_at: i64,
    /// When it is looked at again.
    pub check_at: Option<i64>,
    /// Looks so far.
    pub checks: i64,
    /// When it was over.
    pub finished_at: Option<i64>,
    /// Why it did not go through.
    pub error_code: String,
    /// The gateway's words.
    pub error_text: String,
}

const COLUMNS: &str = "store_id, id, order_id, payment_id, return_id, kind, method, amount_fen, state, gateway_no, \
     reason, actor, created_at, check_at, checks, finished_at, error_code, error_text";

impl RefundRow {
    /// Where it stands.
    pub fn state(&self) -> Result<RefundState> {
        RefundState::parse(&self.state).ok_or_else(|| self.bad("state"))
    }

    fn bad(&self, column: &'static str) -> Error {
        aisle_db::DbError::BadRow {
            table: "payment_refunds",
            id: self.id.to_string(),
            column,
        }
        .into()
    }
}

fn refunds(store: StoreId) -> Sql {
    Sql::new("SELECT ")
        .push(COLUMNS)
        .push(" FROM payment_refunds WHERE store_id = ")
        .arg(store.get())
}

/// One refund of this store.
pub async fn refund(source: &impl Source, store: StoreId, id: Uuid) -> Result<Option<RefundRow>> {
    Ok(refunds(store)
        .push(" AND id = ")
        .arg(id)
        .one(source)
        .await?)
}

/// What goes or went back to these payments, in the order of time.
pub async fn of_payments(
    source: &impl Source,
    store: StoreId,
    payments: &[Uuid],
) -> Result<Vec<RefundRow>> {
    let mut rows: Vec<RefundRow> = Sql::look_up(
        source,
        (COLUMNS, "payment_refunds"),
        &[("store_id", store.get())],
        ("payment_id", payments),
    )
    .all(source)
    .await?;
    rows.sort_by_key(|row| (row.created_at, row.id));
    Ok(rows)
}

/// Refunds of a store, newest first: those that are not with the customer, or all; from a place on, so many.
pub async fn list(
    source: &impl Source,
    store: StoreId,
    (is_open, before, limit): (bool, Option<(i64, Uuid)>, usize),
) -> Result<Vec<RefundRow>> {
    let mut sql = refunds(store);
    if is_open {
        sql = sql.push(" AND state IN ('requested', 'processing', 'abnormal')");
    }
    Ok(sql
        .behind(("created_at", "id"), before)
        .push(" ORDER BY created_at DESC, id DESC LIMIT ")
        .arg(i64::try_from(limit).unwrap_or(i64::MAX))
        .all(source)
        .await?)
}

/// Writes a refund down; it is sent when its time has come.
pub async fn insert(tx: &Tx, row: &RefundRow) -> Result<()> {
    use std::iter::once as one;
    Bulk::into("payment_refunds")
        .same_bigint("store_id", row.store_id)
        .uuid("id", one(row.id))
        .uuid("order_id", one(row.order_id))
        .uuid("payment_id", one(row.payment_id))
        .uuid_opt("return_id", one(row.return_id))
        .text("kind", one(row.kind.as_str()))
        .text("method", one(row.method.as_str()))
        .bigint("amount_fen", one(row.amount_fen))
        .text("state", one(row.state.as_str()))
        .text("refund_no", one(row.id.simple().to_string()))
        .text("reason", one(row.reason.as_str()))
        .text("actor", one(row.actor.as_str()))
        .bigint("created_at", one(row.created_at))
        .bigint_opt("check_at", one(row.check_at))
        .bigint_opt("finished_at", one(row.finished_at))
        .text("error_code", one(row.error_code.as_str()))
        .insert(tx)
        .await?;
    let event = NewEvent {
        state: &row.state,
        at: Instant(row.created_at),
        actor: &row.actor,
        reason: &row.reason,
    };
    record::insert_event(tx, (row.store_id, row.id), &event).await
}

/// What is new of a refund.
#[derive(Debug, Clone, Copy)]
pub struct Moved<'a> {
    /// Where it stands now.
    pub state: RefundState,
    /// When it is looked at again.
    pub check_at: Option<Instant>,
    /// The gateway's number, when it told one.
    pub gateway_no: Option<&'a str>,
    /// Code and words of what went wrong.
    pub error: (&'a str, &'a str),
    /// Who moved it.
    pub actor: &'a str,
}

/// Moves a refund on.
pub async fn move_on(tx: &Tx, row: &RefundRow, moved: &Moved<'_>, now: Instant) -> Result<()> {
    let is_over = matches!(moved.state, RefundState::Succeeded | RefundState::Settled);
    Sql::new("UPDATE payment_refunds SET busy_until = 0, state = ")
        .arg(moved.state.as_str())
        .push(", check_at = ")
        .arg(moved.check_at.map(|at| at.0))
        .push(", checks = ")
        .arg(row.checks + 1)
        .push(", finished_at = ")
        .arg(is_over.then_some(now.0))
        .push(", gateway_no = ")
        .arg(moved.gateway_no.or(row.gateway_no.as_deref()))
        .push(", error_code = ")
        .arg(moved.error.0)
        .push(", error_text = ")
        .arg(moved.error.1)
        .push(" WHERE store_id = ")
        .arg(row.store_id)
        .push(" AND id = ")
        .arg(row.id)
        .run(tx)
        .await?;
    if row.state != moved.state.as_str() {
        let event = NewEvent {
            state: moved.state.as_str(),
            at: now,
            actor: moved.actor,
            reason: moved.error.0,
        };
        record::insert_event(tx, (row.store_id, row.id), &event).await?;
    }
    Ok(())
}
