//! What a demo shop sold in the days before it is looked at: orders, returns, an order that was given up now and
//! then, and what its tills did besides.
//!
//! Promises: made by the code that makes real ones, under a clock that is moved, so the books are whole; the same
//! for the same end; no more than [`ORDERS_MAX`] orders. Refuses: the machine's clock, which cannot be moved.

use std::sync::Arc;

use aisle_domain::catalog::Product;
use aisle_domain::order::OrderEvent;
use aisle_domain::quantity::Quantity;
use aisle_domain::returns::Wanted;
use aisle_domain::time::Instant;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use uuid::Uuid;

use crate::catalog::Store;
use crate::http::Actor;
use crate::{App, Result};

use super::basket::{Overrides, PlaceLine, PlaceOrder, PlacePayment};
use super::checkout::Outcome;
use super::engine::Job;
use super::returns::{self, Ask, GoodsTo};
use super::settle::{self, Cancel};
use super::till_events::{self, TillEvent};

/// Days, the last of which is not over.
pub const DAYS: i64 = 14;
const ORDERS_MAX: usize = 2000;
const SEED: u64 = 20_261_122;
const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;
/// Orders of an ordinary day, by hour from seven in the morning on.
const ORDERS_BY_HOUR: [i64; 15] = [3, 6, 8, 9, 11, 9, 6, 5, 6, 8, 12, 14, 11, 7, 3];
const OPENS_HOUR: i64 = 7;
/// So many of a hundred orders come back in part.
const RETURNED_PERCENT: u32 = 2;

/// Who works in the demo shop, each at a till; the last one deletes lines more often than the others.
#[derive(Debug)]
pub struct Cast {
    /// Who sells.
    pub cashiers: Vec<Actor>,
    /// Who agrees to what they may not do alone.
    pub manager: Actor,
}

/// Sells until `end`; answers how many orders there are.
pub async fn sell_until(app: &App, store: &Arc<Store>, cast: &Cast, end: Instant) -> Result<usize> {
    let mut shop = Shop {
        app,
        store,
        cast,
        chance: StdRng::seed_from_u64(SEED),
        goods: goods(app),
        orders: 0,
    };
    let first = midnight(store, end.plus_ms(-(DAYS - 1) * DAY_MS));
    for day in 0..DAYS {
        for (hour, count) in (OPENS_HOUR..).zip(ORDERS_BY_HOUR) {
            let begin = first.plus_ms(day * DAY_MS + hour * HOUR_MS);
            if begin.plus_ms(HOUR_MS) > end {
                return Ok(shop.orders);
            }
            shop.hour(begin, count).await?;
        }
    }
    Ok(shop.orders)
}

/// The beginning of the day in the store, an hour off at most where clocks are changed.
fn midnight(store: &Store, at: Instant) -> Instant {
    let into_hour = at.0.rem_euclid(HOUR_MS);
    at.plus_ms(-into_hour - i64::from(at.local_hour(store.zone)) * HOUR_MS)
}

/// The cheap ones first: they are bought more often.
fn goods(app: &App) -> Vec<Arc<Product>> {
    let products = app.catalogue.products();
    let mut goods: Vec<Arc<Product>> = products.iter().cloned().collect();
    goods.sort_by_key(|product| (product.price, product.id.get()));
    goods
}

/// An order that was just sold.
struct Sold {
    id: Uuid,
    at: Instant,
    cashier: usize,
    /// Of its first line.
    qty: Quantity,
}

struct Shop<'a> {
    app: &'a App,
    store: &'a Arc<Store>,
    cast: &'a Cast,
    chance: StdRng,
    goods: Vec<Arc<Product>>,
    orders: usize,
}

