//! Forward-only migrations, one numbered file for both engines.
//!
//! `/* clustered */` behind a table means its rows are stored in key order: `WITHOUT ROWID` on
//! SQLite, where it halves what an insert writes; PostgreSQL has no such tables.
//!
//! Lines behind `-- only: sqlite` or `-- only: postgres` are for that engine, up to the next such line;
//! `-- only: both` ends it. For what has no common words, such as triggers.

use std::borrow::Cow;

use sqlx::SqlSafeStr;
use sqlx::migrate::{MigrateError, Migrator};

use crate::{DbError, Engine};

const CLUSTERED: &str = "/* clustered */";

static FILES: Migrator = sqlx::migrate!("./migrations");

/// The migrations of this binary, written for `engine`.
pub(crate) fn migrator(engine: Engine) -> Migrator {
    let mut files = FILES.migrations.to_vec();
    for file in &mut files {
        let text = written_for(engine, file.sql.as_str());
        file.sql = sqlx::AssertSqlSafe(text).into_sql_str();
    }
    let mut migrator = Migrator::DEFAULT;
    migrator.migrations = Cow::Owned(files);
    migrator
}

/// The text of a file as `engine` reads it.
fn written_for(engine: Engine, text: &str) -> String {
    let (mine, clustered) = match engine {
        Engine::Sqlite => ("sqlite", "WITHOUT ROWID"),
        Engine::Postgres => ("postgres", CLUSTERED),
    };
    let mut is_mine = true;
    let mut kept = String::with_capacity(text.len());
    for line in text.lines() {
        if let Some(whose) = line.strip_prefix("-- only: ") {
            is_mine = whose == mine || whose == "both";
        } else if is_mine {
            kept.push_str(&line.replace(CLUSTERED, clustered));
            kept.push('\n');
        }
    }
    kept
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_engine_reads_what_is_for_it() {
        let text =
            "a /* clustered */;\n-- only: sqlite\nb;\n-- only: postgres\nc;\n-- only: both\nd;\n";
        assert_eq!(
            written_for(Engine::Sqlite, text),
            "a WITHOUT ROWID;\nb;\nd;\n"
        );
        assert_eq!(
            written_for(Engine::Postgres, text),
            "a /* clustered */;\nc;\nd;\n"
        );
    }
}
