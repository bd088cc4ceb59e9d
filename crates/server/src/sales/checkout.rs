//! One batch of baskets in one transaction: load → decide each in turn → record.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use aisle_db::{Tx, insert_in_turn};
use aisle_domain::checkout::{Refusal, Sale, decide};
use aisle_domain::ids::ProductId;
use aisle_domain::inventory::Reason;
use aisle_domain::order::OrderState;
use aisle_domain::quantity::Quantity;
use aisle_domain::time::BusinessDay;
use serde_json::json;
use uuid::Uuid;

use crate::catalog::Store;
use crate::inventory::{self, Available, Movement, Recording};
use crate::{App, Error, Result, codes};

use super::engine::{Hands, Job};
use super::{price_override, store};

/// What became of a basket.
#[derive(Debug)]
pub(super) enum Outcome {
    /// Recorded now.
    Placed(Box<Placed>),
    /// Recorded before, by the same request.
    Again,
    /// Its id belongs to another request.
    Reused,
    /// No.
    Refused(Refusal),
}

/// A recorded order.
#[derive(Debug, Clone)]
pub(super) struct Placed {
    pub(super) sale: Sale,
    pub(super) day: BusinessDay,
    pub(super) seq: i64,
}

/// Places a batch. Answers one outcome for each job, in order, after the commit.
pub(super) async fn place_batch(
    (app, db): Hands<'_>,
    store: &Store,
    jobs: &[Arc<Job>],
) -> Result<Vec<Outcome>> {
    let (outcomes, shelf) = aisle_db::transact!(db, |tx| {
        let products: Vec<ProductId> = jobs
            .iter()
            .flat_map(|job| job.basket.lines.iter().map(|line| line.product.id))
            .collect();
        let mut loaded = inventory::load_levels(tx, store.id, store.floor, &products).await?;
        // Behind the lock that comes with the levels: nobody else places one of these meanwhile.
        let ids: Vec<Uuid> = jobs.iter().map(|job| job.basket.order_id.get()).collect();
        let mut known = store::request_hashes(tx, store.id, &ids).await?;
        let mut used = price_override::used(tx, store.id, jobs.iter().map(|job| &**job)).await?;
        let before = loaded.shelf.clone();
        let mut outcomes: Vec<Outcome> = jobs
            .iter()
            .map(|job| decide_one(&mut loaded.shelf, store, job, (&mut known, &mut used)))
            .collect();
        number(tx, store, jobs, &mut outcomes).await?;
        let orders: Vec<(&Job, &Placed)> = placed(jobs, &outcomes).collect();
        if orders.is_empty() {
            return Ok::<_, Error>((outcomes, None));
        }
        let at = orders
            .iter()
            .map(|(job, _)| job.created_at)
            .max()
            .unwrap_or_default();
        let movements = movements(&orders);
        let moved: HashSet<ProductId> = movements.iter().map(|moved| moved.product).collect();
        loaded
            .shelf
            .retain(|product, level| moved.contains(product) || before.get(product) != Some(level));
        let place = (store.id, store.floor);
        let recording = Recording::number(tx, place, loaded, &movements, at).await?;
        insert_in_turn(tx, store::parts(store, &orders).chain(recording.parts())).await?;
        price_override::use_up(tx, store.id, &orders).await?;
        Ok((outcomes, Some(recording.into_shelf())))
    })?;
    if let Some(shelf) = shelf {
        tell_low_stock(app, store, &app.stock.commit(store.id, &shelf));
    }
    Ok(outcomes)
}

fn decide_one(
    shelf: &mut aisle_domain::checkout::Shelf,
    store: &Store,
    job: &Job,
    (known, used): (&mut HashMap<Uuid, String>, &mut HashSet<Uuid>),
) -> Outcome {
    let id = job.basket.order_id.get();
    if let Some(hash) = known.get(&id) {
        return if *hash == job.request_hash {
            Outcome::Again
        } else {
            Outcome::Reused
        };
    }
    let spent: Vec<ProductId> = price_override::in_basket(job)
        .filter(|given| used.contains(&given.id))
        .map(|given| given.product)
        .collect();
    if !spent.is_empty() {
        return Outcome::Refused(Refusal::OverrideUsed(spent));
    }
    let day = store.business_day(job.sold_at);
    match decide(shelf, &job.basket, store.policy, day) {
        Ok(sale) => {
            known.insert(id, job.request_hash.clone());
            used.extend(price_override::in_basket(job).map(|given| given.id));
            Outcome::Placed(Box::new(Placed { sale, day, seq: 0 }))
        }
        Err(refusal) => Outcome::Refused(refusal),
    }
}

/// Gives each placed order the next number of its till and day.
async fn number(tx: &Tx, store: &Store, jobs: &[Arc<Job>], outcomes: &mut [Outcome]) -> Result<()> {
    let mut wanted: BTreeMap<(i64, BusinessDay), i64> = BTreeMap::new();
    for (job, placed) in placed(jobs, outcomes) {
        *wanted.entry((job.terminal.no, placed.day)).or_default() += 1;
    }
    let mut next = store::take_receipt_numbers(tx, store.id, &wanted).await?;
    for (job, outcome) in jobs.iter().zip(outcomes) {
        if let Outcome::Placed(placed) = outcome
            && let Some(seq) = next.get_mut(&(job.terminal.no, placed.day))
        {
            placed.seq = *seq;
            *seq += 1;
        }
    }
    Ok(())
}

