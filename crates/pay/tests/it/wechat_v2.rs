use std::collections::BTreeMap;

use aisle_domain::money::Money;
use aisle_pay::wechat::CodePayApi;
use aisle_pay::wechat::text::{SignType, v2_sign};
use aisle_pay::{Client, Closing, Gateway, Outcome};

use crate::line::{Asked, Line, Say, line};
use crate::shop::*;

type Fields = BTreeMap<&'static str, &'static str>;

fn paid() -> Fields {
    BTreeMap::from([
        ("return_code", "SUCCESS"),
        ("result_code", "SUCCESS"),
        ("appid", "wx0000000000000001"),
        ("mch_id", "1900000001"),
        ("nonce_str", "abc"),
        ("out_trade_no", "A0000000000001"),
        ("transaction_id", "42001"),
        ("openid", "oAAA"),
        ("total_fee", "1230"),
        ("time_end", "20261125115958"),
        ("attach", "a & b < c"),
    ])
}

fn refused(code: &'static str) -> Fields {
    let mut fields = paid();
    fields.extend([
        ("result_code", "FAIL"),
        ("err_code", code),
        ("err_code_des", "说明"),
    ]);
    for name in ["transaction_id", "total_fee", "time_end", "openid"] {
        fields.remove(name);
    }
    fields
}

fn xml(fields: &Fields, sign: Option<&str>) -> Say {
    let mut body = String::from("<xml>");
    for (name, value) in fields {
        body.push_str(&format!("<{name}><![CDATA[{value}]]></{name}>"));
    }
    if let Some(sign) = sign {
        body.push_str(&format!("<sign>{sign}</sign>"));
    }
    body.push_str("</xml>");
    Say::Http {
        status: 200,
        headers: vec![],
        body: body.into_bytes(),
    }
}

fn signed(fields: &Fields, key: &str, sign_type: SignType) -> Say {
    let sign = v2_sign(
        fields.iter().map(|(name, value)| (*name, *value)),
        key,
        sign_type,
    );
    xml(fields, Some(&sign))
}

fn good(fields: &Fields) -> Say {
    signed(fields, V2_KEY, SignType::HmacSha256)
}

async fn shop(
    sign_type: SignType,
    say: impl Fn(&Asked) -> Say + Send + Sync + 'static,
) -> (Client, Line) {
    let line = line(say).await;
    let mut settings = wechat_settings(&line.address);
    settings.code_pay_api = CodePayApi::V2;
    settings.v2_sign_type = sign_type;
    (wechat_with(settings), line)
}

/// The fields of a request; what is between the tags is escaped.
fn fields_of(asked: &Asked) -> BTreeMap<String, String> {
    let inner = asked
        .body
        .strip_prefix("<xml>")
        .unwrap()
        .strip_suffix("</xml>")
        .unwrap();
    let mut fields = BTreeMap::new();
    let mut rest = inner;
    while let Some((name, after)) = rest.strip_prefix('<').and_then(|rest| rest.split_once('>')) {
        let (value, next) = after.split_once(&format!("</{name}>")).unwrap();
        let value = value
            .replace("&lt;", "<")
            .replace("&gt;", ">")
            .replace("&quot;", "\"")
            .replace("&apos;", "'")
            .replace("&amp;", "&");
        assert!(fields.insert(name.to_owned(), value).is_none());
        rest = next;
    }
    fields
}

#[tokio::test]
async fn a_payment_code_is_paid_with_either_signature() {
    for sign_type in [SignType::HmacSha256, SignType::Md5] {
        let (client, line) = shop(sign_type, move |_| signed(&paid(), V2_KEY, sign_type)).await;
        let answer = client.pay_code(&charge(), CODE).await;
        let Outcome::Success(capture) = answer.outcome else {
            panic!("{answer:?}");
        };
        assert_eq!(
            (capture.amount, capture.gateway_no.as_str()),
            (Money::from_fen(1230), "42001")
        );
        assert_eq!(capture.paid_at.unwrap().0, (NOW_S - 2) * 1000);

        let asked = &line.asked()[0];
        assert_eq!(
            (asked.method.as_str(), asked.target.as_str()),
            ("POST", "/pay/micropay")
        );
        let fields = fields_of(asked);
        let sign = v2_sign(
            fields
                .iter()
                .map(|(name, value)| (name.as_str(), value.as_str())),
            V2_KEY,
            sign_type,
        );
        assert_eq!(fields["sign"], sign);
        assert_eq!(fields["sign_type"], sign_type.as_str());
        assert_eq!(
            (fields["total_fee"].as_str(), fields["auth_code"].as_str()),
            ("1230", CODE)
        );
        assert_eq!(fields["body"], "Aisle 超市  & <牛奶>");
    }
}

