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
    same: Vec<(&'static str, Value)>,
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

/// Writes several tables in this order. The rows of the next are put together while the engine writes
/// the ones before, so hand over something lazy.
pub async fn insert_in_turn(tx: &Tx, parts: impl Iterator<Item = Bulk> + Send) -> Result<()> {
    let backend = tx.connection().get_database_backend();
    let mut statements = parts.flat_map(|bulk| bulk.statements(backend));
    let mut next = statements.next();
    while let Some(statement) = next {
        let written = tx.connection().execute_raw(statement);
        let (written, following) = tokio::join!(written, async { statements.next() });
        written?;
        next = following;
    }
    Ok(())
}

impl Bulk {
    /// Rows for `table`.
    pub fn into(table: &'static str) -> Bulk {
        Bulk {
            table,
            same: Vec::with_capacity(8),
            columns: Vec::with_capacity(20),
            tail: "",
        }
    }

    /// A number that is the same in every row.
    pub fn same_bigint(mut self, name: &'static str, value: i64) -> Bulk {
        self.same.push((name, value.into()));
        self
    }

    /// A text that is the same in every row.
    pub fn same_text(mut self, name: &'static str, value: &str) -> Bulk {
        self.same.push((name, value.into()));
        self
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
        insert_in_turn(tx, std::iter::once(self)).await
    }

    /// Writes the rows and answers what the tail's `RETURNING` names.
    pub async fn insert_returning<T: FromQueryResult>(self, tx: &Tx) -> Result<Vec<T>> {
        let mut answers = Vec::new();
        for statement in self.statements(tx.connection().get_database_backend()) {
            for row in tx.connection().query_all_raw(statement).await? {
                answers.push(T::from_query_result(&row, "")?);
            }
        }
        Ok(answers)
    }

    fn statements(self, backend: DatabaseBackend) -> Statements {
        let rows = self.columns.first().map_or(0, |column| column.values.len());
        assert!(
            self.columns.iter().all(|c| c.values.len() == rows),
            "columns of {} differ in length",
            self.table
        );
        match backend {
            _ if rows == 0 => Statements::Unnest(None),
            DatabaseBackend::Postgres => Statements::Unnest(Some(self)),
            _ => Statements::Values(Values::of(self, rows)),
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
        let same = self.same.iter().map(|same| same.0);
        let names: Vec<&str> = same
            .chain(self.columns.iter().map(|column| column.name))
            .collect();
        names.join(", ")
    }

    /// The array binding takes no nulls, so an absent value travels as a stand-in that no column
    /// ever holds, and `NULLIF` turns it back.
    fn unnest(self) -> Statement {
        let mut selected = Vec::with_capacity(self.same.len() + self.columns.len());
        for (at, (_, value)) in (1..).zip(&self.same) {
            let kind = match value {
                Value::BigInt(_) => "bigint",
                _ => "text",
            };
            selected.push(format!("${at}::{kind}"));
        }
        // In the list of what is selected, not behind FROM: there all rows are first put aside.
        for (at, column) in (1 + self.same.len()..).zip(&self.columns) {
            let value = format!("UNNEST(${at}::{}[])", pg_type(&column.kind));
            selected.push(if column.optional {
                format!("NULLIF({value}, {})", stand_in(&column.kind).0)
            } else {
                value
            });
        }
        let text = format!(
            "INSERT INTO {} ({}) SELECT {} {}",
            self.table,
            self.names(),
            selected.join(", "),
            self.tail
        );
        let columns = self.columns.into_iter().map(|column| {
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
        let same = self.same.into_iter().map(|same| same.1);
        Statement::from_sql_and_values(DatabaseBackend::Postgres, text, same.chain(columns))
    }
}

/// The statements of a bulk, each made when it is asked for.
enum Statements {
    /// One with arrays, or none any more.
    Unnest(Option<Bulk>),
    /// Some with rows of places.
    Values(Values),
}

impl Iterator for Statements {
    type Item = Statement;

    fn next(&mut self) -> Option<Statement> {
        match self {
            Statements::Unnest(bulk) => bulk.take().map(Bulk::unnest),
            Statements::Values(values) => values.next(),
        }
    }
}

/// Rows on their way into `VALUES` statements.
struct Values {
    head: String,
    row: String,
    tail: &'static str,
    same: Vec<Value>,
    columns: Vec<std::vec::IntoIter<Value>>,
    left: usize,
}

impl Values {
    fn of(bulk: Bulk, rows: usize) -> Values {
        // What is the same in every row is bound once; `WHERE TRUE` keeps `ON CONFLICT` from being
        // read as part of a join.
        let same = vec!["?,"; bulk.same.len()].concat();
        let names: Vec<String> = (1..=bulk.columns.len())
            .map(|at| format!("column{at}"))
            .collect();
        Values {
            head: format!(
                "INSERT INTO {} ({}) SELECT {same}{} FROM (VALUES ",
                bulk.table,
                bulk.names(),
                names.join(","),
            ),
            row: format!("({})", vec!["?"; bulk.columns.len()].join(",")),
            tail: bulk.tail,
            same: bulk.same.into_iter().map(|same| same.1).collect(),
            columns: bulk
                .columns
                .into_iter()
                .map(|column| column.values.into_iter())
                .collect(),
            left: rows,
        }
    }

    fn next(&mut self) -> Option<Statement> {
        if self.left == 0 {
            return None;
        }
        let take = chunk(self.left);
        self.left -= take;
        let length = self.head.len() + take * (self.row.len() + 1) + self.tail.len() + 16;
        let mut text = String::with_capacity(length);
        text.push_str(&self.head);
        for at in 0..take {
            text.push_str(if at > 0 { "," } else { "" });
            text.push_str(&self.row);
        }
        text.push_str(") WHERE TRUE ");
        text.push_str(self.tail);
        let mut values = self.same.clone();
        values.reserve(take * self.columns.len());
        for _ in 0..take {
            values.extend(self.columns.iter_mut().filter_map(Iterator::next));
        }
        Some(Statement::from_sql_and_values(
            DatabaseBackend::Sqlite,
            text,
            values,
        ))
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
