//! The link behind the QR code on a receipt.

use aisle_db::Engine;
use aisle_server::clock::new_uuid;
use axum::http::header;
use serde_json::{Value, json};

use crate::harness::{TestApp, cash_sale};
use crate::on_both_dbs;

const COLA: &str = "6901234567892";

/// An order to a member by the cashier; answers its path and the token of its link.
async fn sold(shop: &TestApp) -> (String, String) {
    shop.product(COLA, 300, 10).await;
    let id = new_uuid();
    let mut sale = cash_sale(id, "pos", &[COLA]);
    sale["member"] = json!("13800005678");
    shop.at_till("POST", "/api/v1/orders", sale, None)
        .await
        .expect(201);
    let path = format!("/api/v1/orders/{id}");
    let token = token(shop, &path).await;
    (path, token)
}

async fn token(shop: &TestApp, order: &str) -> String {
    let receipt = shop.get(&shop.cashier, &format!("{order}/receipt")).await;
    let link = receipt.expect(200)["link"].as_str().unwrap().to_owned();
    link.rsplit_once("/r/").unwrap().1.to_owned()
}

on_both_dbs!(
    whoever_holds_the_receipt_sees_its_order_and_nobody_of_the_shop,
    async |shop: &TestApp| {
        let (order, link) = sold(shop).await;
        assert_eq!(
            token(shop, &order).await,
            link,
            "a reprint has the same link"
        );
        let back = json!({ "reason": "坏了", "lines": [{ "line_no": 1, "qty_milli": 1000 }] });
        shop.post(&shop.manager, &format!("{order}/returns"), back)
            .await
            .expect(201);
        let seen = shop.get("", &format!("/api/v1/receipts/{link}")).await;
        assert_eq!(seen.headers["x-robots-tag"], "noindex, nofollow");
        assert_eq!(seen.headers[header::CACHE_CONTROL], "no-store");
        let text = String::from_utf8(seen.bytes.clone()).unwrap();
        for hidden in ["cashier", "13800005678", "manager", "cost"] {
            assert!(!text.contains(hidden), "{hidden} in {text}");
        }
        let seen = seen.expect(200);
        assert_eq!(
            (&seen["no"], &seen["status"], &seen["refunded_fen"]),
            (
                &json!("20261122-01-000001"),
                &json!("returned"),
                &json!(300)
            )
        );
        assert_eq!(seen["lines"][0]["returned_milli"], 1000);
        assert_eq!(seen["payments"][0]["method"], "cash");
        assert_eq!(seen["store"]["name"], "一店");
    }
);

on_both_dbs!(
    a_link_is_not_guessed_from_another_nor_from_a_number,
    async |shop: &TestApp| {
        let (order, link) = sold(shop).await;
        let mut wrong: Vec<String> = (0..link.len())
            .map(|at| {
                let mut letters: Vec<char> = link.chars().collect();
                letters[at] = if letters[at] == 'A' { 'B' } else { 'A' };
                letters.into_iter().collect()
            })
            .collect();
        let id = order.rsplit_once('/').unwrap().1.to_owned();
        wrong.extend([
            id,
            "20261122-01-000001".to_owned(),
            link[..link.len() - 4].to_owned(),
            format!("{link}AAAA"),
            "x".to_owned(),
        ]);
        for token in wrong {
            let answer = shop.get("", &format!("/api/v1/receipts/{token}")).await;
            assert_eq!(
                (answer.status.as_u16(), answer.code()),
                (404, "not_found"),
                "{token}"
            );
        }
    }
);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn paper_has_a_code_where_the_shop_says_what_it_is_called() {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let set = |config: &mut aisle_server::config::Config| {
            config.public_url = "https://shop.example/".to_owned();
        };
        let shop = TestApp::with(engine, set).await;
        let (order, link) = sold(&shop).await;
        let receipt = shop
            .get(&shop.cashier, &format!("{order}/receipt"))
            .await
            .expect(200);
        let url = format!("https://shop.example/r/{link}");
        assert_eq!(receipt["link"], json!(url));
        let rows = receipt["rows"].as_array().unwrap();
        let is_code = |row: &&Value| row["kind"] == "qr";
        assert_eq!(rows.iter().find(is_code).unwrap()["text"], json!(url));
        shop.finish().await;
    }
    let shop = TestApp::on(Engine::Sqlite).await;
    let (order, _) = sold(&shop).await;
    let receipt = shop
        .get(&shop.cashier, &format!("{order}/receipt"))
        .await
        .expect(200);
    let rows = receipt["rows"].as_array().unwrap();
    assert!(rows.iter().all(|row| row["kind"] != "qr"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn strangers_look_at_so_many_receipts_a_minute_and_no_more() {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let shop = TestApp::with(engine, |config| config.receipt_rate = 5).await;
        let (_, link) = sold(&shop).await;
        let mut refused = 0;
        for _ in 0..8 {
            let answer = shop.get("", &format!("/api/v1/receipts/{link}")).await;
            refused += u32::from(answer.code() == "too_many_requests");
        }
        assert_eq!(refused, 3);
        shop.finish().await;
    }
}
