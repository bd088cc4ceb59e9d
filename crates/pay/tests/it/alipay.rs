use std::collections::BTreeMap;

use aisle_domain::money::Money;
use aisle_pay::alipay::text::{notice_text, request_text};
use aisle_pay::crypto::{PrivateKey, PublicKey};
use aisle_pay::{Client, Closing, Gateway, NoticeError, Outcome, RefundState, Trade};
use serde_json::{Value, json};
use url::form_urlencoded;

use crate::line::{Asked, Line, Say, line};
use crate::shop::*;

fn http(status: u16, body: impl Into<Vec<u8>>) -> Say {
    Say::Http {
        status,
        headers: vec![],
        body: body.into(),
    }
}

/// An answer to `method`, signed over the text of its node as Alipay writes it: `/` escaped.
fn signed_by(key: &str, method: &str, node: &Value) -> Say {
    let node = node.to_string().replace('/', "\\/");
    let sign = PrivateKey::parse(key).unwrap().sign(node.as_bytes());
    let name = format!("{}_response", method.replace('.', "_"));
    http(200, format!("{{\"{name}\":{node},\"sign\":\"{sign}\"}}"))
}

fn good(method: &str, node: &Value) -> Say {
    signed_by(PLATFORM_KEY, method, node)
}

fn paid() -> Value {
    json!({
        "code": "10000", "msg": "Success",
        "out_trade_no": trade_no().as_str(),
        "trade_no": "2026112522001",
        "total_amount": "12.30",
        "buyer_logon_id": "abc***@example.com",
        "gmt_payment": "2026-11-25 11:59:58",
        "trade_status": "TRADE_SUCCESS",
        "note": "a/b",
    })
}

fn refused(code: &str, sub_code: &str) -> Value {
    json!({ "code": code, "msg": "x", "sub_code": sub_code, "sub_msg": "说明" })
}

async fn shop(say: impl Fn(&Asked) -> Say + Send + Sync + 'static) -> (Client, Line) {
    let line = line(say).await;
    (alipay_with(alipay_settings(&line.address)), line)
}

fn form_of(asked: &Asked) -> BTreeMap<String, String> {
    form_urlencoded::parse(asked.body.as_bytes())
        .into_owned()
        .collect()
}

/// The parameters of a request, its signature checked as a gateway would.
fn content_of(asked: &Asked) -> Value {
    assert_eq!(
        (asked.method.as_str(), asked.target.as_str()),
        ("POST", "/gateway.do")
    );
    let form = form_of(asked);
    let text = request_text(
        form.iter()
            .map(|(name, value)| (name.as_str(), value.as_str())),
    );
    let key = PublicKey::parse(MERCHANT_PUBLIC).unwrap();
    assert!(key.verify(text.as_bytes(), &form["sign"]));
    assert!(text.contains("&sign_type=RSA2&timestamp=2026-11-25 12:00:00&version=1.0"));
    serde_json::from_str(&form["biz_content"]).unwrap()
}

const PAY: &str = "alipay.trade.pay";

#[tokio::test]
async fn a_payment_code_is_paid() {
    let (client, line) = shop(|_| good(PAY, &paid())).await;
    let answer = client.pay_code(&charge(), ALIPAY_CODE).await;
    let Outcome::Success(capture) = answer.outcome else {
        panic!("{answer:?}");
    };
    assert_eq!(capture.amount, Money::from_fen(1230));
    assert_eq!(capture.payer, "abc***@example.com");
    assert_eq!(capture.paid_at.unwrap().0, (NOW_S - 2) * 1000);
    let content = content_of(&line.asked()[0]);
    assert_eq!(content["auth_code"], ALIPAY_CODE);
    assert_eq!(content["total_amount"], "12.30");
    assert_eq!(content["timeout_express"], "5m");
    assert_eq!(form_of(&line.asked()[0])["method"], PAY);
}

