use proptest::prelude::*;

use super::*;

const YEAR: u16 = 2026;

fn day(yyyymmdd: i32) -> Option<Day> {
    let yymmdd = format!("{:06}", yyyymmdd % 1_000_000);
    let day = Day::from_yymmdd(&yymmdd, YEAR);
    assert_eq!(day.map(Day::yyyymmdd), Some(yyyymmdd));
    day
}

fn whole_vector() -> Gs1 {
    Gs1 {
        gtin: Some("06901234567892".to_owned()),
        expiry: day(20_261_231),
        weight_milli: Some(1250),
        lot: Some("LOT42".to_owned()),
        serial: Some("SER1".to_owned()),
        ..Gs1::default()
    }
}

#[test]
fn the_reference_vector_reads_the_same_in_every_form() {
    let scanned = "010690123456789217261231310300125010LOT42\u{1D}21SER1";
    for raw in [
        scanned.to_owned(),
        format!("]C1{scanned}"),
        format!("]d2{scanned}\r\n"),
        format!("]Q3\u{1D}{scanned}\u{1D}"),
        format!("]e0{scanned}"),
        "(01)06901234567892(17)261231(3103)001250(10)LOT42(21)SER1".to_owned(),
        "(01) 06901234567892 (17) 261231 (3103) 001250 (10) LOT42 (21) SER1".to_owned(),
        "（01）06901234567892（17）261231（3103）001250（10）LOT42（21）SER1".to_owned(),
        "0106901234567892\u{1D}17261231\u{1D}3103001250\u{1D}21SER1\u{1D}10LOT42".to_owned(),
    ] {
        assert_eq!(Gs1::parse(&raw, YEAR), Ok(whole_vector()), "{raw:?}");
    }
}

/// What was read, one word for each field that is there; or the error.
fn said(raw: &str) -> String {
    let read = match Gs1::parse(raw, YEAR) {
        Ok(read) => read,
        Err(error) => return format!("{error:?}"),
    };
    let day = |day: Option<Day>| day.map(|day| day.yyyymmdd().to_string());
    [
        ("gtin", read.gtin),
        ("content", read.content_gtin),
        ("lot", read.lot),
        ("production", day(read.production)),
        ("packed", day(read.packed)),
        ("best", day(read.best_before)),
        ("expiry", day(read.expiry)),
        ("variant", read.variant),
        ("serial", read.serial),
        ("count", read.count.map(|count| count.to_string())),
        ("weight", read.weight_milli.map(|milli| milli.to_string())),
        ("amount", read.amount_fen.map(|fen| fen.to_string())),
    ]
    .into_iter()
    .filter_map(|(name, value)| Some(format!("{name}={}", value?)))
    .collect::<Vec<_>>()
    .join(" ")
}

#[test]
fn each_identifier_fills_its_field() {
    for (raw, expected) in [
        (
            "0206901234567892\u{1D}3712",
            "content=06901234567892 count=12",
        ),
        ("11260102", "production=20260102"),
        ("13260103", "packed=20260103"),
        ("15260104", "best=20260104"),
        ("17260200", "expiry=20260228"),
        ("2007", "variant=07"),
        ("3000000005", "count=5"),
        ("3100000012", "weight=12000"),
        ("3105012300", "weight=123"),
        ("39221999", "amount=1999"),
        ("392012", "amount=1200"),
        ("3923012340", "amount=1234"),
        ("39321561999", "amount=1999"),
        ("00106141411234567897", ""),
        ("4106901234567892", ""),
        ("240ABC\u{1D}91inside", ""),
    ] {
        assert_eq!(said(raw), expected, "{raw:?}");
    }
}

#[test]
fn a_lot_may_hold_brackets_in_the_printed_form() {
    let read = Gs1::parse("(10)A(B)1(x(17)261231", YEAR).expect("readable");
    assert_eq!(read.lot.as_deref(), Some("A(B)1(x"));
    assert_eq!(read.expiry, day(20_261_231));
}

