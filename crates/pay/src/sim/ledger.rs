//! Every movement of money, in the order it happened: added, never changed.

use aisle_domain::money::round_div;
use serde::{Deserialize, Serialize};

use crate::gateway::Channel;

/// What the gateway keeps of a payment: 0.60 %, in hundredths of a per cent.
const FEE_BASIS_POINTS: i64 = 60;

/// Why money moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    /// From the customer.
    Payment,
    /// Back, because the merchant refunded.
    Refund,
    /// Back, because the payment was reversed or cancelled.
    Reversal,
}

/// One movement: positive from the customer to the merchant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Movement {
    /// Its place in the ledger.
    pub(crate) no: i64,
    /// Milliseconds since the epoch, on the simulator's clock.
    pub(crate) at: i64,
    pub(crate) kind: Kind,
    pub(crate) channel: Channel,
    pub(crate) out_trade_no: String,
    pub(crate) gateway_no: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) refund_no: Option<String>,
    pub(crate) amount_fen: i64,
}

impl Movement {
    /// The gateway's fee, rounded to the fen for each movement; it comes back with the money.
    pub(crate) fn fee_fen(&self) -> i64 {
        round_div(
            i128::from(self.amount_fen) * i128::from(FEE_BASIS_POINTS),
            10_000,
        )
    }
}

/// The sums of a ledger.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Totals {
    /// From customers.
    pub(crate) paid_fen: i64,
    /// Back to customers, refunds and reversals.
    pub(crate) refunded_fen: i64,
    /// The difference: what the merchant has.
    pub(crate) net_fen: i64,
}

impl Totals {
    /// Adds up.
    pub(crate) fn of<'a>(movements: impl IntoIterator<Item = &'a Movement>) -> Totals {
        let mut totals = Totals::default();
        for movement in movements {
            if movement.kind == Kind::Payment {
                totals.paid_fen += movement.amount_fen;
            } else {
                totals.refunded_fen -= movement.amount_fen;
            }
            totals.net_fen += movement.amount_fen;
        }
        totals
    }
}
