//! What can go wrong with a database, sorted by what the caller must do.

use sea_orm::{DbErr, RuntimeErr};

/// A database call that did not work.
#[derive(Debug, thiserror::Error)]
pub enum DbError {
    /// Serialization failure, deadlock or a busy writer: run the whole transaction again.
    #[error("the database asks to try again: {0}")]
    Retry(String),
    /// The connection broke; a transaction in flight may or may not have been committed.
    #[error("lost the database: {0}")]
    Lost(String),
    /// A unique or check constraint said no.
    #[error("constraint: {0}")]
    Constraint(String),
    /// The storage failed or is corrupt; nothing more may be acknowledged by this process.
    #[error("the storage failed: {0}")]
    Fatal(String),
    /// A stored value that cannot be.
    #[error("bad row in {table}, id {id}, column {column}")]
    BadRow {
        /// Where.
        table: &'static str,
        /// Which row.
        id: String,
        /// Which value.
        column: &'static str,
    },
    /// Anything else: a bug or a wrong setting.
    #[error("{0}")]
    Other(String),
}

impl DbError {
    /// Whether sending the same request again can help.
    pub fn is_retryable(&self) -> bool {
        matches!(self, DbError::Retry(_) | DbError::Lost(_))
    }

    /// Whether the process must stop acknowledging writes.
    pub fn is_fatal(&self) -> bool {
        matches!(self, DbError::Fatal(_))
    }
}

impl From<DbErr> for DbError {
    fn from(error: DbErr) -> DbError {
        match &error {
            DbErr::Conn(RuntimeErr::SqlxError(inner))
            | DbErr::Exec(RuntimeErr::SqlxError(inner))
            | DbErr::Query(RuntimeErr::SqlxError(inner)) => from_sqlx(inner),
            DbErr::ConnectionAcquire(_) => DbError::Lost(error.to_string()),
            _ => DbError::Other(error.to_string()),
        }
    }
}

impl From<sqlx::Error> for DbError {
    fn from(error: sqlx::Error) -> DbError {
        from_sqlx(&error)
    }
}

fn from_sqlx(error: &sqlx::Error) -> DbError {
    let text = error.to_string();
    match error {
        sqlx::Error::Database(inner) => {
            from_code(inner.code().as_deref().unwrap_or_default(), text)
        }
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed
        | sqlx::Error::Protocol(_) => DbError::Lost(text),
        _ => DbError::Other(text),
    }
}

/// SQLSTATE of PostgreSQL (five characters) or the extended result code of SQLite (a number).
fn from_code(code: &str, text: String) -> DbError {
    if code.len() == 5 && !code.starts_with("000") {
        return match code {
            "40001" | "40P01" | "55P03" => DbError::Retry(text),
            "57P01" | "57P02" | "57P03" | "08000" | "08003" | "08006" => DbError::Lost(text),
            "53100" | "58030" | "XX001" | "XX002" => DbError::Fatal(text),
            _ if code.starts_with("23") => DbError::Constraint(text),
            _ => DbError::Other(text),
        };
    }
    match code.parse::<u32>().map(|code| code & 0xff) {
        Ok(5 | 6) => DbError::Retry(text),
        Ok(10 | 11 | 13 | 26) => DbError::Fatal(text),
        Ok(19) => DbError::Constraint(text),
        _ => DbError::Other(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_are_sorted_by_what_to_do() {
        type Is = fn(&DbError) -> bool;
        let rows: [(&str, Is); 8] = [
            ("40001", DbError::is_retryable),
            ("40P01", DbError::is_retryable),
            ("5", DbError::is_retryable),
            ("517", DbError::is_retryable),
            ("1034", DbError::is_fatal),
            ("13", DbError::is_fatal),
            ("2067", |e| matches!(e, DbError::Constraint(_))),
            ("23505", |e| matches!(e, DbError::Constraint(_))),
        ];
        for (code, expected) in rows {
            assert!(expected(&from_code(code, String::new())), "{code}");
        }
    }
}
