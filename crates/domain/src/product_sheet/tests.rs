use proptest::prelude::*;

use super::*;

fn strings(cells: &[&str]) -> Vec<String> {
    cells.iter().map(|cell| (*cell).to_owned()).collect()
}

fn sheet(headers: &str) -> (Columns, Vec<ColumnWarning>) {
    Columns::from_headers(&strings(&headers.split('\t').collect::<Vec<_>>()))
}

fn parsed(headers: &str, cells: &str) -> Result<ProductRow, Vec<FieldError>> {
    let cells = strings(&cells.split('\t').collect::<Vec<_>>());
    parse_row(&sheet(headers).0, &cells)
}

/// The value of one column of a row that is otherwise complete, or the code of its error.
fn cell_of<T: std::fmt::Debug>(
    header: &str,
    cell: &str,
    get: impl Fn(&ProductRow) -> &Cell<T>,
) -> String {
    match parsed(&format!("code\t{header}"), &format!("A1\t{cell}")) {
        Ok(row) => format!("{:?}", get(&row)),
        Err(errors) => {
            assert_eq!(errors.len(), 1, "{errors:?}");
            assert_eq!(errors[0].column, header);
            assert_eq!(errors[0].value, cell);
            errors[0].problem.code().to_owned()
        }
    }
}

fn barcode(text: &str) -> Barcode {
    Barcode::parse(text).expect("a good barcode")
}

fn text(text: &str) -> Cell<String> {
    Cell::Set(text.to_owned())
}

#[test]
fn a_jsherp_sheet_is_read() {
    let headers = "名称*\t规格\t型号\t品牌\t类别\t基础重量(kg)\t保质期(天)\t基本单位*\t副单位\t基本条码*\t副条码\t比例\t采购价\t零售价\t销售价\t最低售价\t状态*\t备注\t期初库存";
    let (_, warnings) = sheet(headers);
    let unknown = |header: &str| ColumnWarning::UnknownColumn {
        header: header.to_owned(),
    };
    let (header, kept) = ("销售价".to_owned(), "零售价".to_owned());
    let duplicate = ColumnWarning::DuplicateColumn { header, kept };
    assert_eq!(
        warnings,
        [unknown("型号"), unknown("基础重量(kg)"), duplicate]
    );
    let row = parsed(
        headers,
        "可口可乐\t330ml\tX\t可口可乐\t饮料\t0.35\t180\t罐\t箱\t6901234567892\t16901234567899\t24\t2.10\t2.5\t9.99\t2.2\t启用\t\t1,200",
    );
    let expected = ProductRow {
        barcode: Cell::Set(barcode("6901234567892")),
        name: text("可口可乐"),
        spec: text("330ml"),
        brand: text("可口可乐"),
        category: text("饮料"),
        unit: text("罐"),
        price_fen: Cell::Set(250),
        cost_fen: Cell::Set(210),
        floor_price_fen: Cell::Set(220),
        shelf_life_days: Cell::Set(180),
        state: Cell::Set(ProductState::Active),
        carton_unit: text("箱"),
        carton_barcode: Cell::Set(barcode("16901234567899")),
        carton_ratio: Cell::Set(24),
        opening_stock: vec![OpeningStock {
            location: None,
            qty_milli: 1_200_000,
        }],
        ..ProductRow::default()
    };
    assert_eq!(row, Ok(expected));
}

#[test]
fn an_ospos_sheet_is_read() {
    let headers = "\u{feff}Id\tBarcode\t\"Item Name\"\tCategory\t\"Cost Price\"\t\"Unit Price\"\t\"Tax 1 Percent\"\t\"Reorder Level\"\tDescription\tlocation_Main shop\tattribute_Colour";
    let (columns, warnings) = sheet(headers);
    assert_eq!(warnings.len(), 2, "{warnings:?}");
    assert_eq!(columns.locations().collect::<Vec<_>>(), ["Main shop"]);
    let row = parsed(
        headers,
        "7\t036000291452\tTissues\tHome\t1\t$1.99\t13\t5\tsoft\t12.5\tred",
    );
    let main_shop = Some("Main shop".to_owned());
    let expected = ProductRow {
        barcode: Cell::Set(barcode("0036000291452")),
        name: text("Tissues"),
        category: text("Home"),
        cost_fen: Cell::Set(100),
        price_fen: Cell::Set(199),
        tax_rate_bp: Cell::Set(1300),
        safety_stock_milli: Cell::Set(5000),
        note: text("soft"),
        opening_stock: vec![OpeningStock {
            location: main_shop,
            qty_milli: 12_500,
        }],
        ..ProductRow::default()
    };
    assert_eq!(row, Ok(expected));
}

