use proptest::prelude::*;

use super::*;

fn parsed(raw: &str) -> String {
    match Barcode::parse(raw) {
        Ok(barcode) => format!("{:?} {barcode}", barcode.kind()),
        Err(error) => format!("{error:?}"),
    }
}

#[test]
fn every_form_of_a_trade_item_number_is_normalised() {
    for (raw, expected) in [
        ("6901234567892", "Ean13 6901234567892"),
        ("  6901234567892\r\n", "Ean13 6901234567892"),
        ("６９０１２３４５６７８９２", "Ean13 6901234567892"),
        ("]E06901234567892", "Ean13 6901234567892"),
        ("]C16901234567892", "Ean13 6901234567892"),
        ("]d26901234567892", "Ean13 6901234567892"),
        ("]e06901234567892", "Ean13 6901234567892"),
        ("]Q3 6901234567892", "Ean13 6901234567892"),
        ("9771234567898", "Ean13 9771234567898"),
        ("036000291452", "Ean13 0036000291452"),
        ("96385074", "Ean8 96385074"),
        ("73513537", "Ean8 73513537"),
        ("]E496385074", "Ean8 96385074"),
        ("16901234567899", "Gtin14 16901234567899"),
        ("06901234567892", "Ean13 6901234567892"),
        ("00000096385074", "Ean8 96385074"),
    ] {
        assert_eq!(parsed(raw), expected, "{raw}");
    }
}

#[test]
fn upc_e_is_expanded_to_the_item_it_abbreviates() {
    for (raw, expected) in [
        ("04252614", "Ean13 0042100005264"),
        ("12345670", "Ean8 12345670"),
        ("01234531", "Ean13 0012300000451"),
        ("01234532", "CheckDigit { given: 2, expected: 4 }"),
    ] {
        assert_eq!(parsed(raw), expected, "{raw}");
    }
    for (short, long) in [
        ("0123450", "01200000345"),
        ("0123451", "01210000345"),
        ("0123453", "01230000045"),
        ("0123454", "01234000005"),
        ("0123458", "01234500008"),
    ] {
        let check = check_digit(long).expect("digits");
        let expanded = expand_upc_e(&format!("{short}{check}"));
        assert_eq!(expanded, Some(format!("0{long}{check}")), "{short}");
    }
}

#[test]
fn eight_digits_are_an_ean_8_before_they_are_a_upc_e() {
    assert_eq!(expand_upc_e("01234565").as_deref(), Some("0012345000065"));
    assert_eq!(parsed("01234565"), "Ean8 01234565");
}

#[test]
fn codes_of_the_store_are_kept_as_they_are() {
    for raw in [
        "1",
        "10001",
        "A-12.3_4/5+6 b",
        "123456789",
        "12345678901",
        "123456789012345",
    ] {
        assert_eq!(parsed(raw), format!("Internal {raw}"));
    }
    assert_eq!(
        parsed(&"9".repeat(32)),
        format!("Internal {}", "9".repeat(32))
    );
}

#[test]
fn wrong_check_digits_empty_long_and_foreign_text_are_refused() {
    for (raw, expected) in [
        ("6901234567890", "CheckDigit { given: 0, expected: 2 }"),
        ("036000291453", "CheckDigit { given: 3, expected: 2 }"),
        ("96385075", "CheckDigit { given: 5, expected: 4 }"),
        ("16901234567890", "CheckDigit { given: 0, expected: 9 }"),
        ("", "Empty"),
        (" \t　", "Empty"),
        ("]E0", "Empty"),
        ("可乐", "Character { character: '可' }"),
        ("12\u{1b}34", "Character { character: '\\u{1b}' }"),
        ("]E0]E012", "Character { character: ']' }"),
    ] {
        assert_eq!(parsed(raw), expected, "{raw:?}");
    }
    assert_eq!(parsed(&"A".repeat(33)), "TooLong { length: 33 }");
}

#[test]
fn last_gives_the_end_of_the_code() {
    let barcode = Barcode::parse("6901234567892").expect("valid");
    assert_eq!(barcode.last(4), "7892");
    assert_eq!(barcode.last(0), "");
    assert_eq!(barcode.last(99), "6901234567892");
}

#[test]
fn check_digits_match_published_numbers() {
    for (body, digit) in [
        ("690123456789", Some(2)),
        ("03600029145", Some(2)),
        ("9638507", Some(4)),
        ("1690123456789", Some(9)),
        ("00614141000012345", Some(2)),
        ("", None),
        ("12a", None),
        ("１２", None),
    ] {
        assert_eq!(check_digit(body), digit, "{body}");
    }
}

proptest! {
    #[test]
    fn parsing_never_panics_and_is_idempotent(raw in any::<String>()) {
        if let Ok(barcode) = Barcode::parse(&raw) {
            prop_assert_eq!(Barcode::parse(barcode.as_str()), Ok(barcode));
        }
    }

    #[test]
    fn numbers_are_idempotent_too(raw in "(\\][A-Za-z][0-9])?[01]?[0-9]{1,33}") {
        if let Ok(barcode) = Barcode::parse(&raw) {
            prop_assert_eq!(Barcode::parse(barcode.as_str()), Ok(barcode));
        }
    }

    #[test]
    fn one_mistyped_digit_is_always_found(body in "[0-9]{12}", place in 0usize..12, change in 1u8..10) {
        let check = check_digit(&body).expect("digits");
        let mut typed = format!("{body}{check}").into_bytes();
        typed[place] = b'0' + (typed[place] - b'0' + change) % 10;
        let typed = String::from_utf8(typed).expect("digits");
        let found = matches!(Barcode::parse(&typed), Err(BarcodeError::CheckDigit { .. }));
        prop_assert!(found);
    }
}
