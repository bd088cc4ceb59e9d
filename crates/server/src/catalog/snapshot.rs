//! An immutable picture of all goods, cheap to copy with a few changes.
//!
//! Goods live in shards; a change copies only the shards it touches. Each shard also keeps one text
//! of everything a person may type to find its goods, so a search is a scan of a few megabytes.

use std::collections::HashMap;
use std::sync::Arc;

use aisle_domain::catalog::Product;
use aisle_domain::ids::ProductId;

use super::keys::{Keys, hash_of};
use super::search::SearchText;

const SHARDS: usize = 256;

/// Goods of one shard.
#[derive(Debug, Clone, Default)]
pub(super) struct Shard {
    /// By identity, in order.
    pub(super) products: Vec<Arc<Product>>,
    /// What people search in.
    pub(super) text: SearchText,
}

/// All goods at one moment.
#[derive(Debug, Clone)]
pub struct Snapshot {
    version: i64,
    count: usize,
    shards: Vec<Arc<Shard>>,
    barcodes: Vec<Arc<Keys>>,
    codes: Vec<Arc<Keys>>,
}

impl Default for Snapshot {
    fn default() -> Snapshot {
        Snapshot {
            version: 0,
            count: 0,
            shards: vec![Arc::default(); SHARDS],
            barcodes: vec![Arc::default(); SHARDS],
            codes: vec![Arc::default(); SHARDS],
        }
    }
}

impl Snapshot {
    /// Grows with every change.
    pub fn version(&self) -> i64 {
        self.version
    }

    /// How many goods there are.
    pub fn len(&self) -> usize {
        self.count
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The product with this identity.
    pub fn product(&self, id: ProductId) -> Option<&Arc<Product>> {
        let products = &self.shards[shard_of(id)].products;
        products
            .binary_search_by_key(&id, |product| product.id)
            .ok()
            .map(|at| &products[at])
    }

    /// The product with exactly this barcode.
    pub fn by_barcode(&self, barcode: &str) -> Option<&Arc<Product>> {
        let has =
            |product: &&Arc<Product>| product.barcodes.iter().any(|one| *one.barcode == *barcode);
        self.holder(&self.barcodes, barcode, has)
    }

    /// The product with exactly this in-store code or PLU.
    pub fn by_code(&self, code: &str) -> Option<&Arc<Product>> {
        self.holder(&self.codes, code, |product| *product.code == *code)
    }

    fn holder(
        &self,
        keys: &[Arc<Keys>],
        key: &str,
        has: impl Fn(&&Arc<Product>) -> bool,
    ) -> Option<&Arc<Product>> {
        let hash = hash_of(key);
        keys[key_shard(hash)]
            .holders(hash)
            .filter_map(|id| self.product(id))
            .find(has)
    }

    /// All goods, in no particular order.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Product>> {
        self.shards.iter().flat_map(|shard| &shard.products)
    }

    pub(super) fn shards(&self) -> &[Arc<Shard>] {
        &self.shards
    }

    /// This picture with `changed` goods put in or replaced.
    pub fn with(&self, changed: Vec<Product>) -> Snapshot {
        let mut next = self.clone();
        let mut by_shard: HashMap<usize, Vec<Product>> = HashMap::new();
        for product in changed {
            next.version = next.version.max(product.version);
            by_shard
                .entry(shard_of(product.id))
                .or_default()
                .push(product);
        }
        for (at, products) in by_shard {
            next.replace_in_shard(at, products);
        }
        next
    }

    /// The same goods under a newer number: something was removed that leaves no product behind.
    pub fn at_version(mut self, version: i64) -> Snapshot {
        self.version = self.version.max(version);
        self
    }

    fn replace_in_shard(&mut self, at: usize, products: Vec<Product>) {
        let mut shard = (*self.shards[at]).clone();
        for product in products {
            let product = Arc::new(product);
            match shard
                .products
                .binary_search_by_key(&product.id, |other| other.id)
            {
                Ok(place) => {
                    let old = std::mem::replace(&mut shard.products[place], product.clone());
                    self.forget_keys(&old);
                }
                Err(place) => {
                    shard.products.insert(place, product.clone());
                    self.count += 1;
                }
            }
            self.remember_keys(&product);
        }
        shard.text = SearchText::build(&shard.products);
        self.shards[at] = Arc::new(shard);
    }

    fn forget_keys(&mut self, old: &Product) {
        for pack in &old.barcodes {
            let hash = hash_of(&pack.barcode);
            Arc::make_mut(&mut self.barcodes[key_shard(hash)]).remove(hash, old.id);
        }
        let hash = hash_of(&old.code);
        Arc::make_mut(&mut self.codes[key_shard(hash)]).remove(hash, old.id);
    }

    fn remember_keys(&mut self, product: &Product) {
        for pack in &product.barcodes {
            let hash = hash_of(&pack.barcode);
            Arc::make_mut(&mut self.barcodes[key_shard(hash)]).insert(hash, product.id);
        }
        let hash = hash_of(&product.code);
        Arc::make_mut(&mut self.codes[key_shard(hash)]).insert(hash, product.id);
    }
}

/// Goods on their way into a first picture, in the order of their identities.
#[derive(Debug)]
pub(super) struct Gathered {
    shards: Vec<Vec<Arc<Product>>>,
}

impl Default for Gathered {
    fn default() -> Gathered {
        Gathered {
            shards: vec![Vec::new(); SHARDS],
        }
    }
}

impl Gathered {
    /// Takes one in.
    pub(super) fn push(&mut self, product: Product) {
        self.shards[shard_of(product.id)].push(Arc::new(product));
    }

    /// The picture of all that were taken in.
    pub(super) fn into_snapshot(self, version: i64) -> Snapshot {
        let mut snapshot = Snapshot::default().at_version(version);
        for (at, mut products) in self.shards.into_iter().enumerate() {
            products.shrink_to_fit();
            snapshot.count += products.len();
            for product in &products {
                snapshot.remember_keys(product);
            }
            let text = SearchText::build(&products);
            snapshot.shards[at] = Arc::new(Shard { products, text });
        }
        for keys in snapshot.barcodes.iter_mut().chain(&mut snapshot.codes) {
            Arc::make_mut(keys).shrink();
        }
        snapshot
    }
}

fn shard_of(id: ProductId) -> usize {
    usize::try_from(id.get().rem_euclid(SHARDS as i64)).unwrap_or(0)
}

fn key_shard(hash: u64) -> usize {
    usize::try_from(hash % SHARDS as u64).unwrap_or(0)
}
