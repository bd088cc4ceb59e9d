//! Money through gateways that answer, answer late, answer wrongly or not at all.

use aisle_server::clock::new_uuid;
use serde_json::{Value, json};

use crate::gateways::{Gateways, code, pass, pay};
use crate::harness::TestApp;
use crate::on_both_dbs;

const COLA: &str = "6901234567892";
const RICE: &str = "6901234567908";

/// An order of 10.00 that waits for its money: cola 3.00 twice and rice 4.00.
async fn waiting(shop: &TestApp) -> String {
    let id = new_uuid().to_string();
    let body = json!({ "id": id, "channel": "pos", "lines": [{ "barcode": COLA, "qty_milli": 2000 },
        { "barcode": RICE }] });
    let order = shop.at_till("POST", "/api/v1/orders", body, None).await;
    assert_eq!(order.expect(201)["status"], "received");
    id
}

async fn goods(shop: &TestApp) -> (i64, i64) {
    let cola = shop.product(COLA, 300, 100).await;
    (cola, shop.product(RICE, 400, 100).await)
}

fn by_code(prefix: &str) -> Value {
    json!({ "id": new_uuid(), "method": "code", "auth_code": code(prefix) })
}

async fn order(shop: &TestApp, id: &str) -> Value {
    shop.get(&shop.till, &format!("/api/v1/orders/{id}"))
        .await
        .expect(200)
}

async fn states(shop: &TestApp, id: &str) -> (String, Vec<String>) {
    let order = order(shop, id).await;
    let payments = order["payments"].as_array().unwrap().iter();
    let states = payments.map(|payment| {
        let state = payment["attempt"]["state"].as_str();
        state.unwrap_or("cash").to_owned()
    });
    (
        order["status"].as_str().unwrap().to_owned(),
        states.collect(),
    )
}

on_both_dbs!(
    a_code_that_pays_sells_the_goods_and_keeps_the_fee,
    async |shop: &TestApp| {
        let (cola, _) = goods(shop).await;
        let gateways = Gateways::beside(shop).await;
        for prefix in ["13", "28"] {
            let id = waiting(shop).await;
            let body = by_code(prefix);
            let paid = pay(shop, &id, body.clone()).await.expect(200);
            assert_eq!(paid["status"], "succeeded", "{paid}");
            assert_eq!(paid["order"]["status"], "paid");
            assert_eq!(paid["attempt"]["captured_fen"], 1000);
            let fee = if prefix == "13" { 6 } else { 0 };
            assert_eq!(paid["attempt"]["fee_fen"], fee);
            // Sent again it charges nobody.
            let again = pay(shop, &id, body).await.expect(200);
            assert_eq!(again["status"], "succeeded");
        }
        assert_eq!(shop.available(cola).await, 96_000);
        assert_eq!(gateways.net_fen().await, 2000);
    }
);

on_both_dbs!(
    a_password_is_waited_for_and_a_lost_answer_is_asked_after,
    async |shop: &TestApp| {
        goods(shop).await;
        let gateways = Gateways::beside(shop).await;
        gateways.plan("user_paying:12").await;
        let id = waiting(shop).await;
        let asked = pay(shop, &id, by_code("13")).await.expect(200);
        assert_eq!(asked["status"], "pending", "{asked}");
        let other = pay(shop, &id, by_code("28")).await;
        assert_eq!(
            (other.status.as_u16(), other.code()),
            (409, "payment_pending")
        );
        pass(shop, 16).await;
        assert_eq!(
            states(shop, &id).await,
            ("paid".to_owned(), vec!["succeeded".to_owned()])
        );

        for (prefix, scenario) in [
            ("28", "reset_after"),
            ("13", "wrong_signature"),
            ("28", "system_error_paid"),
        ] {
            gateways.plan(scenario).await;
            let id = waiting(shop).await;
            let body = by_code(prefix);
            let lost = pay(shop, &id, body.clone()).await.expect(200);
            assert_eq!(lost["status"], "unknown", "{scenario}: {lost}");
            pay(shop, &id, body).await.expect(200);
            pass(shop, 6).await;
            let found = states(shop, &id).await;
            assert_eq!(
                found,
                ("paid".to_owned(), vec!["succeeded".to_owned()]),
                "{scenario}"
            );
        }
        assert_eq!(gateways.net_fen().await, 4000);
    }
);

