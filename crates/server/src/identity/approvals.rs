//! A second person's yes to something the first may not do alone.
//!
//! Promises: only who holds the permission in that store can agree, and never the one who asks; a yes is
//! good for two minutes, at one till, for one deed, which may be sent again; then the yes is found by the deed,
//! should the till not know it any more. Refuses: guessing, by the
//! same counting as sign-ins.

use aisle_db::{FromQueryResult, Sql, Tx};
use aisle_domain::identity::{Grant, Permission};
use aisle_domain::ids::StoreId;
use aisle_domain::time::Instant;
use serde_json::json;
use uuid::Uuid;

use crate::clock::{new_code, new_uuid};
use crate::http::{Actor, Terminal};
use crate::ops::{self, Operation};
use crate::{App, Error, Result, codes};

use super::attempts::{self, Guess};
use super::store::{self, UserRow};
use super::{roles, session, token_hash};

const APPROVAL_MS: i64 = 2 * 60_000;
const CODE_MS: i64 = 5 * 60_000;

/// How the second person shows who they are.
#[derive(Debug)]
pub(super) enum Proof {
    /// At the till.
    Pin { username: String, pin: String },
    /// From somewhere else, by a code made just before.
    Code(String),
}

/// A yes.
#[derive(Debug)]
pub(super) struct Approval {
    pub(super) id: Uuid,
    /// By name.
    pub(super) approver: String,
    pub(super) expires: Instant,
}

/// Takes a second person's yes.
pub(super) async fn approve(
    app: &App,
    actor: &Actor,
    permission: Permission,
    proof: Proof,
) -> Result<Approval> {
    let terminal = actor.terminal()?.clone();
    let asked_by = actor.person()?.id.get();
    let row = match proof {
        Proof::Pin { username, pin } => session::check_pin(app, &username, pin, &terminal).await?,
        Proof::Code(code) => redeem(app, &code, permission, &terminal).await?,
    };
    ensure_may(app, &row, permission, terminal.store_id).await?;
    if row.id == asked_by {
        return Err(Error::code(&codes::APPROVER_DENIED));
    }
    let recorded = recorded_name(&row);
    let now = app.clock.now();
    let approval = Approval {
        id: new_uuid(),
        approver: row.name.clone(),
        expires: now.plus_ms(APPROVAL_MS),
    };
    aisle_db::transact!(app.db, |tx| {
        Sql::new(
            "INSERT INTO approvals (store_id, id, permission, terminal_id, asked_by, approved_by, approver, \
             created_at, expires_at) VALUES (",
        )
        .arg(terminal.store_id.get())
        .push(", ")
        .arg(approval.id)
        .push(", ")
        .arg(permission.as_str())
        .push(", ")
        .arg(terminal.id.get())
        .push(", ")
        .arg(asked_by)
        .push(", ")
        .arg(row.id)
        .push(", ")
        .arg(recorded.as_str())
        .push(", ")
        .arg(now.0)
        .push(", ")
        .arg(approval.expires.0)
        .push(")")
        .run(tx)
        .await?;
        let operation = Operation::of(actor, "approval.give")
            .on(format!("user {}", row.id))
            .approved_by(Some(recorded.clone()))
            .detail(json!({ "permission": permission }));
        ops::record(tx, now, operation).await
    })?;
    metrics::counter!("aisle_approvals_total", "permission" => permission.as_str()).increment(1);
    Ok(approval)
}

/// Two people may have the same name, but not the same sign-in name.
fn recorded_name(row: &UserRow) -> String {
    if row.name.is_empty() || row.name == row.username {
        row.username.clone()
    } else {
        format!("{} ({})", row.name, row.username)
    }
}

/// A yes that was used.
#[derive(Debug, FromQueryResult)]
pub(crate) struct UsedApproval {
    pub(crate) id: Uuid,
    /// Who said it, as it is recorded.
    pub(crate) approver: String,
}

