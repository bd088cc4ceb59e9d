//! WeChat Pay: each scenario, the rules of time, and what is refused.

use serde_json::{Value, json};

use crate::harness::{Reply, START, Shop};

const CODE: &str = "130061098828009406";

fn order(shop: &Shop, no: &str, total: i64, code: &str) -> Value {
    json!({
        "appid": shop.setting("appid"),
        "mchid": shop.setting("mchid"),
        "description": "牛奶 A&B",
        "out_trade_no": no,
        "payer": {"auth_code": code},
        "amount": {"total": total, "currency": "CNY"},
        "scene_info": {"store_info": {"out_id": "S1"}},
    })
}

/// Each number has a code of its own: a code is good once.
fn code_of(no: &str) -> String {
    let sum: u64 = no
        .bytes()
        .fold(7, |sum, byte| (sum * 31 + u64::from(byte)) % 9_999_999_999);
    format!("13{sum:010}123456")
}

async fn pay(shop: &Shop, no: &str) -> Reply {
    let body = order(shop, no, 100, &code_of(no));
    shop.v3("POST", "/v3/pay/transactions/codepay", body).await
}

async fn query(shop: &Shop, no: &str) -> Reply {
    let target = format!(
        "/v3/pay/transactions/out-trade-no/{no}?mchid={}",
        shop.setting("mchid")
    );
    shop.v3("GET", &target, Value::Null).await
}

async fn state(shop: &Shop, no: &str) -> String {
    query(shop, no).await.ok()["trade_state"]
        .as_str()
        .unwrap()
        .to_owned()
}

async fn reverse(shop: &Shop, no: &str) -> Reply {
    let target = format!("/v3/pay/transactions/out-trade-no/{no}/reverse");
    let body = json!({"appid": shop.setting("appid"), "mchid": shop.setting("mchid")});
    shop.v3("POST", &target, body).await
}

async fn close(shop: &Shop, no: &str) -> Reply {
    let target = format!("/v3/pay/transactions/out-trade-no/{no}/close");
    shop.v3("POST", &target, json!({"mchid": shop.setting("mchid")}))
        .await
}

async fn native(shop: &Shop, no: &str) -> Reply {
    let mut body = order(shop, no, 100, CODE);
    body.as_object_mut().unwrap().remove("payer");
    body["notify_url"] = json!(shop.told_at);
    shop.v3("POST", "/v3/pay/transactions/native", body).await
}

async fn refund(shop: &Shop, no: &str, refund_no: &str, fen: i64) -> Reply {
    let body = json!({
        "out_trade_no": no,
        "out_refund_no": refund_no,
        "notify_url": shop.told_at,
        "amount": {"refund": fen, "total": 100, "currency": "CNY"},
    });
    shop.v3("POST", "/v3/refund/domestic/refunds", body).await
}

