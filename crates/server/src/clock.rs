//! Time and chance come from here and nowhere else, so tests can set both.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use aisle_domain::identity::EnrolmentCode;
use aisle_domain::time::Instant;
use aisle_pay::Surroundings;
use uuid::Uuid;

use crate::digest;

/// Where the time comes from.
#[derive(Debug, Clone)]
pub enum Clock {
    /// The machine's.
    System,
    /// One a test moves by hand.
    Manual(Arc<AtomicI64>),
}

impl Clock {
    /// A clock standing at `at`.
    pub fn manual(at: Instant) -> Clock {
        Clock::Manual(Arc::new(AtomicI64::new(at.0)))
    }

    /// Now.
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that reads the clock"
    )]
    pub fn now(&self) -> Instant {
        match self {
            Clock::System => {
                let since = SystemTime::now()
                    .duration_since(UNIX_EPOCH)
                    .unwrap_or_default();
                Instant(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
            }
            Clock::Manual(at) => Instant(at.load(Ordering::SeqCst)),
        }
    }

    /// Moves a manual clock; a bug on the machine's.
    pub fn advance_ms(&self, ms: i64) {
        match self {
            Clock::System => unreachable!("nobody moves the machine's clock"),
            Clock::Manual(at) => {
                at.fetch_add(ms, Ordering::SeqCst);
            }
        }
    }
}

impl Surroundings for Clock {
    fn now(&self) -> Instant {
        Clock::now(self)
    }

    fn nonce(&self) -> String {
        digest::hex(&random_bytes::<16>())
    }
}

/// A fresh UUIDv7, for things this server starts.
#[expect(
    clippy::disallowed_methods,
    reason = "the one place that makes identities"
)]
pub fn new_uuid() -> Uuid {
    Uuid::now_v7()
}

/// Eight random digits, for a person to read out.
#[expect(
    clippy::disallowed_methods,
    reason = "the one place that makes secrets"
)]
pub fn new_code() -> String {
    use rand::RngExt as _;
    format!("{:08}", rand::rng().random_range(0..100_000_000u32))
}

/// A code that makes a browser a till.
#[expect(
    clippy::disallowed_methods,
    reason = "the one place that makes secrets"
)]
pub fn new_enrolment_code() -> EnrolmentCode {
    use rand::RngExt as _;
    let mut chance = rand::rng();
    EnrolmentCode::drawn(|below| chance.random_range(0..below))
}

/// Random bytes that nobody can guess.
#[expect(
    clippy::disallowed_methods,
    reason = "the one place that makes secrets"
)]
pub fn random_bytes<const N: usize>() -> [u8; N] {
    use rand::Rng as _;
    let mut bytes = [0; N];
    rand::rng().fill_bytes(&mut bytes);
    bytes
}

/// 80 random bits for a person to write down: `k3vq-7mzd-x2ap-c5nf`.
pub fn new_recovery_code() -> String {
    const LETTERS: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
    let letters: Vec<char> = random_bytes::<16>()
        .iter()
        .map(|byte| char::from(LETTERS[usize::from(byte % 32)]))
        .collect();
    let groups: Vec<String> = letters.chunks(4).map(String::from_iter).collect();
    groups.join("-")
}

/// 256 random bits in URL-safe letters, behind a prefix that tells what the token is for.
pub fn new_token(prefix: &str) -> String {
    use base64::Engine as _;
    format!(
        "{prefix}_{}",
        base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(random_bytes::<32>())
    )
}
