//! Taking money through a gateway: written down, sent, learnt, booked.
//!
//! Promises: nothing is sent that is not committed first; the same payment sent again by the till sends nothing to
//! the gateway; a till that hangs up changes nothing about what becomes of the payment.

use std::sync::Arc;
use std::time::Instant as Stopwatch;

use aisle_domain::money::Money;
use aisle_domain::payments::{AttemptState, CALL_MS, PREPARED_MS, Product};
use aisle_domain::time::Instant;
use aisle_pay::{Channel, Charge, Gateway};
use serde_json::json;
use uuid::Uuid;

use crate::catalog::Store;
use crate::http::Actor;
use crate::payments::{self, AttemptRow, NewEvent, Way, attempts};
use crate::{App, Error, Result, codes};

use super::booking::{self, Heard};
use super::store::{self, OrderRow};
use super::{settle, view};

/// A customer has so long to scan a code.
const QR_LIFE_MS: i64 = 5 * 60_000;

/// Money to take.
#[derive(Debug)]
pub(super) struct Ask {
    /// Of the payment, made by the till.
    pub(super) id: Uuid,
    pub(super) order: Uuid,
    pub(super) channel: Channel,
    /// All that is due when absent.
    pub(super) amount: Option<Money>,
    /// What the customer's phone shows; without it a code is made for the customer to scan.
    pub(super) code: Option<String>,
    pub(super) request_hash: String,
}

/// Takes money; ends when the gateway has answered once, or did not in its time.
pub(super) async fn collect(app: &App, store: &Arc<Store>, actor: &Actor, ask: Ask) -> Result<()> {
    let way = app.ways.find(app, store.id, ask.channel).await?;
    if !way.enabled {
        let field = json!({ "name": "method", "channel": ask.channel.as_str() });
        return Err(Error::with(&codes::CHANNEL_NOT_SET_UP, vec![field]));
    }
    let place = way.enter(app.clock.now())?;
    let Some((row, order)) = prepare(app, store, actor, (&ask, &way)).await? else {
        return Ok(());
    };
    let (app, store) = (app.clone(), Arc::clone(store));
    // By itself, so that it ends whether or not somebody still waits for the answer.
    let work = tokio::spawn(async move {
        let sent = send(&app, &store, (&row, &order), (&way, ask.code.as_deref())).await;
        drop(place);
        sent
    });
    work.await.map_err(anyhow::Error::from)?
}

/// Writes the attempt down; `None` when it was before.
async fn prepare(
    app: &App,
    store: &Store,
    actor: &Actor,
    (ask, way): (&Ask, &Way),
) -> Result<Option<(AttemptRow, OrderRow)>> {
    let now = app.clock.now();
    aisle_db::transact!(app.db, |tx| {
        let order = store::order_locked(tx, store.id, ask.order)
            .await?
            .ok_or_else(|| Error::code(&codes::NOT_FOUND))?;
        if let Some(before) = attempts::find(tx, store.id, ask.id).await? {
            let same = before.order_id == ask.order && before.request_hash == ask.request_hash;
            return if same {
                Ok::<_, Error>(None)
            } else {
                Err(Error::code(&codes::ORDER_ID_REUSED))
            };
        }
        booking::ensure_waiting(&order)?;
        let due = settle::due(tx, store, &order).await?;
        let row = new_row(ask, actor, (&order, ask.amount.unwrap_or(due)), now);
        if Money::from_fen(row.amount_fen) > due {
            let field =
                json!({ "name": "amount_fen", "due_fen": due, "amount_fen": row.amount_fen });
            return Err(Error::with(&codes::AMOUNT_ABOVE_DUE, vec![field]));
        }
        attempts::insert(tx, &row, &way.merchant).await?;
        let event = NewEvent {
            state: &row.state,
            at: now,
            actor: &row.actor,
            reason: "",
        };
        payments::insert_event(tx, (row.store_id, row.id), &event).await?;
        Ok(Some((row, order)))
    })
}

fn new_row(
    ask: &Ask,
    actor: &Actor,
    (order, amount): (&OrderRow, Money),
    now: Instant,
) -> AttemptRow {
    let product = match (&ask.code, ask.channel) {
        (None, _) => Product::Qr,
        (Some(_), Channel::Alipay) => Product::AlipayCode,
        (Some(_), Channel::Wechat | Channel::Card) => Product::WechatCode,
    };
    AttemptRow {
        store_id: order.store_id,
        id: ask.id,
        order_id: ask.order,
        request_hash: ask.request_hash.clone(),
        channel: ask.channel.as_str().to_owned(),
        product: product.as_str().to_owned(),
        terminal_no: actor.terminal.as_ref().map_or(0, |terminal| terminal.no),
        actor: actor.name().to_owned(),
        created_at: now.0,
        dispatched_at: None,
        expires_at: now.plus_ms(QR_LIFE_MS).0,
        check_at: Some(now.plus_ms(PREPARED_MS).0),
        checks: 0,
        finished_at: None,
        qr: None,
        gateway_no: None,
        payer: String::new(),
        captured_fen: None,
        fee_fen: None,
        error_code: String::new(),
        error_text: String::new(),
        state: AttemptState::Prepared.as_str().to_owned(),
        amount_fen: amount.fen(),
    }
}

async fn send(
    app: &App,
    store: &Store,
    (row, order): (&AttemptRow, &OrderRow),
    (way, code): (&Way, Option<&str>),
) -> Result<()> {
    let now = app.clock.now();
    let goes = aisle_db::transact!(app.db, |tx| {
        attempts::dispatch(tx, row, (now, now.plus_ms(CALL_MS))).await
    })?;
    if !goes {
        return Ok(());
    }
    let charge = charge(app, store, (row, order))?;
    let started = Stopwatch::now();
    let heard = match code {
        Some(code) => {
            let answer = way.client.pay_code(&charge, code).await;
            Heard::of_pay(answer, took_ms(started))
        }
        None => {
            let answer = way.client.create_qr(&charge).await;
            Heard::of_qr(answer, took_ms(started))
        }
    };
    way.heard(heard.is_answered(), app.clock.now());
    booking::book(app, store, row.id, &heard, &row.actor).await?;
    Ok(())
}

/// How long a call took.
pub(super) fn took_ms(started: Stopwatch) -> i64 {
    i64::try_from(started.elapsed().as_millis()).unwrap_or(i64::MAX)
}

fn charge(app: &App, store: &Store, (row, order): (&AttemptRow, &OrderRow)) -> Result<Charge> {
    let mut subject = format!("{} {}", store.name, view::number(order));
    subject.retain(|letter| u32::from(letter) < 0x1_0000 && !letter.is_control());
    Ok(Charge {
        trade_no: row.trade_no()?,
        amount: Money::from_fen(row.amount_fen),
        subject: subject.chars().take(40).collect(),
        store: (store.id.get(), store.name.to_string()),
        terminal: row.terminal_no,
        expires_at: Instant(row.expires_at),
        notify_url: notify_url(app, store, row.channel()?),
    })
}

/// Where a gateway reports to.
pub(super) fn notify_url(app: &App, store: &Store, channel: Channel) -> Option<String> {
    let base = app.config.public_address();
    Some(format!(
        "{base}/api/v1/payment-notices/{}-{}",
        channel.as_str(),
        store.id
    ))
}
