//! What people are called, by the sign-in names that records keep.

use std::collections::{BTreeSet, HashMap};

use aisle_db::{FromQueryResult, Source, Sql};

use crate::Result;

/// Sign-in names and what people call who signs in by them.
#[derive(Debug, Default)]
pub struct Names(HashMap<String, String>);

impl Names {
    /// Looks up whoever these records name; devices and jobs are called what the record says.
    pub async fn load<'a>(
        source: &impl Source,
        recorded: impl IntoIterator<Item = &'a str>,
    ) -> Result<Names> {
        #[derive(FromQueryResult)]
        struct Row {
            username: String,
            name: String,
        }
        let recorded: BTreeSet<&str> = recorded.into_iter().collect();
        if recorded.is_empty() {
            return Ok(Names::default());
        }
        let mut sql =
            Sql::new("SELECT username, name FROM users WHERE name <> '' AND username IN (");
        for (at, username) in recorded.into_iter().enumerate() {
            sql = sql.push(if at == 0 { "" } else { ", " }).arg(username);
        }
        let rows: Vec<Row> = sql.push(")").all(source).await?;
        Ok(Names(
            rows.into_iter()
                .map(|row| (row.username, row.name))
                .collect(),
        ))
    }

    /// What to call who is recorded so.
    pub fn of(&self, recorded: &str) -> String {
        let name = self.0.get(recorded).map_or(recorded, String::as_str);
        name.to_owned()
    }
}
