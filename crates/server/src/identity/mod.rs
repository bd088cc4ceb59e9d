//! People, devices, and the tokens that stand for them.
//!
//! Promises: only hashes of tokens are stored; a wrong password takes as long as an unknown name;
//! password checks never use more memory than the cores can work on.

mod api;
mod password;
mod session;
mod store;
mod terminal;

use std::time::Duration;

use aisle_domain::identity::Role;
use moka::future::Cache;

use crate::digest::sha256_hex;
use crate::http::Actor;
use crate::{App, Result};

pub use api::routes;
pub use password::hash as hash_password;
pub use store::{NewUser, insert_user, set_password, user_exists};
pub use terminal::{NewTerminal, enrol};

/// How long another server may still honour what this one revoked.
const CACHE_TTL: Duration = Duration::from_secs(4);
const CACHE_MAX: u64 = 100_000;

/// Tokens seen lately and whom they stand for.
#[derive(Debug, Clone)]
pub struct Identity {
    seen: Cache<String, Option<Actor>>,
}

impl Default for Identity {
    fn default() -> Identity {
        Identity {
            seen: Cache::builder()
                .max_capacity(CACHE_MAX)
                .time_to_live(CACHE_TTL)
                .build(),
        }
    }
}

impl Identity {
    /// Whom this token stands for now.
    pub async fn find_actor(&self, app: &App, token: &str) -> Result<Option<Actor>> {
        let hash = token_hash(token);
        if let Some(found) = self.seen.get(&hash).await {
            return Ok(found);
        }
        let found = load_actor(app, token, &hash).await?;
        self.seen.insert(hash, found.clone()).await;
        Ok(found)
    }

    /// Forgets a token that ended.
    pub async fn forget(&self, token_hash: &str) {
        self.seen.invalidate(token_hash).await;
    }
}

/// What is stored of a token: SHA-256, hexadecimal.
pub fn token_hash(token: &str) -> String {
    sha256_hex(token)
}

async fn load_actor(app: &App, token: &str, hash: &str) -> Result<Option<Actor>> {
    let reader = app.db.read_fresh();
    if token.starts_with(terminal::TOKEN_PREFIX) {
        return Ok(store::terminal_by_token(reader, hash).await?.map(|row| {
            let role = if row.kind == "kiosk" {
                Role::Kiosk
            } else {
                Role::Pos
            };
            let terminal = row.into_terminal();
            Actor {
                user: None,
                store_id: terminal.store_id,
                terminal: Some(terminal.into()),
                role,
            }
        }));
    }
    let Some(row) = store::user_by_session(reader, hash, app.clock.now()).await? else {
        return Ok(None);
    };
    let user = row.into_user()?;
    Ok(Some(Actor {
        store_id: user.store_id,
        role: user.role,
        user: Some(user.into()),
        terminal: None,
    }))
}
