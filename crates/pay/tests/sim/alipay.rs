//! Alipay: each scenario, and what differs from WeChat.

use serde_json::{Value, json};

use crate::harness::{Reply, Shop};

fn code_of(no: &str) -> String {
    let sum: u64 = no
        .bytes()
        .fold(7, |sum, byte| (sum * 31 + u64::from(byte)) % 9_999_999_999);
    format!("28{sum:010}123456")
}

async fn pay(shop: &Shop, no: &str) -> Reply {
    let content = json!({
        "out_trade_no": no,
        "scene": "bar_code",
        "auth_code": code_of(no),
        "subject": "商品&=+/ 测试",
        "total_amount": "1.00",
    });
    shop.alipay("alipay.trade.pay", content).await
}

async fn precreate(shop: &Shop, no: &str) -> Reply {
    let content = json!({"out_trade_no": no, "subject": "商品", "total_amount": "1.00", "timeout_express": "5m"});
    shop.alipay("alipay.trade.precreate", content).await
}

async fn on(shop: &Shop, what: &str, no: &str) -> Reply {
    shop.alipay(&format!("alipay.trade.{what}"), json!({"out_trade_no": no}))
        .await
}

async fn status(shop: &Shop, no: &str) -> String {
    let said = on(shop, "query", no).await.ok();
    said["trade_status"]
        .as_str()
        .unwrap_or_else(|| panic!("{said}"))
        .to_owned()
}

async fn refund(shop: &Shop, no: &str, request_no: &str, yuan: &str) -> Reply {
    let content = json!({"out_trade_no": no, "out_request_no": request_no, "refund_amount": yuan});
    shop.alipay("alipay.trade.refund", content).await
}

async fn refund_of(shop: &Shop, no: &str, request_no: &str) -> Value {
    let content = json!({"out_trade_no": no, "out_request_no": request_no});
    shop.alipay("alipay.trade.fastpay.refund.query", content)
        .await
        .ok()
}

#[tokio::test]
async fn a_payment_by_code_is_paid_and_refunded_in_parts() {
    let shop = Shop::open().await;
    let paid = pay(&shop, "ALI001").await.ok();
    assert_eq!(
        (&paid["code"], &paid["total_amount"]),
        (&json!("10000"), &json!("1.00"))
    );
    assert_eq!(
        pay(&shop, "ALI001").await.ok()["trade_no"],
        paid["trade_no"]
    );
    let first = refund(&shop, "ALI001", "R1", "0.60").await.ok();
    assert_eq!(
        (&first["fund_change"], &first["refund_fee"]),
        (&json!("Y"), &json!("0.60"))
    );
    // The same number again moves nothing, and says so.
    assert_eq!(
        refund(&shop, "ALI001", "R1", "0.60").await.ok()["fund_change"],
        "N"
    );
    assert_eq!(
        refund(&shop, "ALI001", "R1", "0.50").await.code(),
        "ACQ.DISCORDANT_REPEAT_REQUEST"
    );
    assert_eq!(
        refund(&shop, "ALI001", "R2", "0.41").await.code(),
        "ACQ.REFUND_AMT_NOT_EQUAL_TOTAL"
    );
    assert_eq!(status(&shop, "ALI001").await, "TRADE_SUCCESS");
    assert_eq!(
        refund(&shop, "ALI001", "R2", "0.40").await.ok()["refund_fee"],
        "1.00"
    );
    assert_eq!(status(&shop, "ALI001").await, "TRADE_CLOSED");
    assert_eq!(
        refund_of(&shop, "ALI001", "R2").await["refund_status"],
        "REFUND_SUCCESS"
    );
    assert_eq!(
        refund_of(&shop, "ALI001", "R9").await["refund_status"],
        Value::Null
    );
    assert_eq!(shop.money().await, (100, 100));
}

