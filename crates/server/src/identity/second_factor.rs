//! A second factor for the back office: codes of an authenticator app (TOTP, RFC 6238), and recovery codes
//! for the day it is lost.
//!
//! Promises: a code is good once, and none of an earlier time step after it; a recovery code is good once;
//! guesses are counted before they are looked at; what the app shares with us is sealed, recovery codes are
//! hashes. Tills ask for none: there the device's own token is the second thing. Refuses: taking it away
//! without a code, but for somebody else who manages people.

use aisle_db::{FromQueryResult, Source, Sql, Tx};
use aisle_domain::identity::{Grant, Permission};
use aisle_domain::ids::StoreId;
use aisle_domain::time::Instant;
use serde_json::json;
use totp_rs::{Builder, Totp};

use crate::clock::{new_recovery_code, random_bytes};
use crate::http::Actor;
use crate::ops::{self, Operation};
use crate::vault::Place;
use crate::{App, Error, Result, codes};

use super::attempts::{self, Guess};
use super::rights::Rights;
use super::session::{self, Which};
use super::store::UserRow;
use super::{account, store, token_hash, users};

/// What the app shows beside the name.
const ISSUER: &str = "Aisle";
/// As many bits as the hash of its codes has.
const SECRET_BYTES: usize = 20;
const RECOVERY_CODES: usize = 10;
const STEP_S: u64 = 30;

/// What the person's app has to be told.
#[derive(Debug)]
pub(super) struct Offer {
    /// For typing, in base 32.
    pub(super) secret: String,
    /// For scanning.
    pub(super) url: String,
}

/// How it stands with somebody's second factor.
#[derive(Debug)]
pub(super) struct State {
    pub(super) is_set: bool,
    pub(super) recovery_codes_left: i64,
}

#[derive(Debug, FromQueryResult)]
struct Factor {
    secret: String,
    last_step: i64,
    confirmed_at: Option<i64>,
}

/// Whether these rights may not be used in the back office without a second factor.
pub(super) fn is_required(app: &App, rights: &Rights) -> bool {
    let manages = [Permission::UserManage, Permission::RoleManage]
        .iter()
        .any(|permission| rights.grants.get(*permission) == Grant::Allowed);
    app.config.require_second_factor && manages
}

/// How it stands with the actor's.
pub(super) async fn state(app: &App, actor: &Actor) -> Result<State> {
    let user = actor.person()?.id.get();
    let reader = app.db.read_fresh();
    let factor = find(reader, user).await?;
    let left = Sql::new("SELECT COUNT(*) FROM recovery_codes WHERE user_id = ")
        .arg(user)
        .number(reader)
        .await?;
    Ok(State {
        is_set: factor.is_some_and(|factor| factor.confirmed_at.is_some()),
        recovery_codes_left: left,
    })
}

/// Begins setting one up: it counts once [`confirm`] has seen a code of it.
pub(super) async fn begin(app: &App, actor: &Actor, password: String) -> Result<Offer> {
    let row = account::check_own_password(app, actor, password).await?;
    let secret = random_bytes::<SECRET_BYTES>();
    let totp = totp(&secret, &row.username)?;
    let sealed = app.vault.seal(place(&place_of(row.id)), &secret)?;
    aisle_db::transact!(app.db, |tx| {
        store::user_locked(tx, row.id).await?;
        let before = find(tx, row.id).await?;
        if before.is_some_and(|factor| factor.confirmed_at.is_some()) {
            return Err(Error::code(&codes::SECOND_FACTOR_SET));
        }
        forget(tx, row.id).await?;
        Sql::new("INSERT INTO second_factors (user_id, secret, last_step) VALUES (")
            .arg(row.id)
            .push(", ")
            .arg(sealed.as_str())
            .push(", 0)")
            .run(tx)
            .await?;
        Ok::<_, Error>(())
    })?;
    Ok(Offer {
        secret: totp.secret().to_base32(),
        url: totp.to_url().map_err(|error| anyhow::anyhow!(error))?,
    })
}

