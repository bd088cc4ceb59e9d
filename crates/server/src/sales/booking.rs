//! What a gateway said about an attempt, booked: the attempt, its order, the goods and money that came too late
//! change in one transaction.
//!
//! Promises: the same report twice, or late, or out of order, ends in the same state; an order is paid by exactly
//! its total; what was captured and is not wanted is on its way back in the same commit.

use aisle_db::Tx;
use aisle_domain::checkout::Shelf;
use aisle_domain::money::Money;
use aisle_domain::order::OrderState;
use aisle_domain::payments::{self as rules, AttemptState, Seen};
use aisle_domain::time::Instant;
use aisle_pay::{Answer, Capture, Closing, Failure, Outcome, Trade};
use serde_json::json;
use uuid::Uuid;

use crate::catalog::Store;
use crate::payments::{self, AttemptRow, Learnt, NewCall, NewEvent, attempts};
use crate::{App, Error, Result, codes};

use super::checkout::tell_low_stock;
use super::store::{self, OrderRow};
use super::{pay_back, settle, tenders};

/// Who moves an attempt that nobody asks for.
pub(super) const SYSTEM: &str = "system";

/// What was heard of an attempt.
#[derive(Debug, Clone)]
pub(super) struct Heard {
    pub(super) seen: Seen,
    pub(super) capture: Option<Capture>,
    pub(super) failure: Option<Failure>,
    /// The code to scan, when one was made.
    pub(super) qr: Option<String>,
    /// The call that told it; a report by the gateway itself has none.
    pub(super) call: Option<NewCall>,
}

/// How an attempt stands after booking.
#[derive(Debug)]
pub(super) struct Booked {
    pub(super) state: AttemptState,
    /// When it is to be looked at again.
    pub(super) check_at: Option<Instant>,
}

impl Heard {
    /// Nothing but this.
    pub(super) fn only(seen: Seen) -> Heard {
        Heard {
            seen,
            capture: None,
            failure: None,
            qr: None,
            call: None,
        }
    }

    /// The answer to taking money from a code.
    pub(super) fn of_pay(answer: Answer<Capture>, took_ms: i64) -> Heard {
        Heard::of(answer, took_ms, |capture| {
            let mut heard = Heard::only(Seen::Paid(capture.amount));
            heard.capture = Some(capture);
            heard
        })
    }

    /// The answer to making a QR code.
    pub(super) fn of_qr(answer: Answer<aisle_pay::QrCode>, took_ms: i64) -> Heard {
        Heard::of(answer, took_ms, |code| {
            let mut heard = Heard::only(Seen::Waiting);
            heard.qr = Some(code.content);
            heard
        })
    }

    /// The answer to asking.
    pub(super) fn of_query(answer: Answer<Trade>, took_ms: i64) -> Heard {
        let mut heard = Heard::of(answer, took_ms, Heard::of_trade);
        // A question that is refused says nothing about the money.
        if heard.seen == Seen::Declined {
            heard.seen = Seen::Nothing;
        }
        heard
    }

    /// Where the gateway says the attempt stands.
    pub(super) fn of_trade(trade: Trade) -> Heard {
        match trade {
            Trade::Paid(capture) => {
                let mut heard = Heard::only(Seen::Paid(capture.amount));
                heard.capture = Some(capture);
                heard
            }
            Trade::Waiting => Heard::only(Seen::Waiting),
            // Whatever had been paid is not ours any more.
            Trade::Closed | Trade::Refunded(_) => Heard::only(Seen::Closed),
            Trade::Failed(failure) => {
                let mut heard = Heard::only(Seen::Broken);
                heard.failure = Some(failure);
                heard
            }
            Trade::Absent => Heard::only(Seen::Absent),
        }
    }

    /// The answer to giving it up; `None` when it was paid and has to be asked after.
    pub(super) fn of_closing(answer: Answer<Closing>, took_ms: i64) -> Option<Heard> {
        if answer.outcome == Outcome::Success(Closing::IsPaid) {
            return None;
        }
        let mut heard = Heard::of(answer, took_ms, |closing| {
            Heard::only(match closing {
                Closing::Done => Seen::GivenUp,
                Closing::Again | Closing::IsPaid => Seen::Again,
            })
        });
        if matches!(heard.seen, Seen::Declined | Seen::Waiting) {
            heard.seen = Seen::Again;
        }
        Some(heard)
    }

