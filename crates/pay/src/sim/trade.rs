//! One merchant order at the gateway: what can happen to it, to its refunds and when.
//!
//! Pure: steps take the time, change the trade and say which money moved. A step that is not possible changes nothing
//! and says why. What happens by itself (a customer who types a password later, a code that runs out) is [`Trade::due`].

use serde::{Deserialize, Serialize};

use crate::gateway::Channel;
use crate::sim::ledger::{Kind, Movement};

/// A second, in the milliseconds everything here is counted in.
pub(crate) const SECOND: i64 = 1000;
/// A day.
pub(crate) const DAY: i64 = 86_400 * SECOND;
/// Beijing's clocks, all year.
pub(crate) const BEIJING_AHEAD: i64 = 8 * 3600 * SECOND;
/// WeChat gives up a payment by code that waits for its customer this long.
const WECHAT_CODE_LIFE: i64 = 45 * SECOND;
/// Alipay does so after this long.
const ALIPAY_CODE_LIFE: i64 = 180 * SECOND;
/// WeChat refuses to reverse a payment that is younger.
const REVERSE_FROM: i64 = 15 * SECOND;
/// WeChat refuses to reverse a payment that is older.
const REVERSE_UNTIL: i64 = 7 * DAY;
/// Alipay refuses to cancel a trade that is older.
const CANCEL_UNTIL: i64 = DAY;
/// Both refuse to refund a trade that is older.
const REFUND_UNTIL: i64 = 365 * DAY;
const REFUNDS_MAX: usize = 50;

/// How the customer pays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Product {
    /// The till scanned the phone (付款码).
    Code,
    /// The phone scans a picture (扫码).
    Qr,
    /// A page inside WeChat (JSAPI).
    Jsapi,
}

/// Where a trade stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum State {
    /// A picture nobody scanned: Alipay knows no such trade.
    Unscanned,
    /// Nobody paid yet.
    Waiting,
    /// A payment by code whose customer has to type a password.
    UserPaying,
    /// Paid.
    Paid,
    /// The customer refused or could not pay.
    Failed,
    /// Closed: nobody paid.
    Closed,
    /// Reversed; money that had moved went back.
    Reversed,
}

/// Where a refund stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum RefundStep {
    Processing,
    Done,
    /// The customer's account did not take it.
    Abnormal,
}

/// Money asked back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Refund {
    pub(crate) refund_no: String,
    pub(crate) gateway_no: String,
    pub(crate) amount_fen: i64,
    pub(crate) reason: String,
    pub(crate) notify_url: Option<String>,
    pub(crate) step: RefundStep,
    pub(crate) created_at: i64,
    /// When it is or was done.
    pub(crate) done_at: i64,
}

/// What a merchant asks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Asked {
    pub(crate) channel: Channel,
    pub(crate) out_trade_no: String,
    pub(crate) product: Product,
    pub(crate) amount_fen: i64,
    pub(crate) subject: String,
    pub(crate) attach: String,
    pub(crate) notify_url: Option<String>,
    pub(crate) expires_at: Option<i64>,
    pub(crate) store: String,
    pub(crate) terminal: String,
    pub(crate) operator: String,
    /// The hash of the payment code.
    pub(crate) code_hash: Option<String>,
    /// Whether the merchant verifies by public key, not by certificate (WeChat).
    pub(crate) public_key: bool,
}

/// One merchant order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Trade {
    pub(crate) asked: Asked,
    pub(crate) gateway_no: String,
    /// What the picture says.
    pub(crate) qr: Option<String>,
    pub(crate) state: State,
    pub(crate) created_at: i64,
    pub(crate) paid_at: Option<i64>,
    pub(crate) ended_at: Option<i64>,
    /// When the customer pays by themselves; without it somebody plays the customer, or nobody pays.
    pub(crate) pays_at: Option<i64>,
    /// Waits for its customer without end.
    pub(crate) patient: bool,
    pub(crate) refunds: Vec<Refund>,
}

/// What happens by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    Pay,
    Expire,
    Refund(usize),
}

