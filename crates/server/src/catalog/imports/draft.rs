//! What a row of the sheet does to the catalogue, decided without a database.
//!
//! Promises: a row with a barcode or code somebody has is a change of that product, else a new one;
//! a barcode the product already has stays where it is, another one becomes its main barcode and the
//! old ones stay; every reason a row cannot be taken is told at once.

use std::sync::Arc;

use aisle_domain::barcode::Barcode;
use aisle_domain::catalog::{PackBarcode, Product};
use aisle_domain::money::{Money, Rate};
use aisle_domain::product_sheet::{Cell, Columns, Field, FieldError, ProductRow};
use aisle_domain::quantity::Quantity;
use serde_json::{Value, json};

use crate::catalog::{ProductDraft, Snapshot};

use super::before::Before;
use super::names::{Names, unit_of};

/// Stands for something that gets its identity when the row is applied.
const TO_BE_MADE: i64 = -1;

/// What a good row does.
#[derive(Debug)]
pub(super) struct Judged {
    /// The product it changes; none = a new one.
    pub(super) target: Option<Arc<Product>>,
    /// The change.
    pub(super) draft: ProductDraft,
    /// The changed fields as they are; none for a new product, empty when nothing changes.
    pub(super) before: Option<Before>,
}

impl Judged {
    /// Whether the catalogue is so already.
    pub(super) fn is_unchanged(&self) -> bool {
        self.before.as_ref().is_some_and(Before::is_empty)
    }
}

/// Where the columns stand, what the catalogue holds and what has a name.
#[derive(Debug, Clone, Copy)]
pub(super) struct Known<'a> {
    pub(super) columns: &'a Columns,
    pub(super) snapshot: &'a Snapshot,
    pub(super) names: &'a Names,
}

/// One wrong cell, in the form of [`FieldError`].
pub(super) fn row_error(columns: &Columns, field: Field, code: &str, value: &str) -> Value {
    json!({ "column": columns.column(field), "code": code, "value": value })
}

/// The same for cells the sheet's parser refused.
pub(super) fn field_errors(errors: &[FieldError]) -> Vec<Value> {
    errors
        .iter()
        .map(|error| serde_json::to_value(error).unwrap_or_default())
        .collect()
}

/// Decides about a row.
pub(super) fn judge(row: &ProductRow, known: Known<'_>) -> Result<Judged, Vec<Value>> {
    let target = target(row, known)?;
    let mut errors = match &target {
        None => field_errors(&row.missing_for_new(known.columns)),
        Some(_) => Vec::new(),
    };
    let packs = match packs(row, target.as_deref()) {
        Ok(packs) => packs,
        Err((field, code, value)) => {
            errors.push(row_error(known.columns, field, code, &value));
            Vec::new()
        }
    };
    errors.extend(taken(row, target.as_deref(), &packs, known));
    errors.extend(weighed_otherwise(row, target.as_deref(), known));
    if !errors.is_empty() {
        return Err(errors);
    }
    let draft = draft(row, target.as_deref(), packs, known.names);
    let before = target.as_deref().map(|old| {
        let mut after = old.clone();
        draft.clone().apply(&mut after);
        Before::of(old, &after)
    });
    Ok(Judged {
        target,
        draft,
        before,
    })
}

fn target(row: &ProductRow, known: Known<'_>) -> Result<Option<Arc<Product>>, Vec<Value>> {
    let code = row.code.value();
    let barcode = row.barcode.value();
    let by_code = code.and_then(|code| known.snapshot.by_code(code));
    let by_barcode = barcode.and_then(|barcode| known.snapshot.by_barcode(barcode.as_str()));
    match (by_code, by_barcode) {
        (Some(named), Some(owner)) if named.id != owner.id => Err(vec![taken_error(
            known.columns,
            Field::Barcode,
            barcode.map_or("", Barcode::as_str),
            owner,
        )]),
        (named, owner) => Ok(named.or(owner).cloned()),
    }
}

/// All barcodes of the product after the row, or the field that prevents it.
fn packs(
    row: &ProductRow,
    target: Option<&Product>,
) -> Result<Vec<PackBarcode>, (Field, &'static str, String)> {
    let mut packs = target.map_or_else(Vec::new, |old| old.barcodes.to_vec());
    if let Some(main) = row.barcode.value()
        && !holds(&packs, main)
    {
        packs.insert(0, piece(main));
    }
    if !matches!(row.extra_barcodes, Cell::Keep) {
        let main = packs.first().map(|pack| pack.barcode.clone());
        packs.retain(|pack| is_carton(pack) || Some(&pack.barcode) == main.as_ref());
    }
    for extra in row.extra_barcodes.value().into_iter().flatten() {
        if !holds(&packs, extra) {
            packs.push(piece(extra));
        }
    }
    match &row.carton_barcode {
        Cell::Clear => packs.retain(|pack| !is_carton(pack)),
        Cell::Keep => {
            if let Some(carton) = packs.iter_mut().find(|pack| is_carton(pack)) {
                set_carton(carton, row);
            }
        }
        Cell::Set(barcode) => add_carton(&mut packs, row, barcode)?,
    }
    Ok(packs)
}

