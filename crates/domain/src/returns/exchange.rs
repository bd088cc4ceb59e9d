//! Goods for goods (换货): what a return pays back pays for other goods, and the difference goes in cash.
//! Pure.
//!
//! Promises: no money is made or lost between the two halves, and cash moves one way only.

use crate::money::Money;

/// How the two halves of an exchange meet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exchange {
    /// What of the refund pays for the goods the customer takes along.
    pub credit: Money,
    /// What the customer adds.
    pub to_pay: Money,
    /// What the customer gets in cash.
    pub to_refund: Money,
}

impl Exchange {
    /// Sets what is due for the goods taken along against what the goods brought back are worth.
    pub fn of(refund: Money, due: Money) -> Exchange {
        let credit = refund.min(due);
        Exchange {
            credit,
            to_pay: due - credit,
            to_refund: refund - credit,
        }
    }
}
