//! Health, events, the document, and proof that broken books are seen.

use aisle_server::clock::new_uuid;
use aisle_server::ops::verify;
use axum::http::header;
use http_body_util::BodyExt;
use serde_json::json;
use tower::ServiceExt;

use crate::harness::{TestApp, cash_sale, request};
use crate::on_both_dbs;

const COLA: &str = "6901234567892";

on_both_dbs!(probes_and_metrics_answer, async |shop: &TestApp| {
    shop.product(COLA, 300, 5).await;
    shop.post(
        &shop.till,
        "/api/v1/orders",
        cash_sale(new_uuid(), "pos", &[COLA]),
    )
    .await
    .expect(201);
    for path in ["/livez", "/readyz"] {
        assert_eq!(shop.get("", path).await.status, 200);
    }
    let metrics = shop.get("", "/metrics").await;
    let text = String::from_utf8(metrics.bytes).unwrap();
    assert!(text.contains("aisle_orders_total"), "{text}");
    shop.app.tasks.begin_stop();
    assert_eq!(shop.get("", "/readyz").await.status, 503);
});

on_both_dbs!(
    a_price_change_reaches_listening_tills,
    async |shop: &TestApp| {
        let cola = shop.product(COLA, 300, 5).await;
        let listen = request("GET", &shop.till, "/api/v1/events", None);
        let response = aisle_server::router::router(shop.app.clone())
            .oneshot(listen)
            .await
            .unwrap();
        assert_eq!(
            response.headers()[header::CONTENT_TYPE],
            "text/event-stream"
        );
        let mut body = response.into_body();
        body.frame().await.unwrap().unwrap();
        shop.patch(
            &shop.admin,
            &format!("/api/v1/products/{cola}"),
            json!({ "price_fen": 350 }),
        )
        .await
        .expect(200);
        let frame = body.frame().await.unwrap().unwrap().into_data().unwrap();
        let text = String::from_utf8(frame.to_vec()).unwrap();
        assert!(text.contains("event: price.changed"), "{text}");
        let version = shop
            .get(&shop.till, "/api/v1/catalogue?since=0")
            .await
            .expect(200)["version"]
            .as_i64()
            .unwrap();
        let change = shop
            .get(
                &shop.till,
                &format!("/api/v1/catalogue?since={}", version - 1),
            )
            .await
            .expect(200);
        assert_eq!(change["items"][0]["price_fen"], 350);
    }
);

on_both_dbs!(
    an_unknown_call_and_a_wrong_method_are_problems,
    async |shop: &TestApp| {
        let absent = shop.get(&shop.admin, "/api/v1/nothing").await;
        assert_eq!((absent.status.as_u16(), absent.code()), (404, "not_found"));
        let wrong = shop.delete(&shop.admin, "/api/v1/products").await;
        assert_eq!(
            (wrong.status.as_u16(), wrong.code()),
            (405, "method_not_allowed")
        );
        let odd = shop.get(&shop.admin, "/api/v1/products?colour=red").await;
        assert_eq!((odd.status.as_u16(), odd.code()), (422, "invalid_request"));
    }
);

#[test]
fn the_committed_openapi_document_is_current() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../openapi.json");
    let committed = std::fs::read_to_string(path).unwrap();
    let current = aisle_server::router::openapi().to_pretty_json().unwrap() + "\n";
    assert!(
        committed == current,
        "openapi.json is not current: run `make gen`"
    );
}

mod broken_books {
    //! The negative control: each way of breaking the books is found by name.

    use super::*;
    use aisle_db::Sql;
    use aisle_db::testing::lift_append_only;

