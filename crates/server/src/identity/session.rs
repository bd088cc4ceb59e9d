//! Signing in and out, and what a session's token stands for.
//!
//! Promises: a session ends when it is not used for long enough, when its time is over, and at once when
//! it or its person is ended; one that began at a till is good at that till alone.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use aisle_db::{Source, Sql, Tx};
use aisle_domain::ids::TerminalId;
use aisle_domain::time::Instant;
use serde_json::json;
use uuid::Uuid;

use crate::clock::{new_token, new_uuid};
use crate::codes::{self, Code};
use crate::http::{Actor, Address, Terminal, User};
use crate::{App, Error, Result};

use super::attempts::{self, Guess};
use super::rights::Rights;
use super::store::UserRow;
use super::tidy::PART;
use super::turns::Turns;
use super::{password, second_factor, store, terminal, token_hash};

const TOKEN_PREFIX: &str = "as";
/// A working day and some more.
const LIFE_MS: i64 = 14 * 3_600_000;
/// In the back office somebody who went away is signed out after so long; a till has its lock.
const IDLE_MS: i64 = 2 * 3_600_000;
/// How exactly the last use is kept.
const SEEN_EVERY_MS: i64 = 60_000;
const USER_AGENT_MAX: usize = 200;

/// A session that began.
#[derive(Debug)]
pub(super) struct SignedIn {
    pub(super) token: String,
    pub(super) expires: Instant,
    pub(super) user: User,
    pub(super) rights: Rights,
}

/// What somebody signs in with.
#[derive(Debug)]
pub(super) struct Credentials<'a> {
    pub(super) username: &'a str,
    pub(super) password: String,
    /// Of the second factor.
    pub(super) code: Option<&'a str>,
}

/// Where somebody signs in.
#[derive(Debug)]
pub(super) struct Place<'a> {
    pub(super) address: Address,
    pub(super) user_agent: &'a str,
    pub(super) terminal: Option<&'a Terminal>,
}

/// A stored session.
#[derive(Debug, Clone, aisle_db::FromQueryResult)]
pub(super) struct SessionRow {
    pub(super) token_hash: String,
    pub(super) id: Uuid,
    pub(super) user_id: i64,
    pub(super) terminal_id: Option<i64>,
    pub(super) created_at: i64,
    pub(super) last_seen_at: i64,
    pub(super) expires_at: i64,
    pub(super) address: String,
    pub(super) user_agent: String,
}

impl SessionRow {
    /// Whether it still counts.
    pub(super) fn is_alive(&self, now: Instant) -> bool {
        let idle = now.0 - self.last_seen_at > IDLE_MS && self.terminal_id.is_none();
        now.0 < self.expires_at && !idle
    }

    /// As requests carry it.
    pub(super) fn session(&self) -> crate::http::Session {
        crate::http::Session {
            id: self.id,
            terminal: self.terminal_id.map(TerminalId),
            last_seen: Arc::new(AtomicI64::new(self.last_seen_at)),
        }
    }
}

/// Few sign in at once: each of them writes, and so stands in the way of sales. What is turned away here
/// has not been counted and was not looked at.
static DOOR: Turns = Turns::new(2, 34);

/// Checks a password, in the back office also the second factor of who has one, and opens a session.
pub(super) async fn sign_in(
    app: &App,
    with: Credentials<'_>,
    place: &Place<'_>,
) -> Result<SignedIn> {
    let _inside = DOOR.enter().await?;
    let guesses = Guess::password(with.username, &place.address.network().to_string());
    let locks = attempts::begin(app, &guesses).await?;
    let row = store::user_by_name(app.db.read_fresh(), with.username).await?;
    let stored = row.as_ref().map(|row| row.password_hash.clone());
    let matches = password::verify(with.password, stored).await?;
    if locks && !matches {
        let detail = json!({ "address": place.address.0.to_string(), "kind": "password" });
        let store = place.terminal.map(|terminal| terminal.store_id);
        attempts::note_lock(app, row.as_ref(), store, detail).await?;
    }
    let Some(row) = row.filter(|_| matches) else {
        return Err(refused(&codes::BAD_CREDENTIALS));
    };
    attempts::succeed(app, &guesses).await?;
    if place.terminal.is_none() && row.has_second_factor {
        let needed = || Error::code(&codes::SECOND_FACTOR_NEEDED);
        second_factor::spend(app, &row, with.code.ok_or_else(needed)?).await?;
    }
    open(app, &row, place, &codes::BAD_CREDENTIALS).await
}

