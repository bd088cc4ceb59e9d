//! Rows as ESC/POS, the language of receipt printers (58 and 80 mm, TCP port 9100, USB, serial).
//!
//! Promises: one job is self-contained (it starts with a reset); text is GB18030; the only control
//! bytes in the stream are those of the commands written here, whatever the texts contain; the
//! drawer opens only when asked.
//! Refuses to print a barcode that does not fit on the paper: its text is printed instead.

use encoding_rs::GB18030;

use super::text::printable;
use super::{Align, Row, Size, TextRow, Width};
use crate::barcode::{Barcode, BarcodeKind};

/// What happens around the rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Job {
    pub width: Width,
    /// Kick the cash drawer before printing.
    pub open_drawer: bool,
    /// Feed and cut after the last row.
    pub cut: bool,
}

/// Opens the drawer on pin 2: a pulse of 100 ms, then 100 ms of rest (`ESC p`, units of 2 ms).
pub const DRAWER_KICK: [u8; 5] = [0x1B, 0x70, 0x00, 0x32, 0x32];

const INIT: [u8; 2] = [0x1B, 0x40];
const CHINESE_MODE: [u8; 2] = [0x1C, 0x26];
const FEED_FOUR: [u8; 3] = [0x1B, 0x64, 0x04];
const CUT: [u8; 4] = [0x1D, 0x56, 0x42, 0x00];
const LINE_FEED: u8 = 0x0A;

/// The bytes to send to the printer.
pub fn encode(rows: &[Row], job: &Job) -> Vec<u8> {
    let mut bytes = Vec::new();
    bytes.extend(INIT);
    bytes.extend(CHINESE_MODE);
    if job.open_drawer {
        bytes.extend(DRAWER_KICK);
    }
    for row in rows {
        match row {
            Row::Text(row) => text(&mut bytes, row),
            Row::Qr(payload) => qr(&mut bytes, payload),
            Row::Barcode(number) => barcode(&mut bytes, number, job.width),
        }
    }
    if job.cut {
        bytes.extend(FEED_FOUR);
        bytes.extend(CUT);
    }
    bytes
}

/// A job that only opens the drawer.
pub fn drawer_only() -> Vec<u8> {
    [&INIT[..], &DRAWER_KICK[..]].concat()
}

fn text(bytes: &mut Vec<u8>, row: &TextRow) {
    align(bytes, row.align);
    bytes.extend([0x1B, 0x45, u8::from(row.bold)]);
    let size = match row.size {
        Size::Normal => 0x00,
        Size::Double => 0x11,
    };
    bytes.extend([0x1D, 0x21, size]);
    // A row may come from elsewhere than the layout, so its text is cleaned here once more.
    let text = printable(&row.text);
    let (encoded, _, _) = GB18030.encode(&text);
    bytes.extend_from_slice(&encoded);
    bytes.push(LINE_FEED);
}

fn align(bytes: &mut Vec<u8>, align: Align) {
    let n = match align {
        Align::Left => 0,
        Align::Center => 1,
        Align::Right => 2,
    };
    bytes.extend([0x1B, 0x61, n]);
}

fn centered_text(bytes: &mut Vec<u8>, content: &str) {
    let (align, size) = (Align::Center, Size::Normal);
    text(
        bytes,
        &TextRow {
            text: content.to_owned(),
            align,
            bold: false,
            size,
        },
    );
}

/// The most bytes a QR code of error correction level M holds (version 40,
/// ISO/IEC 18004); a longer payload is printed as text.
const QR_CAPACITY: usize = 2331;

