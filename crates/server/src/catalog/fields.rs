//! The fields of a product as clients send them, read into a draft.
//!
//! Refuses: lengths, amounts and rates out of range, unknown states, barcodes with a wrong check
//! digit, and a cost from somebody who may not see costs.

use aisle_domain::barcode::Barcode;
use aisle_domain::bulk_change::PRICE_MOST_FEN;
use aisle_domain::catalog::{PackBarcode, ProductState};
use aisle_domain::identity::Permission;
use aisle_domain::ids::ProductId;
use aisle_domain::money::{Money, Rate};
use aisle_domain::product_sheet::Cell;
use aisle_domain::quantity::Quantity;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use crate::http::{Actor, plain_text, present, text};
use crate::{Error, Result, codes};

use super::draft::ProductDraft;

/// The largest safety stock, in thousandths.
pub(super) const SAFETY_STOCK_MOST_MILLI: i64 = 1_000_000_000_000;

/// Fields of a product. Absent ones stay; `null` clears where that can be.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ProductFields {
    code: Option<String>,
    pub(super) name: Option<String>,
    short_name: Option<String>,
    spec: Option<String>,
    pub(super) unit_id: Option<i64>,
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<i64>)]
    brand_id: Option<Option<i64>>,
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<i64>)]
    category_id: Option<Option<i64>>,
    pub(super) price_fen: Option<i64>,
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<i64>)]
    member_price_fen: Option<Option<i64>>,
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<i64>)]
    floor_price_fen: Option<Option<i64>>,
    /// Needs `cost.read`.
    cost_fen: Option<i64>,
    tax_rate_bp: Option<i64>,
    safety_stock_milli: Option<i64>,
    shelf_life_days: Option<i64>,
    supplier: Option<String>,
    state: Option<String>,
    /// All barcodes, the main one first.
    barcodes: Option<Vec<BarcodeView>>,
    tags: Option<Vec<i64>>,
}

/// A barcode of a product.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct BarcodeView {
    barcode: String,
    /// What one scan means in the product's unit, thousandths; 1000 for the piece.
    #[serde(default = "one_piece")]
    qty_milli: i64,
    /// Price of the whole pack; pieces at the piece price when absent.
    #[serde(default)]
    price_fen: Option<i64>,
}

fn one_piece() -> i64 {
    1000
}

impl ProductFields {
    /// A draft for this product, or for a new one.
    pub(super) fn into_draft(self, actor: &Actor, id: Option<ProductId>) -> Result<ProductDraft> {
        if self.cost_fen.is_some() && !actor.may(Permission::CostRead) {
            return Err(Error::with(
                &codes::DENIED,
                vec![json!({ "permission": Permission::CostRead })],
            ));
        }
        let state = match self.state.as_deref() {
            None => None,
            Some(name) => Some(
                ProductState::parse(name).ok_or_else(|| Error::invalid("state", "not a state"))?,
            ),
        };
        let price = |name, fen: Option<i64>| -> Result<Cell<Money>> {
            Ok(cell(
                ranged(name, fen, PRICE_MOST_FEN)?.map(Money::from_fen),
            ))
        };
        Ok(ProductDraft {
            id,
            code: cell(
                self.code
                    .map(|code| plain_text("code", &code, 1, 32))
                    .transpose()?,
            ),
            name: cell_text("name", self.name, 1, 100)?,
            short_name: cell_text("short_name", self.short_name, 0, 40)?,
            spec: cell_text("spec", self.spec, 0, 60)?,
            unit_id: cell(self.unit_id),
            brand_id: nullable(self.brand_id),
            category_id: nullable(self.category_id),
            price: price("price_fen", self.price_fen)?,
            member_price: nullable_price("member_price_fen", self.member_price_fen)?,
            floor_price: nullable_price("floor_price_fen", self.floor_price_fen)?,
            cost: price("cost_fen", self.cost_fen)?,
            tax_rate: cell(ranged("tax_rate_bp", self.tax_rate_bp, 10_000)?.map(Rate)),
            safety_stock: cell(
                ranged(
                    "safety_stock_milli",
                    self.safety_stock_milli,
                    SAFETY_STOCK_MOST_MILLI,
                )?
                .map(Quantity::from_milli),
            ),
            shelf_life_days: cell(ranged("shelf_life_days", self.shelf_life_days, 36_500)?),
            supplier: cell_text("supplier", self.supplier, 0, 60)?,
            state: cell(state),
            picture: Cell::Keep,
            barcodes: match self.barcodes {
                None => Cell::Keep,
                Some(barcodes) => Cell::Set(packs(barcodes)?),
            },
            tags: cell(self.tags),
        })
    }
}

/// A barcode as clients see it.
pub(super) fn barcode_view(pack: &PackBarcode) -> BarcodeView {
    BarcodeView {
        barcode: pack.barcode.to_string(),
        qty_milli: pack.qty.milli(),
        price_fen: pack.price.map(Money::fen),
    }
}

fn packs(barcodes: Vec<BarcodeView>) -> Result<Vec<PackBarcode>> {
    barcodes
        .into_iter()
        .map(|view| {
            let barcode = Barcode::parse(&view.barcode).map_err(|error| {
                Error::with(
                    &codes::BAD_CHECK_DIGIT,
                    vec![json!({ "name": "barcodes", "value": view.barcode, "detail": error.to_string() })],
                )
            })?;
            if view.qty_milli <= 0 {
                return Err(Error::invalid("barcodes", "qty_milli must be more than 0"));
            }
            Ok(PackBarcode {
                barcode: barcode.as_str().into(),
                qty: Quantity::from_milli(view.qty_milli),
                price: ranged("barcodes", view.price_fen, PRICE_MOST_FEN)?.map(Money::from_fen),
                main: false,
            })
        })
        .collect()
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

fn nullable_price(name: &str, value: Option<Option<i64>>) -> Result<Cell<Money>> {
    ranged(name, value.flatten(), PRICE_MOST_FEN)?;
    Ok(nullable(value.map(|fen| fen.map(Money::from_fen))))
}

fn cell_text(name: &str, value: Option<String>, min: usize, max: usize) -> Result<Cell<String>> {
    Ok(cell(
        value
            .map(|value| text(name, &value, min, max))
            .transpose()?,
    ))
}

fn ranged(name: &str, value: Option<i64>, max: i64) -> Result<Option<i64>> {
    match value {
        Some(value) if !(0..=max).contains(&value) => {
            Err(Error::invalid(name, &format!("0 to {max}")))
        }
        other => Ok(other),
    }
}
