//! Passwords: Argon2id, 19 MiB, two passes, one lane (OWASP's minimum), behind a small queue.

use std::sync::LazyLock;

use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};

use crate::{Error, Result, codes};

use super::turns::Turns;

const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;

/// Two at once: each takes 19 MiB and a core.
static TURNS: Turns = Turns::new(2, 34);

/// Checked when the user is unknown, so that the answer takes as long.
static NOBODY: LazyLock<String> =
    LazyLock::new(|| hash("nobody has this password").unwrap_or_default());

/// What guessers know of a person is no secret.
const SCORE_MIN: zxcvbn::Score = zxcvbn::Score::Two;
const LENGTH: std::ops::RangeInclusive<usize> = 8..=128;
const PIN_LENGTH: std::ops::RangeInclusive<usize> = 4..=8;

/// Refuses a password that is short or that lists of common ones, or the person's own names, lead to.
pub(super) fn check(password: &str, names: &[&str]) -> Result<()> {
    let long_enough = LENGTH.contains(&password.chars().count());
    if long_enough && zxcvbn::zxcvbn(password, names).score() >= SCORE_MIN {
        return Ok(());
    }
    Err(Error::with(
        &codes::WEAK_PASSWORD,
        vec![serde_json::json!({ "name": "password", "code": "weak_password" })],
    ))
}

/// Refuses a PIN that is not 4 to 8 digits, or one digit again and again, or digits in a row.
pub(super) fn check_pin(pin: &str) -> Result<()> {
    let digits: Vec<i16> = pin.bytes().map(i16::from).collect();
    let only_digits = pin.bytes().all(|byte| byte.is_ascii_digit());
    let steps: Vec<i16> = digits.windows(2).map(|two| two[1] - two[0]).collect();
    let one_step = steps
        .first()
        .is_some_and(|first| first.abs() <= 1 && steps.iter().all(|step| step == first));
    if PIN_LENGTH.contains(&pin.len()) && only_digits && !one_step {
        return Ok(());
    }
    Err(Error::with(
        &codes::WEAK_PIN,
        vec![serde_json::json!({ "name": "pin", "code": "weak_pin" })],
    ))
}

/// The string to store for a password. Takes a core and much memory: for the command line and tests.
pub fn hash(password: &str) -> Result<String> {
    hasher()
        .hash_password(password.as_bytes())
        .map(|hash| hash.to_string())
        .map_err(|error| anyhow::anyhow!("hashing a password: {error}").into())
}

/// The same when it is its turn.
pub(super) async fn hash_in_turn(password: &str) -> Result<String> {
    let password = password.to_owned();
    TURNS.take(move || hash(&password)).await?
}

/// Whether `password` belongs to `stored`; without a stored one it never does, but takes as long.
pub(super) async fn verify(password: String, stored: Option<String>) -> Result<bool> {
    TURNS
        .take(move || {
            let known = stored.is_some();
            let stored = stored.unwrap_or_else(|| NOBODY.clone());
            let parsed = argon2::password_hash::phc::PasswordHash::new(&stored);
            let matches = parsed.is_ok_and(|parsed| {
                hasher()
                    .verify_password(password.as_bytes(), &parsed)
                    .is_ok()
            });
            known && matches
        })
        .await
}

fn hasher() -> Argon2<'static> {
    let params = Params::new(MEMORY_KIB, PASSES, 1, None).unwrap_or_default();
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn common_passwords_and_ones_own_name_are_refused() {
        for weak in [
            "password1",
            "qwertyuiop",
            "aisle",
            "wangxiaoming1",
            "12345678",
        ] {
            assert!(check(weak, &["wangxiaoming"]).is_err(), "{weak}");
        }
        for good in ["correct horse", "苹果在三号货架上面", "x7#kq9!mw2"] {
            assert!(check(good, &["wangxiaoming"]).is_ok(), "{good}");
        }
    }

    #[test]
    fn pins_that_everybody_tries_first_are_refused() {
        for weak in ["1111", "1234", "4321", "123", "123456789", "12a4", ""] {
            assert!(check_pin(weak).is_err(), "{weak}");
        }
        for good in ["2580", "1357", "902114"] {
            assert!(check_pin(good).is_ok(), "{good}");
        }
    }
}
