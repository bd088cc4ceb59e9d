//! Paying or giving up an order that is not paid yet, each exactly once; by parts where several tenders pay it.

use aisle_db::{Bulk, Sql, Tx};
use aisle_domain::checkout::{CashPaid, Refusal, Shelf, pay_cash};
use aisle_domain::ids::{PaymentId, ProductId};
use aisle_domain::inventory::Reason;
use aisle_domain::money::Money;
use aisle_domain::order::{OrderEvent, OrderState};
use aisle_domain::quantity::Quantity;
use aisle_domain::time::Instant;
use aisle_pay::card::CardRecord;
use serde_json::json;
use uuid::Uuid;

use crate::catalog::Store;
use crate::http::Actor;
use crate::inventory::{self, Movement};
use crate::ops::{self, Operation};
use crate::payments::attempts;
use crate::{App, Error, Result, codes};

use super::booking::{self, SYSTEM};
use super::cards;
use super::checkout::{refusal_error, tell_low_stock};
use super::pay_back::{self, Why};
use super::store::{self, NewEvent, OrderRow};
use super::tenders;

/// Who ends a wait, and why.
#[derive(Debug)]
pub(super) struct Cancel<'a> {
    pub(super) kind: OrderEvent,
    /// Nobody when its time is over.
    pub(super) actor: Option<&'a Actor>,
    pub(super) reason: &'a str,
}

/// Money that is there at once: cash, or a card whose slip was typed in.
#[derive(Debug, Clone)]
pub(super) struct Tender {
    pub(super) id: Uuid,
    /// `cash` or `card`.
    pub(super) method: &'static str,
    /// The part of the order it pays; all that is due when absent.
    pub(super) amount: Option<Money>,
    /// What the customer gave; the amount when absent.
    pub(super) tendered: Option<Money>,
    pub(super) card: Option<CardRecord>,
}

/// Pays an order, or part of one. The same payment sent again changes nothing.
pub(super) async fn pay(
    app: &App,
    store: &Store,
    id: Uuid,
    tender: &Tender,
    actor: &str,
) -> Result<OrderRow> {
    let now = app.clock.now();
    let (row, shelf) = aisle_db::transact!(app.db, |tx| {
        let mut row = locked(tx, store, id).await?;
        let payments = tenders::payments(tx, store.id, id).await?;
        if payments.iter().any(|payment| payment.id == tender.id) {
            return Ok::<_, Error>((row, None));
        }
        booking::ensure_waiting(&row)?;
        let due = due(tx, store, &row).await?;
        let amount = tender.amount.unwrap_or(due);
        let rounding = match tender.method {
            "cash" if amount == due => store.policy.rounding.adjustment(due),
            _ => Money::ZERO,
        };
        let cash = tender
            .settle(amount, (due, rounding))
            .map_err(|refusal| refusal_error(app, refusal))?;
        row.total_fen += rounding.fen();
        row.rounding_fen += rounding.fen();
        insert(tx, &row, tender, (&cash, now)).await?;
        if amount < due {
            return Ok((row, None));
        }
        let shelf = complete(app, tx, store, &mut row, (actor, now)).await?;
        Ok((row, Some(shelf)))
    })?;
    if let Some(shelf) = shelf {
        tell_low_stock(app, store, &app.stock.commit(store.id, &shelf));
        tell(app, store, &row, "order.paid");
    }
    Ok(row)
}

impl Tender {
    /// What it settles: `amount`, rounded when that is all that is due.
    fn settle(
        &self,
        amount: Money,
        (due, rounding): (Money, Money),
    ) -> std::result::Result<CashPaid, Refusal> {
        let tendered = self.tendered.unwrap_or(amount + rounding);
        if amount > due || (amount <= Money::ZERO && due > Money::ZERO) {
            return Err(Refusal::InsufficientTender { due, tendered });
        }
        pay_cash(PaymentId(self.id), amount + rounding, tendered)
    }
}

async fn insert(
    tx: &Tx,
    row: &OrderRow,
    tender: &Tender,
    (cash, now): (&CashPaid, Instant),
) -> Result<()> {
    use std::iter::once as one;
    if let Some(slip) = &tender.card {
        cards::insert(tx, row.store_id, tender.id, slip).await?;
    }
    Bulk::into("payments")
        .same_bigint("store_id", row.store_id)
        .uuid("order_id", one(row.id))
        .uuid("id", one(cash.id.get()))
        .text("method", one(tender.method))
        .same_text("status", "succeeded")
        .bigint("amount_fen", one(cash.amount.fen()))
        .bigint("tendered_fen", one(cash.tendered.fen()))
        .bigint("change_fen", one(cash.change.fen()))
        .bigint("created_at", one(now.0))
        .insert(tx)
        .await?;
    Ok(())
}

