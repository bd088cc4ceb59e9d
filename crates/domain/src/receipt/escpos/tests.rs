use proptest::prelude::*;

use super::*;
use crate::receipt::layout;
use crate::receipt::tests::{any_receipt, sample};

const PLAIN: Job = Job {
    width: Width::Mm58,
    open_drawer: false,
    cut: false,
};
const START: [u8; 4] = [0x1B, 0x40, 0x1C, 0x26];

/// A strict reader of the commands this module may write: anything else is an error.
struct Printer<'a> {
    rest: &'a [u8],
    seen: Vec<Seen>,
}

#[derive(Debug, PartialEq)]
enum Seen {
    Text(String),
    Drawer,
    Cut,
    Qr(Vec<u8>),
    Bars(Vec<u8>),
}

impl<'a> Printer<'a> {
    fn run(bytes: &'a [u8]) -> Result<Vec<Seen>, String> {
        let mut printer = Printer {
            rest: bytes,
            seen: Vec::new(),
        };
        let mut line = Vec::new();
        while let Some(byte) = printer.rest.first().copied() {
            if byte >= 0x80 {
                // Four bytes when the second is a digit (GB18030), else two.
                let four = printer.rest.get(1).is_some_and(u8::is_ascii_digit);
                line.extend_from_slice(printer.take(if four { 4 } else { 2 })?);
            } else if byte >= 0x20 {
                line.extend_from_slice(printer.take(1)?);
            } else if byte == LINE_FEED {
                printer.take(1)?;
                let (text, _, broken) = GB18030.decode(&line);
                assert!(!broken);
                printer.seen.push(Seen::Text(text.into_owned()));
                line.clear();
            } else {
                printer.command()?;
            }
        }
        Ok(printer.seen)
    }

    fn take(&mut self, n: usize) -> Result<&'a [u8], String> {
        if self.rest.len() < n {
            return Err(format!("cut off: {:x?}", self.rest));
        }
        let (taken, rest) = self.rest.split_at(n);
        self.rest = rest;
        Ok(taken)
    }

    fn command(&mut self) -> Result<(), String> {
        match self.take(2)? {
            [0x1B, 0x40] | [0x1C, 0x26] => Ok(()),
            [0x1B, 0x61 | 0x45 | 0x64] | [0x1D, 0x21 | 0x48 | 0x68 | 0x77] => {
                self.take(1).map(drop)
            }
            [0x1B, 0x70] => {
                assert_eq!(self.take(3)?, [0x00, 0x32, 0x32]);
                self.seen.push(Seen::Drawer);
                Ok(())
            }
            [0x1D, 0x56] => {
                assert_eq!(self.take(2)?, [0x42, 0x00]);
                self.seen.push(Seen::Cut);
                Ok(())
            }
            [0x1D, 0x6B] => {
                let length = usize::from(self.take(2)?[1]);
                let data = self.take(length)?.to_vec();
                self.seen.push(Seen::Bars(data));
                Ok(())
            }
            [0x1D, 0x28] => self.qr(),
            other => Err(format!("unexpected command {other:x?}")),
        }
    }

    fn qr(&mut self) -> Result<(), String> {
        let head = self.take(3)?;
        let body = self.take(usize::from(head[1]) + 256 * usize::from(head[2]))?;
        if body.starts_with(&[0x31, 0x50, 0x30]) {
            self.seen.push(Seen::Qr(body[3..].to_vec()));
        }
        Ok(())
    }
}

fn row(text: &str, align: Align, bold: bool, size: Size) -> Row {
    Row::Text(TextRow {
        text: text.to_owned(),
        align,
        bold,
        size,
    })
}

#[test]
fn text_is_gb18030_with_its_align_weight_and_size() {
    let rows = [
        row("合计", Align::Center, true, Size::Double),
        row("A¥", Align::Right, false, Size::Normal),
    ];
    let mut expected = START.to_vec();
    expected.extend([0x1B, 0x61, 1, 0x1B, 0x45, 1, 0x1D, 0x21, 0x11]);
    expected.extend([0xBA, 0xCF, 0xBC, 0xC6, 0x0A]);
    expected.extend([0x1B, 0x61, 2, 0x1B, 0x45, 0, 0x1D, 0x21, 0x00]);
    expected.extend([b'A', 0xA3, 0xA4, 0x0A]);
    assert_eq!(encode(&rows, &PLAIN), expected);
}

#[test]
fn a_name_with_commands_inside_stays_a_name() {
    let hostile = "可乐\u{1b}p\u{0}22\u{1d}V\u{42}\u{0}\u{10}\u{4}\u{1}\u{7f}\n乐";
    let bytes = encode(&[row(hostile, Align::Left, false, Size::Normal)], &PLAIN);
    let text = "可乐 p 22 VB      乐".to_owned();
    assert_eq!(Printer::run(&bytes), Ok(vec![Seen::Text(text)]));
}

