//! Labels printed by the store's own scales: item, amount or weight inside one number.
//!
//! A rule is a prefix and a picture of the number, one letter per digit: `F` flag, `W` item (PLU),
//! `E` amount, `N` weight, `v` price check digit (GS1 General Specifications §7.9.2–7.9.4), `C`
//! check digit over everything before it. The layouts are those of the scale makers' manuals.
//!
//! Promises: reading never panics; amounts come out in fen and weights in thousandths of the unit
//! whatever the label's decimals are, exactly; a label whose check digits do not fit is refused.
//! Refuses: rules that could swallow a payment code, unreadable pictures, decimals finer than the
//! ledger can hold.

mod rule;

pub use rule::{LabelCheck, RuleError, ScaleRule, default_rules};

use crate::barcode::check_digit;

/// What a label says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScaleLabel {
    /// The item number with the zeros it was printed with, e.g. `00001`.
    pub plu: String,
    /// The printed amount in fen, when the label carries one.
    pub amount_fen: Option<i64>,
    /// The printed weight in thousandths of the unit (grams for kg), when the label carries one.
    pub weight_milli: Option<i64>,
}

impl ScaleLabel {
    /// The item number without leading zeros, as people write it; `0` stays `0`.
    pub fn short_plu(&self) -> &str {
        let short = self.plu.trim_start_matches('0');
        if short.is_empty() { "0" } else { short }
    }
}

/// Why a number that a rule claims cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LabelError {
    #[error("the check digit of the label is {given}, it should be {expected}")]
    CheckDigit { given: u8, expected: u8 },
    #[error("the price check digit of the label is {given}, it should be {expected}")]
    PriceCheckDigit { given: u8, expected: u8 },
}

/// Reads a scanned number by the first rule that fits: highest priority first, then the longest
/// prefix, then the order of the rules. A rule fits when prefix and length match and the check
/// digits are right; rules that do not validate are passed over.
///
/// `None`: no rule claims the number, look elsewhere. `Some(Err)`: a rule claims it and it is
/// damaged. The caller has looked for an exact barcode in the catalogue before.
pub fn read(rules: &[ScaleRule], digits: &str) -> Option<Result<ScaleLabel, LabelError>> {
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let mut claims: Vec<&ScaleRule> = rules
        .iter()
        .filter(|rule| rule.pattern.len() == digits.len() && digits.starts_with(&rule.prefix))
        .filter(|rule| rule.validate().is_ok())
        .collect();
    claims.sort_by_key(|rule| {
        (
            std::cmp::Reverse(rule.priority),
            std::cmp::Reverse(rule.prefix.len()),
        )
    });
    let mut first_refusal = None;
    for rule in claims {
        match read_by(rule, digits) {
            Ok(label) => return Some(Ok(label)),
            Err(refusal) => first_refusal = first_refusal.or(Some(refusal)),
        }
    }
    first_refusal.map(Err)
}

fn read_by(rule: &ScaleRule, digits: &str) -> Result<ScaleLabel, LabelError> {
    if rule.check == LabelCheck::Ean {
        verify(digits)?;
    }
    let amount = field(&rule.pattern, digits, 'E');
    let given = field(&rule.pattern, digits, 'v');
    if let (Some(given), Some(expected)) = (number(&given), price_check_digit(&amount))
        && given != i64::from(expected)
    {
        let given = u8::try_from(given).expect("one digit");
        return Err(LabelError::PriceCheckDigit { given, expected });
    }
    let weight = field(&rule.pattern, digits, 'N');
    Ok(ScaleLabel {
        plu: field(&rule.pattern, digits, 'W'),
        amount_fen: number(&amount).map(|value| scaled(value, 2, rule.price_decimals)),
        weight_milli: number(&weight).map(|value| scaled(value, 3, rule.weight_decimals)),
    })
}

fn verify(digits: &str) -> Result<(), LabelError> {
    let (body, last) = digits.split_at(digits.len() - 1);
    let given = last.as_bytes()[0] - b'0';
    match check_digit(body) {
        Some(expected) if expected != given => Err(LabelError::CheckDigit { given, expected }),
        _ => Ok(()),
    }
}

fn field(pattern: &str, digits: &str, letter: char) -> String {
    pattern
        .chars()
        .zip(digits.chars())
        .filter(|(place, _)| *place == letter)
        .map(|(_, digit)| digit)
        .collect()
}

fn number(digits: &str) -> Option<i64> {
    digits.parse().ok()
}

// Rules with more decimals than the ledger holds do not validate, so this never divides.
fn scaled(value: i64, ledger_decimals: u32, label_decimals: u8) -> i64 {
    value * 10_i64.pow(ledger_decimals.saturating_sub(u32::from(label_decimals)))
}

// Weighting tables of the GS1 General Specifications §7.9.2: the product's tens are subtracted
// from (−) or added to (+) its units.
const TWO_MINUS: [u8; 10] = [0, 2, 4, 6, 8, 9, 1, 3, 5, 7];
const THREE: [u8; 10] = [0, 3, 6, 9, 2, 5, 8, 1, 4, 7];
const FIVE_PLUS: [u8; 10] = [0, 5, 1, 6, 2, 7, 3, 8, 4, 9];
const FIVE_MINUS: [u8; 10] = [0, 5, 9, 4, 8, 3, 7, 2, 6, 1];

fn price_check_digit(price: &str) -> Option<u8> {
    let digits: Vec<usize> = price.bytes().map(|byte| usize::from(byte - b'0')).collect();
    match digits[..] {
        [a, b, c, d] => {
            let sum = TWO_MINUS[a] + TWO_MINUS[b] + THREE[c] + FIVE_MINUS[d];
            Some(sum * 3 % 10)
        }
        [a, b, c, d, e] => {
            let sum = FIVE_PLUS[a] + TWO_MINUS[b] + FIVE_MINUS[c] + FIVE_PLUS[d] + TWO_MINUS[e];
            let wanted = (10 - sum % 10) % 10;
            (0u8..10).find(|digit| FIVE_MINUS[usize::from(*digit)] == wanted)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests;
