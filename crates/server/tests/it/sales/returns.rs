//! Goods that come back.

use aisle_domain::identity::Role;
use aisle_domain::ids::StoreId;
use aisle_server::clock::new_uuid;
use futures_util::future::join_all;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::harness::{TestApp, cash_sale};
use crate::on_both_dbs;

const COLA: &str = "6901234567892";
const MILK: &str = "6907992500010";

/// Three colas for 10.00 in all and two milks for 5.00 each, paid in cash.
async fn sold(shop: &TestApp) -> (Uuid, i64, i64) {
    let cola = shop.product(COLA, 333, 10).await;
    let milk = shop.product(MILK, 500, 10).await;
    let id = new_uuid();
    let order = json!({ "id": id, "channel": "pos",
        "lines": [{ "barcode": COLA, "qty_milli": 3000 }, { "barcode": MILK, "qty_milli": 2000 }],
        "payments": [{ "method": "cash", "tendered_fen": 2000 }] });
    shop.post(&shop.till, "/api/v1/orders", order)
        .await
        .expect(201);
    (id, cola, milk)
}

fn back(lines: &[(i64, i64)]) -> Value {
    let lines: Vec<Value> = lines
        .iter()
        .map(|(line_no, qty)| json!({ "line_no": line_no, "qty_milli": qty }))
        .collect();
    json!({ "id": new_uuid(), "reason": "不新鲜", "lines": lines })
}

fn returns_of(order: Uuid) -> String {
    format!("/api/v1/orders/{order}/returns")
}

on_both_dbs!(
    what_comes_back_is_paid_back_and_can_be_sold_again,
    async |shop: &TestApp| {
        let (order, cola, milk) = sold(shop).await;
        let ask = back(&[(1, 2000), (2, 1000)]);
        let path = returns_of(order);
        let quote = json!({ "lines": ask["lines"] });
        let quote_path = format!("/api/v1/orders/{order}/return-quote");
        let quote = shop
            .post(&shop.cashier, &quote_path, quote)
            .await
            .expect(200);
        assert_eq!(quote["refund_fen"], 1160);
        assert_eq!(quote["refunds"][0]["method"], "cash");

        let done = shop
            .post(&shop.manager, &path, ask.clone())
            .await
            .expect(201);
        assert_eq!(
            (
                &done["status"],
                &done["refunded_fen"],
                &done["lines"][0]["returned_milli"]
            ),
            (&json!("partly_returned"), &json!(1160), &json!(2000))
        );
        assert_eq!(done["events"][2]["kind"], "partly_returned");
        assert_eq!(
            (shop.available(cola).await, shop.available(milk).await),
            (9000, 9000)
        );
        // The answer may be lost, so the same return may come again.
        let again = shop
            .post(&shop.manager, &path, ask.clone())
            .await
            .expect(200);
        assert_eq!(again["returns"].as_array().unwrap().len(), 1);
        let mut other = ask;
        other["reason"] = json!("别的");
        let reused = shop.post(&shop.manager, &path, other).await;
        assert_eq!(reused.code(), "order_id_reused");

        let rest = shop
            .post(&shop.manager, &path, back(&[(1, 1000), (2, 1000)]))
            .await;
        let rest = rest.expect(201);
        assert_eq!(
            (&rest["status"], &rest["refunded_fen"]),
            (&json!("returned"), &json!(1990))
        );
        let more = shop.post(&shop.manager, &path, back(&[(1, 1000)])).await;
        assert_eq!(
            (more.status.as_u16(), more.code()),
            (409, "order_not_returnable")
        );
        let today = shop
            .get(&shop.manager, "/api/v1/sales/today")
            .await
            .expect(200);
        assert_eq!(
            (
                &today["orders"],
                &today["total_fen"],
                &today["returns"],
                &today["refunded_fen"]
            ),
            (&json!(1), &json!(1990), &json!(2), &json!(1990))
        );
    }
);

