//! Opening stores.

use serde_json::{Value, json};

use crate::harness::TestApp;
use crate::on_both_dbs;

on_both_dbs!(a_code_belongs_to_one_store, async |shop: &TestApp| {
    let new = json!({ "code": "03", "name": "三店" });
    let store = shop
        .post(&shop.admin, "/api/v1/stores", new.clone())
        .await
        .expect(200);
    let answer = shop.post(&shop.admin, "/api/v1/stores", new).await;
    assert_eq!(answer.code(), "name_taken");
    assert_eq!(
        answer.expect(409)["fields"],
        json!([{ "name": "code", "value": "03", "id": store["id"] }])
    );
    let stores = shop.get(&shop.admin, "/api/v1/stores").await.expect(200);
    assert_eq!(stores["items"].as_array().map(Vec::len), Some(3));
    let next = json!({ "code": "04", "name": "四店" });
    let next = shop
        .post(&shop.admin, "/api/v1/stores", next)
        .await
        .expect(200);
    let after = |store: &Value| store["id"].as_i64().unwrap() + 1;
    assert_eq!(next["id"], json!(after(&store)), "no number was lost");
});
