//! SQL of devices and their tokens.

use aisle_db::{FromQueryResult, Read, Source, Sql, Tx};
use aisle_domain::identity::Role;
use aisle_domain::ids::{StoreId, TerminalId};
use aisle_domain::time::Instant;

use crate::Result;
use crate::http::Terminal;

use super::rights::Rights;

/// A stored terminal.
#[derive(Debug, Clone, FromQueryResult)]
pub(super) struct TerminalRow {
    pub(super) id: i64,
    pub(super) store_id: i64,
    pub(super) no: i64,
    pub(super) name: String,
    pub(super) kind: String,
    /// Of the token that lasts; nobody knows a token for it where there is a key.
    pub(super) token_hash: String,
    pub(super) public_key: Option<String>,
    pub(super) printer_address: Option<String>,
    pub(super) printer_width: i64,
    pub(super) created_at: i64,
    pub(super) enrolled_at: Option<i64>,
    pub(super) last_seen_at: Option<i64>,
    pub(super) revoked_at: Option<i64>,
    pub(super) app_version: Option<String>,
    pub(super) unsent: Option<i64>,
}

impl TerminalRow {
    pub(super) fn into_terminal(self) -> Terminal {
        Terminal {
            id: TerminalId(self.id),
            no: self.no,
            name: self.name,
            kind: self.kind,
            store_id: StoreId(self.store_id),
        }
    }
}

/// What a device of this kind may do in its store.
pub(super) fn rights_of(kind: &str, store: StoreId) -> Rights {
    let role = if kind == "kiosk" {
        Role::Kiosk
    } else {
        Role::Pos
    };
    Rights::of(role, store)
}

const TERMINAL: &str = "SELECT id, store_id, no, name, kind, token_hash, public_key, printer_address, printer_width, \
     created_at, enrolled_at, last_seen_at, revoked_at, app_version, unsent FROM terminals";

/// The device behind a token that lasts.
pub(super) async fn by_token(reader: &Read, hash: &str) -> Result<Option<TerminalRow>> {
    Ok(Sql::new(TERMINAL)
        .push(" WHERE revoked_at IS NULL AND token_hash = ")
        .arg(hash)
        .one(reader)
        .await?)
}

/// The device behind a token that a key renews.
pub(super) async fn by_renewed_token(
    reader: &Read,
    hash: &str,
    now: Instant,
) -> Result<Option<TerminalRow>> {
    Ok(Sql::new(TERMINAL)
        .push(" WHERE revoked_at IS NULL AND id = (SELECT terminal_id FROM terminal_tokens WHERE expires_at > ")
        .arg(now.0)
        .push(" AND token_hash = ")
        .arg(hash)
        .push(")")
        .one(reader)
        .await?)
}

/// The devices of a store.
pub(super) async fn list(source: &impl Source, store: StoreId) -> Result<Vec<TerminalRow>> {
    Ok(Sql::new(TERMINAL)
        .push(" WHERE store_id = ")
        .arg(store.get())
        .push(" ORDER BY no")
        .all(source)
        .await?)
}

/// A device of this store.
pub(super) async fn find(
    source: &impl Source,
    store: StoreId,
    id: i64,
) -> Result<Option<TerminalRow>> {
    Ok(Sql::new(TERMINAL)
        .push(" WHERE store_id = ")
        .arg(store.get())
        .push(" AND id = ")
        .arg(id)
        .one(source)
        .await?)
}

/// A device that was not ended, wherever it stands.
pub(super) async fn find_active(source: &impl Source, id: i64) -> Result<Option<TerminalRow>> {
    Ok(Sql::new(TERMINAL)
        .push(" WHERE revoked_at IS NULL AND id = ")
        .arg(id)
        .one(source)
        .await?)
}

