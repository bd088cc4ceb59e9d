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

    /// Appends what lies behind a place in a list that goes from the newest to the oldest, `at` and `id` being the
    /// columns it is ordered by.
    pub fn behind(self, (at, id): (&str, &str), place: Option<(i64, Uuid)>) -> Sql {
        let Some((when, which)) = place else {
            return self;
        };
        self.push(&format!(" AND ({at} < "))
            .arg(when)
            .push(&format!(" OR ({at} = "))
            .arg(when)
            .push(&format!(" AND {id} < "))
            .arg(which)
            .push("))")
    }

    /// Appends `column IN (these keys)`.
    pub fn among(mut self, source: &impl Source, column: &str, keys: &[i64]) -> Sql {
        let keys = Keys::from(keys);
        let postgres = source.connection().get_database_backend() == DatabaseBackend::Postgres;
        self.values
            .push(if postgres { keys.array() } else { keys.json() });
        let place = self.values.len();
        let rest = if postgres {
            format!(" = ANY(${place})")
        } else {
            format!(" IN (SELECT value FROM json_each(${place}))")
        };
        self.push(column).push(&rest)
    }

    /// `SELECT columns FROM table` for each of many keys with the `fixed` columns as given: one look-up
    /// in the index for each key. Whatever the engine believes of a table that has just grown, it
    /// cannot choose to read all of it.
    pub fn look_up(
        source: &impl Source,
        (columns, table): (&str, &str),
        fixed: &[(&str, i64)],
        (key, keys): (&str, impl Into<Keys>),
    ) -> Sql {
        let conditions: String = (2..)
            .zip(fixed)
            .map(|(at, (column, _))| format!(" AND r.{column} = ${at}"))
            .collect();
        let keys = keys.into();
        let (text, value) = match source.connection().get_database_backend() {
            DatabaseBackend::Postgres => (
                format!(
                    "SELECT {columns} FROM UNNEST($1::{}[]) AS wanted(wanted_key) CROSS JOIN LATERAL \
                     (SELECT * FROM {table} r WHERE r.{key} = wanted_key{conditions} OFFSET 0) AS found",
                    keys.pg_type()
                ),
                keys.array(),
            ),
            _ => (
                format!(
                    "SELECT {columns} FROM (SELECT {} AS wanted_key FROM json_each($1)) \
                     CROSS JOIN {table} r WHERE r.{key} = wanted_key{conditions}",
                    keys.key_in("value")
                ),
                keys.json(),
            ),
        };
        let fixed = fixed.iter().map(|(_, value)| Value::from(*value));
        Sql {
            text,
            values: std::iter::once(value).chain(fixed).collect(),
        }
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
        Ok(self.opt_number(source).await?.unwrap_or_default())
    }

    /// The same, telling none from 0.
    pub async fn opt_number(self, source: &impl Source) -> Result<Option<i64>> {
        let connection = source.connection();
        let statement = self.statement(connection.get_database_backend());
        match connection.query_one_raw(statement).await? {
            Some(row) => Ok(row.try_get_by_index::<Option<i64>>(0)?),
            None => Ok(None),
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

    fn statement(self, backend: DatabaseBackend) -> Statement {
        Statement::from_sql_and_values(backend, self.text, self.values)
    }
}

/// Many keys in one value: an array on PostgreSQL, JSON on SQLite.
#[derive(Debug)]
pub enum Keys {
    /// Numbers.
    Numbers(Vec<i64>),
    /// Identities.
    Uuids(Vec<Uuid>),
}

impl From<&[i64]> for Keys {
    fn from(keys: &[i64]) -> Keys {
        Keys::Numbers(keys.to_vec())
    }
}

impl From<&[Uuid]> for Keys {
    fn from(keys: &[Uuid]) -> Keys {
        Keys::Uuids(keys.to_vec())
    }
}

impl Keys {
    fn array(self) -> Value {
        match self {
            Keys::Numbers(keys) => keys.into(),
            Keys::Uuids(keys) => keys.into(),
        }
    }

    fn pg_type(&self) -> &'static str {
        match self {
            Keys::Numbers(_) => "bigint",
            Keys::Uuids(_) => "uuid",
        }
    }

    fn json(self) -> Value {
        let list: Vec<String> = match self {
            Keys::Numbers(keys) => keys.iter().map(i64::to_string).collect(),
            Keys::Uuids(keys) => keys
                .iter()
                .map(|key| format!("\"{}\"", key.simple()))
                .collect(),
        };
        format!("[{}]", list.join(",")).into()
    }

    /// The key out of a JSON value.
    fn key_in(&self, value: &str) -> String {
        match self {
            Keys::Numbers(_) => value.to_owned(),
            Keys::Uuids(_) => format!("unhex({value})"),
        }
    }
}
