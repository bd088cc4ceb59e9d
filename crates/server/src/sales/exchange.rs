//! Goods for goods (换货): a return and a sale in one transaction.
//!
//! Promises: both halves happen or neither, once however often it is sent; what the return pays back pays
//! for the goods taken along and only the difference goes in cash; each half names the other. Refuses
//! returns whose money goes back to something else than cash: what is lent to the new goods is cash.

use std::collections::BTreeMap;
use std::iter::once as one;

use aisle_db::{Bulk, Tx, insert_in_turn};
use aisle_domain::checkout::{Basket, Refusal, Sale, decide, derived_payment_id, pay_cash};
use aisle_domain::ids::{PaymentId, ProductId};
use aisle_domain::money::Money;
use aisle_domain::pricing;
use aisle_domain::returns::{Exchange, Return, Wanted};
use aisle_domain::time::BusinessDay;
use serde_json::json;
use uuid::Uuid;

use crate::catalog::Store;
use crate::http::Actor;
use crate::inventory;
use crate::ops::{self, Operation};
use crate::{App, Error, Result, codes};

use super::checkout::{self, Placed, Tell, refusal_error, tell_low_stock};
use super::engine::Job;
use super::exchange_store;
use super::receipt::EXCHANGE;
use super::returns::{self, Ask};
use super::sold::Sold;
use super::{price_override, store, view};

/// What somebody brings back, and what they take along.
#[derive(Debug)]
pub(super) struct AskExchange {
    pub(super) back: Ask,
    /// The goods taken along and who sells them; its cash is what lies on the counter.
    pub(super) job: Job,
    /// What the customer was told to add; below nothing is what they get.
    pub(super) expected_difference: Option<Money>,
}

/// What an exchange comes to.
#[derive(Debug)]
pub(super) struct Quote {
    pub(super) refund: Money,
    pub(super) total: Money,
    pub(super) exchange: Exchange,
    /// Whether a second person has to agree because the sale is too long ago.
    pub(super) is_late: bool,
}

/// What was exchanged.
struct Done {
    back: Return,
    placed: Placed,
    shelf: aisle_domain::checkout::Shelf,
    /// The number of the order something came back of.
    no: String,
}

/// What an exchange would come to. Changes nothing.
pub(super) async fn quote(
    app: &App,
    store: &Store,
    (order, wanted): (Uuid, &[Wanted]),
    basket: &Basket,
) -> Result<Quote> {
    let sold = Sold::find(app, store, order).await?;
    let back = sold.decide(&app.catalogue.products(), store, wanted)?;
    ensure_cash(&sold, &back)?;
    let goods: Money = basket
        .lines
        .iter()
        .map(|line| pricing::price(line).amount)
        .sum();
    let total = goods + store.policy.rounding.adjustment(goods);
    Ok(Quote {
        refund: back.refund,
        total,
        exchange: Exchange::of(back.refund, total),
        is_late: sold.is_late(store, app.clock.now()),
    })
}

/// Exchanges goods; answers whether it had been done before.
pub(super) async fn exchange(
    app: &App,
    store: &Store,
    actor: &Actor,
    ask: &AskExchange,
) -> Result<bool> {
    let done = aisle_db::transact!(app.db, |tx| both_halves(app, tx, (store, actor), ask).await)?;
    let Some(done) = done else {
        return Ok(true);
    };
    let changes = app.stock.commit(store.id, &done.shelf);
    returns::tell(app, store, &ask.back, (done.back.refund, &done.no));
    tell_low_stock(app, store, &changes);
    let tell = Tell {
        store: store.id,
        order_id: ask.job.basket.order_id.get(),
        no: aisle_domain::order::order_no(done.placed.day, ask.job.terminal.no, done.placed.seq),
        channel: ask.job.basket.channel.as_str(),
    };
    checkout::tell_placed(app, &tell, &done.placed);
    Ok(false)
}

