//! What a row changed, as it was: enough to put it back.

use aisle_domain::catalog::{PackBarcode, Product, ProductState};
use aisle_domain::ids::ProductId;
use aisle_domain::money::{Money, Rate};
use aisle_domain::product_sheet::Cell;
use aisle_domain::quantity::Quantity;
use serde::{Deserialize, Serialize};

use crate::catalog::ProductDraft;
use crate::http::present;

/// A barcode: digits, quantity, price.
type Pack = (String, i64, Option<i64>);

/// Only the fields that were changed are there.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Before {
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    short_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    spec: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    supplier: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    brand_id: Option<Option<i64>>,
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    category_id: Option<Option<i64>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    unit_id: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    price_fen: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    member_price_fen: Option<Option<i64>>,
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    floor_price_fen: Option<Option<i64>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cost_fen: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tax_rate_bp: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    safety_stock_milli: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    shelf_life_days: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<ProductState>,
    #[serde(skip_serializing_if = "Option::is_none")]
    barcodes: Option<Vec<Pack>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tags: Option<Vec<i64>>,
}

impl Before {
    /// The fields of `old` that are different in `new`.
    pub(super) fn of(old: &Product, new: &Product) -> Before {
        let text = |old: &str, new: &str| (old != new).then(|| old.to_owned());
        let fen = |price: Option<Money>| price.map(Money::fen);
        Before {
            code: text(&old.code, &new.code),
            name: text(&old.name, &new.name),
            short_name: text(&old.short_name, &new.short_name),
            spec: text(&old.spec, &new.spec),
            supplier: text(&old.supplier, &new.supplier),
            brand_id: differs(old.brand_id, new.brand_id),
            category_id: differs(old.category_id, new.category_id),
            unit_id: differs(old.unit_id, new.unit_id),
            price_fen: differs(old.price.fen(), new.price.fen()),
            member_price_fen: differs(fen(old.member_price), fen(new.member_price)),
            floor_price_fen: differs(fen(old.floor_price), fen(new.floor_price)),
            cost_fen: differs(old.cost.fen(), new.cost.fen()),
            tax_rate_bp: differs(old.tax_rate.0, new.tax_rate.0),
            safety_stock_milli: differs(old.safety_stock.milli(), new.safety_stock.milli()),
            shelf_life_days: differs(old.shelf_life_days, new.shelf_life_days),
            state: differs(old.state, new.state),
            barcodes: differs(packs(old), packs(new)),
            tags: differs(old.tags.to_vec(), new.tags.to_vec()),
        }
    }

    /// Whether nothing was different.
    pub(super) fn is_empty(&self) -> bool {
        *self == Before::default()
    }

    /// The code to put back, when it was changed.
    pub(super) fn code(&self) -> Option<&str> {
        self.code.as_deref()
    }

    /// The barcodes to put back, when they were changed.
    pub(super) fn barcodes(&self) -> impl Iterator<Item = &str> {
        let packs = self.barcodes.iter().flatten();
        packs.map(|(barcode, _, _)| barcode.as_str())
    }

    /// The change that puts everything back.
    pub(super) fn into_draft(self, id: ProductId) -> ProductDraft {
        ProductDraft {
            id: Some(id),
            code: cell(self.code),
            name: cell(self.name),
            short_name: cell(self.short_name),
            spec: cell(self.spec),
            supplier: cell(self.supplier),
            brand_id: nullable(self.brand_id),
            category_id: nullable(self.category_id),
            unit_id: cell(self.unit_id),
            price: cell(self.price_fen).map(Money::from_fen),
            member_price: nullable(self.member_price_fen).map(Money::from_fen),
            floor_price: nullable(self.floor_price_fen).map(Money::from_fen),
            cost: cell(self.cost_fen).map(Money::from_fen),
            tax_rate: cell(self.tax_rate_bp).map(Rate),
            safety_stock: cell(self.safety_stock_milli).map(Quantity::from_milli),
            shelf_life_days: cell(self.shelf_life_days),
            state: cell(self.state),
            picture: Cell::Keep,
            barcodes: cell(self.barcodes).map(|packs| packs.into_iter().map(pack).collect()),
            tags: cell(self.tags),
        }
    }
}

fn differs<T: PartialEq>(old: T, new: T) -> Option<T> {
    (old != new).then_some(old)
}

fn packs(product: &Product) -> Vec<Pack> {
    let pack = |pack: &PackBarcode| {
        let price = pack.price.map(Money::fen);
        (pack.barcode.to_string(), pack.qty.milli(), price)
    };
    product.barcodes.iter().map(pack).collect()
}

fn pack((barcode, qty_milli, price_fen): Pack) -> PackBarcode {
    PackBarcode {
        barcode: barcode.into(),
        qty: Quantity::from_milli(qty_milli),
        price: price_fen.map(Money::from_fen),
        main: false,
    }
}

fn cell<T>(value: Option<T>) -> Cell<T> {
    value.map_or(Cell::Keep, Cell::Set)
}

fn nullable<T>(value: Option<Option<T>>) -> Cell<T> {
    match value {
        None => Cell::Keep,
        Some(None) => Cell::Clear,
        Some(Some(value)) => Cell::Set(value),
    }
}
