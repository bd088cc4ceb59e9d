//! How long records are kept, and that what stays is as well guarded as before.

use aisle_db::testing::lift_append_only;
use aisle_db::{Engine, Sql};
use aisle_domain::ids::StoreId;
use aisle_server::ops::{self, Operation, anchor, cut, verify};
use aisle_server::{Error, identity, sales};
use serde_json::json;

use crate::harness::{PASSWORD, TestApp};
use crate::on_both_dbs;

const DAY_MS: i64 = 86_400_000;

/// Writes so many entries, and the anchor of their day.
async fn a_day(shop: &TestApp, words: &str, count: usize) {
    for at in 0..count {
        let operation = Operation::by_name(StoreId(1), "anna", "tag.create")
            .on(format!("tag {at}"))
            .detail(json!({ "name": format!("{words} {at}") }));
        let now = shop.app.clock.now();
        let done: aisle_server::Result<()> = aisle_db::transact!(shop.app.db, |tx| {
            ops::record(tx, now, operation.clone()).await
        });
        done.unwrap();
    }
    assert!(anchor::drop_anchor(&shop.app).await.unwrap());
}

async fn number(shop: &TestApp, sql: &str) -> i64 {
    let reader = shop.app.db.read_fresh();
    Sql::new(sql).number(reader).await.unwrap()
}

async fn write(shop: &TestApp, sql: &str) -> Result<u64, Error> {
    aisle_db::transact!(shop.app.db, |tx| Sql::new(sql)
        .run(tx)
        .await
        .map_err(Error::from))
}

/// What `aisle verify` says is broken.
async fn broken(shop: &TestApp) -> Vec<String> {
    let findings = verify::verify_all(&shop.app).await.unwrap();
    let broken = findings.into_iter().flat_map(|finding| finding.broken);
    broken.collect()
}

/// Three days of entries, and three years later what is over of them is cut; answers the last entry cut.
async fn cut_log(shop: &TestApp) -> i64 {
    a_day(shop, "海天酱油", 3).await;
    shop.app.clock.advance_ms(DAY_MS);
    a_day(shop, "厨邦酱油", 250).await;
    let last = number(shop, "SELECT MAX(id) FROM operation_log").await;
    shop.app.clock.advance_ms(DAY_MS);
    a_day(shop, "千禾酱油", 4).await;
    assert!(
        !cut::cut_off(&shop.app).await.unwrap(),
        "nothing is over yet"
    );
    shop.app.clock.advance_ms(1095 * DAY_MS);
    assert!(cut::cut_off(&shop.app).await.unwrap());
    assert!(!cut::cut_off(&shop.app).await.unwrap(), "once");
    last
}

on_both_dbs!(
    whole_anchored_days_that_are_over_go_and_the_chain_holds_from_there,
    async |shop: &TestApp| {
        let last = cut_log(shop).await;
        assert_eq!(
            broken(shop).await,
            Vec::<String>::new(),
            "before anything is gone"
        );
        assert!(cut::remove_part(&shop.app).await.unwrap());
        assert_eq!(
            broken(shop).await,
            Vec::<String>::new(),
            "while some is gone"
        );
        while cut::remove_part(&shop.app).await.unwrap() {}
        assert_eq!(broken(shop).await, Vec::<String>::new(), "when all is gone");
        assert_eq!(
            number(shop, "SELECT MIN(id) FROM operation_log").await,
            last + 1
        );
        let orphans = "SELECT COUNT(*) FROM operation_words w WHERE NOT EXISTS \
                       (SELECT 1 FROM operation_log o WHERE o.id = w.id)";
        assert_eq!(number(shop, orphans).await, 0);

        let admin = shop.sign_in_as("admin", PASSWORD).await;
        let log = shop.get(&admin, "/api/v1/operations").await.expect(200);
        let items = log["items"].as_array().unwrap();
        assert_eq!(items.len(), 5, "the third day and the cut: {items:?}");
        assert_eq!(items[0]["action"], "log.cut");
        assert_eq!(items[0]["detail"]["last_id"], last);
        let kept = shop.get(&admin, "/api/v1/retention").await.expect(200);
        let wanted = json!({ "operations_days": 1096, "till_events_days": 366,
            "guesses_days": 90, "operations_cut": "2026-11-23" });
        assert_eq!(kept, wanted);
        std::fs::remove_dir_all(&shop.app.config.data_dir).unwrap();
    }
);

