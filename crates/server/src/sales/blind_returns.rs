//! Goods come back without a receipt (无小票退货), in one transaction.
//!
//! Promises: one effect however often it is sent; nobody does it alone, whatever their role; what goes back
//! is decided by [`aisle_domain::returns::blind`] and goes in cash. Refuses: prices a person types.

use aisle_domain::checkout::Shelf;
use aisle_domain::ids::ProductId;
use aisle_domain::inventory::Reason;
use aisle_domain::money::Money;
use aisle_domain::pricing::BasketLine;
use aisle_domain::returns::blind::{self, BlindReturn};
use serde_json::json;
use uuid::Uuid;

use crate::catalog::Store;
use crate::http::Actor;
use crate::inventory::{self, Loaded, Movement};
use crate::ops::{self, Operation};
use crate::{App, Error, Result, codes};

use super::blind_returns_store::{self, BlindLineRow, BlindRow};
use super::returns::GoodsTo;
use super::returns_store;

/// What somebody brings back.
#[derive(Debug)]
pub(super) struct Ask {
    pub(super) id: Uuid,
    pub(super) request_hash: String,
    pub(super) reason: String,
    pub(super) lines: Vec<(BasketLine, GoodsTo)>,
    /// What the customer was told.
    pub(super) expected_refund: Option<Money>,
}

/// What these goods would be paid back with. Changes nothing.
pub(super) fn quote(store: &Store, lines: &[(BasketLine, GoodsTo)]) -> BlindReturn {
    let goods: Vec<BasketLine> = lines.iter().map(|(line, _)| line.clone()).collect();
    blind::decide(&goods, store.policy.rounding)
}

/// Takes goods back; answers whether it had been done before.
pub(super) async fn take_back(app: &App, store: &Store, actor: &Actor, ask: &Ask) -> Result<bool> {
    let now = app.clock.now();
    let terminal_no = actor.terminal()?.no;
    let done = aisle_db::transact!(app.db, |tx| {
        let products: Vec<ProductId> = ask.lines.iter().map(|(line, _)| line.product.id).collect();
        // The lock that comes with the levels also keeps ids and numbers from being taken twice.
        let mut loaded = inventory::load_levels(tx, store.id, store.floor, &products).await?;
        if let Some(before) = blind_returns_store::head(tx, store.id, ask.id).await? {
            return if before.request_hash == ask.request_hash {
                Ok::<_, Error>(None)
            } else {
                Err(Error::code(&codes::ORDER_ID_REUSED))
            };
        }
        let approver = actor.approver.clone().ok_or_else(approval_needed)?;
        let done = quote(store, &ask.lines);
        if let Some(expected) = ask.expected_refund.filter(|fen| *fen != done.refund) {
            let field = json!({ "name": "expect_refund_fen", "expected_fen": expected,
                "refund_fen": done.refund });
            return Err(Error::with(&codes::REFUND_CHANGED, vec![field]));
        }
        let (movements, costs) = movements(&mut loaded, ask, actor);
        let place = (store.id, store.floor);
        let shelf = inventory::record(tx, place, loaded, &movements, now).await?;
        let day = store.business_day(now).0;
        let head = BlindRow {
            id: ask.id,
            request_hash: ask.request_hash.clone(),
            terminal_no,
            business_day: day,
            seq: returns_store::next_seq(tx, ("blind_returns", store.id), day, terminal_no).await?,
            cashier_id: actor.user.as_ref().map(|user| user.id.get()),
            cashier: actor.title().to_owned(),
            approver,
            reason: ask.reason.clone(),
            goods_fen: done.goods.fen(),
            rounding_fen: done.rounding.fen(),
            refund_fen: done.refund.fen(),
            created_at: now.0,
            prints: 0,
        };
        let lines = lines(ask, &done, &costs);
        blind_returns_store::insert(tx, store.id, &head, &lines).await?;
        let operation = Operation::of(actor, "order.return_blind")
            .on(format!("blind_return {}", ask.id))
            .detail(
                json!({ "reason": ask.reason, "no": head.number(), "refund_fen": done.refund,
                "lines": lines.len() }),
            );
        ops::record(tx, now, operation).await?;
        Ok(Some((head, shelf)))
    })?;
    let Some((head, shelf)) = done else {
        return Ok(true);
    };
    tell(app, store, &head, &shelf);
    Ok(false)
}

fn approval_needed() -> Error {
    let field = json!({ "permission": "order.return_blind" });
    Error::with(&codes::APPROVAL_NEEDED, vec![field])
}

/// What comes back, at what the goods on the shelf cost, and what of it is written off; and those costs.
fn movements(loaded: &mut Loaded, ask: &Ask, actor: &Actor) -> (Vec<Movement>, Vec<Money>) {
    let mut movements = Vec::with_capacity(ask.lines.len());
    let mut costs = Vec::with_capacity(ask.lines.len());
    for (ref_line, (line, goods_to)) in (1i64..).zip(&ask.lines) {
        let level = loaded.shelf.entry(line.product.id).or_default();
        let cost = level.cost_of(line.qty, line.product.cost);
        let mut entries = vec![(Reason::Return, level.take_back(line.qty, cost))];
        if *goods_to == GoodsTo::Loss {
            entries.push((Reason::Damage, level.write_off(line.qty, cost)));
        }
        costs.push(cost);
        movements.extend(entries.into_iter().map(|(reason, entry)| Movement {
            product: line.product.id,
            entry,
            reason,
            ref_id: Some(ask.id),
            ref_line,
            actor: actor.name().to_owned(),
            note: ask.reason.clone(),
            happened_at: None,
        }));
    }
    (movements, costs)
}

fn lines(ask: &Ask, done: &BlindReturn, costs: &[Money]) -> Vec<BlindLineRow> {
    (1i64..)
        .zip(ask.lines.iter().zip(done.lines.iter().zip(costs)))
        .map(
            |(line_no, ((line, goods_to), (worth, cost)))| BlindLineRow {
                return_id: ask.id,
                line_no,
                product_id: line.product.id.get(),
                barcode: line.barcode.to_string(),
                name: line.product.name.to_string(),
                spec: line.product.spec.to_string(),
                unit: line.product.unit.to_string(),
                qty_milli: line.qty.milli(),
                unit_price_fen: worth.unit_price.fen(),
                amount_fen: worth.amount.fen(),
                tax_fen: worth.tax.fen(),
                cost_fen: cost.fen(),
                goods_to: goods_to.as_str().to_owned(),
            },
        )
        .collect()
}

fn tell(app: &App, store: &Store, head: &BlindRow, shelf: &Shelf) {
    app.stock.commit(store.id, shelf);
    metrics::counter!("aisle_blind_returns_total").increment(1);
    metrics::counter!("aisle_refunded_fen_total")
        .increment(u64::try_from(head.refund_fen).unwrap_or(0));
    let data = json!({ "return_id": head.id, "no": head.number(), "refund_fen": head.refund_fen });
    app.events
        .publish_in(store.id, "order.returned_blind", data);
}
