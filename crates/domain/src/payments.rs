//! The life of an attempt to take money through a gateway, and of money that goes back. Pure.
//!
//! Promises: an attempt is over only when the gateway said so or can no longer say otherwise; a time-out never
//! counts as "not paid"; what is over changes once at most, into [`AttemptState::LatePaid`], when money arrives
//! that nobody waits for any more. Whoever keeps the record asks [`due`] what to do next and tells [`after`] what
//! came of it. Times follow the rules of the gateways: a payment code is asked after for 45 seconds at WeChat and 30 at
//! Alipay and then given up; WeChat refuses to give up sooner than 15 seconds after the call.

mod refund;
mod state;

use crate::money::Money;
use crate::time::Instant;

pub use refund::{FeeRule, RefundSeen, RefundState, refund_after};
pub use state::AttemptState;

/// How the customer pays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Product {
    /// The shop scans the customer's code at WeChat.
    WechatCode,
    /// The shop scans the customer's code at Alipay.
    AlipayCode,
    /// The customer scans the shop's code.
    Qr,
    /// A card at a terminal that is spoken to.
    Terminal,
}

/// What is to be done with an attempt now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Nothing was sent and nothing will be.
    Drop,
    /// Ask the gateway.
    Query,
    /// Give it up: reverse a code, close a QR code.
    GiveUp,
}

/// What a gateway said, by whatever way it came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seen {
    /// This much was paid.
    Paid(Money),
    /// The customer has not paid yet.
    Waiting,
    /// Refused for good in answer to the call itself.
    Declined,
    /// It failed there, and still has to be given up.
    Broken,
    /// No money moved, and the gateway lets nobody pay any more.
    Closed,
    /// No such attempt there, which proves nothing yet.
    Absent,
    /// No answer that can be trusted.
    Nothing,
    /// Given up there.
    GivenUp,
    /// Not given up yet.
    Again,
}

/// An attempt as recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attempt {
    /// Where it stands.
    pub state: AttemptState,
    /// How it is paid.
    pub product: Product,
    /// What was asked for.
    pub amount: Money,
    /// When it was sent.
    pub dispatched_at: Instant,
    /// When the customer's time is over, for a QR code.
    pub expires_at: Instant,
    /// How often it was looked at since the state began.
    pub checks: i64,
}

/// Where it stands after that, and when it is looked at again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Next {
    /// The state.
    pub state: AttemptState,
    /// `None`: never, unless somebody reports.
    pub check_at: Option<Instant>,
}

const SECOND: i64 = 1000;
/// A prepared attempt that was not sent in this time is not sent any more.
pub const PREPARED_MS: i64 = 60 * SECOND;
/// A call is over after this.
pub const CALL_MS: i64 = 15 * SECOND;
/// The longest pause between two tries to give up.
const PAUSE_MAX_MS: i64 = 300 * SECOND;
/// A QR code is looked at once more this long after its end.
const QR_LAST_LOOK_MS: i64 = 60 * SECOND;

impl Action {
    /// The name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Action::Drop => "drop",
            Action::Query => "query",
            Action::GiveUp => "give_up",
        }
    }
}

impl Product {
    /// Every way.
    pub const ALL: [Product; 4] = [
        Product::WechatCode,
        Product::AlipayCode,
        Product::Qr,
        Product::Terminal,
    ];

    /// The name in storage.
    pub fn as_str(self) -> &'static str {
        match self {
            Product::WechatCode => "wechat_code",
            Product::AlipayCode => "alipay_code",
            Product::Qr => "qr",
            Product::Terminal => "terminal",
        }
    }

    /// The way with this name.
    pub fn parse(name: &str) -> Option<Product> {
        Product::ALL
            .into_iter()
            .find(|product| product.as_str() == name)
    }

    /// How long after the call an attempt is given up by itself.
    fn patience_ms(self) -> Option<i64> {
        match self {
            Product::WechatCode => Some(45 * SECOND),
            Product::AlipayCode => Some(30 * SECOND),
            Product::Qr | Product::Terminal => None,
        }
    }

    /// Sooner after the call the gateway does not let anybody give up.
    fn give_up_after_ms(self) -> i64 {
        match self {
            Product::WechatCode => 15 * SECOND,
            Product::AlipayCode | Product::Qr | Product::Terminal => 0,
        }
    }

    /// How long after it was given up a lost call may still arrive and be paid.
    fn last_look_ms(self) -> i64 {
        match self {
            Product::WechatCode => 45 * SECOND,
            Product::AlipayCode => 180 * SECOND,
            Product::Qr | Product::Terminal => QR_LAST_LOOK_MS,
        }
    }

    /// The pause before the next question.
    fn pause_ms(self, checks: i64) -> i64 {
        match self {
            Product::WechatCode => 5 * SECOND,
            Product::AlipayCode => 3 * SECOND,
            Product::Terminal => doubled(5 * SECOND, checks),
            Product::Qr => [5, 5, 10, 20]
                .get(usize::try_from(checks).unwrap_or(usize::MAX))
                .map_or(30 * SECOND, |seconds| seconds * SECOND),
        }
    }
}

impl Attempt {
    /// When it is given up by itself.
    fn ends_at(&self) -> Instant {
        self.product
            .patience_ms()
            .map_or(self.expires_at, |ms| self.dispatched_at.plus_ms(ms))
    }

    /// The soonest moment to give it up.
    fn give_up_at(&self, now: Instant) -> Instant {
        now.max(self.dispatched_at.plus_ms(self.product.give_up_after_ms()))
    }

    /// When a call that was lost on its way cannot arrive any more.
    fn lost_at(&self) -> Instant {
        self.ends_at().plus_ms(self.product.last_look_ms())
    }

