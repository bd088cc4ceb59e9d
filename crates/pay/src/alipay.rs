//! Alipay (支付宝): payments face to face over the open platform.
//!
//! A success counts only with the gateway's signature over the piece of the answer it was read from, and about our
//! number.

use std::sync::Arc;

use crate::beijing;
use crate::gateway::{
    Answer, Capture, Charge, Closing, Gateway, Notice, NoticeError, QrCode, Refund, RefundState,
    Surroundings, Trade, TradeNo,
};
use crate::settings::SettingsError;

mod bill;
mod call;
mod codes;
mod node;
mod notice;
mod settings;
pub mod text;
mod trade;

pub use settings::{Certificates, Secrets, Settings};

/// One merchant at Alipay.
#[derive(Debug)]
pub struct Alipay {
    ready: settings::Ready,
    http: reqwest::Client,
    surroundings: Arc<dyn Surroundings>,
}

impl Alipay {
    /// Reads the settings; makes no call.
    pub fn new(
        settings: Settings,
        secrets: &Secrets,
        http: reqwest::Client,
        surroundings: Arc<dyn Surroundings>,
    ) -> Result<Alipay, SettingsError> {
        Ok(Alipay {
            ready: settings.check(secrets)?,
            http,
            surroundings,
        })
    }
}

impl Gateway for Alipay {
    async fn pay_code(&self, charge: &Charge, code: &str) -> Answer<Capture> {
        self.pay(charge, code).await.without(code)
    }

    async fn create_qr(&self, charge: &Charge) -> Answer<QrCode> {
        self.precreate(charge).await
    }

    async fn query(&self, trade_no: &TradeNo) -> Answer<Trade> {
        self.query_trade("query", trade_no).await
    }

    async fn reverse(&self, trade_no: &TradeNo) -> Answer<Closing> {
        self.cancel(trade_no).await
    }

    async fn close(&self, trade_no: &TradeNo) -> Answer<Closing> {
        self.close_trade(trade_no).await
    }

    async fn refund(&self, refund: &Refund) -> Answer<RefundState> {
        self.send_refund(refund).await
    }

    async fn query_refund(&self, refund: &Refund) -> Answer<RefundState> {
        self.ask_refund(refund).await
    }

    async fn bill(&self, day: i64) -> Answer<Option<Vec<u8>>> {
        self.trade_bill(&beijing::day_text(day)).await
    }

    fn notice(
        &self,
        _headers: &dyn Fn(&str) -> Option<String>,
        body: &[u8],
    ) -> Result<Notice, NoticeError> {
        self.read_notice(body)
    }

    /// Asks for a trade nobody made.
    async fn test(&self) -> Answer<()> {
        let nobodys = TradeNo::parse("AISLETEST0").expect("letters and digits");
        self.query_trade("test", &nobodys).await.map(drop)
    }
}
