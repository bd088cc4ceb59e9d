//! Money that goes back through the gateway it came from, until the customer has it.
//!
//! Promises: written down before it is sent; sent under one number however often; what does not go through by
//! itself waits for a person and is never forgotten.

use std::time::Instant as Stopwatch;

use aisle_db::{Sql, Tx};
use aisle_domain::ids::StoreId;
use aisle_domain::money::Money;
use aisle_domain::payments::{self as rules, RefundSeen, RefundState};
use aisle_domain::time::Instant;
use aisle_pay::{Answer, Channel, Failure, Gateway, Outcome, Refund};
use serde_json::json;
use uuid::Uuid;

use crate::catalog::Store;
use crate::clock::new_uuid;
use crate::payments::{self, AttemptRow, Moved, NewCall, RefundRow, attempts, money_back};
use crate::{App, Error, Result, codes};

use super::booking::SYSTEM;
use super::collect::{notify_url, took_ms};
use super::store;
use super::tenders::PaymentRow;

/// What an order that was given up is said to be.
const GIVEN_UP: &str = "order given up";
const LATE: &str = "paid too late";
/// The merchant's account at the gateway has too little for a refund just now.
const LOW_BALANCE: [&str; 3] = ["NOTENOUGH", "NOT_ENOUGH", "ACQ.SELLER_BALANCE_NOT_ENOUGH"];
/// Money that was paid in cash has to be handed back by a person.
pub(super) const CASH_DUE: &str = "cash_due";

/// Why money goes back.
#[derive(Debug, Clone, Copy)]
pub(super) enum Why<'a> {
    /// Goods came back.
    Return { id: Uuid, reason: &'a str },
    /// The order was given up after part of it was paid; cash was handed back when a person was there.
    Cancel { is_attended: bool },
}

/// Pays back what arrived when nobody waited for it.
pub(super) async fn late(tx: &Tx, row: &AttemptRow, amount: Money, now: Instant) -> Result<()> {
    money_back::insert(
        tx,
        &RefundRow {
            kind: "late".to_owned(),
            reason: LATE.to_owned(),
            ..new_row(
                (row.store_id, row.order_id, row.id),
                (&row.channel, amount),
                (SYSTEM, now),
            )
        },
    )
    .await
}

/// Pays back a payment, or part of one.
pub(super) async fn pay_back(
    tx: &Tx,
    (store, order): (StoreId, Uuid),
    (payment, method, amount): (Uuid, &str, Money),
    why: Why<'_>,
    (actor, now): (&str, Instant),
) -> Result<()> {
    let mut row = new_row(
        (store.get(), order, payment),
        (method, amount),
        (actor, now),
    );
    match why {
        Why::Return { id, reason } => {
            row.kind = "return".to_owned();
            row.return_id = Some(id);
            row.reason = reason.to_owned();
        }
        Why::Cancel { is_attended } => {
            row.kind = "cancel".to_owned();
            row.reason = GIVEN_UP.to_owned();
            if Channel::parse(method).is_none_or(|channel| channel == Channel::Card) {
                row.check_at = None;
                if is_attended {
                    row.state = RefundState::Settled.as_str().to_owned();
                    row.finished_at = Some(now.0);
                } else {
                    row.state = RefundState::Abnormal.as_str().to_owned();
                    row.error_code = CASH_DUE.to_owned();
                }
            }
        }
    }
    money_back::insert(tx, &row).await
}

/// Whether money of this method goes back through a gateway by itself.
pub(super) fn goes_through_a_gateway(method: &str) -> bool {
    Channel::parse(method).is_some_and(|channel| channel != Channel::Card)
}

fn new_row(
    (store_id, order_id, payment_id): (i64, Uuid, Uuid),
    (method, amount): (&str, Money),
    (actor, now): (&str, Instant),
) -> RefundRow {
    RefundRow {
        store_id,
        id: new_uuid(),
        order_id,
        payment_id,
        return_id: None,
        kind: String::new(),
        method: method.to_owned(),
        amount_fen: amount.fen(),
        state: RefundState::Requested.as_str().to_owned(),
        gateway_no: None,
        reason: String::new(),
        actor: actor.to_owned(),
        created_at: now.0,
        check_at: Some(now.0),
        checks: 0,
        finished_at: None,
        error_code: String::new(),
        error_text: String::new(),
    }
}

/// What was heard of a refund.
#[derive(Debug)]
pub(super) struct Heard {
    pub(super) seen: RefundSeen,
    pub(super) gateway_no: Option<String>,
    pub(super) failure: Failure,
    pub(super) call: Option<NewCall>,
}

impl Heard {
    /// Where the gateway says the refund stands.
    pub(super) fn of_state(state: aisle_pay::RefundState) -> Heard {
        let (seen, gateway_no) = match state {
            aisle_pay::RefundState::Done { gateway_no } => (RefundSeen::Done, Some(gateway_no)),
            aisle_pay::RefundState::Processing { gateway_no } => {
                (RefundSeen::Processing, Some(gateway_no))
            }
            aisle_pay::RefundState::Closed | aisle_pay::RefundState::Abnormal => {
                (RefundSeen::Abnormal, None)
            }
            aisle_pay::RefundState::Absent => (RefundSeen::Nothing, None),
        };
        Heard {
            seen,
            gateway_no,
            failure: Failure::default(),
            call: None,
        }
    }

