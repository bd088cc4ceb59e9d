//! SQL of what belongs to attempts and refunds alike: when they are looked at, their states, the calls about them.

use aisle_db::{Bulk, FromQueryResult, Source, Sql, Tx};
use aisle_domain::ids::StoreId;
use aisle_domain::time::Instant;
use aisle_pay::{Answer, Channel, Notice, Trace};
use uuid::Uuid;

use crate::clock::new_uuid;
use crate::{App, Error, Result};

/// Claims what is to be looked at: nobody else looks at it until `busy_until`. Soonest first. Where nothing is due
/// nothing is written.
pub async fn claim_due(
    app: &App,
    due: Due,
    (now, busy_until): (Instant, Instant),
    most: i64,
) -> Result<Vec<(StoreId, Uuid)>> {
    #[derive(FromQueryResult)]
    struct Row {
        store_id: i64,
        id: Uuid,
    }
    let found: Vec<Row> = Sql::new("SELECT store_id, id FROM ")
        .push(due.table())
        .push(" WHERE check_at <= ")
        .arg(now.0)
        .push(" AND busy_until <= ")
        .arg(now.0)
        .push(" ORDER BY check_at LIMIT ")
        .arg(most)
        .all(app.db.read_fresh())
        .await?;
    if found.is_empty() {
        return Ok(Vec::new());
    }
    aisle_db::transact!(app.db, |tx| {
        let mut mine = Vec::with_capacity(found.len());
        for row in &found {
            let changed = Sql::new("UPDATE ")
                .push(due.table())
                .push(" SET busy_until = ")
                .arg(busy_until.0)
                .push(" WHERE store_id = ")
                .arg(row.store_id)
                .push(" AND id = ")
                .arg(row.id)
                .push(" AND busy_until <= ")
                .arg(now.0)
                .run(tx)
                .await?;
            if changed == 1 {
                mine.push((StoreId(row.store_id), row.id));
            }
        }
        Ok::<_, Error>(mine)
    })
}

/// What has a time to be looked at.
#[derive(Debug, Clone, Copy)]
pub enum Due {
    /// Attempts to take money.
    Attempts,
    /// Money that goes back.
    Refunds,
}

impl Due {
    fn table(self) -> &'static str {
        match self {
            Due::Attempts => "payment_attempts",
            Due::Refunds => "payment_refunds",
        }
    }
}

/// A state an attempt or a refund came to.
#[derive(Debug, Clone)]
pub struct NewEvent<'a> {
    /// The state.
    pub state: &'a str,
    /// When.
    pub at: Instant,
    /// Who brought it there.
    pub actor: &'a str,
    /// Why.
    pub reason: &'a str,
}

/// Appends a state. Whoever calls holds the lock of the order.
pub async fn insert_event(tx: &Tx, (store, of): (i64, Uuid), event: &NewEvent<'_>) -> Result<()> {
    use std::iter::once as one;
    let before = Sql::new("SELECT COUNT(*) FROM payment_events WHERE store_id = ")
        .arg(store)
        .push(" AND ref_id = ")
        .arg(of)
        .number(tx)
        .await?;
    Bulk::into("payment_events")
        .same_bigint("store_id", store)
        .uuid("ref_id", one(of))
        .bigint("seq", one(before + 1))
        .text("state", one(event.state))
        .bigint("at", one(event.at.0))
        .text("actor", one(event.actor))
        .text("reason", one(event.reason))
        .insert(tx)
        .await?;
    Ok(())
}

/// A state with its time, as stored.
#[derive(Debug, Clone, FromQueryResult)]
pub struct EventRow {
    /// The state.
    pub state: String,
    /// When.
    pub at: i64,
    /// Who brought it there.
    pub actor: String,
    /// Why.
    pub reason: String,
}

/// Every state of an attempt or a refund, in the order of time.
pub async fn events(source: &impl Source, store: StoreId, of: Uuid) -> Result<Vec<EventRow>> {
    Ok(
        Sql::new("SELECT state, at, actor, reason FROM payment_events WHERE store_id = ")
            .arg(store.get())
            .push(" AND ref_id = ")
            .arg(of)
            .push(" ORDER BY seq")
            .all(source)
            .await?,
    )
}

/// A call that was made.
#[derive(Debug, Clone)]
pub struct NewCall {
    /// What was asked and answered.
    pub trace: Trace,
    /// `success`, `pending`, `declined`, `unknown`, `config`.
    pub result: &'static str,
    /// How long it took.
    pub took_ms: i64,
}

impl NewCall {
    /// The call behind an answer.
    pub fn of<T>(answer: &Answer<T>, took_ms: i64) -> NewCall {
        NewCall {
            trace: answer.trace.clone(),
            result: answer.outcome.as_str(),
            took_ms,
        }
    }
}

/// Writes a call down.
pub async fn insert_call(
    tx: &Tx,
    (store, of): (i64, Uuid),
    call: &NewCall,
    at: Instant,
) -> Result<()> {
    use std::iter::once as one;
    let trace = &call.trace;
    Bulk::into("payment_calls")
        .same_bigint("store_id", store)
        .uuid("ref_id", one(of))
        .uuid("id", one(new_uuid()))
        .text("operation", one(trace.operation))
        .text("result", one(call.result))
        .bigint_opt("http_status", one(trace.http_status.map(i64::from)))
        .text("code", one(trace.code.as_str()))
        .text("request_id", one(trace.request_id.as_str()))
        .bigint("took_ms", one(call.took_ms))
        .bigint("at", one(at.0))
        .insert(tx)
        .await?;
    Ok(())
}

/// A call as stored.
#[derive(Debug, Clone, FromQueryResult)]
pub struct CallRow {
    /// What was asked.
    pub operation: String,
    /// What is known since.
    pub result: String,
    /// The status, when there was an answer.
    pub http_status: Option<i64>,
    /// The gateway's code.
    pub code: String,
    /// What the gateway calls this call.
    pub request_id: String,
    /// How long it took.
    pub took_ms: i64,
    /// When it ended.
    pub at: i64,
}

/// The calls about an attempt or a refund, the newest first, at most 100.
pub async fn calls(source: &impl Source, store: StoreId, of: Uuid) -> Result<Vec<CallRow>> {
    Ok(Sql::new("SELECT operation, result, http_status, code, request_id, took_ms, at FROM payment_calls WHERE store_id = ")
        .arg(store.get())
        .push(" AND ref_id = ")
        .arg(of)
        .push(" ORDER BY id DESC LIMIT 100")
        .all(source)
        .await?)
}

/// A report of a gateway.
#[derive(Debug)]
pub struct NewNotice<'a> {
    /// Whose.
    pub channel: Channel,
    /// What it says.
    pub notice: &'a Notice,
    /// As it came.
    pub body: &'a str,
    /// When.
    pub received_at: Instant,
}

/// Keeps a report; false when it was kept before.
pub async fn keep_notice(app: &App, store: StoreId, new: &NewNotice<'_>) -> Result<bool> {
    let added = aisle_db::transact!(app.db, |tx| {
        Sql::new("INSERT INTO payment_notices (channel, event_id, store_id, trade_no, body, received_at) VALUES (")
            .arg(new.channel.as_str())
            .push(", ")
            .arg(new.notice.event_id.as_str())
            .push(", ")
            .arg(store.get())
            .push(", ")
            .arg(new.notice.trade_no.as_str())
            .push(", ")
            .arg(new.body)
            .push(", ")
            .arg(new.received_at.0)
            .push(") ON CONFLICT (channel, event_id) DO NOTHING")
            .run(tx)
            .await
            .map_err(Error::from)
    })?;
    Ok(added == 1)
}