    fn stays(&self, state: AttemptState, now: Instant) -> Next {
        let pause = self.product.pause_ms(self.checks);
        // The last question comes exactly when its time is over.
        let next = now
            .plus_ms(pause)
            .min(self.ends_at())
            .max(now.plus_ms(SECOND));
        Next {
            state,
            check_at: Some(next),
        }
    }
}

/// What is to be done with an attempt in this state whose time to be looked at has come.
pub fn due(state: AttemptState) -> Option<Action> {
    match state {
        AttemptState::Prepared => Some(Action::Drop),
        AttemptState::Dispatched
        | AttemptState::UserPaying
        | AttemptState::Unknown
        | AttemptState::Reversed
        | AttemptState::Failed => Some(Action::Query),
        AttemptState::Reversing => Some(Action::GiveUp),
        AttemptState::Differs | AttemptState::Succeeded | AttemptState::LatePaid => None,
    }
}

/// Somebody, or the end of its time, gives the attempt up.
pub fn give_up(attempt: &Attempt, now: Instant) -> Option<Next> {
    match attempt.state {
        AttemptState::Prepared => Some(over(AttemptState::Failed)),
        AttemptState::Dispatched | AttemptState::UserPaying | AttemptState::Unknown => Some(Next {
            state: AttemptState::Reversing,
            check_at: Some(attempt.give_up_at(now)),
        }),
        AttemptState::Reversing
        | AttemptState::Differs
        | AttemptState::Succeeded
        | AttemptState::Failed
        | AttemptState::Reversed
        | AttemptState::LatePaid => None,
    }
}

/// What becomes of an attempt when the gateway said `seen`. `is_wanted`: its order still waits for this money.
pub fn after(attempt: &Attempt, seen: Seen, is_wanted: bool, now: Instant) -> Next {
    match attempt.state {
        AttemptState::Succeeded | AttemptState::LatePaid | AttemptState::Differs => {
            over(attempt.state)
        }
        AttemptState::Failed | AttemptState::Reversed => after_the_end(attempt, seen, now),
        AttemptState::Reversing => while_giving_up(attempt, seen, is_wanted, now),
        AttemptState::Prepared
        | AttemptState::Dispatched
        | AttemptState::UserPaying
        | AttemptState::Unknown => while_waiting(attempt, seen, is_wanted, now),
    }
}

fn while_waiting(attempt: &Attempt, seen: Seen, is_wanted: bool, now: Instant) -> Next {
    let is_over = now >= attempt.ends_at();
    let give_up = Next {
        state: AttemptState::Reversing,
        check_at: Some(attempt.give_up_at(now)),
    };
    match seen {
        Seen::Paid(amount) => paid(attempt, amount, is_wanted),
        Seen::Declined | Seen::Closed => over(AttemptState::Failed),
        Seen::GivenUp => given_up(attempt, now),
        Seen::Broken => give_up,
        Seen::Waiting | Seen::Absent | Seen::Nothing | Seen::Again if is_over => give_up,
        Seen::Waiting => attempt.stays(AttemptState::UserPaying, now),
        // Before the customer scans it, Alipay knows nothing of a QR code.
        Seen::Absent if attempt.product == Product::Qr => {
            attempt.stays(AttemptState::UserPaying, now)
        }
        Seen::Absent | Seen::Nothing | Seen::Again => attempt.stays(AttemptState::Unknown, now),
    }
}

fn while_giving_up(attempt: &Attempt, seen: Seen, is_wanted: bool, now: Instant) -> Next {
    let again = Next {
        state: AttemptState::Reversing,
        check_at: Some(now.plus_ms(doubled(5 * SECOND, attempt.checks))),
    };
    match seen {
        // A QR code cannot be closed once it is paid; a code payment is reversed, paid or not, and the
        // call to do so may be on its way.
        Seen::Paid(amount) if attempt.product == Product::Qr => paid(attempt, amount, is_wanted),
        Seen::GivenUp | Seen::Closed | Seen::Declined => given_up(attempt, now),
        // What has not arrived by then will not.
        Seen::Absent if now >= attempt.lost_at() => over(AttemptState::Failed),
        Seen::Paid(_)
        | Seen::Broken
        | Seen::Waiting
        | Seen::Absent
        | Seen::Nothing
        | Seen::Again => again,
    }
}

/// Money may arrive after the end once more; it is looked for once.
fn after_the_end(attempt: &Attempt, seen: Seen, now: Instant) -> Next {
    match seen {
        Seen::Paid(_) => over(AttemptState::LatePaid),
        Seen::Nothing => Next {
            state: attempt.state,
            check_at: Some(now.plus_ms(doubled(10 * SECOND, attempt.checks))),
        },
        Seen::Waiting
        | Seen::Declined
        | Seen::Broken
        | Seen::Closed
        | Seen::Absent
        | Seen::GivenUp
        | Seen::Again => over(attempt.state),
    }
}

fn paid(attempt: &Attempt, amount: Money, is_wanted: bool) -> Next {
    if amount != attempt.amount {
        return over(AttemptState::Differs);
    }
    over(if is_wanted {
        AttemptState::Succeeded
    } else {
        AttemptState::LatePaid
    })
}

fn given_up(attempt: &Attempt, now: Instant) -> Next {
    Next {
        state: AttemptState::Reversed,
        check_at: Some(now.plus_ms(attempt.product.last_look_ms())),
    }
}

fn over(state: AttemptState) -> Next {
    Next {
        state,
        check_at: None,
    }
}

/// `first`, doubled with every check, up to five minutes.
fn doubled(first: i64, checks: i64) -> i64 {
    let times = u32::try_from(checks.clamp(0, 10)).unwrap_or(10);
    (first << times).min(PAUSE_MAX_MS)
}

#[cfg(test)]
mod tests;