#[tokio::test]
async fn what_is_not_proved_is_unknown_and_never_declined() {
    let mut other = paid();
    other["out_trade_no"] = json!("A2");
    let mut less = paid();
    less.as_object_mut().unwrap().remove("total_amount");
    let unsigned = |node: &Value| http(200, format!("{{\"alipay_trade_pay_response\":{node}}}"));
    let Say::Http { body, .. } = good(PAY, &paid()) else {
        panic!("no answer");
    };
    let altered = String::from_utf8(body).unwrap().replace("12.30", "12.31");
    let cases = [
        ("bad_signature", unsigned(&paid())),
        (
            "bad_signature",
            unsigned(&refused("40004", "ACQ.PAYMENT_FAIL")),
        ),
        ("bad_signature", unsigned(&refused("10003", ""))),
        ("bad_signature", signed_by(MERCHANT_KEY, PAY, &paid())),
        (
            "bad_signature",
            signed_by(MERCHANT_KEY, PAY, &refused("40002", "isv.invalid-app-id")),
        ),
        ("bad_signature", http(200, altered)),
        // Signed, but as the answer to another call.
        ("bad_answer", good("alipay.trade.query", &paid())),
        ("bad_answer", good(PAY, &json!({ "msg": "no code" }))),
        ("bad_answer", good(PAY, &less)),
        ("bad_answer", http(200, "<html>")),
        ("bad_answer", http(200, vec![0xff, 0xfe])),
        ("other_merchant", good(PAY, &other)),
        (
            "isp.unknow-error",
            good(PAY, &refused("20000", "isp.unknow-error")),
        ),
        (
            "ACQ.SYSTEM_ERROR",
            good(PAY, &refused("40004", "ACQ.SYSTEM_ERROR")),
        ),
        (
            "ACQ.TRADE_HAS_SUCCESS",
            good(PAY, &refused("40004", "ACQ.TRADE_HAS_SUCCESS")),
        ),
        (
            "ACQ.SOMETHING",
            good(PAY, &refused("40004", "ACQ.SOMETHING")),
        ),
        (
            "isv.app-call-limited",
            good(PAY, &refused("40005", "isv.app-call-limited")),
        ),
        ("99999", good(PAY, &refused("99999", ""))),
        ("http_500", http(500, paid().to_string())),
        ("http_502", http(502, "<html>")),
        ("http_404", http(404, "")),
        ("connection", Say::HangUp),
        ("connection", Say::Reset),
        ("connection", Say::CutShort),
        ("connection", Say::Garbage),
    ];
    for (expected, say) in cases {
        let said = say.clone();
        let (client, line) = shop(move |_| say.clone()).await;
        let failure = unknown(client.pay_code(&charge(), ALIPAY_CODE).await);
        assert_eq!(failure.code, expected, "{said:?}");
        assert_eq!(line.asked().len(), 1, "sent once: {said:?}");
    }
}

#[tokio::test]
async fn codes_become_what_they_mean() {
    let pay = async |say: Say| {
        let (client, _line) = shop(move |_| say.clone()).await;
        client.pay_code(&charge(), ALIPAY_CODE).await.outcome
    };
    assert_eq!(
        pay(good(PAY, &refused("10003", ""))).await,
        Outcome::Pending
    );
    for sub_code in [
        "ACQ.PAYMENT_AUTH_CODE_INVALID",
        "ACQ.BUYER_BALANCE_NOT_ENOUGH",
    ] {
        let outcome = pay(good(PAY, &refused("40004", sub_code))).await;
        assert!(matches!(outcome, Outcome::Declined(failure) if failure.code == sub_code));
    }
    let strangers = [
        good(PAY, &refused("40006", "isv.insufficient-isv-permissions")),
        good(PAY, &refused("20001", "aop.invalid-auth-token")),
        // A gateway that does not know the app has no reason to sign.
        http(
            200,
            format!(
                "{{\"error_response\":{}}}",
                refused("40002", "isv.invalid-app-id")
            ),
        ),
    ];
    for say in strangers {
        assert!(matches!(pay(say).await, Outcome::Config(_)));
    }
}

