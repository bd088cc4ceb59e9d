use super::*;

fn lines(bytes: &[u8]) -> Result<Vec<(i64, Vec<String>)>, String> {
    let mut rows = Rows {
        out: Vec::new(),
        count: 0,
    };
    read_bytes(bytes, &mut rows).map_err(|refusal| refusal.reason)?;
    let text = String::from_utf8(rows.out).expect("JSON");
    let parse = |line: &str| match serde_json::from_str(line).expect("a line") {
        Line::Row(number, cells) => (number, cells),
        other => panic!("not a row: {other:?}"),
    };
    Ok(text.lines().map(parse).collect())
}

fn row(number: i64, cells: &[&str]) -> (i64, Vec<String>) {
    let cells = cells.iter().map(|cell| (*cell).to_owned()).collect();
    (number, cells)
}

fn workbook(fill: impl FnOnce(&mut rust_xlsxwriter::Worksheet)) -> Vec<u8> {
    let mut book = rust_xlsxwriter::Workbook::new();
    fill(book.add_worksheet());
    book.save_to_buffer().expect("a workbook")
}

#[test]
fn text_is_read_in_every_usual_encoding() {
    let text = "名称,零售价\n可乐,3\n";
    let expected = vec![row(1, &["名称", "零售价"]), row(2, &["可乐", "3"])];
    let utf16 = |big: bool| {
        let mut bytes = if big {
            vec![0xfe, 0xff]
        } else {
            vec![0xff, 0xfe]
        };
        for unit in text.encode_utf16() {
            bytes.extend(if big {
                unit.to_be_bytes()
            } else {
                unit.to_le_bytes()
            });
        }
        bytes
    };
    let gbk = encoding_rs::GBK.encode(text).0.into_owned();
    let with_bom = ["\u{feff}", text].concat().into_bytes();
    for bytes in [
        text.as_bytes().to_vec(),
        with_bom,
        gbk,
        utf16(true),
        utf16(false),
    ] {
        assert_eq!(lines(&bytes), Ok(expected.clone()), "{bytes:?}");
    }
}

#[test]
fn the_delimiter_is_found_and_rows_keep_their_number() {
    let expected = vec![
        row(1, &["a", "b;c"]),
        row(3, &["1\n2", "3"]),
        row(4, &["x"]),
    ];
    assert_eq!(lines(b"a,\"b;c\"\n\n\"1\n2\",3\nx\n"), Ok(expected.clone()));
    let numbers = |bytes| lines(bytes).map(|rows| rows.iter().map(|row| row.0).collect());
    assert_eq!(
        numbers(b"a\tb;c\r\n\r\n\"1\n2\"\t3\r\nx,\r\n"),
        Ok(vec![1, 3, 4])
    );
    assert_eq!(
        lines(b"a;b\n1,5;2\n"),
        Ok(vec![row(1, &["a", "b"]), row(2, &["1,5", "2"])])
    );
}

#[test]
fn what_is_no_sheet_is_refused_with_its_reason() {
    let whole = workbook(|sheet| {
        sheet.write(0, 0, "名称").expect("written");
    });
    let wide = vec![b','; 5000]
        .into_iter()
        .chain(*b"x\n")
        .collect::<Vec<_>>();
    let long = "1\n".repeat(200_001);
    for (bytes, reason) in [
        (b"".as_slice(), "empty"),
        (b"name,price\0\n", "not_a_sheet"),
        (b"\x89PNG\r\n\x1a\n\0\0\0", "not_a_sheet"),
        (b"name,price\n\xff\xff\xff", "bad_encoding"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "old_excel"),
        (&whole[..whole.len() / 2], "broken_zip"),
        (b"PK\x03\x04nothing", "broken_zip"),
        (&wide, "too_many_columns"),
        (long.as_bytes(), "too_many_rows"),
        (
            include_bytes!("../../../../tests/data/sparse_1k4_aborts_calamine.xlsx"),
            "too_many_columns",
        ),
    ] {
        assert_eq!(lines(bytes), Err(reason.to_owned()));
    }
}

#[test]
fn a_zip_that_unpacks_to_too_much_is_not_unpacked() {
    let bomb = workbook(|sheet| {
        let text = "0".repeat(32_000);
        for at in 0..400 {
            sheet.write(at, 0, format!("{at}{text}")).expect("written");
        }
    });
    assert!(bomb.len() < 200_000, "{}", bomb.len());
    assert_eq!(lines(&bomb), Err("zip_bomb".to_owned()));
}

#[test]
fn numbers_are_text_without_noise_and_formulas_their_value() {
    let bytes = workbook(|sheet| {
        let numbers = [6_901_234_567_892.0, 0.1 + 0.2, 12.5, 1e18, 0.13, -3.0];
        for (at, number) in (0u16..).zip(numbers) {
            sheet.write(0, at, number).expect("written");
        }
        let formula = rust_xlsxwriter::Formula::new("=1+1").set_result("2");
        sheet.write(2, 0, formula).expect("written");
        sheet.write(2, 1, true).expect("written");
        sheet.write(2, 2, "=HYPERLINK(\"x\")").expect("written");
        sheet.write(2, 3, "a\u{1}b").expect("written");
    });
    let found = lines(&bytes).expect("readable");
    let expected = [
        "6901234567892",
        "0.3",
        "12.5",
        "1.00000000000000e18",
        "0.13",
        "-3",
    ];
    assert_eq!(found[0], row(1, &expected));
    assert_eq!(found[1].0, 3);
    assert_eq!(found[1].1[..2], ["2".to_owned(), "TRUE".to_owned()]);
    assert!(!found[1].1[3].contains('\u{1}'));
    assert_eq!(lines(b"=1+1,@x\n"), Ok(vec![row(1, &["=1+1", "@x"])]));
}
