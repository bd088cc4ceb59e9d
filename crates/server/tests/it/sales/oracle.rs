//! The engine against a one-by-one oracle: whatever shares a batch, each basket is answered as if it
//! had come alone, in some order, and the books agree with the answers.

use std::collections::BTreeMap;

use aisle_server::clock::new_uuid;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};

use crate::harness::TestApp;
use crate::on_both_dbs;

const CODES: [&str; 3] = ["6901234567892", "6900000000014", "6900000000021"];
const ROUNDS: usize = 6;

#[derive(Debug, Clone)]
struct Ask {
    channel: &'static str,
    paid: bool,
    lines: Vec<(usize, i64)>,
}

fn asks() -> impl Strategy<Value = Vec<Ask>> {
    let line = (0usize..3, 1i64..4);
    let ask = (
        prop::bool::ANY,
        prop::bool::ANY,
        prop::collection::vec(line, 1..4),
    )
        .prop_map(|(guarded, paid, lines)| Ask {
            channel: if guarded { "kiosk" } else { "pos" },
            paid,
            lines,
        });
    prop::collection::vec(ask, 1..60)
}

fn body(ask: &Ask) -> Value {
    let lines: Vec<Value> = ask
        .lines
        .iter()
        .map(|(at, pieces)| json!({ "barcode": CODES[*at], "qty_milli": pieces * 1000 }))
        .collect();
    let payments = if ask.paid {
        json!([{ "method": "cash", "tendered_fen": 1_000_000 }])
    } else {
        json!([])
    };
    json!({ "id": new_uuid(), "channel": ask.channel, "lines": lines, "payments": payments })
}

on_both_dbs!(
    batches_answer_as_if_each_basket_had_come_alone,
    async |shop: &TestApp| {
        let mut runner =
            TestRunner::new_with_rng(Config::default(), TestRunner::deterministic().new_rng());
        let mut products = Vec::new();
        let mut book: BTreeMap<usize, i64> = BTreeMap::new();
        for (at, code) in CODES.iter().enumerate() {
            products.push(
                shop.product(code, 100 + i64::try_from(at).unwrap() * 50, 40)
                    .await,
            );
            book.insert(at, 40);
        }
        for _ in 0..ROUNDS {
            let asks = asks().new_tree(&mut runner).unwrap().current();
            let sends = asks
                .iter()
                .map(|ask| shop.post(&shop.till, "/api/v1/orders", body(ask)));
            let answers = futures_util::future::join_all(sends).await;
            let mut refused = Vec::new();
            for (ask, answer) in asks.iter().zip(&answers) {
                if answer.status == 201 {
                    assert_eq!(
                        answer.body["status"],
                        if ask.paid { "paid" } else { "received" }
                    );
                    for (at, pieces) in &ask.lines {
                        *book.get_mut(at).unwrap() -= pieces;
                    }
                } else {
                    assert_eq!(
                        (answer.status.as_u16(), answer.code()),
                        (409, "out_of_stock"),
                        "{}",
                        answer.body
                    );
                    assert_eq!(
                        ask.channel, "kiosk",
                        "a till is never refused for want of stock"
                    );
                    refused.push(ask);
                }
            }
            assert!(
                refused.iter().all(|ask| is_short(ask, &book)),
                "refused although there was enough"
            );
            for (at, product) in products.iter().enumerate() {
                assert_eq!(shop.available(*product).await, book[&at] * 1000);
            }
        }
    }
);

/// Stock only falls within a round, so whoever was refused is still short at its end.
fn is_short(ask: &Ask, after: &BTreeMap<usize, i64>) -> bool {
    let mut wanted: BTreeMap<usize, i64> = BTreeMap::new();
    for (at, pieces) in &ask.lines {
        *wanted.entry(*at).or_default() += pieces;
    }
    wanted.iter().any(|(at, pieces)| *pieces > after[at])
}