fn add_carton(
    packs: &mut Vec<PackBarcode>,
    row: &ProductRow,
    barcode: &Barcode,
) -> Result<(), (Field, &'static str, String)> {
    let own = packs
        .iter_mut()
        .find(|pack| *pack.barcode == *barcode.as_str());
    match own {
        Some(own) if is_carton(own) => set_carton(own, row),
        Some(own) => {
            return Err((
                Field::CartonBarcode,
                "duplicate_in_row",
                own.barcode.to_string(),
            ));
        }
        None if row.carton_ratio.value().is_none() => {
            return Err((Field::CartonRatio, "required", String::new()));
        }
        None => {
            let mut carton = piece(barcode);
            set_carton(&mut carton, row);
            packs.push(carton);
        }
    }
    Ok(())
}

fn set_carton(carton: &mut PackBarcode, row: &ProductRow) {
    if let Some(ratio) = row.carton_ratio.value() {
        carton.qty = Quantity::from_milli(ratio * 1000);
    }
    carton.price = row
        .carton_price_fen
        .clone()
        .map(Money::from_fen)
        .apply(carton.price);
}

fn piece(barcode: &Barcode) -> PackBarcode {
    PackBarcode {
        barcode: barcode.as_str().into(),
        qty: Quantity::ONE,
        price: None,
        main: false,
    }
}

fn is_carton(pack: &PackBarcode) -> bool {
    pack.qty != Quantity::ONE
}

fn holds(packs: &[PackBarcode], barcode: &Barcode) -> bool {
    packs.iter().any(|pack| *pack.barcode == *barcode.as_str())
}

/// Barcodes that belong to another product.
fn taken(
    row: &ProductRow,
    target: Option<&Product>,
    packs: &[PackBarcode],
    known: Known<'_>,
) -> Vec<Value> {
    let mut errors = Vec::new();
    for pack in packs {
        let Some(owner) = known.snapshot.by_barcode(&pack.barcode) else {
            continue;
        };
        if target.is_some_and(|target| target.id == owner.id) {
            continue;
        }
        let is_main = row.barcode.value().map(Barcode::as_str) == Some(&pack.barcode);
        let field = if is_main {
            Field::Barcode
        } else if is_carton(pack) {
            Field::CartonBarcode
        } else {
            Field::ExtraBarcodes
        };
        errors.push(taken_error(known.columns, field, &pack.barcode, owner));
    }
    errors
}

fn taken_error(columns: &Columns, field: Field, barcode: &str, owner: &Product) -> Value {
    let mut error = row_error(columns, field, "barcode_taken", barcode);
    error["product_id"] = json!(owner.id);
    error["name"] = json!(&*owner.name);
    error
}

/// Weighing belongs to the unit, so a row cannot say otherwise than its unit.
fn weighed_otherwise(
    row: &ProductRow,
    target: Option<&Product>,
    known: Known<'_>,
) -> Option<Value> {
    let wanted = *row.weighed.value()?;
    let stored = match target {
        Some(target) if row.unit.value().is_none() => Some(target.weighed),
        _ => known.names.unit(unit_of(row)).map(|unit| unit.weighed),
    };
    let value = if wanted { "是" } else { "否" };
    (stored? != wanted)
        .then(|| row_error(known.columns, Field::Weighed, "unit_weighed_differs", value))
}

fn draft(
    row: &ProductRow,
    target: Option<&Product>,
    packs: Vec<PackBarcode>,
    names: &Names,
) -> ProductDraft {
    let row = row.clone();
    let unit_id = match (target, row.unit.value()) {
        (Some(_), None) => Cell::Keep,
        _ => Cell::Set(names.unit(unit_of(&row)).map_or(TO_BE_MADE, |unit| unit.id)),
    };
    let tag = |name: &String| names.tag(name).unwrap_or(TO_BE_MADE);
    ProductDraft {
        id: target.map(|target| target.id),
        code: row.code,
        name: row.name,
        short_name: row.short_name,
        spec: row.spec,
        brand_id: row
            .brand
            .map(|name| names.brand(&name).unwrap_or(TO_BE_MADE)),
        category_id: row
            .category
            .map(|path| names.category(&path).unwrap_or(TO_BE_MADE)),
        unit_id,
        price: row.price_fen.map(Money::from_fen),
        member_price: row.member_price_fen.map(Money::from_fen),
        floor_price: row.floor_price_fen.map(Money::from_fen),
        cost: row.cost_fen.map(Money::from_fen),
        tax_rate: row.tax_rate_bp.map(Rate),
        safety_stock: row.safety_stock_milli.map(Quantity::from_milli),
        shelf_life_days: row.shelf_life_days,
        supplier: row.supplier,
        state: row.state,
        picture: Cell::Keep,
        barcodes: Cell::Set(packs),
        tags: row.tags.map(|tags| tags.iter().map(tag).collect()),
    }
}