#[test]
fn every_field_is_found_under_its_own_name_and_all_its_headers_are_distinct() {
    let keys = strings(&field::all_headers());
    for (at, header) in keys.iter().enumerate() {
        assert!(!keys[..at].contains(header), "{header} is listed twice");
        let (_, warnings) = Columns::from_headers(std::slice::from_ref(header));
        assert_eq!(warnings, [], "{header}");
    }
    for field in [
        Field::ExtraBarcodes,
        Field::ShelfLife,
        Field::CartonPrice,
        Field::Code,
    ] {
        assert!(sheet(field.key()).0.has(field), "{}", field.key());
    }
}

#[test]
fn headers_are_found_whatever_their_dress() {
    for header in [
        "名称",
        " 名 称 * ",
        "*名称",
        "Item Name",
        "item_name",
        "ＮＡＭＥ",
        "名称（必填）",
        "品名",
    ] {
        assert!(sheet(header).0.has(Field::Name), "{header}");
    }
    assert_eq!(sheet("\t \t").1, []);
}

#[test]
fn the_better_header_is_read_whatever_the_order() {
    for (headers, cells) in [
        ("code\t销售价\t零售价", "A\t1\t2"),
        ("code\t零售价\t销售价", "A\t2\t1"),
    ] {
        let row = parsed(headers, cells).expect("readable");
        assert_eq!(row.price_fen, Cell::Set(200), "{headers}");
    }
}

#[test]
fn stock_columns_are_named_by_prefix_or_by_the_locations_themselves() {
    let headers = strings(&[
        "code",
        "期初库存:仓库",
        "Location_East",
        "冷库",
        "库存",
        "stock",
    ]);
    let (columns, warnings) = Columns::with_locations(&headers, &strings(&["冷库"]));
    let (header, kept) = ("stock".to_owned(), "库存".to_owned());
    assert_eq!(warnings, [ColumnWarning::DuplicateColumn { header, kept }]);
    assert_eq!(
        columns.locations().collect::<Vec<_>>(),
        ["仓库", "East", "冷库"]
    );
    let row = parse_row(&columns, &strings(&["A", "1", "", "2.5", "-"])).expect("readable");
    let stock = |name: &str, qty_milli| OpeningStock {
        location: Some(name.to_owned()),
        qty_milli,
    };
    assert_eq!(
        row.opening_stock,
        [stock("仓库", 1000), stock("冷库", 2500)]
    );
}

#[test]
fn the_header_row_is_found_below_a_notice() {
    let rows = [
        strings(&["注意：带 * 为必填"]),
        strings(&[]),
        strings(&["名称*", "零售价"]),
        strings(&["可乐", "3"]),
    ];
    assert_eq!(Columns::find_header(&rows), Some(2));
    assert_eq!(Columns::find_header(&rows[..2]), None);
}

#[test]
fn prices_become_fen_exactly_or_not_at_all() {
    for (cell, expected) in [
        ("12.50", "Set(1250)"),
        ("¥12.5", "Set(1250)"),
        ("￥ 12.5", "Set(1250)"),
        ("12.5元", "Set(1250)"),
        ("1,234.00", "Set(123400)"),
        ("１，２３４．５", "Set(123450)"),
        ("1,234,567.89", "Set(123456789)"),
        (".5", "Set(50)"),
        ("5.", "Set(500)"),
        ("0", "Set(0)"),
        ("-0.00", "Set(0)"),
        ("12.500000", "Set(1250)"),
        ("10000000", "Set(1000000000)"),
        ("10000000.01", "too_large"),
        ("99999999999999999999999999", "too_large"),
        ("12.505", "too_many_decimals"),
        ("12.499999999999998", "too_many_decimals"),
        ("-1", "negative"),
        ("1,23", "not_a_number"),
        ("1234,567", "not_a_number"),
        (",", "not_a_number"),
        ("1.2.3", "not_a_number"),
        ("1e3", "not_a_number"),
        ("¥", "not_a_number"),
        ("三块", "not_a_number"),
        ("", "Keep"),
        ("  ", "Keep"),
        ("-", "Clear"),
        ("－", "Clear"),
        ("清空", "Clear"),
    ] {
        assert_eq!(
            cell_of("会员价", cell, |row| &row.member_price_fen),
            expected,
            "{cell}"
        );
    }
}

