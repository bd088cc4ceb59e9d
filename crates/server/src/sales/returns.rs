//! Goods come back and their money goes back (退货), in one transaction.
//!
//! Promises: a return has one effect however often it is sent; what goes back is decided by
//! [`aisle_domain::returns`] on rows locked in the same transaction; goods that come back for the shelf can be
//! sold again at once, spoilt ones are written off at what they cost.

use std::collections::HashMap;

use aisle_db::{Source, Tx};
use aisle_domain::checkout::Shelf;
use aisle_domain::ids::{PaymentId, ProductId};
use aisle_domain::inventory::Reason;
use aisle_domain::money::Money;
use aisle_domain::order::OrderEvent;
use aisle_domain::order::OrderState;
use aisle_domain::quantity::Quantity;
use aisle_domain::returns::{self, Bought, Refusal, Return, Share, SoldLine, Tender, Wanted};
use aisle_domain::time::Instant;
use serde_json::json;
use uuid::Uuid;

use crate::catalog::{Snapshot, Store};
use crate::http::Actor;
use crate::inventory::{self, Loaded, Movement};
use crate::ops::{self, Operation};
use crate::{App, Error, Result, codes};

use super::pay_back::{self, Why};
use super::returns_store::{self, Refund, ReturnRow, Returned};
use super::store::{self, LineRow, NewEvent, OrderRow};
use super::tenders::{self, PaymentRow};
use super::{settle, view};

/// Where goods that came back go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum GoodsTo {
    /// Back among the others.
    Shelf,
    /// Written off.
    Loss,
}

impl GoodsTo {
    /// The name in storage and on the wire.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            GoodsTo::Shelf => "shelf",
            GoodsTo::Loss => "loss",
        }
    }

    /// The one with this name.
    pub(super) fn parse(name: &str) -> Option<GoodsTo> {
        [GoodsTo::Shelf, GoodsTo::Loss]
            .into_iter()
            .find(|place| place.as_str() == name)
    }
}

/// What somebody brings back.
#[derive(Debug)]
pub(super) struct Ask {
    pub(super) id: Uuid,
    pub(super) order: Uuid,
    pub(super) request_hash: String,
    pub(super) reason: String,
    pub(super) lines: Vec<(Wanted, GoodsTo)>,
    /// What the customer was told.
    pub(super) expected_refund: Option<Money>,
}

/// An order with everything a return is decided on.
struct Sold {
    row: OrderRow,
    lines: Vec<LineRow>,
    payments: Vec<PaymentRow>,
    before: Returned,
}

/// What a return of these lines would pay back. Changes nothing.
pub(super) async fn quote(
    app: &App,
    store: &Store,
    order: Uuid,
    wanted: &[Wanted],
) -> Result<(Return, Vec<Refund>)> {
    let reader = app.db.read_fresh();
    let row = store::order(reader, store.id, order)
        .await?
        .ok_or_else(|| Error::code(&codes::NOT_FOUND))?;
    let sold = Sold::load(reader, row).await?;
    let done = sold.decide(&app.catalogue.products(), store, wanted)?;
    let refunds = sold.refunds(&done);
    Ok((done, refunds))
}

