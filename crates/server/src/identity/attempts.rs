//! Counting guesses before they are looked at, so that a flood of them is not.

use std::collections::BTreeMap;

use aisle_db::{FromQueryResult, Source, Sql, Tx};
use aisle_domain::identity::{Attempts, Limit};
use aisle_domain::ids::StoreId;
use aisle_domain::time::Instant;
use serde_json::{Value, json};

use crate::ops::{self, Operation};
use crate::{App, Error, Result, codes};

use super::store::UserRow;
use super::tidy::PART;

const TOLD_EVERY_MS: i64 = 3_600_000;

/// Longer names nobody has; what is counted stays short.
const NAME_MAX: usize = 40;

/// What is guessed at, or from where, and how much of it is free.
#[derive(Debug, Clone)]
pub(super) struct Guess {
    key: String,
    limit: Limit,
    /// Whose sign-in it is, so that it can be released.
    username: Option<String>,
    /// Whether a right answer proves that the slips before it were the person's own.
    personal: bool,
}

impl Guess {
    /// A password of one name from one network.
    pub(super) fn password(username: &str, network: &str) -> [Guess; 2] {
        let name = counted_name(username);
        [
            Guess::from(format!("address {network}"), Limit::ADDRESS),
            Guess::at(&name, format!("password {network} {name}"), Limit::PASSWORD),
        ]
    }

    /// The own password of somebody who is signed in.
    pub(super) fn own_password(username: &str) -> Guess {
        let name = counted_name(username);
        Guess::at(&name, format!("own password {name}"), Limit::PASSWORD)
    }

    /// A code of the second factor of somebody whose password was right.
    pub(super) fn second_factor(username: &str) -> Guess {
        let name = counted_name(username);
        Guess::at(&name, format!("second factor {name}"), Limit::PIN)
    }

    /// A PIN of one name at one till. A name nobody has is guessed at like any other. One till cannot use
    /// up what the person has at all tills together.
    pub(super) fn pin(username: &str, terminal: i64) -> [Guess; 3] {
        let name = counted_name(username);
        let together = Guess {
            personal: false,
            ..Guess::at(&name, format!("pin {name}"), Limit::TOGETHER)
        };
        let here = format!("pin {name} at {terminal}");
        [
            Guess::from(format!("pins at {terminal}"), Limit::TOGETHER),
            Guess::at(&name, here, Limit::PIN),
            together,
        ]
    }

    /// A code that makes a till, from one network.
    pub(super) fn enrolment(network: &str) -> [Guess; 2] {
        [
            Guess::from(format!("address {network}"), Limit::ADDRESS),
            Guess::from(format!("enrolment {network}"), Limit::PASSWORD),
        ]
    }

    /// A one-time code at one till. Counted by itself: a right PIN must not give back guesses at codes.
    pub(super) fn code(terminal: i64) -> Guess {
        Guess::from(format!("codes at {terminal}"), Limit::TOGETHER)
    }

    /// What is guessed at.
    fn at(name: &str, key: String, limit: Limit) -> Guess {
        Guess {
            key,
            limit,
            username: Some(name.to_owned()),
            personal: true,
        }
    }

    /// Where guesses come from.
    fn from(key: String, limit: Limit) -> Guess {
        Guess {
            key,
            limit,
            username: None,
            personal: false,
        }
    }
}

/// A sign-in name as guesses at it are counted.
pub(super) fn counted_name(username: &str) -> String {
    username.to_lowercase().chars().take(NAME_MAX).collect()
}

#[derive(FromQueryResult)]
struct Row {
    failures: i64,
    last_at: i64,
    locked_until: i64,
}