/// Checks a PIN at a till and opens a session that is good there alone.
pub(super) async fn sign_in_by_pin(
    app: &App,
    username: &str,
    pin: String,
    place: &Place<'_>,
) -> Result<SignedIn> {
    let terminal = place
        .terminal
        .ok_or_else(|| Error::code(&codes::TERMINAL_REQUIRED))?;
    let _inside = DOOR.enter().await?;
    let row = check_pin(app, username, pin, terminal).await?;
    open(app, &row, place, &codes::BAD_PIN).await
}

fn refused(code: &'static Code) -> Error {
    metrics::counter!("aisle_sign_ins_total", "result" => "refused").increment(1);
    Error::code(code)
}

/// The person whose name and PIN these are, in a store they work in.
pub(super) async fn check_pin(
    app: &App,
    username: &str,
    pin: String,
    terminal: &Terminal,
) -> Result<UserRow> {
    let guesses = Guess::pin(username, terminal.id.get());
    let locks = attempts::begin(app, &guesses).await?;
    let row = store::user_by_name(app.db.read_fresh(), username).await?;
    let stored = row.as_ref().and_then(|row| row.pin_hash.clone());
    let matches = password::verify(pin, stored).await?;
    if locks && !matches {
        let detail = json!({ "terminal": terminal.name, "kind": "pin" });
        attempts::note_lock(app, row.as_ref(), Some(terminal.store_id), detail).await?;
    }
    let row = row.filter(|_| matches);
    let row = row.ok_or_else(|| Error::code(&codes::BAD_PIN))?;
    let rights = row.rights(app.db.read_fresh()).await?;
    if !rights.stores.contains(terminal.store_id) {
        return Err(Error::code(&codes::BAD_PIN));
    }
    attempts::succeed(app, &guesses).await?;
    Ok(row)
}

/// Opens a session for the person as they were when they proved who they are; when that is not true any
/// more, a reset came in between, and the proof is worth nothing.
async fn open(
    app: &App,
    row: &UserRow,
    place: &Place<'_>,
    outdated: &'static Code,
) -> Result<SignedIn> {
    let rights = row.rights(app.db.read_fresh()).await?;
    let token = new_token(TOKEN_PREFIX);
    let now = app.clock.now();
    let session = SessionRow {
        token_hash: token_hash(&token),
        id: new_uuid(),
        user_id: row.id,
        terminal_id: place.terminal.map(|terminal| terminal.id.get()),
        created_at: now.0,
        last_seen_at: now.0,
        expires_at: now.plus_ms(LIFE_MS).0,
        address: place.address.0.to_string(),
        user_agent: place.user_agent.chars().take(USER_AGENT_MAX).collect(),
    };
    let is_open = aisle_db::transact!(app.db, |tx| {
        if !row.still_proves(tx).await? {
            return Ok::<_, Error>(false);
        }
        // One person at a time: whoever was at this device is not there any more.
        if let Some(terminal) = session.terminal_id {
            Sql::new("DELETE FROM sessions WHERE terminal_id = ")
                .arg(terminal)
                .run(tx)
                .await?;
        }
        insert(tx, &session).await?;
        Ok(true)
    })?;
    if !is_open {
        return Err(refused(outdated));
    }
    if let Some(terminal) = place.terminal {
        app.identity.forget_all().await;
        terminal::tell_changed(app, terminal.store_id);
    }
    metrics::counter!("aisle_sign_ins_total", "result" => "ok").increment(1);
    Ok(SignedIn {
        token,
        expires: Instant(session.expires_at),
        user: row.user(),
        rights,
    })
}

/// Ends a session at once.
pub(super) async fn sign_out(app: &App, actor: &Actor, token: &str) -> Result<()> {
    let hash = token_hash(token);
    aisle_db::transact!(app.db, |tx| {
        Sql::new("DELETE FROM sessions WHERE token_hash = ")
            .arg(hash.as_str())
            .run(tx)
            .await?;
        Ok::<_, Error>(())
    })?;
    app.identity.forget(&hash).await;
    if let Some(terminal) = &actor.terminal {
        terminal::tell_changed(app, terminal.store_id);
    }
    Ok(())
}

