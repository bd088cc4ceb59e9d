//! Loading levels to decide on, and recording what was decided.

use std::collections::HashMap;

use aisle_db::{Bulk, FromQueryResult, Sql, Tx, insert_in_turn};
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
    /// When the goods moved, where that was before it is recorded. Whoever sets it asks
    /// [`Level::has_seen`] first: a count that has seen it must not be disturbed.
    pub happened_at: Option<Instant>,
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
    counted_at: Option<i64>,
}

/// Waits until nobody else changes stock of this store, and keeps it so until the transaction ends.
/// One lock for the store and not one for each product: whoever changes stock needs the store's next
/// ledger numbers anyhow, and holds them until the commit.
pub(super) async fn lock(tx: &Tx, store: StoreId) -> Result<()> {
    ops::take_numbers(tx, &counter(store), 0).await?;
    Ok(())
}

fn counter(store: StoreId) -> String {
    format!("ledger:{store}")
}

/// Loads the levels of these goods at one place, with the store's stock locked. A product without a row
/// has nothing.
pub async fn load_levels(
    tx: &Tx,
    store: StoreId,
    location: LocationId,
    products: &[ProductId],
) -> Result<Loaded> {
    lock(tx, store).await?;
    let mut ids: Vec<i64> = products.iter().map(|id| id.get()).collect();
    ids.sort_unstable();
    ids.dedup();
    let rows: Vec<LevelRow> = Sql::look_up(
        tx,
        (
            "product_id, on_hand_milli, reserved_milli, value_fen, last_entry_id, counted_at",
            "stock_levels",
        ),
        &[
            ("store_id", store.get()),
            ("location_id", location.get()),
            ("lot_id", 0),
        ],
        ("product_id", ids.as_slice()),
    )
    .all(tx)
    .await?;
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
            counted_at: row.counted_at.map(Instant),
        };
        loaded.shelf.insert(id, level);
        loaded.last.insert(id, row.last_entry_id);
    }
    Ok(loaded)
}

/// Writes the levels back and appends the movements, in order, to the ledger.
pub async fn record(
    tx: &Tx,
    place: (StoreId, LocationId),
    loaded: Loaded,
    movements: &[Movement],
    at: Instant,
) -> Result<Shelf> {
    let recording = Recording::number(tx, place, loaded, movements, at).await?;
    insert_in_turn(tx, recording.parts()).await?;
    Ok(recording.into_shelf())
}

/// Movements with their ledger numbers, and the levels behind them, on their way into the database.
#[derive(Debug)]
pub struct Recording<'a> {
    place: (StoreId, LocationId),
    loaded: Loaded,
    movements: &'a [Movement],
    at: Instant,
    first: i64,
    previous: Vec<i64>,
}

impl<'a> Recording<'a> {
    /// Takes the ledger's next numbers.
    pub async fn number(
        tx: &Tx,
        place: (StoreId, LocationId),
        mut loaded: Loaded,
        movements: &'a [Movement],
        at: Instant,
    ) -> Result<Recording<'a>> {
        let count = i64::try_from(movements.len()).unwrap_or(0);
        let last = ops::take_numbers(tx, &counter(place.0), count).await?;
        let first = last - count + 1;
        let mut previous = Vec::with_capacity(movements.len());
        for (id, movement) in (first..).zip(movements) {
            previous.push(loaded.last.insert(movement.product, id).unwrap_or(0));
        }
        Ok(Recording {
            place,
            loaded,
            movements,
            at,
            first,
            previous,
        })
    }

    /// What is to be written, each part made when it is asked for.
    pub fn parts(&self) -> impl Iterator<Item = Bulk> + Send {
        let parts: [fn(&Self) -> Bulk; 2] = [Self::entries, Self::levels];
        parts.into_iter().map(move |part| part(self))
    }

    /// The levels as they are once the parts are written.
    pub fn into_shelf(self) -> Shelf {
        self.loaded.shelf
    }

    /// What is recorded behind a count happened after it, whatever the clocks say.
    fn happened_at(&self, movement: &Movement) -> Option<i64> {
        let level = self.loaded.shelf.get(&movement.product);
        let behind = level
            .and_then(|level| level.counted_at)
            .filter(|counted_at| *counted_at >= self.at)
            .map(|counted_at| counted_at.plus_ms(1));
        movement.happened_at.or(behind).map(|at| at.0)
    }

    fn levels(&self) -> Bulk {
        let (store, location) = self.place;
        let each = || self.loaded.shelf.iter();
        let last = |id| self.loaded.last.get(id).copied().unwrap_or(0);
        Bulk::into("stock_levels")
            .same_bigint("store_id", store.get())
            .same_bigint("location_id", location.get())
            .same_bigint("lot_id", 0)
            .bigint("product_id", each().map(|(id, _)| id.get()))
            .bigint("on_hand_milli", each().map(|level| level.1.on_hand.milli()))
            .bigint(
                "reserved_milli",
                each().map(|level| level.1.reserved.milli()),
            )
            .bigint("value_fen", each().map(|level| level.1.value.fen()))
            .bigint("last_entry_id", each().map(|(id, _)| last(id)))
            .bigint_opt(
                "counted_at",
                each().map(|level| level.1.counted_at.map(|at| at.0)),
            )
            .tail(
                "ON CONFLICT (store_id, location_id, product_id, lot_id) DO UPDATE SET \
                 on_hand_milli = excluded.on_hand_milli, reserved_milli = excluded.reserved_milli, \
                 value_fen = excluded.value_fen, last_entry_id = excluded.last_entry_id, \
                 counted_at = excluded.counted_at",
            )
    }

    fn entries(&self) -> Bulk {
        let (store, location) = self.place;
        let each = || self.movements.iter();
        Bulk::into("stock_ledger")
            .same_bigint("store_id", store.get())
            .same_bigint("location_id", location.get())
            .same_bigint("lot_id", 0)
            .same_bigint("at", self.at.0)
            .bigint("id", (self.first..).take(self.movements.len()))
            .bigint("prev_id", self.previous.iter().copied())
            .bigint("product_id", each().map(|m| m.product.get()))
            .text("reason", each().map(|m| m.reason.as_str()))
            .bigint("delta_milli", each().map(|m| m.entry.delta.milli()))
            .bigint("balance_milli", each().map(|m| m.entry.balance.milli()))
            .bigint("value_delta_fen", each().map(|m| m.entry.value_delta.fen()))
            .uuid_opt("ref_id", each().map(|m| m.ref_id))
            .bigint("ref_line", each().map(|m| m.ref_line))
            .text("actor", each().map(|m| m.actor.as_str()))
            .text("note", each().map(|m| m.note.as_str()))
            .bigint_opt("happened_at", each().map(|m| self.happened_at(m)))
    }
}
