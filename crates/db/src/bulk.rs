//! Many rows in few statements: arrays through `UNNEST` on PostgreSQL, multi-row `VALUES` on SQLite.

use sea_orm::sea_query::ArrayType;
use sea_orm::{ConnectionTrait, DatabaseBackend, FromQueryResult, Statement, Value};
use uuid::Uuid;

use crate::{Result, Source, Tx};

/// Rows of one `VALUES` statement at most; smaller ones are powers of two, so that few statement
/// texts exist and each is prepared once.
const CHUNK_ROWS_MAX: usize = 128;

/// Rows for one table, column by column. Every column must get the same number of values.
#[derive(Debug)]
pub struct Bulk {
    table: &'static str,
    columns: Vec<Column>,
    tail: &'static str,
}

#[derive(Debug)]
struct Column {
    name: &'static str,
    kind: ArrayType,
    values: Vec<Value>,
    optional: bool,
}

impl Bulk {
    /// Rows for `table`.
    pub fn into(table: &'static str) -> Bulk {
        Bulk {
            table,
            columns: Vec::with_capacity(20),
            tail: "",
        }
    }

    /// A column of numbers.
    pub fn bigint(self, name: &'static str, values: impl Iterator<Item = i64>) -> Bulk {
        self.column(name, ArrayType::BigInt, values.map(Value::from).collect())
    }

    /// A column of numbers that may be absent.
    pub fn bigint_opt(self, name: &'static str, values: impl Iterator<Item = Option<i64>>) -> Bulk {
        self.optional_column(name, ArrayType::BigInt, values.map(Value::from).collect())
    }

    /// A column of texts.
    pub fn text<S: Into<String>>(
        self,
        name: &'static str,
        values: impl Iterator<Item = S>,
    ) -> Bulk {
        let values = values.map(|text| Value::String(Some(text.into())));
        self.column(name, ArrayType::String, values.collect())
    }

    /// A column of texts that may be absent.
    pub fn text_opt(
        self,
        name: &'static str,
        values: impl Iterator<Item = Option<String>>,
    ) -> Bulk {
        self.optional_column(name, ArrayType::String, values.map(Value::String).collect())
    }

    /// A column of identities.
    pub fn uuid(self, name: &'static str, values: impl Iterator<Item = Uuid>) -> Bulk {
        self.column(name, ArrayType::Uuid, values.map(Value::from).collect())
    }

    /// A column of identities that may be absent.
    pub fn uuid_opt(self, name: &'static str, values: impl Iterator<Item = Option<Uuid>>) -> Bulk {
        self.optional_column(name, ArrayType::Uuid, values.map(Value::from).collect())
    }

    /// SQL behind the rows, such as `ON CONFLICT …`.
    pub fn tail(mut self, tail: &'static str) -> Bulk {
        self.tail = tail;
        self
    }

    /// Writes the rows; no rows write nothing.
    pub async fn insert(self, tx: &Tx) -> Result<()> {
        for statement in self.statements(tx) {
            tx.connection().execute_raw(statement).await?;
        }
        Ok(())
    }

    /// Writes the rows and answers what the tail's `RETURNING` names.
    pub async fn insert_returning<T: FromQueryResult>(self, tx: &Tx) -> Result<Vec<T>> {
        let mut answers = Vec::new();
        for statement in self.statements(tx) {
            for row in tx.connection().query_all_raw(statement).await? {
                answers.push(T::from_query_result(&row, "")?);
            }
        }
        Ok(answers)
    }

    fn statements(self, tx: &Tx) -> Vec<Statement> {
        let rows = self.columns.first().map_or(0, |column| column.values.len());
        assert!(
            self.columns.iter().all(|c| c.values.len() == rows),
            "columns of {} differ in length",
            self.table
        );
        if rows == 0 {
            return Vec::new();
        }
        match tx.connection().get_database_backend() {
            DatabaseBackend::Postgres => vec![self.unnest()],
            _ => self.values(rows),
        }
    }

    fn column(mut self, name: &'static str, kind: ArrayType, values: Vec<Value>) -> Bulk {
        self.columns.push(Column {
            name,
            kind,
            values,
            optional: false,
        });
        self
    }

