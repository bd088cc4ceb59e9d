//! Taking money, asking, giving up, giving back.

use aisle_domain::time::Instant;
use serde::Deserialize;
use serde_json::{Value, json};

use super::Alipay;
use super::codes::{Class, asking, moving, plain};
use crate::beijing;
use crate::gateway::{
    Answer, Capture, Charge, Closing, Failure, Outcome, QrCode, Refund, RefundState, Trade, TradeNo,
};
use crate::http::failure;
use crate::yuan;

/// What an answer or a report says of a trade.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Told {
    out_trade_no: String,
    trade_no: String,
    trade_status: String,
    total_amount: Value,
    buyer_logon_id: String,
    gmt_payment: String,
    send_pay_date: String,
}

impl Told {
    pub(super) fn of_json(body: Value) -> Option<Told> {
        serde_json::from_value(body).ok()
    }

    /// A trade that ended is "closed" whether it was never paid or was paid and given back; only the time of its
    /// payment tells.
    pub(super) fn trade(self, is_refunded: bool) -> Result<Trade, Failure> {
        let was_paid = !self.gmt_payment.is_empty() || !self.send_pay_date.is_empty();
        Ok(match self.trade_status.as_str() {
            "WAIT_BUYER_PAY" => Trade::Waiting,
            "TRADE_SUCCESS" | "TRADE_FINISHED" if is_refunded => Trade::Refunded(self.capture()?),
            "TRADE_SUCCESS" | "TRADE_FINISHED" => Trade::Paid(self.capture()?),
            "TRADE_CLOSED" if is_refunded || was_paid => Trade::Refunded(self.capture()?),
            "TRADE_CLOSED" => Trade::Closed,
            other => return Err(failure("bad_answer", &format!("trade_status {other}"))),
        })
    }

