//! Rows of a CSV file: its encoding and its delimiter are found out.

use std::borrow::Cow;
use std::io::Write;

use encoding_rs::{Encoding, GB18030, UTF_8};

use super::{COLUMNS_MAX, Refusal, Rows, clean, too_many_columns};

const DELIMITERS: [u8; 3] = [b',', b';', b'\t'];
/// Lines looked at to find the delimiter.
const SAMPLE_LINES: usize = 10;

pub(super) fn read<W: Write>(bytes: &[u8], rows: &mut Rows<W>) -> Result<(), Refusal> {
    let text = decoded(bytes)?;
    if text.contains('\0') {
        let detail = "the file holds NUL bytes: it is neither CSV nor XLSX";
        return Err(Refusal::new("not_a_sheet", detail));
    }
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter(&text))
        .from_reader(text.as_bytes());
    let mut record = csv::StringRecord::new();
    // The sheet's row is the line less the line breaks inside the cells above it.
    let mut inner_lines = 0;
    while reader
        .read_record(&mut record)
        .map_err(|error| Refusal::new("not_a_sheet", error))?
    {
        let number = record.position().map_or(1, |at| line(&text, at)) - inner_lines;
        if record.len() > COLUMNS_MAX && record.iter().skip(COLUMNS_MAX).any(|c| !c.is_empty()) {
            return Err(too_many_columns(number));
        }
        inner_lines += record.iter().map(line_breaks).sum::<i64>();
        let cells = record.iter().take(COLUMNS_MAX).map(clean).collect();
        rows.push(number, cells)?;
    }
    Ok(())
}

/// The line a record begins in; the reader's position is before the empty lines it skips.
fn line(text: &str, at: &csv::Position) -> i64 {
    let start = usize::try_from(at.byte()).unwrap_or(usize::MAX);
    let rest = text.as_bytes().get(start..).unwrap_or_default();
    let skipped = rest.iter().take_while(|byte| matches!(byte, b'\r' | b'\n'));
    let empty = skipped.filter(|byte| **byte == b'\n').count();
    i64::try_from(at.line()).unwrap_or(i64::MAX) + i64::try_from(empty).unwrap_or(0)
}

/// A byte-order mark decides; else UTF-8 when it is that, else what Chinese spreadsheets save.
fn decoded(bytes: &[u8]) -> Result<Cow<'_, str>, Refusal> {
    let encoding = match Encoding::for_bom(bytes) {
        Some((encoding, _)) => encoding,
        None if std::str::from_utf8(bytes).is_ok() => UTF_8,
        None => GB18030,
    };
    let (text, encoding, has_errors) = encoding.decode(bytes);
    if has_errors {
        let detail = format!("not whole text in {}", encoding.name());
        return Err(Refusal::new("bad_encoding", detail));
    }
    Ok(text)
}

/// The delimiter that most of the first lines have, outside quotes; of two, the one they have more of.
fn delimiter(text: &str) -> u8 {
    let lines: Vec<&str> = text.lines().take(SAMPLE_LINES).collect();
    let weight = |delimiter: u8| {
        let counts = lines.iter().map(|line| {
            outside_quotes(line)
                .filter(|byte| *byte == delimiter)
                .count()
        });
        let having = counts.clone().filter(|count| *count > 0).count();
        (having, counts.max().unwrap_or(0))
    };
    let [comma, semicolon, tab] = DELIMITERS.map(weight);
    if tab > comma && tab >= semicolon {
        b'\t'
    } else if semicolon > comma {
        b';'
    } else {
        b','
    }
}

fn outside_quotes(line: &str) -> impl Iterator<Item = u8> {
    let mut quoted = false;
    line.bytes().filter(move |byte| {
        quoted ^= *byte == b'"';
        !quoted
    })
}

fn line_breaks(cell: &str) -> i64 {
    i64::try_from(cell.matches('\n').count()).unwrap_or(0)
}
