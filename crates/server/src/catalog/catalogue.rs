//! The catalogue in memory: goods, stores and scale rules, swapped as a whole.

use std::collections::HashMap;
use std::sync::Arc;

use aisle_db::Db;
use aisle_domain::checkout::StorePolicy;
use aisle_domain::ids::{LocationId, StoreId};
use aisle_domain::returns::ReturnWindow;
use aisle_domain::scale_label::ScaleRule;
use aisle_domain::time::{BusinessDay, Instant};
use arc_swap::{ArcSwap, Guard};
use chrono_tz::Tz;
use tokio::sync::Mutex;

use crate::Result;

use super::load;
use super::snapshot::Snapshot;

/// A store with its rules.
#[derive(Debug, Clone)]
pub struct Store {
    /// Identity.
    pub id: StoreId,
    /// Short code.
    pub code: String,
    /// Name on receipts.
    pub name: String,
    /// Telephone on receipts.
    pub phone: String,
    /// Address on receipts.
    pub address: String,
    /// Where its clock is.
    pub zone: Tz,
    /// When its business day ends, 0–23.
    pub cutoff_hour: u32,
    /// What it decided about selling.
    pub policy: StorePolicy,
    /// How long an unpaid order keeps its goods.
    pub reservation_minutes: i64,
    /// How long goods come back as usual.
    pub return_window: ReturnWindow,
    /// Last lines of a receipt.
    pub receipt_footer: String,
    /// Where sales take goods from.
    pub floor: LocationId,
    /// Its places: identity, kind, name.
    pub locations: Vec<(i64, String, String)>,
    /// How it reads scale labels, by priority.
    pub scale_rules: Vec<ScaleRule>,
}

impl Store {
    /// The business day of `at` here.
    pub fn business_day(&self, at: Instant) -> BusinessDay {
        BusinessDay::of(at, self.zone, self.cutoff_hour)
    }
}

/// What everybody reads.
#[derive(Debug)]
pub struct Catalogue {
    products: ArcSwap<Snapshot>,
    stores: ArcSwap<HashMap<StoreId, Arc<Store>>>,
    /// One change at a time is swapped in, so none is lost.
    changing: Mutex<()>,
}

impl Catalogue {
    /// Loads everything from the database.
    pub async fn load(db: &Db) -> Result<Catalogue> {
        let reader = db.read_fresh();
        let stores = load::stores(reader).await?;
        Ok(Catalogue {
            products: ArcSwap::from_pointee(load::all(reader).await?),
            stores: ArcSwap::from_pointee(stores),
            changing: Mutex::new(()),
        })
    }

    /// The goods as they are now.
    pub fn products(&self) -> Guard<Arc<Snapshot>> {
        self.products.load()
    }

    /// The goods as they are now, to keep across an `await`.
    pub fn products_full(&self) -> Arc<Snapshot> {
        self.products.load_full()
    }

    /// A store by identity.
    pub fn store(&self, id: StoreId) -> Option<Arc<Store>> {
        self.stores.load().get(&id).cloned()
    }

    /// All stores, by identity.
    pub fn stores(&self) -> Vec<Arc<Store>> {
        let mut stores: Vec<_> = self.stores.load().values().cloned().collect();
        stores.sort_by_key(|store| store.id);
        stores
    }

    /// Takes in everything that changed since the snapshot's version. Called after each commit that
    /// changed goods, and when another server announces one. Answers the version reached.
    pub async fn refresh(&self, db: &Db) -> Result<i64> {
        let _one = self.changing.lock().await;
        let reader = db.read_fresh();
        let current = self.products.load_full();
        let version = load::version(reader).await?;
        if version > current.version() {
            let changed = load::since(reader, current.version()).await?;
            self.products
                .store(Arc::new(current.with(changed).at_version(version)));
        }
        Ok(version)
    }

    /// Takes in changed stores.
    pub async fn refresh_stores(&self, db: &Db) -> Result<()> {
        let _one = self.changing.lock().await;
        self.stores
            .store(Arc::new(load::stores(db.read_fresh()).await?));
        Ok(())
    }
}
