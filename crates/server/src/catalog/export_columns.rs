//! The columns of the exported sheet of goods.
//!
//! Promises: the import reads what was exported and finds nothing changed; what it cannot read
//! (stock, time of change) stands under headers it passes over.

use std::collections::HashMap;

use aisle_domain::catalog::{PackBarcode, Product, ProductState};
use aisle_domain::money::Money;
use aisle_domain::quantity::Quantity;
use aisle_domain::time::Instant;
use chrono_tz::Tz;

use crate::sheet::{Language, Value};

/// What the cells of a product need besides the product.
#[derive(Debug)]
pub(super) struct Around {
    /// Of headers and words.
    pub(super) language: Language,
    /// Of times.
    pub(super) zone: Tz,
    /// Names of categories.
    pub(super) categories: HashMap<i64, String>,
    /// Names of brands.
    pub(super) brands: HashMap<i64, String>,
    /// Names of tags.
    pub(super) tags: HashMap<i64, String>,
}

macro_rules! columns {
    ($($variant:ident = $name:literal, $chinese:literal, $english:literal;)+) => {
        /// A column.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(super) enum Column { $($variant,)+ }

        impl Column {
            /// Every column, in the order of the sheet.
            pub(super) const ALL: &'static [Column] = &[$(Column::$variant,)+];

            /// The name in `columns=`, which is the field's name in a product.
            pub(super) fn name(self) -> &'static str {
                match self { $(Column::$variant => $name,)+ }
            }

            /// The header.
            pub(super) fn title(self, language: Language) -> &'static str {
                match (self, language) { $(
                    (Column::$variant, Language::Chinese) => $chinese,
                    (Column::$variant, Language::English) => $english,
                )+ }
            }
        }
    };
}

columns! {
    Code = "code", "商品编码", "code";
    Barcode = "barcode", "条码", "barcode";
    Name = "name", "名称", "name";
    ShortName = "short_name", "简称", "short_name";
    Mnemonic = "mnemonic", "助记码", "mnemonic";
    Spec = "spec", "规格", "spec";
    Unit = "unit", "单位", "unit";
    Weighed = "weighed", "称重", "weighed";
    Category = "category", "类别", "category";
    Brand = "brand", "品牌", "brand";
    Price = "price_fen", "零售价", "price";
    MemberPrice = "member_price_fen", "会员价", "member_price";
    FloorPrice = "floor_price_fen", "最低售价", "floor_price";
    Cost = "cost_fen", "进价", "cost";
    TaxRate = "tax_rate_bp", "税率", "tax_rate";
    SafetyStock = "safety_stock_milli", "安全库存", "safety_stock";
    ShelfLife = "shelf_life_days", "保质期(天)", "shelf_life_days";
    Supplier = "supplier", "供应商", "supplier";
    Tags = "tags", "标签", "tags";
    State = "state", "状态", "state";
    ExtraBarcodes = "extra_barcodes", "其他条码", "extra_barcodes";
    CartonBarcode = "carton_barcode", "箱条码", "carton_barcode";
    CartonRatio = "carton_ratio", "箱规", "carton_ratio";
    CartonPrice = "carton_price_fen", "箱价", "carton_price";
    Available = "qty_milli", "可售数量", "available";
    UpdatedAt = "updated_at", "更新时间", "updated_at";
    Id = "id", "商品ID", "product_id";
}

impl Column {
    /// The column of this name.
    pub(super) fn parse(name: &str) -> Option<Column> {
        let mut all = Column::ALL.iter().copied();
        all.find(|column| column.name() == name)
    }

    /// The cell of a product; `available` is what can be sold of it.
    pub(super) fn cell(self, around: &Around, product: &Product, available: Quantity) -> Value {
        let named = |names: &HashMap<i64, String>, id: Option<i64>| {
            text(id.and_then(|id| names.get(&id)).map_or("", String::as_str))
        };
        match self {
            Column::Id => Value::Text(product.id.to_string()),
            Column::Code => text(&product.code),
            Column::Barcode => text(first(pieces(product)).map_or("", |pack| &pack.barcode)),
            Column::ExtraBarcodes => {
                let others: Vec<&str> = pieces(product).skip(1).map(|p| &*p.barcode).collect();
                Value::Text(others.join(";"))
            }
            Column::Name => text(&product.name),
            Column::ShortName => text(&product.short_name),
            Column::Mnemonic => text(&product.mnemonic),
            Column::Spec => text(&product.spec),
            Column::Unit => text(&product.unit),
            Column::Weighed => text(yes_or_no(product.weighed, around.language)),
            Column::Category => named(&around.categories, product.category_id),
            Column::Brand => named(&around.brands, product.brand_id),
            Column::Price => Value::Fen(product.price.fen()),
            Column::MemberPrice => price(product.member_price),
            Column::FloorPrice => price(product.floor_price),
            Column::Cost => Value::Fen(product.cost.fen()),
            Column::TaxRate => Value::Percent(product.tax_rate.0),
            Column::SafetyStock => Value::Milli(product.safety_stock.milli()),
            Column::ShelfLife => Value::Whole(product.shelf_life_days),
            Column::Supplier => text(&product.supplier),
            Column::Tags => {
                let names = product.tags.iter().filter_map(|id| around.tags.get(id));
                Value::Text(names.map(String::as_str).collect::<Vec<_>>().join(";"))
            }
            Column::State => text(state(product.state, around.language)),
            Column::CartonBarcode => text(first(cartons(product)).map_or("", |p| &p.barcode)),
            Column::CartonRatio => first(cartons(product))
                .map_or(Value::Empty, |pack| Value::Whole(pack.qty.milli() / 1000)),
            Column::CartonPrice => price(first(cartons(product)).and_then(|pack| pack.price)),
            Column::Available => Value::Milli(available.milli()),
            Column::UpdatedAt => Value::Text(Instant(product.updated_at).local(around.zone)),
        }
    }
}

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

fn price(price: Option<Money>) -> Value {
    price.map_or(Value::Empty, |price| Value::Fen(price.fen()))
}

/// Barcodes of one piece.
fn pieces(product: &Product) -> impl Iterator<Item = &PackBarcode> {
    let packs = product.barcodes.iter();
    packs.filter(|pack| pack.qty == Quantity::ONE)
}

/// Barcodes of several whole pieces, the only cartons a sheet has room for.
fn cartons(product: &Product) -> impl Iterator<Item = &PackBarcode> {
    let packs = product.barcodes.iter();
    packs.filter(|pack| pack.qty.is_whole() && pack.qty > Quantity::ONE)
}

fn first<'a>(mut packs: impl Iterator<Item = &'a PackBarcode>) -> Option<&'a PackBarcode> {
    packs.next()
}

fn yes_or_no(value: bool, language: Language) -> &'static str {
    match (value, language) {
        (true, Language::Chinese) => "是",
        (false, Language::Chinese) => "否",
        (true, Language::English) => "yes",
        (false, Language::English) => "no",
    }
}

fn state(state: ProductState, language: Language) -> &'static str {
    match (state, language) {
        (state, Language::English) => state.as_str(),
        (ProductState::New, Language::Chinese) => "新品",
        (ProductState::Active, Language::Chinese) => "在售",
        (ProductState::NoPurchase, Language::Chinese) => "停购",
        (ProductState::NoSale, Language::Chinese) => "停售",
        (ProductState::Retired, Language::Chinese) => "淘汰",
    }
}

#[cfg(test)]
mod tests;
