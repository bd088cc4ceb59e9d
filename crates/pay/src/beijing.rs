//! Gateways tell the time in Beijing.

use aisle_domain::time::Instant;
use chrono_tz::Asia::Shanghai;

/// `yyyy-MM-dd HH:mm:ss`.
pub(crate) fn text(at: Instant) -> String {
    at.local(Shanghai)
}

/// RFC 3339 with the offset, without fractions of a second.
pub(crate) fn rfc3339(at: Instant) -> String {
    format!("{}+08:00", text(at).replace(' ', "T"))
}

/// Reads `yyyy-MM-dd HH:mm:ss`.
pub(crate) fn parse(text: &str) -> Option<Instant> {
    let (day, time) = text.split_once(' ')?;
    Instant::parse_rfc3339(&format!("{day}T{}+08:00", time.get(..8)?))
}

/// RFC 3339 of `yyyyMMddHHmmss`.
pub(crate) fn of_digits(text: &str) -> Option<String> {
    if text.len() != 14 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let (day, time) = text.split_at(8);
    let day = day_text(day.parse().ok()?);
    Some(format!(
        "{day}T{}:{}:{}+08:00",
        &time[..2],
        &time[2..4],
        &time[4..]
    ))
}

/// `yyyy-MM-dd` of `yyyymmdd`.
pub(crate) fn day_text(day: i64) -> String {
    format!(
        "{:04}-{:02}-{:02}",
        day / 10_000,
        day / 100 % 100,
        day % 100
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_moment_in_every_form() {
        let at = Instant::parse_rfc3339("2026-12-31T18:30:05Z").unwrap();
        assert_eq!(text(at), "2027-01-01 02:30:05");
        assert_eq!(rfc3339(at), "2027-01-01T02:30:05+08:00");
        assert_eq!(parse("2027-01-01 02:30:05"), Some(at));
        assert_eq!(parse("2027-01-01 02:30:05.123"), Some(at));
        assert_eq!(of_digits("20270101023005").unwrap(), rfc3339(at));
        assert_eq!(day_text(20270101), "2027-01-01");
    }

    #[test]
    fn what_is_no_time_is_none() {
        for text in ["", "2027-01-01", "2027-13-01 00:00:00", "时间 时间时间时间"] {
            assert_eq!(parse(text), None, "{text}");
        }
        assert_eq!(of_digits("2027"), None);
        assert_eq!(of_digits("2027010102300x"), None);
    }
}
