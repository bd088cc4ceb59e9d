//! The negative control: each way of breaking the record of money is found by name.

use aisle_db::{Engine, Sql};
use aisle_server::clock::new_uuid;
use aisle_server::ops::verify;
use serde_json::json;

use crate::gateways::{Gateways, code, pass, pay};
use crate::harness::TestApp;

const COLA: &str = "6901234567892";
const BREAKS: [(&str, &str); 5] = [
    (
        "UPDATE payment_attempts SET captured_fen = 1",
        "late_money_goes_back",
    ),
    (
        "UPDATE payment_refunds SET amount_fen = 100000",
        "what_goes_back_stays_within_what_was_captured",
    ),
    (
        "DELETE FROM payment_refunds WHERE kind = 'return'",
        "refund_through_a_gateway_is_on_its_way",
    ),
    (
        "UPDATE payments SET status = 'unknown' WHERE method = 'alipay'",
        "uncertain_money_is_looked_after",
    ),
    (
        "UPDATE orders SET state = 'cancelled' WHERE state = 'partly_returned'",
        "paid_order_has_exactly_its_money",
    ),
];

async fn every_break_is_found(engine: Engine) {
    for (sql, invariant) in BREAKS {
        let shop = TestApp::on(engine).await;
        shop.product(COLA, 300, 5).await;
        let _gateways = Gateways::beside(&shop).await;
        let id = new_uuid().to_string();
        let order = json!({ "id": id, "channel": "pos", "lines": [{ "barcode": COLA, "qty_milli": 2000 }] });
        let placed = shop.at_till("POST", "/api/v1/orders", order, None).await;
        placed.expect(201);
        let body = json!({ "id": new_uuid(), "method": "code", "auth_code": code("28") });
        pay(&shop, &id, body).await.expect(200);
        let back = json!({ "id": new_uuid(), "reason": "坏了", "lines": [{ "line_no": 1, "qty_milli": 1000 }] });
        let path = format!("/api/v1/orders/{id}/returns");
        shop.post(&shop.manager, &path, back).await.expect(201);
        pass(&shop, 2).await;
        let holds = verify::verify(&shop.app.db).await.unwrap();
        assert!(holds.iter().all(|finding| finding.holds), "{holds:?}");
        let done: aisle_db::Result<u64> =
            aisle_db::transact!(shop.app.db, |tx| Sql::new(sql).run(tx).await);
        assert!(done.unwrap() > 0, "{sql}");
        let findings = verify::verify(&shop.app.db).await.unwrap();
        let broken: Vec<_> = findings
            .iter()
            .filter(|finding| !finding.holds)
            .map(|finding| finding.invariant)
            .collect();
        assert!(broken.contains(&invariant), "{sql}: {broken:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sqlite() {
    every_break_is_found(Engine::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres() {
    every_break_is_found(Engine::Postgres).await;
}
