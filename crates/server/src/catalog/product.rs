//! Creating and changing goods, one or a hundred thousand in one way.
//!
//! Promises: either every draft of a call is stored or none; a barcode or code belongs to one
//! product; every call gets one new catalogue version and one operation-log entry.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use aisle_db::{Bulk, Sql, Tx};
use aisle_domain::catalog::{PackBarcode, Product, ProductState};
use aisle_domain::ids::ProductId;
use aisle_domain::mnemonic::mnemonic;
use aisle_domain::money::{Money, Rate};
use aisle_domain::product_sheet::Cell;
use aisle_domain::quantity::Quantity;
use aisle_domain::time::Instant;
use serde_json::json;

use crate::ops::{self, Operation};
use crate::{App, Error, Result, codes};

use super::load;
use super::snapshot::Snapshot;

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

/// What a call did.
#[derive(Debug, Default)]
pub struct SaveReport {
    /// Identities, one for each draft, in order.
    pub ids: Vec<ProductId>,
    /// New goods.
    pub created: usize,
    /// Goods that became different.
    pub updated: usize,
    /// Goods that were so already.
    pub unchanged: usize,
    /// The catalogue's version after it.
    pub version: i64,
}

/// Stores drafts in one transaction of the caller. The snapshot must be refreshed after the commit.
pub async fn save(
    tx: &Tx,
    snapshot: &Snapshot,
    drafts: Vec<ProductDraft>,
    now: Instant,
    operation: Operation,
) -> Result<SaveReport> {
    let version = ops::take_numbers(tx, load::VERSION, 1).await?;
    let created = drafts.iter().filter(|draft| draft.id.is_none()).count();
    let count = i64::try_from(created).unwrap_or(0);
    let mut next_id = ops::take_numbers(tx, "products", count).await? - count;
    let mut report = SaveReport {
        created,
        version,
        ..SaveReport::default()
    };
    let mut changed = Vec::with_capacity(drafts.len());
    for draft in drafts {
        let old = draft.id.and_then(|id| snapshot.product(id));
        if draft.id.is_some() && old.is_none() {
            return Err(Error::code(&codes::NOT_FOUND));
        }
        let mut product = old.map_or_else(blank, |old| (**old).clone());
        if old.is_none() {
            next_id += 1;
            product.id = ProductId(next_id);
        }
        draft.apply(&mut product);
        report.ids.push(product.id);
        if old.is_some_and(|old| **old == product) {
            report.unchanged += 1;
            continue;
        }
        report.updated += usize::from(old.is_some());
        product.version = version;
        product.updated_at = now.0;
        changed.push((product, old.cloned()));
    }
    refuse_taken(snapshot, &changed)?;
    write(tx, &changed, now).await?;
    if !changed.is_empty() {
        ops::record(tx, now, operation.detail(differences(&changed))).await?;
    }
    Ok(report)
}

/// Saves drafts, takes them in, and tells the tills.
pub async fn save_and_announce(
    app: &App,
    drafts: Vec<ProductDraft>,
    operation: Operation,
) -> Result<SaveReport> {
    let now = app.clock.now();
    let report = aisle_db::transact!(app.db, |tx| {
        let snapshot = app.catalogue.products_full();
        save(tx, &snapshot, drafts.clone(), now, operation.clone()).await
    })?;
    announce(app).await?;
    Ok(report)
}

/// Takes in what was committed and tells the tills.
pub(super) async fn announce(app: &App) -> Result<()> {
    let version = app.catalogue.refresh(&app.db).await?;
    app.events
        .publish("price.changed", json!({ "version": version }));
    Ok(())
}

