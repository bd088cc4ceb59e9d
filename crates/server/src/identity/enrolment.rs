//! Making a browser a till: a manager makes a short code, the browser takes it and gets a token.
//!
//! Promises: a code is good for ten minutes and once; whoever takes it is the till from then on, and
//! whatever was that till before is not. Refuses: guessing, by the same counting as sign-ins.

use aisle_db::{FromQueryResult, Sql, Tx};
use aisle_domain::identity::EnrolmentCode;
use aisle_domain::ids::StoreId;
use aisle_domain::time::Instant;
use serde_json::json;

use crate::clock::{new_enrolment_code, new_token};
use crate::http::{Actor, Address};
use crate::ops::{self, Operation};
use crate::{App, Error, Result, codes};

use super::attempts::{self, Guess};
use super::device_key::{self, PublicKey};
use super::terminal::{self, NewTerminal};
use super::terminal_rows::{self, TerminalRow, rights_of};
use super::token_hash;
use super::users::ensure_covers;

const CODE_MS: i64 = 10 * 60_000;

/// A code that was made, for this till.
#[derive(Debug)]
pub(super) struct Invitation {
    pub(super) row: TerminalRow,
    pub(super) code: EnrolmentCode,
    pub(super) expires: Instant,
}

/// Makes a till that waits for a browser.
pub(super) async fn invite_new(
    app: &App,
    actor: &Actor,
    new: &NewTerminal<'_>,
) -> Result<Invitation> {
    ensure_covers(actor, &rights_of(new.kind, new.store_id))?;
    let code = new_enrolment_code();
    let now = app.clock.now();
    let row = aisle_db::transact!(app.db, |tx| {
        let row = terminal::blank(tx, new, now).await?;
        terminal_rows::insert(tx, &row).await?;
        put_code(tx, actor, &row, &code, now).await?;
        Ok::<_, Error>(row)
    })?;
    terminal::tell_changed(app, new.store_id);
    Ok(invitation(row, code, now))
}

/// Makes a code with which another browser takes the place of this till's.
pub(super) async fn invite(app: &App, actor: &Actor, id: i64) -> Result<Invitation> {
    let code = new_enrolment_code();
    let now = app.clock.now();
    let row = aisle_db::transact!(app.db, |tx| {
        let row = terminal_rows::find(tx, actor.store_id, id)
            .await?
            .ok_or_else(|| Error::code(&codes::NOT_FOUND))?;
        if row.revoked_at.is_some() {
            return Err(Error::code(&codes::TERMINAL_REVOKED));
        }
        ensure_covers(actor, &rights_of(&row.kind, actor.store_id))?;
        put_code(tx, actor, &row, &code, now).await?;
        Ok::<_, Error>(row)
    })?;
    Ok(invitation(row, code, now))
}

fn invitation(row: TerminalRow, code: EnrolmentCode, now: Instant) -> Invitation {
    Invitation {
        row,
        code,
        expires: now.plus_ms(CODE_MS),
    }
}

async fn put_code(
    tx: &Tx,
    actor: &Actor,
    row: &TerminalRow,
    code: &EnrolmentCode,
    now: Instant,
) -> Result<()> {
    Sql::new("DELETE FROM enrolment_codes WHERE expires_at <= ")
        .arg(now.0)
        .push(" OR terminal_id = ")
        .arg(row.id)
        .run(tx)
        .await?;
    Sql::new("INSERT INTO enrolment_codes (terminal_id, code_hash, made_by, expires_at) VALUES (")
        .arg(row.id)
        .push(", ")
        .arg(token_hash(code.as_str()))
        .push(", ")
        .arg(actor.name())
        .push(", ")
        .arg(now.plus_ms(CODE_MS).0)
        .push(")")
        .run(tx)
        .await?;
    let operation = Operation::of(actor, "terminal.code")
        .on(format!("terminal {}", row.id))
        .detail(json!({ "no": row.no, "name": row.name, "kind": row.kind }));
    ops::record(tx, now, operation).await
}

/// A browser that became a till.
#[derive(Debug)]
pub(super) struct Enrolled {
    pub(super) row: TerminalRow,
    pub(super) token: String,
    /// `None` for a token that lasts.
    pub(super) expires: Option<Instant>,
}

/// Takes a code. With a key the token is one that the key renews.
pub(super) async fn redeem(
    app: &App,
    code: &EnrolmentCode,
    key: Option<PublicKey>,
    address: Address,
) -> Result<Enrolled> {
    let guesses = Guess::enrolment(&address.network().to_string());
    attempts::begin(app, &guesses).await?;
    let now = app.clock.now();
    let prefix = match key {
        Some(_) => device_key::TOKEN_PREFIX,
        None => terminal::TOKEN_PREFIX,
    };
    let token = new_token(prefix);
    let expires = key.as_ref().map(|_| device_key::token_expires(now));
    let row = aisle_db::transact!(app.db, |tx| {
        let Some((mut row, made_by)) = take_code(tx, code, now).await? else {
            return Ok(None);
        };
        terminal_rows::end_all(tx, row.id).await?;
        row.enrolled_at = Some(now.0);
        row.public_key = key.as_ref().map(|key| key.as_str().to_owned());
        let hash = token_hash(&token);
        if let Some(expires) = expires {
            row.token_hash = terminal::no_token();
            terminal_rows::insert_token(tx, row.id, &hash, now, expires).await?;
        } else {
            row.token_hash = hash;
        }
        terminal_rows::update_enrolment(tx, &row).await?;
        let operation = Operation::by_name(StoreId(row.store_id), &made_by, "terminal.enrol")
            .on(format!("terminal {}", row.id))
            .detail(json!({ "no": row.no, "name": row.name, "kind": row.kind,
                "address": address.0.to_string(), "key": key.is_some() }));
        ops::record(tx, now, operation).await?;
        Ok::<_, Error>(Some(row))
    })?;
    let row = row.ok_or_else(|| Error::code(&codes::BAD_CODE))?;
    attempts::succeed(app, &guesses).await?;
    app.identity.forget_all().await;
    terminal::tell_changed(app, StoreId(row.store_id));
    Ok(Enrolled {
        row,
        token,
        expires,
    })
}

async fn take_code(
    tx: &Tx,
    code: &EnrolmentCode,
    now: Instant,
) -> Result<Option<(TerminalRow, String)>> {
    #[derive(FromQueryResult)]
    struct Taken {
        terminal_id: i64,
        made_by: String,
    }
    let taken: Option<Taken> = Sql::new("DELETE FROM enrolment_codes WHERE code_hash = ")
        .arg(token_hash(code.as_str()))
        .push(" AND expires_at > ")
        .arg(now.0)
        .push(" RETURNING terminal_id, made_by")
        .one(tx)
        .await?;
    let Some(taken) = taken else {
        return Ok(None);
    };
    let row = terminal_rows::find_active(tx, taken.terminal_id).await?;
    Ok(row.map(|row| (row, taken.made_by)))
}
