//! Instants and business days. The clock itself is an argument everywhere.

use chrono::{DateTime, Datelike, NaiveDate, TimeDelta, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

/// Milliseconds since the epoch, UTC: how instants are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Instant(pub i64);

impl Instant {
    /// RFC 3339 with milliseconds and `Z`: how instants travel.
    pub fn to_rfc3339(self) -> String {
        self.utc()
            .to_rfc3339_opts(chrono::SecondsFormat::Millis, true)
    }

    /// Parses RFC 3339 with any offset.
    pub fn parse_rfc3339(text: &str) -> Option<Instant> {
        DateTime::parse_from_rfc3339(text)
            .ok()
            .map(|at| Instant(at.timestamp_millis()))
    }

    /// Local wall time in `zone`, as printed on a receipt.
    pub fn local(self, zone: Tz) -> String {
        self.utc()
            .with_timezone(&zone)
            .format("%Y-%m-%d %H:%M:%S")
            .to_string()
    }

    /// The hour of the day (0–23) in `zone`.
    pub fn local_hour(self, zone: Tz) -> u32 {
        use chrono::Timelike;
        self.utc().with_timezone(&zone).hour()
    }

    /// This instant moved by `ms`.
    pub fn plus_ms(self, ms: i64) -> Instant {
        Instant(self.0 + ms)
    }

    fn utc(self) -> DateTime<Utc> {
        DateTime::from_timestamp_millis(self.0).unwrap_or(DateTime::UNIX_EPOCH)
    }
}

/// The day a sale belongs to, `yyyymmdd`; a shop open past midnight ends its day at the cut-off hour.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct BusinessDay(pub i64);

impl BusinessDay {
    /// The business day of `at` in a store in `zone` whose day ends at `cutoff_hour` (0–23).
    pub fn of(at: Instant, zone: Tz, cutoff_hour: u32) -> BusinessDay {
        let local = at.utc().with_timezone(&zone).naive_local();
        BusinessDay::from_date((local - TimeDelta::hours(i64::from(cutoff_hour))).date())
    }

    /// The day `days` later (or earlier when negative).
    pub fn plus_days(self, days: i64) -> BusinessDay {
        let date = self.date().unwrap_or(NaiveDate::MIN);
        BusinessDay::from_date(date + TimeDelta::days(days))
    }

    /// Its year.
    pub fn year(self) -> u16 {
        u16::try_from(self.0 / 10_000).unwrap_or(2000)
    }

    fn date(self) -> Option<NaiveDate> {
        NaiveDate::from_ymd_opt(
            i32::try_from(self.0 / 10_000).ok()?,
            u32::try_from(self.0 / 100 % 100).ok()?,
            u32::try_from(self.0 % 100).ok()?,
        )
    }

    fn from_date(date: NaiveDate) -> BusinessDay {
        BusinessDay(
            i64::from(date.year()) * 10_000 + i64::from(date.month()) * 100 + i64::from(date.day()),
        )
    }
}

/// The time zone with this IANA name.
pub fn parse_zone(name: &str) -> Option<Tz> {
    name.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sale_at_two_with_a_cut_off_at_four_belongs_to_yesterday() {
        let zone = parse_zone("Asia/Shanghai").unwrap();
        let at = Instant::parse_rfc3339("2026-11-22T18:00:00Z").unwrap();
        assert_eq!(BusinessDay::of(at, zone, 0), BusinessDay(20261123));
        assert_eq!(BusinessDay::of(at, zone, 4), BusinessDay(20261122));
    }

    #[test]
    fn days_count_over_the_end_of_the_year() {
        assert_eq!(BusinessDay(20261231).plus_days(1), BusinessDay(20270101));
        assert_eq!(BusinessDay(20260301).plus_days(-1), BusinessDay(20260228));
    }
}
