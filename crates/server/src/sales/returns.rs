//! Goods come back and their money goes back (退货), in one transaction.
//!
//! Promises: a return has one effect however often it is sent; what goes back is decided by
//! [`aisle_domain::returns`] on rows locked in the same transaction; goods that come back for the shelf can be
//! sold again at once, spoilt ones are written off at what they cost.

use aisle_domain::ids::ProductId;
use aisle_domain::inventory::Reason;
use aisle_domain::money::Money;
use aisle_domain::returns::{Return, Wanted};
use serde_json::json;
use uuid::Uuid;

use crate::catalog::Store;
use crate::http::Actor;
use crate::inventory::{self, Loaded, Movement};
use crate::ops::{self, Operation};
use crate::{App, Error, Result};

use super::returns_store::Refund;
use super::sold::Sold;
use super::view;

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

/// What a return would pay back.
#[derive(Debug)]
pub(super) struct Quote {
    pub(super) done: Return,
    pub(super) refunds: Vec<Refund>,
    /// Whether a second person has to agree because the sale is too long ago.
    pub(super) is_late: bool,
}

/// What a return of these lines would pay back. Changes nothing.
pub(super) async fn quote(
    app: &App,
    store: &Store,
    order: Uuid,
    wanted: &[Wanted],
) -> Result<Quote> {
    let sold = Sold::find(app, store, order).await?;
    let done = sold.decide(&app.catalogue.products(), store, wanted)?;
    Ok(Quote {
        refunds: sold.refunds(&done),
        is_late: sold.is_late(store, app.clock.now()),
        done,
    })
}

/// Takes goods back; answers whether it had been done before.
pub(super) async fn take_back(app: &App, store: &Store, actor: &Actor, ask: &Ask) -> Result<bool> {
    let now = app.clock.now();
    let snapshot = app.catalogue.products_full();
    let done = aisle_db::transact!(app.db, |tx| {
        let sold = Sold::locked(tx, store, ask.order).await?;
        if sold.is_done(tx, store, ask).await? {
            return Ok::<_, Error>(None);
        }
        let done = sold.agreed(&snapshot, (store, actor), (ask, now))?;
        let products: Vec<ProductId> = done.lines.iter().map(|line| line.product).collect();
        let mut loaded = inventory::load_levels(tx, store.id, store.floor, &products).await?;
        let movements = movements(&mut loaded, ask, &done, actor);
        let place = (store.id, store.floor);
        let shelf = inventory::record(tx, place, loaded, &movements, now).await?;
        sold.write_down(tx, (store, actor), (ask, &done), now)
            .await?;
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
    app.stock.commit(store.id, &shelf);
    tell(app, store, ask, (done.refund, &no));
    Ok(false)
}

/// What comes back, and what of it is written off.
pub(super) fn movements(
    loaded: &mut Loaded,
    ask: &Ask,
    done: &Return,
    actor: &Actor,
) -> Vec<Movement> {
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
            happened_at: None,
        }));
    }
    movements
}

/// Counts a return and tells those who listen.
pub(super) fn tell(app: &App, store: &Store, ask: &Ask, (refund, no): (Money, &str)) {
    metrics::counter!("aisle_returns_total").increment(1);
    metrics::counter!("aisle_refunded_fen_total")
        .increment(u64::try_from(refund.fen()).unwrap_or(0));
    let data = json!({ "id": ask.order, "no": no, "return_id": ask.id, "refund_fen": refund });
    app.events.publish_in(store.id, "order.returned", data);
}
