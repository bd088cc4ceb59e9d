//! Roles of a shop's own: what each may do, chosen answer by answer.
//!
//! Promises: nobody makes a role beyond their own rights; a role somebody plays is not deleted; a change
//! counts from the next request on.

use aisle_db::{Source, Sql};
use aisle_domain::identity::{Grants, Role, Scope};
use aisle_domain::ids::StoreId;
use serde_json::{Map, Value, json};

use crate::http::Actor;
use crate::ops::{self, Operation};
use crate::{App, Error, Result, codes};

use super::rights::{self, RoleRow};
use super::users::{self, ensure_covers};

/// What a role of a shop's own is.
#[derive(Debug, Clone)]
pub(super) struct NewRole {
    pub(super) name: String,
    pub(super) scope: Scope,
    pub(super) grants: Grants,
}

/// The built-in roles and the shop's own.
pub(super) async fn list(app: &App) -> Result<Vec<RoleRow>> {
    let mut roles: Vec<RoleRow> = Role::ALL
        .iter()
        .map(|role| rights::preset_row(*role))
        .collect();
    roles.extend(rights::custom_roles(app.db.read_fresh()).await?);
    Ok(roles)
}

/// Makes a role.
pub(super) async fn add(app: &App, actor: &Actor, new: &NewRole) -> Result<RoleRow> {
    ensure_may_make(actor, new)?;
    let now = app.clock.now();
    let id = aisle_db::transact!(app.db, |tx| {
        ensure_free(tx, &new.name, None).await?;
        let id = super::store::next_id(tx, "roles").await?;
        Sql::new("INSERT INTO roles (id, name, scope, grants, created_at) VALUES (")
            .arg(id)
            .push(", ")
            .arg(new.name.as_str())
            .push(", ")
            .arg(new.scope.as_str())
            .push(", ")
            .arg(text(&new.grants)?)
            .push(", ")
            .arg(now.0)
            .push(")")
            .run(tx)
            .await?;
        let operation = Operation::of(actor, "role.add")
            .on(format!("role {id}"))
            .change(&(), &said(&new.name, new.scope, &new.grants));
        ops::record(tx, now, operation).await?;
        Ok::<_, Error>(id)
    })?;
    get(app, &rights::custom(id)).await
}

/// Changes a role of the shop's own.
pub(super) async fn change(app: &App, actor: &Actor, role: &str, new: &NewRole) -> Result<RoleRow> {
    ensure_may_make(actor, new)?;
    let id = custom_id(role)?;
    let now = app.clock.now();
    aisle_db::transact!(app.db, |tx| {
        let old = rights::find_role(tx, role)
            .await?
            .ok_or_else(|| Error::code(&codes::NOT_FOUND))?;
        // Who holds less than the role did must not take it from those who have it.
        ensure_covers(actor, &rights::rights(old.clone(), home(actor), Vec::new()))?;
        ensure_free(tx, &new.name, Some(id)).await?;
        Sql::new("UPDATE roles SET name = ")
            .arg(new.name.as_str())
            .push(", scope = ")
            .arg(new.scope.as_str())
            .push(", grants = ")
            .arg(text(&new.grants)?)
            .push(" WHERE id = ")
            .arg(id)
            .run(tx)
            .await?;
        let operation = Operation::of(actor, "role.change")
            .on(format!("role {id}"))
            .change(
                &said(
                    old.name.as_deref().unwrap_or_default(),
                    old.scope,
                    &old.grants,
                ),
                &said(&new.name, new.scope, &new.grants),
            );
        ops::record(tx, now, operation).await
    })?;
    app.identity.forget_all().await;
    get(app, role).await
}

/// Deletes a role of the shop's own that nobody plays.
pub(super) async fn delete(app: &App, actor: &Actor, role: &str) -> Result<()> {
    ensure_sees_all(actor)?;
    let id = custom_id(role)?;
    let now = app.clock.now();
    aisle_db::transact!(app.db, |tx| {
        users::lock(tx).await?;
        let old = rights::find_role(tx, role)
            .await?
            .ok_or_else(|| Error::code(&codes::NOT_FOUND))?;
        ensure_covers(actor, &rights::rights(old, home(actor), Vec::new()))?;
        let players = Sql::new("SELECT COUNT(*) FROM users WHERE role = ")
            .arg(role)
            .number(tx)
            .await?;
        if players > 0 {
            return Err(Error::with(
                &codes::STILL_IN_USE,
                vec![json!({ "users": players })],
            ));
        }
        Sql::new("DELETE FROM roles WHERE id = ")
            .arg(id)
            .run(tx)
            .await?;
        let operation = Operation::of(actor, "role.delete").on(format!("role {id}"));
        ops::record(tx, now, operation).await
    })
}

async fn get(app: &App, role: &str) -> Result<RoleRow> {
    rights::find_role(app.db.read_fresh(), role)
        .await?
        .ok_or_else(|| Error::code(&codes::NOT_FOUND))
}

fn custom_id(role: &str) -> Result<i64> {
    rights::custom_id(role).ok_or_else(|| Error::code(&codes::NOT_FOUND))
}

/// A role may be played in every store, so whoever writes one sees them all.
fn ensure_sees_all(actor: &Actor) -> Result<()> {
    if actor.sees_all_stores() {
        Ok(())
    } else {
        Err(Error::code(&codes::BEYOND_OWN_RIGHTS))
    }
}

fn ensure_may_make(actor: &Actor, new: &NewRole) -> Result<()> {
    ensure_sees_all(actor)?;
    let made = RoleRow {
        role: String::new(),
        name: None,
        scope: new.scope,
        grants: new.grants.clone(),
    };
    ensure_covers(actor, &rights::rights(made, home(actor), Vec::new()))
}

fn home(actor: &Actor) -> StoreId {
    actor
        .user
        .as_ref()
        .map_or(actor.store_id, |user| user.store_id)
}

async fn ensure_free(source: &impl Source, name: &str, but: Option<i64>) -> Result<()> {
    let taken = Sql::new("SELECT COUNT(*) FROM roles WHERE name = ")
        .arg(name)
        .push(" AND id <> ")
        .arg(but.unwrap_or(0))
        .number(source)
        .await?;
    if taken == 0 {
        return Ok(());
    }
    Err(Error::with(
        &codes::NAME_TAKEN,
        vec![json!({ "name": "name", "code": "name_taken" })],
    ))
}

/// As the log tells it: each permission is a field of its own, so that a change names what changed.
fn said(name: &str, scope: Scope, grants: &Grants) -> Map<String, Value> {
    let answers = grants
        .iter()
        .map(|(permission, grant)| (permission.as_str().to_owned(), json!(grant)));
    let head = [
        ("name".to_owned(), json!(name)),
        ("scope".to_owned(), json!(scope)),
    ];
    head.into_iter().chain(answers).collect()
}

fn text(grants: &Grants) -> Result<String> {
    Ok(serde_json::to_string(grants).map_err(anyhow::Error::from)?)
}
