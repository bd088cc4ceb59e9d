//! Giving goods back: how much money goes back for them. Pure.
//!
//! Promises: through any sequence of returns no more comes back than was sold, line by line, and no more
//! money goes back than was paid, payment by payment; when everything has come back, exactly what was
//! paid has gone back, to the fen. What is paid back is a share of what was frozen at the sale; nothing is
//! priced again.

pub mod blind;
mod exchange;
mod window;

pub use exchange::Exchange;
pub use window::ReturnWindow;

use crate::ids::{PaymentId, ProductId};
use crate::money::{CashRounding, Money};
use crate::order::{IllegalStep, OrderState};
use crate::quantity::Quantity;

/// A part of a sold line.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Share {
    /// How much of the goods.
    pub qty: Quantity,
    /// What the customer paid for it.
    pub amount: Money,
    /// The tax contained in that.
    pub tax: Money,
    /// What the goods cost us.
    pub cost: Money,
}

/// A line as it was sold, and what came back of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SoldLine {
    /// Its place in the order.
    pub line_no: i64,
    /// The goods.
    pub product: ProductId,
    /// All of it.
    pub sold: Share,
    /// What came back so far.
    pub returned: Share,
    /// Whether only whole pieces come back.
    pub is_counted: bool,
}

/// One payment of the order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tender {
    /// Which.
    pub id: PaymentId,
    /// What it paid.
    pub paid: Money,
    /// What went back to it so far.
    pub refunded: Money,
}

/// A paid order with what was returned before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bought {
    /// Where it stands.
    pub state: OrderState,
    /// Its lines.
    pub lines: Vec<SoldLine>,
    /// What was paid: lines and cash rounding.
    pub total: Money,
    /// The payments, those to be refunded first in front.
    pub tenders: Vec<Tender>,
}

/// What somebody brings back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wanted {
    /// The line of the order; each is named once.
    pub line_no: i64,
    /// How much of it.
    pub qty: Quantity,
}

/// A line that comes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReturnedLine {
    /// The line of the order.
    pub line_no: i64,
    /// The goods.
    pub product: ProductId,
    /// What comes back now.
    pub share: Share,
}

/// A decided return.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Return {
    /// One for each wanted line, in order.
    pub lines: Vec<ReturnedLine>,
    /// What the lines were paid with.
    pub goods: Money,
    /// What cash rounding adds to that.
    pub rounding: Money,
    /// What goes back: goods and rounding.
    pub refund: Money,
    /// The same by payment; none of nothing.
    pub tenders: Vec<(PaymentId, Money)>,
    /// Where the order stands afterwards.
    pub state: OrderState,
}

/// No.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Nothing comes back of an order that stands there.
    #[error(transparent)]
    State(#[from] IllegalStep),
    /// The order has no such line.
    #[error("there is no line {0}")]
    NoSuchLine(i64),
    /// More than is left of a line.
    #[error("of line {line_no} {left:?} can come back")]
    TooMany {
        /// Which.
        line_no: i64,
        /// What can still come back.
        left: Quantity,
    },
    /// Part of a piece that is sold whole.
    #[error("line {0} comes back in whole pieces")]
    NotWhole(i64),
}

impl Share {
    /// What `more` of this line adds to the part that is gone already: the shares of all parts add up to the
    /// whole, so each is what is due in all less what was given before.
    fn next(self, gone: Share, more: Quantity) -> Share {
        let upto = gone.qty + more;
        let due =
            |of: fn(&Share) -> Money| of(&self).share(upto.milli(), self.qty.milli()) - of(&gone);
        Share {
            qty: more,
            amount: due(|share| share.amount),
            tax: due(|share| share.tax),
            cost: due(|share| share.cost),
        }
    }

    fn plus(self, more: Share) -> Share {
        Share {
            qty: self.qty + more.qty,
            amount: self.amount + more.amount,
            tax: self.tax + more.tax,
            cost: self.cost + more.cost,
        }
    }
}

impl SoldLine {
    /// What can still come back.
    pub fn left(&self) -> Quantity {
        self.sold.qty - self.returned.qty
    }

    fn take(&mut self, qty: Quantity) -> Result<ReturnedLine, Refusal> {
        if qty <= Quantity::ZERO || qty > self.left() {
            return Err(Refusal::TooMany {
                line_no: self.line_no,
                left: self.left(),
            });
        }
        if self.is_counted && !qty.is_whole() {
            return Err(Refusal::NotWhole(self.line_no));
        }
        let share = self.sold.next(self.returned, qty);
        self.returned = self.returned.plus(share);
        Ok(ReturnedLine {
            line_no: self.line_no,
            product: self.product,
            share,
        })
    }
}

impl Bought {
    fn refunded(&self) -> Money {
        self.tenders.iter().map(|tender| tender.refunded).sum()
    }

    /// What is to be paid back in all once goods paid with `goods` have come back.
    fn due(&self, goods: Money, rounding: CashRounding) -> Money {
        let all: Money = self.lines.iter().map(|line| line.sold.amount).sum();
        if goods == all {
            return self.total;
        }
        let share = goods + (self.total - all).share(goods.fen(), all.fen());
        (share + rounding.adjustment(share)).min(self.total)
    }
}

/// Decides a return. Cash is counted out in the coins of `rounding`; the last return takes what is left.
pub fn decide(
    bought: &Bought,
    wanted: &[Wanted],
    rounding: CashRounding,
) -> Result<Return, Refusal> {
    bought.state.give_back(false)?;
    let mut after = bought.clone();
    let mut lines = Vec::with_capacity(wanted.len());
    for Wanted { line_no, qty } in wanted {
        let line = after
            .lines
            .iter_mut()
            .find(|line| line.line_no == *line_no)
            .ok_or(Refusal::NoSuchLine(*line_no))?;
        lines.push(line.take(*qty)?);
    }
    let goods: Money = lines.iter().map(|line| line.share.amount).sum();
    let all: Money = after.lines.iter().map(|line| line.returned.amount).sum();
    let is_whole = after.lines.iter().all(|line| line.left() == Quantity::ZERO);
    let state = bought.state.give_back(is_whole)?;
    let due = if is_whole {
        after.total
    } else {
        after.due(all, rounding)
    };
    // Other coins than at an earlier return may have paid a little more than is due now.
    let refund = (due - bought.refunded()).max(Money::ZERO);
    Ok(Return {
        goods,
        rounding: refund - goods,
        refund,
        tenders: allot(&bought.tenders, refund),
        state,
        lines,
    })
}

/// `refund` by payment, each up to what it paid, in the order given.
fn allot(tenders: &[Tender], refund: Money) -> Vec<(PaymentId, Money)> {
    let mut open = refund;
    let mut parts = Vec::new();
    for tender in tenders {
        let part = open.min(tender.paid - tender.refunded);
        if part > Money::ZERO {
            parts.push((tender.id, part));
            open -= part;
        }
    }
    assert!(open == Money::ZERO, "{open:?} of a refund has no payment");
    parts
}

#[cfg(test)]
mod tests;
