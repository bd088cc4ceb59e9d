//! What people change of their own sign-in: password and PIN, each with the password of now.

use aisle_db::Tx;
use serde_json::json;

use crate::http::Actor;
use crate::ops::{self, Operation};
use crate::{App, Error, Result, codes};

use super::attempts::{self, Guess};
use super::store::{self, UserRow};
use super::{password, users};

/// Changes the actor's own password; their other sessions end.
pub(super) async fn change_password(
    app: &App,
    actor: &Actor,
    old: String,
    new: &str,
) -> Result<()> {
    let row = check_own_password(app, actor, old).await?;
    password::check(new, &[&row.username, &row.name])?;
    let hash = password::hash_in_turn(new).await?;
    let this = actor.session.as_ref().map(|session| session.id);
    let now = app.clock.now();
    aisle_db::transact!(app.db, |tx| {
        ensure_unchanged(tx, &row).await?;
        users::put_password(tx, &row, &hash, this).await?;
        let operation = Operation::of(actor, "user.password").on(format!("user {}", row.id));
        ops::record(tx, now, operation).await
    })?;
    app.identity.forget_all().await;
    Ok(())
}

/// Sets or takes away the actor's own PIN.
pub(super) async fn set_pin(
    app: &App,
    actor: &Actor,
    password: String,
    pin: Option<&str>,
) -> Result<()> {
    let row = check_own_password(app, actor, password).await?;
    let hash = match pin {
        Some(pin) => {
            password::check_pin(pin)?;
            Some(password::hash_in_turn(pin).await?)
        }
        None => None,
    };
    let now = app.clock.now();
    aisle_db::transact!(app.db, |tx| {
        ensure_unchanged(tx, &row).await?;
        store::put_pin(tx, row.id, hash.as_deref()).await?;
        let operation = Operation::of(actor, "user.pin")
            .on(format!("user {}", row.id))
            .detail(json!({ "set": hash.is_some() }));
        ops::record(tx, now, operation).await
    })
}

/// Refuses when the person's password is another one since it was checked.
async fn ensure_unchanged(tx: &Tx, row: &UserRow) -> Result<()> {
    if row.still_proves(tx).await? {
        Ok(())
    } else {
        Err(Error::code(&codes::BAD_CREDENTIALS))
    }
}

/// The actor's own row, when this is their password.
pub(super) async fn check_own_password(
    app: &App,
    actor: &Actor,
    password: String,
) -> Result<UserRow> {
    let user = actor.person()?;
    let guesses = [Guess::own_password(&user.username)];
    attempts::begin(app, &guesses).await?;
    let row = store::user_by_id(app.db.read_fresh(), user.id.get()).await?;
    let stored = row.as_ref().map(|row| row.password_hash.clone());
    let matches = password::verify(password, stored).await?;
    let bad = || Error::with(&codes::BAD_CREDENTIALS, vec![json!({ "name": "password" })]);
    let row = row.filter(|_| matches).ok_or_else(bad)?;
    attempts::succeed(app, &guesses).await?;
    Ok(row)
}
