//! Loading goods from a file: check, apply, undo.

use std::time::{Duration, Instant};

use aisle_domain::ids::StoreId;
use aisle_server::catalog::imports::{self, State};
use aisle_server::ops::Operation;
use axum::body::Body;
use axum::http::{Request, header};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::harness::{TestApp, cash_sale};
use crate::on_both_dbs;

const HOSTILE: &[u8] = include_bytes!("../../data/sparse_1k4_aborts_calamine.xlsx");
const WHOLE: i64 = 500;
const BAD: i64 = 37;

/// A valid EAN-13 for each number.
fn ean(number: i64) -> String {
    let body = format!("69{number:010}");
    let digit = aisle_domain::barcode::check_digit(&body).expect("digits");
    format!("{body}{digit}")
}

fn form(name: &str, bytes: &[u8]) -> Body {
    let head = format!(
        "--x\r\ncontent-disposition: form-data; name=\"kind\"\r\n\r\nproducts\r\n--x\r\n\
         content-disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n"
    );
    Body::from([head.as_bytes(), bytes, b"\r\n--x--\r\n"].concat())
}

async fn upload(shop: &TestApp, name: &str, bytes: &[u8]) -> Value {
    let request = Request::builder()
        .method("POST")
        .uri("/api/v1/imports")
        .header(header::AUTHORIZATION, format!("Bearer {}", shop.manager))
        .header(header::CONTENT_TYPE, "multipart/form-data; boundary=x")
        .body(form(name, bytes))
        .unwrap();
    let import = shop.send(request).await.expect(202);
    assert_eq!(import["state"], "checking");
    rested(shop, &import).await
}

