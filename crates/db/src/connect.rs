//! Connections: one writer on SQLite, pools on PostgreSQL, replicas for reading.

use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use sea_orm::{
    DatabaseConnection, DatabaseTransaction, SqlxPostgresConnector, SqlxSqliteConnector,
    TransactionOptions, TransactionTrait,
};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};

use crate::{DbError, Result, Sql, migrate};

/// Tries of one transaction that the database asks to repeat.
const TRIES_MAX: u32 = 20;
/// Connections to a PostgreSQL server at most.
const CONNECTIONS: u32 = 16;
/// The same for work beside.
const BESIDE: u32 = 2;
/// Plans are made for the values at hand: one made for all lists scans the list for each row, and one
/// made while a table was empty scans the table when it is full. Nothing here is worth compiling.
const PLANNING: [(&str, &str); 2] = [("plan_cache_mode", "force_custom_plan"), ("jit", "off")];
/// Rows SQLite's thread may be ahead of who reads them: the two wake each other less often.
const ROW_BUFFER: usize = 1024;
/// The oldest SQLite without the WAL-reset bug.
const SQLITE_VERSION_MIN: (u32, u32, u32) = (3, 51, 3);

/// Which database this is. Only this crate decides by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// The embedded one, in a file.
    Sqlite,
    /// A server.
    Postgres,
}

/// Where the data is.
#[derive(Debug, Clone)]
pub struct Settings {
    /// `sqlite://path` or `postgres://…`.
    pub url: String,
    /// PostgreSQL replicas for reads.
    pub replica_urls: Vec<String>,
}

/// The handle everybody holds.
#[derive(Debug, Clone)]
pub struct Db {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    engine: Engine,
    url: String,
    /// How to connect to the PostgreSQL it writes to.
    postgres: Option<PgConnectOptions>,
    write: DatabaseConnection,
    fresh: Read,
    replicas: Vec<Read>,
    next: AtomicUsize,
}

/// Reads only; has no way to write.
#[derive(Debug, Clone)]
pub struct Read {
    connection: DatabaseConnection,
}

/// The transaction in hand.
#[derive(Debug)]
pub struct Tx {
    transaction: DatabaseTransaction,
}

impl Read {
    pub(crate) fn connection_ref(&self) -> &DatabaseConnection {
        &self.connection
    }
}

impl Tx {
    pub(crate) fn transaction_ref(&self) -> &DatabaseTransaction {
        &self.transaction
    }
}

impl Db {
    /// Connects and brings the schema up to date.
    pub async fn open(settings: &Settings) -> Result<Db> {
        if let Some(path) = settings.url.strip_prefix("sqlite://") {
            open_sqlite(&settings.url, PathBuf::from(path)).await
        } else {
            open_postgres(settings).await
        }
    }

    /// Which engine it is, for people.
    pub fn engine(&self) -> Engine {
        self.inner.engine
    }

    /// The URL it was opened with.
    pub fn url(&self) -> &str {
        &self.inner.url
    }

    /// A reader that may be a little behind: a replica when there is one.
    pub fn read(&self) -> &Read {
        let replicas = &self.inner.replicas;
        if replicas.is_empty() {
            return &self.inner.fresh;
        }
        let at = self.inner.next.fetch_add(1, Ordering::Relaxed);
        &replicas[at % replicas.len()]
    }

    /// A reader that sees every acknowledged write.
    pub fn read_fresh(&self) -> &Read {
        &self.inner.fresh
    }

    /// The same database for work that runs on a runtime of its own: on PostgreSQL a few connections
    /// that are opened there when they are needed, on SQLite the one writer there is.
    pub fn beside(&self) -> Db {
        let Some(options) = &self.inner.postgres else {
            return self.clone();
        };
        let pool = postgres_pool(BESIDE).connect_lazy_with(options.clone());
        let connection = SqlxPostgresConnector::from_sqlx_postgres_pool(pool);
        Db {
            inner: Arc::new(Inner {
                engine: self.inner.engine,
                url: self.inner.url.clone(),
                postgres: self.inner.postgres.clone(),
                fresh: Read {
                    connection: connection.clone(),
                },
                write: connection,
                replicas: Vec::new(),
                next: AtomicUsize::new(0),
            }),
        }
    }

    /// Begins a transaction. Use [`transact!`](crate::transact), which also ends and retries it.
    pub async fn begin(&self) -> Result<Tx> {
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(sea_orm::SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        let transaction = self.inner.write.begin_with_options(options).await?;
        Ok(Tx { transaction })
    }

    /// Commits when the work succeeded, rolls back when not. `None` = run everything again.
    pub async fn finish<T, E>(
        &self,
        tx: Tx,
        answer: Result<T, E>,
        tries: u32,
    ) -> Option<Result<T, E>>
    where
        E: From<DbError> + AsDbError,
    {
        let answer = match answer {
            Ok(answer) => match tx.transaction.commit().await {
                Ok(()) => Ok(answer),
                Err(error) => Err(DbError::from(error).into()),
            },
            Err(error) => {
                if let Err(rollback) = tx.transaction.rollback().await {
                    tracing::debug!(%rollback, "rollback failed; the connection is dropped");
                }
                Err(error)
            }
        };
        match &answer {
            Err(error) if tries < TRIES_MAX && error.wants_retry() => {
                tracing::debug!(tries, "transaction runs again");
                tokio::time::sleep(Duration::from_millis(u64::from(tries * tries))).await;
                None
            }
            _ => Some(answer),
        }
    }
}

/// Runs `$work` in one transaction and commits it: `transact!(db, |tx| { …; Ok(answer) })`. When the
/// database asks for it everything is run again, so the work must be free of other effects. An error
/// rolls back. (A macro, because a closure that borrows cannot yet promise a `Send` future.)
#[macro_export]
macro_rules! transact {
    ($db:expr, |$tx:ident| $work:expr) => {{
        let db = &$db;
        let mut tries = 1;
        loop {
            match db.begin().await {
                Ok(begun) => {
                    let $tx = &begun;
                    let answer = async { $work }.await;
                    match db.finish(begun, answer, tries).await {
                        Some(answer) => break answer,
                        None => tries += 1,
                    }
                }
                Err(error) => break Err(error.into()),
            }
        }
    }};
}

/// Errors of use cases that may carry a database error.
pub trait AsDbError {
    /// The database error inside.
    fn as_db_error(&self) -> Option<&DbError>;