#[test]
fn tax_rates_become_basis_points() {
    for (cell, expected) in [
        ("13%", "Set(1300)"),
        ("13 ％", "Set(1300)"),
        ("0.13", "Set(1300)"),
        ("13", "Set(1300)"),
        ("13.00", "Set(1300)"),
        ("0.5%", "Set(50)"),
        ("0.065", "Set(650)"),
        ("1", "Set(100)"),
        ("0", "Set(0)"),
        ("免税", "Set(0)"),
        ("100%", "Set(10000)"),
        ("101", "too_large"),
        ("13.005%", "too_many_decimals"),
        ("0.00001", "too_many_decimals"),
        ("-13", "negative"),
        ("%", "not_a_number"),
    ] {
        assert_eq!(
            cell_of("税率", cell, |row| &row.tax_rate_bp),
            expected,
            "{cell}"
        );
    }
}

#[test]
fn days_ratios_and_quantities_are_whole_where_they_must_be() {
    for (cell, expected) in [
        ("180", "Set(180)"),
        ("180天", "Set(180)"),
        ("7 days", "Set(7)"),
        ("1.5", "not_whole"),
        ("12个月", "not_a_number"),
        ("99999", "too_large"),
    ] {
        assert_eq!(
            cell_of("保质期(天)", cell, |row| &row.shelf_life_days),
            expected,
            "{cell}"
        );
    }
    for (cell, expected) in [
        ("24", "Set(24)"),
        ("1:24", "Set(24)"),
        ("1：24", "Set(24)"),
        ("24.0", "Set(24)"),
        ("1", "too_small"),
        ("2.5", "not_whole"),
        ("100001", "too_large"),
    ] {
        assert_eq!(
            cell_of("箱规", cell, |row| &row.carton_ratio),
            expected,
            "{cell}"
        );
    }
    for (cell, expected) in [
        ("1.234", "Set(1234)"),
        ("1.2345", "too_many_decimals"),
        ("-1", "negative"),
        ("1000000000.001", "too_large"),
    ] {
        assert_eq!(
            cell_of("安全库存", cell, |row| &row.safety_stock_milli),
            expected,
            "{cell}"
        );
    }
}

#[test]
fn barcodes_are_text_and_restored_only_without_loss() {
    let good = "Set(Barcode(\"6901234567892\"))";
    for (cell, expected) in [
        ("6901234567892", good),
        ("'6901234567892", good),
        ("`6901234567892", good),
        ("６９０１２３４５６７８９２", good),
        ("6901234567892.0", good),
        ("6.901234567892E+12", good),
        ("6.9012345678920e+12", good),
        ("6.901234567892E12", good),
        ("6.90123E+12", "barcode_rounded"),
        ("6.90123E12", "barcode_rounded"),
        ("6E+12", "barcode_rounded"),
        ("6.9012345678921E+12", "barcode_rounded"),
        ("6.9E+99999999999999999999999", "barcode_rounded"),
        ("6.901234567890E+12", "barcode_check_digit"),
        ("6901234567890", "barcode_check_digit"),
        ("1E5", "Set(Barcode(\"1E5\"))"),
        ("可乐", "barcode_character"),
        ("123456789012345678901234567890123", "too_long"),
        ("-", "cannot_clear"),
    ] {
        assert_eq!(
            cell_of("基本条码", cell, |row| &row.barcode),
            expected,
            "{cell}"
        );
    }
    assert_eq!(cell_of("箱条码", "-", |row| &row.carton_barcode), "Clear");
}

