//! WeChat Pay's side: what it signs, and how badly.

use aisle_pay::Client;
use aisle_pay::crypto::{PrivateKey, PublicKey};
use aisle_pay::wechat::text::{request_message, response_message};
use serde_json::{Value, json};

use crate::line::{Asked, Line, Say, line};
use crate::shop::*;

/// What the fake gateway signs with, and how.
#[derive(Clone, Copy)]
pub(crate) struct Seal {
    pub(crate) key_id: &'static str,
    pub(crate) key: &'static str,
    pub(crate) at_s: i64,
    pub(crate) prefix: &'static str,
    pub(crate) without: &'static str,
}

pub(crate) const GOOD: Seal = Seal {
    key_id: PUBLIC_KEY_ID,
    key: PLATFORM_KEY,
    at_s: NOW_S,
    prefix: "",
    without: "",
};

pub(crate) fn seal_headers(seal: Seal, body: &[u8]) -> Vec<(String, String)> {
    let timestamp = seal.at_s.to_string();
    let message = response_message(&timestamp, "anonce", body);
    let signature = PrivateKey::parse(seal.key).unwrap().sign(&message);
    [
        ("Wechatpay-Serial", seal.key_id.to_owned()),
        ("Wechatpay-Timestamp", timestamp),
        ("Wechatpay-Nonce", "anonce".to_owned()),
        ("Wechatpay-Signature", format!("{}{signature}", seal.prefix)),
        ("Request-ID", "08F8".to_owned()),
    ]
    .into_iter()
    .filter(|(name, _)| *name != seal.without)
    .map(|(name, value)| (name.to_owned(), value))
    .collect()
}

pub(crate) fn sealed(seal: Seal, status: u16, body: &Value) -> Say {
    let body = match body {
        Value::Null => Vec::new(),
        body => body.to_string().into_bytes(),
    };
    Say::Http {
        status,
        headers: seal_headers(seal, &body),
        body,
    }
}

pub(crate) fn good(body: Value) -> Say {
    sealed(GOOD, 200, &body)
}

pub(crate) fn refusal(status: u16, code: &str) -> Say {
    Say::Http {
        status,
        headers: vec![],
        body: json!({ "code": code, "message": "说明" })
            .to_string()
            .into_bytes(),
    }
}

pub(crate) fn transaction(state: &str) -> Value {
    json!({
        "appid": "wx0000000000000001",
        "mchid": "1900000001",
        "out_trade_no": trade_no().as_str(),
        "transaction_id": "4200000000000000000000000001",
        "trade_type": "MICROPAY",
        "trade_state": state,
        "trade_state_desc": "说明",
        "success_time": "2026-11-25T11:59:58+08:00",
        "payer": { "openid": "oAAA" },
        "amount": { "total": 1230, "payer_total": 1200, "currency": "CNY" },
    })
}

pub(crate) async fn shop(say: impl Fn(&Asked) -> Say + Send + Sync + 'static) -> (Client, Line) {
    let line = line(say).await;
    (wechat_with(wechat_settings(&line.address)), line)
}

/// The signature of a request, checked as a gateway would.
pub(crate) fn assert_signed(asked: &Asked) {
    let header = asked.headers["authorization"].clone();
    let pairs = header.strip_prefix("WECHATPAY2-SHA256-RSA2048 ").unwrap();
    let get = |name: &str| {
        let from = pairs.split_once(&format!("{name}=\"")).unwrap().1;
        from.split_once('"').unwrap().0.to_owned()
    };
    assert_eq!(
        (get("mchid").as_str(), get("serial_no").as_str()),
        ("1900000001", SERIAL)
    );
    let message = request_message(
        &asked.method,
        &asked.target,
        &get("timestamp"),
        &get("nonce_str"),
        &asked.body,
    );
    let key = PublicKey::parse(MERCHANT_PUBLIC).unwrap();
    assert!(key.verify(message.as_bytes(), &get("signature")));
    assert_eq!(asked.headers["wechatpay-serial"], PUBLIC_KEY_ID);
    assert_eq!(asked.headers["accept"], "application/json");
    assert!(asked.headers["user-agent"].starts_with("aisle/"));
}