#[test]
fn the_drawer_opens_and_the_paper_is_cut_only_when_asked() {
    for (open_drawer, cut) in [(false, false), (true, false), (false, true), (true, true)] {
        let bytes = encode(
            &layout(&sample(), Width::Mm80),
            &Job {
                width: Width::Mm80,
                open_drawer,
                cut,
            },
        );
        let seen = Printer::run(&bytes).expect("well formed");
        assert_eq!(seen.contains(&Seen::Drawer), open_drawer);
        assert_eq!(seen.last() == Some(&Seen::Cut), cut);
    }
    assert_eq!(drawer_only(), [0x1B, 0x40, 0x1B, 0x70, 0x00, 0x32, 0x32]);
}

#[test]
fn a_qr_code_is_the_five_commands_of_the_manual() {
    let mut expected = START.to_vec();
    expected.extend([0x1B, 0x61, 1]);
    expected.extend([0x1D, 0x28, 0x6B, 4, 0, 0x31, 0x41, 0x32, 0]);
    expected.extend([0x1D, 0x28, 0x6B, 3, 0, 0x31, 0x43, 6]);
    expected.extend([0x1D, 0x28, 0x6B, 3, 0, 0x31, 0x45, 0x31]);
    expected.extend([0x1D, 0x28, 0x6B, 5, 0, 0x31, 0x50, 0x30, b'h', b'i']);
    expected.extend([0x1D, 0x28, 0x6B, 3, 0, 0x31, 0x51, 0x30, 0x0A]);
    assert_eq!(encode(&[Row::Qr("hi".to_owned())], &PLAIN), expected);
}

#[test]
fn a_qr_payload_too_long_is_printed_as_text_and_an_empty_one_not_at_all() {
    let fits = encode(&[Row::Qr("x".repeat(2331))], &PLAIN);
    assert!(
        Printer::run(&fits)
            .expect("well formed")
            .contains(&Seen::Qr(vec![b'x'; 2331]))
    );
    let long = encode(&[Row::Qr("x".repeat(2332))], &PLAIN);
    assert_eq!(Printer::run(&long), Ok(vec![Seen::Text("x".repeat(2332))]));
    assert_eq!(encode(&[Row::Qr(" \u{1b} ".to_owned())], &PLAIN), START);
}

#[test]
fn barcodes_take_the_narrowest_form_that_can_be_scanned() {
    for (number, width, symbol) in [
        ("6901234567892", Width::Mm58, b"C\x0d6901234567892".to_vec()),
        ("2026", Width::Mm58, vec![0x49, 4, b'{', b'C', 20, 26]),
        (
            "12026",
            Width::Mm58,
            vec![0x49, 7, b'{', b'B', b'1', b'{', b'C', 20, 26],
        ),
        ("A{1", Width::Mm80, b"I\x06{BA{{1".to_vec()),
        ("S01-000123", Width::Mm58, b"I\x0c{BS01-000123".to_vec()),
    ] {
        let bytes = encode(&[Row::Barcode(number.to_owned())], &Job { width, ..PLAIN });
        let at = bytes
            .windows(2)
            .position(|two| two == [0x1D, 0x6B])
            .expect("a barcode");
        assert_eq!(bytes[at + 2..bytes.len() - 1], symbol[..], "{number}");
    }
}

#[test]
fn barcodes_fit_the_paper_or_become_text() {
    let module = |number: &str, width| {
        let bytes = encode(&[Row::Barcode(number.to_owned())], &Job { width, ..PLAIN });
        let at = bytes.windows(2).position(|two| two == [0x1D, 0x77])?;
        bytes.get(at + 2).copied()
    };
    assert_eq!(module("20260115010001", Width::Mm58), Some(2));
    assert_eq!(module("20260115010001", Width::Mm80), Some(3));
    assert_eq!(module("20260115-01-000001", Width::Mm58), Some(1));
    assert_eq!(module("20260115-01-000001", Width::Mm80), Some(2));
    assert_eq!(module(&"A".repeat(40), Width::Mm58), None);
    assert_eq!(module(&"9".repeat(61), Width::Mm80), None);
    assert_eq!(module("单号1", Width::Mm80), None);
    assert_eq!(module("", Width::Mm80), None);
}

proptest! {
    #[test]
    fn no_text_of_any_receipt_becomes_a_command(receipt in any_receipt(), open_drawer: bool) {
        for width in [Width::Mm58, Width::Mm80] {
            let job = Job { width, open_drawer, cut: true };
            let seen = Printer::run(&encode(&layout(&receipt, width), &job));
            prop_assert!(seen.is_ok(), "{:?}", seen);
            let seen = seen.expect("just checked");
            let drawers = seen.iter().filter(|one| **one == Seen::Drawer).count();
            prop_assert_eq!(drawers, usize::from(open_drawer));
            prop_assert_eq!(seen.iter().filter(|one| **one == Seen::Cut).count(), 1);
        }
    }

    #[test]
    fn rows_from_elsewhere_are_harmless_too(text in any::<String>()) {
        let rows = [row(&text, Align::Left, true, Size::Normal), Row::Qr(text.clone()), Row::Barcode(text)];
        let seen = Printer::run(&encode(&rows, &PLAIN));
        prop_assert!(seen.is_ok_and(|seen| !seen.contains(&Seen::Drawer)));
    }
}
