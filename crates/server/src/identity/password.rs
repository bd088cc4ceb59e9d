//! Passwords: Argon2id, 19 MiB, two passes, one lane (OWASP's minimum), behind a small queue.

use std::sync::LazyLock;

use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use tokio::sync::Semaphore;

use crate::{Error, Result, codes};

const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const WAITING_MAX: usize = 32;

/// Two at once: each takes 19 MiB and a core.
static WORKERS: Semaphore = Semaphore::const_new(2);
static QUEUE: Semaphore = Semaphore::const_new(WAITING_MAX);

/// Checked when the user is unknown, so that the answer takes as long.
static NOBODY: LazyLock<String> =
    LazyLock::new(|| hash("nobody has this password").unwrap_or_default());

/// The string to store for a password.
pub fn hash(password: &str) -> Result<String> {
    hasher()
        .hash_password(password.as_bytes())
        .map(|hash| hash.to_string())
        .map_err(|error| anyhow::anyhow!("hashing a password: {error}").into())
}

/// Whether `password` belongs to `stored`; without a stored one it never does, but takes as long.
pub(super) async fn verify(password: String, stored: Option<String>) -> Result<bool> {
    let _waiting = QUEUE
        .try_acquire()
        .map_err(|_| Error::code(&codes::TOO_MANY_REQUESTS))?;
    let _working = WORKERS
        .acquire()
        .await
        .map_err(|error| anyhow::anyhow!(error))?;
    let work = move || {
        let known = stored.is_some();
        let stored = stored.unwrap_or_else(|| NOBODY.clone());
        let parsed = argon2::password_hash::phc::PasswordHash::new(&stored);
        let matches = parsed.is_ok_and(|parsed| {
            hasher()
                .verify_password(password.as_bytes(), &parsed)
                .is_ok()
        });
        known && matches
    };
    Ok(tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| anyhow::anyhow!(error))?)
}

fn hasher() -> Argon2<'static> {
    let params = Params::new(MEMORY_KIB, PASSES, 1, None).unwrap_or_default();
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}
