//! The operation log: what is written, who reads it, how it is found, and that nobody changes it.

use aisle_db::testing::lift_append_only;
use aisle_db::{Sql, Tx};
use aisle_domain::ids::StoreId;
use aisle_domain::time::Instant;
use aisle_server::ops::{self, Operation, anchor, verify};
use aisle_server::{App, Error};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde_json::{Value, json};

use crate::harness::{TestApp, cash_sale};
use crate::on_both_dbs;

const COLA: &str = "6901234567892";
const DAY_MS: i64 = 86_400_000;

async fn list(shop: &TestApp, token: &str, query: &str) -> Vec<Value> {
    let path = format!("/api/v1/operations?{query}");
    let page = shop.get(token, &path).await.expect(200);
    page["items"].as_array().unwrap().clone()
}

async fn note(app: &App, store: i64, action: &'static str, detail: Value) {
    let operation = Operation::by_name(StoreId(store), "anna", action)
        .on("product 7".to_owned())
        .approved_by((store == 2).then(|| "boss".to_owned()))
        .detail(detail);
    let now = app.clock.now();
    let done: aisle_server::Result<()> =
        aisle_db::transact!(app.db, |tx| ops::record(tx, now, operation.clone()).await);
    done.unwrap();
}

on_both_dbs!(
    a_change_is_listed_with_what_differs_and_who_did_it,
    async |shop: &TestApp| {
        let cola = shop.product(COLA, 300, 0).await;
        let path = format!("/api/v1/products/{cola}");
        let body = json!({ "price_fen": 280, "name": "可口可乐" });
        shop.patch(&shop.manager, &path, body).await.expect(200);
        let newest = &list(shop, &shop.manager, "limit=1").await[0];
        assert_eq!(newest["action"], "product.change");
        assert_eq!(newest["actor"], "manager");
        assert_eq!(newest["target"], format!("product {cola}"));
        let changes = &newest["detail"]["changes"];
        assert_eq!(changes["price_fen"], json!([300, 280]));
        assert_eq!(changes["name"][1], "可口可乐");
        let history = format!("target=product%20{cola}");
        let actions: Vec<String> = list(shop, &shop.manager, &history)
            .await
            .iter()
            .map(|row| row["action"].as_str().unwrap().to_owned())
            .collect();
        assert_eq!(actions, ["product.change", "product.create"]);
    }
);

on_both_dbs!(
    each_filter_finds_its_own_and_nothing_else,
    async |shop: &TestApp| {
        shop.product(COLA, 300, 0).await;
        note(
            &shop.app,
            1,
            "product.bulk",
            json!({ "note": "绿叶酱油 Promo-7" }),
        )
        .await;
        shop.app.clock.advance_ms(DAY_MS);
        note(
            &shop.app,
            2,
            "tag.create",
            json!({ "changes": { "name": [null, "可乐茶"] } }),
        )
        .await;
        for (query, want) in [
            ("actor=anna", 2),
            ("actor=ann", 0),
            ("action=tag.create", 1),
            ("action=tag.", 1),
            ("action=tag", 0),
            ("action=product.", 2),
            ("action=product.&actor=anna", 1),
            ("target=product%207", 2),
            ("store=2", 2),
            ("store=2&actor=anna", 1),
            ("terminal=999", 0),
            ("q=promo", 1),
            ("q=%E7%BB%BF%E5%8F%B6", 1),
            ("q=%E5%8F%B6%E9%85%B1%E6%B2%B9%207", 1),
            ("q=%E5%8F%B6%E9%85%B1%E6%B2%B9%208", 0),
            ("q=%E8%8C%B6", 1),
            ("q=%E8%8C%B6&action=product.", 0),
            ("q=boss", 1),
            ("from=2026-11-23T00:00:00Z", 1),
            ("from=2026-11-24T00:00:00Z", 0),
            ("to=2026-11-23T00:00:00Z&actor=anna", 1),
            ("to=2026-11-01T00:00:00Z", 0),
        ] {
            let found = list(shop, &shop.admin, query).await;
            assert_eq!(found.len(), want, "{query}: {found:?}");
        }
    }
);