/// Ends one of a person's sessions, or all but one, at once. Answers how many.
pub(super) async fn end(app: &App, user: i64, which: Which) -> Result<u64> {
    let ended = aisle_db::transact!(app.db, |tx| end_in(tx, user, which).await)?;
    app.identity.forget_all().await;
    Ok(ended)
}

/// The same in a transaction that does more. Once it is committed every token has to be forgotten.
pub(super) async fn end_in(tx: &Tx, user: i64, which: Which) -> Result<u64> {
    let sql = Sql::new("DELETE FROM sessions WHERE user_id = ").arg(user);
    let sql = match which {
        Which::One(id) => sql.push(" AND id = ").arg(id),
        Which::AllBut(Some(id)) => sql.push(" AND id <> ").arg(id),
        Which::AllBut(None) => sql,
    };
    Ok(sql.run(tx).await?)
}

/// Removes some of the sessions that were over then; answers how many.
pub(super) async fn tidy(tx: &Tx, before: Instant) -> Result<u64> {
    let over = "DELETE FROM sessions WHERE token_hash IN (SELECT token_hash FROM sessions WHERE expires_at < ";
    Ok(Sql::new(over)
        .arg(before.0)
        .push(" LIMIT ")
        .arg(PART)
        .push(")")
        .run(tx)
        .await?)
}

/// Which sessions of a person.
#[derive(Debug, Clone, Copy)]
pub(super) enum Which {
    /// This one.
    One(Uuid),
    /// All, but perhaps one.
    AllBut(Option<Uuid>),
}

const SESSION: &str = "SELECT token_hash, id, user_id, terminal_id, created_at, last_seen_at, expires_at, \
     address, user_agent FROM sessions WHERE ";

/// The session behind a token, while it counts.
pub(super) async fn find(app: &App, hash: &str) -> Result<Option<SessionRow>> {
    let now = app.clock.now();
    let row: Option<SessionRow> = Sql::new(SESSION)
        .push("token_hash = ")
        .arg(hash)
        .one(app.db.read_fresh())
        .await?;
    Ok(row.filter(|row| row.is_alive(now)))
}

/// Notes now and then that a session is used: by a request, not by a stream that was left open.
pub(crate) async fn note_use(app: &App, session: &crate::http::Session) -> Result<()> {
    let now = app.clock.now();
    let before = session.last_seen.load(Ordering::Relaxed);
    let is_due = now.0 - before > SEEN_EVERY_MS
        && session
            .last_seen
            .compare_exchange(before, now.0, Ordering::Relaxed, Ordering::Relaxed)
            .is_ok();
    if !is_due {
        return Ok(());
    }
    aisle_db::transact!(app.db, |tx| {
        Sql::new("UPDATE sessions SET last_seen_at = ")
            .arg(now.0)
            .push(" WHERE id = ")
            .arg(session.id)
            .run(tx)
            .await?;
        Ok::<_, Error>(())
    })
}

/// The sessions of a person that count, the newest first.
pub(super) async fn list(source: &impl Source, user: i64, now: Instant) -> Result<Vec<SessionRow>> {
    let rows: Vec<SessionRow> = Sql::new(SESSION)
        .push("user_id = ")
        .arg(user)
        .push(" ORDER BY created_at DESC")
        .all(source)
        .await?;
    Ok(rows.into_iter().filter(|row| row.is_alive(now)).collect())
}

async fn insert(tx: &Tx, row: &SessionRow) -> Result<()> {
    let columns = "token_hash, id, user_id, terminal_id, created_at, last_seen_at, expires_at, address, user_agent";
    Sql::new("INSERT INTO sessions (")
        .push(columns)
        .push(") VALUES (")
        .arg(row.token_hash.as_str())
        .push(", ")
        .arg(row.id)
        .push(", ")
        .arg(row.user_id)
        .push(", ")
        .arg(row.terminal_id)
        .push(", ")
        .arg(row.created_at)
        .push(", ")
        .arg(row.last_seen_at)
        .push(", ")
        .arg(row.expires_at)
        .push(", ")
        .arg(row.address.as_str())
        .push(", ")
        .arg(row.user_agent.as_str())
        .push(")")
        .run(tx)
        .await?;
    Ok(())
}
