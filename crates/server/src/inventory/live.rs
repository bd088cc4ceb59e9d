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
    /// Loads every level.
    pub async fn load(db: &Db) -> Result<LiveStock> {
        #[derive(FromQueryResult)]
        struct Row {
            store_id: i64,
            product_id: i64,
            on_hand_milli: i64,
            reserved_milli: i64,
        }
        let rows: Vec<Row> = Sql::new(
            "SELECT l.store_id, l.product_id, CAST(SUM(l.on_hand_milli) AS BIGINT) AS on_hand_milli, \
             CAST(SUM(l.reserved_milli) AS BIGINT) AS reserved_milli FROM stock_levels l \
             JOIN locations p ON p.store_id = l.store_id AND p.id = l.location_id \
             WHERE p.kind = 'floor' GROUP BY l.store_id, l.product_id",
        )
        .all(db.read_fresh())
        .await?;
        let stock = LiveStock {
            shards: (0..SHARDS).map(|_| Shard::default()).collect(),
        };
        for row in rows {
            let available = Available {
                on_hand: Quantity::from_milli(row.on_hand_milli),
                reserved: Quantity::from_milli(row.reserved_milli),
            };
            stock.set(row.store_id, row.product_id, available);
        }
        Ok(stock)
    }

    /// What this server last saw.
    pub fn get(&self, store: StoreId, product: ProductId) -> Available {
        let key = (store.get(), product.get());
        let shard = self
            .shard(key)
            .read()
            .unwrap_or_else(|poison| poison.into_inner());
        shard.get(&key).copied().unwrap_or_default()
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
