//! Sheets to download, as XLSX or CSV.
//!
//! Promises: nothing in a sheet is a formula; texts that look like numbers stay texts in XLSX; CSV
//! opens in Excel with its Chinese whole.

use std::fmt::Write as _;

use anyhow::Context as _;
use rust_xlsxwriter::{Format, Workbook, Worksheet, XlsxError};

/// A cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Value {
    /// Text, whatever it looks like.
    Text(String),
    /// Money.
    Fen(i64),
    /// A quantity.
    Milli(i64),
    /// A rate in basis points.
    Percent(i64),
    /// A whole number.
    Whole(i64),
    /// Nothing.
    Empty,
}

/// The language of headers and words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Language {
    /// 简体中文
    Chinese,
    English,
}

impl Language {
    /// The language of this name; Chinese when none is named.
    pub(crate) fn parse(name: Option<&str>) -> Option<Language> {
        match name {
            None | Some("zh-CN") => Some(Language::Chinese),
            Some("en") => Some(Language::English),
            Some(_) => None,
        }
    }
}

/// How a sheet is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SheetFormat {
    /// Excel.
    Xlsx,
    /// Comma separated.
    Csv,
}

/// A spreadsheet holds no more rows under its header.
const XLSX_ROWS_MAX: usize = 1_048_575;
const XLSX_COLUMN_WIDTH: f64 = 14.0;
/// And no longer text in one cell; what is longer is cut.
const XLSX_CELL_CHARS_MAX: usize = 32_767;

impl SheetFormat {
    /// The format of this name.
    pub(crate) fn parse(name: &str) -> Option<SheetFormat> {
        match name {
            "xlsx" => Some(SheetFormat::Xlsx),
            "csv" => Some(SheetFormat::Csv),
            _ => None,
        }
    }

    /// The end of the file's name.
    pub(crate) fn extension(self) -> &'static str {
        match self {
            SheetFormat::Xlsx => "xlsx",
            SheetFormat::Csv => "csv",
        }
    }

    /// The media type.
    pub(crate) fn media_type(self) -> &'static str {
        match self {
            SheetFormat::Xlsx => {
                "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
            }
            SheetFormat::Csv => "text/csv; charset=utf-8",
        }
    }

    /// The rows it can hold.
    pub(crate) fn rows_max(self) -> usize {
        match self {
            SheetFormat::Xlsx => XLSX_ROWS_MAX,
            SheetFormat::Csv => usize::MAX,
        }
    }

    /// The file: a row of titles, then the rows.
    pub(crate) fn write(
        self,
        titles: &[&str],
        rows: impl Iterator<Item = Vec<Value>>,
    ) -> anyhow::Result<Vec<u8>> {
        match self {
            SheetFormat::Xlsx => xlsx(titles, rows),
            SheetFormat::Csv => csv(titles, rows),
        }
    }
}

impl Value {
    /// The cell as CSV has it.
    pub(crate) fn csv(&self) -> String {
        match self {
            Value::Text(text) => harmless(text),
            Value::Fen(fen) => fixed(*fen, 2),
            Value::Milli(milli) => shortest(fixed(*milli, 3)),
            Value::Percent(bp) => shortest(fixed(*bp, 2)) + "%",
            Value::Whole(number) => number.to_string(),
            Value::Empty => String::new(),
        }
    }
}

fn csv(titles: &[&str], rows: impl Iterator<Item = Vec<Value>>) -> anyhow::Result<Vec<u8>> {
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer("\u{FEFF}".as_bytes().to_vec());
    writer.write_record(titles)?;
    for row in rows {
        writer.write_record(row.iter().map(Value::csv))?;
    }
    writer.into_inner().context("writing CSV")
}

fn xlsx(titles: &[&str], rows: impl Iterator<Item = Vec<Value>>) -> anyhow::Result<Vec<u8>> {
    let mut workbook = Workbook::new();
    let bold = Format::new().set_bold();
    let money = Format::new().set_num_format("0.00");
    let sheet = workbook.add_worksheet_with_constant_memory()?;
    sheet.set_freeze_panes(1, 0)?;
    for (column, title) in (0u16..).zip(titles) {
        sheet.set_column_width(column, XLSX_COLUMN_WIDTH)?;
        sheet.write_string_with_format(0, column, *title, &bold)?;
    }
    for (at, row) in (1u32..).zip(rows) {
        for (column, value) in (0u16..).zip(row) {
            write_cell(sheet, (at, column), value, &money)?;
        }
    }
    Ok(workbook.save_to_buffer()?)
}

