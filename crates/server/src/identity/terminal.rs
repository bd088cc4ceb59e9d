//! Enrolling tills and ending them.

use aisle_domain::ids::StoreId;

use crate::clock::new_token;
use crate::ops::{self, Operation};
use crate::{App, Error, Result, codes};

use super::store::{self, TerminalRow};
use super::token_hash;

pub(super) const TOKEN_PREFIX: &str = "at";

/// What makes a terminal.
#[derive(Debug)]
pub struct NewTerminal<'a> {
    /// Where it stands.
    pub store_id: StoreId,
    /// What people call it.
    pub name: &'a str,
    /// `pos` or `kiosk`.
    pub kind: &'a str,
    /// Who enrols it.
    pub actor: &'a str,
}

/// Enrols a terminal under the next number of its store; the token is shown this once.
pub async fn enrol(app: &App, new: NewTerminal<'_>) -> Result<(i64, String)> {
    let row = enrol_row(app, &new).await?;
    Ok((row.0.id, row.1))
}

pub(super) async fn enrol_row(app: &App, new: &NewTerminal<'_>) -> Result<(TerminalRow, String)> {
    let token = new_token(TOKEN_PREFIX);
    let hash = token_hash(&token);
    let now = app.clock.now();
    let row = aisle_db::transact!(app.db, |tx| {
        let id = store::next_id(tx, "terminals").await?;
        let no = 1 + store::terminals(tx, new.store_id)
            .await?
            .iter()
            .map(|row| row.no)
            .max()
            .unwrap_or(0);
        let row = TerminalRow {
            id,
            store_id: new.store_id.get(),
            no,
            name: new.name.to_owned(),
            kind: new.kind.to_owned(),
            token_hash: hash.clone(),
            printer_address: None,
            printer_width: 58,
            created_at: now.0,
            last_seen_at: None,
            revoked_at: None,
        };
        store::insert_terminal(tx, &row).await?;
        let operation = Operation::by_name(new.store_id, new.actor, "terminal.enrol")
            .on(format!("terminal {id}"))
            .detail(serde_json::json!({ "no": no, "name": new.name, "kind": new.kind }));
        ops::record(tx, now, operation).await?;
        Ok::<_, Error>(row)
    })?;
    Ok((row, token))
}

/// What may change of a terminal.
#[derive(Debug, Default)]
pub(super) struct TerminalChange {
    pub(super) name: Option<String>,
    pub(super) printer: Option<Option<(String, i64)>>,
    pub(super) revoke: bool,
}

/// Changes or ends a terminal.
pub(super) async fn change(
    app: &App,
    actor: &crate::http::Actor,
    id: i64,
    change: TerminalChange,
) -> Result<TerminalRow> {
    let now = app.clock.now();
    let row = aisle_db::transact!(app.db, |tx| {
        let mut row = store::terminal(tx, actor.store_id, id)
            .await?
            .ok_or_else(|| Error::code(&codes::NOT_FOUND))?;
        let before = said(&row);
        if let Some(name) = &change.name {
            row.name.clone_from(name);
        }
        if let Some(printer) = &change.printer {
            row.printer_address = printer.as_ref().map(|(address, _)| address.clone());
            row.printer_width = printer.as_ref().map_or(58, |(_, width)| *width);
        }
        if change.revoke {
            row.revoked_at = row.revoked_at.or(Some(now.0));
        }
        store::update_terminal(tx, &row).await?;
        let action = if change.revoke {
            "terminal.revoke"
        } else {
            "terminal.change"
        };
        let operation = Operation::of(actor, action)
            .on(format!("terminal {id}"))
            .change(&before, &said(&row));
        ops::record(tx, now, operation).await?;
        Ok::<_, Error>(row)
    })?;
    app.identity.forget(&row.token_hash).await;
    Ok(row)
}

/// As the log tells it.
fn said(row: &TerminalRow) -> serde_json::Value {
    serde_json::json!({ "name": row.name, "printer": row.printer_address,
        "printer_width": row.printer_width, "revoked": row.revoked_at.is_some() })
}