on_both_dbs!(
    after_a_cut_nothing_that_stays_is_changed_unseen,
    async |shop: &TestApp| {
        let last = cut_log(shop).await;
        while cut::remove_part(&shop.app).await.unwrap() {}
        for sql in [
            "DELETE FROM operation_log",
            "DELETE FROM operation_cuts",
            "UPDATE operation_cuts SET hash = 'x'",
        ] {
            let refusal = write(shop, sql).await.expect_err(sql).to_string();
            assert!(refusal.contains("is append-only"), "{sql}: {refusal}");
        }
        for table in ["operation_log", "operation_cuts"] {
            lift_append_only(&shop.app.db, table).await.unwrap();
        }
        let first = last + 1;
        let tampered = [
            (
                format!("UPDATE operation_log SET actor = 'nobody' WHERE id = {first}"),
                format!("entry {first} does not say what was written"),
            ),
            (
                format!("UPDATE operation_log SET prev_hash = '' WHERE id = {first}"),
                format!("entry {first} does not follow from the one before it"),
            ),
            (
                format!("DELETE FROM operation_log WHERE id = {first}"),
                format!("entry {first} is missing"),
            ),
            (
                format!(
                    "UPDATE operation_log SET detail = 'null' WHERE id = {}",
                    last + 3
                ),
                format!("entry {} does not say what was written", last + 3),
            ),
        ];
        for (sql, want) in tampered {
            let mut found = None;
            let undone: Result<(), Error> = aisle_db::transact!(shop.app.db, |tx| {
                assert_eq!(Sql::new(&sql).run(tx).await?, 1, "{sql}");
                found = verify::first_bad_entry(tx).await?;
                Err(Error::Trouble(anyhow::anyhow!("only a trial")))
            });
            undone.expect_err("nothing is kept");
            assert_eq!(found.as_ref(), Some(&want), "{sql}");
        }
        // Somebody hides entries by a cut of their own, whole as a chain: of an old day, then of a young one.
        let hide = async |id: i64, day: &str| {
            let cut = format!(
                "INSERT INTO operation_cuts (last_id, hash, day, cut_at) \
                SELECT id, hash, '{day}', 0 FROM operation_log WHERE id = {id}"
            );
            assert_eq!(write(shop, &cut).await.unwrap(), 1);
            write(shop, &format!("DELETE FROM operation_log WHERE id <= {id}"))
                .await
                .unwrap();
            broken(shop).await
        };
        let third = last + 4;
        let silent = format!("the log was cut at entry {third}, and no entry says so");
        assert_eq!(hide(third, "2026-11-24").await, [silent]);
        shop.app.clock.advance_ms(DAY_MS);
        a_day(shop, "千禾酱油", 2).await;
        let newest = last + 7;
        let young = "the log was cut at 2029-11-24, which is not old enough";
        assert_eq!(hide(newest, "2029-11-24").await, [young]);
        std::fs::remove_dir_all(&shop.app.config.data_dir).unwrap();
    }
);

on_both_dbs!(what_is_not_whole_is_not_cut_off, async |shop: &TestApp| {
    a_day(shop, "海天酱油", 3).await;
    shop.app.clock.advance_ms(2000 * DAY_MS);
    a_day(shop, "千禾酱油", 1).await;
    lift_append_only(&shop.app.db, "operation_log")
        .await
        .unwrap();
    write(shop, "UPDATE operation_log SET actor = 'nobody' WHERE id = (SELECT MIN(id) + 1 FROM operation_log)")
            .await
            .unwrap();
    assert!(!cut::cut_off(&shop.app).await.unwrap());
    assert!(!cut::remove_part(&shop.app).await.unwrap());
    assert_eq!(number(shop, "SELECT COUNT(*) FROM operation_cuts").await, 0);
    write(
        shop,
        "UPDATE operation_log SET actor = 'test' WHERE actor = 'nobody'",
    )
    .await
    .unwrap();
    std::fs::remove_dir_all(&shop.app.config.data_dir).unwrap();
});

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_kept_for_ever_is_never_cut() {
    let shop = TestApp::with(Engine::Sqlite, |config| {
        config.keep_operations_days = 0;
        config.keep_till_events_days = 0;
        config.keep_guesses_days = 0;
    })
    .await;
    a_day(&shop, "海天酱油", 3).await;
    shop.app.clock.advance_ms(9000 * DAY_MS);
    assert!(!cut::cut_off(&shop.app).await.unwrap());
    identity::tidy(&shop.app).await.unwrap();
    assert!(number(&shop, "SELECT COUNT(*) FROM sessions").await > 0);
    shop.finish().await;
}

on_both_dbs!(
    events_of_tills_go_after_a_year_and_guesses_after_ninety_days,
    async |shop: &TestApp| {
        let report = async |count: usize| {
            let at = shop.app.clock.now().to_rfc3339();
            let event = || json!({ "id": aisle_server::clock::new_uuid(), "kind": "price_check", "at": at });
            for _ in 0..count / 250 {
                let items: Vec<_> = (0..250).map(|_| event()).collect();
                shop.post(&shop.till, "/api/v1/till-events", json!({ "items": items }))
                    .await
                    .expect(202);
            }
        };
        let count =
            async |table: &str| number(shop, &format!("SELECT COUNT(*) FROM {table}")).await;
        report(1250).await;
        let wrong = json!({ "username": "nobody", "password": "wrong" });
        shop.post("", "/api/v1/sessions", wrong).await;
        shop.app.clock.advance_ms(89 * DAY_MS);
        identity::tidy(&shop.app).await.unwrap();
        assert!(count("sign_in_attempts").await > 0 && count("sessions").await > 0);
        shop.app.clock.advance_ms(2 * DAY_MS);
        identity::tidy(&shop.app).await.unwrap();
        assert_eq!(
            (count("sign_in_attempts").await, count("sessions").await),
            (0, 0)
        );

        shop.app.clock.advance_ms(270 * DAY_MS);
        report(250).await;
        sales::tidy(&shop.app).await.unwrap();
        assert_eq!(count("till_events").await, 1500);
        shop.app.clock.advance_ms(10 * DAY_MS);
        sales::tidy(&shop.app).await.unwrap();
        assert_eq!(count("till_events").await, 250);
    }
);