/// Counts a try under every key, or refuses it with the time until which none is looked at. True: when it
/// is wrong, the person is locked.
pub(super) async fn begin(app: &App, guesses: &[Guess]) -> Result<bool> {
    let now = app.clock.now();
    let mut locks = false;
    let locked = aisle_db::transact!(app.db, |tx| {
        let mut counted = Vec::with_capacity(guesses.len());
        locks = false;
        for guess in guesses {
            match find(tx, &guess.key, guess.username.as_deref())
                .await?
                .begin(guess.limit, now)
            {
                Ok(attempts) => counted.push((guess, attempts)),
                Err(until) => return Ok::<_, Error>(Some(until)),
            }
        }
        for (guess, attempts) in counted {
            locks |= guess.personal && attempts.locked_until > now;
            put(tx, &guess.key, attempts).await?;
        }
        Ok(None)
    })?;
    match locked {
        None => Ok(locks),
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

/// Writes down that wrong guesses locked somebody, at most once an hour for each. For a name nobody has it
/// is the same work, so that the time taken does not tell.
pub(super) async fn note_lock(
    app: &App,
    person: Option<&UserRow>,
    store: Option<StoreId>,
    detail: Value,
) -> Result<()> {
    let now = app.clock.now();
    let id = person.map_or(0, |person| person.id);
    let key = format!("told {id}");
    let home = person.map_or(StoreId(1), |person| StoreId(person.store_id));
    let operation =
        Operation::by_name(store.unwrap_or(home), "system", "user.locked").detail(detail);
    let operation = match person {
        Some(person) => operation
            .on(format!("user {id}"))
            .detail(json!({ "username": person.username })),
        None => operation,
    };
    aisle_db::transact!(app.db, |tx| {
        let told = find(tx, &key, None).await?;
        if now.0 - told.last_at.0 < TOLD_EVERY_MS {
            return Ok::<_, Error>(());
        }
        let told = Attempts {
            last_at: now,
            ..told
        };
        put(tx, &key, told).await?;
        ops::record(tx, now, operation.clone()).await
    })
}

/// The guess was right: the person's own failures are forgotten. The place it came from gets back the
/// try that was counted and one slip more, so that the slips of a busy till do not add up for ever.
pub(super) async fn succeed(app: &App, guesses: &[Guess]) -> Result<()> {
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
        Ok::<_, Error>(())
    })
}

/// Until when guesses at these people's sign-ins are not looked at, by counted name.
pub(super) async fn locks(source: &impl Source, now: Instant) -> Result<BTreeMap<String, Instant>> {
    #[derive(FromQueryResult)]
    struct Lock {
        username: String,
        until: i64,
    }
    let locks: Vec<Lock> = Sql::new(
        "SELECT username, MAX(locked_until) AS until FROM sign_in_attempts \
         WHERE username IS NOT NULL AND locked_until > ",
    )
    .arg(now.0)
    .push(" GROUP BY username")
    .all(source)
    .await?;
    let locks = locks
        .into_iter()
        .map(|lock| (lock.username, Instant(lock.until)));
    Ok(locks.collect())
}

/// Forgets the guesses at one person's sign-in; those counted by place stay.
pub(super) async fn release(tx: &Tx, username: &str) -> Result<()> {
    Sql::new("DELETE FROM sign_in_attempts WHERE username = ")
        .arg(counted_name(username))
        .run(tx)
        .await?;
    Ok(())
}

/// Removes some of what has not been guessed at since then; answers how many.
pub(super) async fn tidy(tx: &Tx, before: Instant) -> Result<u64> {
    let old = "DELETE FROM sign_in_attempts WHERE key IN (SELECT key FROM sign_in_attempts WHERE last_at < ";
    Ok(Sql::new(old)
        .arg(before.0)
        .push(" LIMIT ")
        .arg(PART)
        .push(")")
        .run(tx)
        .await?)
}

async fn find(tx: &Tx, key: &str, username: Option<&str>) -> Result<Attempts> {
    // The row is written first, so that there is one to lock: two guesses at once are two.
    let columns = "key, username, failures, last_at, locked_until";
    Sql::new("INSERT INTO sign_in_attempts (")
        .push(columns)
        .push(") VALUES (")
        .arg(key)
        .push(", ")
        .arg(username.map(str::to_owned))
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
