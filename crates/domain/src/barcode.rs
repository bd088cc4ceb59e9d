//! The code on the goods: what a scanner reads or a person types, checked once.
//!
//! Promises: a [`Barcode`] of 8, 13 or 14 digits has a valid GS1 check digit; one item read in
//! several ways (UPC-A, UPC-E, EAN-13, GTIN-14 with leading zeros) is one and the same value;
//! parsing what [`Barcode::as_str`] gives returns the same barcode.
//! Refuses: numbers of 8, 12, 13 or 14 digits whose check digit is wrong, empty text, more than
//! 32 characters and characters outside `0-9A-Za-z-._/+` and space.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::half_width::half_width;

/// The longest code accepted, in characters.
pub const MAX_LENGTH: usize = 32;

/// A verified trade item number or an in-store code.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Barcode(String);

/// What a barcode is, told by its form alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BarcodeKind {
    /// 13 digits; UPC-A and UPC-E are stored in this form.
    Ean13,
    /// 8 digits.
    Ean8,
    /// 14 digits with an indicator 1–9 in front: usually a carton.
    Gtin14,
    /// Anything the store numbers itself.
    Internal,
}

/// Why a text is no barcode.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BarcodeError {
    #[error("the barcode is empty")]
    Empty,
    #[error("the barcode has {length} characters, at most {MAX_LENGTH} are allowed")]
    TooLong { length: usize },
    #[error("the character {character:?} cannot be in a barcode")]
    Character { character: char },
    #[error("the check digit is {given}, it should be {expected}")]
    CheckDigit { given: u8, expected: u8 },
}

impl Barcode {
    /// Reads what a scanner sent or a person typed.
    ///
    /// Eight digits are an EAN-8 when its check digit fits; only otherwise are they tried as
    /// UPC-E, because the two cannot be told apart by their form.
    pub fn parse(raw: &str) -> Result<Barcode, BarcodeError> {
        let text = scanned_text(raw);
        if text.is_empty() {
            return Err(BarcodeError::Empty);
        }
        if let Some(character) = text.chars().find(|ch| !is_allowed(*ch)) {
            return Err(BarcodeError::Character { character });
        }
        if text.len() > MAX_LENGTH {
            return Err(BarcodeError::TooLong { length: text.len() });
        }
        if text.bytes().all(|byte| byte.is_ascii_digit()) {
            return canonical_number(text).map(Barcode);
        }
        Ok(Barcode(text))
    }

    /// The code as it is stored and compared.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub fn kind(&self) -> BarcodeKind {
        if !self.0.bytes().all(|byte| byte.is_ascii_digit()) {
            return BarcodeKind::Internal;
        }
        match self.0.len() {
            8 => BarcodeKind::Ean8,
            13 => BarcodeKind::Ean13,
            14 => BarcodeKind::Gtin14,
            _ => BarcodeKind::Internal,
        }
    }

    /// The last `n` characters, or all of them when there are fewer.
    pub fn last(&self, n: usize) -> &str {
        &self.0[self.0.len().saturating_sub(n)..]
    }
}

/// The GS1 check digit of the digits before it: weights 3, 1, 3, 1… from the right (GS1 General
/// Specifications §7.9.1; the same for EAN-8, UPC-A, EAN-13, GTIN-14, SSCC and scale labels).
/// `None` when the body is empty or holds anything but ASCII digits.
pub fn check_digit(body: &str) -> Option<u8> {
    if body.is_empty() {
        return None;
    }
    let mut sum = 0u8;
    for (place, byte) in body.bytes().rev().enumerate() {
        if !byte.is_ascii_digit() {
            return None;
        }
        let weight = if place % 2 == 0 { 3 } else { 1 };
        sum = (sum + (byte - b'0') * weight) % 10;
    }
    Some((10 - sum) % 10)
}

/// What remains of a scan when the scanner's own additions are gone: full-width forms become
/// ASCII, surrounding blanks and line ends go, and so does an AIM symbology identifier
/// (ISO/IEC 15424: `]`, a letter, a modifier, e.g. `]E0`, `]C1`, `]d2`, `]Q3`).
pub fn scanned_text(raw: &str) -> String {
    let text = half_width(raw);
    let text = text.trim();
    let mut start = text.chars();
    let identified = start.next() == Some(']')
        && start.next().is_some_and(|ch| ch.is_ascii_alphabetic())
        && start.next().is_some_and(|ch| ch.is_ascii_alphanumeric());
    let text = if identified { start.as_str() } else { text };
    text.trim().to_owned()
}

impl fmt::Display for Barcode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl AsRef<str> for Barcode {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl FromStr for Barcode {
    type Err = BarcodeError;

    fn from_str(raw: &str) -> Result<Barcode, BarcodeError> {
        Barcode::parse(raw)
    }
}

impl TryFrom<String> for Barcode {
    type Error = BarcodeError;

    fn try_from(raw: String) -> Result<Barcode, BarcodeError> {
        Barcode::parse(&raw)
    }
}

impl From<Barcode> for String {
    fn from(barcode: Barcode) -> String {
        barcode.0
    }
}

fn is_allowed(ch: char) -> bool {
    ch.is_ascii_alphanumeric() || matches!(ch, '-' | '.' | '_' | '/' | '+' | ' ')
}

fn canonical_number(digits: String) -> Result<String, BarcodeError> {
    match digits.len() {
        8 => verified(&digits).or_else(|refusal| expand_upc_e(&digits).ok_or(refusal)),
        12 => verified(&digits).map(|upc_a| format!("0{upc_a}")),
        13 => verified(&digits),
        14 => verified(&digits).map(|gtin| without_padding(&gtin).to_owned()),
        _ => Ok(digits),
    }
}

fn verified(digits: &str) -> Result<String, BarcodeError> {
    let (body, last) = digits.split_at(digits.len() - 1);
    let given = last.as_bytes()[0] - b'0';
    match check_digit(body) {
        Some(expected) if expected != given => Err(BarcodeError::CheckDigit { given, expected }),
        _ => Ok(digits.to_owned()),
    }
}

// A GTIN-14 is an EAN-13 or EAN-8 filled up with zeros on the left; the goods carry the short one.
fn without_padding(gtin: &str) -> &str {
    gtin.strip_prefix("000000")
        .or_else(|| gtin.strip_prefix('0'))
        .unwrap_or(gtin)
}

// UPC-E leaves out zeros of a UPC-A of number system 0 or 1; its sixth digit says where they were
// (GS1 General Specifications §5.2.2.4.2).
fn expand_upc_e(digits: &str) -> Option<String> {
    let system = digits
        .get(..1)
        .filter(|first| matches!(*first, "0" | "1"))?;
    let (d, check) = (digits.get(1..7)?, digits.get(7..)?);
    let body = match d.as_bytes()[5] {
        b'0'..=b'2' => format!("{system}{}{}0000{}", &d[..2], &d[5..], &d[2..5]),
        b'3' => format!("{system}{}00000{}", &d[..3], &d[3..5]),
        b'4' => format!("{system}{}00000{}", &d[..4], &d[4..5]),
        _ => format!("{system}{}0000{}", &d[..5], &d[5..]),
    };
    verified(&format!("{body}{check}"))
        .ok()
        .map(|upc_a| format!("0{upc_a}"))
}

#[cfg(test)]
mod tests;
