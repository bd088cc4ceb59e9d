//! Brands, units and tags: one name each, and what becomes of goods that carry them.

use serde_json::{Value, json};

use crate::harness::TestApp;
use crate::on_both_dbs;

const COLA: &str = "6901234567892";

async fn made(shop: &TestApp, path: &str, body: Value) -> i64 {
    let made = shop.post(&shop.admin, path, body).await.expect(201);
    made["id"].as_i64().unwrap()
}

async fn version(shop: &TestApp) -> i64 {
    let copy = shop.get(&shop.till, "/api/v1/catalogue").await.expect(200);
    copy["version"].as_i64().unwrap()
}

on_both_dbs!(
    a_brand_in_use_stays_and_a_name_is_taken_once,
    async |shop: &TestApp| {
        let id = shop.product(COLA, 300, 0).await;
        let brand = made(shop, "/api/v1/brands", json!({ "name": " 可口可乐 " })).await;
        let other = made(shop, "/api/v1/brands", json!({ "name": "百事" })).await;
        let path = format!("/api/v1/products/{id}");
        shop.patch(&shop.admin, &path, json!({ "brand_id": brand }))
            .await
            .expect(200);
        let list = shop.get(&shop.cashier, "/api/v1/brands").await.expect(200);
        assert_eq!(list["next"], Value::Null);
        let mut counts: Vec<(i64, &str, i64)> = list["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|row| {
                (
                    row["id"].as_i64().unwrap(),
                    row["name"].as_str().unwrap(),
                    row["products"].as_i64().unwrap(),
                )
            })
            .collect();
        counts.sort_unstable();
        assert_eq!(counts, [(brand, "可口可乐", 1), (other, "百事", 0)]);

        let taken = shop
            .post(&shop.admin, "/api/v1/brands", json!({ "name": "百事" }))
            .await;
        assert_eq!((taken.status.as_u16(), taken.code()), (409, "name_taken"));
        let own_name = format!("/api/v1/brands/{other}");
        shop.patch(&shop.admin, &own_name, json!({ "name": "百事" }))
            .await
            .expect(200);
        let used = shop
            .delete(&shop.admin, &format!("/api/v1/brands/{brand}"))
            .await;
        assert_eq!((used.status.as_u16(), used.code()), (409, "still_in_use"));
        assert_eq!(used.body["fields"][0]["products"], 1);
        shop.delete(&shop.admin, &own_name).await.expect(204);
        let gone = shop.delete(&shop.admin, &own_name).await;
        assert_eq!(gone.status.as_u16(), 404);
    }
);

on_both_dbs!(a_changed_unit_reaches_the_tills, async |shop: &TestApp| {
    let id = shop.product(COLA, 300, 0).await;
    let path = format!("/api/v1/products/{id}");
    let product = shop.get(&shop.till, &path).await.expect(200);
    let unit = product["unit_id"].as_i64().unwrap();
    let before = version(shop).await;
    let body = json!({ "name": "千克", "weighed": true });
    let changed = shop
        .patch(&shop.admin, &format!("/api/v1/units/{unit}"), body)
        .await
        .expect(200);
    assert_eq!(
        changed,
        json!({ "id": unit, "name": "千克", "weighed": true })
    );
    let copy = shop
        .get(&shop.till, &format!("/api/v1/catalogue?since={before}"))
        .await
        .expect(200);
    assert_eq!(copy["items"][0]["id"], id);
    assert_eq!(copy["items"][0]["unit"], "千克");
    assert_eq!(copy["items"][0]["weighed"], true);
    let used = shop
        .delete(&shop.admin, &format!("/api/v1/units/{unit}"))
        .await;
    assert_eq!(used.code(), "still_in_use");
});

on_both_dbs!(a_deleted_tag_falls_off_its_goods, async |shop: &TestApp| {
    let id = shop.product(COLA, 300, 0).await;
    let body = json!({ "name": "促销", "color": "#0F8A4B" });
    let tag = made(shop, "/api/v1/tags", body).await;
    let kept = made(shop, "/api/v1/tags", json!({ "name": "冷藏" })).await;
    let path = format!("/api/v1/products/{id}");
    shop.patch(&shop.admin, &path, json!({ "tags": [tag, kept] }))
        .await
        .expect(200);
    let before = version(shop).await;
    shop.delete(&shop.admin, &format!("/api/v1/tags/{tag}"))
        .await
        .expect(204);
    let product = shop.get(&shop.till, &path).await.expect(200);
    assert_eq!(product["tags"], json!([kept]));
    assert!(version(shop).await > before);
});

on_both_dbs!(
    goods_cannot_be_described_by_what_is_not_there,
    async |shop: &TestApp| {
        let id = shop.product(COLA, 300, 0).await;
        let path = format!("/api/v1/products/{id}");
        for (field, value) in [
            ("brand_id", json!(99)),
            ("category_id", json!(99)),
            ("unit_id", json!(99)),
            ("tags", json!([99])),
        ] {
            let answer = shop
                .patch(&shop.admin, &path, json!({ field: value }))
                .await;
            assert_eq!(answer.code(), "invalid_request", "{field}");
            assert_eq!(answer.body["fields"][0]["name"], field);
        }
    }
);

on_both_dbs!(
    describing_needs_the_right_and_good_fields,
    async |shop: &TestApp| {
        for (token, body, status) in [
            (&shop.cashier, json!({ "name": "红" }), 403),
            (&shop.manager, json!({ "name": "" }), 422),
            (&shop.manager, json!({}), 422),
            (&shop.manager, json!({ "name": "红", "color": "red" }), 422),
            (&shop.manager, json!({ "name": "红", "size": 1 }), 422),
        ] {
            let answer = shop.post(token, "/api/v1/tags", body.clone()).await;
            assert_eq!(answer.status.as_u16(), status, "{body}");
        }
    }
);