/// Takes a first code as proof that the app has it; from here on it is asked for. Answers the recovery
/// codes, this once. The person's other sessions end.
pub(super) async fn confirm(app: &App, actor: &Actor, code: &str) -> Result<Vec<String>> {
    let user = actor.person()?;
    let guesses = [Guess::second_factor(&user.username)];
    attempts::begin(app, &guesses).await?;
    let id = user.id.get();
    let now = app.clock.now();
    let recovery = new_recovery_codes();
    let this = actor.session.as_ref().map(|session| session.id);
    aisle_db::transact!(app.db, |tx| {
        store::user_locked(tx, id).await?;
        let factor = find(tx, id)
            .await?
            .filter(|factor| factor.confirmed_at.is_none())
            .ok_or_else(|| Error::code(&codes::NOT_FOUND))?;
        let step = right_step(app, id, &factor, code)?.ok_or_else(bad)?;
        Sql::new("UPDATE second_factors SET confirmed_at = ")
            .arg(now.0)
            .push(", last_step = ")
            .arg(step)
            .push(" WHERE user_id = ")
            .arg(id)
            .run(tx)
            .await?;
        put_recovery_codes(tx, id, &recovery).await?;
        session::end_in(tx, id, Which::AllBut(this)).await?;
        let operation = Operation::of(actor, "user.second_factor")
            .on(format!("user {id}"))
            .detail(json!({ "set": true }));
        ops::record(tx, now, operation).await
    })?;
    attempts::succeed(app, &guesses).await?;
    app.identity.forget_all().await;
    Ok(recovery)
}

/// Uses up a code: of the app, six digits, or a recovery code.
pub(super) async fn spend(app: &App, row: &UserRow, code: &str) -> Result<()> {
    let guesses = [Guess::second_factor(&row.username)];
    attempts::begin(app, &guesses).await?;
    let is_good = aisle_db::transact!(app.db, |tx| spend_in(app, tx, row.id, code).await)?;
    if !is_good {
        metrics::counter!("aisle_sign_ins_total", "result" => "refused").increment(1);
        return Err(bad());
    }
    attempts::succeed(app, &guesses).await
}

/// Makes new recovery codes for the actor and answers them, this once; the old ones end.
pub(super) async fn renew_recovery_codes(
    app: &App,
    actor: &Actor,
    password: String,
    code: &str,
) -> Result<Vec<String>> {
    let row = proved(app, actor, password, code).await?;
    let recovery = new_recovery_codes();
    let now = app.clock.now();
    aisle_db::transact!(app.db, |tx| {
        store::user_locked(tx, row.id).await?;
        let factor = find(tx, row.id).await?;
        if factor.is_none_or(|factor| factor.confirmed_at.is_none()) {
            return Err(Error::code(&codes::NOT_FOUND));
        }
        forget_in(tx, "recovery_codes", row.id).await?;
        put_recovery_codes(tx, row.id, &recovery).await?;
        let operation = Operation::of(actor, "user.recovery_codes").on(format!("user {}", row.id));
        ops::record(tx, now, operation).await
    })?;
    Ok(recovery)
}

/// Takes away the actor's own.
pub(super) async fn remove_own(
    app: &App,
    actor: &Actor,
    password: String,
    code: &str,
) -> Result<()> {
    let row = proved(app, actor, password, code).await?;
    take_away(app, actor, row.id).await
}

/// The actor, who knows the password and has the second factor.
async fn proved(app: &App, actor: &Actor, password: String, code: &str) -> Result<UserRow> {
    let row = account::check_own_password(app, actor, password).await?;
    if !row.has_second_factor {
        return Err(Error::code(&codes::NOT_FOUND));
    }
    spend(app, &row, code).await?;
    Ok(row)
}

/// Takes away somebody else's, who has lost it.
pub(super) async fn remove(app: &App, actor: &Actor, id: i64) -> Result<()> {
    if actor.user.as_ref().is_some_and(|user| user.id.get() == id) {
        return Err(Error::invalid("id", "one's own is taken away with a code"));
    }
    let person = users::find(app.db.read_fresh(), actor, id).await?;
    users::ensure_covers(actor, &person.rights)?;
    if !person.row.has_second_factor {
        return Err(Error::code(&codes::NOT_FOUND));
    }
    take_away(app, actor, id).await
}

async fn take_away(app: &App, actor: &Actor, id: i64) -> Result<()> {
    let now = app.clock.now();
    let operation = Operation::of(actor, "user.second_factor");
    aisle_db::transact!(app.db, |tx| take_away_in(tx, now, operation.clone(), id)
        .await)?;
    app.identity.forget_all().await;
    Ok(())
}

