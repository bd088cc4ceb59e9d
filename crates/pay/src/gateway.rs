//! What every payment channel can be asked, and what it may answer.

use std::future::Future;

use aisle_domain::money::Money;
use aisle_domain::time::Instant;
use serde::{Deserialize, Serialize};

/// Who moves the money.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// 微信支付.
    Wechat,
    /// 支付宝.
    Alipay,
    /// 银行卡, through a terminal that is spoken to or typed in by hand.
    Card,
}

impl Channel {
    /// Every channel.
    pub const ALL: [Channel; 3] = [Channel::Wechat, Channel::Alipay, Channel::Card];

    /// The name in storage and on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Channel::Wechat => "wechat",
            Channel::Alipay => "alipay",
            Channel::Card => "card",
        }
    }

    /// The channel with this name.
    pub fn parse(name: &str) -> Option<Channel> {
        Channel::ALL
            .into_iter()
            .find(|channel| channel.as_str() == name)
    }

    /// Whose payment code this is, by its form alone: 18 digits from 10 to 15 are WeChat's, 16 to 24 digits from
    /// 25 to 30 Alipay's.
    pub fn of_code(code: &str) -> Option<Channel> {
        let digits = code.len();
        if !code.bytes().all(|byte| byte.is_ascii_digit()) || digits < 16 {
            return None;
        }
        let head: u8 = code.get(..2)?.parse().ok()?;
        match head {
            10..=15 if digits == 18 => Some(Channel::Wechat),
            25..=30 if digits <= 24 => Some(Channel::Alipay),
            _ => None,
        }
    }
}

/// Time and chance, which a client needs and must not make itself.
pub trait Surroundings: Send + Sync + std::fmt::Debug {
    /// Now.
    fn now(&self) -> Instant;
    /// 128 random bits as 32 letters and digits.
    fn nonce(&self) -> String;
}

/// The number a merchant gives one attempt to pay: 6 to 32 letters and digits, never used twice.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct TradeNo(String);

impl TradeNo {
    /// Reads one; `None` when a gateway would refuse its form.
    pub fn parse(text: &str) -> Option<TradeNo> {
        let fits =
            (6..=32).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
        fits.then(|| TradeNo(text.to_owned()))
    }

    /// The number.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Money that is asked for.
#[derive(Debug, Clone)]
pub struct Charge {
    /// Of this attempt.
    pub trade_no: TradeNo,
    /// How much.
    pub amount: Money,
    /// What the customer reads on the phone: at most 40 characters of what gateways take.
    pub subject: String,
    /// The store's number and name.
    pub store: (i64, String),
    /// The till's number.
    pub terminal: i64,
    /// When the customer's time is over.
    pub expires_at: Instant,
    /// Where the gateway reports to; without one it is asked.
    pub notify_url: Option<String>,
}

/// Money that is asked back.
#[derive(Debug, Clone)]
pub struct Refund {
    /// The attempt that paid.
    pub trade_no: TradeNo,
    /// Of this refund; the same on every repetition.
    pub refund_no: TradeNo,
    /// What goes back.
    pub amount: Money,
    /// All that the attempt paid.
    pub total: Money,
    /// Why, for the customer.
    pub reason: String,
    /// Where the gateway reports to.
    pub notify_url: Option<String>,
}

/// A question's answer, and what to write down about the call.
#[derive(Debug, Clone)]
pub struct Answer<T> {
    /// What is known now.
    pub outcome: Outcome<T>,
    /// Of the call itself.
    pub trace: Trace,
}

impl<T> Answer<T> {
    /// An outcome and the call it came from; the call's record names the outcome's code.
    pub(crate) fn new(outcome: Outcome<T>, mut trace: Trace) -> Answer<T> {
        if let Some(failure) = outcome.failure() {
            trace.code.clone_from(&failure.code);
        }
        Answer { outcome, trace }
    }

    /// The same without `secret` in the gateway's words, should it repeat what it was told.
    pub(crate) fn without(mut self, secret: &str) -> Answer<T> {
        if let Outcome::Declined(failure) | Outcome::Unknown(failure) | Outcome::Config(failure) =
            &mut self.outcome
        {
            failure.message = failure.message.replace(secret, "…");
            failure.code = failure.code.replace(secret, "…");
            self.trace.code.clone_from(&failure.code);
        }
        self
    }

    /// The same answer with another content.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Answer<U> {
        Answer {
            outcome: self
                .outcome
                .and_then(|content| Outcome::Success(change(content))),
            trace: self.trace,
        }
    }
}

/// What is known after asking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome<T> {
    /// It is so: signed by the gateway, with our merchant, our number and our amount.
    Success(T),
    /// The customer has something to do, such as typing a password; or the gateway wants more time.
    Pending,
    /// It is certain that no money moved and none will.
    Declined(Failure),
    /// It may have happened or not. Ask again.
    Unknown(Failure),
    /// It will fail until somebody changes the settings. No money moved.
    Config(Failure),
}

impl<T> Outcome<T> {
    /// The name in records and on the wire.
    pub fn as_str(&self) -> &'static str {
        match self {
            Outcome::Success(_) => "success",
            Outcome::Pending => "pending",
            Outcome::Declined(_) => "declined",
            Outcome::Unknown(_) => "unknown",
            Outcome::Config(_) => "config",
        }
    }

    /// Why it is not a success, when a code says so.
    pub fn failure(&self) -> Option<&Failure> {
        match self {
            Outcome::Success(_) | Outcome::Pending => None,
            Outcome::Declined(failure) | Outcome::Unknown(failure) | Outcome::Config(failure) => {
                Some(failure)
            }
        }
    }

    /// What `next` makes of a success; everything else stays as it is.
    pub fn and_then<U>(self, next: impl FnOnce(T) -> Outcome<U>) -> Outcome<U> {
        match self {
            Outcome::Success(content) => next(content),
            Outcome::Pending => Outcome::Pending,
            Outcome::Declined(failure) => Outcome::Declined(failure),
            Outcome::Unknown(failure) => Outcome::Unknown(failure),
            Outcome::Config(failure) => Outcome::Config(failure),
        }
    }
}