#[tokio::test]
async fn a_query_tells_where_an_attempt_stands() {
    let ask = async |node: Value| {
        let (client, line) = shop(move |_| good("alipay.trade.query", &node)).await;
        let outcome = client.query(&trade_no()).await.outcome;
        assert_eq!(
            content_of(&line.asked()[0]),
            json!({ "out_trade_no": "A0000000000001" })
        );
        outcome
    };
    let state = |status: &str, paid_at: &str| {
        let mut node = paid();
        node["trade_status"] = json!(status);
        node["send_pay_date"] = json!(paid_at);
        node["gmt_payment"] = json!("");
        node
    };
    let at = "2026-11-25 11:59:58";
    for status in ["TRADE_SUCCESS", "TRADE_FINISHED"] {
        let outcome = ask(state(status, at)).await;
        assert!(
            matches!(outcome, Outcome::Success(Trade::Paid(_))),
            "{status}"
        );
    }
    // It is "closed" also after all of it was given back.
    let outcome = ask(state("TRADE_CLOSED", at)).await;
    assert!(matches!(outcome, Outcome::Success(Trade::Refunded(_))));
    assert_eq!(
        ask(state("TRADE_CLOSED", "")).await,
        Outcome::Success(Trade::Closed)
    );
    assert_eq!(
        ask(state("WAIT_BUYER_PAY", "")).await,
        Outcome::Success(Trade::Waiting)
    );
    let absent = ask(refused("40004", "ACQ.TRADE_NOT_EXIST")).await;
    assert_eq!(absent, Outcome::Success(Trade::Absent));
    for node in [
        state("SOMETHING", ""),
        refused("40004", "ACQ.INVALID_PARAMETER"),
    ] {
        assert!(matches!(ask(node).await, Outcome::Unknown(_)));
    }
}

#[tokio::test]
async fn an_order_to_scan_is_made_and_given_up() {
    let qr = json!({ "code": "10000", "out_trade_no": "A0000000000001", "qr_code": "https://qr.alipay.com/bax" });
    let (client, line) = shop(move |_| good("alipay.trade.precreate", &qr)).await;
    let outcome = client.create_qr(&charge()).await.outcome;
    assert!(matches!(outcome, Outcome::Success(qr) if qr.content == "https://qr.alipay.com/bax"));
    assert_eq!(
        content_of(&line.asked()[0])["qr_code_timeout_express"],
        "5m"
    );
    assert_eq!(
        form_of(&line.asked()[0])["notify_url"],
        "https://shop.example.com/notify"
    );

    let cancel = async |node: Value| {
        let (client, _line) = shop(move |_| good("alipay.trade.cancel", &node)).await;
        client.reverse(&trade_no()).await.outcome
    };
    let done = |flag: &str| json!({ "code": "10000", "retry_flag": flag, "action": "close" });
    assert_eq!(cancel(done("N")).await, Outcome::Success(Closing::Done));
    assert_eq!(cancel(done("Y")).await, Outcome::Success(Closing::Again));
    assert!(matches!(
        cancel(json!({ "code": "10000" })).await,
        Outcome::Unknown(_)
    ));
    let misspelt = refused("40004", "AQC.SYSTEM_ERROR");
    assert!(matches!(cancel(misspelt).await, Outcome::Unknown(_)));

    let close = async |node: Value| {
        let (client, _line) = shop(move |_| good("alipay.trade.close", &node)).await;
        client.close(&trade_no()).await.outcome
    };
    assert_eq!(
        close(json!({ "code": "10000" })).await,
        Outcome::Success(Closing::Done)
    );
    for (sub_code, expected) in [
        ("ACQ.TRADE_NOT_EXIST", Closing::Again),
        ("ACQ.TRADE_STATUS_ERROR", Closing::IsPaid),
        ("ACQ.TRADE_HAS_CLOSE", Closing::Done),
        ("ACQ.TRADE_HAS_FINISHED", Closing::IsPaid),
    ] {
        let outcome = close(refused("40004", sub_code)).await;
        assert_eq!(outcome, Outcome::Success(expected), "{sub_code}");
    }
}