pub(super) async fn insert(tx: &Tx, row: &TerminalRow) -> Result<()> {
    Sql::new(
        "INSERT INTO terminals (id, store_id, no, name, kind, token_hash, created_at, enrolled_at) VALUES (",
    )
    .arg(row.id)
    .push(", ")
    .arg(row.store_id)
    .push(", ")
    .arg(row.no)
    .push(", ")
    .arg(row.name.as_str())
    .push(", ")
    .arg(row.kind.as_str())
    .push(", ")
    .arg(row.token_hash.as_str())
    .push(", ")
    .arg(row.created_at)
    .push(", ")
    .arg(row.enrolled_at)
    .push(")")
    .run(tx)
    .await?;
    Ok(())
}

/// What people change of it.
pub(super) async fn update(tx: &Tx, row: &TerminalRow) -> Result<()> {
    Sql::new("UPDATE terminals SET name = ")
        .arg(row.name.as_str())
        .push(", printer_address = ")
        .arg(row.printer_address.clone())
        .push(", printer_width = ")
        .arg(row.printer_width)
        .push(", revoked_at = ")
        .arg(row.revoked_at)
        .push(" WHERE store_id = ")
        .arg(row.store_id)
        .push(" AND id = ")
        .arg(row.id)
        .run(tx)
        .await?;
    Ok(())
}

/// What a browser brings with it when it becomes this device.
pub(super) async fn update_enrolment(tx: &Tx, row: &TerminalRow) -> Result<()> {
    Sql::new("UPDATE terminals SET token_hash = ")
        .arg(row.token_hash.as_str())
        .push(", public_key = ")
        .arg(row.public_key.clone())
        .push(", enrolled_at = ")
        .arg(row.enrolled_at)
        .push(" WHERE id = ")
        .arg(row.id)
        .run(tx)
        .await?;
    Ok(())
}

/// What a device says of itself.
pub(super) async fn update_report(tx: &Tx, row: &TerminalRow) -> Result<()> {
    Sql::new("UPDATE terminals SET last_seen_at = ")
        .arg(row.last_seen_at)
        .push(", app_version = ")
        .arg(row.app_version.clone())
        .push(", unsent = ")
        .arg(row.unsent)
        .push(" WHERE id = ")
        .arg(row.id)
        .run(tx)
        .await?;
    Ok(())
}

/// A token that dies by itself; those that are dead go.
pub(super) async fn insert_token(
    tx: &Tx,
    terminal: i64,
    hash: &str,
    now: Instant,
    expires: Instant,
) -> Result<()> {
    Sql::new("DELETE FROM terminal_tokens WHERE expires_at <= ")
        .arg(now.0)
        .run(tx)
        .await?;
    Sql::new("INSERT INTO terminal_tokens (token_hash, terminal_id, expires_at) VALUES (")
        .arg(hash)
        .push(", ")
        .arg(terminal)
        .push(", ")
        .arg(expires.0)
        .push(")")
        .run(tx)
        .await?;
    Ok(())
}

/// Everything that lets somebody act as this device, or become it: tokens that are renewed, codes, and
/// the sessions that began there.
pub(super) async fn end_all(tx: &Tx, terminal: i64) -> Result<()> {
    for table in ["terminal_tokens", "enrolment_codes", "sessions"] {
        Sql::new("DELETE FROM ")
            .push(table)
            .push(" WHERE terminal_id = ")
            .arg(terminal)
            .run(tx)
            .await?;
    }
    Ok(())
}

/// Who is signed in at a device: the newest session that counts.
#[derive(Debug, FromQueryResult)]
pub(super) struct AtDevice {
    pub(super) terminal_id: i64,
    pub(super) name: String,
}

/// Who is signed in at the devices of a store, the newest last.
pub(super) async fn people_at(
    source: &impl Source,
    store: StoreId,
    now: Instant,
) -> Result<Vec<AtDevice>> {
    Ok(Sql::new(
        "SELECT s.terminal_id, u.name FROM sessions s JOIN users u ON u.id = s.user_id \
         JOIN terminals t ON t.id = s.terminal_id WHERE u.disabled = FALSE AND s.expires_at > ",
    )
    .arg(now.0)
    .push(" AND t.store_id = ")
    .arg(store.get())
    .push(" ORDER BY s.created_at, s.id")
    .all(source)
    .await?)
}
