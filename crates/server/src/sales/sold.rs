//! An order with everything a return of it is decided on, and how a decided return is written down.

use std::collections::HashMap;

use aisle_db::{Source, Tx};
use aisle_domain::ids::{PaymentId, ProductId};
use aisle_domain::money::Money;
use aisle_domain::order::{OrderEvent, OrderState};
use aisle_domain::quantity::Quantity;
use aisle_domain::returns::{self, Bought, Refusal, Return, Share, SoldLine, Tender, Wanted};
use aisle_domain::time::{BusinessDay, Instant};
use serde_json::json;
use uuid::Uuid;

use crate::catalog::{Snapshot, Store};
use crate::http::Actor;
use crate::{App, Error, Result, codes};

use super::pay_back::{self, Why};
use super::receipt::EXCHANGE;
use super::returns::Ask;
use super::returns_store::{self, Refund, ReturnRow, Returned};
use super::store::{self, LineRow, NewEvent, OrderRow};
use super::tenders::{self, PaymentRow};
use super::{settle, view};

/// An order with everything a return is decided on.
#[derive(Debug)]
pub(super) struct Sold {
    pub(super) row: OrderRow,
    lines: Vec<LineRow>,
    payments: Vec<PaymentRow>,
    before: Returned,
}

impl Sold {
    /// An order of this store as it is now.
    pub(super) async fn find(app: &App, store: &Store, id: Uuid) -> Result<Sold> {
        let reader = app.db.read_fresh();
        let row = store::order(reader, store.id, id).await?;
        Sold::load(reader, row.ok_or_else(missing)?).await
    }

    /// The same, and nobody changes it until the transaction ends.
    pub(super) async fn locked(tx: &Tx, store: &Store, id: Uuid) -> Result<Sold> {
        let row = store::order_locked(tx, store.id, id).await?;
        Sold::load(tx, row.ok_or_else(missing)?).await
    }

    /// Whether this return was done before; another one under its name is refused.
    pub(super) async fn is_done(&self, tx: &Tx, store: &Store, ask: &Ask) -> Result<bool> {
        let Some(before) = returns_store::head(tx, store.id, ask.id).await? else {
            return Ok(false);
        };
        if before.order_id == ask.order && before.request_hash == ask.request_hash {
            Ok(true)
        } else {
            Err(Error::code(&codes::ORDER_ID_REUSED))
        }
    }

    /// What a return pays back, once everybody agreed who has to.
    pub(super) fn agreed(
        &self,
        snapshot: &Snapshot,
        (store, actor): (&Store, &Actor),
        (ask, now): (&Ask, Instant),
    ) -> Result<Return> {
        self.ensure_unspent(actor)?;
        self.ensure_agreed_when_late(store, actor, now)?;
        let wanted: Vec<Wanted> = ask.lines.iter().map(|(wanted, _)| *wanted).collect();
        let done = self.decide(snapshot, store, &wanted)?;
        if let Some(expected) = ask.expected_refund.filter(|fen| *fen != done.refund) {
            let field = json!({ "name": "expect_refund_fen", "expected_fen": expected,
                "refund_fen": done.refund });
            return Err(Error::with(&codes::REFUND_CHANGED, vec![field]));
        }
        Ok(done)
    }

    /// Writes a decided return down: document, refunds, state and event of the order.
    pub(super) async fn write_down(
        &self,
        tx: &Tx,
        (store, actor): (&Store, &Actor),
        (ask, done): (&Ask, &Return),
        now: Instant,
    ) -> Result<()> {
        let terminal_no = actor.terminal.as_ref().map_or(0, |terminal| terminal.no);
        let day = store.business_day(now).0;
        let seq =
            returns_store::next_seq(tx, ("order_returns", store.id), day, terminal_no).await?;
        let head = head(actor, ask, done, (terminal_no, day, seq, now));
        let goods_to: Vec<&str> = ask.lines.iter().map(|(_, to)| to.as_str()).collect();
        let refunds = self.refunds(done);
        let beside = (done, goods_to.as_slice(), &*refunds);
        returns_store::insert(tx, store.id, &head, beside).await?;
        send_back(tx, store, ask, (&refunds, actor.name(), now)).await?;
        settle::set_state(tx, store, ask.order, done.state).await?;
        let event = NewEvent {
            kind: event_of(done.state),
            at: now,
            actor: actor.name(),
            reason: &ask.reason,
        };
        store::insert_event(tx, store.id, ask.order, &event).await
    }

    /// All of it.
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
    pub(super) fn refunds(&self, done: &Return) -> Vec<Refund> {
        let part = |(id, amount): &(PaymentId, Money)| {
            let payment = self.payments.iter().find(|row| row.id == id.get())?;
            Some(Refund {
                payment: payment.id,
                // What was exchanged before was cash in the end.
                method: if payment.method == EXCHANGE {
                    "cash".to_owned()
                } else {
                    payment.method.clone()
                },
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
            return Err(approval_needed());
        }
        Ok(())
    }

    /// Whether the goods come back later than the store takes them as usual.
    pub(super) fn is_late(&self, store: &Store, now: Instant) -> bool {
        let sold = BusinessDay(self.row.business_day);
        store.return_window.is_over(sold, store.business_day(now))
    }

    /// Late goods come back with a second person's yes, whoever takes them.
    fn ensure_agreed_when_late(&self, store: &Store, actor: &Actor, now: Instant) -> Result<()> {
        if actor.approver.is_none() && self.is_late(store, now) {
            return Err(approval_needed());
        }
        Ok(())
    }

    /// What a return of these lines pays back.
    pub(super) fn decide(
        &self,
        snapshot: &Snapshot,
        store: &Store,
        wanted: &[Wanted],
    ) -> Result<Return> {
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

fn missing() -> Error {
    Error::code(&codes::NOT_FOUND)
}

fn approval_needed() -> Error {
    let field = json!({ "permission": "order.return" });
    Error::with(&codes::APPROVAL_NEEDED, vec![field])
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

fn event_of(state: OrderState) -> OrderEvent {
    match state {
        OrderState::Returned => OrderEvent::Returned,
        OrderState::Received
        | OrderState::Paid
        | OrderState::Cancelled
        | OrderState::PartlyReturned => OrderEvent::PartlyReturned,
    }
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
