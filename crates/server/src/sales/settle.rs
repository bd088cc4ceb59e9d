//! Paying or giving up an order that is not paid yet, each exactly once.

use aisle_db::{Sql, Tx};
use aisle_domain::checkout::{CashTender, pay_cash};
use aisle_domain::ids::ProductId;
use aisle_domain::inventory::Reason;
use aisle_domain::money::Money;
use aisle_domain::order::{OrderEvent, OrderState};
use aisle_domain::quantity::Quantity;
use aisle_domain::time::Instant;
use serde_json::json;
use uuid::Uuid;

use crate::catalog::Store;
use crate::http::Actor;
use crate::inventory::{self, Movement};
use crate::ops::{self, Operation};
use crate::{App, Error, Result, codes};

use super::checkout::{refusal_error, tell_low_stock};
use super::store::{self, NewEvent, OrderRow};

/// Who ends a wait, and why.
#[derive(Debug)]
pub(super) struct Cancel<'a> {
    pub(super) kind: OrderEvent,
    /// Nobody when its time is over.
    pub(super) actor: Option<&'a Actor>,
    pub(super) reason: &'a str,
}

/// Pays an order in cash. The same payment sent again changes nothing.
pub(super) async fn pay(
    app: &App,
    store: &Store,
    id: Uuid,
    tender: CashTender,
    actor: &str,
) -> Result<OrderRow> {
    let now = app.clock.now();
    let (row, shelf) = aisle_db::transact!(app.db, |tx| {
        let mut row = locked(tx, store, id).await?;
        let payments = store::payments(tx, store.id, id).await?;
        if payments.iter().any(|payment| payment.id == tender.id.get()) {
            return Ok::<_, Error>((row, None));
        }
        state(&row)?.pay().map_err(|step| {
            Error::with(
                &codes::ORDER_NOT_PAYABLE,
                vec![json!({ "status": step.from })],
            )
        })?;
        let goods = Money::from_fen(row.total_fen);
        let rounding = store.policy.rounding.adjustment(goods);
        let cash = pay_cash(tender.id, goods + rounding, tender.tendered)
            .map_err(|refusal| refusal_error(app, refusal))?;
        row.total_fen = cash.amount.fen();
        row.rounding_fen = rounding.fen();
        let shelf = take_goods(app, tx, store, id, (actor, now)).await?;
        let insert = "INSERT INTO payments (store_id, order_id, id, method, status, amount_fen, \
                 tendered_fen, change_fen, created_at) VALUES (";
        Sql::new(insert)
            .arg(store.id.get())
            .push(", ")
            .arg(id)
            .push(", ")
            .arg(cash.id.get())
            .push(", 'cash', 'succeeded', ")
            .arg(cash.amount.fen())
            .push(", ")
            .arg(cash.tendered.fen())
            .push(", ")
            .arg(cash.change.fen())
            .push(", ")
            .arg(now.0)
            .push(")")
            .run(tx)
            .await?;
        end(tx, store, &mut row, OrderState::Paid, now).await?;
        let event = NewEvent {
            kind: OrderEvent::Paid,
            at: now,
            actor,
            reason: "",
        };
        store::insert_event(tx, store.id, id, &event).await?;
        Ok((row, Some(shelf)))
    })?;
    if let Some(shelf) = shelf {
        tell_low_stock(app, store, &app.stock.commit(store.id, &shelf));
        tell(app, store, &row, "order.paid");
    }
    Ok(row)
}

/// Gives an unpaid order up and releases its goods. Cancelling a cancelled one changes nothing.
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
        let place = (store.id, store.floor);
        let shelf = inventory::record(tx, place, loaded, &[], now).await?;
        end(tx, store, &mut row, OrderState::Cancelled, now).await?;
        let event = NewEvent {
            kind: cancel.kind,
            at: now,
            actor: cancel.actor.map_or("system", Actor::name),
            reason: cancel.reason,
        };
        store::insert_event(tx, store.id, id, &event).await?;
        if let Some(actor) = cancel.actor {
            let operation = Operation::of(actor, "order.cancel")
                .on(format!("order {id}"))
                .detail(json!({ "reason": cancel.reason }));
            ops::record(tx, now, operation).await?;
        }
        Ok((row, Some(shelf)))
    })?;
    if let Some(shelf) = shelf {
        app.stock.commit(store.id, &shelf);
        tell(app, store, &row, "order.cancelled");
    }
    Ok(row)
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
) -> Result<aisle_domain::checkout::Shelf> {
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

fn tell(app: &App, store: &Store, row: &OrderRow, kind: &'static str) {
    metrics::counter!("aisle_orders_settled_total", "result" => row.state.clone()).increment(1);
    let data = json!({ "id": row.id, "no": super::view::number(row), "total_fen": row.total_fen });
    app.events.publish_in(store.id, kind, data);
}
