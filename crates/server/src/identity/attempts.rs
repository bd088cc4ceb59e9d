//! Counting guesses before they are looked at, so that a flood of them is not.

use aisle_db::{FromQueryResult, Sql, Tx};
use aisle_domain::identity::{Attempts, Limit};
use aisle_domain::time::Instant;

use crate::{App, Error, Result, codes};

const DAY_MS: i64 = 86_400_000;

/// What is guessed at, or from where, and how much of it is free.
#[derive(Debug, Clone)]
pub(super) struct Guess {
    key: String,
    limit: Limit,
    /// Whether a right answer proves that the slips before it were the person's own.
    personal: bool,
}

impl Guess {
    /// A password of one name from one address.
    pub(super) fn password(username: &str, address: &str) -> [Guess; 2] {
        let name = username.to_lowercase();
        [
            Guess::at(format!("password {address} {name}"), Limit::PASSWORD),
            Guess::from(format!("address {address}"), Limit::ADDRESS),
        ]
    }

    /// The own password of somebody who is signed in.
    pub(super) fn own_password(user: i64) -> Guess {
        Guess::at(format!("own password {user}"), Limit::PASSWORD)
    }

    /// A PIN of one person at one till.
    pub(super) fn pin(user: i64, terminal: i64) -> [Guess; 2] {
        [
            Guess::at(format!("pin {user}"), Limit::PIN),
            Guess::terminal(terminal),
        ]
    }

    /// A code that makes a till, from one address.
    pub(super) fn enrolment(address: &str) -> [Guess; 2] {
        [
            Guess::from(format!("enrolment {address}"), Limit::PASSWORD),
            Guess::from(format!("address {address}"), Limit::ADDRESS),
        ]
    }

    /// Any PIN or code at one till.
    pub(super) fn terminal(terminal: i64) -> Guess {
        Guess::from(format!("terminal {terminal}"), Limit::PIN)
    }

    /// What is guessed at.
    fn at(key: String, limit: Limit) -> Guess {
        let personal = true;
        Guess {
            key,
            limit,
            personal,
        }
    }

    /// Where guesses come from.
    fn from(key: String, limit: Limit) -> Guess {
        let personal = false;
        Guess {
            key,
            limit,
            personal,
        }
    }
}

#[derive(FromQueryResult)]
struct Row {
    failures: i64,
    last_at: i64,
    locked_until: i64,
}

/// Counts a try under every key, or refuses it with the time until which none is looked at.
pub(super) async fn begin(app: &App, guesses: &[Guess]) -> Result<()> {
    let now = app.clock.now();
    let locked = aisle_db::transact!(app.db, |tx| {
        let mut counted = Vec::with_capacity(guesses.len());
        for guess in guesses {
            match find(tx, &guess.key).await?.begin(guess.limit, now) {
                Ok(attempts) => counted.push((guess, attempts)),
                Err(until) => return Ok::<_, Error>(Some(until)),
            }
        }
        for (guess, attempts) in counted {
            put(tx, &guess.key, attempts).await?;
        }
        Ok(None)
    })?;
    match locked {
        None => Ok(()),
        Some(until) => {
            metrics::counter!("aisle_guesses_refused_total").increment(1);
            Err(Error::with(
                &codes::TOO_MANY_ATTEMPTS,
                vec![serde_json::json!({ "until": until.to_rfc3339(),
                    "seconds": (until.0 - now.0 + 999) / 1000 })],
            ))
        }
    }
}

/// The guess was right: the person's own failures are forgotten. The place it came from gets back the
/// try that was counted and one slip more, so that the slips of a busy till do not add up for ever.
pub(super) async fn succeed(app: &App, guesses: &[Guess]) -> Result<()> {
    let old = app.clock.now().0 - DAY_MS;
    aisle_db::transact!(app.db, |tx| {
        for guess in guesses {
            let sql = if guess.personal {
                Sql::new("DELETE FROM sign_in_attempts WHERE key = ")
            } else {
                Sql::new(
                    "UPDATE sign_in_attempts SET locked_until = 0, \
                     failures = CASE WHEN failures > 2 THEN failures - 2 ELSE 0 END WHERE key = ",
                )
            };
            sql.arg(guess.key.as_str()).run(tx).await?;
        }
        Sql::new("DELETE FROM sign_in_attempts WHERE last_at < ")
            .arg(old)
            .run(tx)
            .await?;
        Ok::<_, Error>(())
    })
}

async fn find(tx: &Tx, key: &str) -> Result<Attempts> {
    // The row is written first, so that there is one to lock: two guesses at once are two.
    Sql::new("INSERT INTO sign_in_attempts (key, failures, last_at, locked_until) VALUES (")
        .arg(key)
        .push(", 0, 0, 0) ON CONFLICT (key) DO NOTHING")
        .run(tx)
        .await?;
    let row: Option<Row> =
        Sql::new("SELECT failures, last_at, locked_until FROM sign_in_attempts WHERE key = ")
            .arg(key)
            .for_update(tx)
            .one(tx)
            .await?;
    Ok(row.map_or_else(Attempts::default, |row| Attempts {
        failures: row.failures,
        last_at: Instant(row.last_at),
        locked_until: Instant(row.locked_until),
    }))
}

async fn put(tx: &Tx, key: &str, attempts: Attempts) -> Result<()> {
    Sql::new("UPDATE sign_in_attempts SET failures = ")
        .arg(attempts.failures)
        .push(", last_at = ")
        .arg(attempts.last_at.0)
        .push(", locked_until = ")
        .arg(attempts.locked_until.0)
        .push(" WHERE key = ")
        .arg(key)
        .run(tx)
        .await?;
    Ok(())
}
