//! A product that is to become different: which fields change, and how.

use aisle_domain::catalog::{PackBarcode, Product, ProductState};
use aisle_domain::ids::ProductId;
use aisle_domain::mnemonic::mnemonic;
use aisle_domain::money::{Money, Rate};
use aisle_domain::product_sheet::Cell;
use aisle_domain::quantity::Quantity;

/// A product to create (`id` none) or to change.
#[derive(Debug, Clone, Default)]
pub struct ProductDraft {
    /// `None` creates.
    pub id: Option<ProductId>,
    /// In-store code or PLU; a new product without one gets `P` and its id, which no PLU is.
    pub code: Cell<String>,
    /// Name on shelf and receipt.
    pub name: Cell<String>,
    /// Short name.
    pub short_name: Cell<String>,
    /// Specification.
    pub spec: Cell<String>,
    /// Brand, by id.
    pub brand_id: Cell<i64>,
    /// Category, by id.
    pub category_id: Cell<i64>,
    /// Unit, by id; a new product needs one.
    pub unit_id: Cell<i64>,
    /// Retail price.
    pub price: Cell<Money>,
    /// Member price.
    pub member_price: Cell<Money>,
    /// Lowest price.
    pub floor_price: Cell<Money>,
    /// Reference cost.
    pub cost: Cell<Money>,
    /// Tax rate.
    pub tax_rate: Cell<Rate>,
    /// Safety stock.
    pub safety_stock: Cell<Quantity>,
    /// Shelf life in days.
    pub shelf_life_days: Cell<i64>,
    /// Supplier's name.
    pub supplier: Cell<String>,
    /// State.
    pub state: Cell<ProductState>,
    /// Picture file.
    pub picture: Cell<String>,
    /// All barcodes, the main one first.
    pub barcodes: Cell<Vec<PackBarcode>>,
    /// All tags.
    pub tags: Cell<Vec<i64>>,
}

/// A product before anything is known of it.
pub(super) fn blank() -> Product {
    Product {
        id: ProductId(0),
        code: "".into(),
        name: "".into(),
        short_name: "".into(),
        spec: "".into(),
        unit: "".into(),
        unit_id: 0,
        weighed: false,
        category_id: None,
        brand_id: None,
        price: Money::ZERO,
        member_price: None,
        floor_price: None,
        cost: Money::ZERO,
        tax_rate: Rate(0),
        safety_stock: Quantity::ZERO,
        shelf_life_days: 0,
        supplier: "".into(),
        state: ProductState::Active,
        mnemonic: "".into(),
        picture: None,
        barcodes: Box::new([]),
        tags: Box::new([]),
        version: 0,
        updated_at: 0,
    }
}

fn set<T>(field: &mut Option<T>, cell: Cell<T>) {
    match cell {
        Cell::Keep => {}
        Cell::Clear => *field = None,
        Cell::Set(value) => *field = Some(value),
    }
}

fn map<T, U>(cell: Cell<T>, to: impl FnOnce(T) -> U) -> Cell<U> {
    match cell {
        Cell::Keep => Cell::Keep,
        Cell::Clear => Cell::Clear,
        Cell::Set(value) => Cell::Set(to(value)),
    }
}

fn set_or<T>(field: &mut T, cell: Cell<T>, empty: T) {
    match cell {
        Cell::Keep => {}
        Cell::Clear => *field = empty,
        Cell::Set(value) => *field = value,
    }
}

fn set_text(field: &mut Box<str>, cell: Cell<String>) {
    match cell {
        Cell::Keep => {}
        Cell::Clear => *field = "".into(),
        Cell::Set(value) => *field = value.into(),
    }
}

impl ProductDraft {
    /// Makes the product so.
    pub(super) fn apply(self, product: &mut Product) {
        set_text(&mut product.code, self.code);
        set_text(&mut product.name, self.name);
        set_text(&mut product.short_name, self.short_name);
        set_text(&mut product.spec, self.spec);
        set_text(&mut product.supplier, self.supplier);
        set(&mut product.brand_id, self.brand_id);
        set(&mut product.category_id, self.category_id);
        set_or(&mut product.unit_id, self.unit_id, 0);
        set_or(&mut product.price, self.price, Money::ZERO);
        set(&mut product.member_price, self.member_price);
        set(&mut product.floor_price, self.floor_price);
        set_or(&mut product.cost, self.cost, Money::ZERO);
        set_or(&mut product.tax_rate, self.tax_rate, Rate(0));
        set_or(&mut product.safety_stock, self.safety_stock, Quantity::ZERO);
        set_or(&mut product.shelf_life_days, self.shelf_life_days, 0);
        set_or(&mut product.state, self.state, ProductState::Active);
        set(&mut product.picture, map(self.picture, Into::into));
        set_or(
            &mut product.barcodes,
            map(self.barcodes, Into::into),
            Box::new([]),
        );
        let sorted = |mut tags: Vec<i64>| {
            tags.sort_unstable();
            tags.dedup();
            tags.into()
        };
        set_or(&mut product.tags, map(self.tags, sorted), Box::new([]));
        for (at, pack) in product.barcodes.iter_mut().enumerate() {
            pack.main = at == 0;
        }
        if product.code.is_empty() {
            product.code = format!("P{}", product.id).into();
        }
        product.mnemonic = mnemonic(&product.name).into();
    }
}
