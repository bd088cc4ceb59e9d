//! The tree of categories: counted, moved, kept free of cycles.

use serde_json::{Value, json};

use crate::harness::TestApp;
use crate::on_both_dbs;

async fn category(shop: &TestApp, name: &str, parent: Option<i64>) -> i64 {
    let body = json!({ "name": name, "parent_id": parent });
    let made = shop
        .post(&shop.manager, "/api/v1/categories", body)
        .await
        .expect(201);
    made["id"].as_i64().unwrap()
}

on_both_dbs!(
    a_category_counts_the_goods_below_it_too,
    async |shop: &TestApp| {
        let food = category(shop, "食品", None).await;
        let drinks = category(shop, "饮料", Some(food)).await;
        for (barcode, category) in [("6901234567892", drinks), ("6900000000014", food)] {
            let id = shop.product(barcode, 300, 0).await;
            let path = format!("/api/v1/products/{id}");
            shop.patch(&shop.admin, &path, json!({ "category_id": category }))
                .await
                .expect(200);
        }
        let list = shop
            .get(&shop.cashier, "/api/v1/categories")
            .await
            .expect(200);
        assert_eq!(
            list["items"],
            json!([
                { "id": food, "parent_id": null, "name": "食品", "sort": 0, "products": 2 },
                { "id": drinks, "parent_id": food, "name": "饮料", "sort": 0, "products": 1 },
            ])
        );
        let shown = shop
            .get(&shop.cashier, &format!("/api/v1/products?category={food}"))
            .await
            .expect(200);
        assert_eq!(shown["items"].as_array().unwrap().len(), 2);
    }
);

on_both_dbs!(
    a_category_is_moved_but_never_below_itself,
    async |shop: &TestApp| {
        let food = category(shop, "食品", None).await;
        let drinks = category(shop, "饮料", Some(food)).await;
        let juice = category(shop, "果汁", Some(drinks)).await;
        let path = format!("/api/v1/categories/{food}");
        for below in [food, juice] {
            let answer = shop
                .patch(&shop.manager, &path, json!({ "parent_id": below }))
                .await;
            assert_eq!(
                (answer.status.as_u16(), answer.code()),
                (409, "category_cycle")
            );
        }
        let moved = shop
            .patch(
                &shop.manager,
                &format!("/api/v1/categories/{juice}"),
                json!({ "parent_id": null, "sort": 5 }),
            )
            .await
            .expect(200);
        assert_eq!(
            moved,
            json!({ "id": juice, "parent_id": Value::Null, "name": "果汁", "sort": 5 })
        );
        shop.patch(&shop.manager, &path, json!({ "parent_id": juice }))
            .await
            .expect(200);
    }
);

on_both_dbs!(a_category_in_use_stays, async |shop: &TestApp| {
    let food = category(shop, "食品", None).await;
    let drinks = category(shop, "饮料", Some(food)).await;
    let id = shop.product("6901234567892", 300, 0).await;
    let product = format!("/api/v1/products/{id}");
    shop.patch(&shop.admin, &product, json!({ "category_id": drinks }))
        .await
        .expect(200);
    for used in [food, drinks] {
        let answer = shop
            .delete(&shop.manager, &format!("/api/v1/categories/{used}"))
            .await;
        assert_eq!(
            (answer.status.as_u16(), answer.code()),
            (409, "category_in_use")
        );
    }
    let twin = json!({ "name": "饮料", "parent_id": food });
    let answer = shop.post(&shop.manager, "/api/v1/categories", twin).await;
    assert_eq!(answer.code(), "name_taken");
    shop.patch(&shop.admin, &product, json!({ "category_id": null }))
        .await
        .expect(200);
    for free in [drinks, food] {
        shop.delete(&shop.manager, &format!("/api/v1/categories/{free}"))
            .await
            .expect(204);
    }
    let denied = shop
        .post(&shop.cashier, "/api/v1/categories", json!({ "name": "x" }))
        .await;
    assert_eq!(denied.code(), "denied");
});