on_both_dbs!(
    pages_show_every_entry_once_newest_first,
    async |shop: &TestApp| {
        for at in 0..23 {
            note(&shop.app, 1, "product.bulk", json!({ "count": at })).await;
        }
        let mut seen = Vec::new();
        let mut next = Some(String::new());
        while let Some(cursor) = next {
            let path = format!("/api/v1/operations?actor=anna&limit=5&cursor={cursor}");
            let path = path.trim_end_matches("&cursor=");
            let page = shop.get(&shop.manager, path).await.expect(200);
            let items = page["items"].as_array().unwrap();
            seen.extend(
                items
                    .iter()
                    .map(|row| row["detail"]["count"].as_i64().unwrap()),
            );
            next = page["next"].as_str().map(str::to_owned);
        }
        assert_eq!(seen, (0..23).rev().collect::<Vec<_>>());
    }
);

on_both_dbs!(
    who_may_read_the_log_reads_that_of_their_own_store,
    async |shop: &TestApp| {
        note(&shop.app, 2, "tag.create", json!({})).await;
        for token in [&shop.cashier, &shop.till] {
            for path in ["/api/v1/operations", "/api/v1/till-events"] {
                assert_eq!(shop.get(token, path).await.code(), "denied");
            }
        }
        assert!(
            list(shop, &shop.manager, "action=tag.create")
                .await
                .is_empty()
        );
        let other = shop.get(&shop.manager, "/api/v1/operations?store=2").await;
        assert_eq!(other.code(), "not_found");
        let seen = list(shop, &shop.admin, "action=tag.create").await;
        assert_eq!(seen[0]["approver"], "boss");
        for query in ["limit=0", "cursor=x", "from=today", "colour=red"] {
            let answer = shop
                .get(&shop.admin, &format!("/api/v1/operations?{query}"))
                .await;
            assert_eq!(answer.code(), "invalid_request", "{query}");
        }
    }
);

on_both_dbs!(
    an_export_has_the_filter_and_no_formulas,
    async |shop: &TestApp| {
        shop.product(COLA, 300, 0).await;
        let detail = json!({ "name": "=HYPERLINK(\"x\")", "changes": { "price_fen": [300, 350] } });
        note(&shop.app, 1, "product.bulk", detail).await;
        let path = "/api/v1/operations/export?format=csv&lang=en&actor=anna";
        let answer = shop.get(&shop.manager, path).await;
        let text = String::from_utf8(answer.bytes).unwrap();
        let mut rows = csv::Reader::from_reader(text.trim_start_matches('\u{FEFF}').as_bytes());
        assert_eq!(&rows.headers().unwrap()[6], "action");
        let rows: Vec<csv::StringRecord> = rows.records().map(Result::unwrap).collect();
        assert_eq!(rows.len(), 1);
        assert_eq!(&rows[0][6], "product.bulk");
        assert_eq!(&rows[0][8], "'=HYPERLINK(\"x\"): price_fen: 300 → 350");
        let xlsx = shop
            .get(&shop.manager, "/api/v1/operations/export?format=xlsx")
            .await;
        assert_eq!((xlsx.status.as_u16(), &xlsx.bytes[..2]), (200, &b"PK"[..]));
        let bad = shop
            .get(&shop.manager, "/api/v1/operations/export?format=pdf")
            .await;
        assert_eq!(bad.code(), "invalid_request");
    }
);

