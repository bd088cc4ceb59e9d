//! Goods: created, changed, found.

use serde_json::json;

use crate::harness::TestApp;
use crate::on_both_dbs;

const COLA: &str = "6901234567892";

on_both_dbs!(
    a_product_is_found_by_name_pinyin_code_and_the_end_of_its_barcode,
    async |shop: &TestApp| {
        let id = shop.product(COLA, 300, 5).await;
        let change = json!({ "name": "百事可乐", "code": "BS01", "spec": "500ml" });
        let product = shop
            .patch(&shop.admin, &format!("/api/v1/products/{id}"), change)
            .await
            .expect(200);
        assert_eq!(product["mnemonic"], "BSKL");
        shop.product("6900000000014", 500, 5).await;
        for q in [
            "%E5%8F%AF%E4%B9%90",
            "bskl",
            "BSK",
            "bs01",
            "7892",
            "567892",
            "%E7%99%BE%E4%BA%8B%20bs01",
        ] {
            let list = shop
                .get(&shop.cashier, &format!("/api/v1/products?q={q}"))
                .await
                .expect(200);
            let ids: Vec<_> = list["items"]
                .as_array()
                .unwrap()
                .iter()
                .map(|row| row["id"].as_i64().unwrap())
                .collect();
            assert_eq!(ids, [id], "{q}");
        }
    }
);

on_both_dbs!(a_barcode_belongs_to_one_product, async |shop: &TestApp| {
    let first = shop.product(COLA, 300, 0).await;
    let second = shop.product("6900000000014", 300, 0).await;
    let body = json!({ "barcodes": [{ "barcode": COLA }] });
    let answer = shop
        .patch(&shop.admin, &format!("/api/v1/products/{second}"), body)
        .await;
    assert_eq!(
        (answer.status.as_u16(), answer.code()),
        (409, "barcode_taken")
    );
    assert_eq!(answer.body["fields"][0]["product_id"], json!(first));
});

on_both_dbs!(
    a_change_of_price_leaves_before_and_after_in_the_log,
    async |shop: &TestApp| {
        let id = shop.product(COLA, 300, 0).await;
        shop.patch(
            &shop.manager,
            &format!("/api/v1/products/{id}"),
            json!({ "price_fen": 280 }),
        )
        .await
        .expect(200);
        #[derive(aisle_db::FromQueryResult)]
        struct Row {
            actor: String,
            detail: String,
        }
        let row: Row = aisle_db::Sql::new(
            "SELECT actor, detail FROM operation_log WHERE action = 'product.change'",
        )
        .one(shop.app.db.read_fresh())
        .await
        .unwrap()
        .unwrap();
        let detail: serde_json::Value = serde_json::from_str(&row.detail).unwrap();
        assert_eq!(row.actor, "manager");
        assert_eq!(detail["changes"], json!({ "price_fen": [300, 280] }));
    }
);

on_both_dbs!(
    pages_of_a_sorted_list_show_every_product_once,
    async |shop: &TestApp| {
        for at in 0..23i64 {
            let barcode = format!("690000000{at:03}");
            let barcode = format!(
                "{barcode}{}",
                aisle_domain::barcode::check_digit(&barcode).unwrap()
            );
            shop.product(&barcode, 100 + at % 4, 0).await;
        }
        for sort in ["name", "-price", "code", "-updated"] {
            let mut seen = Vec::new();
            let mut cursor = String::new();
            loop {
                let page = shop
                    .get(
                        &shop.manager,
                        &format!("/api/v1/products?limit=5&sort={sort}{cursor}"),
                    )
                    .await
                    .expect(200);
                seen.extend(
                    page["items"]
                        .as_array()
                        .unwrap()
                        .iter()
                        .map(|row| row["id"].as_i64().unwrap()),
                );
                match page["next"].as_str() {
                    Some(next) => cursor = format!("&cursor={next}"),
                    None => break,
                }
            }
            let mut unique = seen.clone();
            unique.sort_unstable();
            unique.dedup();
            assert_eq!((seen.len(), unique.len()), (23, 23), "{sort}");
        }
    }
);

on_both_dbs!(
    what_is_missing_or_impossible_is_named,
    async |shop: &TestApp| {
        let rows = [
            (
                json!({ "unit_id": 1, "price_fen": 1 }),
                "invalid_request",
                "name",
            ),
            (
                json!({ "name": "x", "unit_id": 1, "price_fen": -1 }),
                "invalid_request",
                "price_fen",
            ),
            (
                json!({ "name": "x", "unit_id": 1, "price_fen": 1, "state": "odd" }),
                "invalid_request",
                "state",
            ),
            (
                json!({ "name": "x", "unit_id": 1, "price_fen": 1, "colour": "red" }),
                "invalid_request",
                "colour",
            ),
            (
                json!({ "name": "x", "unit_id": 1, "price_fen": 1, "barcodes": [{ "barcode": "6901234567891" }] }),
                "bad_check_digit",
                "barcodes",
            ),
        ];
        for (body, code, name) in rows {
            let answer = shop
                .post(&shop.admin, "/api/v1/products", body.clone())
                .await;
            assert_eq!(
                (answer.status.as_u16(), answer.code()),
                (422, code),
                "{body}"
            );
            assert_eq!(answer.body["fields"][0]["name"], name, "{body}");
        }
    }
);
