use aisle_pay::crypto::ApiV3Key;
use aisle_pay::wechat::CodePayApi;
use aisle_pay::{Gateway, Notice, NoticeError, Outcome, RefundState, Trade};
use serde_json::{Value, json};

use crate::line::line;
use crate::platform::*;
use crate::shop::*;

fn certificate_item(text: &str, serial: &str) -> Value {
    let key = ApiV3Key::parse(APIV3_KEY).unwrap();
    let ciphertext = key
        .seal("abcdefghijkl", "certificate", text.as_bytes())
        .unwrap();
    json!({
        "serial_no": serial,
        "encrypt_certificate": {
            "algorithm": "AEAD_AES_256_GCM",
            "nonce": "abcdefghijkl",
            "associated_data": "certificate",
            "ciphertext": ciphertext,
        },
    })
}

const PLATFORM_SERIAL: &str = "7D0000000000000000000000000000000000BEEF";

#[tokio::test]
async fn in_certificate_mode_the_gateways_certificates_are_fetched_once() {
    let by = Seal {
        key_id: PLATFORM_SERIAL,
        ..GOOD
    };
    for (item, is_believed) in [
        (
            certificate_item(PLATFORM_CERTIFICATE, PLATFORM_SERIAL),
            true,
        ),
        // Named otherwise than it is.
        (certificate_item(PLATFORM_CERTIFICATE, "00AA"), false),
        (certificate_item(MERCHANT_CERTIFICATE, SERIAL), false),
    ] {
        let line = line(move |asked| {
            let body = if asked.target == "/v3/certificates" {
                json!({ "data": [item] })
            } else {
                transaction("SUCCESS")
            };
            sealed(by, 200, &body)
        })
        .await;
        let mut settings = wechat_settings(&line.address);
        settings.platform_keys.clear();
        settings.code_pay_api = CodePayApi::V3;
        let client = wechat_with(settings);
        for _ in 0..3 {
            let outcome = client.query(&trade_no()).await.outcome;
            assert_eq!(
                matches!(outcome, Outcome::Success(Trade::Paid(_))),
                is_believed
            );
        }
        let asked = line.asked();
        let fetched = asked
            .iter()
            .filter(|asked| asked.target == "/v3/certificates");
        assert_eq!(fetched.count(), 1);
        assert!(!asked[0].headers.contains_key("wechatpay-serial"));
    }
}

fn report(event: &str, content: &Value) -> Vec<u8> {
    let key = ApiV3Key::parse(APIV3_KEY).unwrap();
    let ciphertext = key
        .seal("abcdefghijkl", "x", content.to_string().as_bytes())
        .unwrap();
    json!({
        "id": "EV-1",
        "event_type": event,
        "resource": { "nonce": "abcdefghijkl", "associated_data": "x", "ciphertext": ciphertext },
    })
    .to_string()
    .into_bytes()
}

fn read(seal: Seal, body: &[u8]) -> Result<Notice, NoticeError> {
    let client = wechat_with(wechat_settings("http://127.0.0.1:1"));
    let headers = seal_headers(seal, body);
    let find = |name: &str| {
        let found = headers
            .iter()
            .find(|(given, _)| given.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.clone())
    };
    client.notice(&find, body)
}

#[test]
fn reports_of_the_gateway_are_read() {
    let paid = report("TRANSACTION.SUCCESS", &transaction("SUCCESS"));
    let notice = read(GOOD, &paid).unwrap();
    assert_eq!(
        (notice.event_id.as_str(), notice.trade_no.as_str()),
        ("EV-1", "A0000000000001")
    );
    assert!(matches!(notice.trade, Some(Trade::Paid(_))));

    let content = json!({
        "mchid": "1900000001", "out_trade_no": "A0000000000001", "out_refund_no": "R0000000000001",
        "refund_id": "5", "refund_status": "ABNORMAL",
    });
    let notice = read(GOOD, &report("REFUND.ABNORMAL", &content)).unwrap();
    assert_eq!(notice.refund, Some(RefundState::Abnormal));
    assert_eq!(notice.refund_no.as_deref(), Some("R0000000000001"));
}

#[test]
fn reports_of_others_or_for_others_are_refused() {
    let paid = report("TRANSACTION.SUCCESS", &transaction("SUCCESS"));
    for (seal, expected) in [
        (
            Seal {
                key: MERCHANT_KEY,
                ..GOOD
            },
            NoticeError::Forged,
        ),
        (
            Seal {
                at_s: NOW_S - 301,
                ..GOOD
            },
            NoticeError::Forged,
        ),
        (
            Seal {
                prefix: "WECHATPAY/SIGNTEST/",
                ..GOOD
            },
            NoticeError::Forged,
        ),
        (
            Seal {
                without: "Wechatpay-Nonce",
                ..GOOD
            },
            NoticeError::Forged,
        ),
        (
            Seal {
                key_id: "PUB_KEY_ID_2",
                ..GOOD
            },
            NoticeError::UnknownKey,
        ),
    ] {
        assert_eq!(read(seal, &paid).unwrap_err(), expected);
    }
    let mut other = transaction("SUCCESS");
    other["mchid"] = json!("1900000002");
    let other = report("TRANSACTION.SUCCESS", &other);
    assert_eq!(read(GOOD, &other).unwrap_err(), NoticeError::OtherMerchant);
    for unreadable in [
        report("PAYSCORE.USER_OPEN_SERVICE", &json!({})),
        report("TRANSACTION.SUCCESS", &json!("text")),
        b"not json".to_vec(),
    ] {
        assert_eq!(
            read(GOOD, &unreadable).unwrap_err(),
            NoticeError::Unreadable
        );
    }
}
