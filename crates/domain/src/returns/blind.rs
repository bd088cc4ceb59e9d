//! Goods that come back without a receipt (无小票退货). Pure.
//!
//! Promises: nobody types what goes back. It is today's price of the goods, or what their scale label says
//! where that is less, so goods bought dearer lose and goods bought cheaper gain the customer at most the
//! difference of two shelf prices; it is never more than the goods, paid in the coins of the store.

use crate::money::{CashRounding, Money};
use crate::pricing::{self, BasketLine, PricedLine};

/// A decided return without a receipt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BlindReturn {
    /// One for each line, in order.
    pub lines: Vec<PricedLine>,
    /// What the lines are worth.
    pub goods: Money,
    /// What cash rounding adds to that; never more than nothing.
    pub rounding: Money,
    /// What goes back in cash.
    pub refund: Money,
}

/// Decides a return of these goods.
pub fn decide(lines: &[BasketLine], rounding: CashRounding) -> BlindReturn {
    let lines: Vec<PricedLine> = lines.iter().map(worth).collect();
    let goods: Money = lines.iter().map(|line| line.amount).sum();
    let rounding = rounding.adjustment(goods).min(Money::ZERO);
    BlindReturn {
        lines,
        goods,
        rounding,
        refund: goods + rounding,
    }
}

/// What a line is worth today; a price that was given for a sale is none of its own.
fn worth(line: &BasketLine) -> PricedLine {
    let mut line = line.clone();
    line.price_override = None;
    let priced = pricing::price(&line);
    let amount = priced.amount.min(line.product.price.times(line.qty));
    PricedLine {
        tax: amount.tax_within(line.product.tax_rate),
        discount: Money::ZERO,
        amount,
        ..priced
    }
}
