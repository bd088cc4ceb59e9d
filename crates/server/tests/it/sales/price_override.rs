//! Prices given at the till.

use aisle_server::clock::new_uuid;
use futures_util::future::join_all;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::harness::TestApp;
use crate::on_both_dbs;

const COLA: &str = "6901234567892";
const MILK: &str = "6907992500010";

fn sale(id: Uuid, barcode: &str, given: &str) -> Value {
    json!({ "id": id, "channel": "pos",
        "lines": [{ "barcode": barcode, "qty_milli": 2000, "price_override": given }],
        "payments": [{ "method": "cash", "tendered_fen": 5000 }] })
}

on_both_dbs!(
    a_given_price_counts_once_and_shows_as_a_discount,
    async |shop: &TestApp| {
        let cola = shop.product(COLA, 300, 10).await;
        let body = json!({ "product_id": cola, "unit_price_fen": 250, "reason": "临期" });
        let alone = format!("/api/v1/price-overrides/{}", new_uuid());
        let alone = shop.at_till("PUT", &alone, body, None).await;
        assert_eq!(
            (alone.status.as_u16(), alone.code()),
            (403, "approval_needed")
        );

        let given = shop.give_price(cola, 250).await;
        let id = new_uuid();
        let order = sale(id, COLA, &given);
        let placed = shop
            .post(&shop.till, "/api/v1/orders", order.clone())
            .await
            .expect(201);
        assert_eq!(
            (&placed["total_fen"], &placed["discount_fen"]),
            (&json!(500), &json!(100))
        );
        assert_eq!(placed["lines"][0]["unit_price_fen"], 300);
        shop.post(&shop.till, "/api/v1/orders", order)
            .await
            .expect(200);
        let read = shop
            .get(&shop.manager, &format!("/api/v1/orders/{id}"))
            .await
            .expect(200);
        let told = &read["lines"][0]["price_override"];
        assert_eq!(
            (&told["unit_price_fen"], &told["reason"]),
            (&json!(250), &json!("临期"))
        );
        assert_eq!(
            (&told["actor"], &told["approver"]),
            (&json!("cashier"), &json!("manager"))
        );

        let second = shop
            .post(&shop.till, "/api/v1/orders", sale(new_uuid(), COLA, &given))
            .await;
        assert_eq!(
            (second.status.as_u16(), second.code()),
            (409, "override_used")
        );
        let log = shop
            .get(&shop.admin, "/api/v1/operations?action=price.override")
            .await
            .expect(200);
        assert_eq!(log["items"][0]["approver"], "manager");
    }
);

on_both_dbs!(
    ten_sales_at_once_with_one_given_price_get_it_once,
    async |shop: &TestApp| {
        let cola = shop.product(COLA, 300, 100).await;
        let given = shop.give_price(cola, 100).await;
        let race = (0..10)
            .map(|_| shop.post(&shop.till, "/api/v1/orders", sale(new_uuid(), COLA, &given)));
        let answers = join_all(race).await;
        assert_eq!(
            answers.iter().filter(|answer| answer.status == 201).count(),
            1
        );
        let refused = answers
            .iter()
            .filter(|answer| answer.code() == "override_used");
        assert_eq!(refused.count(), 9);
    }
);

on_both_dbs!(
    a_given_price_is_for_its_goods_its_till_and_its_day,
    async |shop: &TestApp| {
        let cola = shop.product(COLA, 300, 10).await;
        shop.product(MILK, 500, 10).await;
        let given = shop.give_price(cola, 250).await;
        let elsewhere = shop.enrol_in(aisle_domain::ids::StoreId(1)).await;
        for (token, order) in [
            (&shop.till, sale(new_uuid(), MILK, &given)),
            (&elsewhere, sale(new_uuid(), COLA, &given)),
            (&shop.till, sale(new_uuid(), COLA, &new_uuid().to_string())),
        ] {
            let answer = shop.post(token, "/api/v1/orders", order).await;
            assert_eq!(
                (answer.status.as_u16(), answer.code()),
                (422, "override_unknown")
            );
        }
        let mut twice = sale(new_uuid(), COLA, &given);
        twice["lines"] = json!([twice["lines"][0], twice["lines"][0]]);
        let twice = shop.post(&shop.till, "/api/v1/orders", twice).await;
        assert_eq!(twice.code(), "override_unknown");
        shop.app.clock.advance_ms(25 * 3_600_000);
        let late = shop
            .post(&shop.till, "/api/v1/orders", sale(new_uuid(), COLA, &given))
            .await;
        assert_eq!(late.code(), "override_unknown");
    }
);

on_both_dbs!(
    a_given_price_is_neither_above_the_shelf_nor_below_the_floor,
    async |shop: &TestApp| {
        let cola = shop.product(COLA, 300, 10).await;
        let floor = json!({ "floor_price_fen": 200 });
        shop.patch(&shop.admin, &format!("/api/v1/products/{cola}"), floor)
            .await
            .expect(200);
        let yes = shop.manager_agrees("price.override").await;
        let path = format!("/api/v1/price-overrides/{}", new_uuid());
        let ask = |fen: i64| json!({ "product_id": cola, "unit_price_fen": fen, "reason": "议价" });
        for (fen, code) in [
            (301, "price_above_list"),
            (199, "price_below_floor"),
            (-1, "invalid_request"),
        ] {
            let answer = shop.at_till("PUT", &path, ask(fen), Some(&yes)).await;
            assert_eq!(
                (answer.status.as_u16(), answer.code()),
                (422, code),
                "{fen}"
            );
        }
        shop.at_till("PUT", &path, ask(200), Some(&yes))
            .await
            .expect(200);
        shop.at_till("PUT", &path, ask(200), Some(&yes))
            .await
            .expect(200);
        let other = shop.at_till("PUT", &path, ask(250), Some(&yes)).await;
        assert_eq!(other.code(), "order_id_reused");
    }
);
