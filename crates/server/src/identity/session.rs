//! Signing in and out.

use aisle_domain::time::Instant;

use crate::clock::new_token;
use crate::http::User;
use crate::{App, Error, Result, codes};

use super::{password, store, token_hash};

const TOKEN_PREFIX: &str = "as";
/// A working day and some more.
const SESSION_MS: i64 = 14 * 3_600_000;

/// A session that began.
#[derive(Debug)]
pub(super) struct SignedIn {
    pub(super) token: String,
    pub(super) expires: Instant,
    pub(super) user: User,
}

/// Checks a password and opens a session.
pub(super) async fn sign_in(app: &App, username: &str, password: String) -> Result<SignedIn> {
    let row = store::user_by_name(app.db.read_fresh(), username).await?;
    let stored = row.as_ref().map(|row| row.password_hash.clone());
    if !password::verify(password, stored).await? {
        metrics::counter!("aisle_sign_ins_total", "result" => "refused").increment(1);
        return Err(Error::code(&codes::BAD_CREDENTIALS));
    }
    let row = row.ok_or_else(|| Error::code(&codes::BAD_CREDENTIALS))?;
    let token = new_token(TOKEN_PREFIX);
    let hash = token_hash(&token);
    let now = app.clock.now();
    let expires = now.plus_ms(SESSION_MS);
    let id = row.id;
    aisle_db::transact!(app.db, |tx| store::insert_session(
        tx, &hash, id, now, expires
    )
    .await)?;
    metrics::counter!("aisle_sign_ins_total", "result" => "ok").increment(1);
    Ok(SignedIn {
        token,
        expires,
        user: row.into_user()?,
    })
}

/// Ends a session at once.
pub(super) async fn sign_out(app: &App, token: &str) -> Result<()> {
    let hash = token_hash(token);
    aisle_db::transact!(app.db, |tx| store::delete_session(tx, &hash).await)?;
    app.identity.forget(&hash).await;
    Ok(())
}