    fn optional_column(self, name: &'static str, kind: ArrayType, values: Vec<Value>) -> Bulk {
        let mut bulk = self.column(name, kind, values);
        if let Some(column) = bulk.columns.last_mut() {
            column.optional = true;
        }
        bulk
    }

    fn names(&self) -> String {
        let names: Vec<&str> = self.columns.iter().map(|column| column.name).collect();
        names.join(", ")
    }

    /// The array binding takes no nulls, so an absent value travels as a stand-in that no column
    /// ever holds, and `NULLIF` turns it back.
    fn unnest(self) -> Statement {
        let mut places = Vec::with_capacity(self.columns.len());
        let mut selected = Vec::with_capacity(self.columns.len());
        for (at, column) in self.columns.iter().enumerate() {
            places.push(format!("${}::{}[]", at + 1, pg_type(&column.kind)));
            selected.push(if column.optional {
                format!("NULLIF(c{at}, {})", stand_in(&column.kind).0)
            } else {
                format!("c{at}")
            });
        }
        let names: Vec<String> = (0..self.columns.len()).map(|at| format!("c{at}")).collect();
        let text = format!(
            "INSERT INTO {} ({}) SELECT {} FROM UNNEST({}) AS rows({}) {}",
            self.table,
            self.names(),
            selected.join(", "),
            places.join(", "),
            names.join(", "),
            self.tail
        );
        let values = self.columns.into_iter().map(|column| {
            let present = |value: Value| {
                if column.optional && value == value.as_null() {
                    stand_in(&column.kind).1
                } else {
                    value
                }
            };
            let values = column.values.into_iter().map(present).collect();
            Value::Array(column.kind.clone(), Some(Box::new(values)))
        });
        Statement::from_sql_and_values(DatabaseBackend::Postgres, text, values)
    }

    fn values(self, rows: usize) -> Vec<Statement> {
        let head = format!("INSERT INTO {} ({}) VALUES ", self.table, self.names());
        let row_text = format!("({})", vec!["?"; self.columns.len()].join(","));
        let mut columns: Vec<_> = self
            .columns
            .into_iter()
            .map(|column| column.values.into_iter())
            .collect();
        let mut statements = Vec::new();
        let mut left = rows;
        while left > 0 {
            let take = chunk(left);
            left -= take;
            let mut text = String::with_capacity(head.len() + take * (row_text.len() + 1) + 64);
            text.push_str(&head);
            for at in 0..take {
                text.push_str(if at > 0 { "," } else { "" });
                text.push_str(&row_text);
            }
            text.push(' ');
            text.push_str(self.tail);
            let mut values = Vec::with_capacity(take * columns.len());
            for _ in 0..take {
                values.extend(columns.iter_mut().filter_map(Iterator::next));
            }
            statements.push(Statement::from_sql_and_values(
                DatabaseBackend::Sqlite,
                text,
                values,
            ));
        }
        statements
    }
}

/// The largest power of two that is left, up to the limit.
fn chunk(left: usize) -> usize {
    let power = 1 << (usize::BITS - 1 - left.leading_zeros());
    CHUNK_ROWS_MAX.min(power)
}

/// What stands for an absent value on its way, as SQL and as a value.
fn stand_in(kind: &ArrayType) -> (&'static str, Value) {
    match kind {
        ArrayType::BigInt => ("(-9223372036854775807)", Value::from(-i64::MAX)),
        ArrayType::Uuid => (
            "'00000000-0000-0000-0000-000000000000'::uuid",
            Value::from(Uuid::nil()),
        ),
        _ => ("chr(1)", Value::from("\u{1}")),
    }
}

fn pg_type(kind: &ArrayType) -> &'static str {
    match kind {
        ArrayType::BigInt => "bigint",
        ArrayType::Uuid => "uuid",
        _ => "text",
    }
}

#[cfg(test)]
mod tests {
    use super::chunk;

    #[test]
    fn chunks_are_few_powers_of_two() {
        let mut left = 1283;
        let mut sizes = Vec::new();
        while left > 0 {
            sizes.push(chunk(left));
            left -= chunk(left);
        }
        assert_eq!(sizes, [vec![128; 10], vec![2, 1]].concat());
    }
}
