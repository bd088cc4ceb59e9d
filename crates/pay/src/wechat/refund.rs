//! Giving money back.

use serde::Deserialize;
use serde_json::{Value, json};

use super::call::{V3Call, other_merchant};
use super::codes::Interface;
use super::{Wechat, answer, asking, moving};
use crate::gateway::{Answer, Failure, Outcome, Refund, RefundState};
use crate::http::failure;

/// The gateway takes a reason of 80 bytes.
const REASON_BYTES_MAX: usize = 80;

/// A refund, from an answer or a report; the report calls its state otherwise.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Refunded {
    pub(super) mchid: String,
    pub(super) out_trade_no: String,
    pub(super) out_refund_no: String,
    refund_id: String,
    #[serde(alias = "refund_status")]
    status: String,
}

impl Refunded {
    pub(super) fn of_json(body: Value) -> Option<Refunded> {
        serde_json::from_value(body).ok()
    }

    pub(super) fn state(self) -> Result<RefundState, Failure> {
        let gateway_no = self.refund_id;
        Ok(match self.status.as_str() {
            "SUCCESS" => RefundState::Done { gateway_no },
            "PROCESSING" => RefundState::Processing { gateway_no },
            "CLOSED" => RefundState::Closed,
            "ABNORMAL" => RefundState::Abnormal,
            other => return Err(failure("bad_answer", &format!("refund status {other}"))),
        })
    }
}

impl Wechat {
    pub(super) async fn send_refund(&self, refund: &Refund) -> Answer<RefundState> {
        let mut body = json!({
            "out_trade_no": refund.trade_no.as_str(),
            "out_refund_no": refund.refund_no.as_str(),
            "amount": {
                "refund": refund.amount.fen(),
                "total": refund.total.fen(),
                "currency": "CNY",
            },
        });
        let reason = within(&refund.reason, REASON_BYTES_MAX);
        if !reason.is_empty() {
            body["reason"] = json!(reason);
        }
        if let Some(url) = &refund.notify_url {
            body["notify_url"] = json!(url);
        }
        let call = V3Call::post("refund", "/v3/refund/domestic/refunds", body);
        answer(
            self.v3(call).await,
            |body| refund_of(body, refund),
            moving(Interface::V3),
        )
    }

    pub(super) async fn ask_refund(&self, refund: &Refund) -> Answer<RefundState> {
        let target = format!("/v3/refund/domestic/refunds/{}", refund.refund_no.as_str());
        answer(
            self.v3(V3Call::get("query_refund", target)).await,
            |body| refund_of(body, refund),
            |code, failure| match code {
                "RESOURCENOTEXISTS" | "ORDERNOTEXIST" => Outcome::Success(RefundState::Absent),
                _ => asking(Interface::V3)(code, failure),
            },
        )
    }
}

/// What a refund says, when it is the one that was asked for.
fn refund_of(body: Value, refund: &Refund) -> Outcome<RefundState> {
    let Some(found) = Refunded::of_json(body) else {
        return Outcome::Unknown(failure("bad_answer", "not a refund"));
    };
    if found.out_trade_no != refund.trade_no.as_str()
        || found.out_refund_no != refund.refund_no.as_str()
    {
        return Outcome::Unknown(other_merchant());
    }
    match found.state() {
        Ok(state) => Outcome::Success(state),
        Err(failure) => Outcome::Unknown(failure),
    }
}

/// As much of `text` as fits into `bytes`, without letters of four bytes.
fn within(text: &str, bytes: usize) -> String {
    let mut kept = String::new();
    for letter in text
        .chars()
        .filter(|letter| letter.len_utf8() <= 3 && !letter.is_control())
    {
        if kept.len() + letter.len_utf8() > bytes {
            break;
        }
        kept.push(letter);
    }
    kept
}
