//! Deciding one sale. Pure: the same shelf and basket give the same answer.
//!
//! Promises: a refused basket leaves the shelf as it was; where the policy guards, nothing is sold
//! or promised that the books do not have, demand summed per product over the whole basket; the line
//! amounts and the rounding add up to the total; every piece paid for leaves the shelf by one ledger
//! entry per line; a sale that comes after its goods were counted without them leaves the shelf as it was
//! counted, and is not refused for want of what the count has taken out already.

use std::collections::BTreeMap;

use uuid::Uuid;

use crate::ids::{OrderId, PaymentId, ProductId};
use crate::inventory::{Entry, Level};
use crate::money::{CashRounding, Money};
use crate::order::{Channel, OrderState};
use crate::pricing::{self, BasketLine, PricedLine};
use crate::quantity::Quantity;
use crate::time::{BusinessDay, Instant};

/// At most this many lines in one basket.
pub const LINES_MAX: usize = 500;
/// At most this much of one product in one line: 100 000 units.
pub const LINE_QTY_MAX: Quantity = Quantity::from_milli(100_000_000);

/// What the store decided about selling.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StorePolicy {
    /// How cash totals are rounded.
    pub rounding: CashRounding,
    /// A staffed till may sell what the books do not have: the goods are in the customer's hand.
    pub pos_negative_stock: bool,
}

impl StorePolicy {
    /// Whether a sale on `channel` may never take stock below zero.
    pub fn guards(self, channel: Channel) -> bool {
        match channel {
            Channel::Pos => !self.pos_negative_stock,
            Channel::Kiosk | Channel::Online => true,
        }
    }
}

/// Cash on the counter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CashTender {
    /// The payment's identity.
    pub id: PaymentId,
    /// What the customer gave.
    pub tendered: Money,
}

/// What a till asks to sell.
#[derive(Debug, Clone)]
pub struct Basket {
    /// Made by the till before sending.
    pub order_id: OrderId,
    /// Where it is sold.
    pub channel: Channel,
    /// The goods; never empty.
    pub lines: Vec<BasketLine>,
    /// Cash; `None` leaves the order to be paid later.
    pub cash: Option<CashTender>,
    /// What the till told the customer to pay.
    pub expected_total: Option<Money>,
    /// When the goods left, where that was before the basket came.
    pub happened_at: Option<Instant>,
}

/// Stock of the products in question, as loaded in this transaction.
pub type Shelf = BTreeMap<ProductId, Level>;

/// A line as it is recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SoldLine {
    /// Its price.
    pub priced: PricedLine,
    /// What the goods cost at moving average.
    pub cost: Money,
    /// The stock entry, when the goods have left.
    pub entry: Option<Entry>,
    /// What goes before it, when a count had seen that the goods were gone; and when they were counted.
    pub given_back: Option<(Entry, Instant)>,
}

/// A decided sale, ready to be recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sale {
    /// Where the order stands after this step.
    pub state: OrderState,
    /// One for each basket line, in order.
    pub lines: Vec<SoldLine>,
    /// To pay: lines and rounding.
    pub total: Money,
    /// Given away on the lines.
    pub discount: Money,
    /// Cash rounding, its own line.
    pub rounding: Money,
    /// Tax contained in the lines.
    pub tax: Money,
    /// What was paid in cash.
    pub cash: Option<CashPaid>,
}

/// A settled cash payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CashPaid {
    /// The payment's identity.
    pub id: PaymentId,
    /// What it settles.
    pub amount: Money,
    /// What the customer gave.
    pub tendered: Money,
    /// What the customer gets back.
    pub change: Money,
}

/// A product of which too little is left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Short {
    /// Which.
    pub product: ProductId,
    /// Asked for, over the whole basket.
    pub wanted: Quantity,
    /// Can be sold now.
    pub left: Quantity,
}

/// A business answer: no.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Too little left where stock is guarded.
    #[error("out of stock: {0:?}")]
    OutOfStock(Vec<Short>),
    /// Products whose state forbids selling.
    #[error("not for sale: {0:?}")]
    NotForSale(Vec<ProductId>),
    /// Products whose given price was used up by another sale.
    #[error("the price given to {0:?} is used up")]
    OverrideUsed(Vec<ProductId>),
    /// Products whose code says they have expired.
    #[error("expired: {0:?}")]
    Expired(Vec<ProductId>),
    /// The till told the customer another total.
    #[error("the total is {now:?}, the till expected {expected:?}")]
    PriceChanged {
        /// What the till said.
        expected: Money,
        /// What it is.
        now: Money,
    },
    /// The cash does not cover the total.
    #[error("{tendered:?} does not cover {due:?}")]
    InsufficientTender {
        /// To pay.
        due: Money,
        /// Given.
        tendered: Money,
    },
}

