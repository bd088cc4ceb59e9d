//! The shop's own clients and the simulator. That both agree proves little; that they do not would show at a till.

use std::sync::Arc;

use aisle_domain::money::Money;
use aisle_domain::time::Instant;
use aisle_pay::wechat::CodePayApi;
use aisle_pay::{
    Charge, Client, Closing, Gateway, Outcome, Refund, RefundState, Secret, Trade, TradeNo, alipay,
    connections, wechat,
};
use serde_json::json;

use crate::harness::{START, Shop, Still};

const DAY: i64 = 20_261_125;

fn clients(shop: &Shop) -> Vec<Client> {
    let base_url = format!("http://{}", shop.address);
    let surroundings = Arc::new(Still::default());
    let wechat = |code_pay_api| {
        let settings = wechat::Settings {
            mchid: shop.setting("mchid").to_owned(),
            appid: shop.setting("appid").to_owned(),
            serial_no: shop.setting("serial_no").to_owned(),
            certificate: Some(shop.file("wechat/mch_cert.pem")),
            platform_keys: [(
                shop.setting("public_key_id").to_owned(),
                shop.file("wechat/platform_pub.pem"),
            )]
            .into(),
            code_pay_api,
            v2_sign_type: wechat::text::SignType::HmacSha256,
            client_ip: "127.0.0.1".to_owned(),
            base_url: base_url.clone(),
        };
        let secrets = wechat::Secrets {
            private_key: Secret::new(shop.file("wechat/mch_key.pem")),
            apiv3_key: Secret::new(shop.setting("apiv3_key")),
            v2_key: Some(Secret::new(shop.setting("v2_key"))),
        };
        let http = connections().unwrap();
        Client::wechat(settings, secrets, http, surroundings.clone()).unwrap()
    };
    let settings = alipay::Settings {
        app_id: shop.alipay_setting("app_id").to_owned(),
        seller_id: Some(shop.alipay_setting("seller_id").to_owned()),
        alipay_public_key: Some(shop.file("alipay/alipay_pub.pem")),
        certificates: None,
        base_url: format!("{base_url}/gateway.do"),
    };
    let secrets = alipay::Secrets {
        private_key: Secret::new(shop.file("alipay/app_key.pem")),
    };
    let http = connections().unwrap();
    let alipay = Client::alipay(settings, &secrets, http, surroundings.clone()).unwrap();
    vec![wechat(CodePayApi::V2), wechat(CodePayApi::V3), alipay]
}

fn charge(shop: &Shop, no: &str) -> Charge {
    Charge {
        trade_no: TradeNo::parse(no).unwrap(),
        amount: Money::from_fen(1230),
        subject: "Aisle 超市 & <牛奶>".to_owned(),
        store: (1, "人民路店".to_owned()),
        terminal: 7,
        // The real clock's, and far enough for the simulator's.
        expires_at: Instant(START + 3 * 86_400_000),
        notify_url: Some(shop.told_at.clone()),
    }
}

fn code(client: usize, count: usize) -> String {
    let head = if client == 2 { "28" } else { "13" };
    format!("{head}{client}{count}00000000123456")
}