/// What is still to be paid. Refused while another payment is under way: nobody is asked for the same money twice.
pub(super) async fn due(tx: &Tx, store: &Store, row: &OrderRow) -> Result<Money> {
    let payments = tenders::payments(tx, store.id, row.id).await?;
    if let Some(open) = payments.iter().find(|payment| payment.is_awaited()) {
        let field = json!({ "payment_id": open.id, "method": open.method });
        return Err(Error::with(&codes::PAYMENT_PENDING, vec![field]));
    }
    let paid: Money = payments
        .iter()
        .filter(|payment| payment.is_succeeded())
        .map(|payment| Money::from_fen(payment.amount_fen))
        .sum();
    Ok(Money::from_fen(row.total_fen) - paid)
}

/// Whether an order still waits for money: unpaid, and neither given up nor over its time.
pub(super) fn is_waiting(row: &OrderRow, now: Instant) -> Result<bool> {
    let is_over = row.expires_at.is_some_and(|at| at <= now.0);
    Ok(state(row)? == OrderState::Received && !is_over)
}

/// The last of an order's money has come: its goods leave the stock.
pub(super) async fn complete(
    app: &App,
    tx: &Tx,
    store: &Store,
    row: &mut OrderRow,
    (actor, now): (&str, Instant),
) -> Result<Shelf> {
    let shelf = take_goods(app, tx, store, row.id, (actor, now)).await?;
    end(tx, store, row, OrderState::Paid, now).await?;
    let event = NewEvent {
        kind: OrderEvent::Paid,
        at: now,
        actor,
        reason: "",
    };
    store::insert_event(tx, store.id, row.id, &event).await?;
    Ok(shelf)
}

/// Gives an unpaid order up and releases its goods. Cancelling a cancelled one changes nothing. Payments under way
/// are given up first: until that is certain the answer is `payment_pending`, and the order ends by itself then.
pub(super) async fn cancel(
    app: &App,
    store: &Store,
    id: Uuid,
    cancel: Cancel<'_>,
) -> Result<OrderRow> {
    let now = app.clock.now();
    let (row, shelf) = aisle_db::transact!(app.db, |tx| {
        let mut row = locked(tx, store, id).await?;
        if state(&row)? == OrderState::Cancelled {
            return Ok::<_, Error>((row, None));
        }
        state(&row)?.cancel().map_err(|step| {
            Error::with(
                &codes::ORDER_NOT_CANCELLABLE,
                vec![json!({ "status": step.from })],
            )
        })?;
        let payments = tenders::payments(tx, store.id, id).await?;
        if payments.iter().any(|payment| !payment.is_over()) {
            if give_up_payments(tx, store, &row, (cancel.name(), now)).await? {
                cancel.log(tx, id, now).await?;
            }
            return Ok((row, None));
        }
        let shelf = release(tx, store, id, now).await?;
        end(tx, store, &mut row, OrderState::Cancelled, now).await?;
        let event = NewEvent {
            kind: cancel.kind,
            at: now,
            actor: cancel.name(),
            reason: cancel.reason,
        };
        store::insert_event(tx, store.id, id, &event).await?;
        let why = Why::Cancel {
            is_attended: cancel.actor.is_some(),
        };
        let place = (store.id, id);
        pay_back::pay_all_back(tx, place, &payments, why, (cancel.name(), now)).await?;
        cancel.log(tx, id, now).await?;
        Ok((row, Some(shelf)))
    })?;
    if let Some(shelf) = shelf {
        app.stock.commit(store.id, &shelf);
        tell(app, store, &row, "order.cancelled");
    } else if state(&row)? == OrderState::Received {
        return Err(Error::code(&codes::PAYMENT_PENDING));
    }
    Ok(row)
}

impl Cancel<'_> {
    fn name(&self) -> &str {
        self.actor.map_or(SYSTEM, Actor::name)
    }

    async fn log(&self, tx: &Tx, id: Uuid, now: Instant) -> Result<()> {
        let Some(actor) = self.actor else {
            return Ok(());
        };
        let operation = Operation::of(actor, "order.cancel")
            .on(format!("order {id}"))
            .detail(json!({ "reason": self.reason }));
        ops::record(tx, now, operation).await
    }
}

/// The order's time is over now, and so are the payments under way; false when they were before.
async fn give_up_payments(
    tx: &Tx,
    store: &Store,
    row: &OrderRow,
    (actor, now): (&str, Instant),
) -> Result<bool> {
    for attempt in attempts::of_order(tx, store.id, row.id).await? {
        booking::give_up_in(tx, &attempt, (now, actor)).await?;
    }
    let is_new = row.expires_at.is_none_or(|at| at > now.0);
    if is_new {
        Sql::new("UPDATE orders SET expires_at = ")
            .arg(now.0)
            .push(" WHERE store_id = ")
            .arg(store.id.get())
            .push(" AND id = ")
            .arg(row.id)
            .run(tx)
            .await?;
    }
    Ok(is_new)
}

