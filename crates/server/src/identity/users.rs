//! The people who sign in: added, changed, given a new password, ended.
//!
//! Promises: nobody hands out rights or stores beyond their own, nor changes somebody who has them; one
//! person who may do everything is always left; a change counts from the next request on.

use std::collections::BTreeMap;

use aisle_db::{Source, Sql, Tx};
use aisle_domain::identity::Role;
use aisle_domain::ids::StoreId;
use aisle_domain::time::Instant;
use serde_json::json;
use uuid::Uuid;

use crate::http::Actor;
use crate::ops::{self, Operation};
use crate::{App, Error, Result, codes};

use super::rights::{self, Rights, Stores};
use super::session::{self, Which};
use super::store::{self, NewUser, UserRow};
use super::{attempts, password};

/// A person with what they may do.
#[derive(Debug)]
pub(super) struct Person {
    pub(super) row: UserRow,
    pub(super) rights: Rights,
    pub(super) more_stores: Vec<StoreId>,
    /// Until when guesses at their sign-in are not looked at somewhere.
    pub(super) locked_until: Option<Instant>,
}

/// What is said of a person.
#[derive(Debug, Clone)]
pub(super) struct Particulars {
    pub(super) name: String,
    pub(super) phone: String,
    pub(super) role: String,
    pub(super) store: StoreId,
    pub(super) more_stores: Vec<StoreId>,
    pub(super) disabled: bool,
}

/// The people of the stores the actor sees.
pub(super) async fn list(app: &App, actor: &Actor) -> Result<Vec<Person>> {
    let reader = app.db.read_fresh();
    let locks = attempts::locks(reader, app.clock.now()).await?;
    let mut people = Vec::new();
    for row in store::users(reader).await? {
        if actor.sees(StoreId(row.store_id)) {
            people.push(with_lock(person(reader, row).await?, &locks));
        }
    }
    Ok(people)
}

/// Adds a person.
pub(super) async fn add(
    app: &App,
    actor: &Actor,
    username: &str,
    password: &str,
    new: &Particulars,
) -> Result<Person> {
    password::check(password, &[username, &new.name])?;
    let hash = password::hash_in_turn(password).await?;
    let now = app.clock.now();
    let id = aisle_db::transact!(app.db, |tx| {
        lock(tx).await?;
        ensure_may_give(app, tx, actor, new).await?;
        if store::user_exists_at_all(tx, username).await? {
            return Err(Error::with(
                &codes::NAME_TAKEN,
                vec![json!({ "name": "username", "code": "name_taken" })],
            ));
        }
        let user = NewUser {
            username,
            name: &new.name,
            password_hash: hash.clone(),
            role: &new.role,
            store_id: new.store,
            demo: false,
            phone: &new.phone,
            pin_hash: None,
        };
        let id = store::insert_user(tx, &user, now).await?;
        put_more_stores(tx, id, &new.more_stores).await?;
        let operation = Operation::of(actor, "user.add")
            .on(format!("user {id}"))
            .detail(json!({ "username": username }))
            .change(&(), &said(new));
        ops::record(tx, now, operation).await?;
        Ok::<_, Error>(id)
    })?;
    get(app, actor, id).await
}

/// Changes a person, and ends their sessions when they may not sign in any more.
pub(super) async fn change(
    app: &App,
    actor: &Actor,
    id: i64,
    change: impl Fn(&mut Particulars) + Send + Sync,
) -> Result<Person> {
    let now = app.clock.now();
    aisle_db::transact!(app.db, |tx| {
        lock(tx).await?;
        let before = find(tx, actor, id).await?;
        ensure_covers(actor, &before.rights)?;
        let old = particulars(&before);
        let mut new = old.clone();
        change(&mut new);
        ensure_may_give(app, tx, actor, &new).await?;
        let loses_all = new.disabled || new.role != Role::Admin.as_str();
        if before.row.role == Role::Admin.as_str() && loses_all {
            ensure_another_admin(tx, id).await?;
        }
        if actor.user.as_ref().is_some_and(|user| user.id.get() == id) && new.disabled {
            return Err(Error::invalid("disabled", "nobody ends themselves"));
        }
        update(tx, id, &new).await?;
        put_more_stores(tx, id, &new.more_stores).await?;
        let operation = Operation::of(actor, "user.change")
            .on(format!("user {id}"))
            .change(&said(&old), &said(&new));
        if new.disabled {
            session::end_in(tx, id, Which::AllBut(None)).await?;
        }
        ops::record(tx, now, operation).await
    })?;
    app.identity.forget_all().await;
    get(app, actor, id).await
}