on_both_dbs!(
    who_may_not_see_costs_finds_none_in_the_log,
    async |shop: &TestApp| {
        const GOOD: &str = "a better password";
        let cola = shop.product(COLA, 300, 0).await;
        let path = format!("/api/v1/products/{cola}");
        let body = json!({ "price_fen": 290, "cost_fen": 13_579 });
        shop.patch(&shop.manager, &path, body).await.expect(200);
        let bulk =
            json!({ "count": 1, "items": [{ "changes": { "cost_fen": [13_579, 24_680] } }] });
        note(&shop.app, 1, "product.bulk", bulk).await;
        let role =
            json!({ "name": "外部审计", "scope": "all", "grants": { "log.read": "allowed" } });
        let role = shop
            .post(&shop.admin, "/api/v1/roles", role)
            .await
            .expect(201);
        let new =
            json!({ "username": "wai", "name": "外审", "role": role["role"], "password": GOOD });
        shop.post(&shop.admin, "/api/v1/users", new)
            .await
            .expect(201);
        let auditor = shop.sign_in_as("wai", GOOD).await;

        let rows = list(shop, &auditor, "").await;
        let said = json!(rows).to_string();
        assert!(said.contains("[300,290]"), "{said}");
        for number in ["13579", "24680"] {
            assert!(!said.contains(number), "{number} in {said}");
            let query = format!("q={number}");
            assert!(list(shop, &auditor, &query).await.is_empty(), "{number}");
        }
        let hidden: Vec<&Value> = rows
            .iter()
            .filter(|row| row["detail"]["hidden"] == json!(["cost_fen"]))
            .collect();
        assert_eq!(hidden.len(), 3, "created, changed, changed with others");
        assert!(
            rows.iter()
                .all(|row| row["hash"].is_null() && row["prev_hash"].is_null())
        );
        let whole = list(shop, &shop.manager, "action=product.change").await;
        assert_eq!(
            whole[0]["detail"]["changes"]["cost_fen"],
            json!([150, 13_579])
        );
        let hash = whole[0]["hash"].as_str().unwrap();
        for (token, sees) in [(&auditor, false), (&shop.manager, true)] {
            let path = "/api/v1/operations/export?format=csv";
            let text = String::from_utf8(shop.get(token, path).await.bytes).unwrap();
            assert_eq!(
                (text.contains("13579"), text.contains(hash)),
                (sees, sees),
                "{text}"
            );
        }
        let me = async |token: &str| {
            shop.get(token, "/api/v1/sessions/current")
                .await
                .expect(200)
        };
        assert_eq!(me(&auditor).await["sees_all_stores"], true);
        assert_eq!(me(&shop.manager).await["sees_all_stores"], false);
    }
);

on_both_dbs!(
    the_database_itself_refuses_to_change_what_was_written,
    async |shop: &TestApp| {
        shop.product(COLA, 300, 5).await;
        let sale = cash_sale(aisle_server::clock::new_uuid(), "pos", &[COLA]);
        shop.post(&shop.till, "/api/v1/orders", sale)
            .await
            .expect(201);
        for table in ["operation_log", "stock_ledger", "order_events"] {
            for text in [
                format!("UPDATE {table} SET actor = 'nobody'"),
                format!("DELETE FROM {table}"),
            ] {
                let done: aisle_db::Result<u64> =
                    aisle_db::transact!(shop.app.db, |tx| Sql::new(&text).run(tx).await);
                let refusal = done.expect_err(&text).to_string();
                assert!(refusal.contains("is append-only"), "{text}: {refusal}");
            }
        }
    }
);

on_both_dbs!(
    entries_older_than_the_table_of_words_get_theirs,
    async |shop: &TestApp| {
        for at in 0..3 {
            note(
                &shop.app,
                1,
                "tag.create",
                json!({ "name": format!("海天酱油 {at}") }),
            )
            .await;
        }
        let before: aisle_server::Result<u64> = aisle_db::transact!(shop.app.db, |tx| {
            Sql::new("DELETE FROM operation_words").run(tx).await?;
            Sql::new("INSERT INTO counters (name, value) SELECT 'operation_words_missing', value FROM counters WHERE name = 'operation_log'")
                .run(tx)
                .await
                .map_err(Error::from)
        });
        assert_eq!(before.unwrap(), 1);
        let query = "q=%E6%B5%B7%E5%A4%A9";
        assert!(list(shop, &shop.manager, query).await.is_empty());
        while ops::add_missing_words(&shop.app).await.unwrap() {}
        assert_eq!(list(shop, &shop.manager, query).await.len(), 3);
        note(&shop.app, 1, "tag.create", json!({ "name": "海天" })).await;
        assert_eq!(list(shop, &shop.manager, query).await.len(), 4);
    }
);

