//! Numbers of payment cards in free text: found so that nobody writes one down.
//!
//! A number is one when its first digits and its length are those of a card network and its check digit is
//! right (Luhn), in one piece or in groups parted by the same blank or dash. Digits that merely happen to
//! fulfil Luhn's rule, such as numbers of orders, are not. A barcode of 13 digits is a barcode, even
//! where an old card could have had the number.

use std::ops::{Range, RangeInclusive};

use crate::barcode;

const SHORTEST: usize = 13;
const LONGEST: usize = 19;
/// Digits that stay readable in front and at the end of a hidden number.
const SHOWN: (usize, usize) = (6, 4);

/// Where card numbers and barcodes of goods begin alike: Germany, Japan, the United Kingdom.
const GS1_PREFIXES: RangeInclusive<u16> = 4000..=5099;

/// First four digits and lengths.
type Network = (RangeInclusive<u16>, RangeInclusive<usize>);

const NETWORKS: &[Network] = &[
    // Visa; 13 digits are those of old cards
    (4000..=4999, 13..=13),
    (4000..=4999, 16..=16),
    (4000..=4999, 19..=19),
    // Mastercard, Maestro
    (5100..=5599, 16..=16),
    (2221..=2720, 16..=16),
    (5018..=5018, 13..=19),
    (5020..=5020, 13..=19),
    (5038..=5038, 13..=19),
    (5893..=5893, 13..=19),
    (6304..=6304, 13..=19),
    (6759..=6763, 13..=19),
    // American Express
    (3400..=3499, 15..=15),
    (3700..=3799, 15..=15),
    // Diners Club
    (3000..=3059, 14..=19),
    (3095..=3095, 14..=19),
    (3600..=3699, 14..=19),
    (3800..=3999, 14..=19),
    // JCB
    (3528..=3589, 16..=19),
    // Discover
    (6011..=6011, 16..=19),
    (6440..=6599, 16..=19),
    // UnionPay, and Chinese cards from before it
    (6200..=6299, 16..=19),
    (8100..=8171, 16..=19),
    (6013..=6013, 16..=19),
    (9558..=9558, 16..=19),
    // Mir
    (2200..=2204, 16..=19),
];

/// Whether a card number stands in the text.
pub fn is_in(text: &str) -> bool {
    find(&groups(text)).is_some()
}

/// The text with card numbers hidden but for their first six and last four digits.
pub fn hidden(text: &str) -> String {
    let mut text = text.to_owned();
    while let Some(found) = find(&groups(&text)) {
        let count = text[found.clone()]
            .chars()
            .filter(|ch| digit(*ch).is_some())
            .count();
        let mut at = 0;
        let masked: String = text[found.clone()]
            .chars()
            .map(|ch| {
                let is_digit = digit(ch).is_some();
                at += usize::from(is_digit);
                let is_shown = at <= SHOWN.0 || at > count - SHOWN.1;
                if is_digit && !is_shown { '*' } else { ch }
            })
            .collect();
        text.replace_range(found, &masked);
    }
    text
}

/// Digits that stand together.
#[derive(Debug)]
struct Group {
    at: Range<usize>,
    digits: Vec<u8>,
    /// What parts it from the group before, when that is one blank or dash.
    parted_by: Option<char>,
}

fn groups(text: &str) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    let mut between: Vec<char> = Vec::new();
    let mut is_open = false;
    for (at, ch) in text.char_indices() {
        let Some(digit) = digit(ch) else {
            is_open = false;
            between.push(ch);
            continue;
        };
        let end = at + ch.len_utf8();
        match groups.last_mut().filter(|_| is_open) {
            Some(group) => {
                group.digits.push(digit);
                group.at.end = end;
            }
            None => groups.push(Group {
                at: at..end,
                digits: vec![digit],
                parted_by: parting(&between),
            }),
        }
        between.clear();
        is_open = true;
    }
    groups
}

fn parting(between: &[char]) -> Option<char> {
    match between {
        [ch @ (' ' | '\u{3000}' | '\u{a0}' | '-' | '－' | '–')] => Some(*ch),
        _ => None,
    }
}

/// The first card number: where it stands.
fn find(groups: &[Group]) -> Option<Range<usize>> {
    (0..groups.len()).find_map(|first| from(&groups[first..]))
}

/// A card number that begins with the first group.
fn from(groups: &[Group]) -> Option<Range<usize>> {
    let start = groups.first()?.at.start;
    let parted_by = groups.get(1).and_then(|second| second.parted_by);
    let mut digits = Vec::new();
    for (at, group) in groups.iter().enumerate() {
        let is_joined = at == 0 || (parted_by.is_some() && group.parted_by == parted_by);
        if !is_joined || digits.len() + group.digits.len() > LONGEST {
            return None;
        }
        digits.extend_from_slice(&group.digits);
        if is_card(&digits) {
            return Some(start..group.at.end);
        }
    }
    None
}

fn is_card(digits: &[u8]) -> bool {
    if digits.len() < SHORTEST {
        return false;
    }
    let first = digits[..4]
        .iter()
        .fold(0, |number, digit| number * 10 + u16::from(*digit));
    let is_of_a_network = NETWORKS
        .iter()
        .any(|(prefixes, lengths)| prefixes.contains(&first) && lengths.contains(&digits.len()));
    is_of_a_network && fulfils_luhn(digits) && !(GS1_PREFIXES.contains(&first) && is_ean13(digits))
}

fn fulfils_luhn(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(at, digit)| match (at % 2, u32::from(*digit)) {
            (0, digit) => digit,
            (_, digit) => digit * 2 / 10 + digit * 2 % 10,
        })
        .sum();
    sum.is_multiple_of(10)
}

fn is_ean13(digits: &[u8]) -> bool {
    let Some((last, body)) = digits.split_last() else {
        return false;
    };
    let body: String = body.iter().map(|digit| char::from(b'0' + digit)).collect();
    body.len() == 12 && barcode::check_digit(&body) == Some(*last)
}

/// An ordinary or a full-width digit.
fn digit(ch: char) -> Option<u8> {
    let zero = match ch {
        '0'..='9' => '0',
        '０'..='９' => '０',
        _ => return None,
    };
    u8::try_from(u32::from(ch) - u32::from(zero)).ok()
}

#[cfg(test)]
mod tests;
