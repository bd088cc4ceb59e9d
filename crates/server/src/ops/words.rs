//! The words of entries: how the log is searched (decision 0010).
//!
//! Words are written with their entry. Entries older than the table of words get theirs from a task,
//! newest first; the counter names how far down it still has to go.

use std::collections::BTreeSet;

use aisle_db::{Bulk, Sql, Tx};
use aisle_domain::search_words;
use serde_json::Value;

use crate::{App, Error, Result};

use super::costs::is_cost;
use super::entry::{COLUMNS, Entry};

/// Counts down to 0: entries up to it have no words yet.
const MISSING: &str = "operation_words_missing";
/// Entries of one transaction of the task.
const PART: i64 = 500;
/// Words kept of one entry; a change of fifty goods has fewer.
const WORDS_MAX: usize = 600;

/// Writes the words of these entries.
pub(super) async fn insert(tx: &Tx, entries: &[Entry]) -> Result<()> {
    let words: Vec<(i64, String)> = entries
        .iter()
        .flat_map(|entry| of(entry).into_iter().map(|word| (entry.id, word)))
        .collect();
    Bulk::into("operation_words")
        .text("word", words.iter().map(|(_, word)| word.as_str()))
        .bigint("id", words.iter().map(|(id, _)| *id))
        .tail("ON CONFLICT (word, id) DO NOTHING")
        .insert(tx)
        .await?;
    Ok(())
}

/// Gives words to the newest entries without; false when all have theirs.
pub async fn add_missing(app: &App) -> Result<bool> {
    aisle_db::transact!(app.db, |tx| {
        let top = Sql::new("SELECT value FROM counters WHERE name = ")
            .arg(MISSING)
            .number(tx)
            .await?;
        if top <= 0 {
            return Ok(false);
        }
        let entries: Vec<Entry> = Sql::new("SELECT ")
            .push(COLUMNS)
            .push(" FROM operation_log o WHERE o.id <= ")
            .arg(top)
            .push(" AND o.id > ")
            .arg(top - PART)
            .all(tx)
            .await?;
        insert(tx, &entries).await?;
        Sql::new("UPDATE counters SET value = ")
            .arg((top - PART).max(0))
            .push(" WHERE name = ")
            .arg(MISSING)
            .run(tx)
            .await?;
        Ok::<_, Error>(true)
    })
}

/// Who, what to, and the values of the particulars but costs.
fn of(entry: &Entry) -> Vec<String> {
    let found = all_of(entry, is_cost);
    found.into_iter().take(WORDS_MAX).collect()
}

/// Removes the words of an entry, also those that would not be written today.
pub(super) async fn delete(tx: &Tx, entry: &Entry) -> Result<()> {
    let mut sql = Sql::new("DELETE FROM operation_words WHERE id = ")
        .arg(entry.id)
        .push(" AND word IN (''");
    for word in all_of(entry, |_| false) {
        sql = sql.push(", ").arg(word);
    }
    sql.push(")").run(tx).await?;
    Ok(())
}

fn all_of(entry: &Entry, is_left_out: fn(&str) -> bool) -> BTreeSet<String> {
    let mut found = search_words::words(&entry.actor);
    found.extend(search_words::words(&entry.target));
    if let Some(approver) = &entry.approver {
        found.extend(search_words::words(approver));
    }
    if let Ok(detail) = serde_json::from_str(&entry.detail) {
        gather(&detail, is_left_out, &mut found);
    }
    found
}

fn gather(value: &Value, is_left_out: fn(&str) -> bool, found: &mut BTreeSet<String>) {
    match value {
        Value::Null | Value::Bool(_) => {}
        Value::Number(number) => {
            found.extend(search_words::words(&number.to_string()));
        }
        Value::String(text) => found.extend(search_words::words(text)),
        Value::Array(items) => items
            .iter()
            .for_each(|item| gather(item, is_left_out, found)),
        Value::Object(fields) => fields
            .iter()
            .filter(|(name, _)| !is_left_out(name))
            .for_each(|(_, field)| gather(field, is_left_out, found)),
    }
}
