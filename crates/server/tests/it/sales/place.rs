//! Placing orders.

use aisle_server::clock::new_uuid;
use serde_json::json;

use crate::harness::{TestApp, cash_sale};
use crate::on_both_dbs;

const COLA: &str = "6901234567892";

on_both_dbs!(
    a_cash_sale_is_paid_and_takes_its_goods_in_one_answer,
    async |shop: &TestApp| {
        let cola = shop.product(COLA, 990, 10).await;
        let id = new_uuid();
        let body = json!({ "id": id, "channel": "pos", "lines": [{ "barcode": COLA, "qty_milli": 2000 }],
        "member": null, "payments": [{ "method": "cash", "tendered_fen": 5000 }] });
        let order = shop
            .post(&shop.till, "/api/v1/orders", body)
            .await
            .expect(201);
        assert_eq!(order["id"], json!(id));
        assert_eq!(order["no"], "20261122-01-000001");
        assert_eq!(order["status"], "paid");
        assert_eq!(order["total_fen"], 1980);
        assert_eq!(order["change_fen"], 3020);
        assert_eq!(order["lines"][0]["unit_price_fen"], 990);
        assert_eq!(order["payments"][0]["amount_fen"], 1980);
        assert_eq!(shop.available(cola).await, 8000);
        let read = shop
            .get(&shop.till, &format!("/api/v1/orders/{id}"))
            .await
            .expect(200);
        assert_eq!(read["events"][0]["kind"], "received");
        assert_eq!(read["events"][1]["kind"], "paid");
        let history = shop
            .get(&shop.manager, &format!("/api/v1/stock/{cola}/ledger"))
            .await
            .expect(200);
        assert_eq!(history["items"][0]["reason"], "sale");
        assert_eq!(history["items"][0]["delta_milli"], -2000);
        assert_eq!(history["items"][0]["balance_milli"], 8000);
        assert_eq!(history["items"][0]["ref_no"], "20261122-01-000001");
        assert_eq!(history["items"][1]["reason"], "opening");
    }
);

on_both_dbs!(
    the_same_sale_posted_twenty_times_at_once_is_one_order,
    async |shop: &TestApp| {
        let cola = shop.product(COLA, 300, 50).await;
        let body = cash_sale(new_uuid(), "pos", &[COLA]);
        let posts = (0..20).map(|_| shop.post(&shop.till, "/api/v1/orders", body.clone()));
        let answers = futures_util::future::join_all(posts).await;
        let created = answers.iter().filter(|answer| answer.status == 201).count();
        let again = answers.iter().filter(|answer| answer.status == 200).count();
        assert_eq!((created, again), (1, 19));
        assert!(
            answers
                .iter()
                .all(|answer| answer.body["no"] == "20261122-01-000001")
        );
        assert_eq!(shop.available(cola).await, 49_000);
    }
);

on_both_dbs!(
    an_id_with_another_body_is_refused,
    async |shop: &TestApp| {
        shop.product(COLA, 300, 50).await;
        let id = new_uuid();
        shop.post(&shop.till, "/api/v1/orders", cash_sale(id, "pos", &[COLA]))
            .await
            .expect(201);
        let other = shop
            .post(
                &shop.till,
                "/api/v1/orders",
                cash_sale(id, "pos", &[COLA, COLA]),
            )
            .await;
        assert_eq!(
            (other.status.as_u16(), other.code()),
            (422, "order_id_reused")
        );
    }
);

on_both_dbs!(
    a_sale_sent_again_is_answered_even_when_its_goods_are_no_longer_sold,
    async |shop: &TestApp| {
        let cola = shop.product(COLA, 300, 50).await;
        let body = cash_sale(new_uuid(), "pos", &[COLA]);
        let first = shop
            .post(&shop.till, "/api/v1/orders", body.clone())
            .await
            .expect(201);
        let gone = json!({ "state": "retired", "barcodes": [] });
        shop.patch(&shop.admin, &format!("/api/v1/products/{cola}"), gone)
            .await
            .expect(200);
        let again = shop
            .post(&shop.till, "/api/v1/orders", body)
            .await
            .expect(200);
        assert_eq!(first["no"], again["no"]);
    }
);

on_both_dbs!(
    a_till_sells_below_zero_but_a_kiosk_never_does,
    async |shop: &TestApp| {
        let cola = shop.product(COLA, 300, 1).await;
        shop.post(
            &shop.till,
            "/api/v1/orders",
            cash_sale(new_uuid(), "pos", &[COLA, COLA]),
        )
        .await
        .expect(201);
        assert_eq!(shop.available(cola).await, -1000);
        let refused = shop
            .post(
                &shop.kiosk,
                "/api/v1/orders",
                cash_sale(new_uuid(), "kiosk", &[COLA]),
            )
            .await;
        assert_eq!(
            (refused.status.as_u16(), refused.code()),
            (409, "out_of_stock")
        );
        assert_eq!(refused.body["fields"][0]["product_id"], json!(cola));
        assert_eq!(refused.body["fields"][0]["left_milli"], -1000);
    }
);

