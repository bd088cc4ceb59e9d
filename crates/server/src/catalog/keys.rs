//! Which product may have a key: sixteen bytes for each, the text itself stays with the product.

use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};

use aisle_domain::ids::ProductId;

/// The same for the same text, in this process.
pub(super) fn hash_of(key: &str) -> u64 {
    BuildHasherDefault::<DefaultHasher>::default().hash_one(key)
}

/// Hashes of keys and who has them, in order.
#[derive(Debug, Clone, Default)]
pub(super) struct Keys {
    entries: Vec<(u64, ProductId)>,
}

impl Keys {
    /// All whose key has this hash; the caller compares the key itself.
    pub(super) fn holders(&self, hash: u64) -> impl Iterator<Item = ProductId> {
        let from = self.entries.partition_point(|entry| entry.0 < hash);
        self.entries[from..]
            .iter()
            .take_while(move |entry| entry.0 == hash)
            .map(|entry| entry.1)
    }

    /// Puts one in.
    pub(super) fn insert(&mut self, hash: u64, id: ProductId) {
        if let Err(at) = self.entries.binary_search(&(hash, id)) {
            self.entries.insert(at, (hash, id));
        }
    }

    /// Gives back what was kept for more.
    pub(super) fn shrink(&mut self) {
        self.entries.shrink_to_fit();
    }

    /// Takes one out.
    pub(super) fn remove(&mut self, hash: u64, id: ProductId) {
        if let Ok(at) = self.entries.binary_search(&(hash, id)) {
            self.entries.remove(at);
        }
    }
}

#[cfg(test)]
mod tests {
    use aisle_domain::ids::ProductId;

    use super::Keys;

    #[test]
    fn keys_with_one_hash_are_all_answered_and_taken_out_one_by_one() {
        let mut keys = Keys::default();
        for (hash, id) in [(7, 1), (7, 2), (9, 3), (7, 1)] {
            keys.insert(hash, ProductId(id));
        }
        let holders =
            |keys: &Keys, hash| keys.holders(hash).map(ProductId::get).collect::<Vec<_>>();
        assert_eq!(holders(&keys, 7), [1, 2]);
        keys.remove(7, ProductId(1));
        keys.remove(8, ProductId(1));
        assert_eq!(holders(&keys, 7), [2]);
        assert_eq!(holders(&keys, 9), [3]);
        assert!(holders(&keys, 8).is_empty());
    }
}