/// Decides one sale and takes or reserves its goods on `shelf`.
pub fn decide(
    shelf: &mut Shelf,
    basket: &Basket,
    policy: StorePolicy,
    today: BusinessDay,
) -> Result<Sale, Refusal> {
    refuse_unsellable(basket, today)?;
    let priced: Vec<PricedLine> = basket.lines.iter().map(pricing::price).collect();
    let goods: Money = priced.iter().map(|line| line.amount).sum();
    let rounding = match basket.cash {
        Some(_) => policy.rounding.adjustment(goods),
        None => Money::ZERO,
    };
    let total = goods + rounding;
    let cash = settle(basket, total)?;
    if policy.guards(basket.channel) {
        refuse_short(shelf, basket)?;
    }
    let discount = priced.iter().map(|line| line.discount).sum();
    let tax = priced.iter().map(|line| line.tax).sum();
    Ok(Sale {
        state: if cash.is_some() {
            OrderState::Paid
        } else {
            OrderState::Received
        },
        lines: take(shelf, basket, priced, cash.is_some()),
        total,
        discount,
        rounding,
        tax,
        cash,
    })
}

/// The change for `tendered` cash against `due`, rounded as the store rounds.
pub fn pay_cash(id: PaymentId, due: Money, tendered: Money) -> Result<CashPaid, Refusal> {
    if tendered < due {
        return Err(Refusal::InsufficientTender { due, tendered });
    }
    Ok(CashPaid {
        id,
        amount: due,
        tendered,
        change: tendered - due,
    })
}

/// The identity of the `index`-th payment of an order whose till gave it none: always the same.
pub fn derived_payment_id(order: OrderId, index: u8) -> PaymentId {
    let mut bytes = *order.get().as_bytes();
    bytes[15] ^= 0xA5 ^ index;
    bytes[0] ^= 0x5A;
    PaymentId(Uuid::from_bytes(bytes))
}

fn refuse_unsellable(basket: &Basket, today: BusinessDay) -> Result<(), Refusal> {
    let named = |bad: &dyn Fn(&BasketLine) -> bool| -> Vec<ProductId> {
        basket
            .lines
            .iter()
            .filter(|line| bad(line))
            .map(|line| line.product.id)
            .collect()
    };
    let unsold = named(&|line| !line.product.state.is_sold());
    if !unsold.is_empty() {
        return Err(Refusal::NotForSale(unsold));
    }
    let expired = named(&|line| line.expires.is_some_and(|day| day < today));
    if !expired.is_empty() {
        return Err(Refusal::Expired(expired));
    }
    Ok(())
}

fn settle(basket: &Basket, total: Money) -> Result<Option<CashPaid>, Refusal> {
    if let Some(expected) = basket.expected_total.filter(|expected| *expected != total) {
        return Err(Refusal::PriceChanged {
            expected,
            now: total,
        });
    }
    basket
        .cash
        .map(|cash| pay_cash(cash.id, total, cash.tendered))
        .transpose()
}

fn refuse_short(shelf: &Shelf, basket: &Basket) -> Result<(), Refusal> {
    let mut wanted: BTreeMap<ProductId, Quantity> = BTreeMap::new();
    for line in &basket.lines {
        if is_late(shelf, basket, line) {
            continue;
        }
        *wanted.entry(line.product.id).or_default() += line.qty;
    }
    let short: Vec<Short> = wanted
        .into_iter()
        .filter_map(|(product, wanted)| {
            let left = shelf.get(&product).map_or(Quantity::ZERO, Level::available);
            (wanted > left).then_some(Short {
                product,
                wanted,
                left,
            })
        })
        .collect();
    if short.is_empty() {
        Ok(())
    } else {
        Err(Refusal::OutOfStock(short))
    }
}

/// Whether these goods were gone when they were counted. Goods that are only promised are still there.
fn is_late(shelf: &Shelf, basket: &Basket, line: &BasketLine) -> bool {
    let level = shelf.get(&line.product.id);
    basket.cash.is_some() && level.is_some_and(|level| level.has_seen(basket.happened_at))
}

fn take(shelf: &mut Shelf, basket: &Basket, priced: Vec<PricedLine>, paid: bool) -> Vec<SoldLine> {
    basket
        .lines
        .iter()
        .zip(priced)
        .map(|(line, priced)| {
            let late = is_late(shelf, basket, line);
            let level = shelf.entry(line.product.id).or_default();
            if paid {
                let (given_back, entry) = if late {
                    let (back, out) = level.issue_late(line.qty, line.product.cost);
                    (level.counted_at.map(|at| (back, at)), out)
                } else {
                    (None, level.issue(line.qty, line.product.cost))
                };
                SoldLine {
                    priced,
                    cost: -entry.value_delta,
                    entry: Some(entry),
                    given_back,
                }
            } else {
                level.reserve(line.qty);
                SoldLine {
                    priced,
                    cost: Money::ZERO,
                    entry: None,
                    given_back: None,
                }
            }
        })
        .collect()
}

#[cfg(test)]
pub(crate) mod tests;
