//! Cutting an element string into its elements: identifier and value.

use super::Gs1Error;
use crate::barcode::scanned_text;

/// FNC1 as scanners transmit it: the end of an element of variable length.
const SEPARATOR: char = '\u{1D}';

/// One identifier with its value; the length and the characters have been checked.
pub(super) struct Element {
    pub(super) ai: String,
    pub(super) value: String,
}

impl Element {
    /// Keeps the value; a second, different one is a contradiction.
    pub(super) fn put<T: PartialEq>(
        &self,
        place: &mut Option<T>,
        value: T,
    ) -> Result<(), Gs1Error> {
        if place.as_ref().is_some_and(|before| *before != value) {
            return Err(Gs1Error::Contradiction {
                ai: self.ai.clone(),
            });
        }
        *place = Some(value);
        Ok(())
    }

    pub(super) fn not_digits(&self) -> Gs1Error {
        Gs1Error::NotDigits {
            ai: self.ai.clone(),
            value: self.value.clone(),
        }
    }
}

/// All elements of a scan or of a text printed for people, in their order.
pub(super) fn elements(raw: &str) -> Result<Vec<Element>, Gs1Error> {
    let text = scanned_text(raw);
    let text = text.trim_matches(SEPARATOR);
    if let Some(character) = text.chars().find(|ch| !is_allowed(*ch)) {
        return Err(Gs1Error::Character { character });
    }
    let elements = if text.starts_with('(') {
        bracketed(text)
    } else {
        scanned(text)
    }?;
    if elements.is_empty() {
        return Err(Gs1Error::Empty);
    }
    Ok(elements)
}

/// How an identifier's value is written. An identifier is `start` and, where `width` says more
/// digits belong to it, those digits.
struct Format {
    start: &'static str,
    width: usize,
    least: usize,
    most: usize,
    digits: bool,
}

const fn numeric(start: &'static str, width: usize, least: usize, most: usize) -> Format {
    Format {
        start,
        width,
        least,
        most,
        digits: true,
    }
}

const fn text(start: &'static str, width: usize, most: usize) -> Format {
    Format {
        start,
        width,
        least: 1,
        most,
        digits: false,
    }
}

// GS1 General Specifications §3.2. Longer starts stand before shorter ones they begin with.
const FORMATS: &[Format] = &[
    numeric("00", 2, 18, 18),
    numeric("01", 2, 14, 14),
    numeric("02", 2, 14, 14),
    text("10", 2, 20),
    numeric("11", 2, 6, 6),
    numeric("12", 2, 6, 6),
    numeric("13", 2, 6, 6),
    numeric("15", 2, 6, 6),
    numeric("16", 2, 6, 6),
    numeric("17", 2, 6, 6),
    numeric("20", 2, 2, 2),
    text("21", 2, 20),
    text("22", 2, 20),
    text("240", 3, 30),
    text("241", 3, 30),
    numeric("242", 3, 1, 6),
    text("243", 3, 20),
    text("250", 3, 30),
    text("251", 3, 30),
    text("253", 3, 30),
    text("254", 3, 20),
    numeric("30", 2, 1, 8),
    numeric("31", 4, 6, 6),
    numeric("32", 4, 6, 6),
    numeric("33", 4, 6, 6),
    numeric("34", 4, 6, 6),
    numeric("35", 4, 6, 6),
    numeric("36", 4, 6, 6),
    numeric("37", 2, 1, 8),
    numeric("390", 4, 1, 15),
    numeric("391", 4, 4, 18),
    numeric("392", 4, 1, 15),
    numeric("393", 4, 4, 18),
    numeric("394", 4, 4, 4),
    numeric("395", 4, 6, 6),
    text("400", 3, 30),
    text("401", 3, 30),
    numeric("402", 3, 17, 17),
    text("403", 3, 30),
    numeric("41", 3, 13, 13),
    text("420", 3, 20),
    text("421", 3, 12),
    numeric("422", 3, 3, 3),
    text("7", 4, 90),
    text("8", 4, 90),
    text("9", 2, 90),
];

// The identifiers defined as ending without a separator (GS1 General Specifications §7.8.5); some
// printers set one all the same, so one is tolerated.
const WITHOUT_SEPARATOR: &[&str] = &[
    "00", "01", "02", "11", "12", "13", "15", "16", "17", "20", "31", "32", "33", "34", "35", "36",
    "41",
];

fn scanned(text: &str) -> Result<Vec<Element>, Gs1Error> {
    let mut rest = text;
    let mut elements = Vec::new();
    while !rest.is_empty() {
        let (format, ai) = identifier(rest)?;
        let after = &rest[ai.len()..];
        let until_separator = after.split(SEPARATOR).next().unwrap_or(after);
        let fixed = WITHOUT_SEPARATOR.iter().any(|start| ai.starts_with(start));
        let end = if fixed {
            until_separator.len().min(format.most)
        } else {
            until_separator.len()
        };
        elements.push(element(format, ai, &after[..end])?);
        rest = after[end..].trim_start_matches(SEPARATOR);
    }
    Ok(elements)
}

fn bracketed(text: &str) -> Result<Vec<Element>, Gs1Error> {
    let mut rest = text;
    let mut elements = Vec::new();
    while let Some((ai, after)) = bracket(rest) {
        let (format, known) = identifier(ai)?;
        if known != ai {
            return Err(Gs1Error::UnknownIdentifier { at: ai.to_owned() });
        }
        // A lot may itself hold a bracket, so only one around digits of the right number ends it.
        let end = after
            .match_indices('(')
            .map(|(at, _)| at)
            .find(|at| bracket(&after[*at..]).is_some())
            .unwrap_or(after.len());
        elements.push(element(format, ai, after[..end].trim())?);
        rest = &after[end..];
    }
    if !rest.is_empty() {
        return Err(Gs1Error::UnknownIdentifier {
            at: rest.chars().take(6).collect(),
        });
    }
    Ok(elements)
}

fn bracket(text: &str) -> Option<(&str, &str)> {
    let (ai, after) = text.strip_prefix('(')?.split_once(')')?;
    let digits = ai.bytes().all(|byte| byte.is_ascii_digit());
    (digits && (2..=4).contains(&ai.len())).then_some((ai, after))
}

fn identifier(text: &str) -> Result<(&'static Format, &str), Gs1Error> {
    FORMATS
        .iter()
        .find(|format| text.starts_with(format.start))
        .and_then(|format| Some((format, text.get(..format.width)?)))
        .filter(|(_, ai)| ai.bytes().all(|byte| byte.is_ascii_digit()))
        .ok_or_else(|| Gs1Error::UnknownIdentifier {
            at: text.chars().take(4).collect(),
        })
}

fn element(format: &Format, ai: &str, value: &str) -> Result<Element, Gs1Error> {
    let (least, most) = (format.least, format.most);
    let element = Element {
        ai: ai.to_owned(),
        value: value.to_owned(),
    };
    if !(least..=most).contains(&value.len()) {
        let ai = element.ai;
        return Err(Gs1Error::Length {
            ai,
            length: value.len(),
            least,
            most,
        });
    }
    if format.digits && !value.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(element.not_digits());
    }
    Ok(element)
}

// The 82 characters of GS1 (General Specifications §7.11), the separator, and the space people
// leave between printed elements.
fn is_allowed(ch: char) -> bool {
    ch == SEPARATOR
        || ch == ' '
        || ch.is_ascii_alphanumeric()
        || "!\"%&'()*+,-./:;<=>?_".contains(ch)
}