on_both_dbs!(
    bad_input_is_a_clear_problem_and_sells_nothing,
    async |shop: &TestApp| {
        let cola = shop.product(COLA, 300, 50).await;
        let sale = |line: serde_json::Value| {
            json!({ "id": new_uuid(), "channel": "pos", "lines": [line],
            "payments": [{ "method": "cash", "tendered_fen": 100_000 }] })
        };
        let rows = [
            (
                sale(json!({ "barcode": "6909999999996" })),
                404,
                "unknown_barcode",
            ),
            (
                sale(json!({ "barcode": "6901234567891" })),
                422,
                "bad_check_digit",
            ),
            (
                sale(json!({ "barcode": COLA, "qty_milli": -1000 })),
                422,
                "bad_quantity",
            ),
            (
                sale(json!({ "barcode": COLA, "qty_milli": 0 })),
                422,
                "bad_quantity",
            ),
            (
                sale(json!({ "barcode": COLA, "qty_milli": 1500 })),
                422,
                "bad_quantity",
            ),
            (
                sale(json!({ "barcode": COLA, "qty_milli": i64::MAX })),
                422,
                "bad_quantity",
            ),
            (
                sale(json!({ "product_id": 999_999 })),
                422,
                "unknown_product",
            ),
            (
                sale(json!({ "barcode": COLA, "price_fen": 1 })),
                422,
                "invalid_request",
            ),
            (
                json!({ "id": new_uuid(), "channel": "pos", "lines": [] }),
                422,
                "invalid_request",
            ),
            (
                json!({ "id": "nonsense", "channel": "pos", "lines": [] }),
                422,
                "invalid_request",
            ),
            (
                json!({ "id": new_uuid(), "channel": "moon", "lines": [{ "barcode": COLA }] }),
                422,
                "invalid_request",
            ),
        ];
        for (body, status, code) in rows {
            let answer = shop.post(&shop.till, "/api/v1/orders", body.clone()).await;
            assert_eq!(
                (answer.status.as_u16(), answer.code()),
                (status, code),
                "{body}"
            );
            assert_eq!(answer.headers["content-type"], "application/problem+json");
            assert!(answer.body["request_id"].is_string());
        }
        let little = json!({ "id": new_uuid(), "channel": "pos", "lines": [{ "barcode": COLA }],
        "payments": [{ "method": "cash", "tendered_fen": 299 }] });
        let answer = shop.post(&shop.till, "/api/v1/orders", little).await;
        assert_eq!(answer.code(), "insufficient_tender");
        assert_eq!(answer.body["fields"][0]["due_fen"], 300);
        assert_eq!(shop.available(cola).await, 50_000);
        assert_eq!(
            shop.get(&shop.till, "/api/v1/orders").await.expect(200)["items"],
            json!([])
        );
    }
);

on_both_dbs!(
    a_body_of_ten_megabytes_is_refused,
    async |shop: &TestApp| {
        let body = json!({ "id": new_uuid(), "channel": "pos", "lines": [], "member": "x".repeat(10 << 20) });
        let answer = shop.post(&shop.till, "/api/v1/orders", body).await;
        assert_eq!(
            (answer.status.as_u16(), answer.code()),
            (413, "body_too_large")
        );
    }
);

on_both_dbs!(who_may_sell_is_asked_first, async |shop: &TestApp| {
    let body = cash_sale(new_uuid(), "pos", &[COLA]);
    let rows = [
        ("", 401, "unauthenticated"),
        ("as_gone", 401, "unauthenticated"),
        (shop.cashier.as_str(), 422, "terminal_required"),
    ];
    for (token, status, code) in rows {
        let answer = shop.post(token, "/api/v1/orders", body.clone()).await;
        assert_eq!((answer.status.as_u16(), answer.code()), (status, code));
    }
});

on_both_dbs!(
    the_till_is_told_when_its_price_is_old,
    async |shop: &TestApp| {
        let cola = shop.product(COLA, 300, 50).await;
        shop.patch(
            &shop.admin,
            &format!("/api/v1/products/{cola}"),
            json!({ "price_fen": 350 }),
        )
        .await
        .expect(200);
        let mut body = cash_sale(new_uuid(), "pos", &[COLA]);
        body["expect_total_fen"] = json!(300);
        let answer = shop.post(&shop.till, "/api/v1/orders", body).await;
        assert_eq!(
            (answer.status.as_u16(), answer.code()),
            (409, "price_changed")
        );
        assert_eq!(answer.body["fields"][0]["total_fen"], 350);
    }
);

on_both_dbs!(
    a_sale_made_offline_counts_for_the_day_it_happened,
    async |shop: &TestApp| {
        shop.product(COLA, 300, 50).await;
        let mut late = cash_sale(new_uuid(), "pos", &[COLA]);
        late["sold_at"] = json!("2026-11-21T09:00:00+08:00");
        let order = shop
            .post(&shop.till, "/api/v1/orders", late)
            .await
            .expect(201);
        assert_eq!(order["no"], "20261121-01-000001");
        let today = shop
            .post(
                &shop.till,
                "/api/v1/orders",
                cash_sale(new_uuid(), "pos", &[COLA]),
            )
            .await
            .expect(201);
        assert_eq!(today["no"], "20261122-01-000001");
    }
);
