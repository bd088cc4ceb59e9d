//! The child process that reads a sheet: strangers' files never touch the server's own memory.
//!
//! Promises: every row of the first sheet as text, one JSON line each, then how many there were; or
//! one line that says why not. Limits its own memory, time and files before it opens anything, so
//! the worst a hostile file can do is end this process.
//! Refuses: more than 200,000 rows or 256 columns, a zip that unpacks to more than 128 MiB or 200
//! times its size, other formats, bytes that are no text.

mod csv_rows;
mod xlsx_rows;

use std::io::{BufWriter, Read as _, Write};
use std::path::Path;
use std::process::ExitCode;

use rustix::process::{Resource, Rlimit, setrlimit};
use serde::{Deserialize, Serialize};

/// Rows of one file.
pub(super) const ROWS_MAX: i64 = 200_000;
/// Columns of one row.
pub(super) const COLUMNS_MAX: usize = 256;
/// Bytes of one row as it is sent to the parent.
pub(super) const LINE_MAX: usize = 1024 * 1024;
/// What a spreadsheet allows in a cell.
const CELL_CHARS_MAX: usize = 32_767;
/// Bytes of text in one row; JSON at most doubles what a row without control characters needs.
const ROW_BYTES_MAX: usize = 400_000;
const MEMORY: u64 = 512 * 1024 * 1024;
const CPU_SECONDS: u64 = 30;
const FILES: u64 = 32;
/// Exit status of a refusal: `EX_DATAERR` of sysexits.
const EXIT_REFUSED: u8 = 65;

/// One line from the worker to the server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Line {
    /// The row's number in the sheet, from 1, and its cells.
    Row(i64, Vec<String>),
    /// There are no more; how many there were.
    End(i64),
    /// The file cannot be read.
    Refused(Refusal),
}

/// Why a file cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Refusal {
    /// What the interface switches on: `too_many_rows`, `not_a_sheet` …
    pub(super) reason: String,
    /// In English, for whoever looks closer.
    pub(super) detail: String,
}

impl Refusal {
    pub(super) fn new(reason: &str, detail: impl std::fmt::Display) -> Refusal {
        Refusal {
            reason: reason.to_owned(),
            detail: detail.to_string(),
        }
    }
}

/// Where rows go, and what counts them.
struct Rows<W> {
    out: W,
    count: i64,
}

/// Reads `file` and writes its rows to standard output.
pub fn run(file: &Path) -> ExitCode {
    if let Err(error) = limit() {
        let refusal = Refusal::new("trouble", format!("the limits cannot be set: {error}"));
        return finish(&mut std::io::stdout().lock(), &Line::Refused(refusal));
    }
    let mut rows = Rows {
        out: BufWriter::with_capacity(64 * 1024, std::io::stdout().lock()),
        count: 0,
    };
    let last = match read(file, &mut rows) {
        Ok(()) => Line::End(rows.count),
        Err(refusal) => Line::Refused(refusal),
    };
    finish(&mut rows.out, &last)
}

/// What cannot be undone: less memory, time and files for the rest of this process's life.
fn limit() -> std::io::Result<()> {
    for (resource, most) in [
        (Resource::As, MEMORY),
        (Resource::Cpu, CPU_SECONDS),
        (Resource::Fsize, 0),
        (Resource::Nofile, FILES),
        (Resource::Core, 0),
    ] {
        let limit = Rlimit {
            current: Some(most),
            maximum: Some(most),
        };
        setrlimit(resource, limit)?;
    }
    Ok(())
}

fn finish(out: &mut impl Write, last: &Line) -> ExitCode {
    let written = serde_json::to_writer(&mut *out, last)
        .map_err(std::io::Error::from)
        .and_then(|()| out.write_all(b"\n"))
        .and_then(|()| out.flush());
    match (written, last) {
        (Ok(()), Line::End(_)) => ExitCode::SUCCESS,
        (Ok(()), _) => ExitCode::from(EXIT_REFUSED),
        (Err(_), _) => ExitCode::FAILURE,
    }
}

fn read<W: Write>(file: &Path, rows: &mut Rows<W>) -> Result<(), Refusal> {
    let unreadable = |error| Refusal::new("unreadable", error);
    let mut bytes = Vec::new();
    std::fs::File::open(file)
        .and_then(|mut file| file.read_to_end(&mut bytes))
        .map_err(unreadable)?;
    read_bytes(&bytes, rows)
}

/// The format is what the bytes say, whatever the file is called.
fn read_bytes<W: Write>(bytes: &[u8], rows: &mut Rows<W>) -> Result<(), Refusal> {
    if bytes.is_empty() {
        return Err(Refusal::new("empty", "the file is empty"));
    }
    if bytes.starts_with(b"PK") {
        return xlsx_rows::read(bytes, rows);
    }
    if bytes.starts_with(&[0xd0, 0xcf, 0x11, 0xe0]) {
        let detail = "the old Excel format; save it as .xlsx or .csv";
        return Err(Refusal::new("old_excel", detail));
    }
    csv_rows::read(bytes, rows)
}

impl<W: Write> Rows<W> {
    /// Sends a row; trailing empty cells and rows of nothing are left out.
    fn push(&mut self, number: i64, mut cells: Vec<String>) -> Result<(), Refusal> {
        while cells.last().is_some_and(|cell| cell.trim().is_empty()) {
            cells.pop();
        }
        if cells.is_empty() {
            return Ok(());
        }
        self.count += 1;
        if self.count > ROWS_MAX {
            let detail = format!("more than {ROWS_MAX} rows");
            return Err(Refusal::new("too_many_rows", detail));
        }
        if cells.len() > COLUMNS_MAX {
            return Err(too_many_columns(number));
        }
        if cells.iter().map(String::len).sum::<usize>() > ROW_BYTES_MAX {
            let detail = format!("row {number} is longer than {ROW_BYTES_MAX} bytes");
            return Err(Refusal::new("row_too_long", detail));
        }
        let sent = serde_json::to_writer(&mut self.out, &Line::Row(number, cells))
            .map_err(std::io::Error::from)
            .and_then(|()| self.out.write_all(b"\n"));
        sent.map_err(|error| Refusal::new("trouble", error))
    }
}

fn too_many_columns(number: i64) -> Refusal {
    let detail = format!("row {number} has more than {COLUMNS_MAX} columns");
    Refusal::new("too_many_columns", detail)
}

/// A cell's text: no control characters but line breaks and tabs, no longer than a spreadsheet's.
fn clean(text: &str) -> String {
    text.chars()
        .take(CELL_CHARS_MAX)
        .map(|ch| match ch {
            '\n' | '\t' => ch,
            ch if ch.is_control() => ' ',
            ch => ch,
        })
        .collect()
}

#[cfg(test)]
mod tests;