/// Takes goods back; answers whether it had been done before.
pub(super) async fn take_back(app: &App, store: &Store, actor: &Actor, ask: &Ask) -> Result<bool> {
    let now = app.clock.now();
    let snapshot = app.catalogue.products();
    let done = aisle_db::transact!(app.db, |tx| {
        let row = store::order_locked(tx, store.id, ask.order)
            .await?
            .ok_or_else(|| Error::code(&codes::NOT_FOUND))?;
        let sold = Sold::load(tx, row).await?;
        if let Some(before) = returns_store::head(tx, store.id, ask.id).await? {
            let same = before.order_id == ask.order && before.request_hash == ask.request_hash;
            return if same {
                Ok::<_, Error>(None)
            } else {
                Err(Error::code(&codes::ORDER_ID_REUSED))
            };
        }
        sold.ensure_unspent(actor)?;
        let wanted: Vec<Wanted> = ask.lines.iter().map(|(wanted, _)| *wanted).collect();
        let done = sold.decide(&snapshot, store, &wanted)?;
        if let Some(expected) = ask.expected_refund.filter(|fen| *fen != done.refund) {
            let field = json!({ "name": "expect_refund_fen", "expected_fen": expected,
                "refund_fen": done.refund });
            return Err(Error::with(&codes::REFUND_CHANGED, vec![field]));
        }
        let products: Vec<ProductId> = done.lines.iter().map(|line| line.product).collect();
        let mut loaded = inventory::load_levels(tx, store.id, store.floor, &products).await?;
        let movements = movements(&mut loaded, ask, &done, actor);
        let place = (store.id, store.floor);
        let shelf = inventory::record(tx, place, loaded, &movements, now).await?;
        let terminal_no = actor.terminal.as_ref().map_or(0, |terminal| terminal.no);
        let day = store.business_day(now).0;
        let seq = returns_store::next_seq(tx, store.id, day, terminal_no).await?;
        let head = head(actor, ask, &done, (terminal_no, day, seq, now));
        let goods_to: Vec<&str> = ask.lines.iter().map(|(_, to)| to.as_str()).collect();
        let beside = (&done, goods_to.as_slice(), &*sold.refunds(&done));
        returns_store::insert(tx, store.id, &head, beside).await?;
        send_back(tx, store, ask, (beside.2, actor.name(), now)).await?;
        settle::set_state(tx, store, ask.order, done.state).await?;
        let event = NewEvent {
            kind: event_of(done.state),
            at: now,
            actor: actor.name(),
            reason: &ask.reason,
        };
        store::insert_event(tx, store.id, ask.order, &event).await?;
        let operation = Operation::of(actor, "order.return")
            .on(format!("order {}", ask.order))
            .detail(
                json!({ "reason": ask.reason, "return": ask.id, "refund_fen": done.refund,
                "lines": done.lines.len() }),
            );
        ops::record(tx, now, operation).await?;
        Ok(Some((done, shelf, view::number(&sold.row))))
    })?;
    let Some((done, shelf, no)) = done else {
        return Ok(true);
    };
    tell(app, store, ask, (&done, &shelf, &no));
    Ok(false)
}

/// What was paid through a gateway goes back through it.
async fn send_back(
    tx: &Tx,
    store: &Store,
    ask: &Ask,
    (refunds, actor, now): (&[Refund], &str, Instant),
) -> Result<()> {
    let why = Why::Return {
        id: ask.id,
        reason: &ask.reason,
    };
    for part in refunds.iter().filter(|part| part.is_sent()) {
        let what = (part.payment, part.method.as_str(), part.amount);
        pay_back::pay_back(tx, (store.id, ask.order), what, why, (actor, now)).await?;
    }
    Ok(())
}

impl Sold {
    async fn load(source: &impl Source, row: OrderRow) -> Result<Sold> {
        let store = aisle_domain::ids::StoreId(row.store_id);
        Ok(Sold {
            lines: store::lines(source, store, row.id).await?,
            payments: tenders::payments(source, store, row.id).await?,
            before: returns_store::of_order(source, store, row.id).await?,
            row,
        })
    }

    /// Which payment gets what back.
    fn refunds(&self, done: &Return) -> Vec<Refund> {
        let part = |(id, amount): &(PaymentId, Money)| {
            let payment = self.payments.iter().find(|row| row.id == id.get())?;
            Some(Refund {
                payment: payment.id,
                method: payment.method.clone(),
                amount: *amount,
            })
        };
        done.tenders.iter().filter_map(part).collect()
    }

    /// A second person's yes to a return of this order is good for one.
    fn ensure_unspent(&self, actor: &Actor) -> Result<()> {
        let spent =
            |head: &ReturnRow| head.approval_id.is_some() && head.approval_id == actor.approval;
        if self.before.heads.iter().any(spent) {
            let field = json!({ "permission": "order.return" });
            return Err(Error::with(&codes::APPROVAL_NEEDED, vec![field]));
        }
        Ok(())
    }

    fn decide(&self, snapshot: &Snapshot, store: &Store, wanted: &[Wanted]) -> Result<Return> {
        let bought = Bought {
            state: settle::state(&self.row)?,
            lines: self
                .lines
                .iter()
                .map(|line| self.line(snapshot, line))
                .collect(),
            total: Money::from_fen(self.row.total_fen),
            tenders: self.tenders(),
        };
        returns::decide(&bought, wanted, store.policy.rounding)
            .map_err(|refusal| refusal_error(&self.row, refusal))
    }

    fn line(&self, snapshot: &Snapshot, row: &LineRow) -> SoldLine {
        let mut returned = Share::default();
        for line in self
            .before
            .lines
            .iter()
            .filter(|line| line.line_no == row.line_no)
        {
            returned.qty += Quantity::from_milli(line.qty_milli);
            returned.amount += Money::from_fen(line.amount_fen);
            returned.tax += Money::from_fen(line.tax_fen);
            returned.cost += Money::from_fen(line.cost_fen);
        }
        let product = ProductId(row.product_id);
        let qty = Quantity::from_milli(row.qty_milli);
        let is_weighed = snapshot
            .product(product)
            .is_some_and(|product| product.weighed);
        SoldLine {
            line_no: row.line_no,
            product,
            sold: Share {
                qty,
                amount: Money::from_fen(row.amount_fen),
                tax: Money::from_fen(row.tax_fen),
                cost: Money::from_fen(row.cost_fen),
            },
            returned,
            is_counted: qty.is_whole() && !is_weighed,
        }
    }

