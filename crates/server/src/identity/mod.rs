//! People, devices, and the tokens that stand for them.
//!
//! Promises: only hashes of tokens are stored; a wrong password takes as long as an unknown name;
//! password checks never use more memory than the cores can work on.

mod account;
mod approvals;
mod approvals_api;
mod attempts;
mod device_key;
mod devices_api;
mod enrolment;
mod names;
mod password;
mod report;
mod rights;
mod roles;
mod roles_api;
mod second_factor;
mod second_factor_api;
mod session;
mod sessions_api;
mod store;
mod terminal;
mod terminal_rows;
mod terminals_api;
mod tidy;
mod turns;
mod users;
mod users_api;

use std::time::Duration;

use moka::future::Cache;
use tokio::sync::watch;
use utoipa_axum::router::OpenApiRouter;

use crate::digest::sha256_hex;
use crate::http::Actor;
use crate::{App, Result};

pub(crate) use approvals::use_approval;
pub use names::Names;
pub use password::hash as hash_password;
pub use rights::{Rights, Stores};
pub use second_factor::forget_second_factor;
pub(crate) use session::note_use;
pub use store::{NewUser, PersonName, insert_user, people_names, set_password, user_exists};
pub use terminal::{NewTerminal, enrol};
pub use tidy::{tidy, tidy_for_ever};

/// How long another server may still honour what this one revoked.
const CACHE_TTL: Duration = Duration::from_secs(4);
const CACHE_MAX: u64 = 100_000;

/// The calls of this slice.
pub fn routes() -> OpenApiRouter<App> {
    sessions_api::routes()
        .merge(terminals_api::routes())
        .merge(devices_api::routes())
        .merge(users_api::routes())
        .merge(roles_api::routes())
        .merge(approvals_api::routes())
        .merge(second_factor_api::routes())
}

/// Tokens seen lately and whom they stand for.
#[derive(Debug, Clone)]
pub struct Identity {
    seen: Cache<String, Option<Actor>>,
    challenges: device_key::Challenges,
    changes: watch::Sender<()>,
}

impl Default for Identity {
    fn default() -> Identity {
        Identity {
            seen: Cache::builder()
                .max_capacity(CACHE_MAX)
                .time_to_live(CACHE_TTL)
                .build(),
            challenges: device_key::Challenges::default(),
            changes: watch::Sender::new(()),
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
        let changes = self.changes();
        let found = load_actor(app, token, &hash).await?;
        self.seen.insert(hash.clone(), found.clone()).await;
        // What was read while something changed may be what was true before.
        if changes.has_changed().unwrap_or(true) {
            self.seen.invalidate(&hash).await;
        }
        Ok(found)
    }

    /// Forgets a token that ended.
    pub async fn forget(&self, token_hash: &str) {
        self.announce(self.seen.invalidate(token_hash)).await;
    }

    /// Announced before and after: who is looking a token up sees the first and keeps nothing, who listens
    /// sees the second and finds nothing kept.
    async fn announce(&self, invalidate: impl Future<Output = ()>) {
        self.changes.send_replace(());
        invalidate.await;
        self.changes.send_replace(());
    }

    /// Forgets every token: somebody's rights changed, and the next request must see it.
    pub async fn forget_all(&self) {
        self.announce(async { self.seen.invalidate_all() }).await;
    }

    /// Tells when a token may have ended or mean something else.
    pub fn changes(&self) -> watch::Receiver<()> {
        self.changes.subscribe()
    }
}

/// What is stored of a token: SHA-256, hexadecimal.
pub fn token_hash(token: &str) -> String {
    sha256_hex(token)
}

async fn load_actor(app: &App, token: &str, hash: &str) -> Result<Option<Actor>> {
    let reader = app.db.read_fresh();
    let device = if token.starts_with(terminal::TOKEN_PREFIX) {
        terminal_rows::by_token(reader, hash).await?
    } else if token.starts_with(device_key::TOKEN_PREFIX) {
        terminal_rows::by_renewed_token(reader, hash, app.clock.now()).await?
    } else {
        return load_person(app, hash).await;
    };
    Ok(device.map(|row| {
        let terminal = row.into_terminal();
        Actor {
            user: None,
            store_id: terminal.store_id,
            rights: terminal_rows::rights_of(&terminal.kind, terminal.store_id).into(),
            terminal: Some(terminal.into()),
            approver: None,
            approval: None,
            session: None,
            lacks_second_factor: false,
        }
    }))
}

async fn load_person(app: &App, hash: &str) -> Result<Option<Actor>> {
    let reader = app.db.read_fresh();
    let Some(session) = session::find(app, hash).await? else {
        return Ok(None);
    };
    let Some(row) = store::user_by_id(reader, session.user_id)
        .await?
        .filter(|row| !row.disabled)
    else {
        return Ok(None);
    };
    let user = row.user();
    let rights = row.rights(reader).await?;
    let at_a_till = session.terminal_id.is_some();
    let lacks_second_factor =
        !at_a_till && !row.has_second_factor && second_factor::is_required(app, &rights);
    let rights = if lacks_second_factor {
        rights.with_nothing_allowed()
    } else {
        rights
    };
    Ok(Some(Actor {
        store_id: user.store_id,
        rights: rights.into(),
        lacks_second_factor,
        user: Some(user.into()),
        terminal: None,
        approver: None,
        approval: None,
        session: Some(session.session()),
    }))
}
