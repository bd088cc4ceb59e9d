//! Goods for goods.

use aisle_server::clock::new_uuid;
use futures_util::future::join_all;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::harness::{TestApp, cash_sale};
use crate::on_both_dbs;

const COLA: &str = "6901234567892";
const MILK: &str = "6907992500010";

/// A cola for 3.00, sold; there are ten of each, and a milk costs 5.00.
async fn sold(shop: &TestApp) -> (Uuid, i64, i64) {
    let cola = shop.product(COLA, 300, 10).await;
    let milk = shop.product(MILK, 500, 10).await;
    let id = new_uuid();
    let sale = cash_sale(id, "pos", &[COLA, COLA]);
    shop.post(&shop.till, "/api/v1/orders", sale)
        .await
        .expect(201);
    (id, cola, milk)
}

fn path_of(order: Uuid) -> String {
    format!("/api/v1/orders/{order}/exchanges")
}

/// The first line back for this.
fn exchange(barcode: &str, qty: i64, tendered: i64) -> Value {
    json!({ "id": new_uuid(), "order_id": new_uuid(), "reason": "换口味",
        "lines": [{ "line_no": 1, "qty_milli": 1000 }],
        "goods": [{ "barcode": barcode, "qty_milli": qty }], "tendered_fen": tendered })
}

on_both_dbs!(
    dearer_goods_are_taken_along_for_the_difference,
    async |shop: &TestApp| {
        let (order, cola, milk) = sold(shop).await;
        let mut ask = exchange(MILK, 1000, 1000);
        let quote = json!({ "lines": ask["lines"], "goods": ask["goods"] });
        let quote_path = format!("/api/v1/orders/{order}/exchange-quote");
        let quote = shop
            .post(&shop.cashier, &quote_path, quote)
            .await
            .expect(200);
        assert_eq!(
            quote,
            json!({ "refund_fen": 300, "total_fen": 500, "credit_fen": 300, "to_pay_fen": 200,
                "to_refund_fen": 0, "is_late": false })
        );
        ask["expect_difference_fen"] = json!(200);
        let yes = shop.manager_agrees("order.return").await;
        let done = shop
            .at_till("POST", &path_of(order), ask.clone(), Some(&yes))
            .await
            .expect(201);
        let (returned, taken) = (&done["returned"], &done["taken"]);
        assert_eq!(
            (&returned["status"], &returned["refunded_fen"]),
            (&json!("partly_returned"), &json!(300))
        );
        assert_eq!(
            (&taken["status"], &taken["total_fen"], &taken["change_fen"]),
            (&json!("paid"), &json!(500), &json!(800))
        );
        let paid: Vec<(&Value, &Value)> = taken["payments"]
            .as_array()
            .unwrap()
            .iter()
            .map(|payment| (&payment["method"], &payment["amount_fen"]))
            .collect();
        assert!(
            paid.contains(&(&json!("exchange"), &json!(300))),
            "{paid:?}"
        );
        assert!(paid.contains(&(&json!("cash"), &json!(200))), "{paid:?}");
        // Each half names the other.
        for half in [returned, taken] {
            assert_eq!(half["exchanges"][0]["return_id"], ask["id"]);
            assert_eq!(half["exchanges"][0]["order_id"], ask["order_id"]);
            assert_eq!(half["exchanges"][0]["from_order_id"], json!(order));
        }
        assert_eq!(
            (shop.available(cola).await, shop.available(milk).await),
            (9000, 9000)
        );
        shop.at_till("POST", &path_of(order), ask.clone(), Some(&yes))
            .await
            .expect(200);
        ask["tendered_fen"] = json!(2000);
        let reused = shop.at_till("POST", &path_of(order), ask, Some(&yes)).await;
        assert_eq!(reused.code(), "order_id_reused");
        assert_eq!(shop.available(milk).await, 9000);
    }
);

