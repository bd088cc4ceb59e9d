//! The operation log: who did what to which thing, chained by hashes.

use aisle_db::{FromQueryResult, Sql, Tx};
use aisle_domain::ids::{StoreId, TerminalId};
use aisle_domain::time::Instant;
use serde_json::Value;

use crate::Result;
use crate::digest::sha256_hex;
use crate::http::Actor;

use super::take_numbers;

/// The counter that numbers entries.
const COUNTER: &str = "operation_log";

/// Something somebody did.
#[derive(Debug, Clone)]
pub struct Operation {
    store: StoreId,
    actor: String,
    terminal: Option<TerminalId>,
    action: &'static str,
    target: String,
    detail: Value,
}

impl Operation {
    /// Done by this actor.
    pub fn of(actor: &Actor, action: &'static str) -> Operation {
        Operation {
            terminal: actor.terminal.as_ref().map(|terminal| terminal.id),
            ..Operation::by_name(actor.store_id, actor.name(), action)
        }
    }

    /// Done by somebody at the command line or by a job.
    pub fn by_name(store: StoreId, actor: &str, action: &'static str) -> Operation {
        Operation {
            store,
            actor: actor.to_owned(),
            terminal: None,
            action,
            target: String::new(),
            detail: Value::Null,
        }
    }

    /// To this thing.
    pub fn on(mut self, target: String) -> Operation {
        self.target = target;
        self
    }

    /// With these particulars, before and after.
    pub fn detail(mut self, detail: Value) -> Operation {
        self.detail = detail;
        self
    }
}

#[derive(FromQueryResult)]
struct Last {
    hash: String,
}

/// Appends an entry in the transaction that does the thing.
pub async fn record(tx: &Tx, at: Instant, operation: Operation) -> Result<()> {
    let id = take_numbers(tx, COUNTER, 1).await?;
    let last: Option<Last> = Sql::new("SELECT hash FROM operation_log WHERE id = ")
        .arg(id - 1)
        .one(tx)
        .await?;
    let prev_hash = last.map(|last| last.hash).unwrap_or_default();
    let detail = operation.detail.to_string();
    let terminal = operation.terminal.map(TerminalId::get);
    let hash = chain_hash(
        &prev_hash,
        id,
        at.0,
        &[
            &operation.actor,
            operation.action,
            &operation.target,
            &detail,
        ],
    );
    Sql::new(
        "INSERT INTO operation_log (id, at, store_id, actor, terminal_id, action, target, detail, prev_hash, hash) VALUES (",
    )
    .arg(id)
    .push(", ")
    .arg(at.0)
    .push(", ")
    .arg(operation.store.get())
    .push(", ")
    .arg(operation.actor)
    .push(", ")
    .arg(terminal)
    .push(", ")
    .arg(operation.action)
    .push(", ")
    .arg(operation.target)
    .push(", ")
    .arg(detail)
    .push(", ")
    .arg(prev_hash)
    .push(", ")
    .arg(hash)
    .push(")")
    .run(tx)
    .await?;
    Ok(())
}

/// The hash of an entry: over the hash before it and everything it says.
pub(super) fn chain_hash(prev_hash: &str, id: i64, at: i64, texts: &[&str]) -> String {
    let mut all = format!("{prev_hash}\n{id}\n{at}");
    for text in texts {
        // Lengths keep the parts apart whatever they contain.
        all.push_str(&format!("\n{}:{text}", text.len()));
    }
    sha256_hex(all)
}
