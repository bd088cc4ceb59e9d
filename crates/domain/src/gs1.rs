//! GS1 element strings: item, lot, dates, weight and amount from one DataMatrix or GS1-128.
//!
//! Reads what a scanner sends (application identifiers one after the other, `0x1D` after those of
//! variable length, an AIM symbology identifier in front or not) and the form printed for people,
//! `(01)…(17)…`. The identifiers are those of the GS1 General Specifications §3.
//!
//! Promises: parsing never panics; weights and amounts are exact; a GTIN has a valid check digit;
//! a date exists in the calendar. Identifiers a shop does not need are read over.
//! Refuses: unknown identifiers, an identifier given twice with two values, amounts finer than a
//! fen or in another currency, weights finer than a gram.

mod day;
mod element;

pub use day::Day;

use crate::barcode::{Barcode, check_digit};
use element::{Element, elements};

/// What an element string says; what it does not mention is `None`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Gs1 {
    /// AI 01, always 14 digits.
    pub gtin: Option<String>,
    /// AI 02, always 14 digits: the item inside a logistic unit, counted by AI 37.
    pub content_gtin: Option<String>,
    /// AI 10.
    pub lot: Option<String>,
    /// AI 11.
    pub production: Option<Day>,
    /// AI 13.
    pub packed: Option<Day>,
    /// AI 15.
    pub best_before: Option<Day>,
    /// AI 17. The till must refuse or alert on goods past this day.
    pub expiry: Option<Day>,
    /// AI 20, two digits.
    pub variant: Option<String>,
    /// AI 21.
    pub serial: Option<String>,
    /// AI 30 or 37: pieces.
    pub count: Option<u32>,
    /// AI 310n: net weight in grams, i.e. thousandths of a kilogram.
    pub weight_milli: Option<i64>,
    /// AI 392n, or AI 393n in yuan: amount payable in fen.
    pub amount_fen: Option<i64>,
}

/// Why a text is no element string a shop can use.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Gs1Error {
    #[error("there is no element")]
    Empty,
    #[error("the character {character:?} cannot be in an element string")]
    Character { character: char },
    #[error("the application identifier at {at:?} is unknown")]
    UnknownIdentifier { at: String },
    #[error("the element {ai} has {length} characters, its length is {least} to {most}")]
    Length {
        ai: String,
        length: usize,
        least: usize,
        most: usize,
    },
    #[error("the element {ai} is {value:?}, it should be digits")]
    NotDigits { ai: String, value: String },
    #[error("the check digit of the GTIN is {given}, it should be {expected}")]
    CheckDigit { given: u8, expected: u8 },
    #[error("the element {ai} is {value:?}, no day of the calendar")]
    NoSuchDay { ai: String, value: String },
    #[error("the element {ai} is {value:?}, finer than the ledger holds")]
    TooFine { ai: String, value: String },
    #[error("the amount is in currency {currency}, not in yuan (156)")]
    Currency { currency: String },
    #[error("the element {ai} is there twice with different values")]
    Contradiction { ai: String },
}

impl Gs1 {
    /// Parses a scan. `current_year` (four digits) places the two-digit years of dates.
    pub fn parse(raw: &str, current_year: u16) -> Result<Gs1, Gs1Error> {
        let mut read = Gs1::default();
        for element in elements(raw)? {
            read.take(&element, current_year)?;
        }
        Ok(read)
    }

    /// The GTIN as an EAN-13, when it is one: 14 digits starting with zero.
    pub fn ean13(&self) -> Option<&str> {
        self.gtin.as_deref()?.strip_prefix('0')
    }

    /// The GTIN as the catalogue knows it: EAN-8, EAN-13 or GTIN-14.
    pub fn barcode(&self) -> Option<Barcode> {
        Barcode::parse(self.gtin.as_deref()?).ok()
    }

    fn take(&mut self, element: &Element, current_year: u16) -> Result<(), Gs1Error> {
        let day = || Day::from_yymmdd(&element.value, current_year);
        let dated = || {
            day().ok_or_else(|| Gs1Error::NoSuchDay {
                ai: element.ai.clone(),
                value: element.value.clone(),
            })
        };
        let text = || element.value.clone();
        match element.ai.as_str() {
            "01" => element.put(&mut self.gtin, gtin(element)?),
            "02" => element.put(&mut self.content_gtin, gtin(element)?),
            "10" => element.put(&mut self.lot, text()),
            "11" => element.put(&mut self.production, dated()?),
            "13" => element.put(&mut self.packed, dated()?),
            "15" => element.put(&mut self.best_before, dated()?),
            "17" => element.put(&mut self.expiry, dated()?),
            "20" => element.put(&mut self.variant, text()),
            "21" => element.put(&mut self.serial, text()),
            "30" | "37" => element.put(&mut self.count, count(element)?),
            ai if ai.starts_with("310") => {
                element.put(&mut self.weight_milli, scaled(element, &element.value, 3)?)
            }
            ai if ai.starts_with("392") => {
                element.put(&mut self.amount_fen, scaled(element, &element.value, 2)?)
            }
            ai if ai.starts_with("393") => element.put(&mut self.amount_fen, yuan_amount(element)?),
            _ => Ok(()),
        }
    }
}

fn gtin(element: &Element) -> Result<String, Gs1Error> {
    let (body, last) = element.value.split_at(13);
    let given = last.as_bytes()[0] - b'0';
    match check_digit(body) {
        Some(expected) if expected != given => Err(Gs1Error::CheckDigit { given, expected }),
        _ => Ok(element.value.clone()),
    }
}

fn count(element: &Element) -> Result<u32, Gs1Error> {
    element.value.parse().map_err(|_| element.not_digits())
}

fn yuan_amount(element: &Element) -> Result<i64, Gs1Error> {
    let (currency, amount) = element.value.split_at(3);
    if currency != "156" {
        let currency = currency.to_owned();
        return Err(Gs1Error::Currency { currency });
    }
    scaled(element, amount, 2)
}

// The last digit of the identifier says how many decimals the value has; the ledger holds
// `ledger_decimals` of them, and what it cannot hold exactly is refused.
fn scaled(element: &Element, value: &str, ledger_decimals: u32) -> Result<i64, Gs1Error> {
    let number: i64 = value.parse().map_err(|_| element.not_digits())?;
    let decimals = element
        .ai
        .bytes()
        .last()
        .map_or(0, |byte| u32::from(byte - b'0'));
    if decimals <= ledger_decimals {
        // 15 digits and two places at most: far below the range of i64.
        return Ok(number * 10_i64.pow(ledger_decimals - decimals));
    }
    let divisor = 10_i64.pow(decimals - ledger_decimals);
    if number % divisor != 0 {
        let (ai, value) = (element.ai.clone(), element.value.clone());
        return Err(Gs1Error::TooFine { ai, value });
    }
    Ok(number / divisor)
}

#[cfg(test)]
mod tests;