on_both_dbs!(
    a_customer_who_never_pays_is_let_go_and_pays_in_cash,
    async |shop: &TestApp| {
        goods(shop).await;
        let gateways = Gateways::beside(shop).await;
        for (prefix, seconds) in [("13", 47), ("28", 32)] {
            gateways.plan("user_paying_forever").await;
            let id = waiting(shop).await;
            pay(shop, &id, by_code(prefix)).await.expect(200);
            pass(shop, seconds).await;
            assert_eq!(states(shop, &id).await.1, ["reversed"], "{prefix}");
            let cash = json!({ "id": new_uuid(), "method": "cash", "tendered_fen": 2000 });
            let paid = pay(shop, &id, cash).await.expect(200);
            assert_eq!(paid["order"]["status"], "paid");
            assert_eq!(paid["order"]["change_fen"], 1000);
        }
        pass(shop, 200).await;
        assert_eq!(gateways.net_fen().await, 0);
    }
);

on_both_dbs!(
    a_refused_code_is_followed_by_another,
    async |shop: &TestApp| {
        goods(shop).await;
        let gateways = Gateways::beside(shop).await;
        gateways.plan("not_enough").await;
        let id = waiting(shop).await;
        let refused = pay(shop, &id, by_code("28")).await.expect(200);
        assert_eq!(refused["status"], "declined", "{refused}");
        assert_ne!(refused["attempt"]["error_code"], "");
        let paid = pay(shop, &id, by_code("13")).await.expect(200);
        assert_eq!(paid["status"], "succeeded");
        assert_eq!(states(shop, &id).await.1, ["failed", "succeeded"]);
        let not_one =
            json!({ "id": new_uuid(), "method": "code", "auth_code": "6901234567892000" });
        assert_eq!(pay(shop, &id, not_one).await.code(), "bad_auth_code");
        assert_eq!(gateways.net_fen().await, 1000);
    }
);

on_both_dbs!(
    a_code_to_scan_is_paid_and_one_given_up_and_paid_too_late_is_paid_back,
    async |shop: &TestApp| {
        goods(shop).await;
        let gateways = Gateways::beside(shop).await;
        for method in ["wechat", "alipay"] {
            let id = waiting(shop).await;
            let body = json!({ "id": new_uuid(), "method": method });
            let shown = pay(shop, &id, body).await.expect(200);
            assert_eq!(shown["status"], "pending", "{shown}");
            assert!(shown["attempt"]["qr"].as_str().unwrap().contains("://"));
            gateways
                .phone(shown["attempt"]["trade_no"].as_str().unwrap(), "pay")
                .await;
            pass(shop, 6).await;
            assert_eq!(states(shop, &id).await.0, "paid");

            let id = waiting(shop).await;
            let body = json!({ "id": new_uuid(), "method": method });
            let shown = pay(shop, &id, body).await.expect(200);
            let path = format!("/api/v1/orders/{id}/cancel");
            let cancelled = shop
                .post(&shop.manager, &path, json!({ "reason": "顾客走了" }))
                .await;
            assert_eq!(cancelled.code(), "payment_pending");
            pass(shop, 3).await;
            // Alipay knows nothing of a code that nobody scanned, so there is nothing to close yet.
            let given_up = if method == "wechat" {
                "reversed"
            } else {
                "reversing"
            };
            assert_eq!(states(shop, &id).await.1, [given_up], "{method}");
            gateways
                .pay_late(shown["attempt"]["trade_no"].as_str().unwrap())
                .await;
            pass(shop, 70).await;
            assert_eq!(states(shop, &id).await.1, ["late_paid"], "{method}");
            let order = order(shop, &id).await;
            assert_eq!(
                order["payments"][0]["refunds"][0]["state"], "succeeded",
                "{order}"
            );
            shop.post(&shop.manager, &path, json!({ "reason": "顾客走了" }))
                .await
                .expect(200);
        }
        assert_eq!(gateways.net_fen().await, 2000);
    }
);

