//! Loading levels to decide on, and recording what was decided.

use std::collections::{HashMap, HashSet};

use aisle_db::{Bulk, FromQueryResult, Sql, Tx};
use aisle_domain::checkout::Shelf;
use aisle_domain::ids::{LocationId, ProductId, StoreId};
use aisle_domain::inventory::{Entry, Level, Reason};
use aisle_domain::money::Money;
use aisle_domain::quantity::Quantity;
use aisle_domain::time::Instant;
use uuid::Uuid;

use crate::{Result, ops};

/// One change of a level, as it is recorded.
#[derive(Debug, Clone)]
pub struct Movement {
    /// Which product.
    pub product: ProductId,
    /// What changed.
    pub entry: Entry,
    /// Why.
    pub reason: Reason,
    /// The document behind it.
    pub ref_id: Option<Uuid>,
    /// The line of the document.
    pub ref_line: i64,
    /// Who.
    pub actor: String,
    /// In a person's words.
    pub note: String,
}

/// Levels as loaded: what to decide on, and the ends of their ledger chains.
#[derive(Debug, Default)]
pub struct Loaded {
    /// To decide on.
    pub shelf: Shelf,
    last: HashMap<ProductId, i64>,
}

#[derive(FromQueryResult)]
struct LevelRow {
    product_id: i64,
    on_hand_milli: i64,
    reserved_milli: i64,
    value_fen: i64,
    last_entry_id: i64,
}

/// Loads and locks the levels of these goods at one place, in product order, so that no two
/// transactions wait for each other. A product without a row has nothing.
pub async fn load_levels(
    tx: &Tx,
    store: StoreId,
    location: LocationId,
    products: &[ProductId],
) -> Result<Loaded> {
    let mut ids: Vec<i64> = products.iter().map(|id| id.get()).collect();
    ids.sort_unstable();
    ids.dedup();
    let mut rows = locked_rows(tx, (store, location), &ids).await?;
    if rows.len() < ids.len() {
        // What has no row cannot be locked: make one, so that two first sales of a product meet on it.
        make_rows(tx, (store, location), &ids, &rows).await?;
        rows = locked_rows(tx, (store, location), &ids).await?;
    }
    let mut loaded = Loaded::default();
    for id in ids {
        loaded.shelf.insert(ProductId(id), Level::default());
    }
    for row in rows {
        let id = ProductId(row.product_id);
        let level = Level {
            on_hand: Quantity::from_milli(row.on_hand_milli),
            reserved: Quantity::from_milli(row.reserved_milli),
            value: Money::from_fen(row.value_fen),
        };
        loaded.shelf.insert(id, level);
        loaded.last.insert(id, row.last_entry_id);
    }
    Ok(loaded)
}

async fn locked_rows(
    tx: &Tx,
    (store, location): (StoreId, LocationId),
    ids: &[i64],
) -> Result<Vec<LevelRow>> {
    Ok(Sql::new(
        "SELECT product_id, on_hand_milli, reserved_milli, value_fen, last_entry_id \
         FROM stock_levels WHERE store_id = ",
    )
    .arg(store.get())
    .push(" AND location_id = ")
    .arg(location.get())
    .push(" AND ")
    .among(tx, "product_id", ids)
    .push(" AND lot_id = 0 ORDER BY product_id")
    .for_update(tx)
    .all(tx)
    .await?)
}

async fn make_rows(
    tx: &Tx,
    (store, location): (StoreId, LocationId),
    ids: &[i64],
    there: &[LevelRow],
) -> Result<()> {
    let known: HashSet<i64> = there.iter().map(|row| row.product_id).collect();
    let missing: Vec<i64> = ids
        .iter()
        .copied()
        .filter(|id| !known.contains(id))
        .collect();
    let each = || missing.iter();
    Bulk::into("stock_levels")
        .bigint("store_id", each().map(|_| store.get()))
        .bigint("location_id", each().map(|_| location.get()))
        .bigint("product_id", each().copied())
        .bigint("lot_id", each().map(|_| 0))
        .bigint("on_hand_milli", each().map(|_| 0))
        .bigint("value_fen", each().map(|_| 0))
        .tail("ON CONFLICT (store_id, location_id, product_id, lot_id) DO NOTHING")
        .insert(tx)
        .await?;
    Ok(())
}

/// Writes the levels back and appends the movements, in order, to the ledger.
pub async fn record(
    tx: &Tx,
    place: (StoreId, LocationId),
    mut loaded: Loaded,
    movements: &[Movement],
    at: Instant,
) -> Result<Shelf> {
    let (store, location) = place;
    let count = i64::try_from(movements.len()).unwrap_or(0);
    let last = ops::take_numbers(tx, &format!("ledger:{store}"), count).await?;
    let first = last - count + 1;
    let mut previous = Vec::with_capacity(movements.len());
    for (id, movement) in (first..).zip(movements) {
        previous.push(loaded.last.insert(movement.product, id).unwrap_or(0));
    }
    append(tx, place, movements, (first, &previous), at).await?;
    let levels = || loaded.shelf.iter();
    Bulk::into("stock_levels")
        .bigint("store_id", levels().map(|_| store.get()))
        .bigint("location_id", levels().map(|_| location.get()))
        .bigint("product_id", levels().map(|(id, _)| id.get()))
        .bigint("lot_id", levels().map(|_| 0))
        .bigint(
            "on_hand_milli",
            levels().map(|(_, level)| level.on_hand.milli()),
        )
        .bigint(
            "reserved_milli",
            levels().map(|(_, level)| level.reserved.milli()),
        )
        .bigint("value_fen", levels().map(|(_, level)| level.value.fen()))
        .bigint(
            "last_entry_id",
            levels().map(|(id, _)| loaded.last.get(id).copied().unwrap_or(0)),
        )
        .tail(
            "ON CONFLICT (store_id, location_id, product_id, lot_id) DO UPDATE SET \
             on_hand_milli = excluded.on_hand_milli, reserved_milli = excluded.reserved_milli, \
             value_fen = excluded.value_fen, last_entry_id = excluded.last_entry_id",
        )
        .insert(tx)
        .await?;
    Ok(loaded.shelf)
}

async fn append(
    tx: &Tx,
    (store, location): (StoreId, LocationId),
    movements: &[Movement],
    (first, previous): (i64, &[i64]),
    at: Instant,
) -> Result<()> {
    let each = || movements.iter();
    Bulk::into("stock_ledger")
        .bigint("store_id", each().map(|_| store.get()))
        .bigint("id", (first..).take(movements.len()))
        .bigint("prev_id", previous.iter().copied())
        .bigint("location_id", each().map(|_| location.get()))
        .bigint("product_id", each().map(|m| m.product.get()))
        .bigint("lot_id", each().map(|_| 0))
        .bigint("at", each().map(|_| at.0))
        .text("reason", each().map(|m| m.reason.as_str()))
        .bigint("delta_milli", each().map(|m| m.entry.delta.milli()))
        .bigint("balance_milli", each().map(|m| m.entry.balance.milli()))
        .bigint("value_delta_fen", each().map(|m| m.entry.value_delta.fen()))
        .uuid_opt("ref_id", each().map(|m| m.ref_id))
        .bigint("ref_line", each().map(|m| m.ref_line))
        .text("actor", each().map(|m| m.actor.as_str()))
        .text("note", each().map(|m| m.note.as_str()))
        .insert(tx)
        .await?;
    Ok(())
}
