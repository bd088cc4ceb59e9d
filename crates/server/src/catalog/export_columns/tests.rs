//! What is exported reads back as it was.

use aisle_domain::ids::ProductId;
use aisle_domain::money::Rate;
use aisle_domain::product_sheet::{Cell, Columns, Field, parse_row};

use super::super::draft;
use super::*;

fn product() -> Product {
    let pack = |barcode: &str, milli, price: Option<i64>| PackBarcode {
        barcode: barcode.into(),
        qty: Quantity::from_milli(milli),
        price: price.map(Money::from_fen),
        main: false,
    };
    Product {
        id: ProductId(7),
        code: "00012".into(),
        name: "=可乐, 冰".into(),
        spec: "330ml".into(),
        unit: "罐".into(),
        category_id: Some(1),
        brand_id: Some(2),
        tags: Box::new([3, 4]),
        price: Money::from_fen(250),
        member_price: Some(Money::from_fen(230)),
        cost: Money::from_fen(105),
        tax_rate: Rate(1350),
        safety_stock: Quantity::from_milli(1500),
        shelf_life_days: 180,
        state: ProductState::NoPurchase,
        barcodes: Box::new([
            pack("6901234567892", 1000, None),
            pack("6900000000014", 1000, None),
            pack("16901234567899", 24_000, Some(5400)),
        ]),
        ..draft::blank()
    }
}

fn around(language: Language) -> Around {
    let names = |names: &[(i64, &str)]| {
        names
            .iter()
            .map(|(id, name)| (*id, (*name).to_owned()))
            .collect()
    };
    Around {
        language,
        zone: Tz::Asia__Shanghai,
        categories: names(&[(1, "饮料")]),
        brands: names(&[(2, "可口可乐")]),
        tags: names(&[(3, "冷藏"), (4, "促销")]),
    }
}

#[test]
fn the_import_reads_what_was_exported() {
    let product = product();
    for language in [Language::Chinese, Language::English] {
        let around = around(language);
        let titles: Vec<String> = Column::ALL
            .iter()
            .map(|column| column.title(language).to_owned())
            .collect();
        let (columns, warnings) = Columns::from_headers(&titles);
        assert_eq!(warnings, [], "{language:?}");
        let available = Quantity::from_milli(-3000);
        let cells: Vec<String> = Column::ALL
            .iter()
            .map(|column| column.cell(&around, &product, available).csv())
            .collect();
        let row = parse_row(&columns, &cells).expect("our own sheet");
        let text = |text: &str| Cell::Set(text.to_owned());
        assert_eq!(row.code, text("00012"));
        assert_eq!(row.name, text("=可乐, 冰"));
        assert_eq!(row.category, text("饮料"));
        assert_eq!(row.brand, text("可口可乐"));
        assert_eq!(
            row.tags,
            Cell::Set(vec!["冷藏".to_owned(), "促销".to_owned()])
        );
        assert_eq!(row.price_fen, Cell::Set(250));
        assert_eq!(row.member_price_fen, Cell::Set(230));
        assert_eq!(row.floor_price_fen, Cell::Keep);
        assert_eq!(row.cost_fen, Cell::Set(105));
        assert_eq!(row.tax_rate_bp, Cell::Set(1350));
        assert_eq!(row.safety_stock_milli, Cell::Set(1500));
        assert_eq!(row.shelf_life_days, Cell::Set(180));
        assert_eq!(row.weighed, Cell::Set(false));
        assert_eq!(row.state, Cell::Set(ProductState::NoPurchase));
        let barcode = row.barcode.value().map(|code| code.as_str().to_owned());
        assert_eq!(barcode.as_deref(), Some("6901234567892"));
        assert_eq!(row.extra_barcodes.value().map(Vec::len), Some(1));
        assert_eq!(row.carton_ratio, Cell::Set(24));
        assert_eq!(row.carton_price_fen, Cell::Set(5400));
        assert_eq!(row.opening_stock, []);
    }
}

#[test]
fn every_field_of_a_product_that_the_import_knows_has_a_column() {
    let titles: Vec<String> = Column::ALL
        .iter()
        .map(|column| column.title(Language::Chinese).to_owned())
        .collect();
    let (columns, _) = Columns::from_headers(&titles);
    for field in [
        Field::Code,
        Field::Barcode,
        Field::Name,
        Field::Unit,
        Field::Price,
        Field::Supplier,
        Field::CartonBarcode,
    ] {
        assert!(columns.has(field), "{field:?}");
    }
}