/// Gives somebody else a new password; their PIN is gone and all their sessions end.
pub(super) async fn reset_password(
    app: &App,
    actor: &Actor,
    id: i64,
    password: &str,
) -> Result<()> {
    if actor.user.as_ref().is_some_and(|user| user.id.get() == id) {
        return Err(Error::invalid(
            "id",
            "one's own password is changed with the old one",
        ));
    }
    let person = find(app.db.read_fresh(), actor, id).await?;
    ensure_covers(actor, &person.rights)?;
    password::check(password, &[&person.row.username, &person.row.name])?;
    let hash = password::hash_in_turn(password).await?;
    let now = app.clock.now();
    aisle_db::transact!(app.db, |tx| {
        lock(tx).await?;
        let person = find(tx, actor, id).await?;
        ensure_covers(actor, &person.rights)?;
        store::put_pin(tx, id, None).await?;
        put_password(tx, &person.row, &hash, None).await?;
        let operation = Operation::of(actor, "user.password").on(format!("user {id}"));
        ops::record(tx, now, operation).await
    })?;
    app.identity.forget_all().await;
    Ok(())
}

/// Ends all sessions of a person. Answers how many.
pub(super) async fn sign_out_everywhere(app: &App, actor: &Actor, id: i64) -> Result<u64> {
    let person = find(app.db.read_fresh(), actor, id).await?;
    ensure_covers(actor, &person.rights)?;
    let now = app.clock.now();
    let ended = aisle_db::transact!(app.db, |tx| {
        let operation = Operation::of(actor, "user.sign_out").on(format!("user {id}"));
        ops::record(tx, now, operation).await?;
        session::end_in(tx, id, Which::AllBut(None)).await
    })?;
    app.identity.forget_all().await;
    Ok(ended)
}

/// Lets guesses at a person's sign-in be looked at again before their time.
pub(super) async fn release(app: &App, actor: &Actor, id: i64) -> Result<Person> {
    let person = find(app.db.read_fresh(), actor, id).await?;
    ensure_covers(actor, &person.rights)?;
    let now = app.clock.now();
    aisle_db::transact!(app.db, |tx| {
        attempts::release(tx, &person.row.username).await?;
        let operation = Operation::of(actor, "user.release").on(format!("user {id}"));
        ops::record(tx, now, operation).await
    })?;
    get(app, actor, id).await
}

/// A person's phone number, whole. Whoever asks is written down.
pub(super) async fn reveal_phone(app: &App, actor: &Actor, id: i64) -> Result<String> {
    let now = app.clock.now();
    aisle_db::transact!(app.db, |tx| {
        let person = find(tx, actor, id).await?;
        let operation = Operation::of(actor, "user.reveal")
            .on(format!("user {id}"))
            .detail(json!({ "field": "phone" }));
        ops::record(tx, now, operation).await?;
        Ok(person.row.phone)
    })
}

/// `138****1234`; what is too short to hide anything is hidden whole.
pub(super) fn masked(phone: &str) -> String {
    match phone.len() {
        0 => String::new(),
        11.. => format!("{}****{}", &phone[..3], &phone[phone.len() - 4..]),
        _ => "****".to_owned(),
    }
}

/// A person the actor may see; a stranger and nobody are told apart by no one.
pub(super) async fn get(app: &App, actor: &Actor, id: i64) -> Result<Person> {
    let reader = app.db.read_fresh();
    let person = find(reader, actor, id).await?;
    let locks = attempts::locks(reader, app.clock.now()).await?;
    Ok(with_lock(person, &locks))
}

/// Refuses to act on somebody who holds more.
pub(super) fn ensure_covers(actor: &Actor, rights: &Rights) -> Result<()> {
    if actor.rights.covers(rights) {
        Ok(())
    } else {
        Err(Error::code(&codes::BEYOND_OWN_RIGHTS))
    }
}