fn placed<'a>(
    jobs: &'a [Arc<Job>],
    outcomes: &'a [Outcome],
) -> impl Iterator<Item = (&'a Job, &'a Placed)> {
    jobs.iter()
        .zip(outcomes)
        .filter_map(|(job, outcome)| match outcome {
            Outcome::Placed(placed) => Some((&**job, &**placed)),
            Outcome::Again | Outcome::Reused | Outcome::Refused(_) => None,
        })
}

/// What placed orders take from the shelf.
pub(super) fn movements(orders: &[(&Job, &Placed)]) -> Vec<Movement> {
    let mut movements = Vec::with_capacity(orders.len() * 5);
    for (job, placed) in orders {
        for (ref_line, (line, sold)) in
            (1i64..).zip(job.basket.lines.iter().zip(&placed.sale.lines))
        {
            let given_back = sold
                .given_back
                .map(|(entry, at)| (Reason::CountLate, entry, Some(at)));
            let sale = sold
                .entry
                .map(|entry| (Reason::Sale, entry, job.basket.happened_at));
            let entries = given_back.into_iter().chain(sale);
            movements.extend(entries.map(|(reason, entry, happened_at)| Movement {
                product: line.product.id,
                entry,
                reason,
                ref_id: Some(job.basket.order_id.get()),
                ref_line,
                actor: job.actor.clone(),
                note: String::new(),
                happened_at,
            }));
        }
    }
    movements
}

/// Tells when a product falls below its safety stock, or below zero.
pub(super) fn tell_low_stock(
    app: &App,
    store: &Store,
    changes: &[(ProductId, Available, Available)],
) {
    let snapshot = app.catalogue.products();
    for (id, before, after) in changes {
        let Some(product) = snapshot.product(*id) else {
            continue;
        };
        let limit = product.safety_stock;
        let fell = before.now() >= limit && after.now() < limit;
        let negative = before.now() >= Quantity::ZERO && after.now() < Quantity::ZERO;
        if negative {
            metrics::counter!("aisle_stock_negative_total").increment(1);
        }
        if (fell || negative) && app.events.is_heard() {
            let data = json!({ "product_id": id, "name": &*product.name,
                "available_milli": after.now().milli(), "safety_stock_milli": limit.milli() });
            app.events.publish_in(store.id, "stock.low", data);
        }
    }
}

/// The refusal as clients see it.
pub(super) fn refusal_error(app: &App, refusal: Refusal) -> Error {
    let snapshot = app.catalogue.products();
    let name = |id: ProductId| snapshot.product(id).map(|product| product.name.to_string());
    let named = |ids: Vec<ProductId>| {
        ids.into_iter()
            .map(|id| json!({ "product_id": id, "name": name(id) }))
            .collect()
    };
    match refusal {
        Refusal::OutOfStock(short) => Error::with(
            &codes::OUT_OF_STOCK,
            short
                .into_iter()
                .map(|short| {
                    json!({ "product_id": short.product, "name": name(short.product),
                        "wanted_milli": short.wanted.milli(), "left_milli": short.left.milli() })
                })
                .collect(),
        ),
        Refusal::NotForSale(ids) => Error::with(&codes::NOT_FOR_SALE, named(ids)),
        Refusal::OverrideUsed(ids) => Error::with(&codes::OVERRIDE_USED, named(ids)),
        Refusal::Expired(ids) => Error::with(&codes::EXPIRED_GOODS, named(ids)),
        Refusal::PriceChanged { expected, now } => Error::with(
            &codes::PRICE_CHANGED,
            vec![json!({ "name": "expect_total_fen", "expected_fen": expected, "total_fen": now })],
        ),
        Refusal::InsufficientTender { due, tendered } => Error::with(
            &codes::INSUFFICIENT_TENDER,
            vec![json!({ "name": "tendered_fen", "due_fen": due, "tendered_fen": tendered })],
        ),
    }
}

/// Counts what was placed and tells those who listen.
pub(super) fn tell_placed(app: &App, job: &Tell, placed: &Placed) {
    let kind = match placed.sale.state {
        OrderState::Paid => "order.paid",
        OrderState::Received => "order.placed",
        OrderState::Cancelled => "order.cancelled",
        OrderState::PartlyReturned | OrderState::Returned => "order.returned",
    };
    metrics::counter!("aisle_orders_total", "channel" => job.channel, "result" => placed.sale.state.as_str())
        .increment(1);
    if app.events.is_heard() {
        let data =
            json!({ "id": job.order_id, "no": job.no, "total_fen": placed.sale.total.fen() });
        app.events.publish_in(job.store, kind, data);
    }
}

/// What listeners are told of an order.
#[derive(Debug)]
pub(super) struct Tell {
    pub(super) store: aisle_domain::ids::StoreId,
    pub(super) order_id: Uuid,
    pub(super) no: String,
    pub(super) channel: &'static str,
}
