//! The import sheet of goods: headers and cells as people send them, read into exact values.
//!
//! Headers may be Chinese (jshERP, our own export) or English (OSPOS, our own), in any order;
//! cells are text as the spreadsheet showed it.
//!
//! Promises: prices come out in fen, quantities in thousandths and rates in basis points, exactly
//! or not at all; a barcode a spreadsheet turned into `6.90…E+12` is restored only when no digit is
//! lost; a free text with the number of a payment card is refused, and the number is shown by its ends alone; an empty cell keeps what is stored, `-` or `清空` clears it; every error of a row is
//! reported at once, with the column as the sheet names it.
//! Refuses: rows that name neither barcode nor code, amounts finer than a fen, negative or absurd
//! numbers, barcodes with a wrong check digit.

mod cell;
mod columns;
mod error;
mod field;
mod number;

pub use columns::{ColumnWarning, Columns};
pub use error::{FieldError, FieldProblem};
pub use field::Field;

use crate::barcode::Barcode;
use crate::card_number;
use crate::catalog::ProductState;
use cell::Reader;

/// What a cell asks for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Cell<T> {
    /// Empty, or the sheet has no such column: what is stored stays.
    #[default]
    Keep,
    /// `-` or `清空`: what is stored goes.
    Clear,
    Set(T),
}

/// One row of the sheet. `code`, `barcode`, `name`, `unit`, `price_fen`, `state` and `weighed` are
/// never [`Cell::Clear`]: a product cannot be without them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProductRow {
    /// In-store code or PLU.
    pub code: Cell<String>,
    pub barcode: Cell<Barcode>,
    /// Further barcodes of one piece; without the main one and without repetitions.
    pub extra_barcodes: Cell<Vec<Barcode>>,
    pub name: Cell<String>,
    pub short_name: Cell<String>,
    pub mnemonic: Cell<String>,
    pub spec: Cell<String>,
    pub brand: Cell<String>,
    pub category: Cell<String>,
    pub unit: Cell<String>,
    pub supplier: Cell<String>,
    pub origin: Cell<String>,
    pub note: Cell<String>,
    pub tags: Cell<Vec<String>>,
    /// Retail price of one unit.
    pub price_fen: Cell<i64>,
    pub cost_fen: Cell<i64>,
    pub member_price_fen: Cell<i64>,
    pub floor_price_fen: Cell<i64>,
    /// Basis points: 13 % is 1300.
    pub tax_rate_bp: Cell<i64>,
    pub shelf_life_days: Cell<i64>,
    pub safety_stock_milli: Cell<i64>,
    pub weighed: Cell<bool>,
    pub state: Cell<ProductState>,
    pub carton_unit: Cell<String>,
    pub carton_barcode: Cell<Barcode>,
    /// How many units a carton holds.
    pub carton_ratio: Cell<i64>,
    /// Price of the whole carton.
    pub carton_price_fen: Cell<i64>,
    pub opening_stock: Vec<OpeningStock>,
}

/// Stock found when the shop starts with the product.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpeningStock {
    /// The name of the location, or `None` for the store's own.
    pub location: Option<String>,
    pub qty_milli: i64,
}

impl<T> Cell<T> {
    /// The value, when one is set.
    pub fn value(&self) -> Option<&T> {
        match self {
            Cell::Set(value) => Some(value),
            Cell::Keep | Cell::Clear => None,
        }
    }

    /// What is stored after the cell was applied.
    pub fn apply(self, stored: Option<T>) -> Option<T> {
        match self {
            Cell::Keep => stored,
            Cell::Clear => None,
            Cell::Set(value) => Some(value),
        }
    }

    /// The same wish for what `change` makes of the value.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Cell<U> {
        match self {
            Cell::Keep => Cell::Keep,
            Cell::Clear => Cell::Clear,
            Cell::Set(value) => Cell::Set(change(value)),
        }
    }
}

impl ProductRow {
    /// What the row lacks if there is no such product yet: a name, a price, and the ratio of a
    /// carton barcode. A code or barcode is there in every row that could be parsed.
    pub fn missing_for_new(&self, columns: &Columns) -> Vec<FieldError> {
        let carton = self.carton_barcode.value().is_some();
        [
            (Field::Name, self.name.value().is_none()),
            (Field::Price, self.price_fen.value().is_none()),
            (
                Field::CartonRatio,
                carton && self.carton_ratio.value().is_none(),
            ),
        ]
        .into_iter()
        .filter(|(_, missing)| *missing)
        .map(|(field, _)| columns.problem(field, FieldProblem::Required))
        .collect()
    }
}