impl Shop<'_> {
    async fn hour(&mut self, begin: Instant, usual: i64) -> Result<()> {
        let count = self.chance.random_range(usual * 3 / 4..=usual * 5 / 4 + 1);
        let mut times: Vec<i64> = (0..count)
            .map(|_| self.chance.random_range(0..HOUR_MS))
            .collect();
        times.sort_unstable();
        let over = self.chance.random_range(HOUR_MS * 3 / 4..HOUR_MS);
        let over = times.last().map_or(over, |last| over.max(*last));
        let mut jobs = Vec::new();
        let mut sold = Vec::new();
        for ms in times {
            if self.orders + jobs.len() == ORDERS_MAX {
                break;
            }
            let cashier = self.chance.random_range(0..self.cast.cashiers.len());
            let order = self.order(begin.plus_ms(ms));
            sold.push(Sold {
                id: order.id,
                at: begin.plus_ms(ms),
                cashier,
                qty: Quantity::from_milli(order.lines[0].qty_milli.unwrap_or(1000)),
            });
            jobs.push(self.job(order, cashier, begin.plus_ms(ms))?);
        }
        self.move_clock(begin.plus_ms(over));
        let sold = self.place(jobs, sold).await?;
        self.besides(&sold).await?;
        if let Some(first) = sold.first() {
            let taken_back = self.chance.random_range(0..100) < RETURNED_PERCENT * count_of(&sold);
            if taken_back {
                self.take_back(first).await?;
            }
        }
        if begin.local_hour(self.store.zone) == 15 {
            self.give_up().await?;
        }
        Ok(())
    }

    /// Sells them in one commit; those that the shelf has not are not sold.
    async fn place(&mut self, jobs: Vec<Arc<Job>>, sold: Vec<Sold>) -> Result<Vec<Sold>> {
        let submitted = jobs
            .into_iter()
            .map(|job| self.app.engines.submit(self.app, self.store, job));
        let mut placed = Vec::new();
        for (outcome, order) in futures_util::future::join_all(submitted)
            .await
            .into_iter()
            .zip(sold)
        {
            if matches!(outcome?, Outcome::Placed(_)) {
                placed.push(order);
            }
        }
        self.orders += placed.len();
        Ok(placed)
    }

    fn order(&mut self, at: Instant) -> PlaceOrder {
        let count = [1, 1, 2, 2, 3, 3, 4, 5, 6, 9][self.chance.random_range(0..10)];
        let mut sum = 0;
        let lines = (0..count)
            .map(|_| {
                let (product, qty) = self.pick();
                sum += product.price.times(qty).fen();
                PlaceLine {
                    barcode: None,
                    product_id: Some(product.id.get()),
                    qty_milli: Some(qty.milli()),
                    price_override: None,
                }
            })
            .collect();
        // The next whole ten, fifty or hundred that covers it.
        let note = [1000, 5000, 10_000][self.chance.random_range(0..3)];
        let payment = PlacePayment {
            id: None,
            method: "cash".to_owned(),
            tendered_fen: (sum / note + 1) * note,
        };
        PlaceOrder {
            id: self.id(at),
            channel: "pos".to_owned(),
            lines,
            member: None,
            payments: vec![payment],
            sold_at: None,
            expect_total_fen: None,
        }
    }

    /// Cheap goods rather than dear ones, more often one than several.
    fn pick(&mut self) -> (Arc<Product>, Quantity) {
        let (one, other) = (self.any_goods(), self.any_goods());
        let product = self.goods[one.min(other)].clone();
        let qty = if product.weighed {
            self.chance.random_range(20..180) * 10
        } else {
            [1, 1, 1, 1, 1, 1, 1, 2, 2, 3][self.chance.random_range(0..10)] * 1000
        };
        (product, Quantity::from_milli(qty))
    }

    fn any_goods(&mut self) -> usize {
        self.chance.random_range(0..self.goods.len())
    }

    fn job(&self, order: PlaceOrder, cashier: usize, at: Instant) -> Result<Arc<Job>> {
        let actor = &self.cast.cashiers[cashier];
        let request_hash = order.hash();
        let snapshot = self.app.catalogue.products();
        let parsed = order.parse(&snapshot, self.store, Overrides::default(), at)?;
        Ok(Arc::new(Job {
            request_hash,
            terminal: actor.terminal()?.clone(),
            cashier_id: actor.user.as_ref().map(|user| user.id.get()),
            cashier: actor.title().to_owned(),
            actor: actor.name().to_owned(),
            basket: parsed.basket,
            member: parsed.member,
            sold_at: parsed.sold_at,
            created_at: at,
        }))
    }

    /// What happened at the tills around these sales.
    async fn besides(&mut self, sold: &[Sold]) -> Result<()> {
        for order in sold {
            let is_hasty = order.cashier + 1 == self.cast.cashiers.len();
            let mut items = Vec::new();
            for (kind, percent) in [
                ("void_line", if is_hasty { 16 } else { 4 }),
                ("price_check", 5),
                ("void_basket", 1),
                ("payment_attempt", 1),
                ("scan_unknown", 1),
                ("drawer_open", if is_hasty { 3 } else { 1 }),
            ] {
                if self.chance.random_range(0..100) < percent {
                    let detail = self.detail(kind);
                    let id = self.id(order.at);
                    items.push(TillEvent::new(id, kind, order.at, detail));
                }
            }
            if !items.is_empty() {
                let actor = &self.cast.cashiers[order.cashier];
                till_events::record(self.app, actor, items).await?;
            }
        }
        Ok(())
    }

    fn detail(&mut self, kind: &str) -> String {
        let (product, qty) = self.pick();
        match kind {
            "void_line" if product.weighed => product.name.to_string(),
            "void_line" => format!("{} × {}", product.name, qty.milli() / 1000),
            "price_check" => product.name.to_string(),
            "void_basket" | "payment_attempt" => {
                let fen = product.price.fen();
                format!("{}.{:02}", fen / 100, fen % 100)
            }
            "scan_unknown" => format!("69{:011}", self.chance.random_range(0..10_000_000_000_u64)),
            _ => String::new(),
        }
    }

    /// The first line comes back, with the manager's yes.
    async fn take_back(&mut self, order: &Sold) -> Result<()> {
        let at = self.app.clock.now();
        let reason = ["买错了", "包装破损", "不想要了"][self.chance.random_range(0..3)];
        let goods_to = if reason == "包装破损" {
            GoodsTo::Loss
        } else {
            GoodsTo::Shelf
        };
        let wanted = Wanted {
            line_no: 1,
            qty: order.qty,
        };
        let ask = Ask {
            id: self.id(at),
            order: order.id,
            request_hash: "demo".to_owned(),
            reason: reason.to_owned(),
            lines: vec![(wanted, goods_to)],
            expected_refund: None,
        };
        let actor = Actor {
            approver: Some(self.cast.manager.title().to_owned()),
            ..self.cast.cashiers[order.cashier].clone()
        };
        returns::take_back(self.app, self.store, &actor, &ask).await?;
        Ok(())
    }

    /// Somebody ordered and did not come to pay.
    async fn give_up(&mut self) -> Result<()> {
        let at = self.app.clock.now();
        let order = PlaceOrder {
            payments: Vec::new(),
            ..self.order(at)
        };
        let id = order.id;
        let job = self.job(order, 0, at)?;
        let placed = self.app.engines.submit(self.app, self.store, job).await?;
        if !matches!(placed, Outcome::Placed(_)) {
            return Ok(());
        }
        self.orders += 1;
        let cancel = Cancel {
            kind: OrderEvent::Cancelled,
            actor: Some(&self.cast.manager),
            reason: "顾客没有来付款",
        };
        settle::cancel(self.app, self.store, id, cancel).await?;
        Ok(())
    }

    /// Sorts by time like every identity, and is the same each time.
    fn id(&mut self, at: Instant) -> Uuid {
        let chance: [u8; 10] = self.chance.random();
        let ms = u64::try_from(at.0).unwrap_or_default();
        uuid::Builder::from_unix_timestamp_millis(ms, &chance).into_uuid()
    }

    fn move_clock(&self, to: Instant) {
        self.app.clock.advance_ms(to.0 - self.app.clock.now().0);
    }
}

fn count_of(sold: &[Sold]) -> u32 {
    u32::try_from(sold.len()).unwrap_or(u32::MAX)
}
