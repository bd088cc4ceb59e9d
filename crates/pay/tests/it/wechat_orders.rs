use std::io::Write;

use aisle_pay::crypto::{PublicKey, sha1_hex};
use aisle_pay::wechat::text::jsapi_message;
use aisle_pay::{Client, Closing, Gateway, Outcome, RefundState};
use serde_json::{Value, json};

use crate::line::Say;
use crate::platform::*;
use crate::shop::*;

#[tokio::test]
async fn an_order_to_scan_is_made_and_closed() {
    let (client, line) = shop(|asked| {
        if asked.target.ends_with("/close") {
            return sealed(GOOD, 204, &Value::Null);
        }
        good(json!({ "code_url": "weixin://wxpay/bizpayurl?pr=abc", "prepay_id": "wx2611" }))
    })
    .await;
    let qr = client.create_qr(&charge()).await.outcome;
    assert!(matches!(qr, Outcome::Success(qr) if qr.content.starts_with("weixin://")));
    assert_eq!(
        client.close(&trade_no()).await.outcome,
        Outcome::Success(Closing::Done)
    );
    let asked = line.asked();
    asked.iter().for_each(assert_signed);
    let body: Value = serde_json::from_str(&asked[0].body).unwrap();
    assert_eq!(body["time_expire"], "2026-11-25T12:05:00+08:00");
    assert_eq!(asked[1].body, r#"{"mchid":"1900000001"}"#);

    let Client::Wechat(wechat) = &client else {
        panic!("another channel");
    };
    let order = wechat.create_jsapi(&charge(), "oAAA").await.outcome;
    let Outcome::Success(order) = order else {
        panic!("{order:?}");
    };
    let message = jsapi_message(
        &order.app_id,
        &order.time_stamp,
        &order.nonce_str,
        &order.package,
    );
    let key = PublicKey::parse(MERCHANT_PUBLIC).unwrap();
    assert!(key.verify(message.as_bytes(), &order.pay_sign));
    assert_eq!(order.package, "prepay_id=wx2611");
}

#[tokio::test]
async fn giving_up_says_what_is_left_to_do() {
    let reverse = async |say: Say| {
        let (client, _line) = shop(move |_| say.clone()).await;
        client.reverse(&trade_no()).await.outcome
    };
    let close = async |say: Say| {
        let (client, _line) = shop(move |_| say.clone()).await;
        client.close(&trade_no()).await.outcome
    };
    assert_eq!(
        reverse(good(json!({}))).await,
        Outcome::Success(Closing::Done)
    );
    assert_eq!(
        reverse(good(json!({ "recall": "Y" }))).await,
        Outcome::Success(Closing::Again)
    );
    assert_eq!(
        reverse(refusal(400, "USERPAYING")).await,
        Outcome::Success(Closing::Again)
    );
    assert_eq!(
        reverse(refusal(404, "ORDER_NOT_EXIST")).await,
        Outcome::Success(Closing::Again)
    );
    for (status, code) in [
        (500, "SYSTEM_ERROR"),
        (400, "INVALID_REQUEST"),
        (403, "TRADE_ERROR"),
    ] {
        assert!(
            matches!(reverse(refusal(status, code)).await, Outcome::Unknown(_)),
            "{code}"
        );
    }
    assert_eq!(
        close(refusal(400, "ORDER_CLOSED")).await,
        Outcome::Success(Closing::Done)
    );
    assert_eq!(
        close(refusal(400, "ORDER_PAID")).await,
        Outcome::Success(Closing::IsPaid)
    );
    let unsigned = Say::Http {
        status: 204,
        headers: vec![],
        body: vec![],
    };
    assert!(matches!(close(unsigned).await, Outcome::Unknown(_)));
}

#[tokio::test]
async fn a_refund_stands_where_the_gateway_says() {
    let told = |status: &str| {
        json!({
            "refund_id": "50000000001",
            "out_refund_no": refund().refund_no.as_str(),
            "out_trade_no": trade_no().as_str(),
            "status": status,
        })
    };
    let gateway_no = || "50000000001".to_owned();
    for (status, expected) in [
        (
            "SUCCESS",
            RefundState::Done {
                gateway_no: gateway_no(),
            },
        ),
        (
            "PROCESSING",
            RefundState::Processing {
                gateway_no: gateway_no(),
            },
        ),
        ("CLOSED", RefundState::Closed),
        ("ABNORMAL", RefundState::Abnormal),
    ] {
        let body = told(status);
        let (client, line) = shop(move |_| good(body.clone())).await;
        let expected = Outcome::Success(expected);
        assert_eq!(client.refund(&refund()).await.outcome, expected);
        assert_eq!(client.query_refund(&refund()).await.outcome, expected);
        line.asked().iter().for_each(assert_signed);
    }
    let mut other = told("SUCCESS");
    other["out_refund_no"] = json!("R0000000000002");
    let (client, _line) = shop(move |_| good(other.clone())).await;
    assert_eq!(
        unknown(client.refund(&refund()).await).code,
        "other_merchant"
    );
    let (client, _line) = shop(|_| refusal(404, "RESOURCE_NOT_EXISTS")).await;
    let absent = Outcome::Success(RefundState::Absent);
    assert_eq!(client.query_refund(&refund()).await.outcome, absent);
    assert_eq!(
        unknown(client.refund(&refund()).await).code,
        "RESOURCE_NOT_EXISTS"
    );
    let (client, _line) = shop(|_| refusal(403, "NOT_ENOUGH")).await;
    assert!(matches!(
        client.refund(&refund()).await.outcome,
        Outcome::Declined(_)
    ));
    assert!(matches!(
        client.query_refund(&refund()).await.outcome,
        Outcome::Unknown(_)
    ));
}

fn zipped(bill: &str) -> Vec<u8> {
    let mut packing = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packing.write_all(bill.as_bytes()).unwrap();
    packing.finish().unwrap()
}

#[tokio::test]
async fn a_bill_is_fetched_and_its_hash_checked() {
    const BILL: &str = "\u{feff}交易时间,公众账号ID\r\n`2026-11-24,`wx\r\n";
    for (hash, expected) in [
        (sha1_hex(BILL.as_bytes()), true),
        (sha1_hex(b"other"), false),
    ] {
        let (client, line) = shop(move |asked| {
            if asked.target.starts_with("/v3/billdownload/file") {
                return Say::Http {
                    status: 200,
                    headers: vec![],
                    body: zipped(BILL),
                };
            }
            let url = format!(
                "http://{}/v3/billdownload/file?token=a%2Bb",
                asked.headers["host"]
            );
            good(json!({ "hash_type": "SHA1", "hash_value": hash, "download_url": url }))
        })
        .await;
        let answer = client.bill(20261124).await;
        match answer.outcome {
            Outcome::Success(Some(file)) => assert!(expected && file == BILL.as_bytes()),
            Outcome::Unknown(failure) => assert!(!expected && failure.code == "bad_hash"),
            other => panic!("{other:?}"),
        }
        let asked = line.asked();
        asked.iter().for_each(assert_signed);
        assert!(asked[0].target.contains("bill_date=2026-11-24"));
        assert_eq!(asked[1].target, "/v3/billdownload/file?token=a%2Bb");
    }
    let (client, _line) = shop(|_| refusal(400, "NO_STATEMENT_EXIST")).await;
    assert_eq!(client.bill(20261124).await.outcome, Outcome::Success(None));
    let (client, _line) = shop(|_| refusal(400, "STATEMENT_CREATING")).await;
    assert_eq!(client.bill(20261124).await.outcome, Outcome::Pending);
}
