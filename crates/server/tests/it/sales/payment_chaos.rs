//! Money is conserved whatever gateways do: what customers paid less what they got back is what we booked.

use aisle_db::{Engine, Sql};
use aisle_server::clock::{new_uuid, random_bytes};
use serde_json::json;

use crate::gateways::{Gateways, code, pass, pay};
use crate::harness::TestApp;

const COLA: &str = "6901234567892";
const ORDERS: usize = 60;
/// What may go wrong, each as likely as the others; the real waits of a time-out are another test's.
const SCENARIOS: [&str; 14] = [
    "success",
    "success",
    "user_paying:7",
    "user_paying_forever",
    "not_enough",
    "code_expired",
    "reset_before",
    "reset_after",
    "wrong_signature",
    "system_error_paid",
    "system_error_unpaid",
    "rate_limited",
    "user_paying:30,reverse_recall:2",
    "reset_after,query_reset_before:3",
];

fn one_of<T: Copy>(all: &[T]) -> T {
    let chance = u64::from_be_bytes(random_bytes::<8>());
    all[usize::try_from(chance).unwrap_or(0) % all.len()]
}

async fn money_is_conserved(engine: Engine) {
    let shop = TestApp::on(engine).await;
    shop.product(COLA, 300, 1000).await;
    let gateways = Gateways::beside(&shop).await;
    for _ in 0..ORDERS {
        let scenario = one_of(&SCENARIOS);
        gateways.plan(scenario).await;
        let id = new_uuid().to_string();
        let order = json!({ "id": id, "channel": "pos", "lines": [{ "barcode": COLA }] });
        let placed = shop.at_till("POST", "/api/v1/orders", order, None).await;
        placed.expect(201);
        let body =
            json!({ "id": new_uuid(), "method": "code", "auth_code": code(one_of(&["13", "28"])) });
        // A channel that does not answer is closed for a while, which is an answer too.
        let asked = pay(&shop, &id, body).await;
        assert!(
            [200, 503].contains(&asked.status.as_u16()),
            "{scenario}: {}",
            asked.body
        );
        pass(&shop, one_of(&[0, 1, 3, 20])).await;
        if asked.body["order"]["status"] != "paid" && one_of(&[true, false]) {
            let path = format!("/api/v1/orders/{id}/cancel");
            shop.post(&shop.manager, &path, json!({ "reason": "顾客走了" }))
                .await;
        }
    }
    // Longer than any attempt stays uncertain.
    pass(&shop, 400).await;
    let number = async |sql: &str| {
        Sql::new(sql)
            .number(shop.app.db.read_fresh())
            .await
            .unwrap()
    };
    let open = number("SELECT COUNT(*) FROM payments WHERE status NOT IN ('succeeded', 'failed', 'reversed', 'late_paid')").await;
    assert_eq!(open, 0, "money in doubt");
    let booked = number("SELECT CAST(COALESCE(SUM(amount_fen), 0) AS BIGINT) FROM payments WHERE status IN ('succeeded', 'late_paid')").await;
    let returned = number(
        "SELECT CAST(COALESCE(SUM(amount_fen), 0) AS BIGINT) FROM payment_refunds WHERE state = 'succeeded'",
    )
    .await;
    assert_eq!(booked - returned, gateways.net_fen().await);
    let twice = number(
        "SELECT COUNT(*) FROM (SELECT order_id FROM payments WHERE status = 'succeeded' GROUP BY order_id HAVING COUNT(*) > 1) t",
    )
    .await;
    assert_eq!(twice, 0, "charged twice");
    shop.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sqlite() {
    money_is_conserved(Engine::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres() {
    money_is_conserved(Engine::Postgres).await;
}