#[test]
fn further_barcodes_are_split_checked_and_distinct() {
    let row = parsed(
        "barcode\t其他条码",
        "6901234567892\t96385074，036000291452;6901234567892、96385074|",
    );
    let extra = row.expect("readable").extra_barcodes;
    assert_eq!(
        extra,
        Cell::Set(vec![barcode("96385074"), barcode("036000291452")])
    );
    let one_is_wrong = cell_of("extra_barcodes", "96385074,96385075", |row| {
        &row.extra_barcodes
    });
    assert_eq!(one_is_wrong, "barcode_check_digit");
    assert_eq!(
        cell_of("extra_barcodes", "清空", |row| &row.extra_barcodes),
        "Clear"
    );
}

#[test]
fn a_sub_barcode_is_the_cartons_only_beside_a_ratio() {
    for (headers, cells, extra, carton) in [
        (
            "barcode\t副条码\t比例",
            "6901234567892\t96385074\t24",
            false,
            true,
        ),
        (
            "barcode\t副条码\t比例",
            "6901234567892\t96385074\t",
            true,
            false,
        ),
        ("barcode\t副条码", "6901234567892\t96385074", true, false),
        (
            "barcode\t其他条码\t比例",
            "6901234567892\t96385074\t24",
            true,
            false,
        ),
        (
            "barcode\t副条码\t箱码\t箱规",
            "6901234567892\t96385074\t16901234567899\t24",
            true,
            true,
        ),
    ] {
        let row = parsed(headers, cells).expect("readable");
        assert_eq!(
            row.extra_barcodes.value().is_some(),
            extra,
            "{headers} {cells}"
        );
        assert_eq!(
            row.carton_barcode.value().is_some(),
            carton,
            "{headers} {cells}"
        );
    }
}

#[test]
fn states_and_yes_or_no_are_read_in_both_languages() {
    for (cells, expected) in [
        (["新品", "new"], "Set(New)"),
        (["启用", "Active"], "Set(Active)"),
        (["在售", "enabled"], "Set(Active)"),
        (["停购", "no_purchase"], "Set(NoPurchase)"),
        (["停售", "No sale"], "Set(NoSale)"),
        (["淘汰", "RETIRED"], "Set(Retired)"),
        (["卖光", "gone"], "unknown_state"),
        (["-", "清空"], "cannot_clear"),
    ] {
        for cell in cells {
            assert_eq!(cell_of("状态", cell, |row| &row.state), expected, "{cell}");
        }
    }
    for (cell, expected) in [
        ("是", "Set(true)"),
        ("No", "Set(false)"),
        ("１", "Set(true)"),
        ("或许", "not_yes_or_no"),
    ] {
        assert_eq!(
            cell_of("称重", cell, |row| &row.weighed),
            expected,
            "{cell}"
        );
    }
}

#[test]
fn texts_keep_their_full_width_forms_but_no_control_characters() {
    assert_eq!(
        cell_of("名称", " 纯牛奶（袋）\n ", |row| &row.name),
        "Set(\"纯牛奶（袋）\")"
    );
    assert_eq!(
        cell_of("规格", "a\u{1b}\tb".replace('\t', "").as_str(), |row| {
            &row.spec
        }),
        "Set(\"a b\")"
    );
    assert_eq!(
        cell_of("名称", &"长".repeat(201), |row| &row.name),
        "too_long"
    );
    assert_eq!(
        cell_of("标签", "新品、 热卖，新品", |row| &row.tags),
        "Set([\"新品\", \"热卖\"])"
    );
}

#[test]
fn every_error_of_a_row_is_reported_at_once() {
    let errors = parsed("名称*\t零售价\t税率\t期初库存", "-\t一\t200\t-5").expect_err("all wrong");
    let codes: Vec<_> = errors
        .iter()
        .map(|error| (error.column.as_str(), error.problem.code()))
        .collect();
    assert_eq!(
        codes,
        [
            ("名称*", "cannot_clear"),
            ("零售价", "not_a_number"),
            ("税率", "too_large"),
            ("期初库存", "negative"),
            ("barcode", "identity_required"),
        ]
    );
    assert_eq!(errors[1].value, "一");
}

#[test]
fn a_wrong_barcode_is_not_also_a_missing_one() {
    let errors = parsed("条码\t名称", "6901234567890\t可乐").expect_err("check digit");
    assert_eq!(errors.len(), 1, "{errors:?}");
}

