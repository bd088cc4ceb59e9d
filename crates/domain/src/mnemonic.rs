//! 助记码: the initials by which a cashier finds goods without a barcode, `KKKL` for 可口可乐.
//!
//! Promises: upper-case pinyin initials of Hanzi, Latin letters in upper case and digits, in the
//! order of the name, at most 32 characters; everything else is dropped. Hanzi with several
//! readings take the one they have in the names of goods.
//! Refuses nothing: a name without a single letter has an empty mnemonic.

mod readings;

use pinyin::ToPinyin;

use crate::half_width::half_width_char;
use readings::{CHARACTERS, WORDS};

/// The longest mnemonic, in characters.
pub const MAX_LENGTH: usize = 32;

/// The mnemonic of a name.
pub fn mnemonic(name: &str) -> String {
    let name: String = name.chars().map(half_width_char).collect();
    let mut initials = String::new();
    let mut rest = name.as_str();
    while let Some(ch) = rest.chars().next() {
        if let Some((word, reading)) = word_at(rest) {
            initials.push_str(reading);
            rest = &rest[word.len()..];
            continue;
        }
        initials.extend(initial(ch));
        rest = &rest[ch.len_utf8()..];
    }
    // Every initial is one ASCII character, so the cut is never inside one.
    initials.truncate(MAX_LENGTH);
    initials
}

fn word_at(text: &str) -> Option<(&'static str, &'static str)> {
    WORDS
        .iter()
        .filter(|(word, _)| text.starts_with(word))
        .max_by_key(|(word, _)| word.len())
        .copied()
}

fn initial(ch: char) -> Option<char> {
    if ch.is_ascii_alphanumeric() {
        return Some(ch.to_ascii_uppercase());
    }
    if let Some((_, reading)) = CHARACTERS.iter().find(|(character, _)| *character == ch) {
        return Some(*reading);
    }
    let first = ch.to_pinyin()?.plain().chars().next()?;
    first
        .is_ascii_alphabetic()
        .then(|| first.to_ascii_uppercase())
}

#[cfg(test)]
mod tests;