/// A code and what the gateway says of it; for people and records.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Failure {
    /// The gateway's code as it wrote it, or ours: `timeout`, `connection`, `bad_signature`, `bad_answer`, `http_500`.
    pub code: String,
    /// The gateway's words.
    pub message: String,
}

/// One call, without secrets and without payment codes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Trace {
    /// `pay_code`, `create_qr`, `query` …
    pub operation: &'static str,
    /// The status, when there was an answer.
    pub http_status: Option<u16>,
    /// The gateway's code.
    pub code: String,
    /// What the gateway calls this call, for its support.
    pub request_id: String,
}

/// A payment that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Capture {
    /// The gateway's own number.
    pub gateway_no: String,
    /// What was paid. A client does not check it: whoever books it does, against its own record.
    pub amount: Money,
    /// Who paid, masked as the gateway masks it; may be empty.
    pub payer: String,
    /// When, as the gateway says.
    pub paid_at: Option<Instant>,
}

/// A code to show to the customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QrCode {
    /// What the picture says.
    pub content: String,
}

/// Where an attempt stands at the gateway.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trade {
    /// Paid.
    Paid(Capture),
    /// The customer has not paid yet.
    Waiting,
    /// Nobody can pay it any more, and nobody has.
    Closed,
    /// The attempt failed for good.
    Failed(Failure),
    /// Paid, and all or some of it went back since.
    Refunded(Capture),
    /// The gateway knows no such number. Shortly after a lost call that proves nothing.
    Absent,
}

/// How giving up an attempt went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Closing {
    /// Nobody can pay it any more; whatever had been paid went back.
    Done,
    /// Not yet: repeat it. Also for a number the gateway does not know, which may still be on its way.
    Again,
    /// It was paid, so it cannot be closed: ask, then decide.
    IsPaid,
}

/// Where a refund stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RefundState {
    /// The customer has the money.
    Done {
        /// The gateway's number of the refund.
        gateway_no: String,
    },
    /// Accepted, on its way.
    Processing {
        /// The gateway's number of the refund.
        gateway_no: String,
    },
    /// The gateway closed it: no money moved.
    Closed,
    /// The customer's account did not take it: a person has to act.
    Abnormal,
    /// The gateway knows no such refund.
    Absent,
}

/// What a gateway reported by itself, its signature checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// The gateway's name of this report: the same report comes with the same one.
    pub event_id: String,
    /// Our number of the attempt.
    pub trade_no: String,
    /// Our number of the refund, when it is about one.
    pub refund_no: Option<String>,
    /// What it says: for an attempt.
    pub trade: Option<Trade>,
    /// For a refund.
    pub refund: Option<RefundState>,
}

/// A report nobody should believe.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoticeError {
    /// Not signed by the gateway, or too old.
    #[error("the signature does not hold")]
    Forged,
    /// Signed with a key we do not have.
    #[error("signed with a key that is not in the settings")]
    UnknownKey,
    /// Signed, but not for this merchant.
    #[error("for another merchant")]
    OtherMerchant,
    /// Signed, but not in a form we can read.
    #[error("not readable")]
    Unreadable,
}

/// One merchant's way to one gateway.
///
/// Every call ends within ten seconds and sends once: repeating is for whoever keeps the record. Only `bill` and `test`
/// may ask two questions one after the other.
pub trait Gateway: Send + Sync {
    /// Takes money from the payment code a customer shows (付款码).
    fn pay_code(&self, charge: &Charge, code: &str)
    -> impl Future<Output = Answer<Capture>> + Send;
    /// Makes a code the customer scans (扫码支付).
    fn create_qr(&self, charge: &Charge) -> impl Future<Output = Answer<QrCode>> + Send;
    /// Asks where an attempt stands.
    fn query(&self, trade_no: &TradeNo) -> impl Future<Output = Answer<Trade>> + Send;
    /// Gives up an attempt made by [`Gateway::pay_code`]; returns the money when it was paid.
    fn reverse(&self, trade_no: &TradeNo) -> impl Future<Output = Answer<Closing>> + Send;
    /// Gives up an attempt made by [`Gateway::create_qr`].
    fn close(&self, trade_no: &TradeNo) -> impl Future<Output = Answer<Closing>> + Send;
    /// Returns money.
    fn refund(&self, refund: &Refund) -> impl Future<Output = Answer<RefundState>> + Send;
    /// Asks where a refund stands.
    fn query_refund(&self, refund: &Refund) -> impl Future<Output = Answer<RefundState>> + Send;
    /// The bill of a day (`yyyymmdd`, Beijing) as the gateway's file, unpacked; `Success(None)` for a day without trade.
    fn bill(&self, day: i64) -> impl Future<Output = Answer<Option<Vec<u8>>>> + Send;
    /// Reads a report: the headers that count and the body exactly as they came.
    fn notice(
        &self,
        headers: &dyn Fn(&str) -> Option<String>,
        body: &[u8],
    ) -> Result<Notice, NoticeError>;
    /// Whether keys and settings work: asks for something that does not exist.
    fn test(&self) -> impl Future<Output = Answer<()>> + Send;
}
