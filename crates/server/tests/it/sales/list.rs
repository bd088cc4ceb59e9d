//! Finding orders, and taking what was found along.

use std::io::Cursor;

use aisle_domain::identity::Role;
use aisle_domain::ids::StoreId;
use aisle_server::clock::new_uuid;
use calamine::{Data, Reader as _, Xlsx};
use serde_json::{Value, json};

use crate::harness::TestApp;
use crate::on_both_dbs;

const COLA: &str = "6901234567892";
const MILK: &str = "6907992500010";

/// A cola for 3.00 by the cashier to a member, two milks for 10.00 at the till alone, and a milk that is not
/// paid yet.
async fn three_orders(shop: &TestApp) -> [i64; 2] {
    let cola = shop.product(COLA, 300, 10).await;
    let milk = shop.product(MILK, 500, 10).await;
    let paid = json!([{ "method": "cash", "tendered_fen": 2000 }]);
    let sale = json!({ "id": new_uuid(), "channel": "pos", "member": "13800005678",
        "lines": [{ "barcode": COLA }], "payments": paid });
    shop.at_till("POST", "/api/v1/orders", sale, None)
        .await
        .expect(201);
    shop.app.clock.advance_ms(1000);
    let sale = json!({ "id": new_uuid(), "channel": "pos", "member": "abc",
        "lines": [{ "barcode": MILK, "qty_milli": 2000 }], "payments": paid });
    shop.post(&shop.till, "/api/v1/orders", sale)
        .await
        .expect(201);
    shop.app.clock.advance_ms(1000);
    let waits = json!({ "id": new_uuid(), "channel": "online", "lines": [{ "barcode": MILK }] });
    shop.post(&shop.till, "/api/v1/orders", waits)
        .await
        .expect(201);
    [cola, milk]
}

async fn numbers(shop: &TestApp, query: &str) -> Vec<i64> {
    let path = format!("/api/v1/orders?{query}");
    let page = shop.get(&shop.manager, &path).await.expect(200);
    let last = |row: &Value| row["no"].as_str().unwrap()[12..].parse().unwrap();
    page["items"].as_array().unwrap().iter().map(last).collect()
}

on_both_dbs!(
    each_filter_finds_its_orders_and_no_other,
    async |shop: &TestApp| {
        let [cola, _] = three_orders(shop).await;
        for (query, want) in [
            (String::new(), vec![3, 2, 1]),
            (format!("product={cola}"), vec![1]),
            (format!("goods={COLA}"), vec![1]),
            // 商品, as all goods here are called.
            ("goods=%E5%95%86%E5%93%81".to_owned(), vec![3, 2, 1]),
            ("goods=%E5%95%86%E5%93%81%20690799".to_owned(), vec![3, 2]),
            ("goods=nothing".to_owned(), vec![]),
            ("goods=".to_owned(), vec![3, 2, 1]),
            ("total_min_fen=300".to_owned(), vec![3, 2, 1]),
            ("total_min_fen=301".to_owned(), vec![3, 2]),
            ("total_max_fen=500".to_owned(), vec![3, 1]),
            ("total_min_fen=301&total_max_fen=999".to_owned(), vec![3]),
            ("member_tail=5678".to_owned(), vec![1]),
            ("member_tail=1380".to_owned(), vec![]),
            ("cashier=cashier".to_owned(), vec![1]),
            ("cashier=Cash".to_owned(), vec![1]),
            ("cashier=till".to_owned(), vec![3, 2]),
            ("cashier=manager".to_owned(), vec![]),
            ("method=cash".to_owned(), vec![2, 1]),
            ("method=wechat".to_owned(), vec![]),
            (
                format!("goods={MILK}&method=cash&total_min_fen=1000"),
                vec![2],
            ),
        ] {
            assert_eq!(numbers(shop, &query).await, want, "{query}");
        }
        for wrong in ["member_tail=678", "total_min_fen=x", "goods=%07", "price=3"] {
            let path = format!("/api/v1/orders?{wrong}");
            let answer = shop.get(&shop.manager, &path).await;
            assert_eq!(answer.code(), "invalid_request", "{wrong}");
        }
    }
);

