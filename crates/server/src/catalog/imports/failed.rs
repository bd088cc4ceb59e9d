//! The failed rows as a sheet: what was sent and, behind it, what is wrong; to be corrected and sent
//! again.

use rust_xlsxwriter::{Format, Workbook};
use serde_json::Value;

use crate::{App, Result};

use super::BAD;
use super::rows::{self, Row, Wanted};
use super::store::Import;
use super::texts::{Lang, error_header, sentence};

/// A file's rows are never more.
const ROWS_MAX: i64 = 200_000;

/// The table of failed rows, its header first.
pub(super) async fn table(app: &App, import: &Import, lang: Lang) -> Result<Vec<Vec<String>>> {
    let wanted = Wanted {
        states: &[BAD],
        limit: ROWS_MAX,
        ..Wanted::default()
    };
    let rows = rows::list_rows(app.db.read_fresh(), import.id, wanted).await?;
    let mut header = import.headers()?;
    let width = header.len();
    header.push(error_header(lang).to_owned());
    let mut table = vec![header];
    for row in rows {
        table.push(line(&row, width, lang)?);
    }
    Ok(table)
}

fn line(row: &Row, width: usize, lang: Lang) -> Result<Vec<String>> {
    let errors: Vec<Value> = serde_json::from_str(&row.errors).map_err(anyhow::Error::from)?;
    let mut cells = row.cells()?;
    cells.resize(width, String::new());
    cells.push(sentence(&errors, lang));
    Ok(cells)
}

/// As CSV that Excel opens in Chinese: a byte-order mark in front, and nothing in it is a formula.
pub(super) fn csv(table: &[Vec<String>]) -> Result<Vec<u8>> {
    let mut writer = csv::WriterBuilder::new().from_writer("\u{feff}".as_bytes().to_vec());
    for row in table {
        let cells = row.iter().map(|cell| harmless(cell));
        writer.write_record(cells).map_err(anyhow::Error::from)?;
    }
    let bytes = writer.into_inner();
    Ok(bytes.map_err(|error| anyhow::anyhow!(error.to_string()))?)
}

/// As XLSX with every cell a text, so that barcodes stay whole.
pub(super) fn xlsx(table: &[Vec<String>]) -> Result<Vec<u8>> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    let text = Format::new().set_num_format("@");
    let written = || -> Result<(), rust_xlsxwriter::XlsxError> {
        sheet.set_freeze_panes(1, 0)?;
        for (row, cells) in (0u32..).zip(table) {
            for (column, cell) in (0u16..).zip(cells) {
                sheet.write_string_with_format(row, column, cell, &text)?;
            }
        }
        Ok(())
    };
    let mut written = written;
    written().map_err(anyhow::Error::from)?;
    Ok(book.save_to_buffer().map_err(anyhow::Error::from)?)
}

/// A spreadsheet takes what begins so for a formula; behind an apostrophe it is text, and the import
/// drops the apostrophe again.
fn harmless(cell: &str) -> String {
    let is_formula = cell.len() > 1 && cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
    if is_formula {
        format!("'{cell}")
    } else {
        cell.to_owned()
    }
}