    fn capture(self) -> Result<Capture, Failure> {
        let amount = yuan::of_json(&self.total_amount).filter(|_| !self.trade_no.is_empty());
        Ok(Capture {
            amount: amount
                .ok_or_else(|| failure("bad_answer", "paid, without amount or number"))?,
            gateway_no: self.trade_no,
            payer: self.buyer_logon_id,
            paid_at: beijing::parse(&self.gmt_payment)
                .or_else(|| beijing::parse(&self.send_pay_date)),
        })
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct RefundTold {
    out_trade_no: String,
    out_request_no: String,
    trade_no: String,
    fund_change: String,
    refund_status: String,
}

impl Alipay {
    pub(super) async fn pay(&self, charge: &Charge, code: &str) -> Answer<Capture> {
        let mut content = self.order(charge);
        content["scene"] = json!("bar_code");
        content["auth_code"] = json!(code);
        content["product_code"] = json!("FACE_TO_FACE_PAYMENT");
        content["timeout_express"] = json!(self.minutes_until(charge.expires_at));
        let heard = self
            .call(
                "pay_code",
                "alipay.trade.pay",
                &content,
                charge.notify_url.as_deref(),
            )
            .await;
        heard.answer(
            |body| match ours(body, &charge.trade_no).and_then(Told::capture) {
                Ok(capture) => Outcome::Success(capture),
                Err(failure) => Outcome::Unknown(failure),
            },
            moving,
        )
    }

    pub(super) async fn precreate(&self, charge: &Charge) -> Answer<QrCode> {
        let mut content = self.order(charge);
        let minutes = self.minutes_until(charge.expires_at);
        content["timeout_express"] = json!(minutes);
        content["qr_code_timeout_express"] = json!(minutes);
        let heard = self
            .call(
                "create_qr",
                "alipay.trade.precreate",
                &content,
                charge.notify_url.as_deref(),
            )
            .await;
        heard.answer(
            |body| {
                let text = |name: &str| body[name].as_str().unwrap_or_default();
                if text("out_trade_no") != charge.trade_no.as_str() {
                    return Outcome::Unknown(other_trade());
                }
                match text("qr_code") {
                    "" => Outcome::Unknown(failure("bad_answer", "no qr_code")),
                    content => Outcome::Success(QrCode {
                        content: content.to_owned(),
                    }),
                }
            },
            moving,
        )
    }

    pub(super) async fn query_trade(
        &self,
        operation: &'static str,
        trade_no: &TradeNo,
    ) -> Answer<Trade> {
        let heard = self
            .call(operation, "alipay.trade.query", &number(trade_no), None)
            .await;
        heard.answer(
            |body| match ours(body, trade_no).and_then(|told| told.trade(false)) {
                Ok(trade) => Outcome::Success(trade),
                Err(failure) => Outcome::Unknown(failure),
            },
            |class, failure| match class {
                Class::Absent => Outcome::Success(Trade::Absent),
                _ => asking(class, failure),
            },
        )
    }

    pub(super) async fn cancel(&self, trade_no: &TradeNo) -> Answer<Closing> {
        let heard = self
            .call("reverse", "alipay.trade.cancel", &number(trade_no), None)
            .await;
        heard.answer(
            |body| match body["retry_flag"].as_str() {
                Some("Y") => Outcome::Success(Closing::Again),
                Some("N") => Outcome::Success(Closing::Done),
                _ => Outcome::Unknown(failure("bad_answer", "no retry_flag")),
            },
            given_up,
        )
    }

    pub(super) async fn close_trade(&self, trade_no: &TradeNo) -> Answer<Closing> {
        let heard = self
            .call("close", "alipay.trade.close", &number(trade_no), None)
            .await;
        heard.answer(|_| Outcome::Success(Closing::Done), given_up)
    }

    pub(super) async fn send_refund(&self, refund: &Refund) -> Answer<RefundState> {
        let content = json!({
            "out_trade_no": refund.trade_no.as_str(),
            "out_request_no": refund.refund_no.as_str(),
            "refund_amount": yuan::text(refund.amount),
            "refund_reason": refund.reason.chars().take(100).collect::<String>(),
        });
        let heard = self
            .call(
                "refund",
                "alipay.trade.refund",
                &content,
                refund.notify_url.as_deref(),
            )
            .await;
        heard.answer(
            |body| match refund_told(body, refund) {
                Err(failure) => Outcome::Unknown(failure),
                // No change of funds by this call may mean that an earlier one with this number made it.
                Ok(told) if told.fund_change == "Y" => Outcome::Success(RefundState::Done {
                    gateway_no: told.trade_no,
                }),
                Ok(told) => Outcome::Success(RefundState::Processing {
                    gateway_no: told.trade_no,
                }),
            },
            moving,
        )
    }

    pub(super) async fn ask_refund(&self, refund: &Refund) -> Answer<RefundState> {
        let content = json!({
            "out_trade_no": refund.trade_no.as_str(),
            "out_request_no": refund.refund_no.as_str(),
        });
        let heard = self
            .call(
                "query_refund",
                "alipay.trade.fastpay.refund.query",
                &content,
                None,
            )
            .await;
        heard.answer(
            |body| {
                // A refund the gateway does not know is answered with nothing but "success".
                let knows = body["out_request_no"]
                    .as_str()
                    .is_some_and(|no| !no.is_empty());
                if !knows {
                    return Outcome::Success(RefundState::Absent);
                }
                match refund_told(body, refund) {
                    Err(failure) => Outcome::Unknown(failure),
                    Ok(told) if told.out_request_no != refund.refund_no.as_str() => {
                        Outcome::Unknown(other_trade())
                    }
                    Ok(told) => refund_state(told),
                }
            },
            |class, failure| match class {
                Class::Absent => Outcome::Success(RefundState::Absent),
                _ => asking(class, failure),
            },
        )
    }

    fn order(&self, charge: &Charge) -> Value {
        let subject: String = charge.subject.chars().take(40).collect();
        json!({
            "out_trade_no": charge.trade_no.as_str(),
            "subject": if subject.trim().is_empty() { charge.trade_no.as_str() } else { subject.as_str() },
            "total_amount": yuan::text(charge.amount),
            "store_id": charge.store.0.to_string(),
            "terminal_id": charge.terminal.to_string(),
        })
    }

    /// The gateway counts whole minutes, one at least.
    fn minutes_until(&self, end: Instant) -> String {
        let left_ms = end.0 - self.surroundings.now().0;
        format!("{}m", left_ms.div_euclid(60_000).max(1))
    }
}

fn number(trade_no: &TradeNo) -> Value {
    json!({ "out_trade_no": trade_no.as_str() })
}

fn ours(body: Value, trade_no: &TradeNo) -> Result<Told, Failure> {
    let told = Told::of_json(body).ok_or_else(|| failure("bad_answer", "not a trade"))?;
    if told.out_trade_no != trade_no.as_str() {
        return Err(other_trade());
    }
    Ok(told)
}

fn refund_told(body: Value, refund: &Refund) -> Result<RefundTold, Failure> {
    let told: RefundTold =
        serde_json::from_value(body).map_err(|_| failure("bad_answer", "not a refund"))?;
    if told.out_trade_no != refund.trade_no.as_str() {
        return Err(other_trade());
    }
    Ok(told)
}

fn refund_state(told: RefundTold) -> Outcome<RefundState> {
    let gateway_no = told.trade_no;
    match told.refund_status.as_str() {
        "REFUND_SUCCESS" => Outcome::Success(RefundState::Done { gateway_no }),
        "" => Outcome::Success(RefundState::Processing { gateway_no }),
        other => Outcome::Unknown(failure("bad_answer", &format!("refund_status {other}"))),
    }
}

/// A trade that cannot be given up is paid or over. One that is not there may still come to be: a code on a screen
/// makes no trade until somebody scans it.
fn given_up(class: Class, failure: Failure) -> Outcome<Closing> {
    match class {
        Class::Declined if plain(&failure.code) == "TRADE_HAS_CLOSE" => {
            Outcome::Success(Closing::Done)
        }
        Class::Absent => Outcome::Success(Closing::Again),
        Class::NotNow | Class::Paid => Outcome::Success(Closing::IsPaid),
        Class::Declined if plain(&failure.code) == "TRADE_HAS_FINISHED" => {
            Outcome::Success(Closing::IsPaid)
        }
        _ => asking(class, failure),
    }
}

fn other_trade() -> Failure {
    failure("other_merchant", "the answer is about another number")
}
