//! Money that goes back through a gateway, and what the channel takes.

use crate::money::Money;
use crate::time::Instant;

use super::doubled;

const SECOND: i64 = 1000;

/// Where money that goes back through a gateway stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RefundState {
    /// Written down; to be sent, and sent again under the same number until there is an answer.
    Requested,
    /// The gateway has it.
    Processing,
    /// The customer has it.
    Succeeded,
    /// It did not go through by itself: a person has to give the money back.
    Abnormal,
    /// A person gave it back in another way.
    Settled,
}

impl RefundState {
    /// Every state.
    pub const ALL: [RefundState; 5] = [
        RefundState::Requested,
        RefundState::Processing,
        RefundState::Succeeded,
        RefundState::Abnormal,
        RefundState::Settled,
    ];

    /// The name in storage and on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            RefundState::Requested => "requested",
            RefundState::Processing => "processing",
            RefundState::Succeeded => "succeeded",
            RefundState::Abnormal => "abnormal",
            RefundState::Settled => "settled",
        }
    }

    /// The state with this name.
    pub fn parse(name: &str) -> Option<RefundState> {
        RefundState::ALL
            .into_iter()
            .find(|state| state.as_str() == name)
    }
}

/// What a gateway said of a refund.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefundSeen {
    /// The customer has it.
    Done,
    /// It is on its way.
    Processing,
    /// It will not go through by itself.
    Abnormal,
    /// No answer that can be trusted, or the merchant's balance is too low for now.
    Nothing,
    /// Refused for good.
    Declined,
}

/// Where a refund stands after that, and when it is looked at again after `checks` looks.
pub fn refund_after(
    state: RefundState,
    seen: RefundSeen,
    checks: i64,
    now: Instant,
) -> (RefundState, Option<Instant>) {
    let later = Some(now.plus_ms(doubled(5 * SECOND, checks)));
    match (state, seen) {
        (RefundState::Succeeded | RefundState::Settled, _) => (state, None),
        (_, RefundSeen::Done) => (RefundState::Succeeded, None),
        (_, RefundSeen::Abnormal | RefundSeen::Declined) => (RefundState::Abnormal, None),
        (RefundState::Abnormal, _) => (RefundState::Abnormal, None),
        (_, RefundSeen::Processing) => (RefundState::Processing, later),
        (_, RefundSeen::Nothing) => (state, later),
    }
}

/// What a channel takes of a payment (手续费).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct FeeRule {
    /// Millionths of the amount, rounded half up to the fen.
    pub rate_ppm: i64,
    /// At least so much.
    pub min: Money,
    /// At most so much.
    pub cap: Option<Money>,
}

impl FeeRule {
    /// What it takes of this payment; never more than the payment.
    pub fn of(self, amount: Money) -> Money {
        let fee = amount.share(self.rate_ppm, 1_000_000).max(self.min);
        self.cap.map_or(fee, |cap| fee.min(cap)).min(amount)
    }
}