#[tokio::test]
async fn a_picture_is_no_trade_before_somebody_scans_it() {
    let shop = Shop::open().await;
    let made = precreate(&shop, "ALI001").await.ok();
    assert!(
        made["qr_code"]
            .as_str()
            .unwrap()
            .starts_with("https://qr.alipay.com/")
    );
    for what in ["query", "close", "cancel"] {
        assert_eq!(
            on(&shop, what, "ALI001").await.code(),
            "ACQ.TRADE_NOT_EXIST",
            "{what}"
        );
    }
    assert_eq!(shop.tell("phone/ALI001/scan", json!({})).await.0, 200);
    assert_eq!(status(&shop, "ALI001").await, "WAIT_BUYER_PAY");
    assert_eq!(shop.tell("phone/ALI001/pay", json!({})).await.0, 200);
    assert_eq!(status(&shop, "ALI001").await, "TRADE_SUCCESS");
    assert_eq!(
        on(&shop, "close", "ALI001").await.code(),
        "ACQ.REASON_TRADE_STATUS_INVALID"
    );
    // Its time is over after five minutes.
    precreate(&shop, "ALI002").await.ok();
    shop.advance(300).await;
    assert_eq!(shop.tell("phone/ALI002/pay", json!({})).await.0, 409);
    // A customer may pay by themselves.
    shop.plan("ALI003", "user_paying:7").await;
    precreate(&shop, "ALI003").await.ok();
    shop.advance(7).await;
    assert_eq!(status(&shop, "ALI003").await, "TRADE_SUCCESS");
    assert_eq!(shop.money().await, (200, 0));
}

#[tokio::test]
async fn calls_fail_before_or_after_their_effect() {
    let shop = Shop::open().await;
    let cases = [
        ("timeout", "silence", true),
        ("reset_after", "reset", true),
        ("reset_before", "reset", false),
        ("wrong_signature", "forged", true),
        ("system_error_paid", "isp.unknow-error", true),
        ("system_error_unpaid", "isp.unknow-error", false),
        ("rate_limited", "isv.app-call-limited", false),
        ("not_enough", "ACQ.BUYER_BALANCE_NOT_ENOUGH", false),
        ("code_expired", "ACQ.PAYMENT_AUTH_CODE_INVALID", false),
    ];
    for (index, (scenario, ends, moved)) in cases.into_iter().enumerate() {
        let no = format!("ALI01{index}");
        shop.plan(&no, scenario).await;
        let before = shop.money().await.0;
        let found = match pay(&shop, &no).await {
            Reply::Silence => "silence".to_owned(),
            Reply::Reset => "reset".to_owned(),
            Reply::Forged => "forged".to_owned(),
            said => said.code(),
        };
        assert_eq!(found, ends, "{scenario}");
        assert_eq!(shop.money().await.0 > before, moved, "{scenario}");
        if !matches!(scenario, "not_enough" | "code_expired") {
            assert_eq!(pay(&shop, &no).await.ok()["code"], "10000", "{scenario}");
            assert_eq!(shop.money().await.0, before + 100, "{scenario}");
        }
    }
}

#[tokio::test]
async fn cancelling_is_repeated_while_asked_for_and_returns_what_was_paid() {
    let shop = Shop::open().await;
    shop.plan("ALI001", "user_paying_forever,reverse_recall:1")
        .await;
    assert_eq!(pay(&shop, "ALI001").await.ok()["code"], "10003");
    assert_eq!(status(&shop, "ALI001").await, "WAIT_BUYER_PAY");
    assert_eq!(on(&shop, "cancel", "ALI001").await.ok()["retry_flag"], "Y");
    assert_eq!(status(&shop, "ALI001").await, "WAIT_BUYER_PAY");
    let done = on(&shop, "cancel", "ALI001").await.ok();
    assert_eq!(
        (&done["retry_flag"], &done["action"]),
        (&json!("N"), &json!("close"))
    );
    assert_eq!(pay(&shop, "ALI001").await.code(), "ACQ.TRADE_HAS_CLOSE");
    // Paid: the money goes back, once.
    pay(&shop, "ALI002").await.ok();
    refund(&shop, "ALI002", "R1", "0.30").await.ok();
    assert_eq!(on(&shop, "cancel", "ALI002").await.ok()["action"], "refund");
    assert_eq!(
        on(&shop, "cancel", "ALI002").await.ok()["action"],
        Value::Null
    );
    assert_eq!(shop.money().await, (100, 100));
    // What nobody ever asked for is given up as well; what is a day old is not.
    assert_eq!(on(&shop, "cancel", "ALI999").await.ok()["retry_flag"], "N");
    pay(&shop, "ALI003").await.ok();
    shop.advance(86_401).await;
    assert_eq!(
        on(&shop, "cancel", "ALI003").await.code(),
        "ACQ.TRADE_CANCEL_TIME_OUT"
    );
}