async fn refund_status(shop: &Shop, refund_no: &str) -> String {
    let target = format!("/v3/refund/domestic/refunds/{refund_no}");
    let said = shop.v3("GET", &target, Value::Null).await.ok();
    said["status"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_payment_by_code_is_paid_asked_about_and_refunded_in_parts() {
    let mut shop = Shop::open().await;
    let paid = pay(&shop, "WX000001").await.ok();
    assert_eq!(paid["trade_state"], "SUCCESS");
    assert_eq!(paid["amount"]["total"], 100);
    let by_gateway = format!(
        "/v3/pay/transactions/id/{}?mchid={}",
        paid["transaction_id"].as_str().unwrap(),
        shop.setting("mchid")
    );
    assert_eq!(
        shop.v3("GET", &by_gateway, Value::Null).await.ok()["out_trade_no"],
        "WX000001"
    );
    // The same request again is the same payment; another code is not.
    assert_eq!(pay(&shop, "WX000001").await.ok()["trade_state"], "SUCCESS");
    let other = order(&shop, "WX000001", 100, CODE);
    let other = shop.v3("POST", "/v3/pay/transactions/codepay", other).await;
    assert_eq!(other.code(), "ORDER_PAID");
    let other = order(&shop, "WX000001", 200, &code_of("WX000001"));
    let other = shop.v3("POST", "/v3/pay/transactions/codepay", other).await;
    assert_eq!(other.code(), "OUT_TRADE_NO_USED");

    assert_eq!(
        refund(&shop, "WX000001", "R1", 60).await.ok()["status"],
        "SUCCESS"
    );
    assert_eq!(
        refund(&shop, "WX000001", "R1", 60).await.ok()["status"],
        "SUCCESS"
    );
    assert_eq!(
        refund(&shop, "WX000001", "R1", 50).await.code(),
        "INVALID_REQUEST"
    );
    assert_eq!(
        refund(&shop, "WX000001", "R2", 41).await.code(),
        "INVALID_REQUEST"
    );
    assert_eq!(
        refund(&shop, "WX000001", "R2", 40).await.ok()["status"],
        "SUCCESS"
    );
    assert_eq!(shop.money().await, (100, 100));
    shop.restart().await;
    assert_eq!(shop.money().await, (100, 100));
    assert_eq!(state(&shop, "WX000001").await, "REFUND");
    assert_eq!(refund_status(&shop, "R2").await, "SUCCESS");
}

#[tokio::test]
async fn a_code_is_good_once_and_its_end_may_ask_for_a_scenario() {
    let shop = Shop::open().await;
    let target = "/v3/pay/transactions/codepay";
    shop.v3("POST", target, order(&shop, "WX000001", 100, CODE))
        .await
        .ok();
    let again = shop
        .v3("POST", target, order(&shop, "WX000002", 100, CODE))
        .await;
    assert_eq!(again.code(), "AUTH_CODE_ERROR");
    // The second name of the table is `user_paying`.
    let waiting = order(&shop, "WX000003", 100, "130000000000990001");
    assert_eq!(shop.v3("POST", target, waiting).await.code(), "USERPAYING");
    let invalid = order(&shop, "WX000004", 100, "280000000000000001");
    assert_eq!(
        shop.v3("POST", target, invalid).await.code(),
        "AUTH_CODE_INVALID"
    );
}

#[tokio::test]
async fn a_customer_types_a_password_in_time_or_never() {
    let shop = Shop::open().await;
    shop.plan("WX000001", "user_paying:20").await;
    let (status, said) = pay(&shop, "WX000001").await.said();
    assert_eq!(
        (status, said["code"].as_str().unwrap()),
        (202, "USERPAYING")
    );
    shop.advance(19).await;
    assert_eq!(state(&shop, "WX000001").await, "USERPAYING");
    shop.advance(1).await;
    assert_eq!(state(&shop, "WX000001").await, "SUCCESS");
    // Who is slower than 45 seconds is given up by the gateway.
    shop.plan("WX000002", "user_paying:60").await;
    assert_eq!(pay(&shop, "WX000002").await.code(), "USERPAYING");
    shop.advance(44).await;
    assert_eq!(state(&shop, "WX000002").await, "USERPAYING");
    shop.advance(1).await;
    assert_eq!(state(&shop, "WX000002").await, "REVOKED");
    shop.advance(3600).await;
    assert_eq!(state(&shop, "WX000002").await, "REVOKED");
    // For ever, until the merchant reverses it.
    shop.plan("WX000003", "user_paying_forever").await;
    assert_eq!(pay(&shop, "WX000003").await.code(), "USERPAYING");
    shop.advance(3600).await;
    assert_eq!(state(&shop, "WX000003").await, "USERPAYING");
    reverse(&shop, "WX000003").await.ok();
    assert_eq!(state(&shop, "WX000003").await, "REVOKED");
    // A person may play the customer: paying, and refusing.
    shop.plan("WX000004", "user_paying_forever").await;
    pay(&shop, "WX000004").await;
    assert_eq!(shop.tell("phone/WX000004/pay", json!({})).await.0, 200);
    assert_eq!(state(&shop, "WX000004").await, "SUCCESS");
    shop.plan("WX000005", "user_paying_forever").await;
    pay(&shop, "WX000005").await;
    assert_eq!(shop.tell("phone/WX000005/refuse", json!({})).await.0, 200);
    assert_eq!(state(&shop, "WX000005").await, "PAYERROR");
    assert_eq!(shop.money().await, (200, 0));
}

#[tokio::test]
async fn calls_fail_before_or_after_their_effect() {
    let shop = Shop::open().await;
    // Scenario, how the call ends, whether money moved.
    let cases = [
        ("timeout", "silence", true),
        ("reset_after", "reset", true),
        ("reset_before", "reset", false),
        ("wrong_signature", "forged", true),
        ("system_error_paid", "SYSTEM_ERROR", true),
        ("system_error_unpaid", "SYSTEM_ERROR", false),
        ("rate_limited", "RATELIMIT_EXCEEDED", false),
        ("not_enough", "NOT_ENOUGH", false),
        ("code_expired", "AUTH_CODE_EXPIRE", false),
    ];
    for (index, (scenario, ends, moved)) in cases.into_iter().enumerate() {
        let no = format!("WX00001{index}");
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
            // A fault is used up: the same call again goes well and takes no second payment.
            assert_eq!(
                pay(&shop, &no).await.ok()["trade_state"],
                "SUCCESS",
                "{scenario}"
            );
            assert_eq!(shop.money().await.0, before + 100, "{scenario}");
        }
    }
    // The same for other calls.
    pay(&shop, "WX000030").await.ok();
    shop.plan(
        "WX000030",
        "query_timeout,refund_reset_after,reverse_wrong_signature",
    )
    .await;
    assert!(matches!(query(&shop, "WX000030").await, Reply::Silence));
    assert_eq!(state(&shop, "WX000030").await, "SUCCESS");
    assert!(matches!(
        refund(&shop, "WX000030", "R30", 10).await,
        Reply::Reset
    ));
    assert_eq!(refund_status(&shop, "R30").await, "SUCCESS");
}

#[tokio::test]
async fn answers_may_claim_another_amount_than_what_moved() {
    let shop = Shop::open().await;
    shop.plan("WX000001", "wrong_amount").await;
    assert_eq!(pay(&shop, "WX000001").await.ok()["amount"]["total"], 101);
    assert_eq!(shop.money().await, (100, 0));
}

#[tokio::test]
async fn reversing_waits_fifteen_seconds_and_ends_after_seven_days() {
    let shop = Shop::open().await;
    for no in ["WX000001", "WX000002", "WX000003"] {
        pay(&shop, no).await.ok();
    }
    shop.advance(14).await;
    assert_eq!(reverse(&shop, "WX000001").await.code(), "INVALID_REQUEST");
    shop.advance(1).await;
    reverse(&shop, "WX000001").await.ok();
    assert_eq!(state(&shop, "WX000001").await, "REVOKED");
    assert_eq!(shop.money().await, (300, 100));
    // Twice is once.
    reverse(&shop, "WX000001").await.ok();
    assert_eq!(shop.money().await, (300, 100));
    shop.advance(7 * 86_400 - 15).await;
    reverse(&shop, "WX000002").await.ok();
    shop.advance(1).await;
    assert_eq!(reverse(&shop, "WX000003").await.code(), "REVERSE_EXPIRE");
    refund(&shop, "WX000003", "R3", 100).await.ok();
    assert_eq!(shop.money().await, (300, 300));
    // Without an app the gateway only says that it failed, and what it never saw does not exist.
    let target = "/v3/pay/transactions/out-trade-no/WX000001/reverse";
    let bare = shop
        .v3("POST", target, json!({"mchid": shop.setting("mchid")}))
        .await;
    assert_eq!(bare.code(), "SYSTEM_ERROR");
    assert_eq!(reverse(&shop, "WX999999").await.code(), "ORDER_NOT_EXIST");
}

#[tokio::test]
async fn reversing_is_repeated_while_the_customer_pays_or_the_gateway_wants_it() {
    let shop = Shop::open().await;
    shop.plan(
        "WX000001",
        "user_paying_forever,reverse_user_paying:2,reverse_recall:1",
    )
    .await;
    pay(&shop, "WX000001").await;
    shop.advance(45).await;
    assert_eq!(reverse(&shop, "WX000001").await.code(), "USERPAYING");
    assert_eq!(reverse(&shop, "WX000001").await.code(), "USERPAYING");
    assert_eq!(reverse(&shop, "WX000001").await.code(), "SYSTEM_ERROR");
    assert_eq!(state(&shop, "WX000001").await, "USERPAYING");
    reverse(&shop, "WX000001").await.ok();
    assert_eq!(state(&shop, "WX000001").await, "REVOKED");
}

#[tokio::test]
async fn a_picture_is_closed_signed_without_a_body_and_may_be_paid_late() {
    let shop = Shop::open().await;
    let url = native(&shop, "WX000001").await.ok()["code_url"].clone();
    assert!(
        url.as_str()
            .unwrap()
            .starts_with("weixin://wxpay/bizpayurl?pr=")
    );
    assert_eq!(close(&shop, "WX000001").await.said(), (204, Value::Null));
    assert_eq!(state(&shop, "WX000001").await, "CLOSED");
    assert_eq!(shop.tell("phone/WX000001/pay", json!({})).await.0, 409);
    assert_eq!(
        shop.tell("phone/WX000001/pay?late=true", json!({})).await.0,
        200
    );
    assert_eq!(state(&shop, "WX000001").await, "SUCCESS");

    shop.plan("WX000002", "late_success:5").await;
    native(&shop, "WX000002").await.ok();
    close(&shop, "WX000002").await.ok();
    assert_eq!(state(&shop, "WX000002").await, "CLOSED");
    shop.advance(5).await;
    assert_eq!(state(&shop, "WX000002").await, "SUCCESS");
    assert_eq!(close(&shop, "WX000002").await.code(), "ORDER_PAID");
    assert_eq!(native(&shop, "WX000002").await.code(), "ORDER_PAID");
    assert_eq!(shop.money().await, (200, 0));
    // What was paid by code is reversed, not closed; a picture the other way round.
    pay(&shop, "WX000003").await.ok();
    native(&shop, "WX000004").await.ok();
    assert_eq!(close(&shop, "WX000003").await.code(), "ORDER_PAID");
    shop.advance(20).await;
    assert_eq!(reverse(&shop, "WX000004").await.code(), "INVALID_REQUEST");
}

#[tokio::test]
async fn refunds_take_time_need_money_or_do_not_arrive() {
    let shop = Shop::open().await;
    for no in ["WX000001", "WX000002", "WX000003"] {
        pay(&shop, no).await.ok();
    }
    shop.plan("WX000001", "refund_processing:30").await;
    assert_eq!(
        refund(&shop, "WX000001", "R1", 100).await.ok()["status"],
        "PROCESSING"
    );
    assert_eq!(shop.money().await, (300, 0));
    shop.advance(30).await;
    assert_eq!(refund_status(&shop, "R1").await, "SUCCESS");
    shop.plan("WX000002", "refund_not_enough:2").await;
    assert_eq!(
        refund(&shop, "WX000002", "R2", 100).await.code(),
        "NOT_ENOUGH"
    );
    assert_eq!(
        refund(&shop, "WX000002", "R2", 100).await.code(),
        "NOT_ENOUGH"
    );
    assert_eq!(
        refund(&shop, "WX000002", "R2", 100).await.ok()["status"],
        "SUCCESS"
    );
    shop.plan("WX000003", "refund_abnormal").await;
    assert_eq!(
        refund(&shop, "WX000003", "R3", 100).await.ok()["status"],
        "ABNORMAL"
    );
    assert_eq!(shop.money().await, (300, 200));
    let absent = shop
        .v3("GET", "/v3/refund/domestic/refunds/R9", Value::Null)
        .await;
    assert_eq!(absent.code(), "RESOURCE_NOT_EXISTS");
}

#[tokio::test]
async fn refuses_what_is_not_signed_or_not_well_formed() {
    let shop = Shop::open().await;
    let target = format!(
        "/v3/pay/transactions/out-trade-no/WX000001?mchid={}",
        shop.setting("mchid")
    );
    let url = format!("http://{}{target}", shop.address);
    let late = shop.authorization("GET", &target, START - 301_000, "");
    let early = shop.authorization("GET", &target, START + 301_000, "");
    let of_another = shop.authorization("GET", "/v3/certificates", START, "");
    let in_time = shop.authorization("GET", &target, START - 299_000, "");
    for (authorization, wanted) in [(late, 401), (early, 401), (of_another, 401), (in_time, 404)] {
        let request = shop.http.get(&url).header("user-agent", "test");
        let answer = request
            .header("authorization", authorization)
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), wanted);
    }
    let bad = |change: fn(&mut Value)| {
        let mut body = order(&shop, "WX000001", 100, CODE);
        change(&mut body);
        shop.v3("POST", "/v3/pay/transactions/codepay", body)
    };
    assert_eq!(
        bad(|body| body["attach"] = Value::Null).await.code(),
        "PARAM_ERROR"
    );
    assert_eq!(
        bad(|body| body["description"] = json!("奶🥛")).await.code(),
        "PARAM_ERROR"
    );
    assert_eq!(
        bad(|body| body["amount"]["total"] = json!(0)).await.code(),
        "PARAM_ERROR"
    );
    assert_eq!(
        bad(|body| body["out_trade_no"] = json!("short"))
            .await
            .code(),
        "PARAM_ERROR"
    );
    assert_eq!(
        bad(|body| body["mchid"] = json!("1")).await.code(),
        "APPID_MCHID_NOT_MATCH"
    );
    assert_eq!(shop.money().await, (0, 0));
}