fn qr(bytes: &mut Vec<u8>, payload: &str) {
    let payload = printable(payload);
    let data = payload.trim().as_bytes();
    if data.is_empty() {
        return;
    }
    if data.len() > QR_CAPACITY {
        return centered_text(bytes, payload.trim());
    }
    // Dots per module, so that the symbol stays inside 384 dots at the version this length needs.
    let module = match data.len() {
        ..=100 => 6,
        101..=300 => 4,
        301..=1000 => 3,
        _ => 2,
    };
    align(bytes, Align::Center);
    bytes.extend([0x1D, 0x28, 0x6B, 0x04, 0x00, 0x31, 0x41, 0x32, 0x00]);
    bytes.extend([0x1D, 0x28, 0x6B, 0x03, 0x00, 0x31, 0x43, module]);
    // Error correction 0x31 = level M.
    bytes.extend([0x1D, 0x28, 0x6B, 0x03, 0x00, 0x31, 0x45, 0x31]);
    let [low, high, ..] = (data.len() + 3).to_le_bytes();
    bytes.extend([0x1D, 0x28, 0x6B, low, high, 0x31, 0x50, 0x30]);
    bytes.extend_from_slice(data);
    bytes.extend([0x1D, 0x28, 0x6B, 0x03, 0x00, 0x31, 0x51, 0x30]);
    bytes.push(LINE_FEED);
}

fn barcode(bytes: &mut Vec<u8>, number: &str, width: Width) {
    let number = printable(number);
    let number = number.trim();
    let Some(symbol) = ean_13(number).or_else(|| code_128(number)) else {
        return centered_text(bytes, number);
    };
    let Some(module) = [3, 2, 1].into_iter().find(|dots| symbol.fits(*dots, width)) else {
        return centered_text(bytes, number);
    };
    align(bytes, Align::Center);
    // Digits below the bars, 80 dots high.
    bytes.extend([0x1D, 0x48, 0x02, 0x1D, 0x68, 0x50, 0x1D, 0x77, module]);
    let length = u8::try_from(symbol.data.len()).expect("a symbol that fits is short");
    bytes.extend([0x1D, 0x6B, symbol.kind, length]);
    bytes.extend(symbol.data);
    bytes.push(LINE_FEED);
}

struct Symbol {
    /// The `m` of `GS k m n`, form B.
    kind: u8,
    data: Vec<u8>,
    /// Width in modules, with the quiet zones.
    modules: usize,
}

impl Symbol {
    fn fits(&self, dots_per_module: u8, width: Width) -> bool {
        self.modules * usize::from(dots_per_module) <= width.dots()
    }
}

fn ean_13(number: &str) -> Option<Symbol> {
    let barcode = Barcode::parse(number).ok()?;
    let as_written = barcode.kind() == BarcodeKind::Ean13 && barcode.as_str() == number;
    as_written.then(|| Symbol {
        kind: 0x43,
        data: number.into(),
        modules: 113,
    })
}

// Code 128 (ISO/IEC 15417): digits go two by two in set C, which makes long numbers narrow enough
// for 58 mm; everything else in set B.
fn code_128(number: &str) -> Option<Symbol> {
    let printable_ascii = |byte: u8| (0x20..=0x7E).contains(&byte);
    if number.is_empty() || number.len() > 60 || !number.bytes().all(printable_ascii) {
        return None;
    }
    let digits = number.len() >= 4 && number.bytes().all(|byte| byte.is_ascii_digit());
    let (in_b, in_c) = number.split_at(if digits {
        number.len() % 2
    } else {
        number.len()
    });
    let mut data = Vec::new();
    let mut codewords = 0;
    if !in_b.is_empty() {
        data.extend(*b"{B");
        codewords += 1 + in_b.len();
    }
    for byte in in_b.bytes() {
        // The brace introduces a set, so it is doubled to mean itself.
        data.extend(std::iter::repeat_n(byte, if byte == b'{' { 2 } else { 1 }));
    }
    if !in_c.is_empty() {
        data.extend(*b"{C");
        codewords += 1 + in_c.len() / 2;
    }
    for two in in_c.as_bytes().chunks_exact(2) {
        data.push((two[0] - b'0') * 10 + (two[1] - b'0'));
    }
    // Eleven modules a codeword, the checksum, thirteen for the stop, ten of quiet on each side.
    let modules = (codewords + 1) * 11 + 13 + 20;
    Some(Symbol {
        kind: 0x49,
        data,
        modules,
    })
}

#[cfg(test)]
mod tests;
