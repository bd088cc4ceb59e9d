//! Wrong passwords and PINs: some are free, after that each costs time.
//!
//! Promises: of guesses at one PIN at most 20 an hour are looked at, however many are made and at however
//! many tills ([`Limit::TOGETHER`]); the guesses of one till alone do not use that up ([`Limit::PIN`]). A
//! try is counted before it is looked at, so guesses made at the same moment count too.

use crate::time::Instant;

const MINUTE_MS: i64 = 60_000;
/// What each failure beyond the free ones costs; the last for ever after.
const WAITS_MS: [i64; 3] = [MINUTE_MS, 5 * MINUTE_MS, 15 * MINUTE_MS];
/// After so long without a try all is forgotten.
const FORGOTTEN_MS: i64 = 24 * 60 * MINUTE_MS;

/// How many failures are free, and what those beyond cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// So many are free, and each one more costs longer than the one before.
    Rising {
        /// How many.
        free: i64,
    },
    /// So many at once, and one more whenever this time has passed.
    Steady {
        /// How many.
        burst: i64,
        /// How long.
        every_ms: i64,
    },
}

impl Limit {
    /// A PIN of one person at one till, or a code of theirs.
    pub const PIN: Limit = Limit::Rising { free: 5 };
    /// A PIN of one person at all tills together, or any PIN and code at one till.
    pub const TOGETHER: Limit = Limit::Steady {
        burst: 10,
        every_ms: 6 * MINUTE_MS,
    };
    /// A password from one address.
    pub const PASSWORD: Limit = Limit::Rising { free: 5 };
    /// Anything from one address, behind which a whole shop may sit.
    pub const ADDRESS: Limit = Limit::Rising { free: 100 };
}

/// The failures of one key, as kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Attempts {
    /// Tries since the last good one, less those that time has made up for.
    pub failures: i64,
    /// When the last one was made, or up to when time has made up for some.
    pub last_at: Instant,
    /// Until when none is looked at.
    pub locked_until: Instant,
}

impl Attempts {
    /// Counts a try, or answers until when none is looked at.
    pub fn begin(self, limit: Limit, now: Instant) -> Result<Attempts, Instant> {
        if now < self.locked_until {
            return Err(self.locked_until);
        }
        Ok(match limit {
            Limit::Rising { free } => self.rise(free, now),
            Limit::Steady { burst, every_ms } => self.fill(burst, every_ms, now),
        })
    }

    fn rise(self, free: i64, now: Instant) -> Attempts {
        let forgotten = now.0 - self.last_at.0 > FORGOTTEN_MS;
        let failures = if forgotten { 1 } else { self.failures + 1 };
        let beyond = usize::try_from(failures - free).ok();
        let wait = beyond.map_or(0, |beyond| WAITS_MS[beyond.min(WAITS_MS.len() - 1)]);
        Attempts {
            failures,
            last_at: now,
            locked_until: now.plus_ms(wait),
        }
    }

    fn fill(self, burst: i64, every_ms: i64, now: Instant) -> Attempts {
        let made_up = (now.0 - self.last_at.0).max(0) / every_ms;
        let left = (self.failures - made_up).max(0);
        let last_at = if left == 0 {
            now
        } else {
            self.last_at.plus_ms(made_up * every_ms)
        };
        let is_full = left + 1 >= burst;
        Attempts {
            failures: left + 1,
            last_at,
            locked_until: if is_full {
                last_at.plus_ms(every_ms)
            } else {
                now
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: i64 = 1_700_000_000_000;

    fn looked_at(limit: Limit, hours: i64) -> i64 {
        let mut attempts = Attempts::default();
        let mut count = 0;
        for second in 0..hours * 3600 {
            if let Ok(next) = attempts.begin(limit, Instant(START + second * 1000)) {
                attempts = next;
                count += 1;
            }
        }
        count
    }

    #[test]
    fn of_endless_guesses_few_are_looked_at() {
        assert_eq!(looked_at(Limit::PIN, 1), 10);
        assert_eq!(looked_at(Limit::PIN, 24), 102);
        assert_eq!(looked_at(Limit::TOGETHER, 1), 19);
        assert_eq!(looked_at(Limit::TOGETHER, 24), 249);
    }

    #[test]
    fn one_till_alone_never_uses_up_what_all_tills_have_together() {
        let (mut here, mut together) = (Attempts::default(), Attempts::default());
        for second in 0..24 * 3600 {
            let now = Instant(START + second * 1000);
            if let Ok(next) = here.begin(Limit::PIN, now) {
                here = next;
                together = together.begin(Limit::TOGETHER, now).unwrap();
            }
            assert!(together.begin(Limit::TOGETHER, now).is_ok(), "{second}");
        }
    }

    #[test]
    fn four_slips_cost_nothing_and_a_day_later_all_is_forgotten() {
        let mut attempts = Attempts::default();
        let now = Instant(START);
        for _ in 0..4 {
            attempts = attempts.begin(Limit::PIN, now).unwrap();
            assert_eq!(attempts.locked_until, now);
        }
        let fifth = attempts.begin(Limit::PIN, now).unwrap();
        assert_eq!(fifth.locked_until, now.plus_ms(MINUTE_MS));
        assert_eq!(fifth.begin(Limit::PIN, now), Err(fifth.locked_until));
        let later = fifth
            .begin(Limit::PIN, now.plus_ms(2 * FORGOTTEN_MS))
            .unwrap();
        assert_eq!(later.failures, 1);
    }
}