/// One way of changing a row of the log, and whether the row is then gone.
async fn tamper(tx: &Tx, id: i64, random: &mut StdRng) -> aisle_server::Result<u64> {
    const EDITS: [&str; 11] = [
        "UPDATE operation_log SET at = at + 1",
        "UPDATE operation_log SET store_id = store_id + 1",
        "UPDATE operation_log SET actor = actor || 'x'",
        "UPDATE operation_log SET approver = 'nobody'",
        "UPDATE operation_log SET terminal_id = COALESCE(terminal_id, 0) + 1",
        "UPDATE operation_log SET action = 'tag.delete'",
        "UPDATE operation_log SET target = target || ' 1'",
        "UPDATE operation_log SET detail = detail || ' '",
        "UPDATE operation_log SET prev_hash = prev_hash || '0'",
        "UPDATE operation_log SET hash = '2:0'",
        "DELETE FROM operation_log",
    ];
    let edit = EDITS[random.random_range(0..EDITS.len())];
    let changed = Sql::new(edit).push(" WHERE id = ").arg(id).run(tx).await?;
    Ok(changed)
}

on_both_dbs!(
    of_a_thousand_changes_to_the_log_each_is_found_and_named,
    async |shop: &TestApp| {
        const SEED: u64 = 20_261_124;
        shop.product(COLA, 300, 5).await;
        for at in 0..40 {
            note(
                &shop.app,
                1 + at % 2,
                "product.bulk",
                json!({ "count": at }),
            )
            .await;
        }
        let last = Sql::new("SELECT MAX(id) FROM operation_log")
            .number(shop.app.db.read_fresh())
            .await
            .unwrap();
        assert_eq!(
            verify::first_bad_entry(shop.app.db.read_fresh())
                .await
                .unwrap(),
            None
        );
        lift_append_only(&shop.app.db, "operation_log")
            .await
            .unwrap();
        let mut random = StdRng::seed_from_u64(SEED);
        for round in 0..1000 {
            let id = random.random_range(1..=last);
            let mut found = None;
            // Ends without a commit, so each round begins with the whole log.
            let undone: Result<(), Error> = aisle_db::transact!(shop.app.db, |tx| {
                assert_eq!(tamper(tx, id, &mut random).await?, 1);
                found = verify::first_bad_entry(tx).await?;
                Err(Error::Trouble(anyhow::anyhow!("only a trial")))
            });
            undone.expect_err("nothing is kept");
            let found = found.unwrap_or_default();
            assert!(
                found.starts_with(&format!("entry {id} ")),
                "seed {SEED}, round {round}, entry {id}: {found}"
            );
        }
    }
);

