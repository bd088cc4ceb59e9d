//! Numbers of a spreadsheet as exact integers.

use super::FieldProblem;
use crate::half_width::half_width;

/// Ten million yuan: dearer than anything a supermarket sells, so a cell above it is a mistake.
pub(super) const MOST_FEN: i64 = 1_000_000_000;
const MOST_MILLI: i64 = 1_000_000_000_000;
const MOST_BASIS_POINTS: i64 = 10_000;
const MOST_DAYS: i64 = 36_500;
const MOST_PIECES: i64 = 100_000;

/// A price in fen: `12.50`, `¥12.5`, `1,234.00`, `12元`.
pub(super) fn fen(text: &str) -> Result<i64, FieldProblem> {
    let text = half_width(text);
    let signs = ["¥", "￥", "CNY", "RMB", "$"];
    let text = signs
        .iter()
        .find_map(|sign| text.strip_prefix(sign))
        .unwrap_or(&text);
    let text = text.strip_suffix('元').unwrap_or(text);
    limited(decimal(text.trim(), 2)?, MOST_FEN)
}

/// A quantity in thousandths of the unit.
pub(super) fn milli(text: &str) -> Result<i64, FieldProblem> {
    limited(decimal(&half_width(text), 3)?, MOST_MILLI)
}

/// A rate in basis points: `13%`, `13` and `0.13` are all 1300. A number below one without a
/// percent sign is a fraction, because no tax of a shop is below one percent except none.
pub(super) fn basis_points(text: &str) -> Result<i64, FieldProblem> {
    if text == "免税" {
        return Ok(0);
    }
    let text = half_width(text);
    let (number, percent) = match text.strip_suffix('%') {
        Some(number) => (number.trim(), true),
        None => (text.as_str(), false),
    };
    let fraction = !percent && decimal(number, 4).is_ok_and(|value| value < 10_000);
    let rate = if fraction {
        decimal(number, 4)?
    } else {
        decimal(number, 2)?
    };
    limited(rate, MOST_BASIS_POINTS)
}

/// Whole days: `180`, `180天`.
pub(super) fn days(text: &str) -> Result<i64, FieldProblem> {
    let text = half_width(text);
    let units = ["天", "日", "days", "d"];
    let text = units
        .iter()
        .find_map(|unit| text.strip_suffix(unit))
        .unwrap_or(&text);
    limited(whole(text.trim())?, MOST_DAYS)
}

/// Units in a carton: `24`, or `1:24` as jshERP writes it; at least two.
pub(super) fn ratio(text: &str) -> Result<i64, FieldProblem> {
    let text = half_width(text);
    let pieces = whole(text.strip_prefix("1:").unwrap_or(&text).trim())?;
    if pieces < 2 {
        return Err(FieldProblem::TooSmall { least: 2 });
    }
    limited(pieces, MOST_PIECES)
}

fn whole(text: &str) -> Result<i64, FieldProblem> {
    decimal(text, 0).map_err(|problem| match problem {
        FieldProblem::TooManyDecimals { .. } => FieldProblem::NotWhole,
        other => other,
    })
}

fn limited(number: i64, most: i64) -> Result<i64, FieldProblem> {
    if number > most {
        Err(FieldProblem::TooLarge { most })
    } else {
        Ok(number)
    }
}

// The number times ten to the `places`. Zeros beyond the last place are allowed, because
// databases export them; any other digit there would be lost.
fn decimal(text: &str, places: u32) -> Result<i64, FieldProblem> {
    let (negative, text) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (integer, fraction) = text.split_once('.').unwrap_or((text, ""));
    let integer = without_grouping(integer)?;
    let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if !all_digits(&integer) || !all_digits(fraction) || (integer.is_empty() && fraction.is_empty())
    {
        return Err(FieldProblem::NotANumber);
    }
    let fraction = fraction.trim_end_matches('0');
    let zero = integer.bytes().all(|byte| byte == b'0') && fraction.is_empty();
    if negative && !zero {
        return Err(FieldProblem::Negative);
    }
    let places = usize::try_from(places).expect("a handful");
    if fraction.len() > places {
        let most = u32::try_from(places).expect("a handful");
        return Err(FieldProblem::TooManyDecimals { most });
    }
    let digits = format!("{integer}{fraction:0<places$}");
    let digits = digits.trim_start_matches('0');
    if digits.is_empty() {
        return Ok(0);
    }
    // Eighteen digits always fit, and every limit of a field is far below.
    Ok(if digits.len() > 18 {
        i64::MAX
    } else {
        digits.parse().expect("at most 18 digits")
    })
}

// `1,234,567` is a number with thousands set apart; `1,23` may be a foreign decimal comma.
fn without_grouping(integer: &str) -> Result<String, FieldProblem> {
    let mut groups = integer.split(',');
    let first = groups.next().unwrap_or("");
    let rest: Vec<&str> = groups.collect();
    let grouped = (1..=3).contains(&first.len()) && rest.iter().all(|group| group.len() == 3);
    if !rest.is_empty() && !grouped {
        return Err(FieldProblem::NotANumber);
    }
    Ok(first.to_owned() + &rest.concat())
}
