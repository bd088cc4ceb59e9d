//! Opening stock of goods that are loaded from a file, and taking it back.
//!
//! Promises: the caller's transaction creates the goods and books their stock together; what is taken
//! back is booked as a correction, and only goods nobody has moved since are called unmoved.

use std::collections::{BTreeMap, HashSet};

use aisle_db::{FromQueryResult, Sql, Tx};
use aisle_domain::checkout::Shelf;
use aisle_domain::ids::{LocationId, ProductId, StoreId};
use aisle_domain::inventory::Reason;
use aisle_domain::money::Money;
use aisle_domain::quantity::Quantity;
use aisle_domain::time::Instant;
use uuid::Uuid;

use crate::Result;

use super::ledger::{self, Movement};

/// The document behind the movements.
#[derive(Debug, Clone)]
pub struct OpeningDocument {
    /// The same for all its parts.
    pub id: Uuid,
    /// Whose stock.
    pub store: StoreId,
    /// Who.
    pub actor: String,
    /// In words.
    pub note: String,
    /// When.
    pub at: Instant,
}

/// Stock of one new product at one place.
#[derive(Debug, Clone, Copy)]
pub struct OpeningLine {
    /// Which product.
    pub product: ProductId,
    /// Where it lies.
    pub location: LocationId,
    /// How much.
    pub qty: Quantity,
    /// What one unit cost.
    pub unit_cost: Money,
    /// The line of the document.
    pub line: i64,
}

/// Levels by place, to show after the commit.
pub type Shelves = BTreeMap<LocationId, Shelf>;

/// Books opening stock.
pub async fn book_opening(
    tx: &Tx,
    document: &OpeningDocument,
    lines: &[OpeningLine],
) -> Result<Shelves> {
    let mut shelves = Shelves::new();
    let mut by_place: BTreeMap<LocationId, Vec<&OpeningLine>> = BTreeMap::new();
    for line in lines {
        by_place.entry(line.location).or_default().push(line);
    }
    if !lines.is_empty() {
        insert(tx, document, Reason::Opening).await?;
    }
    for (location, lines) in by_place {
        let place = (document.store, location);
        let products: Vec<ProductId> = lines.iter().map(|line| line.product).collect();
        let mut loaded = ledger::load_levels(tx, place.0, place.1, &products).await?;
        let mut movements = Vec::with_capacity(lines.len());
        for line in lines {
            let level = loaded.shelf.entry(line.product).or_default();
            let entry = level.receive(line.qty, line.unit_cost);
            movements.push(Movement {
                product: line.product,
                entry,
                reason: Reason::Opening,
                ref_id: Some(document.id),
                ref_line: line.line,
                actor: document.actor.clone(),
                note: document.note.clone(),
                happened_at: None,
            });
        }
        let shelf = ledger::record(tx, place, loaded, &movements, document.at).await?;
        shelves.insert(location, shelf);
    }
    Ok(shelves)
}

/// Those of `products` that have a movement besides the opening of this document, or are promised.
pub async fn moved_besides(
    tx: &Tx,
    document: Uuid,
    places: &[(StoreId, LocationId)],
    products: &[ProductId],
) -> Result<HashSet<ProductId>> {
    #[derive(FromQueryResult)]
    struct Row {
        product_id: i64,
        reserved_milli: i64,
        last_entry_id: i64,
        prev_id: Option<i64>,
        ref_id: Option<Uuid>,
    }
    let ids: Vec<i64> = products.iter().map(|id| id.get()).collect();
    let mut moved = HashSet::new();
    for (store, location) in places {
        ledger::lock(tx, *store).await?;
        let rows: Vec<Row> = Sql::new(
            "SELECT s.product_id, s.reserved_milli, s.last_entry_id, l.prev_id, l.ref_id \
             FROM stock_levels s LEFT JOIN stock_ledger l ON l.store_id = s.store_id \
             AND l.id = s.last_entry_id WHERE s.store_id = ",
        )
        .arg(store.get())
        .push(" AND s.location_id = ")
        .arg(location.get())
        .push(" AND ")
        .among(tx, "s.product_id", &ids)
        .all(tx)
        .await?;
        for row in rows {
            let only_opened = row.prev_id == Some(0) && row.ref_id == Some(document);
            if row.reserved_milli != 0 || (row.last_entry_id != 0 && !only_opened) {
                moved.insert(ProductId(row.product_id));
            }
        }
    }
    Ok(moved)
}

/// Books out everything that lies of `products` in these places of the document's store.
pub async fn take_back(
    tx: &Tx,
    document: &OpeningDocument,
    locations: &[LocationId],
    products: &[ProductId],
) -> Result<Shelves> {
    let mut shelves = Shelves::new();
    for location in locations {
        let place = (document.store, *location);
        let mut loaded = ledger::load_levels(tx, place.0, place.1, products).await?;
        loaded
            .shelf
            .retain(|_, level| level.on_hand > Quantity::ZERO);
        if loaded.shelf.is_empty() {
            continue;
        }
        let mut movements = Vec::with_capacity(loaded.shelf.len());
        for (line, (product, level)) in (1i64..).zip(&mut loaded.shelf) {
            movements.push(Movement {
                product: *product,
                entry: level.issue(level.on_hand, Money::ZERO),
                reason: Reason::Correction,
                ref_id: Some(document.id),
                ref_line: line,
                actor: document.actor.clone(),
                note: document.note.clone(),
                happened_at: None,
            });
        }
        insert(tx, document, Reason::Correction).await?;
        let shelf = ledger::record(tx, place, loaded, &movements, document.at).await?;
        shelves.insert(*location, shelf);
    }
    Ok(shelves)
}

async fn insert(tx: &Tx, document: &OpeningDocument, reason: Reason) -> Result<()> {
    Sql::new("INSERT INTO stock_adjustments (store_id, id, request_hash, reason, note, actor, at) VALUES (")
        .arg(document.store.get())
        .push(", ")
        .arg(document.id)
        .push(", '', ")
        .arg(reason.as_str())
        .push(", ")
        .arg(document.note.as_str())
        .push(", ")
        .arg(document.actor.as_str())
        .push(", ")
        .arg(document.at.0)
        .push(") ON CONFLICT (store_id, id) DO NOTHING")
        .run(tx)
        .await?;
    Ok(())
}