on_both_dbs!(
    an_order_names_people_as_they_are_called,
    async |shop: &TestApp| {
        let id = shop.id_of("cashier").await;
        let name = json!({ "name": "王芳" });
        shop.patch(&shop.admin, &format!("/api/v1/users/{id}"), name)
            .await
            .expect(200);
        let cashier = shop.sign_in_as("cashier", crate::harness::PASSWORD).await;
        shop.product(COLA, 300, 10).await;
        let order = new_uuid();
        let waits = json!({ "id": order, "channel": "pos", "lines": [{ "barcode": COLA }] });
        let mut call =
            crate::harness::request("POST", &cashier, "/api/v1/orders", Some(waits.clone()));
        call.headers_mut()
            .insert("x-aisle-terminal", shop.till.parse().unwrap());
        shop.send(call).await.expect(201);
        let pay = json!({ "id": new_uuid(), "method": "cash", "tendered_fen": 300 });
        let path = format!("/api/v1/orders/{order}/payments");
        shop.post(&shop.till, &path, pay).await.expect(200);
        let read = shop
            .get(&shop.manager, &format!("/api/v1/orders/{order}"))
            .await
            .expect(200);
        assert_eq!(read["events"][0]["actor"], "cashier");
        assert_eq!(read["events"][0]["actor_name"], "王芳");
        assert_eq!(read["events"][1]["actor_name"], "till");
        // The people of 王芳 are found by any part of the name.
        assert_eq!(numbers(shop, "cashier=%E7%8E%8B").await, [1]);
    }
);

on_both_dbs!(what_is_found_can_be_taken_along, async |shop: &TestApp| {
    three_orders(shop).await;
    let path = "/api/v1/orders/export?format=xlsx&lang=en&method=cash";
    let file = shop.get(&shop.manager, path).await;
    assert_eq!(file.status, 200);
    let name = file.headers["content-disposition"].to_str().unwrap();
    assert_eq!(name, "attachment; filename=\"orders-20261122.xlsx\"");
    let mut book: Xlsx<_> = calamine::open_workbook_from_rs(Cursor::new(file.bytes)).unwrap();
    let sheet = book.worksheet_range_at(0).unwrap().unwrap();
    let rows: Vec<Vec<Data>> = sheet.rows().map(<[Data]>::to_vec).collect();
    let text = |text: &str| Data::String(text.to_owned());
    assert_eq!(rows.len(), 3);
    assert_eq!(rows[0][13], text("total"));
    assert_eq!(rows[1][0], text("20261122-01-000002"));
    assert_eq!(
        (&rows[1][4], &rows[1][13]),
        (&text("paid"), &Data::Float(10.0))
    );
    assert_eq!(rows[2][8], text("13800005678"));
    let csv = shop
        .get(
            &shop.manager,
            "/api/v1/orders/export?format=csv&status=received",
        )
        .await;
    let csv = String::from_utf8(csv.bytes).unwrap();
    assert_eq!(csv.lines().count(), 2);
    assert!(csv.contains("待付款,线上"), "{csv}");

    let wrong = shop
        .get(&shop.manager, "/api/v1/orders/export?format=pdf")
        .await;
    assert_eq!(wrong.code(), "invalid_request");
    let clerk = shop.person_of(Role::Clerk, StoreId(1)).await;
    assert_eq!(shop.get(&clerk, path).await.code(), "denied");
    let there = shop.person_of(Role::Manager, StoreId(2)).await;
    let empty = shop.get(&there, "/api/v1/orders/export?format=csv").await;
    assert_eq!(String::from_utf8(empty.bytes).unwrap().lines().count(), 1);
});