fn blank() -> Product {
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
    /// Puts what the draft sets into `product`.
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

type Changed = (Product, Option<Arc<Product>>);

/// A code or barcode of another product, or twice in this call, is refused with its owner's name.
fn refuse_taken(snapshot: &Snapshot, changed: &[Changed]) -> Result<()> {
    let changing: HashSet<ProductId> = changed.iter().map(|(product, _)| product.id).collect();
    let mut barcodes: HashMap<&str, &Product> = HashMap::new();
    let mut names: HashMap<&str, &Product> = HashMap::new();
    let taken = |code, value: &str, owner: &Product| {
        Err(Error::with(
            code,
            vec![json!({ "value": value, "product_id": owner.id, "name": &*owner.name })],
        ))
    };
    let elsewhere = |owner: Option<&Arc<Product>>| -> Option<Arc<Product>> {
        owner.filter(|owner| !changing.contains(&owner.id)).cloned()
    };
    for (product, _) in changed {
        if let Some(other) = names.insert(&product.code, product) {
            return taken(&codes::NAME_TAKEN, &product.code, other);
        }
        if let Some(owner) = elsewhere(snapshot.by_code(&product.code)) {
            return taken(&codes::NAME_TAKEN, &product.code, &owner);
        }
        for pack in &product.barcodes {
            if let Some(other) = barcodes.insert(&pack.barcode, product) {
                return taken(&codes::BARCODE_TAKEN, &pack.barcode, other);
            }
            if let Some(owner) = elsewhere(snapshot.by_barcode(&pack.barcode)) {
                return taken(&codes::BARCODE_TAKEN, &pack.barcode, &owner);
            }
        }
    }
    Ok(())
}

async fn write(tx: &Tx, changed: &[Changed], now: Instant) -> Result<()> {
    let goods = || changed.iter().map(|(product, _)| product);
    Bulk::into("products")
        .bigint("id", goods().map(|p| p.id.get()))
        .text("code", goods().map(|p| &*p.code))
        .text("name", goods().map(|p| &*p.name))
        .text("short_name", goods().map(|p| &*p.short_name))
        .text("spec", goods().map(|p| &*p.spec))
        .bigint_opt("brand_id", goods().map(|p| p.brand_id))
        .bigint_opt("category_id", goods().map(|p| p.category_id))
        .bigint("unit_id", goods().map(|p| p.unit_id))
        .bigint("price_fen", goods().map(|p| p.price.fen()))
        .bigint_opt(
            "member_price_fen",
            goods().map(|p| p.member_price.map(Money::fen)),
        )
        .bigint_opt(
            "floor_price_fen",
            goods().map(|p| p.floor_price.map(Money::fen)),
        )
        .bigint("cost_fen", goods().map(|p| p.cost.fen()))
        .bigint("tax_rate_bp", goods().map(|p| p.tax_rate.0))
        .bigint(
            "safety_stock_milli",
            goods().map(|p| p.safety_stock.milli()),
        )
        .bigint("shelf_life_days", goods().map(|p| p.shelf_life_days))
        .text("supplier", goods().map(|p| &*p.supplier))
        .text("state", goods().map(|p| p.state.as_str()))
        .text("mnemonic", goods().map(|p| &*p.mnemonic))
        .text_opt(
            "picture",
            goods().map(|p| p.picture.as_deref().map(str::to_owned)),
        )
        .bigint("version", goods().map(|p| p.version))
        .bigint("created_at", goods().map(|_| now.0))
        .bigint("updated_at", goods().map(|p| p.updated_at))
        .tail(
            "ON CONFLICT (id) DO UPDATE SET code = excluded.code, name = excluded.name, \
             short_name = excluded.short_name, spec = excluded.spec, brand_id = excluded.brand_id, \
             category_id = excluded.category_id, unit_id = excluded.unit_id, \
             price_fen = excluded.price_fen, member_price_fen = excluded.member_price_fen, \
             floor_price_fen = excluded.floor_price_fen, cost_fen = excluded.cost_fen, \
             tax_rate_bp = excluded.tax_rate_bp, safety_stock_milli = excluded.safety_stock_milli, \
             shelf_life_days = excluded.shelf_life_days, supplier = excluded.supplier, \
             state = excluded.state, mnemonic = excluded.mnemonic, picture = excluded.picture, \
             version = excluded.version, updated_at = excluded.updated_at",
        )
        .insert(tx)
        .await?;
    write_barcodes(tx, changed).await?;
    write_tags(tx, changed).await
}

async fn write_barcodes(tx: &Tx, changed: &[Changed]) -> Result<()> {
    let differs = |(product, old): &&Changed| {
        old.as_ref()
            .is_none_or(|old| old.barcodes != product.barcodes)
    };
    let rewritten: Vec<&Product> = changed.iter().filter(differs).map(|(p, _)| p).collect();
    let ids: Vec<i64> = rewritten.iter().map(|product| product.id.get()).collect();
    Sql::new("DELETE FROM product_barcodes WHERE ")
        .among(tx, "product_id", &ids)
        .run(tx)
        .await?;
    let rows: Vec<(i64, i64, &PackBarcode)> = rewritten
        .iter()
        .flat_map(|product| {
            (0i64..)
                .zip(&product.barcodes)
                .map(|(at, pack)| (product.id.get(), at, pack))
        })
        .collect();
    Bulk::into("product_barcodes")
        .text("barcode", rows.iter().map(|row| &*row.2.barcode))
        .bigint("product_id", rows.iter().map(|row| row.0))
        .bigint("position", rows.iter().map(|row| row.1))
        .bigint("qty_milli", rows.iter().map(|row| row.2.qty.milli()))
        .bigint_opt(
            "price_fen",
            rows.iter().map(|row| row.2.price.map(Money::fen)),
        )
        .insert(tx)
        .await?;
    Ok(())
}

async fn write_tags(tx: &Tx, changed: &[Changed]) -> Result<()> {
    let differs =
        |(product, old): &&Changed| old.as_ref().is_none_or(|old| old.tags != product.tags);
    let rewritten: Vec<&Product> = changed.iter().filter(differs).map(|(p, _)| p).collect();
    let ids: Vec<i64> = rewritten.iter().map(|product| product.id.get()).collect();
    Sql::new("DELETE FROM product_tags WHERE ")
        .among(tx, "product_id", &ids)
        .run(tx)
        .await?;
    let rows: Vec<(i64, i64)> = rewritten
        .iter()
        .flat_map(|product| product.tags.iter().map(|tag| (product.id.get(), *tag)))
        .collect();
    Bulk::into("product_tags")
        .bigint("product_id", rows.iter().map(|row| row.0))
        .bigint("tag_id", rows.iter().map(|row| row.1))
        .insert(tx)
        .await?;
    Ok(())
}

/// What the operation log keeps: prices before and after of up to fifty goods, and the count.
fn differences(changed: &[Changed]) -> serde_json::Value {
    let items: Vec<_> = changed
        .iter()
        .take(50)
        .map(|(product, old)| {
            json!({
                "product_id": product.id, "name": &*product.name,
                "before": old.as_ref().map(|old| summary(old)),
                "after": summary(product),
            })
        })
        .collect();
    json!({ "count": changed.len(), "items": items })
}

fn summary(product: &Product) -> serde_json::Value {
    json!({
        "code": &*product.code, "name": &*product.name, "price_fen": product.price,
        "member_price_fen": product.member_price, "cost_fen": product.cost,
        "state": product.state, "category_id": product.category_id,
        "barcodes": product.barcodes.iter().map(|pack| &*pack.barcode).collect::<Vec<_>>(),
    })
}
