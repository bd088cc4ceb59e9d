//! A shop with keys of its own, and a clock that stands still.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use aisle_domain::money::Money;
use aisle_domain::time::Instant;
use aisle_pay::{
    Answer, Charge, Client, Failure, Outcome, Refund, Secret, Surroundings, TradeNo, alipay, wechat,
};

pub(crate) const MERCHANT_KEY: &str = include_str!("../../src/testdata/merchant_key.pem");
pub(crate) const MERCHANT_CERTIFICATE: &str = include_str!("../../src/testdata/merchant_cert.pem");
pub(crate) const MERCHANT_PUBLIC: &str = include_str!("../../src/testdata/merchant_pub.pem");
pub(crate) const PLATFORM_KEY: &str = include_str!("../../src/testdata/platform_key.pem");
pub(crate) const PLATFORM_CERTIFICATE: &str = include_str!("../../src/testdata/platform_cert.pem");
pub(crate) const PLATFORM_PUBLIC: &str = include_str!("../../src/testdata/platform_pub.pem");
pub(crate) const SERIAL: &str = "0A1B2C3D4E5F60718293A4B5C6D7E8F901234567";
pub(crate) const PUBLIC_KEY_ID: &str = "PUB_KEY_ID_0000000000000001";
pub(crate) const APIV3_KEY: &str = "0123456789abcdef0123456789abcdef";
pub(crate) const V2_KEY: &str = "fedcba9876543210fedcba9876543210";
pub(crate) const CODE: &str = "130061098828009406";
pub(crate) const ALIPAY_CODE: &str = "281234567890123456";

/// 2026-11-25 12:00:00 in Beijing.
pub(crate) const NOW_S: i64 = 1_795_579_200;

#[derive(Debug, Default)]
pub(crate) struct Still {
    count: AtomicU64,
}

impl Surroundings for Still {
    fn now(&self) -> Instant {
        Instant(NOW_S * 1000)
    }

    fn nonce(&self) -> String {
        format!("{:032}", self.count.fetch_add(1, Ordering::Relaxed))
    }
}

pub(crate) fn trade_no() -> TradeNo {
    TradeNo::parse("A0000000000001").unwrap()
}

pub(crate) fn charge() -> Charge {
    Charge {
        trade_no: trade_no(),
        amount: Money::from_fen(1230),
        subject: "Aisle 超市 😀 & <牛奶>".to_owned(),
        store: (1, "人民路店".to_owned()),
        terminal: 7,
        expires_at: Instant((NOW_S + 300) * 1000),
        notify_url: Some("https://shop.example.com/notify".to_owned()),
    }
}

pub(crate) fn refund() -> Refund {
    Refund {
        trade_no: trade_no(),
        refund_no: TradeNo::parse("R0000000000001").unwrap(),
        amount: Money::from_fen(30),
        total: Money::from_fen(1230),
        reason: "不想要了".to_owned(),
        notify_url: None,
    }
}

pub(crate) fn wechat_settings(base_url: &str) -> wechat::Settings {
    serde_json::from_value(serde_json::json!({
        "mchid": "1900000001",
        "appid": "wx0000000000000001",
        "serial_no": SERIAL,
        "platform_keys": { PUBLIC_KEY_ID: PLATFORM_PUBLIC },
        "code_pay_api": "v3",
        "base_url": base_url,
    }))
    .unwrap()
}

pub(crate) fn wechat_secrets() -> wechat::Secrets {
    wechat::Secrets {
        private_key: Secret::new(MERCHANT_KEY),
        apiv3_key: Secret::new(APIV3_KEY),
        v2_key: Some(Secret::new(V2_KEY)),
    }
}

pub(crate) fn wechat_with(settings: wechat::Settings) -> Client {
    let http = aisle_pay::connections().unwrap();
    Client::wechat(settings, wechat_secrets(), http, Arc::new(Still::default())).unwrap()
}

pub(crate) fn alipay_settings(base_url: &str) -> alipay::Settings {
    serde_json::from_value(serde_json::json!({
        "app_id": "2021000000000001",
        "seller_id": "2088000000000001",
        "alipay_public_key": PLATFORM_PUBLIC,
        "base_url": format!("{base_url}/gateway.do"),
    }))
    .unwrap()
}

pub(crate) fn alipay_secrets() -> alipay::Secrets {
    alipay::Secrets {
        private_key: Secret::new(MERCHANT_KEY),
    }
}

pub(crate) fn alipay_with(settings: alipay::Settings) -> Client {
    let http = aisle_pay::connections().unwrap();
    Client::alipay(
        settings,
        &alipay_secrets(),
        http,
        Arc::new(Still::default()),
    )
    .unwrap()
}

/// The failure of an answer that is unknown, with its code in the trace as well.
pub(crate) fn unknown<T: std::fmt::Debug>(answer: Answer<T>) -> Failure {
    match answer.outcome {
        Outcome::Unknown(failure) => {
            assert_eq!(answer.trace.code, failure.code);
            failure
        }
        other => panic!("{other:?}"),
    }
}