fn write_cell(
    sheet: &mut Worksheet,
    (row, column): (u32, u16),
    value: Value,
    money: &Format,
) -> Result<(), XlsxError> {
    match value {
        Value::Text(text) if text.is_empty() => return Ok(()),
        Value::Text(text) => {
            let shown: String = text.chars().take(XLSX_CELL_CHARS_MAX).collect();
            sheet.write_string(row, column, shown)?
        }
        Value::Fen(fen) => sheet.write_number_with_format(row, column, parts(fen, 100.0), money)?,
        Value::Milli(milli) => sheet.write_number(row, column, parts(milli, 1000.0))?,
        Value::Whole(number) => sheet.write_number(row, column, parts(number, 1.0))?,
        // As text: a number cell of 0.01 would read back as one percent or as one.
        Value::Percent(_) => sheet.write_string(row, column, value.csv())?,
        Value::Empty => return Ok(()),
    };
    Ok(())
}

/// A spreadsheet knows only floating point; the amounts here are far from where it is inexact.
fn parts(value: i64, one: f64) -> f64 {
    value as f64 / one
}

/// A text that no spreadsheet takes for a formula.
fn harmless(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) {
        format!("'{text}")
    } else {
        text.to_owned()
    }
}

/// The number with its last digits behind the point.
fn fixed(value: i64, places: u32) -> String {
    let one = 10u64.pow(places);
    let (whole, rest) = (value.unsigned_abs() / one, value.unsigned_abs() % one);
    let mut text = String::from(if value < 0 { "-" } else { "" });
    let width = places as usize;
    if let Err(error) = write!(text, "{whole}.{rest:0width$}") {
        unreachable!("a string takes everything: {error}");
    }
    text
}

/// Without noughts at the end.
fn shortest(text: String) -> String {
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use calamine::{Data, Reader as _, Xlsx};

    use super::*;

    fn rows() -> Vec<Vec<Value>> {
        let text = |text: &str| Value::Text(text.to_owned());
        vec![
            vec![text("0690123"), Value::Fen(1250), Value::Milli(-3000)],
            vec![text("=HYPERLINK(\"x\")"), Value::Fen(5), Value::Milli(755)],
            vec![text("a,\"b\"\n"), Value::Empty, Value::Percent(1350)],
        ]
    }

    #[test]
    fn csv_has_no_formulas_and_opens_in_excel() {
        let file = SheetFormat::Csv
            .write(&["编码", "价", "数"], rows().into_iter())
            .unwrap();
        assert_eq!(
            String::from_utf8(file).unwrap(),
            "\u{FEFF}编码,价,数\r\n0690123,12.50,-3\r\n\"'=HYPERLINK(\"\"x\"\")\",0.05,0.755\r\n\
             \"a,\"\"b\"\"\n\",,13.5%\r\n"
        );
    }

    #[test]
    fn what_could_start_a_formula_is_text() {
        for text in ["=1", "+1", "-1", "@a", "\tx", "\rx"] {
            assert_eq!(harmless(text), format!("'{text}"));
        }
        assert_eq!(harmless("a=1"), "a=1");
    }

    #[test]
    fn xlsx_keeps_texts_texts_and_numbers_numbers() {
        let file = SheetFormat::Xlsx
            .write(&["编码", "价", "数"], rows().into_iter())
            .unwrap();
        let mut book: Xlsx<_> = calamine::open_workbook_from_rs(Cursor::new(file)).unwrap();
        let sheet = book.worksheet_range_at(0).unwrap().unwrap();
        let text = |text: &str| Data::String(text.to_owned());
        let cells: Vec<Vec<Data>> = sheet.rows().map(<[Data]>::to_vec).collect();
        assert_eq!(cells[0], [text("编码"), text("价"), text("数")]);
        assert_eq!(
            cells[1],
            [text("0690123"), Data::Float(12.5), Data::Float(-3.0)]
        );
        assert_eq!(cells[2][0], text("=HYPERLINK(\"x\")"));
        assert_eq!(cells[3][1], Data::Empty);
        assert_eq!(cells[3][2], text("13.5%"));
    }
}