#[tokio::test]
async fn the_older_interface_does_the_same() {
    let shop = Shop::open().await;
    let fields = [
        ("body", "牛奶 A&B"),
        ("out_trade_no", "WX000001"),
        ("total_fee", "100"),
        ("spbill_create_ip", "127.0.0.1"),
        ("auth_code", CODE),
    ];
    let no = [("out_trade_no", "WX000001")];
    shop.plan("WX000001", "user_paying:5,reverse_recall:1")
        .await;
    assert_eq!(shop.v2("/pay/micropay", &fields).await.code(), "USERPAYING");
    shop.advance(5).await;
    let paid = shop.v2("/pay/orderquery", &no).await.ok();
    assert_eq!(
        (&paid["trade_state"], &paid["total_fee"]),
        (&json!("SUCCESS"), &json!("100"))
    );
    let refund = [
        ("out_refund_no", "R1"),
        ("refund_fee", "40"),
        ("total_fee", "100"),
        no[0],
    ];
    assert_eq!(
        shop.v2("/secapi/pay/refund", &refund).await.ok()["refund_fee"],
        "40"
    );
    assert_eq!(shop.money().await, (100, 40));

    let mut fields = fields;
    fields[1].1 = "WX000002";
    fields[4].1 = "130061098828009407";
    shop.plan("WX000002", "reverse_recall:1").await;
    assert_eq!(
        shop.v2("/pay/micropay", &fields).await.ok()["result_code"],
        "SUCCESS"
    );
    let no = [("out_trade_no", "WX000002")];
    assert_eq!(
        shop.v2("/secapi/pay/reverse", &no).await.code(),
        "INVALID_REQUEST"
    );
    shop.advance(15).await;
    assert_eq!(
        shop.v2("/secapi/pay/reverse", &no).await.ok()["recall"],
        "Y"
    );
    assert_eq!(shop.money().await, (200, 40));
    assert_eq!(
        shop.v2("/secapi/pay/reverse", &no).await.ok()["recall"],
        "N"
    );
    assert_eq!(shop.money().await, (200, 140));
    let absent = [("out_trade_no", "WX999999")];
    assert_eq!(
        shop.v2("/pay/orderquery", &absent).await.code(),
        "ORDERNOTEXIST"
    );
    fields[1].1 = "WX000003";
    fields[4].1 = "130061098828009408";
    shop.plan("WX000003", "wrong_signature").await;
    assert!(matches!(
        shop.v2("/pay/micropay", &fields).await,
        Reply::Forged
    ));
}
