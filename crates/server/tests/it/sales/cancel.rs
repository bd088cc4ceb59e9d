//! Orders that wait for payment.

use aisle_server::clock::new_uuid;
use serde_json::json;
use uuid::Uuid;

use crate::harness::TestApp;
use crate::on_both_dbs;

const COLA: &str = "6901234567892";

async fn reserve(shop: &TestApp, pieces: i64) -> Uuid {
    let id = new_uuid();
    let body = json!({ "id": id, "channel": "kiosk", "lines": [{ "barcode": COLA, "qty_milli": pieces * 1000 }] });
    let order = shop
        .post(&shop.kiosk, "/api/v1/orders", body)
        .await
        .expect(201);
    assert_eq!(order["status"], "received");
    id
}

on_both_dbs!(
    an_unpaid_order_keeps_its_goods_until_it_is_cancelled_once,
    async |shop: &TestApp| {
        let cola = shop.product(COLA, 300, 10).await;
        let id = reserve(shop, 4).await;
        assert_eq!(shop.available(cola).await, 6000);
        let path = format!("/api/v1/orders/{id}/cancel");
        for _ in 0..3 {
            let order = shop
                .post(&shop.manager, &path, json!({ "reason": "顾客不要了" }))
                .await
                .expect(200);
            assert_eq!(order["status"], "cancelled");
            assert_eq!(order["events"].as_array().unwrap().len(), 2);
        }
        assert_eq!(shop.available(cola).await, 10_000);
        let late = json!({ "id": new_uuid(), "method": "cash", "tendered_fen": 5000 });
        let refused = shop
            .post(&shop.till, &format!("/api/v1/orders/{id}/payments"), late)
            .await;
        assert_eq!(
            (refused.status.as_u16(), refused.code()),
            (409, "order_not_payable")
        );
    }
);

on_both_dbs!(
    paying_turns_the_promise_into_a_sale_once,
    async |shop: &TestApp| {
        let cola = shop.product(COLA, 300, 10).await;
        let id = reserve(shop, 4).await;
        let pay = json!({ "id": new_uuid(), "method": "cash", "tendered_fen": 2000 });
        for _ in 0..2 {
            let answer = shop
                .post(
                    &shop.till,
                    &format!("/api/v1/orders/{id}/payments"),
                    pay.clone(),
                )
                .await
                .expect(200);
            assert_eq!(answer["status"], "succeeded");
            assert_eq!(answer["change_fen"], 800);
            assert_eq!(answer["order"]["status"], "paid");
        }
        assert_eq!(shop.available(cola).await, 6000);
        let cancel = shop
            .post(
                &shop.manager,
                &format!("/api/v1/orders/{id}/cancel"),
                json!({ "reason": "late" }),
            )
            .await;
        assert_eq!(cancel.code(), "order_not_cancellable");
    }
);

on_both_dbs!(
    ten_cancels_at_once_release_the_goods_once,
    async |shop: &TestApp| {
        let cola = shop.product(COLA, 300, 10).await;
        let id = reserve(shop, 10).await;
        let path = format!("/api/v1/orders/{id}/cancel");
        let cancels =
            (0..10).map(|_| shop.post(&shop.manager, &path, json!({ "reason": "twice" })));
        for answer in futures_util::future::join_all(cancels).await {
            answer.expect(200);
        }
        assert_eq!(shop.available(cola).await, 10_000);
    }
);

on_both_dbs!(a_till_by_itself_cancels_nothing, async |shop: &TestApp| {
    shop.product(COLA, 300, 10).await;
    let id = reserve(shop, 1).await;
    let path = format!("/api/v1/orders/{id}/cancel");
    let body = json!({ "reason": "顾客不要了" });
    for token in [&shop.till, &shop.kiosk] {
        let refused = shop.post(token, &path, body.clone()).await;
        assert_eq!((refused.status.as_u16(), refused.code()), (403, "denied"));
    }
    let alone = shop.at_till("POST", &path, body.clone(), None).await;
    assert_eq!(alone.code(), "approval_needed");
    let yes = shop.manager_agrees("order.cancel").await;
    let order = shop.at_till("POST", &path, body, Some(&yes)).await;
    assert_eq!(order.expect(200)["status"], "cancelled");
    let logged = shop.last_operation("order.cancel").await;
    assert_eq!(
        (&logged["actor"], &logged["approver"]),
        (&json!("cashier"), &json!("manager"))
    );
});

on_both_dbs!(
    an_order_of_another_store_is_not_there,
    async |shop: &TestApp| {
        shop.product(COLA, 300, 10).await;
        let id = reserve(shop, 1).await;
        let body = json!({ "store_id": 2, "name": "other", "kind": "pos" });
        let other = shop
            .post(&shop.admin, "/api/v1/terminals", body)
            .await
            .expect(201);
        let token = other["token"].as_str().unwrap();
        let foreign = shop.get(token, &format!("/api/v1/orders/{id}")).await;
        let absent = shop
            .get(token, &format!("/api/v1/orders/{}", new_uuid()))
            .await;
        assert_eq!(
            (foreign.status, foreign.code()),
            (absent.status, absent.code())
        );
    }
);
