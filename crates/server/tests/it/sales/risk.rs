//! What is worth a look: counted for each person, compared with colleagues.

use aisle_domain::identity::Role;
use aisle_domain::ids::StoreId;
use aisle_server::clock::new_uuid;
use serde_json::{Value, json};

use crate::harness::{TestApp, cash_sale, request};
use crate::on_both_dbs;

const COLA: &str = "6901234567892";
const SALES: usize = 13;

/// Somebody at the till.
async fn at_till(shop: &TestApp, token: &str, path: &str, body: Value) -> Value {
    let mut request = request("POST", token, path, Some(body));
    let device = shop.till.parse().unwrap();
    request.headers_mut().insert("x-aisle-terminal", device);
    let answer = shop.send(request).await;
    assert!(answer.status.is_success(), "{path}: {}", answer.body);
    answer.body
}

async fn sell(shop: &TestApp, token: &str, count: usize) {
    for _ in 0..count {
        let order = cash_sale(new_uuid(), "pos", &[COLA]);
        at_till(shop, token, "/api/v1/orders", order).await;
    }
}

async fn happen(shop: &TestApp, token: &str, kind: &str, at: &str, count: usize) {
    let item = || json!({ "id": new_uuid(), "kind": kind, "at": at });
    let items: Vec<Value> = (0..count).map(|_| item()).collect();
    at_till(
        shop,
        token,
        "/api/v1/till-events",
        json!({ "items": items }),
    )
    .await;
}

fn figure<'a>(risk: &'a Value, username: &str, kind: &str) -> &'a Value {
    let kinds = risk["kinds"].as_array().unwrap();
    let at = kinds.iter().position(|each| each["kind"] == kind).unwrap();
    let people = risk["people"].as_array().unwrap();
    let person = people.iter().find(|each| each["username"] == username);
    &person.unwrap_or_else(|| panic!("{username} is not in {risk}"))["figures"][at]
}

on_both_dbs!(
    who_does_much_more_than_colleagues_is_marked,
    async |shop: &TestApp| {
        shop.product(COLA, 300, 1000).await;
        let mut people = Vec::new();
        for role in [Role::Cashier, Role::HeadCashier, Role::Manager] {
            people.push(shop.person_of(role, StoreId(1)).await);
        }
        for token in people.iter().chain([&shop.cashier]) {
            sell(shop, token, SALES).await;
            happen(shop, token, "void_line", "2026-11-22T01:30:00Z", 1).await;
        }
        happen(shop, &shop.cashier, "void_line", "2026-11-22T01:31:00Z", 7).await;
        // At three at night, when the store is closed.
        happen(
            shop,
            &shop.cashier,
            "price_check",
            "2026-11-21T19:00:00Z",
            5,
        )
        .await;
        // The days asked for end now, and what happens now is not in them.
        shop.app.clock.advance_ms(1);
        let risk = shop.get(&shop.manager, "/api/v1/risk").await.expect(200);
        assert_eq!(risk["usual_hours"], json!([10, 11]));
        assert_eq!(
            risk["people"][0]["username"], "cashier",
            "marked come first"
        );
        assert_eq!(risk["people"][0]["orders"], json!(SALES));
        let voids = figure(&risk, "cashier", "void_line");
        let expected =
            json!({ "count": 8, "rate_milli": 61_539, "median_milli": 7692, "unusual": true });
        assert_eq!(voids, &expected);
        let other = figure(&risk, "manager-1", "void_line");
        assert_eq!(
            (&other["count"], &other["unusual"]),
            (&json!(1), &json!(false))
        );
        let night = figure(&risk, "cashier", "night");
        assert_eq!(
            (&night["count"], &night["unusual"]),
            (&json!(5 + 8), &json!(true))
        );
        let checks = figure(&risk, "cashier", "price_check");
        assert_eq!(
            (&checks["count"], &checks["unusual"]),
            (&json!(5), &json!(false))
        );
        let before = "/api/v1/risk?from=2026-11-01T00:00:00Z&to=2026-11-20T00:00:00Z";
        let before = shop.get(&shop.manager, before).await.expect(200);
        assert_eq!(
            (&before["people"], &before["usual_hours"]),
            (&json!([]), &Value::Null)
        );
        let elsewhere = shop.person_of(Role::Manager, StoreId(2)).await;
        let elsewhere = shop.get(&elsewhere, "/api/v1/risk").await.expect(200);
        assert_eq!(elsewhere["people"], json!([]));
    }
);

