//! Goods that come back without a receipt.

use aisle_domain::identity::Role;
use aisle_domain::ids::StoreId;
use aisle_server::clock::new_uuid;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::harness::TestApp;
use crate::on_both_dbs;

const COLA: &str = "6901234567892";
const MILK: &str = "6907992500010";
const RIGHT: &str = "order.return_blind";

fn path_of(id: Uuid) -> String {
    format!("/api/v1/blind-returns/{id}")
}

/// Two colas for the shelf and a milk that is spoilt.
fn three_things() -> Value {
    json!({ "reason": "没有小票", "lines": [{ "barcode": COLA, "qty_milli": 2000 },
        { "barcode": MILK, "goods_to": "loss" }] })
}

on_both_dbs!(
    goods_without_a_receipt_are_paid_back_at_todays_price,
    async |shop: &TestApp| {
        let cola = shop.product(COLA, 333, 10).await;
        let milk = shop.product(MILK, 500, 0).await;
        let mut ask = three_things();
        let quote = json!({ "lines": ask["lines"] });
        let quote = shop
            .post(&shop.cashier, "/api/v1/blind-return-quote", quote)
            .await
            .expect(200);
        assert_eq!(
            (&quote["goods_fen"], &quote["refund_fen"]),
            (&json!(1166), &json!(1160))
        );
        let (id, yes) = (new_uuid(), shop.manager_agrees(RIGHT).await);
        ask["expect_refund_fen"] = json!(1160);
        let done = shop
            .at_till("PUT", &path_of(id), ask.clone(), Some(&yes))
            .await
            .expect(201);
        assert_eq!(done["no"], "20261122-01-B00001");
        assert_eq!(
            (&done["refund_fen"], &done["approver"], &done["cashier"]),
            (&json!(1160), &json!("manager"), &json!("cashier"))
        );
        assert_eq!(
            (shop.available(cola).await, shop.available(milk).await),
            (12_000, 0)
        );
        let path = format!("/api/v1/stock/{milk}/ledger");
        let history = shop.get(&shop.manager, &path).await.expect(200);
        let reasons = history["items"].as_array().unwrap().iter();
        let reasons: Vec<&Value> = reasons.map(|entry| &entry["reason"]).collect();
        assert_eq!(reasons, ["damage", "return"]);

        // The answer may be lost: the same may come again, another under its name may not.
        shop.at_till("PUT", &path_of(id), ask.clone(), Some(&yes))
            .await
            .expect(200);
        ask["reason"] = json!("别的");
        let reused = shop.at_till("PUT", &path_of(id), ask, Some(&yes)).await;
        assert_eq!(reused.code(), "order_id_reused");
        let list = shop
            .get(&shop.manager, "/api/v1/blind-returns")
            .await
            .expect(200);
        assert_eq!(list["items"].as_array().unwrap().len(), 1);
        assert_eq!(list["items"][0]["lines"][1]["goods_to"], "loss");
        let today = shop
            .get(&shop.manager, "/api/v1/sales/today")
            .await
            .expect(200);
        assert_eq!(
            (&today["returns"], &today["refunded_fen"]),
            (&json!(1), &json!(1160))
        );
        let entry = shop.last_operation(RIGHT).await;
        assert_eq!(
            (&entry["actor"], &entry["approver"]),
            (&json!("cashier"), &json!("manager"))
        );
    }
);