#[tokio::test]
async fn a_refund_stands_where_the_gateway_says() {
    let ask = async |method: &'static str, node: Value| {
        let (client, line) = shop(move |_| good(method, &node)).await;
        let answer = match method {
            "alipay.trade.refund" => client.refund(&refund()).await,
            _ => client.query_refund(&refund()).await,
        };
        let content = content_of(&line.asked()[0]);
        assert_eq!(content["out_request_no"], "R0000000000001");
        answer.outcome
    };
    let told = |more: Value| {
        let mut node =
            json!({ "code": "10000", "out_trade_no": "A0000000000001", "trade_no": "20261" });
        node.as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        node
    };
    let gateway_no = || "20261".to_owned();
    let done = Outcome::Success(RefundState::Done {
        gateway_no: gateway_no(),
    });
    let processing = Outcome::Success(RefundState::Processing {
        gateway_no: gateway_no(),
    });
    let (send, query) = ("alipay.trade.refund", "alipay.trade.fastpay.refund.query");
    assert_eq!(ask(send, told(json!({ "fund_change": "Y" }))).await, done);
    // Nothing moved by this call; an earlier one may have moved it.
    assert_eq!(
        ask(send, told(json!({ "fund_change": "N" }))).await,
        processing
    );
    let outcome = ask(send, refused("40004", "ACQ.SELLER_BALANCE_NOT_ENOUGH")).await;
    assert!(matches!(outcome, Outcome::Declined(_)));
    let outcome = ask(send, refused("40004", "ACQ.REFUND_CHARGE_ERROR")).await;
    assert!(matches!(outcome, Outcome::Unknown(_)));

    let ours =
        |status: &str| told(json!({ "out_request_no": "R0000000000001", "refund_status": status }));
    assert_eq!(ask(query, ours("REFUND_SUCCESS")).await, done);
    assert_eq!(ask(query, ours("")).await, processing);
    assert!(matches!(
        ask(query, ours("SOMETHING")).await,
        Outcome::Unknown(_)
    ));
    let absent = Outcome::Success(RefundState::Absent);
    assert_eq!(
        ask(query, json!({ "code": "10000", "msg": "Success" })).await,
        absent
    );
    assert_eq!(
        ask(query, refused("40004", "ACQ.TRADE_NOT_EXIST")).await,
        absent
    );
    let other = told(json!({ "out_request_no": "R2", "refund_status": "REFUND_SUCCESS" }));
    assert!(matches!(ask(query, other).await, Outcome::Unknown(_)));
}

#[tokio::test]
async fn a_bill_is_fetched() {
    const METHOD: &str = "alipay.data.dataservice.bill.downloadurl.query";
    let (client, line) = shop(|asked| {
        if asked.method == "GET" {
            return http(
                200,
                include_bytes!("../../src/testdata/alipay_bill.zip").to_vec(),
            );
        }
        let url = format!("http://{}/bill?x=1", asked.headers["host"]);
        good(
            METHOD,
            &json!({ "code": "10000", "bill_download_url": url }),
        )
    })
    .await;
    let outcome = client.bill(20190916).await.outcome;
    assert!(matches!(outcome, Outcome::Success(Some(file)) if file.len() > 100));
    let content = content_of(&line.asked()[0]);
    assert_eq!(
        content,
        json!({ "bill_type": "trade", "bill_date": "2019-09-16" })
    );
    let none = refused("40004", "isp.bill_not_exist");
    let (client, _line) = shop(move |_| good(METHOD, &none)).await;
    assert_eq!(client.bill(20190916).await.outcome, Outcome::Success(None));
}