/// What was promised to an order can be sold to others.
async fn release(tx: &Tx, store: &Store, id: Uuid, now: Instant) -> Result<Shelf> {
    let lines = store::lines(tx, store.id, id).await?;
    let products: Vec<_> = lines
        .iter()
        .map(|line| ProductId(line.product_id))
        .collect();
    let mut loaded = inventory::load_levels(tx, store.id, store.floor, &products).await?;
    for line in &lines {
        let level = loaded.shelf.entry(ProductId(line.product_id)).or_default();
        level.release(Quantity::from_milli(line.qty_milli));
    }
    inventory::record(tx, (store.id, store.floor), loaded, &[], now).await
}

async fn locked(tx: &Tx, store: &Store, id: Uuid) -> Result<OrderRow> {
    store::order_locked(tx, store.id, id)
        .await?
        .ok_or_else(|| Error::code(&codes::NOT_FOUND))
}

/// Turns the promise into an issue, line by line, and freezes what each line cost.
async fn take_goods(
    app: &App,
    tx: &Tx,
    store: &Store,
    id: Uuid,
    (actor, now): (&str, Instant),
) -> Result<Shelf> {
    let snapshot = app.catalogue.products_full();
    let lines = store::lines(tx, store.id, id).await?;
    let products: Vec<_> = lines
        .iter()
        .map(|line| ProductId(line.product_id))
        .collect();
    let mut loaded = inventory::load_levels(tx, store.id, store.floor, &products).await?;
    let mut movements = Vec::with_capacity(lines.len());
    for line in &lines {
        let product = ProductId(line.product_id);
        let qty = Quantity::from_milli(line.qty_milli);
        let cost = snapshot
            .product(product)
            .map_or(Money::ZERO, |product| product.cost);
        let level = loaded.shelf.entry(product).or_default();
        level.release(qty);
        let entry = level.issue(qty, cost);
        Sql::new("UPDATE order_lines SET cost_fen = ")
            .arg((-entry.value_delta).fen())
            .push(" WHERE store_id = ")
            .arg(store.id.get())
            .push(" AND order_id = ")
            .arg(id)
            .push(" AND line_no = ")
            .arg(line.line_no)
            .run(tx)
            .await?;
        movements.push(Movement {
            product,
            entry,
            reason: Reason::Sale,
            ref_id: Some(id),
            ref_line: line.line_no,
            actor: actor.to_owned(),
            note: String::new(),
            happened_at: None,
        });
    }
    inventory::record(tx, (store.id, store.floor), loaded, &movements, now).await
}

async fn end(
    tx: &Tx,
    store: &Store,
    row: &mut OrderRow,
    to: OrderState,
    now: Instant,
) -> Result<()> {
    row.state = to.as_str().to_owned();
    row.paid_at = (to == OrderState::Paid).then_some(now.0);
    row.expires_at = None;
    Sql::new("UPDATE orders SET expires_at = NULL, state = ")
        .arg(row.state.as_str())
        .push(", paid_at = ")
        .arg(row.paid_at)
        .push(", total_fen = ")
        .arg(row.total_fen)
        .push(", rounding_fen = ")
        .arg(row.rounding_fen)
        .push(" WHERE store_id = ")
        .arg(store.id.get())
        .push(" AND id = ")
        .arg(row.id)
        .run(tx)
        .await?;
    Ok(())
}

/// Where an order stands.
pub(super) fn state(row: &OrderRow) -> Result<OrderState> {
    Ok(
        OrderState::parse(&row.state).ok_or_else(|| aisle_db::DbError::BadRow {
            table: "orders",
            id: row.id.to_string(),
            column: "state",
        })?,
    )
}

/// Moves an order that was paid on.
pub(super) async fn set_state(tx: &Tx, store: &Store, id: Uuid, to: OrderState) -> Result<()> {
    Sql::new("UPDATE orders SET state = ")
        .arg(to.as_str())
        .push(" WHERE store_id = ")
        .arg(store.id.get())
        .push(" AND id = ")
        .arg(id)
        .run(tx)
        .await?;
    Ok(())
}

pub(super) fn tell(app: &App, store: &Store, row: &OrderRow, kind: &'static str) {
    metrics::counter!("aisle_orders_settled_total", "result" => row.state.clone()).increment(1);
    let data = json!({ "id": row.id, "no": super::view::number(row), "total_fen": row.total_fen });
    app.events.publish_in(store.id, kind, data);
}