on_both_dbs!(
    another_amount_is_never_booked_and_a_person_pays_it_back,
    async |shop: &TestApp| {
        goods(shop).await;
        let gateways = Gateways::beside(shop).await;
        gateways.plan("wrong_amount").await;
        let id = waiting(shop).await;
        let paid = pay(shop, &id, by_code("28")).await.expect(200);
        assert_eq!(paid["status"], "unknown", "{paid}");
        assert_eq!(paid["order"]["status"], "received");
        let path = "/api/v1/payments?doubtful=true";
        let doubt = shop.get(&shop.manager, path).await.expect(200);
        assert_eq!(doubt["items"][0]["state"], "differs");
        assert_eq!(doubt["items"][0]["next_step"], Value::Null);
        assert_eq!(shop.get(&shop.cashier, path).await.status.as_u16(), 403);
        let payment = paid["id"].as_str().unwrap();
        for _ in 0..2 {
            let path = format!("/api/v1/payments/{payment}/refund");
            let refund = shop
                .post(&shop.manager, &path, json!(null))
                .await
                .expect(200);
            assert_eq!(refund["kind"], "late");
        }
        pass(shop, 2).await;
        let doubt = shop.get(&shop.manager, path).await.expect(200);
        assert_eq!(doubt["items"], json!([]));
        assert_eq!(
            shop.last_operation("payment.settle").await["actor"],
            "manager"
        );
    }
);

on_both_dbs!(
    cash_and_a_phone_pay_together_and_each_gets_its_own_back,
    async |shop: &TestApp| {
        goods(shop).await;
        let gateways = Gateways::beside(shop).await;
        let id = waiting(shop).await;
        let part =
            json!({ "id": new_uuid(), "method": "cash", "amount_fen": 300, "tendered_fen": 500 });
        let paid = pay(shop, &id, part.clone()).await.expect(200);
        assert_eq!(
            (&paid["order"]["status"], &paid["change_fen"]),
            (&json!("received"), &json!(200))
        );
        pay(shop, &id, part).await.expect(200);
        let too_much = json!({ "id": new_uuid(), "method": "wechat", "amount_fen": 701 });
        assert_eq!(pay(shop, &id, too_much).await.code(), "amount_above_due");
        let rest = pay(shop, &id, by_code("13")).await.expect(200);
        assert_eq!(
            (&rest["amount_fen"], &rest["order"]["status"]),
            (&json!(700), &json!("paid"))
        );
        assert_eq!(gateways.net_fen().await, 700);

        let path = format!("/api/v1/orders/{id}/returns");
        let both = json!({ "id": new_uuid(), "reason": "不要了", "lines": [{ "line_no": 1, "qty_milli": 2000 },
            { "line_no": 2, "qty_milli": 1000 }] });
        shop.post(&shop.manager, &path, both).await.expect(201);
        pass(shop, 2).await;
        let order = order(shop, &id).await;
        assert_eq!(
            (&order["status"], &order["refunded_fen"]),
            (&json!("returned"), &json!(1000))
        );
        assert_eq!(
            order["payments"][1]["refunds"][0]["amount_fen"], 700,
            "{order}"
        );
        assert_eq!(order["payments"][1]["refunds"][0]["state"], "succeeded");
        assert_eq!(gateways.net_fen().await, 0);
    }
);

on_both_dbs!(
    a_refund_that_fails_waits_for_a_person,
    async |shop: &TestApp| {
        goods(shop).await;
        let gateways = Gateways::beside(shop).await;
        gateways.plan("refund_abnormal").await;
        let id = waiting(shop).await;
        pay(shop, &id, by_code("13")).await.expect(200);
        let path = format!("/api/v1/orders/{id}/returns");
        let one = json!({ "id": new_uuid(), "reason": "坏了", "lines": [{ "line_no": 2, "qty_milli": 1000 }] });
        shop.post(&shop.manager, &path, one).await.expect(201);
        pass(shop, 30).await;
        let open = shop
            .get(&shop.manager, "/api/v1/refunds?open=true")
            .await
            .expect(200);
        assert_eq!(open["items"][0]["state"], "abnormal", "{open}");
        let refund = open["items"][0]["id"].as_str().unwrap();
        let note = json!({ "note": "现金退给顾客" });
        let settled = shop
            .post(
                &shop.manager,
                &format!("/api/v1/refunds/{refund}/settle"),
                note,
            )
            .await
            .expect(200);
        assert_eq!(settled["state"], "settled");
        let open = shop
            .get(&shop.manager, "/api/v1/refunds?open=true")
            .await
            .expect(200);
        assert_eq!(open["items"], json!([]));
    }
);