/// Why a step is not possible.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// Of another kind: closing what must be reversed, or the other way round.
    WrongProduct,
    TooEarly,
    TooLate,
    NotPaid,
    AlreadyPaid,
    /// The same number with another amount.
    Different,
    /// More than was paid.
    TooMuch,
    TooMany,
}

impl Trade {
    /// A trade as it begins.
    pub(crate) fn new(asked: Asked, gateway_no: String, now: i64) -> Trade {
        let state = match (asked.product, asked.channel) {
            (Product::Code, _) => State::UserPaying,
            (_, Channel::Alipay) => State::Unscanned,
            _ => State::Waiting,
        };
        Trade {
            asked,
            gateway_no,
            qr: None,
            state,
            created_at: now,
            paid_at: None,
            ended_at: None,
            pays_at: None,
            patient: false,
            refunds: Vec::new(),
        }
    }

    /// Whether nothing happens to it by itself any more.
    pub(crate) fn is_quiet(&self) -> bool {
        let ended = matches!(
            self.state,
            State::Paid | State::Failed | State::Closed | State::Reversed
        );
        let moving = |refund: &Refund| refund.step == RefundStep::Processing;
        ended && self.pays_at.is_none() && !self.refunds.iter().any(moving)
    }

    /// What came due by `now`, the earliest first.
    pub(crate) fn due(&self, now: i64) -> Option<(i64, Step)> {
        let mut steps = Vec::new();
        steps.extend(self.pays_at.map(|at| (at, Step::Pay)));
        match self.state {
            State::UserPaying => steps.extend(self.gives_up_at().map(|at| (at, Step::Expire))),
            State::Waiting | State::Unscanned => steps.push((self.picture_ends_at(), Step::Expire)),
            State::Paid | State::Failed | State::Closed | State::Reversed => {}
        }
        for (index, refund) in self.refunds.iter().enumerate() {
            if refund.step == RefundStep::Processing {
                steps.push((refund.done_at, Step::Refund(index)));
            }
        }
        let due = steps.into_iter().filter(|(at, _)| *at <= now);
        due.min_by_key(|(at, _)| *at)
    }

    fn gives_up_at(&self) -> Option<i64> {
        let life = match self.asked.channel {
            Channel::Wechat => WECHAT_CODE_LIFE,
            _ => self
                .asked
                .expires_at
                .map_or(ALIPAY_CODE_LIFE, |at| at - self.created_at),
        };
        (!self.patient).then_some(self.created_at + life)
    }

    fn picture_ends_at(&self) -> i64 {
        let life = match self.asked.channel {
            Channel::Wechat => 7 * DAY,
            _ => DAY / 12,
        };
        self.asked.expires_at.unwrap_or(self.created_at + life)
    }

    /// Does what came due.
    pub(crate) fn apply(&mut self, step: Step, at: i64) -> Option<Movement> {
        match step {
            Step::Pay => Some(self.pay(at)),
            Step::Expire => {
                self.end(State::Closed, at);
                if self.asked.product == Product::Code && self.asked.channel == Channel::Wechat {
                    self.state = State::Reversed;
                }
                None
            }
            Step::Refund(index) => self.settle_refund(index, at),
        }
    }

    /// A phone scanned the picture.
    pub(crate) fn scan(&mut self) {
        if self.state == State::Unscanned {
            self.state = State::Waiting;
        }
    }

    /// The customer pays, whatever the state: whoever calls decides whether that is possible.
    pub(crate) fn pay(&mut self, at: i64) -> Movement {
        self.state = State::Paid;
        self.paid_at = Some(at);
        self.ended_at = None;
        self.pays_at = None;
        self.movement(Kind::Payment, self.asked.amount_fen, at)
    }

    /// The customer says no.
    pub(crate) fn refuse(&mut self, at: i64) {
        match (self.state, self.asked.channel) {
            (State::UserPaying, Channel::Wechat) => self.end(State::Failed, at),
            (State::UserPaying, _) => self.end(State::Closed, at),
            _ => {}
        }
    }

    fn end(&mut self, state: State, at: i64) {
        self.state = state;
        self.ended_at = Some(at);
        self.pays_at = None;
    }

