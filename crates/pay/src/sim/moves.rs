//! What merchants and customers do: begin, pay, give up, refund.

use crate::crypto::sha256_hex;
use crate::gateway::Channel;
use crate::sim::book::{Book, Key};
use crate::sim::scenario::{Call, Fault, Plans, Scenario};
use crate::sim::trade::{Asked, Product, Refund, RefundStep, Refusal, SECOND, State, Trade};

/// Why a trade does not begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NotPlaced {
    /// The payment code was used for another trade.
    CodeUsed,
    CodeExpired,
    NotEnough,
    /// The number was used for something else.
    OtherRequest,
    AlreadyPaid,
    Closed,
    Reversed,
}

/// Why giving up is not possible.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NotEnded {
    Unknown,
    /// Repeat it.
    Again,
    /// The customer is paying.
    UserPaying,
    Refused(Refusal),
}

/// Why there is no refund.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NotRefunded {
    Unknown,
    /// The merchant has too little.
    NotEnough,
    Refused(Refusal),
}

/// A refund a merchant asks for.
#[derive(Debug, Clone)]
pub(crate) struct AskedRefund {
    pub(crate) refund_no: String,
    pub(crate) amount_fen: i64,
    pub(crate) reason: String,
    pub(crate) notify_url: Option<String>,
}

impl Book {
    /// Gives a trade that is about to begin its scenarios, and takes the fault its call is to have.
    pub(crate) fn prepare(&mut self, no: &str, code: Option<&str>) -> Option<Fault> {
        let hash = code.map(code_hash);
        let code = code.zip(hash.as_deref());
        self.plan(|plans| {
            plans.assign(no, code);
            plans.take_fault(no, Call::Pay)
        })
    }

    /// Takes the fault another call of a trade is to have.
    pub(crate) fn fault(&mut self, no: &str, call: Call) -> Option<Fault> {
        if self.plans.of(no).is_empty() {
            return None;
        }
        self.plan(|plans| plans.take_fault(no, call))
    }

    /// Begins a trade; the same request again finds the trade of before.
    pub(crate) fn place(&mut self, asked: Asked) -> Result<Key, NotPlaced> {
        let key = (asked.channel, asked.out_trade_no.clone());
        let planned = self.planned(&key).to_vec();
        if planned.contains(&Scenario::CodeExpired) {
            return Err(NotPlaced::CodeExpired);
        }
        if let Some(known) = self.trade(&key) {
            return again(known, &asked, planned.contains(&Scenario::NotEnough)).map(|()| key);
        }
        if let Some(hash) = &asked.code_hash
            && self.by_code(hash).is_some()
        {
            return Err(NotPlaced::CodeUsed);
        }
        let mut trade = Trade::new(asked, self.gateway_no(key.0), self.now);
        if trade.asked.product == Product::Qr {
            trade.qr = Some(picture(&trade));
        }
        let mut pays_at = (trade.asked.product == Product::Code).then_some(self.now);
        for scenario in &planned {
            match scenario {
                Scenario::UserPaying(seconds) => pays_at = Some(self.now + seconds * SECOND),
                Scenario::UserPayingForever => {
                    pays_at = None;
                    trade.patient = true;
                }
                _ => {}
            }
        }
        trade.pays_at = pays_at;
        if planned.contains(&Scenario::NotEnough) && trade.asked.product == Product::Code {
            trade.refuse(self.now);
            self.put(trade);
            return Err(NotPlaced::NotEnough);
        }
        self.put(trade);
        self.tick(self.now - self.advance_ms);
        Ok(key)
    }

    fn gateway_no(&self, channel: Channel) -> String {
        let (seconds, count) = (self.now / SECOND, self.count() + 1);
        match channel {
            Channel::Wechat => format!("4200{seconds:010}{count:014}"),
            _ => format!("2088{seconds:010}{count:014}"),
        }
    }

    /// The customer pays. `late` lets them pay for what was given up.
    pub(crate) fn pay_by_phone(&mut self, key: &Key, late: bool) -> bool {
        let Some(trade) = self.trade(key) else {
            return false;
        };
        let possible = match trade.state {
            State::Unscanned | State::Waiting | State::UserPaying => true,
            State::Closed | State::Reversed | State::Failed => late && trade.paid_at.is_none(),
            State::Paid => false,
        };
        if possible {
            let now = self.now;
            let movement = self.change(key, |trade| trade.pay(now));
            self.moved(Some(movement), now);
        }
        possible
    }

    /// WeChat: gives up a payment by code.
    pub(crate) fn reverse(&mut self, key: &Key) -> Result<(), NotEnded> {
        let now = self.now;
        if self.trade(key).is_none() {
            return Err(NotEnded::Unknown);
        }
        if self.take_reverse_user_paying(key) {
            return Err(NotEnded::UserPaying);
        }
        let mut tried = self.trade(key).cloned().ok_or(NotEnded::Unknown)?;
        let movement = tried.reverse(now).map_err(NotEnded::Refused)?;
        if self.take_recall(key) {
            return Err(NotEnded::Again);
        }
        self.put(tried);
        self.moved(movement, now);
        self.plan_late_payment(key, now);
        Ok(())
    }

