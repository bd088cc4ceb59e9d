//! Many goods changed in one way: the preview changes nothing, applying is all or nothing.

use serde_json::{Value, json};

use crate::harness::{Answer, TestApp};
use crate::on_both_dbs;

const COLA: &str = "6901234567892";
const WATER: &str = "6900000000014";

async fn bulk(shop: &TestApp, ids: &[i64], change: Value, preview: bool) -> Answer {
    let body = json!({ "ids": ids, "change": change, "preview": preview });
    shop.post(&shop.manager, "/api/v1/products/bulk", body)
        .await
}

async fn field(shop: &TestApp, id: i64, name: &str) -> Value {
    let path = format!("/api/v1/products/{id}");
    shop.get(&shop.manager, &path).await.expect(200)[name].clone()
}

on_both_dbs!(
    a_preview_shows_and_changes_nothing,
    async |shop: &TestApp| {
        let cola = shop.product(COLA, 300, 0).await;
        let water = shop.product(WATER, 199, 0).await;
        let change = json!({ "kind": "price_percent", "value": -1000 });
        let report = bulk(shop, &[cola, water, cola], change.clone(), true)
            .await
            .expect(200);
        assert_eq!(
            report,
            json!({ "applied": 0, "items": [
                { "id": cola, "name": format!("商品 {COLA}"), "before": 300, "after": 270, "problem": null },
                { "id": water, "name": format!("商品 {WATER}"), "before": 199, "after": 179, "problem": null },
            ]})
        );
        assert_eq!(field(shop, cola, "price_fen").await, 300);
        let report = bulk(shop, &[cola, water], change, false).await.expect(200);
        assert_eq!(report["applied"], 2);
        assert_eq!(field(shop, cola, "price_fen").await, 270);
        assert_eq!(field(shop, water, "price_fen").await, 179);
    }
);

on_both_dbs!(
    one_price_below_zero_keeps_all_as_they_were,
    async |shop: &TestApp| {
        let cola = shop.product(COLA, 300, 0).await;
        let water = shop.product(WATER, 100, 0).await;
        let change = json!({ "kind": "price_add", "value": -200 });
        let shown = bulk(shop, &[cola, water], change.clone(), true)
            .await
            .expect(200);
        assert_eq!(shown["items"][0]["problem"], "below_cost");
        assert_eq!(shown["items"][1]["problem"], "negative");
        let refused = bulk(shop, &[cola, water], change, false).await;
        assert_eq!(
            (refused.status.as_u16(), refused.code()),
            (409, "price_out_of_range")
        );
        assert_eq!(refused.body["fields"][0]["product_id"], water);
        assert_eq!(field(shop, cola, "price_fen").await, 300);
    }
);

on_both_dbs!(every_kind_changes_its_field, async |shop: &TestApp| {
    let cola = shop.product(COLA, 300, 0).await;
    let food = shop
        .post(
            &shop.manager,
            "/api/v1/categories",
            json!({ "name": "食品" }),
        )
        .await
        .expect(201)["id"]
        .clone();
    for (kind, value, name, after) in [
        ("price_set", json!(400), "price_fen", json!(400)),
        ("price_add", json!(10), "price_fen", json!(410)),
        (
            "member_price_percent",
            json!(9500),
            "member_price_fen",
            json!(390),
        ),
        ("state", json!("no_sale"), "state", json!("no_sale")),
        ("category", food.clone(), "category_id", food.clone()),
        ("category", Value::Null, "category_id", Value::Null),
        (
            "safety_stock",
            json!(2500),
            "safety_stock_milli",
            json!(2500),
        ),
    ] {
        let change = json!({ "kind": kind, "value": value });
        let report = bulk(shop, &[cola], change, false).await.expect(200);
        assert_eq!(report["items"][0]["after"], after, "{kind}");
        assert_eq!(report["applied"], 1, "{kind}");
        assert_eq!(field(shop, cola, name).await, after, "{kind}");
    }
});

on_both_dbs!(
    what_cannot_be_asked_is_refused_before_anything_changes,
    async |shop: &TestApp| {
        let cola = shop.product(COLA, 300, 0).await;
        for (ids, change, code) in [
            (
                vec![cola, 999],
                json!({ "kind": "price_set", "value": 1 }),
                "unknown_product",
            ),
            (
                vec![],
                json!({ "kind": "price_set", "value": 1 }),
                "invalid_request",
            ),
            (
                vec![cola],
                json!({ "kind": "price_set", "value": "1" }),
                "invalid_request",
            ),
            (
                vec![cola],
                json!({ "kind": "discount", "value": 1 }),
                "invalid_request",
            ),
            (
                vec![cola],
                json!({ "kind": "state", "value": "gone" }),
                "invalid_request",
            ),
            (
                vec![cola],
                json!({ "kind": "category", "value": 77 }),
                "invalid_request",
            ),
        ] {
            for preview in [true, false] {
                let answer = bulk(shop, &ids, change.clone(), preview).await;
                assert_eq!(answer.code(), code, "{change} preview={preview}");
            }
        }
        let body = json!({ "ids": [cola], "change": { "kind": "price_set", "value": 1 } });
        let denied = shop
            .post(&shop.cashier, "/api/v1/products/bulk", body)
            .await;
        assert_eq!(denied.code(), "denied");
        assert_eq!(field(shop, cola, "price_fen").await, 300);
    }
);

on_both_dbs!(two_changes_at_once_are_both_kept, async |shop: &TestApp| {
    let cola = shop.product(COLA, 300, 0).await;
    let path = format!("/api/v1/products/{cola}");
    for round in 0..5 {
        let spec = format!("{round} ml");
        let ids = [cola];
        let (patched, added) = tokio::join!(
            shop.patch(&shop.admin, &path, json!({ "spec": spec })),
            bulk(
                shop,
                &ids,
                json!({ "kind": "price_add", "value": 1 }),
                false
            ),
        );
        patched.expect(200);
        added.expect(200);
        assert_eq!(field(shop, cola, "spec").await, spec.as_str());
    }
    assert_eq!(field(shop, cola, "price_fen").await, 305);
});