on_both_dbs!(
    nobody_takes_goods_without_a_receipt_back_alone,
    async |shop: &TestApp| {
        let cola = shop.product(COLA, 300, 10).await;
        let body = json!({ "reason": "没有小票", "lines": [{ "barcode": COLA }] });
        let path = path_of(new_uuid());
        let by_cashier = shop.at_till("PUT", &path, body.clone(), None).await;
        assert_eq!(by_cashier.code(), "approval_needed");
        // Who may agree asks somebody else for their own.
        let at_till = (shop.manager.as_str(), shop.till.as_str());
        let by_manager = shop.by(at_till, ("PUT", &path), body.clone(), None).await;
        assert_eq!(
            (
                by_manager.code(),
                &by_manager.body["fields"][0]["permission"]
            ),
            ("approval_needed", &json!(RIGHT))
        );
        let elsewhere = shop.put(&shop.manager, &path, body.clone()).await;
        assert_eq!(elsewhere.code(), "terminal_required");
        let other_yes = shop.manager_agrees("order.return").await;
        let with_other = shop
            .at_till("PUT", &path, body.clone(), Some(&other_yes))
            .await;
        assert_eq!(with_other.code(), "approval_needed");
        let clerk = shop.person_of(Role::Clerk, StoreId(1)).await;
        let by_clerk = shop.put(&clerk, &path, body.clone()).await;
        assert_eq!(by_clerk.code(), "denied");
        assert_eq!(shop.available(cola).await, 10_000);

        let yes = shop.manager_agrees(RIGHT).await;
        shop.at_till("PUT", &path, body.clone(), Some(&yes))
            .await
            .expect(201);
        // A yes is good for one.
        let second = shop
            .at_till("PUT", &path_of(new_uuid()), body, Some(&yes))
            .await;
        assert_eq!(second.code(), "approval_needed");
    }
);

on_both_dbs!(
    what_comes_back_without_a_receipt_is_checked_like_a_sale,
    async |shop: &TestApp| {
        shop.product(COLA, 300, 10).await;
        let line = json!([{ "barcode": COLA }]);
        for (body, status, code) in [
            (
                json!({ "reason": "x", "lines": [] }),
                422,
                "invalid_request",
            ),
            (
                json!({ "reason": " ", "lines": line }),
                422,
                "invalid_request",
            ),
            (
                json!({ "reason": "x", "lines": [{ "barcode": "123" }] }),
                404,
                "unknown_barcode",
            ),
            (
                json!({ "reason": "x", "lines": [{ "barcode": COLA, "qty_milli": 500 }] }),
                422,
                "bad_quantity",
            ),
            (
                json!({ "reason": "x", "lines": [{ "barcode": COLA, "goods_to": "home" }] }),
                422,
                "invalid_request",
            ),
            (
                json!({ "reason": "x", "lines": [{ "barcode": COLA, "unit_price_fen": 9900 }] }),
                422,
                "invalid_request",
            ),
            (
                json!({ "reason": "x", "lines": line, "expect_refund_fen": 301 }),
                409,
                "refund_changed",
            ),
        ] {
            let yes = shop.manager_agrees(RIGHT).await;
            let told = body.to_string();
            let answer = shop
                .at_till("PUT", &path_of(new_uuid()), body, Some(&yes))
                .await;
            assert_eq!(
                (answer.status.as_u16(), answer.code()),
                (status, code),
                "{told}"
            );
        }
        let none = shop.get(&shop.manager, &path_of(new_uuid())).await;
        assert_eq!(none.code(), "not_found");
    }
);

on_both_dbs!(
    the_slip_says_that_there_was_no_receipt,
    async |shop: &TestApp| {
        shop.product(COLA, 300, 10).await;
        let (id, yes) = (new_uuid(), shop.manager_agrees(RIGHT).await);
        let body = json!({ "reason": "买错了", "lines": [{ "barcode": COLA, "qty_milli": 2000 }] });
        shop.at_till("PUT", &path_of(id), body, Some(&yes))
            .await
            .expect(201);
        let path = format!("{}/receipt", path_of(id));
        let slip = shop.get(&shop.cashier, &path).await.expect(200);
        let rows = slip["rows"].as_array().unwrap().iter();
        let text: Vec<&str> = rows.map(|row| row["text"].as_str().unwrap()).collect();
        let text = text.join("\n");
        for wanted in [
            "退货单",
            "无小票",
            "20261122-01-B00001",
            "6.00",
            "退款 现金",
            "买错了",
        ] {
            assert!(text.contains(wanted), "{wanted} in\n{text}");
        }
    }
);
