//! What a scanner's code means.

use serde_json::json;

use crate::harness::TestApp;
use crate::on_both_dbs;

const COLA: &str = "6901234567892";

on_both_dbs!(
    pieces_cartons_and_gs1_codes_mean_their_product,
    async |shop: &TestApp| {
        let id = shop.product(COLA, 300, 50).await;
        let body = json!({ "barcodes": [{ "barcode": COLA }, { "barcode": "16901234567899", "qty_milli": 24000, "price_fen": 6600 }] });
        shop.patch(&shop.admin, &format!("/api/v1/products/{id}"), body)
            .await
            .expect(200);
        let scan = async |code: &str| {
            shop.get(&shop.till, &format!("/api/v1/products/by-barcode/{code}"))
                .await
                .expect(200)
        };
        let piece = scan(COLA).await;
        assert_eq!(
            (&piece["id"], &piece["scanned"]["kind"], &piece["qty_milli"]),
            (&json!(id), &json!("unit"), &json!(50_000))
        );
        let carton = scan("16901234567899").await;
        assert_eq!(carton["scanned"]["kind"], "carton");
        assert_eq!(carton["scanned"]["qty_milli"], 24_000);
        assert_eq!(carton["scanned"]["amount_fen"], 6600);
        let gs1 = scan("010690123456789217270131%1D10LOT42").await;
        assert_eq!(gs1["scanned"]["kind"], "gs1");
        assert_eq!(gs1["scanned"]["expiry"], 20_270_131);
    }
);

on_both_dbs!(
    a_carton_sells_its_pieces_at_the_cartons_price,
    async |shop: &TestApp| {
        let id = shop.product(COLA, 300, 50).await;
        let body = json!({ "barcodes": [{ "barcode": COLA }, { "barcode": "16901234567899", "qty_milli": 24000, "price_fen": 6600 }] });
        shop.patch(&shop.admin, &format!("/api/v1/products/{id}"), body)
            .await
            .expect(200);
        let sale =
            crate::harness::cash_sale(aisle_server::clock::new_uuid(), "pos", &["16901234567899"]);
        let order = shop
            .post(&shop.till, "/api/v1/orders", sale)
            .await
            .expect(201);
        assert_eq!(order["lines"][0]["qty_milli"], 24_000);
        assert_eq!(order["total_fen"], 6600);
        assert_eq!(shop.available(id).await, 26_000);
    }
);

on_both_dbs!(
    scale_labels_carry_weight_or_amount,
    async |shop: &TestApp| {
        let unit: aisle_server::Result<i64> = aisle_db::transact!(shop.app.db, |tx| {
            aisle_server::catalog::unit_named(tx, "千克", true).await
        });
        let body = json!({ "name": "红富士苹果", "code": "10001", "unit_id": unit.unwrap(), "price_fen": 1000 });
        let id = shop
            .post(&shop.admin, "/api/v1/products", body)
            .await
            .expect(201)["id"]
            .as_i64()
            .unwrap();
        let label = |body: &str| {
            format!(
                "{body}{}",
                aisle_domain::barcode::check_digit(body).unwrap()
            )
        };
        let rows = [
            (label("221000101250"), "weighed", 1250, 1000),
            (label("211000100500"), "priced", 500, 1000),
            (label("26100010050000500"), "priced", 500, 1000),
        ];
        for (code, kind, qty, price) in &rows {
            let scan = shop
                .get(&shop.till, &format!("/api/v1/products/by-barcode/{code}"))
                .await
                .expect(200);
            assert_eq!(scan["id"], json!(id));
            assert_eq!(scan["scanned"]["kind"], *kind, "{code}");
            assert_eq!(scan["scanned"]["qty_milli"], *qty, "{code}");
            assert_eq!(scan["scanned"]["unit_price_fen"], *price, "{code}");
        }
        let sale = crate::harness::cash_sale(
            aisle_server::clock::new_uuid(),
            "pos",
            &[&rows[0].0, &rows[1].0],
        );
        let order = shop
            .post(&shop.till, "/api/v1/orders", sale)
            .await
            .expect(201);
        assert_eq!(order["total_fen"], 1250 + 500);
    }
);

on_both_dbs!(
    codes_that_mean_nothing_are_told_apart,
    async |shop: &TestApp| {
        for (code, status, name) in [
            ("6901234567892", 404, "unknown_barcode"),
            ("6901234567893", 422, "bad_check_digit"),
            ("%20", 404, "unknown_barcode"),
        ] {
            let answer = shop
                .get(&shop.till, &format!("/api/v1/products/by-barcode/{code}"))
                .await;
            assert_eq!(
                (answer.status.as_u16(), answer.code()),
                (status, name),
                "{code}"
            );
        }
    }
);
