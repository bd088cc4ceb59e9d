//! Creating and changing goods, one or a hundred thousand in one way.
//!
//! Promises: either every draft of a call is stored or none; a barcode or code belongs to one
//! product; every call gets one new catalogue version and one operation-log entry; what somebody
//! else changed meanwhile is changed further, not overwritten.
//! Refuses: units, brands, categories and tags that do not exist.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use aisle_db::Tx;
use aisle_domain::catalog::Product;
use aisle_domain::ids::ProductId;
use aisle_domain::time::Instant;
use serde_json::json;

use crate::ops::{self, Operation};
use crate::{App, Error, Result, codes};

use super::draft::{ProductDraft, blank};
use super::snapshot::Snapshot;
use super::{load, product_rows, taxonomy};

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

/// Stores drafts in one transaction of the caller. The catalogue must be refreshed after the commit.
pub async fn save(
    tx: &Tx,
    snapshot: &Snapshot,
    drafts: Vec<ProductDraft>,
    now: Instant,
    operation: Operation,
) -> Result<SaveReport> {
    let version = ops::take_numbers(tx, load::VERSION, 1).await?;
    let snapshot = &newest(tx, snapshot, version - 1).await?;
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
    refuse_unknown(tx, &changed).await?;
    product_rows::write(tx, &changed, now).await?;
    if let Some((first, _)) = changed.first() {
        let operation = match changed.len() {
            1 => operation.on_this(|| format!("product {}", first.id)),
            _ => operation,
        };
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

/// The goods as they are inside this transaction. Until it ends nobody else changes any.
pub(super) async fn locked(tx: &Tx, app: &App) -> Result<Snapshot> {
    let version = load::lock(tx).await?;
    newest(tx, &app.catalogue.products_full(), version).await
}

/// Takes in what was committed and tells the tills.
pub(super) async fn announce(app: &App) -> Result<()> {
    let version = app.catalogue.refresh(&app.db).await?;
    app.events
        .publish("price.changed", json!({ "version": version }));
    Ok(())
}

/// A product as it becomes, and as it was.
pub(super) type Changed = (Product, Option<Arc<Product>>);

/// A picture with everything up to `version`: another transaction may have ended since it was taken.
async fn newest(tx: &Tx, snapshot: &Snapshot, version: i64) -> Result<Snapshot> {
    if snapshot.version() >= version {
        return Ok(snapshot.clone());
    }
    let newer = load::since(tx, snapshot.version()).await?;
    Ok(snapshot.with(newer).at_version(version))
}

/// A code or barcode of another product, or twice in this call, is refused with its owner's name.
fn refuse_taken(snapshot: &Snapshot, changed: &[Changed]) -> Result<()> {
    let changing: HashSet<ProductId> = changed.iter().map(|(product, _)| product.id).collect();
    let mut barcodes: HashMap<&str, &Product> = HashMap::new();
    let mut names: HashMap<&str, &Product> = HashMap::new();
    let taken = |code, field, value: &str, owner: &Product| {
        Err(Error::with(
            code,
            vec![
                json!({ "name": field, "value": value, "product_id": owner.id, "product_name": &*owner.name }),
            ],
        ))
    };
    let elsewhere = |owner: Option<&Arc<Product>>| -> Option<Arc<Product>> {
        owner.filter(|owner| !changing.contains(&owner.id)).cloned()
    };
    for (product, _) in changed {
        if let Some(other) = names.insert(&product.code, product) {
            return taken(&codes::NAME_TAKEN, "code", &product.code, other);
        }
        if let Some(owner) = elsewhere(snapshot.by_code(&product.code)) {
            return taken(&codes::NAME_TAKEN, "code", &product.code, &owner);
        }
        for pack in &product.barcodes {
            if let Some(other) = barcodes.insert(&pack.barcode, product) {
                return taken(&codes::BARCODE_TAKEN, "barcodes", &pack.barcode, other);
            }
            if let Some(owner) = elsewhere(snapshot.by_barcode(&pack.barcode)) {
                return taken(&codes::BARCODE_TAKEN, "barcodes", &pack.barcode, &owner);
            }
        }
    }
    Ok(())
}

/// What describes the goods must be there.
async fn refuse_unknown(tx: &Tx, changed: &[Changed]) -> Result<()> {
    let of = |named: fn(&Product) -> Vec<i64>| -> Vec<i64> {
        let mut ids: Vec<i64> = changed
            .iter()
            .filter(|(product, old)| old.as_ref().is_none_or(|old| named(old) != named(product)))
            .flat_map(|(product, _)| named(product))
            .collect();
        ids.sort_unstable();
        ids.dedup();
        ids
    };
    for (field, table, ids) in [
        ("unit_id", "units", of(|product| vec![product.unit_id])),
        (
            "brand_id",
            "brands",
            of(|product| product.brand_id.into_iter().collect()),
        ),
        (
            "category_id",
            "categories",
            of(|product| product.category_id.into_iter().collect()),
        ),
        ("tags", "tags", of(|product| product.tags.to_vec())),
    ] {
        let known = taxonomy::known_ids(tx, table, &ids).await?;
        if let Some(id) = ids.iter().find(|id| !known.contains(id)) {
            return Err(Error::invalid(field, &format!("there is no {id}")));
        }
    }
    Ok(())
}

/// What the operation log keeps: what changed of one product, or of up to fifty and how many there are.
fn differences(changed: &[Changed]) -> serde_json::Value {
    let items: Vec<_> = changed
        .iter()
        .take(50)
        .map(|(product, old)| {
            json!({
                "product_id": product.id, "name": &*product.name,
                "changes": ops::changes(&old.as_ref().map(|old| summary(old)), &summary(product)),
            })
        })
        .collect();
    match <[_; 1]>::try_from(items) {
        Ok([only]) => only,
        Err(items) => json!({ "count": changed.len(), "items": items }),
    }
}

fn summary(product: &Product) -> serde_json::Value {
    let packs = product.barcodes.iter();
    json!({
        "code": &*product.code, "name": &*product.name, "short_name": &*product.short_name,
        "spec": &*product.spec, "unit": &*product.unit, "category_id": product.category_id,
        "brand_id": product.brand_id, "price_fen": product.price,
        "member_price_fen": product.member_price, "floor_price_fen": product.floor_price,
        "cost_fen": product.cost, "tax_rate_bp": product.tax_rate,
        "safety_stock_milli": product.safety_stock, "shelf_life_days": product.shelf_life_days,
        "supplier": &*product.supplier, "state": product.state, "mnemonic": &*product.mnemonic,
        "picture": &product.picture, "tags": product.tags,
        "barcodes": packs.map(|pack| &*pack.barcode).collect::<Vec<_>>(),
    })
}