    /// Alipay: gives up any trade. True when money went back.
    pub(crate) fn cancel(&mut self, key: &Key) -> Result<bool, NotEnded> {
        let now = self.now;
        let mut tried = self.trade(key).cloned().ok_or(NotEnded::Unknown)?;
        let movement = tried.cancel(now).map_err(NotEnded::Refused)?;
        if self.take_recall(key) {
            return Err(NotEnded::Again);
        }
        let returned = movement.is_some();
        self.put(tried);
        self.moved(movement, now);
        self.plan_late_payment(key, now);
        Ok(returned)
    }

    /// Ends a trade nobody paid.
    pub(crate) fn close(&mut self, key: &Key) -> Result<(), NotEnded> {
        let now = self.now;
        let mut tried = self.trade(key).cloned().ok_or(NotEnded::Unknown)?;
        tried.close(now).map_err(NotEnded::Refused)?;
        self.put(tried);
        self.plan_late_payment(key, now);
        Ok(())
    }

    fn take_recall(&mut self, key: &Key) -> bool {
        self.take_planned(key, |scenario| match scenario {
            Scenario::ReverseRecall(left) => Some(left),
            _ => None,
        })
    }

    fn take_reverse_user_paying(&mut self, key: &Key) -> bool {
        self.take_planned(key, |scenario| match scenario {
            Scenario::ReverseUserPaying(left) => Some(left),
            _ => None,
        })
    }

    /// Begins a refund, or finds it; the second part is whether money moved just now.
    pub(crate) fn refund(
        &mut self,
        key: &Key,
        asked: AskedRefund,
    ) -> Result<(Refund, bool), NotRefunded> {
        let now = self.now;
        let mut tried = self.trade(key).cloned().ok_or(NotRefunded::Unknown)?;
        let before = tried.refunds.len();
        let new = self.new_refund(key, asked);
        let index = tried.refund(new, now).map_err(NotRefunded::Refused)?;
        let is_new = tried.refunds.len() > before;
        if is_new && self.take_refund_not_enough(key) {
            return Err(NotRefunded::NotEnough);
        }
        if is_new {
            let abnormal = tried.refunds[index].step == RefundStep::Abnormal;
            self.put(tried);
            if abnormal {
                self.plan_abnormal_notice(key, index, now);
            }
            self.tick(now - self.advance_ms);
        }
        let trade = self.trade(key).ok_or(NotRefunded::Unknown)?;
        let refund = trade.refunds[index].clone();
        let moved = is_new && refund.step == RefundStep::Done;
        Ok((refund, moved))
    }

    fn new_refund(&self, key: &Key, asked: AskedRefund) -> Refund {
        let mut refund = Refund {
            refund_no: asked.refund_no,
            gateway_no: format!(
                "5030{:010}{:014}",
                self.now / SECOND,
                self.refund_count() + 1
            ),
            amount_fen: asked.amount_fen,
            reason: asked.reason,
            notify_url: asked.notify_url,
            step: RefundStep::Processing,
            created_at: self.now,
            done_at: self.now,
        };
        for scenario in self.planned(key) {
            match scenario {
                Scenario::RefundAbnormal => refund.step = RefundStep::Abnormal,
                Scenario::RefundProcessing(seconds) => refund.done_at += seconds * SECOND,
                _ => {}
            }
        }
        refund
    }

    fn take_refund_not_enough(&mut self, key: &Key) -> bool {
        self.take_planned(key, |scenario| match scenario {
            Scenario::RefundNotEnough(left) => Some(left),
            _ => None,
        })
    }

    /// Counts down the first scenario `of` finds a number in that is left.
    fn take_planned(
        &mut self,
        key: &Key,
        mut of: impl FnMut(&mut Scenario) -> Option<&mut i64>,
    ) -> bool {
        let take = |plans: &mut Plans| {
            plans.take(&key.1, |scenario| {
                let left = of(scenario).filter(|left| **left > 0)?;
                *left -= 1;
                Some(())
            })
        };
        self.plan(take).is_some()
    }
}

/// How a payment code is remembered: not by itself.
pub(crate) fn code_hash(code: &str) -> String {
    sha256_hex(code.as_bytes())
}

/// Whether a request that uses a known number is the request of before.
fn again(known: &Trade, asked: &Asked, too_little: bool) -> Result<(), NotPlaced> {
    let same = |a: &Asked, b: &Asked| {
        a.product == b.product && a.amount_fen == b.amount_fen && a.subject == b.subject
    };
    let same_code = known.asked.code_hash == asked.code_hash;
    if !same(&known.asked, asked) {
        return Err(NotPlaced::OtherRequest);
    }
    match known.state {
        State::Paid if asked.product == Product::Code && same_code => Ok(()),
        State::Paid => Err(NotPlaced::AlreadyPaid),
        State::Failed | State::Closed if too_little => Err(NotPlaced::NotEnough),
        State::Failed | State::Closed => Err(NotPlaced::Closed),
        State::Reversed => Err(NotPlaced::Reversed),
        _ if !same_code => Err(NotPlaced::OtherRequest),
        State::Unscanned | State::Waiting | State::UserPaying => Ok(()),
    }
}

/// What the phone scans.
fn picture(trade: &Trade) -> String {
    match trade.asked.channel {
        Channel::Wechat => format!("weixin://wxpay/bizpayurl?pr={}", trade.gateway_no),
        _ => format!("https://qr.alipay.com/{}", trade.gateway_no),
    }
}