    const BREAKS: [(&str, &str); 21] = [
        (
            "UPDATE stock_levels SET on_hand_milli = on_hand_milli + 1",
            "stock_ledger_sums_to_level",
        ),
        (
            "DELETE FROM stock_ledger WHERE reason = 'sale'",
            "paid_line_has_one_stock_entry",
        ),
        (
            "UPDATE stock_levels SET reserved_milli = 7",
            "reserved_equals_open_orders",
        ),
        (
            "UPDATE orders SET total_fen = total_fen + 1",
            "order_total_is_lines_and_rounding",
        ),
        ("DELETE FROM payments", "paid_order_has_exactly_its_money"),
        (
            "UPDATE orders SET seq = seq + 8",
            "receipt_numbers_have_no_gaps",
        ),
        (
            "DELETE FROM order_events WHERE kind = 'paid'",
            "order_events_tell_its_state",
        ),
        (
            "UPDATE order_return_lines SET qty_milli = 2000",
            "returns_stay_within_what_was_sold",
        ),
        (
            "UPDATE orders SET state = 'paid'",
            "order_state_tells_its_returns",
        ),
        (
            "UPDATE order_returns SET refund_fen = 299",
            "return_is_its_lines_and_its_refunds",
        ),
        (
            "UPDATE refunds SET amount_fen = 301",
            "refunds_stay_within_what_was_paid",
        ),
        (
            "UPDATE stock_ledger SET value_delta_fen = 0 WHERE reason = 'return'",
            "returned_line_has_one_stock_entry",
        ),
        (
            "UPDATE order_returns SET seq = seq + 2",
            "return_numbers_have_no_gaps",
        ),
        (
            "UPDATE exchanges SET credit_fen = 1",
            "exchange_is_a_return_and_its_order",
        ),
        (
            "DELETE FROM exchanges",
            "exchange_is_a_return_and_its_order",
        ),
        (
            "UPDATE blind_returns SET refund_fen = 299",
            "blind_return_is_its_lines",
        ),
        (
            "UPDATE blind_return_lines SET cost_fen = 1",
            "blind_return_line_has_one_stock_entry",
        ),
        (
            "DELETE FROM blind_return_lines",
            "return_entry_belongs_to_a_line",
        ),
        (
            "UPDATE blind_returns SET seq = 3",
            "blind_return_numbers_have_no_gaps",
        ),
        (
            "UPDATE price_overrides SET unit_price_fen = 1",
            "given_price_is_used_by_one_line",
        ),
        (
            "UPDATE operation_log SET detail = 'nothing' WHERE id = 2",
            "operation_log_is_one_chain",
        ),
    ];

    /// A cola for another.
    async fn exchange(shop: &TestApp) {
        let sale = new_uuid();
        shop.post(
            &shop.till,
            "/api/v1/orders",
            cash_sale(sale, "pos", &[COLA]),
        )
        .await
        .expect(201);
        let ask = json!({ "id": new_uuid(), "order_id": new_uuid(), "reason": "换一瓶",
            "lines": [{ "line_no": 1, "qty_milli": 1000 }], "goods": [{ "barcode": COLA }] });
        let path = format!("/api/v1/orders/{sale}/exchanges");
        let at_till = (shop.manager.as_str(), shop.till.as_str());
        shop.by(at_till, ("POST", &path), ask, None)
            .await
            .expect(201);
    }

    async fn every_break_is_found(engine: aisle_db::Engine) {
        for (sql, invariant) in BREAKS {
            let shop = TestApp::on(engine).await;
            let cola = shop.product(COLA, 300, 5).await;
            let sale = new_uuid();
            let mut order = cash_sale(sale, "pos", &[COLA]);
            order["lines"][0]["price_override"] = json!(shop.give_price(cola, 300).await);
            shop.post(&shop.till, "/api/v1/orders", order)
                .await
                .expect(201);
            let back = json!({ "reason": "坏了", "lines": [{ "line_no": 1, "qty_milli": 1000 }] });
            shop.post(
                &shop.manager,
                &format!("/api/v1/orders/{sale}/returns"),
                back,
            )
            .await
            .expect(201);
            exchange(&shop).await;
            let blind = json!({ "reason": "坏了", "lines": [{ "barcode": COLA }] });
            let path = format!("/api/v1/blind-returns/{}", new_uuid());
            let yes = shop.manager_agrees("order.return_blind").await;
            shop.at_till("PUT", &path, blind, Some(&yes))
                .await
                .expect(201);
            for table in ["operation_log", "stock_ledger", "order_events"] {
                lift_append_only(&shop.app.db, table).await.unwrap();
            }
            let done: aisle_db::Result<u64> =
                aisle_db::transact!(shop.app.db, |tx| Sql::new(sql).run(tx).await);
            assert!(done.unwrap() > 0, "{sql}");
            let findings = verify::verify(&shop.app.db).await.unwrap();
            let broken: Vec<_> = findings
                .iter()
                .filter(|f| !f.holds)
                .map(|f| f.invariant)
                .collect();
            assert!(broken.contains(&invariant), "{sql}: {broken:?}");
        }
    }

    #[tokio::test]
    async fn sqlite() {
        every_break_is_found(aisle_db::Engine::Sqlite).await;
    }

    #[tokio::test]
    async fn postgres() {
        every_break_is_found(aisle_db::Engine::Postgres).await;
    }
}