/// The same, without how guesses at their sign-in stand.
pub(super) async fn find(source: &impl Source, actor: &Actor, id: i64) -> Result<Person> {
    let row = store::user_by_id(source, id)
        .await?
        .filter(|row| actor.sees(StoreId(row.store_id)))
        .ok_or_else(|| Error::code(&codes::NOT_FOUND))?;
    person(source, row).await
}

fn with_lock(person: Person, locks: &BTreeMap<String, Instant>) -> Person {
    let name = attempts::counted_name(&person.row.username);
    Person {
        locked_until: locks.get(&name).copied(),
        ..person
    }
}

async fn person(source: &impl Source, row: UserRow) -> Result<Person> {
    let role = row.role(source).await?;
    let more_stores = rights::more_stores(source, row.id).await?;
    Ok(Person {
        rights: rights::rights(role, StoreId(row.store_id), more_stores.clone()),
        more_stores,
        locked_until: None,
        row,
    })
}

fn particulars(person: &Person) -> Particulars {
    Particulars {
        name: person.row.name.clone(),
        phone: person.row.phone.clone(),
        role: person.row.role.clone(),
        store: StoreId(person.row.store_id),
        more_stores: person.more_stores.clone(),
        disabled: person.row.disabled,
    }
}

/// As the log tells it.
fn said(of: &Particulars) -> serde_json::Value {
    json!({ "name": of.name, "phone": masked(&of.phone), "role": of.role, "store_id": of.store,
        "more_stores": of.more_stores, "disabled": of.disabled })
}

async fn ensure_may_give(app: &App, tx: &Tx, actor: &Actor, new: &Particulars) -> Result<()> {
    let role = rights::find_role(tx, &new.role)
        .await?
        .filter(|role| !Role::parse(&role.role).is_some_and(Role::is_device))
        .ok_or_else(|| Error::invalid("role", "a role people have"))?;
    for store in new.more_stores.iter().chain([&new.store]) {
        let seen = Stores::These(vec![*store]);
        if app.catalogue.store(*store).is_none() || !actor.rights.stores.covers(&seen) {
            return Err(Error::code(&codes::NOT_FOUND));
        }
    }
    let given = rights::rights(role, new.store, new.more_stores.clone());
    ensure_covers(actor, &given)
}

/// Who changes people or roles does it one after the other.
pub(super) async fn lock(tx: &Tx) -> Result<()> {
    ops::take_numbers(tx, "users", 0).await?;
    Ok(())
}

async fn ensure_another_admin(tx: &Tx, id: i64) -> Result<()> {
    let others = Sql::new("SELECT COUNT(*) FROM users WHERE disabled = FALSE AND role = ")
        .arg(Role::Admin.as_str())
        .push(" AND id <> ")
        .arg(id)
        .number(tx)
        .await?;
    if others > 0 {
        Ok(())
    } else {
        Err(Error::code(&codes::LAST_ADMIN))
    }
}

async fn update(tx: &Tx, id: i64, new: &Particulars) -> Result<()> {
    Sql::new("UPDATE users SET name = ")
        .arg(new.name.as_str())
        .push(", phone = ")
        .arg(new.phone.as_str())
        .push(", role = ")
        .arg(new.role.as_str())
        .push(", store_id = ")
        .arg(new.store.get())
        .push(", disabled = ")
        .arg(new.disabled)
        .push(" WHERE id = ")
        .arg(id)
        .run(tx)
        .await?;
    Ok(())
}

async fn put_more_stores(tx: &Tx, id: i64, stores: &[StoreId]) -> Result<()> {
    Sql::new("DELETE FROM user_stores WHERE user_id = ")
        .arg(id)
        .run(tx)
        .await?;
    for store in stores {
        Sql::new("INSERT INTO user_stores (user_id, store_id) VALUES (")
            .arg(id)
            .push(", ")
            .arg(store.get())
            .push(") ON CONFLICT (user_id, store_id) DO NOTHING")
            .run(tx)
            .await?;
    }
    Ok(())
}

/// Changes a password and ends the person's sessions, but perhaps one.
pub(super) async fn put_password(
    tx: &Tx,
    row: &UserRow,
    hash: &str,
    but: Option<Uuid>,
) -> Result<()> {
    store::put_password(tx, &row.username, hash).await?;
    session::end_in(tx, row.id, Which::AllBut(but)).await?;
    Ok(())
}