    fn of<T>(answer: Answer<T>, took_ms: i64, success: impl FnOnce(T) -> Heard) -> Heard {
        let call = NewCall::of(&answer, took_ms);
        let mut heard = match answer.outcome {
            Outcome::Success(value) => success(value),
            Outcome::Pending => Heard::only(Seen::Waiting),
            // Until somebody changes the settings no money moves.
            Outcome::Declined(failure) | Outcome::Config(failure) => {
                Heard::failed(Seen::Declined, failure)
            }
            Outcome::Unknown(failure) => Heard::failed(Seen::Nothing, failure),
        };
        heard.call = Some(call);
        heard
    }

    fn failed(seen: Seen, failure: Failure) -> Heard {
        let mut heard = Heard::only(seen);
        heard.failure = Some(failure);
        heard
    }

    /// Whether the gateway answered at all.
    pub(super) fn is_answered(&self) -> bool {
        self.seen != Seen::Nothing
    }
}

/// Books what was heard of an attempt.
pub(super) async fn book(
    app: &App,
    store: &Store,
    id: Uuid,
    heard: &Heard,
    actor: &str,
) -> Result<Booked> {
    let now = app.clock.now();
    let fee = match &heard.capture {
        Some(capture) => fee(app, store, id, capture.amount).await?,
        None => None,
    };
    let (booked, row, shelf) = aisle_db::transact!(app.db, |tx| {
        let (row, order) = locked(tx, store, id).await?;
        let sum = tenders::succeeded(tx, store.id, order.id).await?;
        let asked = Money::from_fen(row.amount_fen);
        let is_wanted =
            settle::is_waiting(&order, now)? && sum + asked <= Money::from_fen(order.total_fen);
        let next = rules::after(&row.attempt()?, heard.seen, is_wanted, now);
        let learnt = Learnt {
            capture: heard.capture.as_ref(),
            fee,
            failure: heard.failure.as_ref(),
        };
        attempts::move_on(tx, &row, (next, now), &learnt).await?;
        if let Some(qr) = &heard.qr {
            attempts::set_qr(tx, &row, qr).await?;
        }
        if let Some(call) = &heard.call {
            payments::insert_call(tx, (row.store_id, row.id), call, now).await?;
        }
        let shelf = if next.state.as_str() == row.state {
            None
        } else {
            note(tx, &row, next.state, heard, (now, actor)).await?;
            follow(app, tx, store, (&row, order, heard), (next.state, now)).await?
        };
        let booked = Booked {
            state: next.state,
            check_at: next.check_at,
        };
        Ok::<_, Error>((booked, row, shelf))
    })?;
    if let Some((shelf, order)) = shelf {
        tell_low_stock(app, store, &app.stock.commit(store.id, &shelf));
        settle::tell(app, store, &order, "order.paid");
    }
    if booked.state.as_str() != row.state {
        tell(app, store, &row, booked.state);
    }
    Ok(booked)
}

/// Gives an attempt up, as soon as the gateway lets us. Changes nothing once it is over.
pub(super) async fn give_up(app: &App, store: &Store, id: Uuid, actor: &str) -> Result<()> {
    let now = app.clock.now();
    let moved = aisle_db::transact!(app.db, |tx| {
        let (row, _) = locked(tx, store, id).await?;
        give_up_in(tx, &row, (now, actor))
            .await
            .map(|state| (row, state))
    })?;
    if let (row, Some(state)) = moved {
        tell(app, store, &row, state);
    }
    Ok(())
}

/// The same in a transaction that holds the lock of the order; the new state, when there is one.
pub(super) async fn give_up_in(
    tx: &Tx,
    row: &AttemptRow,
    (now, actor): (Instant, &str),
) -> Result<Option<AttemptState>> {
    let Some(next) = rules::give_up(&row.attempt()?, now) else {
        return Ok(None);
    };
    attempts::move_on(tx, row, (next, now), &Learnt::default()).await?;
    note(tx, row, next.state, &Heard::only(Seen::Again), (now, actor)).await?;
    Ok(Some(next.state))
}

