//! Reading single cells.

use super::{Cell, Columns, Field, FieldError, FieldProblem, OpeningStock, number};
use crate::barcode::{Barcode, BarcodeError, MAX_LENGTH};
use crate::card_number;
use crate::catalog::ProductState;
use crate::half_width::half_width;

const MOST_TEXT: usize = 100;
const MOST_NAME: usize = 200;
const MOST_NOTE: usize = 1000;
const MOST_LISTED: usize = 50;

/// Reads the cells of one row and collects what is wrong with them.
pub(super) struct Reader<'a> {
    columns: &'a Columns,
    cells: &'a [String],
    errors: Vec<FieldError>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(columns: &'a Columns, cells: &'a [String]) -> Reader<'a> {
        Reader {
            columns,
            cells,
            errors: Vec::new(),
        }
    }

    /// A field that may be cleared.
    pub(super) fn optional<T>(
        &mut self,
        field: Field,
        parse: impl FnOnce(&str) -> Result<T, FieldProblem>,
    ) -> Cell<T> {
        let text = cleaned(self.raw(field));
        if text.is_empty() {
            return Cell::Keep;
        }
        if clears(&text) {
            return Cell::Clear;
        }
        match parse(&text) {
            Ok(value) => Cell::Set(value),
            Err(problem) => {
                self.add(field, problem);
                Cell::Keep
            }
        }
    }

    /// A field no product can be without.
    pub(super) fn required<T>(
        &mut self,
        field: Field,
        parse: impl FnOnce(&str) -> Result<T, FieldProblem>,
    ) -> Cell<T> {
        match self.optional(field, parse) {
            Cell::Clear => {
                self.add(field, FieldProblem::CannotClear);
                Cell::Keep
            }
            cell => cell,
        }
    }

    pub(super) fn opening_stock(&mut self) -> Vec<OpeningStock> {
        let mut stock = Vec::new();
        for (location, at) in self.columns.stock() {
            let value = self.cells.get(*at).map_or("", String::as_str);
            let text = cleaned(value);
            if text.is_empty() || clears(&text) {
                continue;
            }
            let location = location.clone();
            match number::milli(&text) {
                Ok(qty_milli) => stock.push(OpeningStock {
                    location,
                    qty_milli,
                }),
                Err(problem) => self.errors.push(FieldError {
                    column: self.columns.header(*at).to_owned(),
                    problem,
                    value: value.to_owned(),
                }),
            }
        }
        stock
    }

    /// Whether this row's 副条码 is the carton's, see [`Columns::has_sub_barcode`].
    pub(super) fn sub_barcode_is_carton(&self) -> bool {
        let ratio = cleaned(self.raw(Field::CartonRatio));
        self.columns.has_sub_barcode() && !ratio.is_empty() && !clears(&ratio)
    }

    pub(super) fn is_blank(&self, field: Field) -> bool {
        cleaned(self.raw(field)).is_empty()
    }

    pub(super) fn add(&mut self, field: Field, problem: FieldProblem) {
        let value = match problem {
            FieldProblem::CardNumber => card_number::hidden(self.raw(field)),
            _ => self.raw(field).to_owned(),
        };
        let error = self.columns.problem(field, problem);
        self.errors.push(FieldError { value, ..error });
    }

    pub(super) fn finish<T>(self, row: T) -> Result<T, Vec<FieldError>> {
        if self.errors.is_empty() {
            Ok(row)
        } else {
            Err(self.errors)
        }
    }

    fn raw(&self, field: Field) -> &'a str {
        let at = self.columns.at(field);
        at.and_then(|at| self.cells.get(at))
            .map_or("", String::as_str)
    }
}

/// The cell without what spreadsheets put in front of text (`'`, `` ` ``), without control
/// characters and without blanks around it. Full-width forms stay: in a name they are meant.
pub(super) fn cleaned(raw: &str) -> String {
    let text: String = raw
        .chars()
        .filter(|ch| *ch != '\u{FEFF}')
        .map(|ch| if ch.is_control() { ' ' } else { ch })
        .collect();
    text.trim()
        .trim_start_matches(['\'', '`', '＇', '｀'])
        .trim()
        .to_owned()
}

pub(super) fn name(text: &str) -> Result<String, FieldProblem> {
    free(text, MOST_NAME)
}

pub(super) fn text(text: &str) -> Result<String, FieldProblem> {
    free(text, MOST_TEXT)
}

pub(super) fn long_text(text: &str) -> Result<String, FieldProblem> {
    free(text, MOST_NOTE)
}

/// An in-store code; it is a number for many shops, so `12.0` of a spreadsheet is `12`.
pub(super) fn code(text: &str) -> Result<String, FieldProblem> {
    let text = restored(text)?;
    short(&text, MAX_LENGTH)
}

