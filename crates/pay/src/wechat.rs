//! WeChat Pay (微信支付): the JSON interface (APIv3), and for payment codes the older XML one unless the settings say
//! otherwise.
//!
//! A success counts only with the gateway's signature, not older than five minutes, and about our merchant, our app
//! and our number.

use std::sync::Arc;

use serde_json::Value;

use crate::gateway::{
    Answer, Capture, Charge, Closing, Gateway, Notice, NoticeError, Outcome, QrCode, Refund,
    RefundState, Surroundings, Trade, TradeNo,
};
use crate::http::connections_as;
use crate::settings::SettingsError;

mod bill;
mod call;
mod codes;
mod keys;
mod notice;
mod pay;
mod refund;
mod settings;
pub mod text;
mod trade;

pub use pay::JsapiOrder;
pub use settings::{CodePayApi, Secrets, Settings};

use call::{Heard, Told};
use codes::Interface;

/// One merchant at WeChat Pay.
#[derive(Debug)]
pub struct Wechat {
    ready: settings::Ready,
    keys: keys::PlatformKeys,
    http: reqwest::Client,
    /// Connections that show our certificate: the older interface wants it for giving money back.
    identified: reqwest::Client,
    surroundings: Arc<dyn Surroundings>,
}

impl Wechat {
    /// Reads the settings; makes no call.
    pub fn new(
        settings: Settings,
        secrets: Secrets,
        http: reqwest::Client,
        surroundings: Arc<dyn Surroundings>,
    ) -> Result<Wechat, SettingsError> {
        let mut ready = settings.check(secrets)?;
        let identified = match &ready.identity {
            Some(identity) => connections_as(identity.reveal().as_bytes())?,
            None => http.clone(),
        };
        Ok(Wechat {
            keys: keys::PlatformKeys::new(std::mem::take(&mut ready.platform_keys)),
            ready,
            http,
            identified,
            surroundings,
        })
    }

    fn code_pay_api(&self) -> CodePayApi {
        self.ready.settings.code_pay_api
    }
}

impl Gateway for Wechat {
    async fn pay_code(&self, charge: &Charge, code: &str) -> Answer<Capture> {
        let answer = match self.code_pay_api() {
            CodePayApi::V2 => self.micropay(charge, code).await,
            CodePayApi::V3 => self.codepay(charge, code).await,
        };
        answer.without(code)
    }

    async fn create_qr(&self, charge: &Charge) -> Answer<QrCode> {
        self.native(charge).await
    }

    async fn query(&self, trade_no: &TradeNo) -> Answer<Trade> {
        self.query_trade("query", trade_no).await
    }

    async fn reverse(&self, trade_no: &TradeNo) -> Answer<Closing> {
        match self.code_pay_api() {
            CodePayApi::V2 => self.reverse_v2(trade_no).await,
            CodePayApi::V3 => self.reverse_v3(trade_no).await,
        }
    }

    async fn close(&self, trade_no: &TradeNo) -> Answer<Closing> {
        self.close_order(trade_no).await
    }

    async fn refund(&self, refund: &Refund) -> Answer<RefundState> {
        self.send_refund(refund).await
    }

    async fn query_refund(&self, refund: &Refund) -> Answer<RefundState> {
        self.ask_refund(refund).await
    }

    async fn bill(&self, day: i64) -> Answer<Option<Vec<u8>>> {
        self.trade_bill(day).await
    }

    fn notice(
        &self,
        headers: &dyn Fn(&str) -> Option<String>,
        body: &[u8],
    ) -> Result<Notice, NoticeError> {
        self.read_notice(headers, body)
    }

    /// Asks both interfaces that will be used for an order nobody made.
    async fn test(&self) -> Answer<()> {
        let nobodys = TradeNo::parse("AISLETEST0").expect("letters and digits");
        let newer = self.query_trade("test", &nobodys).await.map(drop);
        if newer.outcome != Outcome::Success(()) || self.code_pay_api() == CodePayApi::V3 {
            return newer;
        }
        self.orderquery("test", &nobodys).await.map(drop)
    }
}

/// Turns what was heard into an answer: `read` what was done, `refused` judges a code.
fn answer<B, T>(
    heard: Heard<B>,
    read: impl FnOnce(B) -> Outcome<T>,
    refused: impl FnOnce(&str, crate::gateway::Failure) -> Outcome<T>,
) -> Answer<T> {
    let outcome = match heard.told {
        Told::Done(body) => read(body),
        Told::Refused(failure, _) => {
            let code = codes::plain(&failure.code);
            refused(&code, failure)
        }
        Told::Stranger(failure) => Outcome::Config(failure),
        Told::Lost(failure) => Outcome::Unknown(failure),
    };
    Answer::new(outcome, heard.trace)
}

/// For calls that move money.
fn moving<T>(interface: Interface) -> impl FnOnce(&str, crate::gateway::Failure) -> Outcome<T> {
    move |code, failure| codes::moving(codes::class(interface, code), failure)
}

/// For calls that ask.
fn asking<T>(interface: Interface) -> impl FnOnce(&str, crate::gateway::Failure) -> Outcome<T> {
    move |code, failure| codes::asking(codes::class(interface, code), failure)
}

/// A text of a JSON object; empty when it is not there.
fn text<'a>(body: &'a Value, name: &str) -> &'a str {
    body.get(name).and_then(Value::as_str).unwrap_or_default()
}