fn unproved() -> Vec<(&'static str, Say)> {
    let page = |status| Say::Http {
        status,
        headers: vec![],
        body: b"<html>".to_vec(),
    };
    let mut cases = vec![
        ("bad_signature", xml(&paid(), None)),
        ("bad_signature", xml(&paid(), Some("00"))),
        (
            "bad_signature",
            signed(
                &paid(),
                "another key of 32 bytes 90123456",
                SignType::HmacSha256,
            ),
        ),
        (
            "bad_signature",
            signed(&refused("NOTENOUGH"), "wrong", SignType::HmacSha256),
        ),
        ("SYSTEMERROR", good(&refused("SYSTEMERROR"))),
        ("BANKERROR", good(&refused("BANKERROR"))),
        ("ORDERPAID", good(&refused("ORDERPAID"))),
        ("SOMETHING", good(&refused("SOMETHING"))),
        (
            "bad_answer",
            xml(
                &BTreeMap::from([("return_code", "FAIL"), ("return_msg", "系统繁忙")]),
                None,
            ),
        ),
        ("bad_answer", page(200)),
        ("http_500", page(500)),
        ("http_404", page(404)),
        ("connection", Say::HangUp),
        ("connection", Say::Reset),
        ("connection", Say::CutShort),
        ("connection", Say::Garbage),
    ];
    for (name, value) in [
        ("mch_id", "1900000002"),
        ("appid", "wx2"),
        ("out_trade_no", "A2"),
    ] {
        let mut other = paid();
        other.insert(name, value);
        cases.push(("other_merchant", good(&other)));
    }
    for name in ["total_fee", "transaction_id", "result_code"] {
        let mut less = paid();
        less.remove(name);
        cases.push(("bad_answer", good(&less)));
    }
    cases
}

#[tokio::test]
async fn what_is_not_proved_is_unknown_and_never_declined() {
    for (expected, say) in unproved() {
        let said = say.clone();
        let (client, line) = shop(SignType::HmacSha256, move |_| say.clone()).await;
        let failure = unknown(client.pay_code(&charge(), CODE).await);
        assert_eq!(failure.code, expected, "{said:?}");
        assert_eq!(line.asked().len(), 1, "sent once: {said:?}");
    }
}

#[tokio::test]
async fn codes_become_what_they_mean() {
    let pay = async |say: Say| {
        let (client, _line) = shop(SignType::HmacSha256, move |_| say.clone()).await;
        client.pay_code(&charge(), CODE).await.outcome
    };
    assert_eq!(pay(good(&refused("USERPAYING"))).await, Outcome::Pending);
    for code in [
        "AUTHCODEEXPIRE",
        "AUTH_CODE_INVALID",
        "NOTENOUGH",
        "TRADE_ERROR",
    ] {
        assert!(
            matches!(pay(good(&refused(code))).await, Outcome::Declined(_)),
            "{code}"
        );
    }
    for code in ["NOAUTH", "PARAM_ERROR", "APPID_MCHID_NOT_MATCH"] {
        assert!(
            matches!(pay(good(&refused(code))).await, Outcome::Config(_)),
            "{code}"
        );
    }
    // Nothing is looked at before the signature, so this is certain although nobody signed it.
    let stranger = BTreeMap::from([("return_code", "FAIL"), ("return_msg", "签名错误")]);
    assert!(matches!(
        pay(xml(&stranger, None)).await,
        Outcome::Config(_)
    ));
}

#[tokio::test]
async fn a_reversal_is_repeated_while_the_gateway_wants_it() {
    let reverse = async |say: Say| {
        let (client, line) = shop(SignType::HmacSha256, move |_| say.clone()).await;
        let outcome = client.reverse(&trade_no()).await.outcome;
        assert_eq!(line.asked()[0].target, "/secapi/pay/reverse");
        outcome
    };
    let with = |mut fields: Fields, recall| {
        fields.insert("recall", recall);
        good(&fields)
    };
    assert_eq!(
        reverse(with(paid(), "N")).await,
        Outcome::Success(Closing::Done)
    );
    assert_eq!(
        reverse(with(paid(), "Y")).await,
        Outcome::Success(Closing::Again)
    );
    let again = with(refused("SYSTEMERROR"), "Y");
    assert_eq!(reverse(again).await, Outcome::Success(Closing::Again));
    assert!(matches!(
        reverse(with(refused("SYSTEMERROR"), "N")).await,
        Outcome::Unknown(_)
    ));
    let paying = good(&refused("USERPAYING"));
    assert_eq!(reverse(paying).await, Outcome::Success(Closing::Again));
    assert!(matches!(
        reverse(good(&refused("TRADE_ERROR"))).await,
        Outcome::Unknown(_)
    ));
    assert!(matches!(reverse(Say::HangUp).await, Outcome::Unknown(_)));
}

#[tokio::test]
async fn a_test_asks_both_interfaces() {
    let absent = |asked: &Asked, key: &str| {
        if asked.target == "/pay/orderquery" {
            return signed(&refused("ORDERNOTEXIST"), key, SignType::HmacSha256);
        }
        Say::Http {
            status: 404,
            headers: vec![],
            body: br#"{"code":"ORDER_NOT_EXIST","message":""}"#.to_vec(),
        }
    };
    let (client, line) = shop(SignType::HmacSha256, move |asked| absent(asked, V2_KEY)).await;
    assert_eq!(client.test().await.outcome, Outcome::Success(()));
    assert_eq!(line.asked().len(), 2);
    let (client, _line) = shop(SignType::HmacSha256, move |asked| absent(asked, "another")).await;
    assert_eq!(unknown(client.test().await).code, "bad_signature");
}
