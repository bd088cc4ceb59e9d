//! The code that makes a browser a till: short enough to read out, without letters that look like others.
//!
//! Promises: however it is typed — in small letters, with blanks or dashes — it is the same code.

use std::fmt;

/// No I, L, O, 0, 1: they are taken for each other.
const LETTERS: &[u8; 31] = b"ABCDEFGHJKMNPQRSTUVWXYZ23456789";
const LENGTH: usize = 8;

/// Eight letters.
#[derive(Clone, PartialEq, Eq)]
pub struct EnrolmentCode(String);

impl EnrolmentCode {
    /// A code of the letters that `draw` chooses: it answers a number below the one it is given.
    pub fn drawn(mut draw: impl FnMut(usize) -> usize) -> EnrolmentCode {
        let letters = (0..LENGTH).map(|_| char::from(LETTERS[draw(LETTERS.len()) % LETTERS.len()]));
        EnrolmentCode(letters.collect())
    }

    /// What somebody typed; nothing when no code looks like that.
    pub fn parse(typed: &str) -> Option<EnrolmentCode> {
        let code: String = typed
            .chars()
            .filter(|letter| !letter.is_whitespace() && *letter != '-')
            .map(|letter| letter.to_ascii_uppercase())
            .collect();
        let is_code = code.len() == LENGTH && code.bytes().all(|letter| LETTERS.contains(&letter));
        is_code.then_some(EnrolmentCode(code))
    }

    /// The eight letters.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for EnrolmentCode {
    /// It is a secret, so it does not get into logs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EnrolmentCode(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_read_however_it_is_typed() {
        let code = EnrolmentCode::parse("ABCDEF23").unwrap();
        for typed in ["abcdef23", "ABCD-EF23", " abcd ef23 "] {
            assert_eq!(EnrolmentCode::parse(typed), Some(code.clone()));
        }
        for typed in [
            "",
            "ABCDEF2",
            "ABCDEF234",
            "ABCDEFG0",
            "ABCDEFGI",
            "ABCDEFGé",
        ] {
            assert_eq!(EnrolmentCode::parse(typed), None, "{typed}");
        }
    }

    #[test]
    fn every_letter_that_is_drawn_can_be_read_back() {
        for first in 0..LETTERS.len() {
            let mut next = first;
            let code = EnrolmentCode::drawn(|_| {
                next += 1;
                next - 1
            });
            assert_eq!(EnrolmentCode::parse(code.as_str()), Some(code));
        }
    }
}