#[test]
fn broken_strings_are_refused_with_the_reason() {
    for (raw, expected) in [
        ("", "Empty"),
        ("]d2", "Empty"),
        ("\u{1D}", "Empty"),
        ("0106901234567890", "CheckDigit { given: 0, expected: 2 }"),
        (
            "01069012345678",
            r#"Length { ai: "01", length: 12, least: 14, most: 14 }"#,
        ),
        (
            "0106901234A67892",
            r#"NotDigits { ai: "01", value: "06901234A67892" }"#,
        ),
        ("17261331", r#"NoSuchDay { ai: "17", value: "261331" }"#),
        ("17260231", r#"NoSuchDay { ai: "17", value: "260231" }"#),
        (
            "10",
            r#"Length { ai: "10", length: 0, least: 1, most: 20 }"#,
        ),
        (
            "10ABCDEFGHIJKLMNOPQRSTU",
            r#"Length { ai: "10", length: 21, least: 1, most: 20 }"#,
        ),
        ("3104012345", r#"TooFine { ai: "3104", value: "012345" }"#),
        ("39328401999", r#"Currency { currency: "840" }"#),
        ("10A\u{1D}10B", r#"Contradiction { ai: "10" }"#),
        ("05123", r#"UnknownIdentifier { at: "0512" }"#),
        ("(05)123", r#"UnknownIdentifier { at: "05" }"#),
        ("(0101)123", r#"UnknownIdentifier { at: "0101" }"#),
        ("(x)", r#"UnknownIdentifier { at: "(x)" }"#),
        ("10批号", "Character { character: '批' }"),
        ("10A\u{1B}", "Character { character: '\\u{1b}' }"),
    ] {
        assert_eq!(said(raw), expected, "{raw:?}");
    }
}

#[test]
fn the_same_value_twice_is_no_contradiction() {
    let read = Gs1::parse("10A\u{1D}10A", YEAR).expect("readable");
    assert_eq!(read.lot.as_deref(), Some("A"));
}

#[test]
fn day_zero_is_the_last_of_the_month() {
    for (yymmdd, expected) in [
        ("260200", Some(20_260_228)),
        ("280200", Some(20_280_229)),
        ("260400", Some(20_260_430)),
        ("261200", Some(20_261_231)),
        ("260000", None),
        ("260132", None),
        ("26013", None),
        ("26013x", None),
        ("２６0131", None),
    ] {
        let read = Day::from_yymmdd(yymmdd, YEAR);
        assert_eq!(read.map(Day::yyyymmdd), expected, "{yymmdd}");
    }
}

#[test]
fn the_century_is_the_one_nearest_to_the_current_year() {
    for (yy, current_year, expected) in [
        ("76", 2026, 2076),
        ("77", 2026, 1977),
        ("00", 2026, 2000),
        ("45", 2095, 2145),
        ("46", 2095, 2046),
        ("99", 2000, 1999),
        ("50", 2000, 2050),
        ("51", 2000, 1951),
    ] {
        let read = Day::from_yymmdd(&format!("{yy}0101"), current_year);
        assert_eq!(
            read.map(Day::year),
            Some(expected),
            "{yy} in {current_year}"
        );
    }
}

#[test]
fn the_gtin_is_found_under_the_code_on_the_goods() {
    let item = |gtin: &str| Gs1 {
        gtin: Some(gtin.to_owned()),
        ..Gs1::default()
    };
    let code = |gs1: &Gs1| gs1.barcode().map(String::from);
    assert_eq!(item("06901234567892").ean13(), Some("6901234567892"));
    assert_eq!(
        code(&item("06901234567892")).as_deref(),
        Some("6901234567892")
    );
    assert_eq!(item("16901234567899").ean13(), None);
    assert_eq!(
        code(&item("16901234567899")).as_deref(),
        Some("16901234567899")
    );
    assert_eq!(code(&item("00000096385074")).as_deref(), Some("96385074"));
    assert_eq!(Gs1::default().barcode(), None);
}

proptest! {
    #[test]
    fn parsing_never_panics(raw in any::<String>(), year in any::<u16>()) {
        let _ = Gs1::parse(&raw, year);
    }

    #[test]
    fn parsing_what_looks_like_elements_never_panics(
        raw in "(\\(?(01|02|10|11|15|17|21|30|37|310[0-9]|392[0-9]|393[0-9])\\)?[0-9A-Z\u{1D}]{0,16}){0,4}",
        year in any::<u16>(),
    ) {
        let _ = Gs1::parse(&raw, year);
    }

    #[test]
    fn what_is_encoded_is_what_is_read(
        body in "[0-9]{13}", lot in "[A-Za-z0-9/-]{1,20}", grams in 0i64..1_000_000, month in 1u8..=12,
    ) {
        let gtin = format!("{body}{}", check_digit(&body).expect("digits"));
        let scan = format!("01{gtin}3103{grams:06}10{lot}\u{1D}1726{month:02}00");
        let read = Gs1::parse(&scan, YEAR).expect("well formed");
        prop_assert_eq!(read.gtin, Some(gtin));
        prop_assert_eq!(read.weight_milli, Some(grams));
        prop_assert_eq!(read.lot, Some(lot));
        let expiry = read.expiry.expect("given");
        prop_assert_eq!(expiry.yyyymmdd() / 100, 202_600 + i32::from(month));
        prop_assert!(expiry.day() >= 28);
    }
}
