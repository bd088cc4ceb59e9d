//! Fresh databases for tests and benchmarks: a file on SQLite, a clone of a template on PostgreSQL.
//!
//! PostgreSQL tests need `AISLE_TEST_POSTGRES` (`postgres://user@host:port`), set by
//! `cargo run -p xtask -- with-postgres COMMAND`. Without it they fail; they are never skipped.

use std::path::PathBuf;

use sqlx::{AssertSqlSafe, Connection, PgConnection};
use uuid::Uuid;

use crate::{Db, Engine, Result, Settings, Sql};

const TEMPLATE: &str = "aisle_template";
/// Any number; the same in every test process.
const LOCK: i64 = 0x0a15_1e00;

/// A database that exists for one test.
#[derive(Debug)]
pub struct TestDb {
    /// The open handle.
    pub db: Db,
    /// Its URL, to open it again from another process.
    pub url: String,
    folder: Option<PathBuf>,
}

impl TestDb {
    /// A new, migrated, empty database. `name` must be unique among running tests.
    pub async fn fresh(engine: Engine, name: Uuid) -> Result<TestDb> {
        let (url, folder) = match engine {
            Engine::Sqlite => {
                let folder = std::env::temp_dir().join(format!("aisle-test-{}", name.simple()));
                std::fs::create_dir_all(&folder)
                    .map_err(|error| crate::DbError::Other(error.to_string()))?;
                let file = folder.join("aisle.db");
                (format!("sqlite://{}", file.display()), Some(folder))
            }
            Engine::Postgres => (clone_template(&name.simple().to_string()).await?, None),
        };
        let db = Db::open(&Settings {
            url: url.clone(),
            replica_urls: Vec::new(),
        })
        .await?;
        Ok(TestDb { db, url, folder })
    }
}

/// Lets rows of an append-only table be changed, as somebody who owns the database could.
pub async fn lift_append_only(db: &Db, table: &str) -> Result<()> {
    let statements = match db.engine() {
        Engine::Sqlite => vec![
            format!("DROP TRIGGER IF EXISTS {table}_not_updated"),
            format!("DROP TRIGGER IF EXISTS {table}_not_deleted"),
        ],
        Engine::Postgres => vec![format!("ALTER TABLE {table} DISABLE TRIGGER USER")],
    };
    crate::transact!(db, |tx| {
        for statement in &statements {
            Sql::new(statement).run(tx).await?;
        }
        Ok(())
    })
}

impl Drop for TestDb {
    fn drop(&mut self) {
        if let Some(folder) = &self.folder
            && let Err(error) = std::fs::remove_dir_all(folder)
        {
            tracing::debug!(%error, "a test folder stays");
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "only tests are told by environment"
)]
fn server_url() -> String {
    std::env::var("AISLE_TEST_POSTGRES").unwrap_or_else(|_| {
        panic!("AISLE_TEST_POSTGRES is not set: run `make test`, or `cargo run -p xtask -- with-postgres cargo test`")
    })
}

async fn clone_template(name: &str) -> Result<String> {
    let server = server_url();
    let mut admin = PgConnection::connect(&format!("{server}/postgres")).await?;
    sqlx::query("SELECT pg_advisory_lock($1)")
        .bind(LOCK)
        .execute(&mut admin)
        .await?;
    let exists: Option<i32> = sqlx::query_scalar("SELECT 1 FROM pg_database WHERE datname = $1")
        .bind(TEMPLATE)
        .fetch_optional(&mut admin)
        .await?;
    if exists.is_none() {
        let building = "aisle_template_new";
        run(&mut admin, format!("DROP DATABASE IF EXISTS {building}")).await?;
        run(&mut admin, format!("CREATE DATABASE {building}")).await?;
        let mut built = PgConnection::connect(&format!("{server}/{building}")).await?;
        crate::migrate::migrator(Engine::Postgres)
            .run_direct(None, &mut built, false)
            .await
            .map_err(|error| crate::migrate::explain(&error))?;
        built.close().await?;
        run(
            &mut admin,
            format!("ALTER DATABASE {building} RENAME TO {TEMPLATE}"),
        )
        .await?;
    }
    run(
        &mut admin,
        format!("CREATE DATABASE t_{name} TEMPLATE {TEMPLATE}"),
    )
    .await?;
    admin.close().await?;
    Ok(format!("{server}/t_{name}"))
}

async fn run(admin: &mut PgConnection, text: String) -> Result<()> {
    sqlx::query(AssertSqlSafe(text)).execute(admin).await?;
    Ok(())
}
