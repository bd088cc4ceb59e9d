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
}

impl Guess {
    /// A password of one name from one address.
    pub(super) fn password(username: &str, address: &str) -> [Guess; 2] {
        let name = username.to_lowercase();
        [
            Guess {
                key: format!("password {address} {name}"),
                limit: Limit::PASSWORD,
            },
            Guess::address(address),
        ]
    }

    /// The own password of somebody who is signed in.
    pub(super) fn own_password(user: i64) -> Guess {
        Guess {
            key: format!("own password {user}"),
            limit: Limit::PASSWORD,
        }
    }

    /// A PIN of one person at one till.
    pub(super) fn pin(user: i64, terminal: i64) -> [Guess; 2] {
        [
            Guess {
                key: format!("pin {user}"),
                limit: Limit::PIN,
            },
            Guess::terminal(terminal),
        ]
    }

    /// Any PIN or code at one till.
    pub(super) fn terminal(terminal: i64) -> Guess {
        Guess {
            key: format!("terminal {terminal}"),
            limit: Limit::PIN,
        }
    }

    fn address(address: &str) -> Guess {
        Guess {
            key: format!("address {address}"),
            limit: Limit::ADDRESS,
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

/// The guess was right: its own failures are forgotten, those of the place it came from are not.
pub(super) async fn succeed(app: &App, guesses: &[Guess]) -> Result<()> {
    let Some(own) = guesses.first() else {
        return Ok(());
    };
    let old = app.clock.now().0 - DAY_MS;
    aisle_db::transact!(app.db, |tx| {
        // A right answer takes back the try that was counted for it wherever it was counted.
        for guess in guesses {
            Sql::new("UPDATE sign_in_attempts SET failures = failures - 1, locked_until = 0 WHERE key = ")
                .arg(guess.key.as_str())
                .push(" AND failures > 0")
                .run(tx)
                .await?;
        }
        Sql::new("DELETE FROM sign_in_attempts WHERE key = ")
            .arg(own.key.as_str())
            .push(" OR last_at < ")
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