    fn of(answer: Answer<aisle_pay::RefundState>, took_ms: i64) -> Heard {
        let failed = |seen, failure| Heard {
            seen,
            gateway_no: None,
            failure,
            call: None,
        };
        let call = NewCall::of(&answer, took_ms);
        let mut heard = match answer.outcome {
            Outcome::Success(state) => Heard::of_state(state),
            Outcome::Pending => failed(RefundSeen::Processing, Failure::default()),
            // There will be money again after the next sales.
            Outcome::Declined(failure) if LOW_BALANCE.contains(&&*failure.code) => {
                failed(RefundSeen::Nothing, failure)
            }
            Outcome::Declined(failure) => failed(RefundSeen::Declined, failure),
            // Somebody will mend the settings; the money is still owed.
            Outcome::Unknown(failure) | Outcome::Config(failure) => {
                failed(RefundSeen::Nothing, failure)
            }
        };
        heard.call = Some(call);
        heard
    }
}

/// Sends a refund, or asks after it.
pub(super) async fn look(app: &App, store: &Store, id: Uuid) -> Result<()> {
    let reader = app.db.read_fresh();
    let Some(row) = money_back::find(reader, store.id, id).await? else {
        return Ok(());
    };
    let Some(attempt) = attempts::find(reader, store.id, row.payment_id).await? else {
        return Ok(());
    };
    let way = app.ways.find(app, store.id, attempt.channel()?).await?;
    let refund = Refund {
        trade_no: attempt.trade_no()?,
        refund_no: attempts::trade_no(row.id).ok_or_else(|| Error::code(&codes::NOT_FOUND))?,
        amount: Money::from_fen(row.amount_fen),
        total: Money::from_fen(attempt.captured_fen.unwrap_or(attempt.amount_fen)),
        reason: row.reason.chars().take(40).collect(),
        notify_url: notify_url(app, store, attempt.channel()?),
    };
    let started = Stopwatch::now();
    let answer = match row.state()? {
        RefundState::Requested => way.client.refund(&refund).await,
        RefundState::Processing => way.client.query_refund(&refund).await,
        RefundState::Succeeded | RefundState::Abnormal | RefundState::Settled => return Ok(()),
    };
    let heard = Heard::of(answer, took_ms(started));
    way.heard(heard.seen != RefundSeen::Nothing, app.clock.now());
    book(app, store, id, &heard).await
}

/// Books what was heard of a refund.
pub(super) async fn book(app: &App, store: &Store, id: Uuid, heard: &Heard) -> Result<()> {
    let now = app.clock.now();
    let (row, state) = aisle_db::transact!(app.db, |tx| {
        let row = locked(tx, store, id).await?;
        let (state, check_at) = rules::refund_after(row.state()?, heard.seen, row.checks, now);
        let moved = Moved {
            state,
            check_at,
            gateway_no: heard.gateway_no.as_deref(),
            error: (&heard.failure.code, &heard.failure.message),
            actor: SYSTEM,
        };
        money_back::move_on(tx, &row, &moved, now).await?;
        if let Some(call) = &heard.call {
            payments::insert_call(tx, (row.store_id, row.id), call, now).await?;
        }
        follow(tx, &row, state).await?;
        Ok::<_, Error>((row, state))
    })?;
    if row.state != state.as_str() {
        tell(app, store, &row, state);
    }
    Ok(())
}

/// The refund, with its order locked until the transaction ends.
pub(super) async fn locked(tx: &Tx, store: &Store, id: Uuid) -> Result<RefundRow> {
    let absent = || Error::code(&codes::NOT_FOUND);
    let row = money_back::find(tx, store.id, id)
        .await?
        .ok_or_else(absent)?;
    store::order_locked(tx, store.id, row.order_id).await?;
    money_back::find(tx, store.id, id).await?.ok_or_else(absent)
}

/// The return it is for shows where its money is.
pub(super) async fn follow(tx: &Tx, row: &RefundRow, state: RefundState) -> Result<()> {
    let Some(return_id) = row.return_id else {
        return Ok(());
    };
    let status = match state {
        RefundState::Requested | RefundState::Processing => "pending",
        RefundState::Succeeded | RefundState::Settled => "succeeded",
        RefundState::Abnormal => "abnormal",
    };
    Sql::new("UPDATE refunds SET status = ")
        .arg(status)
        .push(" WHERE store_id = ")
        .arg(row.store_id)
        .push(" AND return_id = ")
        .arg(return_id)
        .push(" AND payment_id = ")
        .arg(row.payment_id)
        .run(tx)
        .await?;
    Ok(())
}

pub(super) fn tell(app: &App, store: &Store, row: &RefundRow, state: RefundState) {
    metrics::counter!("aisle_payment_refunds_total", "method" => row.method.clone(), "state" => state.as_str())
        .increment(1);
    let data = json!({ "id": row.id, "order_id": row.order_id, "status": state.as_str(),
        "amount_fen": row.amount_fen });
    app.events.publish_in(store.id, "payment.refund", data);
}

/// Pays everything back that was paid for an order that is given up.
pub(super) async fn pay_all_back(
    tx: &Tx,
    (store, order): (StoreId, Uuid),
    payments: &[PaymentRow],
    why: Why<'_>,
    (actor, now): (&str, Instant),
) -> Result<()> {
    let paid = payments.iter().filter(|payment| payment.is_succeeded());
    for payment in paid {
        let what = (
            payment.id,
            payment.method.as_str(),
            Money::from_fen(payment.amount_fen),
        );
        pay_back(tx, (store, order), what, why, (actor, now)).await?;
    }
    Ok(())
}
