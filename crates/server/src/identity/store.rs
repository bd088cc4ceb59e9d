//! SQL of users.

use aisle_db::{DbError, FromQueryResult, Read, Source, Sql, Tx};
use aisle_domain::ids::{StoreId, UserId};
use aisle_domain::time::Instant;

use crate::Result;
use crate::http::User;

use super::rights::{self, Rights, RoleRow};

/// A stored user.
#[derive(Debug, Clone, FromQueryResult)]
pub(super) struct UserRow {
    /// Identity.
    pub(super) id: i64,
    /// Sign-in name.
    pub(super) username: String,
    /// Full name.
    pub(super) name: String,
    /// Argon2id.
    pub(super) password_hash: String,
    /// Name of the role.
    pub(super) role: String,
    /// Home store.
    pub(super) store_id: i64,
    /// Argon2id.
    pub(super) pin_hash: Option<String>,
    pub(super) phone: String,
    pub(super) disabled: bool,
    pub(super) has_second_factor: bool,
}

impl UserRow {
    /// Whether what the person proved to be then is true still; it stays so until the transaction has ended.
    pub(super) async fn still_proves(&self, tx: &Tx) -> Result<bool> {
        Ok(user_locked(tx, self.id).await?.is_some_and(|now| {
            !now.disabled
                && now.password_hash == self.password_hash
                && now.pin_hash == self.pin_hash
                && now.has_second_factor == self.has_second_factor
        }))
    }

    /// The person, as others see them.
    pub(super) fn user(&self) -> User {
        User {
            id: UserId(self.id),
            username: self.username.clone(),
            name: self.name.clone(),
            store_id: StoreId(self.store_id),
        }
    }

    /// The role the person plays.
    pub(super) async fn role(&self, source: &impl Source) -> Result<RoleRow> {
        let bad = || DbError::BadRow {
            table: "users",
            id: self.id.to_string(),
            column: "role",
        };
        let role = rights::find_role(source, &self.role).await?;
        Ok(role.ok_or_else(bad)?)
    }

    /// What the person may do.
    pub(super) async fn rights(&self, source: &impl Source) -> Result<Rights> {
        let role = self.role(source).await?;
        let more = rights::more_stores(source, self.id).await?;
        Ok(rights::rights(role, StoreId(self.store_id), more))
    }
}

const USER: &str = "SELECT u.id, u.username, u.name, u.password_hash, u.role, u.store_id, u.pin_hash, \
     u.phone, u.disabled, EXISTS (SELECT 1 FROM second_factors f WHERE f.user_id = u.id \
     AND f.confirmed_at IS NOT NULL) AS has_second_factor FROM users u";

pub(super) async fn user_by_name(source: &impl Source, username: &str) -> Result<Option<UserRow>> {
    Ok(Sql::new(USER)
        .push(" WHERE u.disabled = FALSE AND u.username = ")
        .arg(username)
        .one(source)
        .await?)
}

/// A person as lists name them.
#[derive(Debug, Clone, FromQueryResult)]
pub struct PersonName {
    /// Identity.
    pub id: i64,
    /// Sign-in name, as logs record it.
    pub username: String,
    /// What people call them.
    pub name: String,
}

/// Everybody there is or was.
pub async fn people_names(source: &impl Source) -> Result<Vec<PersonName>> {
    Ok(Sql::new("SELECT id, username, name FROM users")
        .all(source)
        .await?)
}

/// A person, also one who may not sign in any more.
pub(super) async fn user_by_id(source: &impl Source, id: i64) -> Result<Option<UserRow>> {
    Ok(Sql::new(USER)
        .push(" WHERE u.id = ")
        .arg(id)
        .one(source)
        .await?)
}

/// The same, and nobody changes the person until the transaction has ended.
pub(super) async fn user_locked(tx: &Tx, id: i64) -> Result<Option<UserRow>> {
    Ok(Sql::new(USER)
        .push(" WHERE u.id = ")
        .arg(id)
        .for_update(tx)
        .one(tx)
        .await?)
}

/// Everybody.
pub(super) async fn users(source: &impl Source) -> Result<Vec<UserRow>> {
    Ok(Sql::new(USER)
        .push(" ORDER BY u.disabled, u.id")
        .all(source)
        .await?)
}