    /// WeChat's way to give up a payment by code: what was paid goes back.
    pub(crate) fn reverse(&mut self, now: i64) -> Result<Option<Movement>, Refusal> {
        if self.asked.product != Product::Code {
            return Err(Refusal::WrongProduct);
        }
        if self.state == State::Reversed {
            return Ok(None);
        }
        let age = now - self.created_at;
        if age < REVERSE_FROM {
            return Err(Refusal::TooEarly);
        }
        if age > REVERSE_UNTIL {
            return Err(Refusal::TooLate);
        }
        if !self.refunds.is_empty() {
            return Err(Refusal::AlreadyPaid);
        }
        let paid = self.state == State::Paid;
        self.end(State::Reversed, now);
        Ok(paid.then(|| self.movement(Kind::Reversal, -self.asked.amount_fen, now)))
    }

    /// Alipay's way to give up any trade: what was paid goes back.
    pub(crate) fn cancel(&mut self, now: i64) -> Result<Option<Movement>, Refusal> {
        if now - self.created_at > CANCEL_UNTIL {
            return Err(Refusal::TooLate);
        }
        if self.state != State::Paid {
            if self.state != State::Closed && self.state != State::Reversed {
                self.end(State::Closed, now);
            }
            return Ok(None);
        }
        let left = self.asked.amount_fen - self.refunding_fen();
        self.end(State::Reversed, now);
        Ok((left > 0).then(|| self.movement(Kind::Reversal, -left, now)))
    }

    /// Ends a trade nobody has paid.
    pub(crate) fn close(&mut self, now: i64) -> Result<(), Refusal> {
        match self.state {
            State::Paid | State::Reversed => Err(Refusal::AlreadyPaid),
            State::Closed => Ok(()),
            State::UserPaying | State::Failed if self.asked.channel == Channel::Wechat => {
                Err(Refusal::WrongProduct)
            }
            _ => {
                self.end(State::Closed, now);
                Ok(())
            }
        }
    }

    /// Begins a refund; the same number again is the refund of before.
    pub(crate) fn refund(&mut self, new: Refund, now: i64) -> Result<usize, Refusal> {
        let known = |refund: &Refund| refund.refund_no == new.refund_no;
        if let Some(index) = self.refunds.iter().position(known) {
            let same = self.refunds[index].amount_fen == new.amount_fen;
            return if same {
                Ok(index)
            } else {
                Err(Refusal::Different)
            };
        }
        if self.state != State::Paid {
            return Err(Refusal::NotPaid);
        }
        if self.paid_at.is_some_and(|at| now - at > REFUND_UNTIL) {
            return Err(Refusal::TooLate);
        }
        if self.refunds.len() >= REFUNDS_MAX {
            return Err(Refusal::TooMany);
        }
        if new.amount_fen > self.asked.amount_fen - self.refunding_fen() {
            return Err(Refusal::TooMuch);
        }
        self.refunds.push(new);
        Ok(self.refunds.len() - 1)
    }

    fn settle_refund(&mut self, index: usize, at: i64) -> Option<Movement> {
        let refund = self.refunds.get_mut(index)?;
        refund.step = RefundStep::Done;
        refund.done_at = at;
        let (amount, no) = (refund.amount_fen, refund.refund_no.clone());
        let mut movement = self.movement(Kind::Refund, -amount, at);
        movement.refund_no = Some(no);
        Some(movement)
    }

    /// All that is asked back, whether it is there or not.
    pub(crate) fn refunding_fen(&self) -> i64 {
        self.refunds.iter().map(|refund| refund.amount_fen).sum()
    }

    /// What the customer has got back by refunds.
    pub(crate) fn refunded_fen(&self) -> i64 {
        let done = self.refunds.iter().filter(|r| r.step == RefundStep::Done);
        done.map(|refund| refund.amount_fen).sum()
    }

    fn movement(&self, kind: Kind, amount_fen: i64, at: i64) -> Movement {
        Movement {
            no: 0,
            at,
            kind,
            channel: self.asked.channel,
            out_trade_no: self.asked.out_trade_no.clone(),
            gateway_no: self.gateway_no.clone(),
            refund_no: None,
            amount_fen,
        }
    }
}
