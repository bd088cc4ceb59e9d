//! An entry of the operation log as stored, and the hash that ties it to the one before.
//!
//! Promises: a hash covers every column, so no value of an entry changes unseen; entries written before
//! the hash covered all of them stay verifiable.

use std::fmt::Write as _;

use aisle_db::{Bulk, FromQueryResult, Tx};

use crate::Result;
use crate::digest::sha256_hex;

/// The columns of [`Entry`].
pub(super) const COLUMNS: &str = "o.id, o.at, o.store_id, o.actor, o.approver, o.terminal_id, o.action, \
     o.target, o.detail, o.prev_hash, o.hash";

/// Stands before a hash over every column; one without it is over fewer.
const WHOLE: &str = "2:";

/// A row of `operation_log`.
#[derive(Debug, Clone, FromQueryResult)]
pub(super) struct Entry {
    pub(super) id: i64,
    pub(super) at: i64,
    pub(super) store_id: i64,
    pub(super) actor: String,
    pub(super) approver: Option<String>,
    pub(super) terminal_id: Option<i64>,
    pub(super) action: String,
    pub(super) target: String,
    pub(super) detail: String,
    pub(super) prev_hash: String,
    pub(super) hash: String,
}

impl Entry {
    /// The same with its hash.
    pub(super) fn sealed(self) -> Entry {
        let hash = self.hash_whole();
        Entry { hash, ..self }
    }

    /// Whether its hash covers every column.
    pub(super) fn is_whole(&self) -> bool {
        is_whole(&self.hash)
    }

    /// Whether its hash is that of what it says.
    pub(super) fn is_sealed(&self) -> bool {
        if self.is_whole() {
            self.hash == self.hash_whole()
        } else {
            self.hash == self.hash_of_texts()
        }
    }

    fn hash_whole(&self) -> String {
        let mut all = self.head();
        let store = self.store_id.to_string();
        let terminal = self.terminal_id.map(|id| id.to_string());
        for part in [
            Some(&store),
            terminal.as_ref(),
            Some(&self.actor),
            self.approver.as_ref(),
            Some(&self.action),
            Some(&self.target),
            Some(&self.detail),
        ] {
            push(&mut all, part.map(String::as_str));
        }
        format!("{WHOLE}{}", sha256_hex(all))
    }

    /// As the first entries were written: without store, device and approver.
    fn hash_of_texts(&self) -> String {
        let mut all = self.head();
        for text in [&self.actor, &self.action, &self.target, &self.detail] {
            push(&mut all, Some(text));
        }
        sha256_hex(all)
    }

    fn head(&self) -> String {
        format!("{}\n{}\n{}", self.prev_hash, self.id, self.at)
    }
}

/// Whether a hash is over every column.
pub(super) fn is_whole(hash: &str) -> bool {
    hash.starts_with(WHOLE)
}

/// Lengths keep the parts apart whatever they contain; an absent part is no empty one.
fn push(all: &mut String, part: Option<&str>) {
    let written = match part {
        Some(text) => write!(all, "\n{}:{text}", text.len()),
        None => write!(all, "\n-"),
    };
    if let Err(error) = written {
        unreachable!("a string takes everything: {error}");
    }
}

/// Appends entries.
pub(super) async fn insert(tx: &Tx, entries: &[Entry]) -> Result<()> {
    let each = || entries.iter();
    Bulk::into("operation_log")
        .bigint("id", each().map(|entry| entry.id))
        .bigint("at", each().map(|entry| entry.at))
        .bigint("store_id", each().map(|entry| entry.store_id))
        .text("actor", each().map(|entry| entry.actor.as_str()))
        .text_opt("approver", each().map(|entry| entry.approver.clone()))
        .bigint_opt("terminal_id", each().map(|entry| entry.terminal_id))
        .text("action", each().map(|entry| entry.action.as_str()))
        .text("target", each().map(|entry| entry.target.as_str()))
        .text("detail", each().map(|entry| entry.detail.as_str()))
        .text("prev_hash", each().map(|entry| entry.prev_hash.as_str()))
        .text("hash", each().map(|entry| entry.hash.as_str()))
        .insert(tx)
        .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry() -> Entry {
        Entry {
            id: 7,
            at: 1_795_000_000_000,
            store_id: 1,
            actor: "anna".to_owned(),
            approver: None,
            terminal_id: Some(3),
            action: "product.change".to_owned(),
            target: "product 5".to_owned(),
            detail: "{}".to_owned(),
            prev_hash: "2:abc".to_owned(),
            hash: String::new(),
        }
        .sealed()
    }

    #[test]
    fn no_value_changes_unseen() {
        let changes: [fn(&mut Entry); 12] = [
            |e| e.id += 1,
            |e| e.at -= 1,
            |e| e.store_id = 2,
            |e| e.actor.push('x'),
            |e| e.approver = Some(String::new()),
            |e| e.approver = Some("boss".to_owned()),
            |e| e.terminal_id = None,
            |e| e.action = "product.bulk".to_owned(),
            |e| e.target.clear(),
            |e| e.detail = "null".to_owned(),
            |e| e.prev_hash.clear(),
            |e| e.hash = "2:0".to_owned(),
        ];
        assert!(entry().is_sealed());
        for (at, change) in changes.iter().enumerate() {
            let mut changed = entry();
            change(&mut changed);
            assert!(!changed.is_sealed(), "{at}");
        }
    }

    #[test]
    fn an_entry_of_before_stays_verifiable() {
        let old = Entry {
            hash: sha256_hex(
                "2:abc\n7\n1795000000000\n4:anna\n14:product.change\n9:product 5\n2:{}",
            ),
            ..entry()
        };
        assert!(old.is_sealed() && !old.is_whole());
    }
}
