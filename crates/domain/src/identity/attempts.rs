//! Wrong passwords and PINs: some are free, after that each costs time.
//!
//! Promises: with [`Limit::PIN`] at most 20 guesses an hour are looked at, however many are made. A try
//! is counted before it is looked at, so guesses made at the same moment count too.

use crate::time::Instant;

const MINUTE_MS: i64 = 60_000;
/// What each failure beyond the free ones costs; the last for ever after.
const WAITS_MS: [i64; 3] = [MINUTE_MS, 5 * MINUTE_MS, 15 * MINUTE_MS];
/// After so long without a try all is forgotten.
const FORGOTTEN_MS: i64 = 24 * 60 * MINUTE_MS;

/// How many failures are free.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    free: i64,
}

impl Limit {
    /// A PIN of one person, or any PIN at one till.
    pub const PIN: Limit = Limit { free: 5 };
    /// A password from one address.
    pub const PASSWORD: Limit = Limit { free: 5 };
    /// Anything from one address, behind which a whole shop may sit.
    pub const ADDRESS: Limit = Limit { free: 100 };
}

/// The failures of one key, as kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Attempts {
    /// Tries since the last good one.
    pub failures: i64,
    /// When the last one was made.
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
        let forgotten = now.0 - self.last_at.0 > FORGOTTEN_MS;
        let failures = if forgotten { 1 } else { self.failures + 1 };
        let beyond = usize::try_from(failures - limit.free).ok();
        let wait = beyond.map_or(0, |beyond| WAITS_MS[beyond.min(WAITS_MS.len() - 1)]);
        Ok(Attempts {
            failures,
            last_at: now,
            locked_until: now.plus_ms(wait),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn looked_at(limit: Limit, hours: i64) -> i64 {
        let mut attempts = Attempts::default();
        let mut count = 0;
        for second in 0..hours * 3600 {
            if let Ok(next) = attempts.begin(limit, Instant(1_700_000_000_000 + second * 1000)) {
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
    }

    #[test]
    fn four_slips_cost_nothing_and_a_day_later_all_is_forgotten() {
        let mut attempts = Attempts::default();
        let now = Instant(1_700_000_000_000);
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