/// Uses a yes for a deed: the one that is named, or the one this deed has used already; nothing when there is
/// none that is good for it.
pub(crate) async fn use_approval(
    app: &App,
    actor: &Actor,
    permission: Permission,
    named: Option<Uuid>,
    deed: &str,
) -> Result<Option<UsedApproval>> {
    let (Some(terminal), Some(user)) = (&actor.terminal, &actor.user) else {
        return Ok(None);
    };
    let good = |sql: Sql| {
        sql.push(" WHERE store_id = ")
            .arg(actor.store_id.get())
            .push(" AND permission = ")
            .arg(permission.as_str())
            .push(" AND terminal_id = ")
            .arg(terminal.id.get())
            .push(" AND asked_by = ")
            .arg(user.id.get())
            .push(" AND expires_at > ")
            .arg(app.clock.now().0)
            .push(" AND (used_for = ")
            .arg(deed)
    };
    let Some(id) = named else {
        let used = good(Sql::new("SELECT id, approver FROM approvals")).push(")");
        return Ok(used.one(app.db.read_fresh()).await?);
    };
    aisle_db::transact!(app.db, |tx| {
        let used = good(Sql::new("UPDATE approvals SET used_for = ").arg(deed))
            .push(" OR used_for IS NULL) AND id = ")
            .arg(id)
            .push(" RETURNING id, approver");
        Ok::<_, Error>(used.one(tx).await?)
    })
}

/// What somebody needs approval for and the actor may agree to.
pub(super) async fn approvable(app: &App, actor: &Actor) -> Result<Vec<Permission>> {
    let roles = roles::list(app).await?;
    let is_asked = |permission: Permission| {
        let grants = roles.iter().map(|role| role.grants.get(permission));
        grants.into_iter().any(|grant| grant == Grant::Approval)
    };
    let held = actor.rights.answered(Grant::Allowed);
    Ok(held.filter(|permission| is_asked(*permission)).collect())
}

/// Makes a one-time code with which its maker agrees to one thing from afar.
pub(super) async fn make_code(
    app: &App,
    actor: &Actor,
    permission: Permission,
) -> Result<(String, Instant)> {
    let user = actor.person()?;
    if !actor.may(permission) {
        return Err(Error::code(&codes::DENIED));
    }
    let code = new_code();
    let now = app.clock.now();
    let expires = now.plus_ms(CODE_MS);
    let hash = token_hash(&code);
    aisle_db::transact!(app.db, |tx| {
        Sql::new("DELETE FROM approval_codes WHERE user_id = ")
            .arg(user.id.get())
            .run(tx)
            .await?;
        let columns = "code_hash, user_id, store_id, permission, expires_at";
        Sql::new("INSERT INTO approval_codes (")
            .push(columns)
            .push(") VALUES (")
            .arg(hash.as_str())
            .push(", ")
            .arg(user.id.get())
            .push(", ")
            .arg(actor.store_id.get())
            .push(", ")
            .arg(permission.as_str())
            .push(", ")
            .arg(expires.0)
            .push(")")
            .run(tx)
            .await?;
        Ok::<_, Error>(())
    })?;
    Ok((code, expires))
}

/// Removes what is over: the log keeps who agreed to what.
pub(super) async fn tidy(tx: &Tx, now: Instant) -> Result<()> {
    for table in ["approvals", "approval_codes"] {
        Sql::new("DELETE FROM ")
            .push(table)
            .push(" WHERE expires_at < ")
            .arg(now.0)
            .run(tx)
            .await?;
    }
    Ok(())
}

/// The maker of a code that was made for this permission in this store.
async fn redeem(
    app: &App,
    code: &str,
    permission: Permission,
    terminal: &Terminal,
) -> Result<UserRow> {
    #[derive(FromQueryResult)]
    struct Row {
        user_id: i64,
    }
    let guesses = [Guess::code(terminal.id.get())];
    attempts::begin(app, &guesses).await?;
    let hash = token_hash(code);
    let row: Option<Row> = aisle_db::transact!(app.db, |tx| {
        Ok::<_, Error>(
            Sql::new("DELETE FROM approval_codes WHERE code_hash = ")
                .arg(hash.as_str())
                .push(" AND store_id = ")
                .arg(terminal.store_id.get())
                .push(" AND permission = ")
                .arg(permission.as_str())
                .push(" AND expires_at > ")
                .arg(app.clock.now().0)
                .push(" RETURNING user_id")
                .one(tx)
                .await?,
        )
    })?;
    let bad = || Error::code(&codes::BAD_CODE);
    let id = row.ok_or_else(bad)?.user_id;
    attempts::succeed(app, &guesses).await?;
    store::user_by_id(app.db.read_fresh(), id)
        .await?
        .filter(|row| !row.disabled)
        .ok_or_else(bad)
}

async fn ensure_may(
    app: &App,
    row: &UserRow,
    permission: Permission,
    store: StoreId,
) -> Result<()> {
    let rights = row.rights(app.db.read_fresh()).await?;
    let may = rights.grants.get(permission) == Grant::Allowed && rights.stores.contains(store);
    if may {
        Ok(())
    } else {
        let field = json!({ "permission": permission, "name": row.name });
        Err(Error::with(&codes::APPROVER_DENIED, vec![field]))
    }
}
