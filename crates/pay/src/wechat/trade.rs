//! What WeChat Pay knows of an attempt, in either interface's words.

use aisle_domain::money::Money;
use aisle_domain::time::Instant;
use serde::Deserialize;
use serde_json::Value;

use super::call::{V3Call, other_merchant};
use super::codes::Interface;
use super::{Wechat, answer, asking};
use crate::beijing;
use crate::gateway::{Answer, Capture, Failure, Outcome, Trade, TradeNo};
use crate::http::failure;
use crate::xml::Fields;

/// One attempt, from an answer or a report.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Transaction {
    appid: String,
    mchid: String,
    pub(super) out_trade_no: String,
    transaction_id: String,
    trade_state: String,
    trade_state_desc: String,
    success_time: String,
    payer: Payer,
    amount: Option<Amount>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Payer {
    openid: String,
}

#[derive(Debug, Deserialize)]
struct Amount {
    total: i64,
}

impl Transaction {
    pub(super) fn of_json(body: Value) -> Option<Transaction> {
        serde_json::from_value(body).ok()
    }

    /// Of the older interface's answer to a payment or a query.
    pub(super) fn of_fields(fields: &Fields, trade_state: &str) -> Transaction {
        let field = |name: &str| fields.get(name).cloned().unwrap_or_default();
        Transaction {
            appid: field("appid"),
            mchid: field("mch_id"),
            out_trade_no: field("out_trade_no"),
            transaction_id: field("transaction_id"),
            trade_state: trade_state.to_owned(),
            trade_state_desc: field("trade_state_desc"),
            success_time: beijing::of_digits(&field("time_end")).unwrap_or_default(),
            payer: Payer {
                openid: field("openid"),
            },
            amount: field("total_fee")
                .parse()
                .ok()
                .map(|total| Amount { total }),
        }
    }

    pub(super) fn is_of(&self, mchid: &str, appid: &str) -> bool {
        self.mchid == mchid && self.appid == appid
    }

    /// What it says; a state that is not in the table says nothing.
    pub(super) fn trade(self) -> Result<Trade, Failure> {
        Ok(match self.trade_state.as_str() {
            "SUCCESS" => Trade::Paid(self.capture()?),
            "REFUND" => Trade::Refunded(self.capture()?),
            "NOTPAY" | "USERPAYING" => Trade::Waiting,
            "CLOSED" | "REVOKED" => Trade::Closed,
            "PAYERROR" => Trade::Failed(failure("PAYERROR", &self.trade_state_desc)),
            other => return Err(failure("bad_answer", &format!("trade_state {other}"))),
        })
    }

    fn capture(self) -> Result<Capture, Failure> {
        let amount = self.amount.filter(|_| !self.transaction_id.is_empty());
        let amount =
            amount.ok_or_else(|| failure("bad_answer", "paid, without amount or number"))?;
        Ok(Capture {
            gateway_no: self.transaction_id,
            amount: Money::from_fen(amount.total),
            payer: self.payer.openid,
            paid_at: Instant::parse_rfc3339(&self.success_time),
        })
    }
}

impl Wechat {
    pub(super) async fn query_trade(
        &self,
        operation: &'static str,
        trade_no: &TradeNo,
    ) -> Answer<Trade> {
        let target = format!(
            "/v3/pay/transactions/out-trade-no/{}?mchid={}",
            trade_no.as_str(),
            self.ready.settings.mchid
        );
        let heard = self.v3(V3Call::get(operation, target)).await;
        answer(
            heard,
            |body| self.trade_of(Transaction::of_json(body), trade_no),
            |code, failure| match code {
                "ORDERNOTEXIST" | "RESOURCENOTEXISTS" => Outcome::Success(Trade::Absent),
                _ => asking(Interface::V3)(code, failure),
            },
        )
    }

    /// The same over the older interface, which also shows whether its key is right.
    pub(super) async fn orderquery(
        &self,
        operation: &'static str,
        trade_no: &TradeNo,
    ) -> Answer<Trade> {
        let fields = vec![("out_trade_no", trade_no.as_str().to_owned())];
        let heard = self
            .v2(operation, "/pay/orderquery", fields, &self.http)
            .await;
        answer(
            heard,
            |fields| {
                let state = fields
                    .get("trade_state")
                    .map(String::as_str)
                    .unwrap_or_default();
                self.trade_of(Some(Transaction::of_fields(&fields, state)), trade_no)
            },
            |code, failure| match code {
                "ORDERNOTEXIST" => Outcome::Success(Trade::Absent),
                _ => asking(Interface::V2)(code, failure),
            },
        )
    }

    /// What a transaction says, when it is ours and about `trade_no`.
    pub(super) fn trade_of(
        &self,
        found: Option<Transaction>,
        trade_no: &TradeNo,
    ) -> Outcome<Trade> {
        let Some(found) = found else {
            return Outcome::Unknown(failure("bad_answer", "not a transaction"));
        };
        let settings = &self.ready.settings;
        if !found.is_of(&settings.mchid, &settings.appid) || found.out_trade_no != trade_no.as_str()
        {
            return Outcome::Unknown(other_merchant());
        }
        match found.trade() {
            Ok(trade) => Outcome::Success(trade),
            Err(failure) => Outcome::Unknown(failure),
        }
    }
}

/// What a payment came to. Whatever is neither paid nor waiting is for a query to tell.
pub(super) fn captured(trade: Outcome<Trade>) -> Outcome<Capture> {
    trade.and_then(|trade| match trade {
        Trade::Paid(capture) => Outcome::Success(capture),
        Trade::Waiting => Outcome::Pending,
        Trade::Failed(failure) => Outcome::Unknown(failure),
        Trade::Closed | Trade::Refunded(_) | Trade::Absent => {
            Outcome::Unknown(failure("bad_answer", "an answer to another question"))
        }
    })
}