#[test]
fn a_new_product_needs_name_price_and_the_ratio_of_its_carton() {
    let missing = |headers: &str, cells: &str| {
        let (columns, _) = sheet(headers);
        let row = parsed(headers, cells).expect("readable");
        let errors = row.missing_for_new(&columns);
        errors
            .into_iter()
            .map(|error| error.column)
            .collect::<Vec<_>>()
    };
    assert_eq!(
        missing("条码\t名称\t零售价", "96385074\t\t"),
        ["名称", "零售价"]
    );
    assert_eq!(missing("编码\t名称", "A1\t可乐"), ["price"]);
    assert_eq!(
        missing("编码\t名称\t零售价\t箱码", "A1\t可乐\t3\t96385074"),
        ["carton_ratio"]
    );
    assert_eq!(
        missing("编码\t名称\t零售价", "A1\t可乐\t3"),
        Vec::<String>::new()
    );
}

#[test]
fn a_cell_keeps_clears_or_sets_what_is_stored() {
    assert_eq!(Cell::Keep.apply(Some(1)), Some(1));
    assert_eq!(Cell::Clear.apply(Some(1)), None);
    assert_eq!(Cell::Set(2).apply(Some(1)), Some(2));
}

#[test]
fn a_row_of_blanks_is_blank() {
    assert!(is_blank(&strings(&["", " ", "　", "'"])));
    assert!(!is_blank(&strings(&["", "0"])));
}

proptest! {
    #[test]
    fn reading_never_panics(cells in prop::collection::vec("\\PC{0,20}|[0-9.,eE+%¥-]{0,20}|.{0,5}", 31), headers in prop::collection::vec(".{0,12}", 0..5)) {
        let mut all = strings(&field::all_headers());
        all.extend(headers);
        let (columns, _) = Columns::from_headers(&all);
        for offset in 0..4 {
            let _ = parse_row(&columns, &cells[offset..]);
        }
        let own: Vec<String> = all.iter().take(31).cloned().collect();
        let _ = parse_row(&Columns::from_headers(&own).0, &cells);
    }

    #[test]
    fn a_price_written_in_any_usual_way_is_the_same_fen(fen in 0i64..=number::MOST_FEN) {
        let plain = format!("{}.{:02}", fen / 100, fen % 100);
        let yuan = (fen / 100).to_string();
        let groups: Vec<&str> = yuan.as_bytes().rchunks(3).rev().map(|three| std::str::from_utf8(three).expect("digits")).collect();
        let grouped = format!("¥{}.{:02}", groups.join(","), fen % 100);
        prop_assert_eq!(number::fen(&plain), Ok(fen));
        prop_assert_eq!(number::fen(&grouped), Ok(fen));
        prop_assert_eq!(number::fen(&format!("{plain}0元")), Ok(fen));
    }

    #[test]
    fn a_barcode_in_full_scientific_notation_is_restored(body in "[1-9][0-9]{11}") {
        let check = crate::barcode::check_digit(&body).expect("digits");
        let code = format!("{body}{check}");
        let shown = format!("{}.{}E+12", &code[..1], &code[1..]);
        prop_assert_eq!(cell::barcode(&shown), Ok(barcode(&code)));
        let rounded = format!("{}.{}E+12", &code[..1], &code[1..12]);
        prop_assert_eq!(cell::barcode(&rounded), Err(FieldProblem::BarcodeRounded));
    }
}

#[test]
fn free_text_holds_no_card_number_and_codes_may_look_like_one() {
    let card = "4111 1111 1111 1111";
    for header in ["名称", "规格", "供应商", "备注", "标签"] {
        let errors = parsed(&format!("编码\t{header}"), &format!("1001\t付 {card}")).unwrap_err();
        assert_eq!(
            (errors[0].problem.code(), errors[0].value.as_str()),
            ("card_number", "付 4111 11** **** 1111"),
            "{header}"
        );
    }
    let row = strings(&["4111111111111111", "可乐", card]);
    let columns = sheet("编码\t名称\t别的").0;
    assert!(parse_row(&columns, &row).is_ok());
    assert_eq!(
        without_card_numbers(&columns, &row),
        ["4111111111111111", "可乐", "4111 11** **** 1111"]
    );
}