on_both_dbs!(
    a_cancelled_order_counts_for_who_cancelled_it,
    async |shop: &TestApp| {
        shop.product(COLA, 300, 10).await;
        let id = new_uuid();
        let order = json!({ "id": id, "channel": "pos", "lines": [{ "barcode": COLA }] });
        at_till(shop, &shop.manager, "/api/v1/orders", order).await;
        let path = format!("/api/v1/orders/{id}/cancel");
        shop.post(&shop.manager, &path, json!({ "reason": "wrong" }))
            .await
            .expect(200);
        shop.app.clock.advance_ms(1);
        let risk = shop.get(&shop.manager, "/api/v1/risk").await.expect(200);
        let cancelled = figure(&risk, "manager", "order_cancel");
        assert_eq!(
            (&cancelled["count"], &cancelled["median_milli"]),
            (&json!(1), &Value::Null)
        );
    }
);

on_both_dbs!(
    a_lock_after_wrong_passwords_is_told_once_an_hour,
    async |shop: &TestApp| {
        let guess = async |username: &str| {
            let body = json!({ "username": username, "password": "wrong" });
            shop.post("", "/api/v1/sessions", body).await.status
        };
        let locks = async || {
            let path = "/api/v1/operations?action=user.locked";
            shop.get(&shop.admin, path).await.expect(200)["items"].clone()
        };
        for _ in 0..4 {
            assert_eq!(guess("cashier").await, 401);
        }
        assert_eq!(locks().await, json!([]), "four slips are nobody's business");
        for expected in [401, 429, 429] {
            assert_eq!(guess("cashier").await, expected);
        }
        shop.app.clock.advance_ms(10 * 60_000);
        assert_eq!(guess("cashier").await, 401, "and locks again");
        let told = locks().await;
        assert_eq!(told.as_array().map(Vec::len), Some(1), "{told}");
        assert_eq!(told[0]["actor"], "system");
        assert_eq!(told[0]["detail"]["username"], "cashier");
        assert_eq!(told[0]["detail"]["kind"], "password");
        let risk = shop.get(&shop.admin, "/api/v1/risk").await.expect(200);
        assert_eq!(
            figure(&risk, "cashier", "sign_in_locked")["count"],
            json!(1)
        );
        shop.app.clock.advance_ms(60 * 60_000);
        guess("cashier").await;
        assert_eq!(locks().await.as_array().map(Vec::len), Some(2));
        for _ in 0..6 {
            guess("nobody").await;
        }
        let told = locks().await;
        assert_eq!(
            (&told[0]["target"], &told[0]["detail"]["username"]),
            (&json!(""), &Value::Null)
        );
    }
);

on_both_dbs!(the_range_of_days_is_bounded, async |shop: &TestApp| {
    for query in [
        "from=2026-01-01T00:00:00Z",
        "from=2026-11-23T00:00:00Z&to=2026-11-22T00:00:00Z",
        "from=yesterday",
    ] {
        let answer = shop
            .get(&shop.manager, &format!("/api/v1/risk?{query}"))
            .await;
        assert_eq!(
            (answer.status.as_u16(), answer.code()),
            (422, "invalid_request")
        );
    }
    let answer = shop.get(&shop.cashier, "/api/v1/risk").await;
    assert_eq!(answer.code(), "denied");
});
