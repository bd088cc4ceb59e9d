//! Rows of the first sheet of an XLSX file, cell by cell: never a rectangle that a cell far away
//! could blow up.

use std::io::{Cursor, Write};

use calamine::{DataRef, ExcelDateTime, Reader as _, Xlsx};

use super::{COLUMNS_MAX, Refusal, Rows, clean, too_many_columns};

/// Bytes all parts may unpack to.
const UNPACKED_MAX: u64 = 128 * 1024 * 1024;
/// How many times its size a file may unpack to.
const RATIO_MAX: u64 = 200;
/// A file may unpack to this much whatever the ratio: small sheets are mostly repetition.
const UNPACKED_FREE: u64 = 4 * 1024 * 1024;
/// Whole numbers up to here are exact in a spreadsheet's arithmetic.
const EXACT_MAX: f64 = 9_007_199_254_740_992.0;

pub(super) fn read<W: Write>(bytes: &[u8], rows: &mut Rows<W>) -> Result<(), Refusal> {
    check_directory(bytes)?;
    let not_a_sheet = |error| Refusal::new("not_a_sheet", error);
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(not_a_sheet)?;
    let first = book
        .sheet_names()
        .first()
        .cloned()
        .ok_or_else(|| Refusal::new("not_a_sheet", "the workbook has no sheet"))?;
    let mut reader = book.worksheet_cells_reader(&first).map_err(not_a_sheet)?;
    let mut row = 0;
    let mut cells: Vec<String> = Vec::new();
    while let Some(cell) = reader.next_cell().map_err(not_a_sheet)? {
        let (at_row, at_column) = cell.get_position();
        if at_row != row {
            rows.push(i64::from(row) + 1, std::mem::take(&mut cells))?;
            row = at_row;
        }
        let text = text(cell.get_value());
        if text.is_empty() {
            continue;
        }
        let at = usize::try_from(at_column).unwrap_or(usize::MAX);
        if at >= COLUMNS_MAX {
            return Err(too_many_columns(i64::from(row) + 1));
        }
        if cells.len() <= at {
            cells.resize(at + 1, String::new());
        }
        cells[at] = text;
    }
    rows.push(i64::from(row) + 1, cells)
}

/// What the zip says it unpacks to. One that lies meets the limits of the process.
fn check_directory(bytes: &[u8]) -> Result<(), Refusal> {
    let broken = |error| Refusal::new("broken_zip", error);
    let mut zip = zip::ZipArchive::new(Cursor::new(bytes)).map_err(broken)?;
    let mut unpacked: u64 = 0;
    for at in 0..zip.len() {
        let part = zip.by_index_raw(at).map_err(broken)?;
        unpacked = unpacked.saturating_add(part.size());
    }
    let packed = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    let too_dense = unpacked > UNPACKED_FREE && unpacked / packed.max(1) > RATIO_MAX;
    if unpacked > UNPACKED_MAX || too_dense {
        let detail = format!("{packed} bytes would unpack to {unpacked}");
        return Err(Refusal::new("zip_bomb", detail));
    }
    Ok(())
}

fn text(value: &DataRef<'_>) -> String {
    match value {
        DataRef::Int(number) => number.to_string(),
        DataRef::Float(number) => number_text(*number),
        DataRef::String(text) => clean(text),
        DataRef::SharedString(text) => clean(text),
        DataRef::Bool(true) => "TRUE".to_owned(),
        DataRef::Bool(false) => "FALSE".to_owned(),
        DataRef::DateTime(at) => date_text(*at),
        DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => clean(text),
        DataRef::Error(error) => error.to_string(),
        DataRef::Empty => String::new(),
    }
}

/// As a spreadsheet shows it: fifteen digits, whole numbers exactly. One too large to be exact keeps
/// its exponent, so that a barcode among them is refused and not made up.
fn number_text(number: f64) -> String {
    if !number.is_finite() {
        return "#NUM!".to_owned();
    }
    if number.abs() >= EXACT_MAX {
        return format!("{number:.14e}");
    }
    if number.fract() == 0.0 {
        return format!("{number:.0}");
    }
    format!("{number:.14e}")
        .parse::<f64>()
        .map_or_else(|_| number.to_string(), |rounded| rounded.to_string())
}

fn date_text(at: ExcelDateTime) -> String {
    if !at.is_datetime() {
        return number_text(at.as_f64());
    }
    let (year, month, day, hour, minute, second, _) = at.to_ymd_hms_milli();
    if (hour, minute, second) == (0, 0, 0) {
        format!("{year:04}-{month:02}-{day:02}")
    } else {
        format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}")
    }
}
