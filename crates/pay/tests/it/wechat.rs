use aisle_domain::money::Money;
use aisle_domain::time::Instant;
use aisle_pay::{Gateway, Outcome, Trade};
use serde_json::{Value, json};

use crate::line::Say;
use crate::platform::*;
use crate::shop::*;

#[tokio::test]
async fn a_payment_code_is_paid_and_everything_sent_is_signed() {
    let (client, line) = shop(|_| good(transaction("SUCCESS"))).await;
    let answer = client.pay_code(&charge(), CODE).await;
    let Outcome::Success(capture) = answer.outcome else {
        panic!("{answer:?}");
    };
    assert_eq!(capture.amount, Money::from_fen(1230));
    assert_eq!(capture.gateway_no, "4200000000000000000000000001");
    assert_eq!(capture.paid_at, Some(Instant((NOW_S - 2) * 1000)));
    assert_eq!(answer.trace.request_id, "08F8");
    let asked = &line.asked()[0];
    assert_signed(asked);
    assert_eq!(asked.target, "/v3/pay/transactions/codepay");
    let body: Value = serde_json::from_str(&asked.body).unwrap();
    assert_eq!(body["payer"]["auth_code"], CODE);
    assert_eq!(body["amount"], json!({ "total": 1230, "currency": "CNY" }));
    // No letter of four bytes gets there.
    assert_eq!(body["description"], "Aisle 超市  & <牛奶>");
}

/// Paid, says somebody; but it is not proved.
fn badly_signed() -> Vec<(&'static str, Say)> {
    let paid = || transaction("SUCCESS");
    let refused = || json!({ "code": "NOT_ENOUGH" });
    let mut seals = vec![
        Seal {
            at_s: NOW_S - 301,
            ..GOOD
        },
        Seal {
            at_s: NOW_S + 301,
            ..GOOD
        },
        Seal {
            key: MERCHANT_KEY,
            ..GOOD
        },
        Seal {
            key_id: "PUB_KEY_ID_2",
            ..GOOD
        },
        Seal {
            prefix: "WECHATPAY/SIGNTEST/",
            ..GOOD
        },
    ];
    // A refusal that is signed must be signed rightly, and by somebody we know.
    let mut cases: Vec<_> = seals
        .iter()
        .map(|seal| ("bad_signature", sealed(*seal, 403, &refused())))
        .collect();
    for without in [
        "Wechatpay-Serial",
        "Wechatpay-Timestamp",
        "Wechatpay-Nonce",
        "Wechatpay-Signature",
    ] {
        seals.push(Seal { without, ..GOOD });
    }
    cases.extend(
        seals
            .iter()
            .map(|seal| ("bad_signature", sealed(*seal, 200, &paid()))),
    );
    cases
}

/// Signed, but it does not say what it should.
fn badly_said() -> Vec<(&'static str, Say)> {
    let mut cases = vec![
        ("bad_answer", good(json!("text"))),
        ("bad_answer", good(transaction("SOMETHING_NEW"))),
        ("bad_answer", good(transaction("CLOSED"))),
        ("PAYERROR", good(transaction("PAYERROR"))),
    ];
    for field in ["mchid", "appid", "out_trade_no"] {
        let mut other = transaction("SUCCESS");
        other[field] = json!("A0000000000002");
        cases.push(("other_merchant", good(other)));
    }
    for field in ["amount", "transaction_id"] {
        let mut less = transaction("SUCCESS");
        less.as_object_mut().unwrap().remove(field);
        cases.push(("bad_answer", good(less)));
    }
    cases
}

fn troubles() -> Vec<(&'static str, Say)> {
    let page = |status| Say::Http {
        status,
        headers: vec![],
        body: b"<html>".to_vec(),
    };
    vec![
        ("SYSTEM_ERROR", refusal(500, "SYSTEM_ERROR")),
        // A known refusal is not believed when the gateway is in trouble.
        ("NOT_ENOUGH", refusal(500, "NOT_ENOUGH")),
        ("ORDER_PAID", refusal(400, "ORDER_PAID")),
        ("SOMETHING_NEW", refusal(400, "SOMETHING_NEW")),
        ("FREQUENCY_LIMITED", refusal(429, "FREQUENCY_LIMITED")),
        ("http_502", page(502)),
        ("http_403", page(403)),
        ("http_302", page(302)),
        ("connection", Say::HangUp),
        ("connection", Say::Reset),
        ("connection", Say::CutShort),
        ("connection", Say::Garbage),
    ]
}

#[tokio::test]
async fn what_is_not_proved_is_unknown_and_never_declined() {
    for (expected, say) in [badly_signed(), badly_said(), troubles()].concat() {
        let said = say.clone();
        let (client, line) = shop(move |_| say.clone()).await;
        let failure = unknown(client.pay_code(&charge(), CODE).await);
        assert_eq!(failure.code, expected, "{said:?}");
        assert_eq!(line.asked().len(), 1, "sent once: {said:?}");
    }
}

