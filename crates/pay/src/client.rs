//! Either gateway behind one type, so that whoever books payments need not know which one it speaks with.

use std::sync::Arc;

use crate::alipay::{self, Alipay};
use crate::gateway::{
    Answer, Capture, Channel, Charge, Closing, Gateway, Notice, NoticeError, QrCode, Refund,
    RefundState, Surroundings, Trade, TradeNo,
};
use crate::settings::SettingsError;
use crate::wechat::{self, Wechat};

/// One merchant's way to one gateway.
#[derive(Debug)]
pub enum Client {
    /// 微信支付.
    Wechat(Box<Wechat>),
    /// 支付宝.
    Alipay(Box<Alipay>),
}

impl Client {
    /// WeChat Pay. `http` is [`connections`](crate::connections), shared by all clients.
    pub fn wechat(
        settings: wechat::Settings,
        secrets: wechat::Secrets,
        http: reqwest::Client,
        surroundings: Arc<dyn Surroundings>,
    ) -> Result<Client, SettingsError> {
        let client = Wechat::new(settings, secrets, http, surroundings)?;
        Ok(Client::Wechat(Box::new(client)))
    }

    /// Alipay. `http` is [`connections`](crate::connections), shared by all clients.
    pub fn alipay(
        settings: alipay::Settings,
        secrets: &alipay::Secrets,
        http: reqwest::Client,
        surroundings: Arc<dyn Surroundings>,
    ) -> Result<Client, SettingsError> {
        let client = Alipay::new(settings, secrets, http, surroundings)?;
        Ok(Client::Alipay(Box::new(client)))
    }

    /// Who moves the money.
    pub fn channel(&self) -> Channel {
        match self {
            Client::Wechat(_) => Channel::Wechat,
            Client::Alipay(_) => Channel::Alipay,
        }
    }

    /// Looks for keys the gateway signs with since a while; for a report that was refused with
    /// [`NoticeError::UnknownKey`]. At most one call a minute.
    pub async fn refresh_keys(&self) {
        match self {
            Client::Wechat(client) => client.refresh_keys().await,
            // Alipay's keys come from its console alone.
            Client::Alipay(_) => {}
        }
    }
}

impl Gateway for Client {
    async fn pay_code(&self, charge: &Charge, code: &str) -> Answer<Capture> {
        match self {
            Client::Wechat(client) => client.pay_code(charge, code).await,
            Client::Alipay(client) => client.pay_code(charge, code).await,
        }
    }

    async fn create_qr(&self, charge: &Charge) -> Answer<QrCode> {
        match self {
            Client::Wechat(client) => client.create_qr(charge).await,
            Client::Alipay(client) => client.create_qr(charge).await,
        }
    }

    async fn query(&self, trade_no: &TradeNo) -> Answer<Trade> {
        match self {
            Client::Wechat(client) => client.query(trade_no).await,
            Client::Alipay(client) => client.query(trade_no).await,
        }
    }

    async fn reverse(&self, trade_no: &TradeNo) -> Answer<Closing> {
        match self {
            Client::Wechat(client) => client.reverse(trade_no).await,
            Client::Alipay(client) => client.reverse(trade_no).await,
        }
    }

    async fn close(&self, trade_no: &TradeNo) -> Answer<Closing> {
        match self {
            Client::Wechat(client) => client.close(trade_no).await,
            Client::Alipay(client) => client.close(trade_no).await,
        }
    }

    async fn refund(&self, refund: &Refund) -> Answer<RefundState> {
        match self {
            Client::Wechat(client) => client.refund(refund).await,
            Client::Alipay(client) => client.refund(refund).await,
        }
    }

    async fn query_refund(&self, refund: &Refund) -> Answer<RefundState> {
        match self {
            Client::Wechat(client) => client.query_refund(refund).await,
            Client::Alipay(client) => client.query_refund(refund).await,
        }
    }

    async fn bill(&self, day: i64) -> Answer<Option<Vec<u8>>> {
        match self {
            Client::Wechat(client) => client.bill(day).await,
            Client::Alipay(client) => client.bill(day).await,
        }
    }

    fn notice(
        &self,
        headers: &dyn Fn(&str) -> Option<String>,
        body: &[u8],
    ) -> Result<Notice, NoticeError> {
        match self {
            Client::Wechat(client) => client.notice(headers, body),
            Client::Alipay(client) => client.notice(headers, body),
        }
    }

    async fn test(&self) -> Answer<()> {
        match self {
            Client::Wechat(client) => client.test().await,
            Client::Alipay(client) => client.test().await,
        }
    }
}
