//! Money nobody is certain of, and finding a payment a customer says was made.

use aisle_db::{FromQueryResult, Read, Sql};
use aisle_domain::ids::StoreId;
use aisle_domain::order::order_no;
use aisle_domain::payments::{AttemptState, due};
use aisle_domain::time::{BusinessDay, Instant};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::Result;

/// States nobody is certain of; for `IN`, as the index has them.
const DOUBTFUL: &str =
    "('prepared', 'dispatched', 'user_paying', 'unknown', 'reversing', 'differs')";

/// Which payments are asked for.
#[derive(Debug, Default)]
pub(super) struct Wanted {
    pub(super) is_doubtful: bool,
    pub(super) method: Option<String>,
    pub(super) amount: Option<i64>,
    pub(super) from: Option<i64>,
    pub(super) to: Option<i64>,
    /// The last digits of either number.
    pub(super) tail: Option<String>,
    /// Only those before this one.
    pub(super) before: Option<(i64, Uuid)>,
}

/// A payment as found.
#[derive(Debug, FromQueryResult)]
pub(super) struct Found {
    pub(super) id: Uuid,
    pub(super) created_at: i64,
    order_id: Uuid,
    business_day: i64,
    order_terminal_no: i64,
    seq: i64,
    order_state: String,
    channel: String,
    product: String,
    state: String,
    amount_fen: i64,
    captured_fen: Option<i64>,
    gateway_no: Option<String>,
    payer: String,
    actor: String,
    check_at: Option<i64>,
    checks: i64,
    error_code: String,
    error_text: String,
}

/// A payment through a gateway, in a list.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct DoubtRow {
    id: Uuid,
    order_id: Uuid,
    order_no: String,
    /// Where the order stands.
    order_status: String,
    method: String,
    product: String,
    /// As in `AttemptView`.
    state: String,
    /// As in `PaymentView`.
    status: String,
    amount_fen: i64,
    captured_fen: Option<i64>,
    gateway_no: Option<String>,
    trade_no: String,
    payer: String,
    actor: String,
    created_at: String,
    age_s: i64,
    /// What happens next by itself: `query`, `give_up`, `drop`; absent: nothing, a person has to act.
    next_step: Option<String>,
    check_at: Option<String>,
    checks: i64,
    error_code: String,
    error_text: String,
}

/// Payments of a store, newest first.
pub(super) async fn payments(
    reader: &Read,
    store: StoreId,
    wanted: Wanted,
    limit: usize,
) -> Result<Vec<Found>> {
    let mut sql = Sql::new(
        "SELECT a.id, a.created_at, a.order_id, o.business_day, o.terminal_no AS order_terminal_no, o.seq, \
         o.state AS order_state, a.channel, a.product, p.status AS state, p.amount_fen, a.captured_fen, a.gateway_no, \
         a.payer, a.actor, a.check_at, a.checks, a.error_code, a.error_text FROM payments p \
         JOIN payment_attempts a ON a.store_id = p.store_id AND a.id = p.id \
         JOIN orders o ON o.store_id = p.store_id AND o.id = p.order_id WHERE p.store_id = ",
    )
    .arg(store.get());
    if wanted.is_doubtful {
        sql = sql.push(" AND p.status IN ").push(DOUBTFUL);
    }
    if let Some(tail) = &wanted.tail {
        let like = format!("%{}", tail.to_ascii_lowercase());
        sql = sql
            .push(" AND (LOWER(a.gateway_no) LIKE ")
            .arg(like.as_str())
            .push(" OR a.trade_no LIKE ")
            .arg(like.as_str())
            .push(")");
    }
    Ok(sql
        .behind(("a.created_at", "a.id"), wanted.before)
        .opt(" AND a.channel = ", wanted.method)
        .opt(" AND p.amount_fen = ", wanted.amount)
        .opt(" AND a.created_at >= ", wanted.from)
        .opt(" AND a.created_at < ", wanted.to)
        .push(" ORDER BY a.created_at DESC, a.id DESC LIMIT ")
        .arg(i64::try_from(limit).unwrap_or(i64::MAX))
        .all(reader)
        .await?)
}

impl DoubtRow {
    pub(super) fn of(row: Found, now: Instant) -> DoubtRow {
        let state = AttemptState::parse(&row.state);
        let step = state.and_then(due).filter(|_| row.check_at.is_some());
        DoubtRow {
            order_no: order_no(
                BusinessDay(row.business_day),
                row.order_terminal_no,
                row.seq,
            ),
            status: state.map_or("unknown", AttemptState::told).to_owned(),
            trade_no: row.id.simple().to_string(),
            next_step: step.map(|step| step.as_str().to_owned()),
            age_s: (now.0 - row.created_at).max(0) / 1000,
            created_at: Instant(row.created_at).to_rfc3339(),
            check_at: row.check_at.map(|at| Instant(at).to_rfc3339()),
            id: row.id,
            order_id: row.order_id,
            order_status: row.order_state,
            method: row.channel,
            product: row.product,
            state: row.state,
            amount_fen: row.amount_fen,
            captured_fen: row.captured_fen,
            gateway_no: row.gateway_no,
            payer: row.payer,
            actor: row.actor,
            checks: row.checks,
            error_code: row.error_code,
            error_text: row.error_text,
        }
    }
}
