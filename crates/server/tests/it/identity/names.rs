//! What people are called where records keep their sign-in names.

use aisle_server::clock::new_uuid;
use serde_json::{Value, json};

use crate::harness::{TestApp, cash_sale};
use crate::on_both_dbs;

const COLA: &str = "6901234567892";

on_both_dbs!(
    stock_history_held_baskets_and_time_lines_call_people_by_name,
    async |shop: &TestApp| {
        for (username, name) in [("cashier", "李收银"), ("manager", "王店长")] {
            let path = format!("/api/v1/users/{}", shop.id_of(username).await);
            shop.patch(&shop.admin, &path, json!({ "name": name }))
                .await
                .expect(200);
        }
        let cola = shop.product(COLA, 300, 10).await;
        let id = new_uuid();
        let sale = cash_sale(id, "pos", &[COLA]);
        shop.at_till("POST", "/api/v1/orders", sale, None)
            .await
            .expect(201);
        let by_itself = cash_sale(new_uuid(), "pos", &[COLA]);
        shop.post(&shop.till, "/api/v1/orders", by_itself)
            .await
            .expect(201);
        let basket = json!({ "id": new_uuid(), "total_fen": 300,
            "lines": [{ "product_id": cola, "qty_milli": 1000 }] });
        let held = shop
            .at_till("POST", "/api/v1/held-baskets", basket, None)
            .await
            .expect(201);
        assert_eq!(names(&[held], "cashier"), [("cashier", "李收银")]);

        let list = shop
            .get(&shop.till, "/api/v1/held-baskets")
            .await
            .expect(200);
        assert_eq!(
            names(list["items"].as_array().unwrap(), "cashier"),
            [("cashier", "李收银")]
        );
        let path = format!("/api/v1/orders/{id}");
        let order = shop.get(&shop.manager, &path).await.expect(200);
        assert_eq!(
            names(order["events"].as_array().unwrap(), "actor"),
            [("cashier", "李收银"), ("cashier", "李收银")]
        );
        let path = format!("/api/v1/stock/{cola}/ledger");
        let ledger = shop.get(&shop.manager, &path).await.expect(200);
        assert_eq!(
            names(ledger["items"].as_array().unwrap(), "actor"),
            [
                ("till", "till"),
                ("cashier", "李收银"),
                ("manager", "王店长")
            ]
        );
    }
);

/// Who is recorded in each row, and what they are called there.
fn names<'a>(rows: &'a [Value], whose: &str) -> Vec<(&'a str, &'a str)> {
    let text = |row: &'a Value, field: &str| row[field].as_str().unwrap_or_default();
    rows.iter()
        .map(|row| (text(row, whose), text(row, &format!("{whose}_name"))))
        .collect()
}
