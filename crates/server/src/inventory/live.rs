//! Stock levels as of the last commit of this server: for showing, never for deciding.

use std::collections::HashMap;

use aisle_db::{Db, FromQueryResult, Sql};
use aisle_domain::checkout::Shelf;
use aisle_domain::ids::{ProductId, StoreId};
use aisle_domain::inventory::Level;
use aisle_domain::quantity::Quantity;
use std::sync::RwLock;

use crate::Result;

const SHARDS: usize = 64;
/// Levels loaded at once: rows weigh several times what is kept of them.
const PAGE: i64 = 5000;

/// On hand and reserved of one product in one store.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Available {
    /// By the books.
    pub on_hand: Quantity,
    /// Promised to unpaid orders.
    pub reserved: Quantity,
}

impl Available {
    /// What can be sold now.
    pub fn now(self) -> Quantity {
        self.on_hand - self.reserved
    }
}

type Shard = RwLock<HashMap<(i64, i64), Available>>;

/// The picture of all stores.
#[derive(Debug)]
pub struct LiveStock {
    shards: Vec<Shard>,
}

impl LiveStock {
    /// Loads every level of what is on the floors.
    pub async fn load(db: &Db) -> Result<LiveStock> {
        #[derive(FromQueryResult)]
        struct Floor {
            store_id: i64,
            id: i64,
        }
        let floors: Vec<Floor> = Sql::new(
            "SELECT store_id, id FROM locations WHERE kind = 'floor' ORDER BY store_id, id",
        )
        .all(db.read_fresh())
        .await?;
        let stock = LiveStock {
            shards: (0..SHARDS).map(|_| Shard::default()).collect(),
        };
        for floor in floors {
            stock.load_floor(db, (floor.store_id, floor.id)).await?;
        }
        Ok(stock)
    }

    async fn load_floor(&self, db: &Db, (store, floor): (i64, i64)) -> Result<()> {
        #[derive(FromQueryResult)]
        struct Row {
            product_id: i64,
            on_hand_milli: i64,
            reserved_milli: i64,
        }
        let mut last = i64::MIN;
        loop {
            let rows: Vec<Row> = Sql::new(
                "SELECT product_id, CAST(SUM(on_hand_milli) AS BIGINT) AS on_hand_milli, \
                 CAST(SUM(reserved_milli) AS BIGINT) AS reserved_milli FROM stock_levels \
                 WHERE store_id = ",
            )
            .arg(store)
            .push(" AND location_id = ")
            .arg(floor)
            .push(" AND product_id > ")
            .arg(last)
            .push(" GROUP BY product_id ORDER BY product_id LIMIT ")
            .arg(PAGE)
            .all(db.read_fresh())
            .await?;
            let Some(end) = rows.last() else {
                return Ok(());
            };
            last = end.product_id;
            for row in rows {
                let key = (store, row.product_id);
                let before = self.at(key);
                let available = Available {
                    on_hand: before.on_hand + Quantity::from_milli(row.on_hand_milli),
                    reserved: before.reserved + Quantity::from_milli(row.reserved_milli),
                };
                self.set(store, row.product_id, available);
            }
        }
    }

    /// What this server last saw.
    pub fn get(&self, store: StoreId, product: ProductId) -> Available {
        self.at((store.get(), product.get()))
    }

    /// Takes in levels that were just committed; answers what was shown before.
    pub fn commit(&self, store: StoreId, shelf: &Shelf) -> Vec<(ProductId, Available, Available)> {
        shelf
            .iter()
            .map(|(product, level)| {
                let after = available(level);
                let before = self.set(store.get(), product.get(), after);
                (*product, before, after)
            })
            .collect()
    }

    fn at(&self, key: (i64, i64)) -> Available {
        let shard = self
            .shard(key)
            .read()
            .unwrap_or_else(|poison| poison.into_inner());
        shard.get(&key).copied().unwrap_or_default()
    }

    fn set(&self, store: i64, product: i64, available: Available) -> Available {
        let key = (store, product);
        let mut shard = self
            .shard(key)
            .write()
            .unwrap_or_else(|poison| poison.into_inner());
        shard.insert(key, available).unwrap_or_default()
    }

    fn shard(&self, key: (i64, i64)) -> &Shard {
        let at = usize::try_from((key.0 * 31 + key.1).rem_euclid(SHARDS as i64)).unwrap_or(0);
        &self.shards[at]
    }
}

fn available(level: &Level) -> Available {
    Available {
        on_hand: level.on_hand,
        reserved: level.reserved,
    }
}