#[tokio::test]
async fn a_customer_has_three_minutes() {
    let shop = Shop::open().await;
    shop.plan("ALI001", "user_paying:170").await;
    shop.plan("ALI002", "user_paying:190").await;
    for no in ["ALI001", "ALI002"] {
        assert_eq!(pay(&shop, no).await.ok()["code"], "10003");
    }
    shop.advance(170).await;
    assert_eq!(status(&shop, "ALI001").await, "TRADE_SUCCESS");
    assert_eq!(status(&shop, "ALI002").await, "WAIT_BUYER_PAY");
    shop.advance(10).await;
    assert_eq!(status(&shop, "ALI002").await, "TRADE_CLOSED");
    shop.advance(60).await;
    assert_eq!(status(&shop, "ALI002").await, "TRADE_CLOSED");
}

#[tokio::test]
async fn refunds_take_time_need_money_or_do_not_arrive() {
    let shop = Shop::open().await;
    for no in ["ALI001", "ALI002", "ALI003"] {
        pay(&shop, no).await.ok();
    }
    shop.plan("ALI001", "refund_processing:30").await;
    assert_eq!(
        refund(&shop, "ALI001", "R1", "1.00").await.ok()["fund_change"],
        "N"
    );
    assert_eq!(
        refund_of(&shop, "ALI001", "R1").await["refund_status"],
        Value::Null
    );
    shop.advance(30).await;
    assert_eq!(
        refund_of(&shop, "ALI001", "R1").await["refund_status"],
        "REFUND_SUCCESS"
    );
    shop.plan("ALI002", "refund_not_enough").await;
    assert_eq!(
        refund(&shop, "ALI002", "R2", "1.00").await.code(),
        "ACQ.SELLER_BALANCE_NOT_ENOUGH"
    );
    assert_eq!(
        refund(&shop, "ALI002", "R2", "1.00").await.ok()["fund_change"],
        "Y"
    );
    shop.plan("ALI003", "refund_abnormal").await;
    assert_eq!(
        refund(&shop, "ALI003", "R3", "1.00").await.ok()["fund_change"],
        "N"
    );
    assert_eq!(shop.money().await, (300, 200));
}

#[tokio::test]
async fn answers_may_claim_another_amount_and_a_wrong_key_is_noticed() {
    let shop = Shop::open().await;
    shop.plan("ALI001", "wrong_amount").await;
    assert_eq!(pay(&shop, "ALI001").await.ok()["total_amount"], "1.01");
    assert_eq!(shop.money().await, (100, 0));
    let other = shop.alipay(
        "alipay.trade.pay",
        json!({"out_trade_no": "ALI001", "scene": "bar_code",
        "auth_code": code_of("ALI001"), "subject": "商品&=+/ 测试", "total_amount": "2.00"}),
    );
    assert_eq!(other.await.code(), "ACQ.CONTEXT_INCONSISTENT");
    // Another key makes another signature.
    let foreign = std::fs::read_to_string(shop.dir.path().join("wechat/mch_key.pem")).unwrap();
    std::fs::write(shop.dir.path().join("alipay/app_key.pem"), foreign).unwrap();
    assert_eq!(pay(&shop, "ALI002").await.code(), "isv.invalid-signature");
    let url = format!("http://{}/gateway.do?app_id=1", shop.address);
    let unsigned = shop
        .http
        .get(url)
        .send()
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    assert!(
        unsigned.contains("isv.invalid-app-id") && !unsigned.contains("\"sign\""),
        "{unsigned}"
    );
}
