//! Money as Alipay writes it: yuan with two decimals.

use aisle_domain::money::Money;
use serde_json::Value;

/// `12.30`.
pub(crate) fn text(amount: Money) -> String {
    let fen = amount.fen();
    let sign = if fen < 0 { "-" } else { "" };
    let fen = fen.unsigned_abs();
    format!("{sign}{}.{:02}", fen / 100, fen % 100)
}

/// Reads `12`, `12.3` or `12.30`, never more than two decimals that count.
pub(crate) fn parse(text: &str) -> Option<Money> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text),
    };
    let (whole, part) = digits.split_once('.').unwrap_or((digits, "0"));
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number(whole) || !is_number(part) {
        return None;
    }
    let (counting, rest) = part.split_at(part.len().min(2));
    if rest.bytes().any(|byte| byte != b'0') {
        return None;
    }
    let whole: i64 = whole.parse().ok()?;
    let part: i64 = format!("{counting:0<2}").parse().ok()?;
    let fen = whole.checked_mul(100)?.checked_add(part)?;
    Some(Money::from_fen(sign * fen))
}

/// From JSON, where it is a text, or in some answers a number.
pub(crate) fn of_json(value: &Value) -> Option<Money> {
    match value {
        Value::String(text) => parse(text),
        // The number's own digits; nothing is computed with it.
        Value::Number(number) => parse(&number.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn reads_yuan_and_refuses_what_is_none() {
        let cases = [
            ("0.01", Some(1)),
            ("12", Some(1200)),
            ("12.3", Some(1230)),
            ("12.30", Some(1230)),
            ("12.3000", Some(1230)),
            ("-0.04", Some(-4)),
            ("12.301", None),
            ("12.", None),
            (".5", None),
            ("1e3", None),
            ("+1", None),
            ("--1", None),
            ("", None),
            ("99999999999999999999", None),
            ("92233720368547758.08", None),
        ];
        for (text, expected) in cases {
            assert_eq!(parse(text).map(Money::fen), expected, "{text}");
        }
        assert_eq!(of_json(&serde_json::json!(0.1)), Some(Money::from_fen(10)));
        assert_eq!(of_json(&serde_json::json!(null)), None);
    }

    proptest! {
        #[test]
        fn what_was_written_is_read_again(fen in -1_000_000_000_000_i64..1_000_000_000_000) {
            let amount = Money::from_fen(fen);
            prop_assert_eq!(parse(&text(amount)), Some(amount));
        }
    }
}
