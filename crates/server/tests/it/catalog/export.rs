//! The list of goods as a file: what is seen, in words the import reads.

use std::io::Cursor;

use axum::http::header;
use calamine::{Data, Reader, Xlsx};
use serde_json::json;

use crate::harness::TestApp;
use crate::on_both_dbs;

const COLA: &str = "6901234567892";
const WATER: &str = "6900000000014";

async fn csv(shop: &TestApp, token: &str, query: &str) -> Vec<Vec<String>> {
    let path = format!("/api/v1/products/export?format=csv{query}");
    let answer = shop.get(token, &path).await;
    assert_eq!(answer.status.as_u16(), 200, "{}", answer.body);
    let text = String::from_utf8(answer.bytes).unwrap();
    let text = text.strip_prefix('\u{FEFF}').expect("a BOM for Excel");
    csv::ReaderBuilder::new()
        .has_headers(false)
        .from_reader(text.as_bytes())
        .records()
        .map(|row| row.unwrap().iter().map(str::to_owned).collect())
        .collect()
}

on_both_dbs!(
    csv_has_the_filter_the_order_and_the_columns_asked_for,
    async |shop: &TestApp| {
        let cola = shop.product(COLA, 305, 7).await;
        shop.product(WATER, 199, 0).await;
        let body = json!({ "name": "=1+1", "spec": "-5" });
        shop.patch(&shop.admin, &format!("/api/v1/products/{cola}"), body)
            .await
            .expect(200);
        let query = "&columns=name,spec,price_fen,qty_milli,barcode&sort=price";
        let rows = csv(shop, &shop.cashier, query).await;
        let water = format!("商品 {WATER}");
        assert_eq!(
            rows,
            [
                vec!["名称", "规格", "零售价", "可售数量", "条码"],
                vec![&water, "", "1.99", "0", WATER],
                vec!["'=1+1", "'-5", "3.05", "7", COLA],
            ]
        );
        let query = "&columns=code,name&lang=en&q=7892";
        let rows = csv(shop, &shop.cashier, query).await;
        assert_eq!(rows[0], ["code", "name"]);
        assert_eq!(rows.len(), 2);
    }
);

on_both_dbs!(
    costs_are_for_those_who_may_see_them,
    async |shop: &TestApp| {
        shop.product(COLA, 300, 0).await;
        let has_cost = |rows: &[Vec<String>]| rows[0].contains(&"进价".to_owned());
        assert!(has_cost(&csv(shop, &shop.manager, "").await));
        assert!(!has_cost(&csv(shop, &shop.cashier, "").await));
        let path = "/api/v1/products/export?format=csv&columns=cost_fen";
        assert_eq!(shop.get(&shop.cashier, path).await.code(), "denied");
        for query in [
            "format=pdf",
            "format=csv&columns=x",
            "format=csv&lang=fr",
            "",
        ] {
            let path = format!("/api/v1/products/export?{query}");
            let answer = shop.get(&shop.manager, &path).await;
            assert_eq!(answer.code(), "invalid_request", "{query}");
        }
    }
);

on_both_dbs!(xlsx_keeps_barcodes_as_text, async |shop: &TestApp| {
    shop.product(COLA, 305, 0).await;
    let path = "/api/v1/products/export?format=xlsx&columns=barcode,price_fen,state";
    let answer = shop.get(&shop.cashier, path).await;
    assert_eq!(
        answer.headers[header::CONTENT_DISPOSITION],
        "attachment; filename=\"products-20261122.xlsx\""
    );
    let mut book: Xlsx<_> = calamine::open_workbook_from_rs(Cursor::new(answer.bytes)).unwrap();
    let sheet = book.worksheet_range_at(0).unwrap().unwrap();
    let cells: Vec<&[Data]> = sheet.rows().collect();
    let text = |text: &str| Data::String(text.to_owned());
    assert_eq!(cells[0], [text("条码"), text("零售价"), text("状态")]);
    assert_eq!(cells[1], [text(COLA), Data::Float(3.05), text("在售")]);
});