on_both_dbs!(
    a_cut_off_end_is_found_by_its_anchor,
    async |shop: &TestApp| {
        let broken = async || -> Vec<String> {
            let findings = verify::verify_all(&shop.app).await.unwrap();
            findings
                .into_iter()
                .flat_map(|finding| finding.broken)
                .collect()
        };
        note(&shop.app, 1, "tag.create", json!({})).await;
        assert!(anchor::drop_anchor(&shop.app).await.unwrap());
        assert!(!anchor::drop_anchor(&shop.app).await.unwrap(), "one a day");
        shop.app.clock.advance_ms(DAY_MS);
        note(&shop.app, 1, "tag.delete", json!({})).await;
        assert!(anchor::drop_anchor(&shop.app).await.unwrap());
        assert_eq!(broken().await, Vec::<String>::new());
        let day = Instant(shop.app.clock.now().0).to_rfc3339()[..10].to_owned();
        let last = Sql::new("SELECT MAX(id) FROM operation_log")
            .number(shop.app.db.read_fresh())
            .await
            .unwrap();
        lift_append_only(&shop.app.db, "operation_log")
            .await
            .unwrap();
        let cut: aisle_server::Result<()> = aisle_db::transact!(shop.app.db, |tx| {
            Sql::new("DELETE FROM operation_log WHERE id = ")
                .arg(last)
                .run(tx)
                .await?;
            Sql::new("UPDATE counters SET value = value - 1 WHERE name = 'operation_log'")
                .run(tx)
                .await?;
            Ok(())
        });
        cut.unwrap();
        let want = format!("entry {last}, anchored on {day}, is missing");
        assert_eq!(broken().await, [want]);
        std::fs::remove_dir_all(&shop.app.config.data_dir).unwrap();
    }
);

on_both_dbs!(
    what_tills_did_is_listed_by_kind_person_time_and_words,
    async |shop: &TestApp| {
        let event = |kind: &str, at: &str, detail: &str| {
            let id = aisle_server::clock::new_uuid();
            json!({ "id": id, "kind": kind, "at": at, "detail": detail })
        };
        let items = [
            event("void_line", "2026-11-22T01:00:00Z", "可乐 × 1"),
            event("price_check", "2026-11-22T01:05:00Z", "可乐 5% off"),
            event("sign_out", "2026-11-22T01:10:00Z", ""),
        ];
        shop.post(&shop.till, "/api/v1/till-events", json!({ "items": items }))
            .await;
        let list = async |query: &str| -> Vec<String> {
            let path = format!("/api/v1/till-events?{query}");
            let page = shop.get(&shop.manager, &path).await.expect(200);
            let items = page["items"].as_array().unwrap().clone();
            items
                .iter()
                .map(|row| row["kind"].as_str().unwrap().to_owned())
                .collect()
        };
        assert_eq!(list("").await, ["sign_out", "price_check", "void_line"]);
        assert_eq!(list("kind=void_line").await, ["void_line"]);
        assert_eq!(list("kind=void_line&actor=till").await, ["void_line"]);
        assert_eq!(list("actor=till&limit=1").await, ["sign_out"]);
        assert_eq!(list("actor=nobody").await, Vec::<String>::new());
        assert_eq!(
            list("q=%E5%8F%AF%E4%B9%90").await,
            ["price_check", "void_line"]
        );
        assert_eq!(list("q=5%25%20o").await, ["price_check"]);
        assert_eq!(list("q=_").await, Vec::<String>::new());
        assert_eq!(
            list("from=2026-11-22T01:05:00Z&to=2026-11-22T01:10:00Z").await,
            ["price_check"]
        );
        let first = shop
            .get(&shop.manager, "/api/v1/till-events?limit=2")
            .await
            .expect(200);
        let next = first["next"].as_str().unwrap();
        assert_eq!(list(&format!("limit=2&cursor={next}")).await, ["void_line"]);
        assert_eq!(first["items"][0]["terminal"], "till");
        let wrong = shop
            .get(&shop.manager, "/api/v1/till-events?kind=dance")
            .await;
        assert_eq!(wrong.code(), "invalid_request");
    }
);

#[test]
fn every_action_has_a_chinese_and_an_english_text() {
    for locale in ["zh-CN", "en"] {
        let path = format!(
            "{}/../../web/shared/locales/{locale}.json",
            env!("CARGO_MANIFEST_DIR")
        );
        let words: Value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        let has_text = |action: &&&str| {
            let pointer = format!("/ops/actions/{}", action.replace('.', "/"));
            words.pointer(&pointer).is_some_and(Value::is_string)
        };
        let missing: Vec<_> = ops::ACTIONS
            .iter()
            .filter(|action| !has_text(action))
            .collect();
        assert!(missing.is_empty(), "{locale} lacks {missing:?}");
    }
}
