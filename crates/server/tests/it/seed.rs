//! The demo shop, as the command line makes it.

use std::path::Path;
use std::process::Command;

use aisle_db::testing::TestDb;
use aisle_db::{Engine, Sql};

/// Runs the real binary; answers what it said.
fn aisle(db: &TestDb, folder: &Path, arguments: &[&str]) -> String {
    let done = Command::new(env!("CARGO_BIN_EXE_aisle"))
        .args(arguments)
        .env("AISLE_DATABASE_URL", &db.url)
        .env("AISLE_DATA_DIR", folder)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&done.stdout).into_owned();
    let trouble = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{arguments:?}: {said}{trouble}");
    said
}

async fn seeds(engine: Engine) {
    let name = aisle_server::clock::new_uuid();
    let db = TestDb::fresh(engine, name).await.unwrap();
    let folder = std::env::temp_dir().join(format!("aisle-seed-{}", name.simple()));
    std::fs::create_dir_all(&folder).unwrap();
    aisle(&db, &folder, &["seed", "--demo"]);
    let verified = aisle(&db, &folder, &["verify"]);
    assert!(!verified.contains("BROKEN"), "{verified}");
    let count = async |sql: &str| Sql::new(sql).number(db.db.read_fresh()).await.unwrap();
    let orders = count("SELECT COUNT(*) FROM orders").await;
    assert!((1000..=2000).contains(&orders), "{orders} orders");
    let days = count("SELECT COUNT(DISTINCT business_day) FROM orders").await;
    assert!((13..=14).contains(&days), "{days} days");
    for (what, least) in [
        ("orders WHERE state = 'cancelled'", 10),
        ("order_returns", 10),
        ("till_events WHERE kind = 'void_line'", 50),
    ] {
        let found = count(&format!("SELECT COUNT(*) FROM {what}")).await;
        assert!(found >= least, "{found} {what}");
    }
    std::fs::remove_dir_all(&folder).unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_demo_shop_has_sold_for_two_weeks_and_its_books_are_whole_on_sqlite() {
    seeds(Engine::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_demo_shop_has_sold_for_two_weeks_and_its_books_are_whole_on_postgres() {
    seeds(Engine::Postgres).await;
}