#[tokio::test]
async fn an_answer_within_five_minutes_counts() {
    for by in [-300, 300] {
        let seal = Seal {
            at_s: NOW_S + by,
            ..GOOD
        };
        let (client, _line) = shop(move |_| sealed(seal, 200, &transaction("SUCCESS"))).await;
        let outcome = client.pay_code(&charge(), CODE).await.outcome;
        assert!(matches!(outcome, Outcome::Success(_)), "{by}");
    }
}

#[tokio::test]
async fn a_body_that_was_changed_on_the_way_is_unknown() {
    let (client, _line) = shop(|_| {
        let body = transaction("NOTPAY").to_string();
        Say::Http {
            status: 200,
            headers: seal_headers(GOOD, body.as_bytes()),
            body: body.replace("NOTPAY", "SUCCESS").into_bytes(),
        }
    })
    .await;
    assert_eq!(
        unknown(client.query(&trade_no()).await).code,
        "bad_signature"
    );
}

#[tokio::test]
async fn nobody_there_is_unknown() {
    let client = wechat_with(wechat_settings("http://127.0.0.1:1"));
    assert_eq!(
        unknown(client.pay_code(&charge(), CODE).await).code,
        "connection"
    );
}

#[tokio::test]
async fn codes_become_what_they_mean() {
    let cases = [
        (400, "PARAM_ERROR", "declined"),
        (403, "NOT_ENOUGH", "declined"),
        (403, "RULELIMIT", "declined"),
        (401, "SIGN_ERROR", "config"),
        (403, "NO_AUTH", "config"),
        (202, "USERPAYING", "unsigned"),
        (400, "USERPAYING", "pending"),
    ];
    for (status, code, expected) in cases {
        let (client, _line) = shop(move |_| refusal(status, code)).await;
        let found = match client.pay_code(&charge(), CODE).await.outcome {
            Outcome::Declined(failure) if failure.code == code => "declined",
            Outcome::Config(failure) if failure.code == code => "config",
            Outcome::Unknown(failure) if failure.code == "bad_signature" => "unsigned",
            Outcome::Pending => "pending",
            other => panic!("{other:?}"),
        };
        assert_eq!(found, expected, "{status} {code}");
    }
    let complaint = json!({ "code": "SIGN_ERROR", "message": "" });
    let seal = Seal {
        key: MERCHANT_KEY,
        ..GOOD
    };
    let (client, _line) = shop(move |_| sealed(seal, 401, &complaint)).await;
    let outcome = client.pay_code(&charge(), CODE).await.outcome;
    assert!(matches!(outcome, Outcome::Config(_)));
    let waiting = [
        sealed(GOOD, 202, &json!({ "code": "USERPAYING", "message": "" })),
        good(transaction("USERPAYING")),
    ];
    for say in waiting {
        let (client, _line) = shop(move |_| say.clone()).await;
        assert_eq!(
            client.pay_code(&charge(), CODE).await.outcome,
            Outcome::Pending
        );
    }
}

#[tokio::test]
async fn a_query_tells_where_an_attempt_stands() {
    let ask = async |say: Say| {
        let (client, line) = shop(move |_| say.clone()).await;
        let answer = client.query(&trade_no()).await;
        assert_signed(&line.asked()[0]);
        let expected = "/v3/pay/transactions/out-trade-no/A0000000000001?mchid=1900000001";
        assert_eq!(line.asked()[0].target, expected);
        answer.outcome
    };
    assert!(matches!(
        ask(good(transaction("SUCCESS"))).await,
        Outcome::Success(Trade::Paid(_))
    ));
    assert!(matches!(
        ask(good(transaction("REFUND"))).await,
        Outcome::Success(Trade::Refunded(_))
    ));
    assert!(matches!(
        ask(good(transaction("PAYERROR"))).await,
        Outcome::Success(Trade::Failed(_))
    ));
    for (state, expected) in [
        ("NOTPAY", Trade::Waiting),
        ("USERPAYING", Trade::Waiting),
        ("CLOSED", Trade::Closed),
        ("REVOKED", Trade::Closed),
    ] {
        assert_eq!(
            ask(good(transaction(state))).await,
            Outcome::Success(expected)
        );
    }
    assert_eq!(
        ask(refusal(404, "ORDER_NOT_EXIST")).await,
        Outcome::Success(Trade::Absent)
    );
    // Being refused an answer says nothing of the money.
    assert!(matches!(
        ask(refusal(400, "PARAM_ERROR")).await,
        Outcome::Unknown(_)
    ));
    assert!(matches!(
        ask(refusal(401, "SIGN_ERROR")).await,
        Outcome::Config(_)
    ));
}