    fn tenders(&self) -> Vec<Tender> {
        let mut refunded: HashMap<Uuid, Money> = HashMap::new();
        for refund in &self.before.refunds {
            *refunded.entry(refund.payment_id).or_default() += Money::from_fen(refund.amount_fen);
        }
        let paid = self
            .payments
            .iter()
            .filter(|payment| payment.is_succeeded());
        paid.map(|payment| Tender {
            id: PaymentId(payment.id),
            paid: Money::from_fen(payment.amount_fen),
            refunded: refunded.get(&payment.id).copied().unwrap_or_default(),
        })
        .collect()
    }
}

fn head(
    actor: &Actor,
    ask: &Ask,
    done: &Return,
    (terminal_no, business_day, seq, now): (i64, i64, i64, Instant),
) -> ReturnRow {
    ReturnRow {
        id: ask.id,
        order_id: ask.order,
        request_hash: ask.request_hash.clone(),
        terminal_no,
        business_day,
        seq,
        cashier_id: actor.user.as_ref().map(|user| user.id.get()),
        cashier: actor.title().to_owned(),
        approver: actor.approver.clone(),
        approval_id: actor.approval,
        reason: ask.reason.clone(),
        goods_fen: done.goods.fen(),
        rounding_fen: done.rounding.fen(),
        refund_fen: done.refund.fen(),
        created_at: now.0,
        prints: 0,
    }
}

/// What comes back, and what of it is written off.
fn movements(loaded: &mut Loaded, ask: &Ask, done: &Return, actor: &Actor) -> Vec<Movement> {
    let mut movements = Vec::with_capacity(done.lines.len());
    for (line, (_, goods_to)) in done.lines.iter().zip(&ask.lines) {
        let level = loaded.shelf.entry(line.product).or_default();
        let (qty, cost) = (line.share.qty, line.share.cost);
        let mut entries = vec![(Reason::Return, level.take_back(qty, cost))];
        if *goods_to == GoodsTo::Loss {
            entries.push((Reason::Damage, level.write_off(qty, cost)));
        }
        movements.extend(entries.into_iter().map(|(reason, entry)| Movement {
            product: line.product,
            entry,
            reason,
            ref_id: Some(ask.id),
            ref_line: line.line_no,
            actor: actor.name().to_owned(),
            note: ask.reason.clone(),
        }));
    }
    movements
}

fn event_of(state: OrderState) -> OrderEvent {
    match state {
        OrderState::Returned => OrderEvent::Returned,
        OrderState::Received
        | OrderState::Paid
        | OrderState::Cancelled
        | OrderState::PartlyReturned => OrderEvent::PartlyReturned,
    }
}

fn tell(app: &App, store: &Store, ask: &Ask, (done, shelf, no): (&Return, &Shelf, &str)) {
    app.stock.commit(store.id, shelf);
    metrics::counter!("aisle_returns_total").increment(1);
    metrics::counter!("aisle_refunded_fen_total")
        .increment(u64::try_from(done.refund.fen()).unwrap_or(0));
    let data = json!({ "id": ask.order, "no": no, "return_id": ask.id, "refund_fen": done.refund });
    app.events.publish_in(store.id, "order.returned", data);
}

fn refusal_error(row: &OrderRow, refusal: Refusal) -> Error {
    match refusal {
        Refusal::State(step) => {
            let field = json!({ "status": step.from, "no": view::number(row) });
            Error::with(&codes::ORDER_NOT_RETURNABLE, vec![field])
        }
        Refusal::NoSuchLine(line_no) => {
            let field = json!({ "name": "line_no", "code": "unknown", "line_no": line_no });
            Error::with(&codes::INVALID_REQUEST, vec![field])
        }
        Refusal::TooMany { line_no, left } => {
            let field =
                json!({ "name": "qty_milli", "line_no": line_no, "left_milli": left.milli() });
            Error::with(&codes::RETURN_TOO_MUCH, vec![field])
        }
        Refusal::NotWhole(line_no) => {
            let field = json!({ "name": "qty_milli", "code": "not_whole", "line_no": line_no });
            Error::with(&codes::BAD_QUANTITY, vec![field])
        }
    }
}