/// The cells with the numbers of payment cards hidden; codes and barcodes stay as they are.
pub fn without_card_numbers(columns: &Columns, cells: &[String]) -> Vec<String> {
    let codes = [
        Field::Code,
        Field::Barcode,
        Field::ExtraBarcodes,
        Field::CartonBarcode,
    ]
    .map(|field| columns.at(field));
    let shown = |(at, cell): (usize, &String)| {
        if codes.contains(&Some(at)) {
            cell.clone()
        } else {
            card_number::hidden(cell)
        }
    };
    cells.iter().enumerate().map(shown).collect()
}

/// Whether a row holds nothing at all and is to be passed over.
pub fn is_blank(cells: &[String]) -> bool {
    cells.iter().all(|cell| cell::cleaned(cell).is_empty())
}

/// Reads a row; a row shorter than the headers has empty cells at its end.
pub fn parse_row(columns: &Columns, cells: &[String]) -> Result<ProductRow, Vec<FieldError>> {
    let mut reader = Reader::new(columns, cells);
    let barcode = reader.required(Field::Barcode, cell::barcode);
    let (extra_barcodes, sub_barcode) = second_barcodes(&mut reader);
    let carton_barcode = match sub_barcode {
        Cell::Keep => reader.optional(Field::CartonBarcode, cell::barcode),
        found => found,
    };
    let row = ProductRow {
        code: reader.required(Field::Code, cell::code),
        extra_barcodes: extra_barcodes.map(|extra| distinct(extra, &barcode)),
        barcode,
        name: reader.required(Field::Name, cell::name),
        short_name: reader.optional(Field::ShortName, cell::text),
        mnemonic: reader.optional(Field::Mnemonic, cell::text),
        spec: reader.optional(Field::Spec, cell::text),
        brand: reader.optional(Field::Brand, cell::text),
        category: reader.optional(Field::Category, cell::text),
        unit: reader.required(Field::Unit, cell::text),
        supplier: reader.optional(Field::Supplier, cell::text),
        origin: reader.optional(Field::Origin, cell::text),
        note: reader.optional(Field::Note, cell::long_text),
        tags: reader.optional(Field::Tags, cell::tags),
        price_fen: reader.required(Field::Price, number::fen),
        cost_fen: reader.optional(Field::Cost, number::fen),
        member_price_fen: reader.optional(Field::MemberPrice, number::fen),
        floor_price_fen: reader.optional(Field::FloorPrice, number::fen),
        tax_rate_bp: reader.optional(Field::TaxRate, number::basis_points),
        shelf_life_days: reader.optional(Field::ShelfLife, number::days),
        safety_stock_milli: reader.optional(Field::SafetyStock, number::milli),
        weighed: reader.required(Field::Weighed, cell::yes_or_no),
        state: reader.required(Field::State, cell::state),
        carton_unit: reader.optional(Field::CartonUnit, cell::text),
        carton_barcode,
        carton_ratio: reader.optional(Field::CartonRatio, number::ratio),
        carton_price_fen: reader.optional(Field::CartonPrice, number::fen),
        opening_stock: reader.opening_stock(),
    };
    if reader.is_blank(Field::Code) && reader.is_blank(Field::Barcode) {
        reader.add(Field::Barcode, FieldProblem::IdentityRequired);
    }
    reader.finish(row)
}

// jshERP's 副条码 is the barcode of the second unit, whose size stands in 比例; in other sheets it
// is one more barcode of the piece. So it is the carton's exactly where a ratio stands beside it
// and the sheet has no carton barcode of its own.
fn second_barcodes(reader: &mut Reader<'_>) -> (Cell<Vec<Barcode>>, Cell<Barcode>) {
    if reader.sub_barcode_is_carton() {
        return (
            Cell::Keep,
            reader.optional(Field::ExtraBarcodes, cell::barcode),
        );
    }
    (
        reader.optional(Field::ExtraBarcodes, cell::barcodes),
        Cell::Keep,
    )
}

fn distinct(barcodes: Vec<Barcode>, main: &Cell<Barcode>) -> Vec<Barcode> {
    let mut seen: Vec<Barcode> = Vec::new();
    for barcode in barcodes {
        if main.value() != Some(&barcode) && !seen.contains(&barcode) {
            seen.push(barcode);
        }
    }
    seen
}

#[cfg(test)]
mod tests;
