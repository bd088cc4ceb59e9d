//! What a person decides about money the rules cannot decide about. Each decision is in the operation log.

use aisle_db::Tx;
use aisle_domain::money::Money;
use aisle_domain::payments::{AttemptState, Next, RefundState};
use aisle_domain::time::Instant;
use serde_json::json;
use uuid::Uuid;

use crate::catalog::Store;
use crate::http::Actor;
use crate::ops::{self, Operation};
use crate::payments::{self, Learnt, Moved, NewEvent, RefundRow, attempts, money_back};
use crate::{App, Error, Result, codes};

use super::{booking, pay_back};

/// Sends a refund that did not go through once more, under its number.
pub(super) async fn retry(app: &App, store: &Store, id: Uuid, actor: &Actor) -> Result<RefundRow> {
    let now = app.clock.now();
    let moved = Moved {
        state: RefundState::Requested,
        check_at: Some(now),
        gateway_no: None,
        error: ("", ""),
        actor: actor.name(),
    };
    let check = |row: &RefundRow| pay_back::goes_through_a_gateway(&row.method);
    change(app, store, id, (moved, check, actor, "retry")).await
}

/// The customer has the money, by another way.
pub(super) async fn settle(
    app: &App,
    store: &Store,
    id: Uuid,
    (actor, note): (&Actor, &str),
) -> Result<RefundRow> {
    let moved = Moved {
        state: RefundState::Settled,
        check_at: None,
        gateway_no: None,
        error: ("", note),
        actor: actor.name(),
    };
    change(app, store, id, (moved, |_| true, actor, note)).await
}

async fn change(
    app: &App,
    store: &Store,
    id: Uuid,
    (moved, check, actor, note): (Moved<'_>, impl Fn(&RefundRow) -> bool, &Actor, &str),
) -> Result<RefundRow> {
    let now = app.clock.now();
    let row = aisle_db::transact!(app.db, |tx| {
        let row = pay_back::locked(tx, store, id).await?;
        // The same decision sent again changes nothing.
        if row.state()? == moved.state {
            return Ok::<_, Error>(row);
        }
        if row.state()? != RefundState::Abnormal || !check(&row) {
            return Err(certain(&row.state));
        }
        money_back::move_on(tx, &row, &moved, now).await?;
        pay_back::follow(tx, &row, moved.state).await?;
        let detail = json!({ "refund": id, "amount_fen": row.amount_fen, "to": moved.state.as_str(), "note": note });
        log(tx, actor, (row.order_id, detail), now).await?;
        pay_back::locked(tx, store, id).await
    })?;
    pay_back::tell(app, store, &row, moved.state);
    Ok(row)
}

/// Pays back what was paid in another amount than was asked for.
pub(super) async fn refund(app: &App, store: &Store, id: Uuid, actor: &Actor) -> Result<RefundRow> {
    let now = app.clock.now();
    aisle_db::transact!(app.db, |tx| {
        let (row, _) = booking::locked(tx, store, id).await?;
        if row.state()? != AttemptState::Differs {
            let before = money_back::of_payments(tx, store.id, &[id]).await?;
            let late = before.into_iter().find(|refund| refund.kind == "late");
            return late.ok_or_else(|| certain(&row.state));
        }
        let next = Next {
            state: AttemptState::LatePaid,
            check_at: None,
        };
        attempts::move_on(tx, &row, (next, now), &Learnt::default()).await?;
        let event = NewEvent {
            state: next.state.as_str(),
            at: now,
            actor: actor.name(),
            reason: "",
        };
        payments::insert_event(tx, (row.store_id, row.id), &event).await?;
        let captured = Money::from_fen(row.captured_fen.unwrap_or(row.amount_fen));
        pay_back::late(tx, &row, captured, now).await?;
        let detail =
            json!({ "payment": id, "captured_fen": captured, "asked_fen": row.amount_fen });
        log(tx, actor, (row.order_id, detail), now).await?;
        let refunds = money_back::of_payments(tx, store.id, &[id]).await?;
        let late = refunds.into_iter().find(|refund| refund.kind == "late");
        late.ok_or_else(|| Error::code(&codes::NOT_FOUND))
    })
}

async fn log(
    tx: &Tx,
    actor: &Actor,
    (order, detail): (Uuid, serde_json::Value),
    now: Instant,
) -> Result<()> {
    let operation = Operation::of(actor, "payment.settle")
        .on(format!("order {order}"))
        .detail(detail);
    ops::record(tx, now, operation).await
}

fn certain(state: &str) -> Error {
    Error::with(&codes::PAYMENT_CERTAIN, vec![json!({ "state": state })])
}