/// The import once nobody works on it any more.
async fn rested(shop: &TestApp, import: &Value) -> Value {
    let path = format!("/api/v1/imports/{}", import["id"].as_str().unwrap());
    let started = Instant::now();
    loop {
        let import = shop.get(&shop.manager, &path).await.expect(200);
        if !["checking", "applying", "undoing"].contains(&import["state"].as_str().unwrap()) {
            return import;
        }
        assert!(started.elapsed() < Duration::from_secs(60), "{import}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn act(shop: &TestApp, import: &Value, verb: &str) -> Value {
    let path = format!("/api/v1/imports/{}/{verb}", import["id"].as_str().unwrap());
    let import = shop.post(&shop.manager, &path, json!({})).await.expect(202);
    rested(shop, &import).await
}

async fn rows(shop: &TestApp, import: &Value, state: &str) -> Vec<Value> {
    let id = import["id"].as_str().unwrap();
    let path = format!("/api/v1/imports/{id}/rows?state={state}&limit=500");
    let page = shop.get(&shop.manager, &path).await.expect(200);
    page["items"].as_array().unwrap().clone()
}

on_both_dbs!(
    a_row_with_a_card_number_is_refused_and_the_number_is_not_kept,
    async |shop: &TestApp| {
        let sheet = "名称,基本条码,零售价,供应商,别的\n可乐,6901234567892,3.00,刷卡 6222021234567890128,\n水,,1.00,,\n";
        let sheet = sheet.replace("水,,", &format!("水,{},", ean(1)));
        let import = upload(shop, "goods.csv", sheet.as_bytes()).await;
        assert_eq!((&import["good"], &import["bad"]), (&json!(1), &json!(1)));
        let bad = rows(shop, &import, "bad").await;
        let error = &bad[0]["errors"][0];
        assert_eq!(
            (&error["column"], &error["code"]),
            (&json!("供应商"), &json!("card_number"))
        );
        let id = import["id"].as_str().unwrap();
        let failed = format!("/api/v1/imports/{id}/failed?format=csv");
        let failed = shop.get(&shop.manager, &failed).await.bytes;
        for said in [json!(bad).to_string(), String::from_utf8(failed).unwrap()] {
            assert!(said.contains("刷卡") && !said.contains("4567890"), "{said}");
        }
    }
);

/// Five hundred goods, 37 of them wrong.
fn sheet() -> String {
    let mut text = "名称*,基本条码*,零售价,采购价,分类,品牌,单位,期初库存\n".to_owned();
    for number in 0..WHOLE {
        let price = if number < BAD { "三块" } else { "3.50" };
        text.push_str(&format!(
            "商品 {number},{},{price},2.00,食品/零食{},品牌 {},袋,{}\n",
            ean(number),
            number % 7,
            number % 5,
            number % 3,
        ));
    }
    text
}

async fn product(shop: &TestApp, barcode: &str) -> Value {
    let path = format!("/api/v1/products?barcode={barcode}");
    let page = shop.get(&shop.manager, &path).await.expect(200);
    page["items"][0].clone()
}

on_both_dbs!(
    bad_rows_are_listed_good_ones_applied_and_all_of_it_undone,
    async |shop: &TestApp| {
        let old = shop.product(&ean(100), 999, 5).await;
        let checked = upload(shop, "goods.csv", sheet().as_bytes()).await;
        for (field, expected) in [
            ("state", json!("checked")),
            ("rows", json!(WHOLE)),
            ("good", json!(WHOLE - BAD)),
            ("bad", json!(BAD)),
            ("created", json!(WHOLE - BAD - 1)),
            ("updated", json!(1)),
            ("error", json!(null)),
        ] {
            assert_eq!(checked[field], expected, "{field} of {checked}");
        }
        let bad = rows(shop, &checked, "bad").await;
        assert_eq!(bad.len(), 37);
        let error = json!([{ "column": "零售价", "code": "not_a_number", "value": "三块" }]);
        assert_eq!((&bad[0]["row"], &bad[0]["errors"]), (&json!(2), &error));
        assert_eq!(product(shop, &ean(100)).await["price_fen"], 999);

        let applied = act(shop, &checked, "apply").await;
        assert_eq!(applied["state"], "applied", "{applied}");
        assert_eq!(applied["created"], WHOLE - BAD - 1);
        assert_eq!(applied["done"], WHOLE);
        let new = product(shop, &ean(200)).await;
        assert_eq!(
            (&new["price_fen"], &new["qty_milli"]),
            (&json!(350), &json!(2000))
        );
        let changed = product(shop, &ean(100)).await;
        assert_eq!(
            (&changed["id"], &changed["price_fen"]),
            (&json!(old), &json!(350))
        );
        assert_eq!(changed["qty_milli"], 5000);

        let undone = act(shop, &applied, "undo").await;
        assert_eq!(
            (&undone["state"], &undone["kept"]),
            (&json!("undone"), &json!(0))
        );
        assert_eq!(product(shop, &ean(100)).await["price_fen"], 999);
        assert_eq!(product(shop, &ean(200)).await, Value::Null);
        let gone = shop
            .get(&shop.manager, &format!("/api/v1/products/{}", new["id"]))
            .await;
        let gone = gone.expect(200);
        assert_eq!(
            (&gone["state"], &gone["qty_milli"]),
            (&json!("retired"), &json!(0))
        );
        let path = format!("/api/v1/imports/{}/undo", undone["id"].as_str().unwrap());
        let again = shop.post(&shop.manager, &path, json!({})).await;
        assert_eq!(
            (again.status.as_u16(), again.code()),
            (409, "import_not_ready")
        );

        let again = upload(shop, "goods.csv", sheet().as_bytes()).await;
        assert_eq!(again["created"], WHOLE - BAD - 1, "{again}");
    }
);

on_both_dbs!(
    what_is_no_form_is_refused_as_a_problem,
    async |shop: &TestApp| {
        let request = Request::builder()
            .method("POST")
            .uri("/api/v1/imports")
            .header(header::AUTHORIZATION, format!("Bearer {}", shop.manager))
            .header(header::CONTENT_TYPE, "multipart/form-data")
            .body(Body::from("no boundary"))
            .unwrap();
        let answer = shop.send(request).await;
        assert_eq!(answer.code(), "invalid_request");
        assert_eq!(
            answer.headers[header::CONTENT_TYPE],
            "application/problem+json"
        );
        assert_eq!(answer.expect(422)["fields"][0]["name"], "body");
    }
);

on_both_dbs!(
    failed_rows_come_back_as_a_sheet_that_can_be_sent_again,
    async |shop: &TestApp| {
        let checked = upload(shop, "goods.csv", sheet().as_bytes()).await;
        let id = checked["id"].as_str().unwrap();
        let path = format!("/api/v1/imports/{id}/failed?format=csv&lang=en");
        let answer = shop.get(&shop.manager, &path).await;
        let text = String::from_utf8(answer.bytes).unwrap();
        assert!(text.starts_with("\u{feff}名称*,"), "{text}");
        assert!(text.contains("零售价: not a number"), "{text}");
        assert_eq!(text.lines().count(), 38);
        let corrected = upload(shop, "again.csv", text.replace("三块", "3").as_bytes()).await;
        assert_eq!(
            (&corrected["good"], &corrected["bad"]),
            (&json!(37), &json!(0))
        );

        let path = format!("/api/v1/imports/{id}/failed?format=xlsx");
        let book = shop.get(&shop.manager, &path).await.bytes;
        let again = upload(shop, "again.xlsx", &book).await;
        assert_eq!((&again["rows"], &again["bad"]), (&json!(37), &json!(37)));
        let barcode = rows(shop, &again, "bad").await[0]["values"][1].clone();
        assert_eq!(barcode, json!(ean(0)));
    }
);

on_both_dbs!(
    undo_leaves_what_somebody_changed_or_sold_since,
    async |shop: &TestApp| {
        shop.product(&ean(1), 999, 5).await;
        let text = format!(
            "条码,名称,零售价,期初库存\n{},甲,1,\n{},乙,2,10\n{},丙,3,10\n",
            ean(1),
            ean(2),
            ean(3)
        );
        let checked = upload(shop, "goods.csv", text.as_bytes()).await;
        let applied = act(shop, &checked, "apply").await;
        let first = product(shop, &ean(1)).await["id"].clone();
        shop.patch(
            &shop.manager,
            &format!("/api/v1/products/{first}"),
            json!({ "name": "甲二" }),
        )
        .await
        .expect(200);
        let sale = cash_sale(aisle_server::clock::new_uuid(), "pos", &[&ean(2)]);
        shop.post(&shop.till, "/api/v1/orders", sale)
            .await
            .expect(201);

        let undone = act(shop, &applied, "undo").await;
        assert_eq!(
            (&undone["state"], &undone["kept"]),
            (&json!("undone"), &json!(2))
        );
        assert_eq!(rows(shop, &undone, "kept").await.len(), 2);
        assert_eq!(product(shop, &ean(1)).await["price_fen"], 100);
        assert_eq!(product(shop, &ean(2)).await["qty_milli"], 9000);
        assert_eq!(product(shop, &ean(3)).await, Value::Null);
    }
);

on_both_dbs!(
    rows_that_contradict_the_file_or_the_catalogue_are_bad,
    async |shop: &TestApp| {
        shop.product(&ean(1), 100, 0).await;
        let other = shop.product(&ean(2), 100, 0).await;
        let path = format!("/api/v1/products/{other}");
        shop.patch(&shop.manager, &path, json!({ "code": "A2" }))
            .await
            .expect(200);
        let text = format!(
            "编码,条码,名称,零售价,单位,称重\nA2,{one},甲,1,,\n,{nine},乙,1,,\n,{nine},丙,1,,\n\
             ,{ten},丁,1,瓶,是\n,{eleven},,1000000000000000000,,\n",
            one = ean(1),
            nine = ean(9),
            ten = ean(10),
            eleven = ean(11),
        );
        let checked = upload(shop, "goods.csv", text.as_bytes()).await;
        let bad = rows(shop, &checked, "bad").await;
        let found: Vec<_> = bad
            .iter()
            .map(|row| {
                (
                    row["row"].as_i64().unwrap(),
                    row["errors"][0]["code"].as_str().unwrap(),
                )
            })
            .collect();
        let expected = [
            (2, "barcode_taken"),
            (4, "duplicate_in_file"),
            (5, "unit_weighed_differs"),
            (6, "too_large"),
        ];
        assert_eq!(found, expected);
    }
);

on_both_dbs!(
    a_hostile_file_fails_within_a_second_and_harms_nobody,
    async |shop: &TestApp| {
        for (bytes, reason) in [
            (HOSTILE, "too_many_columns"),
            (&HOSTILE[..700], "broken_zip"),
            (b"nothing,here\n1,2\n", "no_header"),
            (b"", "empty"),
        ] {
            let started = Instant::now();
            let failed = upload(shop, "hostile.xlsx", bytes).await;
            let took = started.elapsed();
            assert_eq!(failed["state"], "failed", "{failed}");
            assert_eq!(failed["error"]["code"], "bad_file");
            assert_eq!(failed["error"]["reason"], reason);
            assert!(took < Duration::from_secs(1), "{took:?}");
        }
    }
);

on_both_dbs!(
    work_cut_off_by_a_stop_is_taken_up_and_nothing_doubled,
    async |shop: &TestApp| {
        let checked = upload(shop, "goods.csv", sheet().as_bytes()).await;
        let id = Uuid::parse_str(checked["id"].as_str().unwrap()).unwrap();
        let path = format!("/api/v1/imports/{id}/apply");
        shop.post(&shop.manager, &path, json!({})).await.expect(202);
        // Two more at the same work: whoever comes second sees that it is done or being done.
        imports::resume(&shop.app).await.unwrap();
        imports::resume(&shop.app).await.unwrap();
        let applied = rested(shop, &checked).await;
        assert_eq!(applied["state"], "applied", "{applied}");
        assert_eq!(applied["created"], WHOLE - BAD, "{applied}");
        assert_eq!(product(shop, &ean(200)).await["qty_milli"], 2000);
    }
);

on_both_dbs!(
    a_worker_that_comes_late_leaves_an_import_to_who_is_at_it_now,
    async |shop: &TestApp| {
        let app = &shop.app;
        let file = app.config.data_dir.join("late.csv");
        std::fs::create_dir_all(&app.config.data_dir).unwrap();
        std::fs::write(&file, sheet()).unwrap();
        let by = || Operation::by_name(StoreId(1), "test", "import.apply");
        // Each worker has loaded the import, and is slow.
        let checking = imports::take_file(app, &file, StoreId(1), "test")
            .await
            .unwrap();
        let id = checking.id();
        let find = async || imports::find(app, id).await.unwrap();
        let checked = imports::work(app, checking.clone()).await.unwrap();
        let applying = imports::begin_apply(app, &checked, by()).await.unwrap();
        imports::work(app, checking).await.unwrap();
        assert_eq!(find().await.state().unwrap(), State::Applying);
        let applied = imports::work(app, applying.clone()).await.unwrap();
        assert_eq!(applied.state().unwrap(), State::Applied);
        imports::begin_undo(app, &applied, by()).await.unwrap();
        imports::work(app, applying).await.unwrap();
        let undoing = find().await;
        assert_eq!(undoing.state().unwrap(), State::Undoing);
        let undone = imports::work(app, undoing).await.unwrap();
        assert_eq!(undone.state().unwrap(), State::Undone);
    }
);

on_both_dbs!(
    only_who_may_import_sees_imports_of_the_own_store,
    async |shop: &TestApp| {
        let import = upload(shop, "goods.csv", sheet().as_bytes()).await;
        let path = format!("/api/v1/imports/{}", import["id"].as_str().unwrap());
        let cashier = shop.get(&shop.cashier, &path).await;
        assert_eq!((cashier.status.as_u16(), cashier.code()), (403, "denied"));
        let elsewhere = Request::builder()
            .uri(&path)
            .header(header::AUTHORIZATION, format!("Bearer {}", shop.admin))
            .header("x-aisle-store", "2")
            .body(Body::empty())
            .unwrap();
        assert_eq!(shop.send(elsewhere).await.status.as_u16(), 404);
        let list = shop.get(&shop.admin, "/api/v1/imports").await.expect(200);
        assert_eq!(list["items"][0], import);
    }
);