on_both_dbs!(
    cheaper_goods_are_taken_along_and_the_rest_goes_back,
    async |shop: &TestApp| {
        let (order, cola, _) = sold(shop).await;
        let gum = shop.product("6901234500004", 120, 10).await;
        let mut ask = exchange("6901234500004", 1000, 0);
        ask["expect_difference_fen"] = json!(-180);
        let yes = shop.manager_agrees("order.return").await;
        let done = shop
            .at_till("POST", &path_of(order), ask.clone(), Some(&yes))
            .await
            .expect(201);
        assert_eq!(done["taken"]["payments"].as_array().unwrap().len(), 1);
        assert_eq!(done["taken"]["payments"][0]["amount_fen"], 120);
        assert_eq!(
            (shop.available(cola).await, shop.available(gum).await),
            (9000, 9000)
        );
        for (path, wanted) in [
            (
                format!("/api/v1/returns/{}/receipt", ask["id"].as_str().unwrap()),
                vec![
                    "换货抵扣",
                    "1.20",
                    "退款 现金",
                    "1.80",
                    "换货 20261122-01-000002",
                ],
            ),
            (
                format!(
                    "/api/v1/orders/{}/receipt",
                    ask["order_id"].as_str().unwrap()
                ),
                vec!["实收 换货抵扣", "换货 20261122-01-R00001"],
            ),
        ] {
            let slip = shop.get(&shop.cashier, &path).await.expect(200);
            let rows = slip["rows"].as_array().unwrap().iter();
            let text: Vec<&str> = rows.map(|row| row["text"].as_str().unwrap()).collect();
            let text = text.join("\n");
            for each in wanted {
                assert!(text.contains(each), "{each} in\n{text}");
            }
        }
        // What was taken along comes back like anything else, in cash.
        let taken = ask["order_id"].as_str().unwrap();
        let back = json!({ "reason": "算了", "lines": [{ "line_no": 1, "qty_milli": 1000 }] });
        let path = format!("/api/v1/orders/{taken}/returns");
        let done = shop.post(&shop.manager, &path, back).await.expect(201);
        assert_eq!(
            (&done["status"], &done["refunded_fen"]),
            (&json!("returned"), &json!(120))
        );
    }
);

on_both_dbs!(
    an_exchange_that_is_refused_changes_nothing,
    async |shop: &TestApp| {
        let (order, cola, milk) = sold(shop).await;
        let alone = shop
            .at_till("POST", &path_of(order), exchange(MILK, 1000, 500), None)
            .await;
        assert_eq!(alone.code(), "approval_needed");
        let with = |change: fn(&mut Value)| {
            let mut ask = exchange(MILK, 1000, 500);
            change(&mut ask);
            ask
        };
        for (ask, code) in [
            (
                with(|ask| ask["tendered_fen"] = json!(199)),
                "insufficient_tender",
            ),
            (
                with(|ask| ask["expect_difference_fen"] = json!(199)),
                "price_changed",
            ),
            (
                with(|ask| ask["lines"][0]["qty_milli"] = json!(2000)),
                "return_too_much",
            ),
            (
                with(|ask| ask["lines"][0]["line_no"] = json!(9)),
                "invalid_request",
            ),
            (with(|ask| ask["goods"] = json!([])), "invalid_request"),
            (
                with(|ask| ask["goods"][0]["barcode"] = json!("1")),
                "unknown_barcode",
            ),
            (exchange(COLA, 1000, 100), "invalid_request"),
        ] {
            let told = ask.to_string();
            let yes = shop.manager_agrees("order.return").await;
            let answer = shop.at_till("POST", &path_of(order), ask, Some(&yes)).await;
            assert_eq!(answer.code(), code, "{told}");
        }
        let by_nobody = shop
            .post(&shop.manager, &path_of(order), exchange(MILK, 1000, 500))
            .await;
        assert_eq!(by_nobody.code(), "terminal_required");
        assert_eq!(
            (shop.available(cola).await, shop.available(milk).await),
            (8000, 10_000)
        );
        let untouched = shop
            .get(&shop.manager, &format!("/api/v1/orders/{order}"))
            .await
            .expect(200);
        assert_eq!(untouched["status"], "paid");
        assert!(untouched["returns"].as_array().unwrap().is_empty());
    }
);

on_both_dbs!(
    ten_exchanges_of_the_same_piece_at_once_are_one,
    async |shop: &TestApp| {
        let (order, cola, milk) = sold(shop).await;
        let at_till = (shop.manager.as_str(), shop.till.as_str());
        let path = path_of(order);
        let race = (0..10).map(|_| {
            let ask = exchange(MILK, 1000, 200);
            shop.by(at_till, ("POST", &path), ask, None)
        });
        let answers = join_all(race).await;
        let done = answers.iter().filter(|answer| answer.status == 201).count();
        assert_eq!(done, 1, "{answers:?}");
        assert_eq!(
            (shop.available(cola).await, shop.available(milk).await),
            (9000, 9000)
        );
    }
);
