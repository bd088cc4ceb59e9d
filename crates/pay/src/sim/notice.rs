//! Notifications: what is to be told to a merchant, when, and how often again.

use serde::{Deserialize, Serialize};

use crate::gateway::Channel;
use crate::sim::trade::SECOND;

const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;

/// WeChat repeats after these pauses.
const WECHAT_PAUSES: [i64; 15] = [
    15 * SECOND,
    15 * SECOND,
    30 * SECOND,
    3 * MINUTE,
    10 * MINUTE,
    20 * MINUTE,
    30 * MINUTE,
    30 * MINUTE,
    30 * MINUTE,
    HOUR,
    3 * HOUR,
    3 * HOUR,
    3 * HOUR,
    6 * HOUR,
    6 * HOUR,
];

/// Alipay repeats after these pauses.
const ALIPAY_PAUSES: [i64; 7] = [
    4 * MINUTE,
    10 * MINUTE,
    10 * MINUTE,
    HOUR,
    2 * HOUR,
    6 * HOUR,
    15 * HOUR,
];

/// What a notification is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum About {
    Payment,
    Refund(String),
}

/// How it stands with a notification.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Standing {
    /// To be sent at this time.
    Due(i64),
    /// Waits until the trade's refund was told.
    AfterRefund,
    /// The merchant confirmed it.
    Confirmed,
    /// Nobody confirmed it, and the last time is over.
    GivenUp,
}

/// One notification.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Notice {
    /// The gateway's name for it, the same on every repetition.
    pub(crate) id: String,
    pub(crate) channel: Channel,
    pub(crate) out_trade_no: String,
    pub(crate) about: About,
    pub(crate) url: String,
    /// What it says: an object for WeChat, the form's fields for Alipay.
    pub(crate) content: serde_json::Value,
    pub(crate) created_at: i64,
    pub(crate) standing: Standing,
    pub(crate) tries: usize,
    /// How often a confirmed one is sent nevertheless.
    pub(crate) again: usize,
    /// What came of the last try.
    pub(crate) result: String,
}

impl Notice {
    /// Whether it is to be sent by `now`.
    pub(crate) fn is_due(&self, now: i64) -> bool {
        matches!(self.standing, Standing::Due(at) if at <= now)
    }

    /// Writes down a try.
    pub(crate) fn tried(&mut self, confirmed: bool, result: String, now: i64) {
        self.tries += 1;
        self.result = result;
        if confirmed {
            self.standing = if self.again > 0 {
                self.again -= 1;
                Standing::Due(now)
            } else {
                Standing::Confirmed
            };
            return;
        }
        let pauses: &[i64] = match self.channel {
            Channel::Wechat => &WECHAT_PAUSES,
            _ => &ALIPAY_PAUSES,
        };
        self.standing = match pauses.get(self.tries - 1) {
            Some(pause) => Standing::Due(now + pause),
            None => Standing::GivenUp,
        };
    }
}