/// What makes a user.
#[derive(Debug, Clone)]
pub struct NewUser<'a> {
    /// Sign-in name.
    pub username: &'a str,
    /// Full name.
    pub name: &'a str,
    /// As [`super::hash_password`] made it.
    pub password_hash: String,
    /// The name of a preset, or `custom-7`.
    pub role: &'a str,
    /// Home store.
    pub store_id: StoreId,
    /// Shown on the sign-in page until the password is changed.
    pub demo: bool,
    /// For messages; may be empty.
    pub phone: &'a str,
    /// As [`super::hash_password`] made it.
    pub pin_hash: Option<String>,
}

/// Stores a user under the next free id.
pub async fn insert_user(tx: &Tx, user: &NewUser<'_>, now: Instant) -> Result<i64> {
    let id = next_id(tx, "users").await?;
    Sql::new("INSERT INTO users (id, username, name, password_hash, role, store_id, demo, phone, pin_hash, created_at) VALUES (")
        .arg(id)
        .push(", ")
        .arg(user.username)
        .push(", ")
        .arg(user.name)
        .push(", ")
        .arg(user.password_hash.as_str())
        .push(", ")
        .arg(user.role)
        .push(", ")
        .arg(user.store_id.get())
        .push(", ")
        .arg(user.demo)
        .push(", ")
        .arg(user.phone)
        .push(", ")
        .arg(user.pin_hash.clone())
        .push(", ")
        .arg(now.0)
        .push(")")
        .run(tx)
        .await?;
    Ok(id)
}

/// Whether somebody signs in by this name.
pub async fn user_exists(source: &impl Source, username: &str) -> Result<bool> {
    Ok(user_by_name(source, username).await?.is_some())
}

/// The same, also when that person may not sign in any more.
pub(super) async fn user_exists_at_all(source: &impl Source, username: &str) -> Result<bool> {
    let count = Sql::new("SELECT COUNT(*) FROM users WHERE username = ")
        .arg(username)
        .number(source)
        .await?;
    Ok(count > 0)
}

/// Changes a password. The PIN of a demo sign-in, which everybody knows, goes with its password.
pub(super) async fn put_password(tx: &Tx, username: &str, password_hash: &str) -> Result<bool> {
    let changed = Sql::new(
        "UPDATE users SET pin_hash = CASE WHEN demo THEN NULL ELSE pin_hash END, demo = FALSE, \
         password_hash = ",
    )
    .arg(password_hash)
    .push(" WHERE username = ")
    .arg(username)
    .run(tx)
    .await?;
    Ok(changed > 0)
}

/// Sets a PIN or takes it away.
pub(super) async fn put_pin(tx: &Tx, id: i64, pin_hash: Option<&str>) -> Result<()> {
    Sql::new("UPDATE users SET pin_hash = ")
        .arg(pin_hash.map(str::to_owned))
        .push(" WHERE id = ")
        .arg(id)
        .run(tx)
        .await?;
    Ok(())
}

/// Changes a password and ends the person's sessions. Answers whether the user exists.
pub async fn set_password(tx: &Tx, username: &str, password_hash: &str) -> Result<bool> {
    let changed = put_password(tx, username, password_hash).await?;
    Sql::new("DELETE FROM sessions WHERE user_id IN (SELECT id FROM users WHERE username = ")
        .arg(username)
        .push(")")
        .run(tx)
        .await?;
    Ok(changed)
}

/// The next id of a table of things people set up.
pub(crate) async fn next_id(tx: &Tx, table: &'static str) -> Result<i64> {
    crate::ops::take_numbers(tx, table, 1).await
}

/// Names of users whose demo password was never changed.
pub(super) async fn demo_usernames(reader: &Read) -> Result<Vec<String>> {
    #[derive(FromQueryResult)]
    struct Row {
        username: String,
    }
    let rows: Vec<Row> =
        Sql::new("SELECT username FROM users WHERE demo = TRUE AND disabled = FALSE ORDER BY id")
            .all(reader)
            .await?;
    Ok(rows.into_iter().map(|row| row.username).collect())
}