pub(super) fn barcode(text: &str) -> Result<Barcode, FieldProblem> {
    Barcode::parse(&restored(text)?).map_err(|error| match error {
        BarcodeError::Empty => FieldProblem::Required,
        BarcodeError::TooLong { .. } => FieldProblem::TooLong { most: MAX_LENGTH },
        BarcodeError::Character { character } => FieldProblem::BarcodeCharacter { character },
        BarcodeError::CheckDigit { given, expected } => {
            FieldProblem::BarcodeCheckDigit { given, expected }
        }
    })
}

pub(super) fn barcodes(text: &str) -> Result<Vec<Barcode>, FieldProblem> {
    listed(text)?.iter().map(|one| barcode(one)).collect()
}

pub(super) fn tags(text: &str) -> Result<Vec<String>, FieldProblem> {
    let mut tags: Vec<String> = Vec::new();
    for tag in listed(text)? {
        let tag = free(&tag, MOST_TEXT)?;
        if !tags.contains(&tag) {
            tags.push(tag);
        }
    }
    Ok(tags)
}

pub(super) fn yes_or_no(text: &str) -> Result<bool, FieldProblem> {
    match half_width(text).to_lowercase().as_str() {
        "是" | "y" | "yes" | "true" | "1" | "称重" | "√" => Ok(true),
        "否" | "n" | "no" | "false" | "0" | "不称重" | "×" => Ok(false),
        _ => Err(FieldProblem::NotYesOrNo),
    }
}

pub(super) fn state(text: &str) -> Result<ProductState, FieldProblem> {
    match half_width(text)
        .to_lowercase()
        .replace([' ', '-'], "_")
        .as_str()
    {
        "新品" | "new" => Ok(ProductState::New),
        "启用" | "在售" | "正常" | "active" | "enabled" => Ok(ProductState::Active),
        "停购" | "no_purchase" => Ok(ProductState::NoPurchase),
        "停售" | "禁用" | "no_sale" | "disabled" => Ok(ProductState::NoSale),
        "淘汰" | "retired" => Ok(ProductState::Retired),
        _ => Err(FieldProblem::UnknownState),
    }
}

/// A text in which nobody writes down the number of a payment card. Codes may look like any number.
fn free(text: &str, most: usize) -> Result<String, FieldProblem> {
    if card_number::is_in(text) {
        return Err(FieldProblem::CardNumber);
    }
    short(text, most)
}

fn short(text: &str, most: usize) -> Result<String, FieldProblem> {
    if text.chars().count() > most {
        Err(FieldProblem::TooLong { most })
    } else {
        Ok(text.to_owned())
    }
}

fn listed(text: &str) -> Result<Vec<String>, FieldProblem> {
    let separators = [',', '，', ';', '；', '、', '|', '｜'];
    let parts: Vec<String> = text
        .split(separators)
        .map(cleaned)
        .filter(|part| !part.is_empty())
        .collect();
    if parts.len() > MOST_LISTED {
        return Err(FieldProblem::TooLong { most: MOST_LISTED });
    }
    Ok(parts)
}

fn clears(text: &str) -> bool {
    matches!(half_width(text).as_str(), "-" | "清空")
}

// A spreadsheet that takes a code for a number appends `.0` or shows it as `6.901234567892E+12`.
// The first loses nothing; the second only when the digits before the E are all there are.
fn restored(text: &str) -> Result<String, FieldProblem> {
    let text = half_width(text);
    if let Some((integer, fraction)) = text.split_once('.')
        && is_number(integer)
        && is_number(fraction)
        && fraction.bytes().all(|byte| byte == b'0')
    {
        return Ok(integer.to_owned());
    }
    let Some((first, rest, exponent)) = scientific(&text) else {
        return Ok(text);
    };
    match rest.split_at_checked(exponent) {
        Some((kept, beyond)) if beyond.bytes().all(|byte| byte == b'0') => {
            Ok(format!("{first}{kept}"))
        }
        _ => Err(FieldProblem::BarcodeRounded),
    }
}

// First digit, digits after the point, exponent. `1E5` without point and sign is a code.
fn scientific(text: &str) -> Option<(&str, &str, usize)> {
    let (mantissa, exponent) = text.split_once(['e', 'E'])?;
    let (first, rest) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let (signed, digits) = match exponent.strip_prefix('+') {
        Some(digits) => (true, digits),
        None => (false, exponent),
    };
    let is_one = first.len() == 1 && is_number(first) && (rest.is_empty() || is_number(rest));
    if !is_one || !is_number(digits) || !(signed || mantissa.contains('.')) {
        return None;
    }
    // An exponent too long for a number is as lossy as any that is too large.
    Some((first, rest, digits.parse().unwrap_or(usize::MAX)))
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}