#[tokio::test]
async fn pay_ask_refund_give_up_and_fetch_bills() {
    let shop = Shop::open().await;
    for (index, client) in clients(&shop).into_iter().enumerate() {
        let paid = charge(&shop, &format!("OWN{index}0001"));
        let outcome = client.pay_code(&paid, &code(index, 1)).await.outcome;
        assert!(
            matches!(&outcome, Outcome::Success(capture) if capture.amount == paid.amount),
            "{index} {outcome:?}"
        );
        let outcome = client.query(&paid.trade_no).await.outcome;
        assert!(
            matches!(outcome, Outcome::Success(Trade::Paid(_))),
            "{index} {outcome:?}"
        );

        let refund = Refund {
            trade_no: paid.trade_no.clone(),
            refund_no: TradeNo::parse(&format!("REFUND{index}")).unwrap(),
            amount: Money::from_fen(230),
            total: paid.amount,
            reason: "破损".to_owned(),
            notify_url: None,
        };
        let outcome = client.refund(&refund).await.outcome;
        assert!(
            matches!(outcome, Outcome::Success(_) | Outcome::Pending),
            "{index} {outcome:?}"
        );
        let outcome = client.query_refund(&refund).await.outcome;
        assert!(
            matches!(outcome, Outcome::Success(RefundState::Done { .. })),
            "{index} {outcome:?}"
        );
        give_up(&shop, &client, index).await;
        show(&shop, &client, index).await;
    }
    shop.advance(86_400).await;
    for (index, client) in clients(&shop).into_iter().enumerate() {
        let outcome = client.bill(DAY).await.outcome;
        assert!(
            matches!(outcome, Outcome::Success(Some(_))),
            "{index} {outcome:?}"
        );
    }
    assert_eq!(shop.money().await, (6 * 1230, 3 * 230));
}

/// A customer who never types the password.
async fn give_up(shop: &Shop, client: &Client, index: usize) {
    let waiting = charge(shop, &format!("OWN{index}0002"));
    shop.plan(
        waiting.trade_no.as_str(),
        "user_paying_forever,reverse_recall:1",
    )
    .await;
    let outcome = client.pay_code(&waiting, &code(index, 2)).await.outcome;
    assert_eq!(outcome, Outcome::Pending, "{index}");
    shop.advance(45).await;
    let outcome = client.reverse(&waiting.trade_no).await.outcome;
    let again = matches!(
        outcome,
        Outcome::Success(Closing::Again) | Outcome::Unknown(_)
    );
    assert!(again, "{index} {outcome:?}");
    let outcome = client.reverse(&waiting.trade_no).await.outcome;
    assert_eq!(outcome, Outcome::Success(Closing::Done), "{index}");
}

/// A picture, and the report that it was paid.
async fn show(shop: &Shop, client: &Client, index: usize) {
    let shown = charge(shop, &format!("OWN{index}0003"));
    let outcome = client.create_qr(&shown).await.outcome;
    assert!(
        matches!(outcome, Outcome::Success(_)),
        "{index} {outcome:?}"
    );
    assert_eq!(
        shop.tell(&format!("phone/OWN{index}0003/pay"), json!({}))
            .await
            .0,
        200
    );
    shop.advance(0).await;
    let letter = shop.letters().pop().unwrap();
    let header = |name: &str| letter.headers.get(&name.to_ascii_lowercase()).cloned();
    let notice = client.notice(&header, letter.body.as_bytes()).unwrap();
    assert!(
        matches!(notice.trade, Some(Trade::Paid(_))),
        "{index} {notice:?}"
    );
    assert_eq!(notice.trade_no, format!("OWN{index}0003"));
}

#[tokio::test]
async fn nothing_that_may_have_moved_money_is_declined() {
    let shop = Shop::open().await;
    let scenarios = [
        "reset_before",
        "reset_after",
        "wrong_signature",
        "system_error_paid",
        "system_error_unpaid",
    ];
    for (index, client) in clients(&shop).into_iter().enumerate() {
        for (count, scenario) in scenarios.into_iter().enumerate() {
            let charge = charge(&shop, &format!("OWN{index}100{count}"));
            shop.plan(charge.trade_no.as_str(), scenario).await;
            let outcome = client.pay_code(&charge, &code(index, count)).await.outcome;
            assert!(
                matches!(outcome, Outcome::Unknown(_)),
                "{index} {scenario} {outcome:?}"
            );
        }
        let charge = charge(&shop, &format!("OWN{index}2000"));
        shop.plan(charge.trade_no.as_str(), "not_enough").await;
        let outcome = client.pay_code(&charge, &code(index, 9)).await.outcome;
        assert!(
            matches!(outcome, Outcome::Declined(_)),
            "{index} {outcome:?}"
        );
    }
}