on_both_dbs!(
    an_order_given_up_after_part_was_paid_pays_that_back,
    async |shop: &TestApp| {
        goods(shop).await;
        let gateways = Gateways::beside(shop).await;
        let id = waiting(shop).await;
        let part = json!({ "id": new_uuid(), "method": "code", "auth_code": code("28"), "amount_fen": 600 });
        pay(shop, &id, part).await.expect(200);
        let path = format!("/api/v1/orders/{id}/cancel");
        let cancelled = shop
            .post(&shop.manager, &path, json!({ "reason": "钱不够" }))
            .await
            .expect(200);
        assert_eq!(cancelled["status"], "cancelled");
        pass(shop, 2).await;
        assert_eq!(gateways.net_fen().await, 0);
    }
);

on_both_dbs!(
    a_slip_of_the_card_terminal_pays_once,
    async |shop: &TestApp| {
        goods(shop).await;
        let slip = json!({ "terminal": "12345678", "batch": "000001", "trace": "000123", "rrn": "123456789012",
            "auth": "A1B2C3", "last4": "4321" });
        let (first, second) = (waiting(shop).await, waiting(shop).await);
        let body = json!({ "id": new_uuid(), "method": "card", "card": slip });
        let paid = pay(shop, &first, body).await.expect(200);
        assert_eq!(paid["order"]["status"], "paid");
        let body = json!({ "id": new_uuid(), "method": "card", "card": slip });
        assert_eq!(pay(shop, &second, body).await.code(), "card_slip_used");
    }
);

on_both_dbs!(
    a_report_without_the_gateways_signature_is_refused,
    async |shop: &TestApp| {
        goods(shop).await;
        let _gateways = Gateways::beside(shop).await;
        let id = waiting(shop).await;
        let shown = pay(shop, &id, json!({ "id": new_uuid(), "method": "wechat" }))
            .await
            .expect(200);
        let forged = json!({ "id": "EV-1", "event_type": "TRANSACTION.SUCCESS", "resource": {
            "algorithm": "AEAD_AES_256_GCM", "ciphertext": "AAAA", "nonce": "123456789012",
            "associated_data": "transaction" }, "out_trade_no": shown["attempt"]["trade_no"] });
        for place in ["wechat-1", "alipay-1"] {
            let path = format!("/api/v1/payment-notices/{place}");
            let refused = shop.post("", &path, forged.clone()).await;
            assert_eq!(
                (refused.status.as_u16(), refused.code()),
                (401, "notice_refused")
            );
        }
        let elsewhere = shop
            .post("", "/api/v1/payment-notices/wechat-2", forged)
            .await;
        assert_eq!(elsewhere.status.as_u16(), 404);
        assert_eq!(states(shop, &id).await.0, "received");
    }
);

on_both_dbs!(
    keys_are_never_shown_and_wrong_ones_are_refused_by_name,
    async |shop: &TestApp| {
        let _gateways = Gateways::beside(shop).await;
        let path = "/api/v1/payment-channels";
        let shown = shop.get(&shop.admin, path).await;
        let text = String::from_utf8(shown.bytes.clone()).unwrap();
        assert!(!text.contains("PRIVATE KEY"));
        let channels = shown.expect(200);
        assert_eq!(
            channels["items"][1]["keys"],
            json!(["apiv3_key", "private_key", "v2_key"])
        );
        let test = shop
            .post(&shop.admin, &format!("{path}/wechat/test"), json!(null))
            .await;
        assert_eq!(test.expect(200)["works"], true);
        let mut body = json!({ "enabled": true, "settings": channels["items"][1]["settings"] });
        body["secrets"] = json!({ "apiv3_key": "short" });
        let refused = shop
            .put(&shop.admin, &format!("{path}/wechat"), body.clone())
            .await;
        assert_eq!(refused.code(), "channel_settings");
        assert_eq!(refused.body["fields"][0]["name"], "apiv3_key");
        assert_eq!(
            shop.put(&shop.manager, &format!("{path}/wechat"), body)
                .await
                .status
                .as_u16(),
            403
        );
        let raw = shop
            .post(&shop.admin, &format!("{path}/alipay/test"), json!(null))
            .await;
        assert_eq!(raw.expect(200)["works"], true);
    }
);