/// Takes a factor away from the command line. Answers whether there was one.
pub async fn forget_second_factor(app: &App, username: &str) -> Result<bool> {
    let now = app.clock.now();
    aisle_db::transact!(app.db, |tx| {
        let row = store::user_by_name(tx, username).await?;
        let Some(row) = row.filter(|row| row.has_second_factor) else {
            return Ok(false);
        };
        let home = StoreId(row.store_id);
        let operation = Operation::by_name(home, "command line", "user.second_factor");
        take_away_in(tx, now, operation, row.id).await?;
        Ok::<_, Error>(true)
    })
}

async fn take_away_in(tx: &Tx, now: Instant, by: Operation, id: i64) -> Result<()> {
    forget(tx, id).await?;
    let operation = by.on(format!("user {id}")).detail(json!({ "set": false }));
    ops::record(tx, now, operation).await
}

async fn spend_in(app: &App, tx: &Tx, user: i64, code: &str) -> Result<bool> {
    let Some(factor) = find(tx, user)
        .await?
        .filter(|factor| factor.confirmed_at.is_some())
    else {
        return Ok(false);
    };
    let spent = match right_step(app, user, &factor, code)? {
        // Of two who come with the same code at once the second finds the step taken.
        Some(step) => Sql::new("UPDATE second_factors SET last_step = ")
            .arg(step)
            .push(" WHERE user_id = ")
            .arg(user)
            .push(" AND last_step < ")
            .arg(step),
        None => Sql::new("DELETE FROM recovery_codes WHERE user_id = ")
            .arg(user)
            .push(" AND code_hash = ")
            .arg(token_hash(&plain(code))),
    };
    Ok(spent.run(tx).await? == 1)
}

/// The time step this code of the app belongs to: now, the one before or after, and not used yet.
fn right_step(app: &App, user: i64, factor: &Factor, code: &str) -> Result<Option<i64>> {
    let secret = app.vault.open(place(&place_of(user)), &factor.secret)?;
    let seconds = u64::try_from(app.clock.now().0 / 1000).unwrap_or_default();
    let step = totp(&secret, "")?.check(&plain(code), seconds);
    let step = step.and_then(|step| i64::try_from(step).ok());
    Ok(step.filter(|step| *step > factor.last_step))
}

fn totp(secret: &[u8], account: &str) -> Result<Totp> {
    let builder = Builder::new()
        .with_secret(secret.to_vec())
        .with_skew(1)
        .with_step_duration(STEP_S)
        .with_issuer(Some(ISSUER))
        .with_account_name(account);
    Ok(builder.build().map_err(|error| anyhow::anyhow!(error))?)
}

fn place_of(user: i64) -> String {
    format!("user {user}")
}

fn place(row: &str) -> Place<'_> {
    Place {
        purpose: "second factor",
        row,
    }
}

/// As it was made, however it was typed.
fn plain(code: &str) -> String {
    code.chars()
        .filter(|ch| ch.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

fn bad() -> Error {
    Error::code(&codes::BAD_SECOND_FACTOR)
}

async fn find(source: &impl Source, user: i64) -> Result<Option<Factor>> {
    let columns = "SELECT secret, last_step, confirmed_at FROM second_factors WHERE user_id = ";
    Ok(Sql::new(columns).arg(user).one(source).await?)
}

fn new_recovery_codes() -> Vec<String> {
    (0..RECOVERY_CODES).map(|_| new_recovery_code()).collect()
}

async fn put_recovery_codes(tx: &Tx, user: i64, recovery: &[String]) -> Result<()> {
    for code in recovery {
        Sql::new("INSERT INTO recovery_codes (user_id, code_hash) VALUES (")
            .arg(user)
            .push(", ")
            .arg(token_hash(&plain(code)))
            .push(")")
            .run(tx)
            .await?;
    }
    Ok(())
}

async fn forget(tx: &Tx, user: i64) -> Result<()> {
    for table in ["recovery_codes", "second_factors"] {
        forget_in(tx, table, user).await?;
    }
    Ok(())
}

async fn forget_in(tx: &Tx, table: &str, user: i64) -> Result<()> {
    Sql::new("DELETE FROM ")
        .push(table)
        .push(" WHERE user_id = ")
        .arg(user)
        .run(tx)
        .await?;
    Ok(())
}