    /// Whether the transaction should run again.
    fn wants_retry(&self) -> bool {
        matches!(self.as_db_error(), Some(DbError::Retry(_)))
    }
}

impl AsDbError for DbError {
    fn as_db_error(&self) -> Option<&DbError> {
        Some(self)
    }
}

async fn open_sqlite(url: &str, path: PathBuf) -> Result<Db> {
    let options = SqliteConnectOptions::new()
        .filename(&path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(Duration::from_secs(10))
        .statement_cache_capacity(400)
        .row_buffer_size(ROW_BUFFER)
        .pragma("cache_size", "-65536")
        .pragma("wal_autocheckpoint", "4000")
        .pragma("journal_size_limit", "67108864");
    let writer = SqlitePoolOptions::new()
        .max_connections(1)
        .min_connections(1)
        .idle_timeout(None)
        .max_lifetime(None)
        .connect_with(options.clone())
        .await?;
    let migrator = migrate::migrator(Engine::Sqlite);
    migrator
        .run(&writer)
        .await
        .map_err(|error| migrate::explain(&error))?;
    let readers = SqlitePoolOptions::new()
        .max_connections(8)
        .connect_with(
            options
                .pragma("query_only", "ON")
                .pragma("cache_size", "-8192"),
        )
        .await?;
    let db = Db {
        inner: Arc::new(Inner {
            engine: Engine::Sqlite,
            url: url.to_owned(),
            postgres: None,
            write: SqlxSqliteConnector::from_sqlx_sqlite_pool(writer),
            fresh: Read {
                connection: SqlxSqliteConnector::from_sqlx_sqlite_pool(readers),
            },
            replicas: Vec::new(),
            next: AtomicUsize::new(0),
        }),
    };
    assert_sqlite(&db).await?;
    Ok(db)
}

/// The promises of the embedded database are settings; without them it does not start.
async fn assert_sqlite(db: &Db) -> Result<()> {
    #[derive(sea_orm::FromQueryResult)]
    struct Facts {
        version: String,
        journal: String,
    }
    let facts = Sql::new("SELECT sqlite_version() AS version, (SELECT journal_mode FROM pragma_journal_mode) AS journal")
        .one::<Facts>(db.read_fresh())
        .await?
        .ok_or_else(|| DbError::Other("SQLite does not say its version".to_owned()))?;
    let numbers: Vec<u32> = facts
        .version
        .split('.')
        .filter_map(|part| part.parse().ok())
        .collect();
    let version = (numbers[0], numbers[1], numbers[2]);
    if version < SQLITE_VERSION_MIN {
        return Err(DbError::Other(format!(
            "SQLite {} can lose commits; at least {SQLITE_VERSION_MIN:?} is needed",
            facts.version
        )));
    }
    let synchronous = crate::transact!(db, |tx| {
        Sql::new("SELECT synchronous FROM pragma_synchronous")
            .number(tx)
            .await
    })?;
    if synchronous != 2 || facts.journal != "wal" {
        return Err(DbError::Other(format!(
            "SQLite runs journal_mode={} synchronous={synchronous}; wal and 2 are needed",
            facts.journal
        )));
    }
    Ok(())
}

async fn open_postgres(settings: &Settings) -> Result<Db> {
    let options = postgres_options(&settings.url)?;
    let pool = postgres_pool(CONNECTIONS)
        .connect_with(options.clone())
        .await?;
    migrate::migrator(Engine::Postgres)
        .run(&pool)
        .await
        .map_err(|error| migrate::explain(&error))?;
    let write = SqlxPostgresConnector::from_sqlx_postgres_pool(pool);
    let mut replicas = Vec::new();
    for url in &settings.replica_urls {
        let pool = postgres_pool(CONNECTIONS)
            .connect_with(postgres_options(url)?)
            .await?;
        replicas.push(Read {
            connection: SqlxPostgresConnector::from_sqlx_postgres_pool(pool),
        });
    }
    Ok(Db {
        inner: Arc::new(Inner {
            engine: Engine::Postgres,
            url: settings.url.clone(),
            postgres: Some(options),
            fresh: Read {
                connection: write.clone(),
            },
            write,
            replicas,
            next: AtomicUsize::new(0),
        }),
    })
}

fn postgres_options(url: &str) -> Result<PgConnectOptions> {
    Ok(PgConnectOptions::from_str(url)?
        .application_name("aisle")
        .options(PLANNING)
        .statement_cache_capacity(400))
}

fn postgres_pool(connections: u32) -> PgPoolOptions {
    PgPoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(Duration::from_secs(5))
}