#[tokio::test]
async fn in_certificate_mode_the_answer_names_the_certificate() {
    let certificates = json!({
        "app": MERCHANT_CERTIFICATE, "alipay": PLATFORM_CERTIFICATE, "root": PLATFORM_CERTIFICATE,
    });
    let certificate = aisle_pay::crypto::Certificate::parse(PLATFORM_CERTIFICATE).unwrap();
    for (sn, is_believed) in [
        (certificate.alipay_sn().to_owned(), true),
        ("00".to_owned(), false),
    ] {
        let line = line(move |_| {
            let Say::Http { body, .. } = good(PAY, &paid()) else {
                panic!("no answer");
            };
            let body = String::from_utf8(body).unwrap();
            http(
                200,
                body.replace(
                    ",\"sign\"",
                    &format!(",\"alipay_cert_sn\":\"{sn}\",\"sign\""),
                ),
            )
        })
        .await;
        let mut settings = alipay_settings(&line.address);
        settings.alipay_public_key = None;
        settings.certificates = Some(serde_json::from_value(certificates.clone()).unwrap());
        let client = alipay_with(settings);
        let outcome = client.pay_code(&charge(), ALIPAY_CODE).await.outcome;
        assert_eq!(matches!(outcome, Outcome::Success(_)), is_believed);
        let form = form_of(&line.asked()[0]);
        assert_eq!(form["app_cert_sn"], "e539e4548649352060e68a6906042f65");
        assert_eq!(form["alipay_root_cert_sn"], certificate.alipay_sn());
    }
}

fn report(key: &str, change: &[(&str, &str)]) -> Vec<u8> {
    let mut form = BTreeMap::from([
        ("app_id", "2021000000000001"),
        ("seller_id", "2088000000000001"),
        ("notify_id", "N1"),
        ("out_trade_no", "A0000000000001"),
        ("trade_no", "20261"),
        ("trade_status", "TRADE_SUCCESS"),
        ("total_amount", "12.30"),
        ("gmt_payment", "2026-11-25 11:59:58"),
        ("subject", "a&b=c 中文"),
        ("charset", "utf-8"),
        ("sign_type", "RSA2"),
    ]);
    form.extend(change.iter().copied());
    let text = notice_text(form.iter().map(|(name, value)| (*name, *value)));
    let sign = PrivateKey::parse(key).unwrap().sign(text.as_bytes());
    let mut body = form_urlencoded::Serializer::new(String::new());
    body.extend_pairs(form.iter()).append_pair("sign", &sign);
    body.finish().into_bytes()
}

#[test]
fn reports_are_read_when_they_are_the_gateways_and_ours() {
    let client = alipay_with(alipay_settings("http://127.0.0.1:1"));
    let read = |body: &[u8]| client.notice(&|_| None, body);
    let notice = read(&report(PLATFORM_KEY, &[])).unwrap();
    assert!(matches!(notice.trade, Some(Trade::Paid(capture)) if capture.amount.fen() == 1230));
    assert_eq!((notice.event_id.as_str(), notice.refund_no), ("N1", None));

    // Part of it went back: the state is the same as after the payment.
    let change = [
        ("refund_fee", "0.30"),
        ("gmt_refund", "2026-11-25 12:00:00"),
        ("out_biz_no", "R1"),
    ];
    let notice = read(&report(PLATFORM_KEY, &change)).unwrap();
    assert!(matches!(notice.trade, Some(Trade::Refunded(_))));
    assert_eq!(notice.refund_no.as_deref(), Some("R1"));
    assert!(matches!(notice.refund, Some(RefundState::Done { .. })));

    let waiting = [("trade_status", "WAIT_BUYER_PAY"), ("gmt_payment", "")];
    assert_eq!(
        read(&report(PLATFORM_KEY, &waiting)).unwrap().trade,
        Some(Trade::Waiting)
    );

    let altered = String::from_utf8(report(PLATFORM_KEY, &[]))
        .unwrap()
        .replace("12.30", "12.31");
    for forged in [
        report(MERCHANT_KEY, &[]),
        altered.into_bytes(),
        b"a=b".to_vec(),
        vec![],
    ] {
        assert_eq!(read(&forged).unwrap_err(), NoticeError::Forged);
    }
    for (name, value) in [
        ("app_id", "2021000000000002"),
        ("seller_id", "2088000000000002"),
    ] {
        let body = report(PLATFORM_KEY, &[(name, value)]);
        assert_eq!(read(&body).unwrap_err(), NoticeError::OtherMerchant);
    }
    for change in [
        ("trade_status", "SOMETHING"),
        ("notify_id", ""),
        ("total_amount", ""),
    ] {
        let body = report(PLATFORM_KEY, &[change]);
        assert_eq!(read(&body).unwrap_err(), NoticeError::Unreadable);
    }
}
