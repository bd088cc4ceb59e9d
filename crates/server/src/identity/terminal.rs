//! Tills as people set them up: made, changed, listed, ended.

use std::collections::HashMap;

use aisle_domain::ids::StoreId;
use aisle_domain::time::Instant;
use serde_json::json;

use crate::clock::new_token;
use crate::http::Actor;
use crate::ops::{self, Operation};
use crate::{App, Error, Result, codes};

use super::terminal_rows::{self, TerminalRow};
use super::token_hash;

/// Of a token that lasts until somebody ends it.
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
    let now = app.clock.now();
    let row = aisle_db::transact!(app.db, |tx| {
        let mut row = blank(tx, new, now).await?;
        row.token_hash = token_hash(&token);
        row.enrolled_at = Some(now.0);
        terminal_rows::insert(tx, &row).await?;
        let operation = Operation::by_name(new.store_id, new.actor, "terminal.enrol")
            .on(format!("terminal {}", row.id))
            .detail(json!({ "no": row.no, "name": new.name, "kind": new.kind }));
        ops::record(tx, now, operation).await?;
        Ok::<_, Error>(row)
    })?;
    tell_changed(app, new.store_id);
    Ok((row, token))
}

/// A terminal with the next number of its store, which no token is for.
pub(super) async fn blank(
    tx: &aisle_db::Tx,
    new: &NewTerminal<'_>,
    now: Instant,
) -> Result<TerminalRow> {
    let id = super::store::next_id(tx, "terminals").await?;
    let there = terminal_rows::list(tx, new.store_id).await?;
    Ok(TerminalRow {
        id,
        store_id: new.store_id.get(),
        no: 1 + there.iter().map(|row| row.no).max().unwrap_or(0),
        name: new.name.to_owned(),
        kind: new.kind.to_owned(),
        token_hash: no_token(),
        public_key: None,
        printer_address: None,
        printer_width: 58,
        created_at: now.0,
        enrolled_at: None,
        last_seen_at: None,
        revoked_at: None,
        app_version: None,
        unsent: None,
    })
}

/// The hash of a token nobody has.
pub(super) fn no_token() -> String {
    token_hash(&new_token(TOKEN_PREFIX))
}

/// The tills of a store, each with the name of who is signed in there.
pub(super) async fn list(app: &App, store: StoreId) -> Result<Vec<(TerminalRow, Option<String>)>> {
    let source = app.db.read_fresh();
    let people = terminal_rows::people_at(source, store, app.clock.now()).await?;
    let mut cashiers: HashMap<i64, String> = people
        .into_iter()
        .map(|person| (person.terminal_id, person.name))
        .collect();
    let rows = terminal_rows::list(source, store).await?;
    let with_cashier = |row: TerminalRow| {
        let cashier = cashiers.remove(&row.id);
        (row, cashier)
    };
    Ok(rows.into_iter().map(with_cashier).collect())
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
    actor: &Actor,
    id: i64,
    change: TerminalChange,
) -> Result<TerminalRow> {
    let now = app.clock.now();
    let row = aisle_db::transact!(app.db, |tx| {
        let mut row = terminal_rows::find(tx, actor.store_id, id)
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
            terminal_rows::end_all(tx, id).await?;
        }
        terminal_rows::update(tx, &row).await?;
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
    app.identity.forget_all().await;
    tell_changed(app, actor.store_id);
    Ok(row)
}

/// Pages that list the tills of this store ask anew.
pub(super) fn tell_changed(app: &App, store: StoreId) {
    app.events.publish_in(store, "terminal.changed", json!({}));
}

/// As the log tells it.
fn said(row: &TerminalRow) -> serde_json::Value {
    json!({ "name": row.name, "printer": row.printer_address,
        "printer_width": row.printer_width, "revoked": row.revoked_at.is_some() })
}