on_both_dbs!(
    spoilt_goods_come_back_and_are_written_off_at_what_they_cost,
    async |shop: &TestApp| {
        let (order, cola, _) = sold(shop).await;
        let mut ask = back(&[(1, 1000)]);
        ask["lines"][0]["goods_to"] = json!("loss");
        shop.post(&shop.manager, &returns_of(order), ask)
            .await
            .expect(201);
        assert_eq!(shop.available(cola).await, 7000);
        let path = format!("/api/v1/stock/{cola}/ledger");
        let history = shop.get(&shop.manager, &path).await.expect(200);
        let reasons: Vec<&str> = history["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|entry| entry["reason"].as_str().unwrap())
            .collect();
        assert_eq!(reasons, ["damage", "return", "sale", "opening"]);
        assert_eq!(history["items"][1]["ref_id"], json!(order));
    }
);

on_both_dbs!(
    nothing_comes_back_beyond_what_was_sold,
    async |shop: &TestApp| {
        let (order, cola, _) = sold(shop).await;
        let path = returns_of(order);
        for (ask, status, code) in [
            (back(&[(1, 4000)]), 409, "return_too_much"),
            (back(&[(1, 0)]), 409, "return_too_much"),
            (back(&[(1, -1000)]), 409, "return_too_much"),
            (back(&[(1, 500)]), 422, "bad_quantity"),
            (back(&[(7, 1000)]), 422, "invalid_request"),
            (back(&[]), 422, "invalid_request"),
            (back(&[(1, 1000), (1, 1000)]), 422, "invalid_request"),
        ] {
            let told = ask.to_string();
            let answer = shop.post(&shop.manager, &path, ask).await;
            assert_eq!(
                (answer.status.as_u16(), answer.code()),
                (status, code),
                "{told}"
            );
        }
        let mut told_less = back(&[(1, 1000)]);
        told_less["expect_refund_fen"] = json!(100);
        let changed = shop.post(&shop.manager, &path, told_less).await;
        assert_eq!(changed.code(), "refund_changed");
        let mut priced = back(&[(1, 1000)]);
        priced["lines"][0]["amount_fen"] = json!(99_999);
        let priced = shop.post(&shop.manager, &path, priced).await;
        assert_eq!(priced.code(), "invalid_request");
        assert_eq!(shop.available(cola).await, 7000);

        let unpaid = new_uuid();
        let wait = json!({ "id": unpaid, "channel": "pos", "lines": [{ "barcode": COLA }] });
        shop.post(&shop.till, "/api/v1/orders", wait)
            .await
            .expect(201);
        let answer = shop
            .post(&shop.manager, &returns_of(unpaid), back(&[(1, 1000)]))
            .await;
        assert_eq!(answer.code(), "order_not_returnable");
    }
);

on_both_dbs!(
    ten_returns_of_the_last_piece_at_once_pay_back_once,
    async |shop: &TestApp| {
        shop.product(COLA, 300, 10).await;
        let order = new_uuid();
        shop.post(
            &shop.till,
            "/api/v1/orders",
            cash_sale(order, "pos", &[COLA]),
        )
        .await
        .expect(201);
        let path = returns_of(order);
        let race = (0..10).map(|_| shop.post(&shop.manager, &path, back(&[(1, 1000)])));
        let answers = join_all(race).await;
        let done = answers.iter().filter(|answer| answer.status == 201).count();
        assert_eq!(done, 1);
        let order = shop
            .get(&shop.manager, &format!("/api/v1/orders/{order}"))
            .await
            .expect(200);
        assert_eq!(order["refunded_fen"], 300);
    }
);

on_both_dbs!(
    a_cashier_pays_back_with_a_second_persons_yes_and_each_yes_once,
    async |shop: &TestApp| {
        let (order, ..) = sold(shop).await;
        let path = returns_of(order);
        let ask = back(&[(1, 1000)]);
        let alone = shop.at_till("POST", &path, ask.clone(), None).await;
        assert_eq!(
            (alone.status.as_u16(), alone.code()),
            (403, "approval_needed")
        );
        assert_eq!(alone.body["fields"][0]["permission"], "order.return");
        let by_the_device = shop.post(&shop.till, &path, ask.clone()).await;
        assert_eq!(by_the_device.code(), "denied");

        let yes = shop.manager_agrees("order.return").await;
        let done = shop
            .at_till("POST", &path, ask.clone(), Some(&yes))
            .await
            .expect(201);
        assert_eq!(done["returns"][0]["approver"], "manager");
        shop.at_till("POST", &path, ask, Some(&yes))
            .await
            .expect(200);
        let second = shop
            .at_till("POST", &path, back(&[(1, 1000)]), Some(&yes))
            .await;
        assert_eq!(second.code(), "approval_needed");
        let log = shop
            .get(&shop.admin, "/api/v1/operations?action=order.return")
            .await
            .expect(200);
        let entries = log["items"].as_array().unwrap();
        assert_eq!(entries.len(), 1);
        assert_eq!(entries[0]["actor"], "cashier");
        assert_eq!(entries[0]["approver"], "manager");
    }
);

on_both_dbs!(
    the_slip_says_what_came_back_and_what_was_paid,
    async |shop: &TestApp| {
        let (order, ..) = sold(shop).await;
        let ask = back(&[(1, 1000)]);
        shop.post(&shop.manager, &returns_of(order), ask.clone())
            .await
            .expect(201);
        let path = format!("/api/v1/returns/{}/receipt", ask["id"].as_str().unwrap());
        let slip = shop.get(&shop.manager, &path).await.expect(200);
        let text: Vec<&str> = slip["rows"]
            .as_array()
            .unwrap()
            .iter()
            .map(|row| row["text"].as_str().unwrap())
            .collect();
        let text = text.join("\n");
        for wanted in [
            "退货单",
            "原单号: 20261122-01-000001",
            "20261122-00-R00001",
            "3.33",
            "不新鲜",
        ] {
            assert!(text.contains(wanted), "{wanted} in\n{text}");
        }
        let there = shop.person_of(Role::Manager, StoreId(2)).await;
        assert_eq!(shop.get(&there, &path).await.code(), "not_found");
    }
);

on_both_dbs!(
    late_goods_come_back_when_a_second_person_agrees_whoever_takes_them,
    async |shop: &TestApp| {
        shop.product(COLA, 300, 10).await;
        let window = json!({ "return_window_days": 7 });
        shop.patch(&shop.admin, "/api/v1/stores/1", window)
            .await
            .expect(200);
        let mut orders = Vec::new();
        for day in ["15", "14"] {
            let mut sale = cash_sale(new_uuid(), "pos", &[COLA]);
            sale["sold_at"] = json!(format!("2026-11-{day}T02:00:00Z"));
            let order = shop.post(&shop.till, "/api/v1/orders", sale).await;
            orders.push(order.expect(201)["id"].as_str().unwrap().parse().unwrap());
        }
        let ask = back(&[(1, 1000)]);
        for (order, is_late) in orders.iter().zip([false, true]) {
            let path = format!("/api/v1/orders/{order}/return-quote");
            let lines = json!({ "lines": ask["lines"] });
            let quote = shop.post(&shop.manager, &path, lines).await.expect(200);
            assert_eq!(quote["is_late"], is_late);
        }
        let in_time = shop.post(&shop.manager, &returns_of(orders[0]), ask).await;
        in_time.expect(201);

        let ask = back(&[(1, 1000)]);
        let path = returns_of(orders[1]);
        let alone = shop.post(&shop.manager, &path, ask.clone()).await;
        assert_eq!(
            (alone.status.as_u16(), alone.code()),
            (403, "approval_needed")
        );
        // Somebody who may take goods back alone asks somebody else, too.
        let head = shop.person_of(Role::HeadCashier, StoreId(1)).await;
        let who = (head.as_str(), shop.till.as_str());
        shop.give_pin(&shop.manager).await;
        let permission = json!({ "permission": "order.return", "username": "manager",
            "pin": crate::harness::PIN });
        let yes = shop.by(who, ("POST", "/api/v1/approvals"), permission, None);
        let yes = yes.await.expect(201)["id"].as_str().unwrap().to_owned();
        let done = shop
            .by(who, ("POST", &path), ask, Some(&yes))
            .await
            .expect(201);
        assert_eq!(done["returns"][0]["approver"], "manager");
        let wrong = json!({ "return_window_days": -1 });
        let wrong = shop.patch(&shop.admin, "/api/v1/stores/1", wrong).await;
        assert_eq!(wrong.code(), "invalid_request");
    }
);