/// The attempt and its order, locked until the transaction ends.
pub(super) async fn locked(tx: &Tx, store: &Store, id: Uuid) -> Result<(AttemptRow, OrderRow)> {
    let absent = || Error::code(&codes::NOT_FOUND);
    let order = attempts::find(tx, store.id, id)
        .await?
        .ok_or_else(absent)?
        .order_id;
    let order = store::order_locked(tx, store.id, order)
        .await?
        .ok_or_else(absent)?;
    let row = attempts::find(tx, store.id, id).await?.ok_or_else(absent)?;
    Ok((row, order))
}

async fn fee(app: &App, store: &Store, id: Uuid, amount: Money) -> Result<Option<Money>> {
    let Some(row) = attempts::find(app.db.read_fresh(), store.id, id).await? else {
        return Ok(None);
    };
    let way = app.ways.find(app, store.id, row.channel()?).await?;
    Ok(Some(way.fee.of(amount)))
}

async fn note(
    tx: &Tx,
    row: &AttemptRow,
    state: AttemptState,
    heard: &Heard,
    (at, actor): (Instant, &str),
) -> Result<()> {
    let event = NewEvent {
        state: state.as_str(),
        at,
        actor,
        reason: heard.failure.as_ref().map_or("", |failure| &failure.code),
    };
    payments::insert_event(tx, (row.store_id, row.id), &event).await
}

/// What a new state means for the order: the goods that left, when it is paid now.
async fn follow(
    app: &App,
    tx: &Tx,
    store: &Store,
    (row, mut order, heard): (&AttemptRow, OrderRow, &Heard),
    (state, now): (AttemptState, Instant),
) -> Result<Option<(Shelf, OrderRow)>> {
    match state {
        AttemptState::Succeeded => {
            let paid = tenders::succeeded(tx, store.id, order.id).await?;
            if paid < Money::from_fen(order.total_fen) {
                return Ok(None);
            }
            let shelf = settle::complete(app, tx, store, &mut order, (&row.actor, now)).await?;
            Ok(Some((shelf, order)))
        }
        AttemptState::LatePaid => {
            let captured = heard.capture.as_ref().map(|capture| capture.amount);
            let amount = captured.unwrap_or(Money::from_fen(row.amount_fen));
            pay_back::late(tx, row, amount, now).await?;
            Ok(None)
        }
        AttemptState::Prepared
        | AttemptState::Dispatched
        | AttemptState::UserPaying
        | AttemptState::Unknown
        | AttemptState::Reversing
        | AttemptState::Differs
        | AttemptState::Failed
        | AttemptState::Reversed => Ok(None),
    }
}

pub(super) fn tell(app: &App, store: &Store, row: &AttemptRow, state: AttemptState) {
    metrics::counter!("aisle_payment_attempts_total", "channel" => row.channel.clone(), "state" => state.as_str())
        .increment(1);
    let data = json!({ "id": row.id, "order_id": row.order_id, "status": state.told(),
        "amount_fen": row.amount_fen, "method": row.channel });
    let kind = match state {
        AttemptState::Succeeded => "payment.succeeded",
        AttemptState::LatePaid | AttemptState::Differs => "payment.doubtful",
        AttemptState::Prepared
        | AttemptState::Dispatched
        | AttemptState::UserPaying
        | AttemptState::Unknown
        | AttemptState::Reversing
        | AttemptState::Failed
        | AttemptState::Reversed => "payment.changed",
    };
    app.events.publish_in(store.id, kind, data);
}

/// Whether this order waits for money.
pub(super) fn ensure_waiting(order: &OrderRow) -> Result<()> {
    match settle::state(order)? {
        OrderState::Received => Ok(()),
        state => Err(Error::with(
            &codes::ORDER_NOT_PAYABLE,
            vec![json!({ "status": state })],
        )),
    }
}