/// Nothing when it had been done before.
async fn both_halves(
    app: &App,
    tx: &Tx,
    (store, actor): (&Store, &Actor),
    ask: &AskExchange,
) -> Result<Option<Done>> {
    let (job, now) = (&ask.job, ask.job.created_at);
    let sold = Sold::locked(tx, store, ask.back.order).await?;
    if sold.is_done(tx, store, &ask.back).await? {
        return Ok(None);
    }
    let snapshot = app.catalogue.products_full();
    let back = sold.agreed(&snapshot, (store, actor), (&ask.back, now))?;
    ensure_cash(&sold, &back)?;
    let mut products: Vec<ProductId> = back.lines.iter().map(|line| line.product).collect();
    products.extend(job.basket.lines.iter().map(|line| line.product.id));
    let mut loaded = inventory::load_levels(tx, store.id, store.floor, &products).await?;
    ensure_new(tx, store, job).await?;
    // What comes back lies on the shelf before anything is taken from it.
    let mut movements = returns::movements(&mut loaded, &ask.back, &back, actor);
    let (sale, exchange) = sell(app, store, ask, (&mut loaded.shelf, back.refund))?;
    let day = store.business_day(now);
    let seq = take_number(tx, store, (job.terminal.no, day)).await?;
    let placed = Placed { sale, day, seq };
    let orders = [(job, &placed)];
    movements.extend(checkout::movements(&orders));
    let place = (store.id, store.floor);
    let shelf = inventory::record(tx, place, loaded, &movements, now).await?;
    let credit = credit(store, job, exchange.credit);
    insert_in_turn(tx, store::parts(store, &orders).chain([credit])).await?;
    price_override::use_up(tx, store.id, &orders).await?;
    sold.write_down(tx, (store, actor), (&ask.back, &back), now)
        .await?;
    let taken = job.basket.order_id.get();
    let halves = (ask.back.id, taken);
    exchange_store::insert(tx, store.id, halves, (exchange.credit, now)).await?;
    let operation = Operation::of(actor, "order.return")
        .on(format!("order {}", ask.back.order))
        .detail(
            json!({ "reason": ask.back.reason, "return": ask.back.id, "refund_fen": back.refund,
            "lines": back.lines.len(), "exchange": taken, "credit_fen": exchange.credit }),
        );
    ops::record(tx, now, operation).await?;
    let no = view::number(&sold.row);
    Ok(Some(Done {
        back,
        placed,
        shelf,
        no,
    }))
}

/// What goes back elsewhere than in cash cannot pay at the till.
fn ensure_cash(sold: &Sold, back: &Return) -> Result<()> {
    match sold
        .refunds(back)
        .into_iter()
        .find(|part| part.method != "cash")
    {
        None => Ok(()),
        Some(part) => Err(Error::with(
            &codes::EXCHANGE_NEEDS_CASH,
            vec![json!({ "method": part.method })],
        )),
    }
}

/// The order of the goods taken along is a new one, and so are the prices given in it.
async fn ensure_new(tx: &Tx, store: &Store, job: &Job) -> Result<()> {
    let id = job.basket.order_id.get();
    let known = store::request_hashes(tx, store.id, &[id]).await?;
    if known.contains_key(&id) {
        return Err(Error::code(&codes::ORDER_ID_REUSED));
    }
    let used = price_override::used(tx, store.id, one(job)).await?;
    let spent = price_override::in_basket(job).find(|given| used.contains(&given.id));
    match spent {
        None => Ok(()),
        Some(given) => Err(Error::with(
            &codes::OVERRIDE_USED,
            vec![json!({ "product_id": given.product })],
        )),
    }
}

/// Sells the goods taken along for the refund and the cash on the counter.
fn sell(
    app: &App,
    store: &Store,
    ask: &AskExchange,
    (shelf, refund): (&mut aisle_domain::checkout::Shelf, Money),
) -> Result<(Sale, Exchange)> {
    let refused = |refusal: Refusal| refusal_error(app, refusal);
    let given = ask
        .job
        .basket
        .cash
        .map_or(Money::ZERO, |cash| cash.tendered);
    let mut basket = ask.job.basket.clone();
    if let Some(cash) = &mut basket.cash {
        cash.tendered = given + refund;
    }
    let day = store.business_day(ask.job.sold_at);
    let mut sale = decide(shelf, &basket, store.policy, day).map_err(refused)?;
    let exchange = Exchange::of(refund, sale.total);
    let difference = exchange.to_pay - exchange.to_refund;
    if let Some(expected) = ask.expected_difference.filter(|fen| *fen != difference) {
        let field = json!({ "name": "expect_difference_fen", "expected_fen": expected,
            "total_fen": difference });
        return Err(Error::with(&codes::PRICE_CHANGED, vec![field]));
    }
    sale.cash = match ask.job.basket.cash {
        Some(cash) if exchange.to_pay > Money::ZERO => {
            Some(pay_cash(cash.id, exchange.to_pay, given).map_err(refused)?)
        }
        // Nobody counts money on the counter that is not owed.
        _ if given > Money::ZERO => {
            return Err(Error::invalid("tendered_fen", "nothing is to be paid"));
        }
        _ => None,
    };
    Ok((sale, exchange))
}

async fn take_number(tx: &Tx, store: &Store, till_and_day: (i64, BusinessDay)) -> Result<i64> {
    let wanted = BTreeMap::from([(till_and_day, 1)]);
    let taken = store::take_receipt_numbers(tx, store.id, &wanted).await?;
    Ok(taken.get(&till_and_day).copied().unwrap_or(1))
}

/// The payment that the return makes.
fn credit(store: &Store, job: &Job, credit: Money) -> Bulk {
    let PaymentId(id) = derived_payment_id(job.basket.order_id, 1);
    Bulk::into("payments")
        .same_bigint("store_id", store.id.get())
        .uuid("order_id", one(job.basket.order_id.get()))
        .uuid("id", one(id))
        .same_text("method", EXCHANGE)
        .same_text("status", "succeeded")
        .bigint("amount_fen", one(credit.fen()))
        .bigint("tendered_fen", one(credit.fen()))
        .bigint("change_fen", one(0))
        .bigint("created_at", one(job.created_at.0))
}
