//! SQL text with its values, the same on both engines.
//!
//! Placeholders are written by [`Sql::arg`], so text and values cannot drift apart. Reading takes any
//! [`Source`]; writing takes a [`Tx`] only.

use sea_orm::{ConnectionTrait, DatabaseBackend, FromQueryResult, QueryResult, Statement, Value};
use uuid::Uuid;

use crate::{Read, Result, Tx};

/// Something one can read from: a reader or the transaction in hand.
pub trait Source: Sync {
    /// The connection below.
    type Connection: ConnectionTrait;
    /// The connection below.
    fn connection(&self) -> &Self::Connection;
}

impl Source for Read {
    type Connection = sea_orm::DatabaseConnection;
    fn connection(&self) -> &Self::Connection {
        self.connection_ref()
    }
}

impl Source for Tx {
    type Connection = sea_orm::DatabaseTransaction;
    fn connection(&self) -> &Self::Connection {
        self.transaction_ref()
    }
}

/// A statement under construction.
#[derive(Debug, Clone, Default)]
pub struct Sql {
    text: String,
    values: Vec<Value>,
}

impl Sql {
    /// Starts with `text`.
    pub fn new(text: &str) -> Sql {
        Sql {
            text: text.to_owned(),
            values: Vec::new(),
        }
    }

    /// Appends text.
    pub fn push(mut self, text: &str) -> Sql {
        self.text.push_str(text);
        self
    }

    /// Appends a placeholder for `value`.
    pub fn arg(mut self, value: impl Into<Value>) -> Sql {
        self.values.push(value.into());
        self.text.push('$');
        self.text.push_str(&self.values.len().to_string());
        self
    }

    /// Appends `text` and a placeholder when there is a value.
    pub fn opt<V: Into<Value>>(self, text: &str, value: Option<V>) -> Sql {
        match value {
            Some(value) => self.push(text).arg(value),
            None => self,
        }
    }

    /// Appends `column IN (these numbers)`.
    pub fn among(mut self, source: &impl Source, column: &str, keys: &[i64]) -> Sql {
        let (text, value) = keys_of(source.connection().get_database_backend(), keys);
        self.values.push(value);
        self.push_among(column, text)
    }

    /// Appends `column IN (these identities)`.
    pub fn among_uuids(mut self, source: &impl Source, column: &str, keys: &[Uuid]) -> Sql {
        let (text, value) = uuid_keys_of(source.connection().get_database_backend(), keys);
        self.values.push(value);
        self.push_among(column, text)
    }

    /// Appends `FOR UPDATE` where the engine locks rows; SQLite's writer already holds everything.
    pub fn for_update(self, tx: &Tx) -> Sql {
        match tx.connection().get_database_backend() {
            DatabaseBackend::Postgres => self.push(" FOR UPDATE"),
            _ => self,
        }
    }

    /// All rows.
    pub async fn all<T: FromQueryResult>(self, source: &impl Source) -> Result<Vec<T>> {
        let rows = self.rows(source).await?;
        rows.iter()
            .map(|row| T::from_query_result(row, "").map_err(Into::into))
            .collect()
    }

    /// The first row.
    pub async fn one<T: FromQueryResult>(self, source: &impl Source) -> Result<Option<T>> {
        let connection = source.connection();
        let statement = self.statement(connection.get_database_backend());
        match connection.query_one_raw(statement).await? {
            Some(row) => Ok(Some(T::from_query_result(&row, "")?)),
            None => Ok(None),
        }
    }

    /// The first column of the first row, a number; 0 when there is none.
    pub async fn number(self, source: &impl Source) -> Result<i64> {
        let connection = source.connection();
        let statement = self.statement(connection.get_database_backend());
        match connection.query_one_raw(statement).await? {
            Some(row) => Ok(row.try_get_by_index::<Option<i64>>(0)?.unwrap_or_default()),
            None => Ok(0),
        }
    }

    /// Raw rows, for shapes that are not one struct.
    pub async fn rows(self, source: &impl Source) -> Result<Vec<QueryResult>> {
        let connection = source.connection();
        let statement = self.statement(connection.get_database_backend());
        Ok(connection.query_all_raw(statement).await?)
    }

    /// Runs it and answers how many rows it changed.
    pub async fn run(self, tx: &Tx) -> Result<u64> {
        let connection = tx.connection();
        let statement = self.statement(connection.get_database_backend());
        Ok(connection.execute_raw(statement).await?.rows_affected())
    }

    fn push_among(self, column: &str, text: &str) -> Sql {
        let place = format!("${}", self.values.len());
        let text = text.replace("$n", &place);
        self.push(column).push(&text)
    }

    fn statement(self, backend: DatabaseBackend) -> Statement {
        Statement::from_sql_and_values(backend, self.text, self.values)
    }
}

/// `(condition behind the column, value)` for a list of numbers; `$n` stands for the placeholder.
pub fn keys(source: &impl Source, keys: &[i64]) -> (&'static str, Value) {
    keys_of(source.connection().get_database_backend(), keys)
}

/// The same for a list of identities.
pub fn uuid_keys(source: &impl Source, keys: &[Uuid]) -> (&'static str, Value) {
    uuid_keys_of(source.connection().get_database_backend(), keys)
}

fn keys_of(backend: DatabaseBackend, keys: &[i64]) -> (&'static str, Value) {
    if backend == DatabaseBackend::Postgres {
        return (" = ANY($n)", keys.to_vec().into());
    }
    let list: Vec<String> = keys.iter().map(i64::to_string).collect();
    (
        " IN (SELECT value FROM json_each($n))",
        format!("[{}]", list.join(",")).into(),
    )
}

fn uuid_keys_of(backend: DatabaseBackend, keys: &[Uuid]) -> (&'static str, Value) {
    if backend == DatabaseBackend::Postgres {
        return (" = ANY($n)", keys.to_vec().into());
    }
    let list: Vec<String> = keys
        .iter()
        .map(|key| format!("\"{}\"", key.simple()))
        .collect();
    (
        " IN (SELECT unhex(value) FROM json_each($n))",
        format!("[{}]", list.join(",")).into(),
    )
}
