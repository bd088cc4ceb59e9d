//! The operation log: who did what to which thing, chained by hashes.

use aisle_db::{FromQueryResult, Sql, Tx};
use aisle_domain::ids::{StoreId, TerminalId};
use aisle_domain::time::Instant;
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::Result;
use crate::http::Actor;

use super::entry::Entry;
use super::{entry, take_numbers, words};

/// The counter that numbers entries.
pub(super) const COUNTER: &str = "operation_log";

/// Everything that is written into the log. The pages have words for each.
pub const ACTIONS: &[&str] = &[
    "product.create",
    "product.change",
    "product.bulk",
    "product.picture",
    "product.import",
    "product.undo",
    "import.upload",
    "import.apply",
    "import.undo",
    "category.create",
    "category.change",
    "category.delete",
    "brand.create",
    "brand.change",
    "brand.delete",
    "unit.create",
    "unit.change",
    "unit.delete",
    "tag.create",
    "tag.change",
    "tag.delete",
    "store.create",
    "store.change",
    "store.scale_rules",
    "stock.adjust",
    "terminal.code",
    "terminal.enrol",
    "terminal.change",
    "terminal.revoke",
    "user.add",
    "user.change",
    "user.password",
    "user.pin",
    "user.sign_out",
    "user.release",
    "user.reveal",
    "user.second_factor",
    "user.recovery_codes",
    "user.locked",
    "role.add",
    "role.change",
    "role.delete",
    "approval.give",
    "order.cancel",
    "order.return",
    "payment.channel",
    "payment.settle",
    "order.return_blind",
    "price.override",
    "log.cut",
];

/// Something somebody did.
#[derive(Debug, Clone)]
pub struct Operation {
    store: StoreId,
    actor: String,
    approver: Option<String>,
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
            approver: actor.approver.clone(),
            ..Operation::by_name(actor.store_id, actor.name(), action)
        }
    }

    /// Done by somebody at the command line or by a job.
    pub fn by_name(store: StoreId, actor: &str, action: &'static str) -> Operation {
        Operation {
            store,
            actor: actor.to_owned(),
            approver: None,
            terminal: None,
            action,
            target: String::new(),
            detail: Value::Null,
        }
    }

    /// Allowed by this person, where somebody else had to allow it.
    pub fn approved_by(mut self, approver: Option<String>) -> Operation {
        self.approver = approver;
        self
    }

    /// To this thing.
    pub fn on(mut self, target: String) -> Operation {
        self.target = target;
        self
    }

    /// The same unless it is said already what it was done to.
    pub fn on_this(self, target: impl FnOnce() -> String) -> Operation {
        if self.target.is_empty() {
            self.on(target())
        } else {
            self
        }
    }

    /// With these particulars, beside those there are.
    pub fn detail(mut self, detail: Value) -> Operation {
        match (&mut self.detail, detail) {
            (Value::Object(there), Value::Object(more)) => there.extend(more),
            (there, detail) => *there = detail,
        }
        self
    }

    /// The thing as it was and as it became: the fields that differ.
    pub fn change(self, before: &impl Serialize, after: &impl Serialize) -> Operation {
        self.detail(json!({ "changes": changes(before, after) }))
    }
}

/// The fields that differ, each with its value before and after: `{"name": ["Cola", "Cola 1 l"]}`.
/// Nothing before or after is a thing that was made or removed.
pub fn changes(before: &impl Serialize, after: &impl Serialize) -> Value {
    let (before, after) = (fields(before), fields(after));
    let names = before.keys().chain(after.keys());
    let differing = names.filter_map(|name| {
        let of = |fields: &Map<String, Value>| fields.get(name).cloned().unwrap_or_default();
        let (was, is) = (of(&before), of(&after));
        let differs = was != is && !(is_nothing(&was) && is_nothing(&is));
        differs.then(|| (name.clone(), json!([was, is])))
    });
    Value::Object(differing.collect())
}

/// A field left empty is as one that is not there.
fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Bool(_) | Value::Number(_) | Value::Object(_) => false,
    }
}

fn fields(thing: &impl Serialize) -> Map<String, Value> {
    match serde_json::to_value(thing) {
        Ok(Value::Object(fields)) => fields,
        Ok(Value::Null) | Err(_) => Map::new(),
        Ok(value) => Map::from_iter([("value".to_owned(), value)]),
    }
}

/// Appends an entry in the transaction that does the thing.
pub async fn record(tx: &Tx, at: Instant, operation: Operation) -> Result<()> {
    record_all(tx, vec![(at, operation)]).await
}

/// Appends many in this order.
pub async fn record_all(tx: &Tx, operations: Vec<(Instant, Operation)>) -> Result<()> {
    let count = i64::try_from(operations.len()).unwrap_or(0);
    let mut last = take_numbers(tx, COUNTER, count).await? - count;
    let mut last_hash = hash_of(tx, last).await?;
    let mut entries = Vec::with_capacity(operations.len());
    for (at, operation) in operations {
        debug_assert!(
            ACTIONS.contains(&operation.action),
            "{} is not among the actions that have words",
            operation.action
        );
        last += 1;
        let entry = Entry {
            id: last,
            at: at.0,
            store_id: operation.store.get(),
            actor: operation.actor,
            approver: operation.approver,
            terminal_id: operation.terminal.map(TerminalId::get),
            action: operation.action.to_owned(),
            target: operation.target,
            detail: operation.detail.to_string(),
            prev_hash: last_hash,
            hash: String::new(),
        }
        .sealed();
        last_hash = entry.hash.clone();
        entries.push(entry);
    }
    entry::insert(tx, &entries).await?;
    words::insert(tx, &entries).await
}

async fn hash_of(tx: &Tx, id: i64) -> Result<String> {
    #[derive(FromQueryResult)]
    struct Last {
        hash: String,
    }
    let last: Option<Last> = Sql::new("SELECT hash FROM operation_log WHERE id = ")
        .arg(id)
        .one(tx)
        .await?;
    Ok(last.map(|last| last.hash).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_what_differs() {
        let before = json!({ "name": "可乐", "price_fen": 300, "tags": [1] });
        let after = json!({ "name": "可乐", "price_fen": 350, "tags": [1, 2] });
        assert_eq!(
            changes(&before, &after),
            json!({ "price_fen": [300, 350], "tags": [[1], [1, 2]] })
        );
        assert_eq!(
            changes(&Value::Null, &json!({ "name": "a" })),
            json!({ "name": [null, "a"] })
        );
        assert_eq!(
            changes(&json!({ "name": "a" }), &Value::Null),
            json!({ "name": ["a", null] })
        );
        assert_eq!(changes(&before, &before), json!({}));
    }

    #[test]
    fn particulars_stand_beside_what_changed() {
        let operation = Operation::by_name(StoreId(1), "anna", "product.change")
            .change(&json!({ "a": 1 }), &json!({ "a": 2 }))
            .detail(json!({ "count": 1 }));
        assert_eq!(
            operation.detail,
            json!({ "changes": { "a": [1, 2] }, "count": 1 })
        );
    }
}
