//! Stock by hand and its history.

mod late;

use aisle_server::clock::new_uuid;
use serde_json::json;

use crate::harness::{TestApp, cash_sale};
use crate::on_both_dbs;

const COLA: &str = "6901234567892";

on_both_dbs!(
    an_adjustment_sent_twice_counts_once,
    async |shop: &TestApp| {
        let cola = shop.product(COLA, 300, 10).await;
        let body = json!({ "id": new_uuid(), "reason": "damage", "note": "摔破",
        "lines": [{ "product_id": cola, "delta_milli": -2000 }] });
        let first = shop
            .post(&shop.manager, "/api/v1/stock/adjustments", body.clone())
            .await
            .expect(201);
        let again = shop
            .post(&shop.manager, "/api/v1/stock/adjustments", body)
            .await
            .expect(200);
        assert_eq!(first["lines"][0]["balance_milli"], 8000);
        assert_eq!(again["lines"][0]["balance_milli"], 8000);
    }
);

on_both_dbs!(
    a_reason_moves_stock_only_its_own_way,
    async |shop: &TestApp| {
        let cola = shop.product(COLA, 300, 10).await;
        for (reason, delta) in [
            ("damage", 1000),
            ("gain", -1000),
            ("sale", -1000),
            ("correction", 0),
        ] {
            let body = json!({ "id": new_uuid(), "reason": reason, "lines": [{ "product_id": cola, "delta_milli": delta }] });
            let answer = shop
                .post(&shop.manager, "/api/v1/stock/adjustments", body)
                .await;
            assert_eq!(
                (answer.status.as_u16(), answer.code()),
                (422, "reason_not_permitted"),
                "{reason}"
            );
        }
        assert_eq!(shop.available(cola).await, 10_000);
    }
);

on_both_dbs!(
    history_pages_back_without_gaps_and_days_add_up,
    async |shop: &TestApp| {
        let cola = shop.product(COLA, 300, 10).await;
        for _ in 0..7 {
            shop.post(
                &shop.till,
                "/api/v1/orders",
                cash_sale(new_uuid(), "pos", &[COLA]),
            )
            .await
            .expect(201);
        }
        let mut path = format!("/api/v1/stock/{cola}/ledger?limit=3");
        let mut balances = Vec::new();
        loop {
            let page = shop.get(&shop.manager, &path).await.expect(200);
            balances.extend(
                page["items"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|entry| entry["balance_milli"].as_i64().unwrap()),
            );
            match page["next"].as_str() {
                Some(next) => path = format!("/api/v1/stock/{cola}/ledger?limit=3&cursor={next}"),
                None => break,
            }
        }
        assert_eq!(balances, [3000, 4000, 5000, 6000, 7000, 8000, 9000, 10_000]);
        let sales = shop
            .get(
                &shop.manager,
                &format!("/api/v1/stock/{cola}/ledger?reason=sale"),
            )
            .await
            .expect(200);
        assert_eq!(sales["items"].as_array().unwrap().len(), 7);
        let days = shop
            .get(&shop.manager, &format!("/api/v1/stock/{cola}/days?days=3"))
            .await
            .expect(200);
        let today = &days["items"][2];
        assert_eq!(
            today,
            &json!({ "day": 20_261_122, "in_milli": 10_000, "out_milli": 7000, "balance_milli": 3000 })
        );
        assert_eq!(days["items"][0]["balance_milli"], 0);
    }
);

on_both_dbs!(
    low_and_negative_stock_can_be_listed,
    async |shop: &TestApp| {
        let cola = shop.product(COLA, 300, 1).await;
        let milk = shop.product("6900000000014", 500, 50).await;
        shop.patch(
            &shop.admin,
            &format!("/api/v1/products/{cola}"),
            json!({ "safety_stock_milli": 5000 }),
        )
        .await
        .expect(200);
        shop.post(
            &shop.till,
            "/api/v1/orders",
            cash_sale(new_uuid(), "pos", &[COLA, COLA]),
        )
        .await
        .expect(201);
        for filter in ["low=true", "negative=true"] {
            let list = shop
                .get(&shop.manager, &format!("/api/v1/stock?{filter}"))
                .await
                .expect(200);
            let ids: Vec<i64> = list["items"]
                .as_array()
                .unwrap()
                .iter()
                .map(|row| row["product_id"].as_i64().unwrap())
                .collect();
            assert_eq!(ids, [cola], "{filter}, not {milk}");
        }
    }
);

on_both_dbs!(
    the_first_sale_and_the_opening_stock_of_a_product_at_once_both_count,
    async |shop: &TestApp| {
        for (barcode, at) in [
            ("6900000000014", 1),
            ("6900000000021", 2),
            ("6900000000038", 3),
        ] {
            let product = shop.product(barcode, 300, 0).await;
            let opening = json!({ "id": new_uuid(), "reason": "opening",
                "lines": [{ "product_id": product, "delta_milli": 10_000 }] });
            let sale = cash_sale(new_uuid(), "pos", &[barcode]);
            let (sold, opened) = tokio::join!(
                shop.post(&shop.till, "/api/v1/orders", sale),
                shop.post(&shop.manager, "/api/v1/stock/adjustments", opening)
            );
            sold.expect(201);
            opened.expect(201);
            let listed = shop
                .get(&shop.manager, &format!("/api/v1/stock/{product}/ledger"))
                .await
                .expect(200);
            assert_eq!(listed["items"].as_array().unwrap().len(), 2, "round {at}");
            assert_eq!(listed["items"][0]["balance_milli"], 9000, "round {at}");
        }
    }
);
