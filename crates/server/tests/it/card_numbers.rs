//! No number of a payment card is stored, wherever somebody writes one.

use aisle_server::clock::new_uuid;
use axum::body::Body;
use axum::http::Request;
use serde_json::{Value, json};

use crate::harness::{TestApp, request};
use crate::on_both_dbs;

const COLA: &str = "6901234567892";
/// First digits and length of what the networks give out.
const KINDS: [(&str, usize); 12] = [
    ("4", 16),
    ("4", 19),
    ("51", 16),
    ("2720", 16),
    ("37", 15),
    ("36", 14),
    ("3530", 16),
    ("6011", 17),
    ("62", 16),
    ("62", 17),
    ("62", 19),
    ("6304", 13),
];

/// A thousand numbers with right check digits, the same in every run, every third one parted.
fn cards() -> Vec<String> {
    let mut state: u64 = 20_261_122;
    let mut digit = move || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        char::from_digit(u32::try_from((state >> 33) % 10).unwrap(), 10).unwrap()
    };
    (0..1000)
        .map(|at| {
            let (prefix, length) = KINDS[at % KINDS.len()];
            let mut card = prefix.to_owned();
            while card.len() < length - 1 {
                card.push(digit());
            }
            card.push(check_digit(&card));
            if at % 3 == 0 { parted(&card) } else { card }
        })
        .collect()
}

fn check_digit(body: &str) -> char {
    let sum: u32 = body
        .chars()
        .rev()
        .enumerate()
        .map(|(at, ch)| {
            let digit = ch.to_digit(10).unwrap();
            let twice = digit * 2;
            if at % 2 == 0 {
                twice / 10 + twice % 10
            } else {
                digit
            }
        })
        .sum();
    char::from_digit((10 - sum % 10) % 10, 10).unwrap()
}

fn parted(card: &str) -> String {
    let digits: Vec<char> = card.chars().collect();
    let parts: Vec<String> = digits.chunks(4).map(String::from_iter).collect();
    parts.join(if card.len().is_multiple_of(2) {
        " "
    } else {
        "-"
    })
}

/// Every place where people write freely, each with this text.
fn writings(shop: &TestApp, product: i64, order: &str, text: &str) -> Vec<Request<Body>> {
    let post = |token: &str, path: &str, body: Value| request("POST", token, path, Some(body));
    let id = new_uuid();
    let line = json!([{ "product_id": product, "delta_milli": 1000 }]);
    vec![
        post(
            &shop.manager,
            "/api/v1/stock/adjustments",
            json!({ "id": id, "reason": "gain", "note": text, "lines": line }),
        ),
        post(
            &shop.manager,
            &format!("/api/v1/orders/{order}/cancel"),
            json!({ "reason": text }),
        ),
        post(
            &shop.till,
            "/api/v1/held-baskets",
            json!({ "id": id, "total_fen": 300, "note": text,
                "lines": [{ "product_id": product, "qty_milli": 1000 }] }),
        ),
        post(
            &shop.till,
            "/api/v1/orders",
            json!({ "id": id, "channel": "pos", "lines": [{ "barcode": COLA }], "member": text }),
        ),
        post(
            &shop.admin,
            "/api/v1/users",
            json!({ "username": "wang", "name": text, "role": "cashier",
                "password": "three blue herons" }),
        ),
        post(&shop.admin, "/api/v1/brands", json!({ "name": text })),
        request(
            "PATCH",
            &shop.admin,
            &format!("/api/v1/products/{product}"),
            Some(json!({ "supplier": text })),
        ),
        request(
            "PATCH",
            &shop.admin,
            "/api/v1/stores/1",
            Some(json!({ "receipt_footer": text })),
        ),
    ]
}

async fn unpaid(shop: &TestApp) -> String {
    let id = new_uuid();
    let order = json!({ "id": id, "channel": "pos", "lines": [{ "barcode": COLA }] });
    shop.post(&shop.till, "/api/v1/orders", order)
        .await
        .expect(201);
    id.to_string()
}

on_both_dbs!(
    of_a_thousand_card_numbers_none_is_stored,
    async |shop: &TestApp| {
        let product = shop.product(COLA, 300, 10).await;
        let order = unpaid(shop).await;
        let mut refused = 0;
        for (at, card) in cards().iter().enumerate() {
            let mut all = writings(shop, product, &order, card);
            let answer = shop.send(all.swap_remove(at % all.len())).await;
            let seen = (answer.status.as_u16(), answer.code());
            assert_eq!(seen, (422, "card_number"), "{card}: {}", answer.body);
            refused += 1;
        }
        assert_eq!(refused, 1000);
    }
);

on_both_dbs!(
    a_card_drawn_through_a_tills_reader_is_kept_with_its_ends_alone,
    async |shop: &TestApp| {
        let items: Vec<Value> = cards()
            .iter()
            .take(200)
            .map(|card| {
                json!({ "id": new_uuid(), "kind": "scan_unknown", "at": "2026-11-22T02:00:00Z",
                    "detail": card })
            })
            .collect();
        let path = "/api/v1/till-events";
        shop.post(&shop.till, path, json!({ "items": items }))
            .await
            .expect(202);
        let list = shop
            .get(&shop.admin, "/api/v1/till-events?limit=500")
            .await
            .expect(200);
        assert_eq!(list["items"].as_array().unwrap().len(), 200);
        let kept = list.to_string();
        for card in cards().iter().take(200) {
            assert!(!kept.contains(card.as_str()), "{card}");
        }
        assert!(kept.contains("**"));
    }
);

on_both_dbs!(
    ordinary_notes_with_numbers_in_them_are_stored,
    async |shop: &TestApp| {
        let product = shop.product(COLA, 300, 100).await;
        for note in [
            "订单 20261122-01-000123 少一瓶",
            "条码 4901301231093 和 6901234567892",
            "电话 13812345678 13912345678",
        ] {
            let order = unpaid(shop).await;
            for writing in writings(shop, product, &order, note) {
                let told = format!("{} {note}", writing.uri());
                let answer = shop.send(writing).await;
                let is_name_taken = answer.code() == "name_taken";
                let is_stored = answer.status.is_success() || is_name_taken;
                assert!(is_stored, "{told}: {}", answer.body);
            }
        }
    }
);
