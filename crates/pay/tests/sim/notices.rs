//! Notifications: signed, repeated, late, twice, in the wrong order or never; and never for WeChat's payments by code.

use std::sync::atomic::Ordering;

use serde_json::{Value, json};

use crate::harness::Shop;

async fn picture(shop: &Shop, no: &str) {
    let body = json!({
        "appid": shop.setting("appid"),
        "mchid": shop.setting("mchid"),
        "description": "牛奶",
        "out_trade_no": no,
        "notify_url": shop.told_at,
        "amount": {"total": 100, "currency": "CNY"},
    });
    shop.v3("POST", "/v3/pay/transactions/native", body)
        .await
        .ok();
}

async fn refund(shop: &Shop, no: &str, refund_no: &str) {
    let body = json!({
        "out_trade_no": no,
        "out_refund_no": refund_no,
        "notify_url": shop.told_at,
        "amount": {"refund": 40, "total": 100, "currency": "CNY"},
    });
    shop.v3("POST", "/v3/refund/domestic/refunds", body)
        .await
        .ok();
}

async fn paid(shop: &Shop, no: &str) {
    assert_eq!(
        shop.tell(&format!("phone/{no}/pay"), json!({})).await.0,
        200
    );
    shop.advance(0).await;
}

#[tokio::test]
async fn tells_of_payments_and_refunds_sealed_and_signed() {
    let shop = Shop::open().await;
    picture(&shop, "WX000001").await;
    paid(&shop, "WX000001").await;
    refund(&shop, "WX000001", "R1").await;
    shop.advance(0).await;
    let letters = shop.letters();
    assert_eq!(letters.len(), 2);
    let payment = shop.opened(&letters[0]);
    assert_eq!(
        (&payment["trade_state"], &payment["amount"]["total"]),
        (&json!("SUCCESS"), &json!(100))
    );
    let refund = shop.opened(&letters[1]);
    assert_eq!(
        (&refund["refund_status"], &refund["amount"]["refund"]),
        (&json!("SUCCESS"), &json!(40))
    );
}

#[tokio::test]
async fn repeats_until_confirmed_and_keeps_that_over_a_restart() {
    let mut shop = Shop::open().await;
    shop.answer.store(500, Ordering::SeqCst);
    picture(&shop, "WX000001").await;
    paid(&shop, "WX000001").await;
    for (seconds, letters) in [(14, 1), (1, 2), (15, 3), (29, 3), (1, 4)] {
        shop.advance(seconds).await;
        assert_eq!(shop.letters().len(), letters);
    }
    shop.restart().await;
    shop.answer.store(204, Ordering::SeqCst);
    shop.advance(180).await;
    shop.advance(86_400).await;
    let letters = shop.letters();
    assert_eq!(letters.len(), 5);
    let id = |at: usize| serde_json::from_str::<Value>(&letters[at].body).unwrap()["id"].clone();
    assert_eq!(id(0), id(4));
}

#[tokio::test]
async fn gives_up_after_the_last_time() {
    let shop = Shop::open().await;
    shop.answer.store(500, Ordering::SeqCst);
    picture(&shop, "WX000001").await;
    paid(&shop, "WX000001").await;
    for _ in 0..20 {
        shop.advance(86_400).await;
    }
    assert_eq!(shop.letters().len(), 16);
}

#[tokio::test]
async fn may_be_twice_late_out_of_order_or_never() {
    let shop = Shop::open().await;
    shop.plan("WX000001", "notify_twice").await;
    picture(&shop, "WX000001").await;
    paid(&shop, "WX000001").await;
    shop.advance(0).await;
    assert_eq!(shop.letters().len(), 2);
    shop.plan("WX000002", "notify_late:600").await;
    picture(&shop, "WX000002").await;
    paid(&shop, "WX000002").await;
    shop.advance(599).await;
    assert_eq!(shop.letters().len(), 2);
    shop.advance(1).await;
    assert_eq!(shop.letters().len(), 3);
    shop.plan("WX000003", "notify_never").await;
    picture(&shop, "WX000003").await;
    paid(&shop, "WX000003").await;
    shop.advance(86_400).await;
    assert_eq!(shop.letters().len(), 3);
    shop.plan("WX000004", "notify_out_of_order").await;
    picture(&shop, "WX000004").await;
    paid(&shop, "WX000004").await;
    assert_eq!(shop.letters().len(), 3);
    refund(&shop, "WX000004", "R4").await;
    shop.advance(0).await;
    shop.advance(0).await;
    let letters = shop.letters();
    assert_eq!(shop.opened(&letters[3])["refund_status"], "SUCCESS");
    assert_eq!(shop.opened(&letters[4])["trade_state"], "SUCCESS");
}

#[tokio::test]
async fn wechat_tells_nothing_of_payments_by_code() {
    let shop = Shop::open().await;
    let body = json!({
        "appid": shop.setting("appid"),
        "mchid": shop.setting("mchid"),
        "description": "牛奶",
        "out_trade_no": "WX000001",
        "notify_url": shop.told_at,
        "payer": {"auth_code": "130061098828009406"},
        "amount": {"total": 100},
    });
    shop.v3("POST", "/v3/pay/transactions/codepay", body)
        .await
        .ok();
    shop.advance(86_400).await;
    assert_eq!(shop.letters().len(), 0);
}

#[tokio::test]
async fn alipay_tells_of_a_refund_as_the_trade_with_what_went_back() {
    let shop = Shop::open().await;
    let content = json!({
        "out_trade_no": "ALI001",
        "scene": "bar_code",
        "auth_code": "281234567890123456",
        "subject": "商品 &=+%",
        "total_amount": "1.00",
    });
    shop.alipay("alipay.trade.pay", content).await.ok();
    let content =
        json!({"out_trade_no": "ALI001", "out_request_no": "R1", "refund_amount": "0.40"});
    shop.alipay("alipay.trade.refund", content).await.ok();
    shop.advance(0).await;
    let letters = shop.letters();
    let payment = shop.form(&letters[0]);
    assert_eq!(payment["trade_status"], "TRADE_SUCCESS");
    assert!(!payment.contains_key("refund_fee"));
    let refund = shop.form(&letters[1]);
    assert_eq!(refund["trade_status"], "TRADE_SUCCESS");
    assert_eq!(
        (refund["refund_fee"].as_str(), refund["out_biz_no"].as_str()),
        ("0.40", "R1")
    );
    // Not confirmed with the seven letters, it comes again after four minutes.
    shop.answer.store(500, Ordering::SeqCst);
    let content =
        json!({"out_trade_no": "ALI001", "out_request_no": "R2", "refund_amount": "0.60"});
    shop.alipay("alipay.trade.refund", content).await.ok();
    for (seconds, letters) in [(0, 3), (239, 3), (1, 4), (600, 5)] {
        shop.advance(seconds).await;
        assert_eq!(shop.letters().len(), letters);
    }
    assert_eq!(
        shop.form(&shop.letters()[2])["trade_status"],
        "TRADE_CLOSED"
    );
}
