//! Forward-only migrations, one numbered file for both engines.
//!
//! `/* clustered */` behind a table means its rows are stored in key order: `WITHOUT ROWID` on
//! SQLite, where it halves what an insert writes; PostgreSQL has no such tables.

use std::borrow::Cow;

use sqlx::SqlSafeStr;
use sqlx::migrate::{MigrateError, Migrator};

use crate::{DbError, Engine};

static FILES: Migrator = sqlx::migrate!("./migrations");

/// The migrations of this binary, written for `engine`.
pub(crate) fn migrator(engine: Engine) -> Migrator {
    let mut files = FILES.migrations.to_vec();
    if engine == Engine::Sqlite {
        for file in &mut files {
            let text = file
                .sql
                .as_str()
                .replace("/* clustered */", "WITHOUT ROWID");
            file.sql = sqlx::AssertSqlSafe(text).into_sql_str();
        }
    }
    let mut migrator = Migrator::DEFAULT;
    migrator.migrations = Cow::Owned(files);
    migrator
}

/// A migration's failure in words that say what to do.
pub(crate) fn explain(error: &MigrateError) -> DbError {
    match error {
        MigrateError::VersionMissing(version) => DbError::Other(format!(
            "the database is at version {version}, which this program does not know: use the newer \
             program, or restore the backup taken before the upgrade"
        )),
        other => DbError::Other(format!("migration: {other}")),
    }
}

/// The whole schema as this binary makes it on `engine`, migration after migration.
pub fn schema(engine: Engine) -> String {
    migrator(engine)
        .iter()
        .map(|file| {
            format!(
                "-- {:04} {}\n{}",
                file.version,
                file.description,
                file.sql.as_str()
            )
        })
        .collect::<Vec<_>>()
        .join("\n")
}
