//! Devices that hold a key: their tokens die soon, and only the key renews them (decision 0012).
//!
//! Promises: a challenge is good for a minute and for one renewal; whoever has a token without the key
//! has it for ten minutes at most. Nothing is kept for a challenge until somebody has answered it well.

use std::time::Duration;

use aisle_domain::time::Instant;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use moka::future::Cache;
use p256::ecdsa::signature::Verifier;
use p256::ecdsa::{Signature, VerifyingKey};
use sha2::Sha256;

use crate::clock::{new_token, random_bytes};
use crate::{App, Error, Result, codes};

use super::terminal_rows;
use super::token_hash;

/// Of a token that a key renews.
pub(super) const TOKEN_PREFIX: &str = "ak";
const TOKEN_MS: i64 = 10 * 60_000;
const CHALLENGE_MS: i64 = 60_000;
/// Longer than a challenge is good for.
const USED_KEPT: Duration = Duration::from_secs(120);
const USED_MAX: u64 = 1_000_000;
/// What is signed begins so: a signature made for something else is none for this.
const PURPOSE: &str = "aisle terminal token";

const NONCE: usize = 16;
const TIME: usize = 8;

/// When a token made now dies.
pub(super) fn token_expires(now: Instant) -> Instant {
    now.plus_ms(TOKEN_MS)
}

/// A point on P-256, as 65 bytes in base64url: what WebCrypto exports as `raw`.
#[derive(Debug, Clone)]
pub(super) struct PublicKey {
    text: String,
    key: VerifyingKey,
}

impl PublicKey {
    /// Nothing when this is no point on the curve.
    pub(super) fn parse(text: &str) -> Option<PublicKey> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let key = VerifyingKey::from_sec1_bytes(&bytes).ok()?;
        Some(PublicKey {
            text: text.to_owned(),
            key,
        })
    }

    pub(super) fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether this key's owner signed that message: 64 bytes in base64url, r and s.
    fn has_signed(&self, message: &str, signature: &str) -> bool {
        URL_SAFE_NO_PAD
            .decode(signature)
            .ok()
            .and_then(|bytes| Signature::from_slice(&bytes).ok())
            .is_some_and(|signature| self.key.verify(message.as_bytes(), &signature).is_ok())
    }
}

/// Makes challenges and knows its own again.
#[derive(Debug, Clone)]
pub(super) struct Challenges {
    secret: [u8; 32],
    used: Cache<String, ()>,
}

impl Default for Challenges {
    fn default() -> Challenges {
        Challenges {
            secret: random_bytes(),
            used: Cache::builder()
                .max_capacity(USED_MAX)
                .time_to_live(USED_KEPT)
                .build(),
        }
    }
}

impl Challenges {
    /// A challenge and when it is too old.
    pub(super) fn make(&self, now: Instant) -> (String, Instant) {
        let expires = now.plus_ms(CHALLENGE_MS);
        let mut bytes = expires.0.to_be_bytes().to_vec();
        bytes.extend(random_bytes::<NONCE>());
        let seal = self.seal(&bytes).finalize().into_bytes();
        bytes.extend(seal);
        (URL_SAFE_NO_PAD.encode(bytes), expires)
    }

    /// Whether this server made it, not long ago.
    fn knows(&self, challenge: &str, now: Instant) -> bool {
        let Ok(bytes) = URL_SAFE_NO_PAD.decode(challenge) else {
            return false;
        };
        let Some((said, seal)) = bytes.split_at_checked(TIME + NONCE) else {
            return false;
        };
        let is_ours = self.seal(said).verify_slice(seal).is_ok();
        let expires = said.first_chunk().map(|time| i64::from_be_bytes(*time));
        is_ours && expires.is_some_and(|expires| now.0 < expires)
    }

    /// True for the first who uses it.
    async fn take(&self, challenge: &str) -> bool {
        self.used
            .entry_by_ref(challenge)
            .or_insert(())
            .await
            .is_fresh()
    }

    fn seal(&self, said: &[u8]) -> Hmac<Sha256> {
        let mut seal =
            Hmac::<Sha256>::new_from_slice(&self.secret).expect("a key of any length is good");
        seal.update(said);
        seal
    }
}

/// An answer to a challenge.
#[derive(Debug)]
pub(super) struct Renewal<'a> {
    pub(super) terminal: i64,
    pub(super) challenge: &'a str,
    pub(super) signature: &'a str,
}

/// A fresh token for who proves to hold the device's key.
pub(super) async fn renew(app: &App, renewal: &Renewal<'_>) -> Result<(String, Instant)> {
    let now = app.clock.now();
    let challenges = &app.identity.challenges;
    if !challenges.knows(renewal.challenge, now) {
        return Err(Error::code(&codes::BAD_CHALLENGE));
    }
    let row = terminal_rows::find_active(app.db.read_fresh(), renewal.terminal).await?;
    let key = row
        .as_ref()
        .and_then(|row| PublicKey::parse(row.public_key.as_deref()?));
    let message = format!("{PURPOSE}\n{}\n{}", renewal.terminal, renewal.challenge);
    let (Some(row), true) = (
        row,
        key.is_some_and(|key| key.has_signed(&message, renewal.signature)),
    ) else {
        metrics::counter!("aisle_renewals_refused_total").increment(1);
        return Err(Error::code(&codes::UNAUTHENTICATED));
    };
    if !challenges.take(renewal.challenge).await {
        return Err(Error::code(&codes::BAD_CHALLENGE));
    }
    let token = new_token(TOKEN_PREFIX);
    let expires = token_expires(now);
    aisle_db::transact!(app.db, |tx| {
        // Ended while its answer was looked at: nothing is given out.
        let still = terminal_rows::find_active(tx, row.id).await?;
        if still.is_none_or(|still| still.public_key != row.public_key) {
            return Err(Error::code(&codes::UNAUTHENTICATED));
        }
        terminal_rows::insert_token(tx, row.id, &token_hash(&token), now, expires).await
    })?;
    Ok((token, expires))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_its_own_challenges_while_they_are_young() {
        let challenges = Challenges::default();
        let now = Instant(1_700_000_000_000);
        let (challenge, expires) = challenges.make(now);
        assert!(challenges.knows(&challenge, now));
        assert!(!challenges.knows(&challenge, expires));
        assert!(!Challenges::default().knows(&challenge, now));
        for other in ["", "AAAA", &challenge[4..]] {
            assert!(!challenges.knows(other, now), "{other}");
        }
    }

    #[test]
    fn a_key_that_is_no_point_on_the_curve_is_none() {
        let point = URL_SAFE_NO_PAD.encode([4u8; 65]);
        for text in ["", "AAAA", point.as_str()] {
            assert!(PublicKey::parse(text).is_none(), "{text}");
        }
    }
}
