//! Finding goods by what people type: name, pinyin initials, code, the last digits of a barcode.

use std::cmp::Ordering;
use std::collections::BinaryHeap;
use std::sync::Arc;

use aisle_domain::catalog::{Product, ProductState};
use aisle_domain::ids::ProductId;

use super::snapshot::Snapshot;

/// Everything searchable of one shard's goods in one text; goods are separated by `\n`.
#[derive(Debug, Clone, Default)]
pub(super) struct SearchText {
    text: Box<[u8]>,
    /// Where each product's part begins.
    starts: Box<[u32]>,
}

impl SearchText {
    pub(super) fn build(products: &[Arc<Product>]) -> SearchText {
        let mut text = String::new();
        let mut starts = Vec::with_capacity(products.len());
        for product in products {
            starts.push(u32::try_from(text.len()).unwrap_or(u32::MAX));
            for part in [
                &product.name,
                &product.short_name,
                &product.mnemonic,
                &product.code,
            ] {
                text.push_str(&part.to_lowercase());
                text.push('\t');
            }
            for pack in &product.barcodes {
                text.push_str(&pack.barcode);
                text.push('\t');
            }
            text.push('\n');
        }
        SearchText {
            text: text.into_bytes().into(),
            starts: starts.into(),
        }
    }

    /// Places of the goods whose text has every term.
    fn matches(&self, terms: &[String]) -> Vec<usize> {
        let mut found = Vec::new();
        let Some((first, rest)) = terms.split_first() else {
            return (0..self.starts.len()).collect();
        };
        let finder = memchr::memmem::Finder::new(first.as_bytes());
        let mut from = 0;
        while let Some(hit) = finder.find(&self.text[from..]) {
            let offset = u32::try_from(from + hit).unwrap_or(u32::MAX);
            let at = self.starts.partition_point(|start| *start <= offset) - 1;
            let end = self
                .starts
                .get(at + 1)
                .map_or(self.text.len(), |next| *next as usize);
            let part = &self.text[self.starts[at] as usize..end];
            if rest
                .iter()
                .all(|term| memchr::memmem::find(part, term.as_bytes()).is_some())
            {
                found.push(at);
            }
            from = end;
        }
        found
    }
}

/// What a list of goods is asked for.
#[derive(Debug, Default)]
pub(super) struct Filter {
    /// Typed by a person; blanks separate terms that must all occur.
    pub(super) q: String,
    /// In any of these categories.
    pub(super) categories: Option<Vec<i64>>,
    /// Of this brand.
    pub(super) brand: Option<i64>,
    /// With this tag.
    pub(super) tag: Option<i64>,
    /// In this state.
    pub(super) state: Option<ProductState>,
    /// With exactly this barcode.
    pub(super) barcode: Option<String>,
}

impl Filter {
    fn terms(&self) -> Vec<String> {
        self.q.split_whitespace().map(str::to_lowercase).collect()
    }

    fn admits(&self, product: &Product) -> bool {
        let in_category = self.categories.as_ref().is_none_or(|wanted| {
            product
                .category_id
                .is_some_and(|category| wanted.contains(&category))
        });
        in_category
            && self
                .brand
                .is_none_or(|brand| product.brand_id == Some(brand))
            && self.tag.is_none_or(|tag| product.tags.contains(&tag))
            && self.state.is_none_or(|state| product.state == state)
            && self.barcode.as_ref().is_none_or(|barcode| {
                product
                    .barcodes
                    .iter()
                    .any(|pack| *pack.barcode == **barcode)
            })
    }
}

/// A key to order goods by; numbers before texts.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum SortKey {
    /// By a number.
    Number(i64),
    /// By a text.
    Text(Box<str>),
}

/// The order of a list and where to go on.
pub(super) struct Order<'a> {
    /// The key of a product.
    pub(super) key: &'a dyn Fn(&Product) -> SortKey,
    /// Largest first.
    pub(super) descending: bool,
    /// Only goods behind this one.
    pub(super) after: Option<(SortKey, ProductId)>,
    /// At most so many.
    pub(super) limit: usize,
}

/// The first goods in order that pass the filter and `also`.
pub(super) fn find(
    snapshot: &Snapshot,
    filter: &Filter,
    order: &Order<'_>,
    also: &dyn Fn(&Product) -> bool,
) -> Vec<Arc<Product>> {
    let terms = filter.terms();
    let mut best = BinaryHeap::with_capacity(order.limit + 1);
    for shard in snapshot.shards() {
        for at in shard.text.matches(&terms) {
            let product = &shard.products[at];
            if !filter.admits(product) || !also(product) {
                continue;
            }
            let candidate = Candidate {
                key: (order.key)(product),
                descending: order.descending,
                product,
            };
            if order
                .after
                .as_ref()
                .is_none_or(|after| candidate.is_behind(after))
            {
                keep(&mut best, candidate, order.limit);
            }
        }
    }
    best.into_sorted_vec()
        .into_iter()
        .map(|candidate| candidate.product.clone())
        .collect()
}

fn keep<'a>(best: &mut BinaryHeap<Candidate<'a>>, candidate: Candidate<'a>, limit: usize) {
    if best.len() < limit {
        best.push(candidate);
    } else if best.peek().is_some_and(|worst| candidate < *worst) {
        best.pop();
        best.push(candidate);
    }
}

struct Candidate<'a> {
    key: SortKey,
    descending: bool,
    product: &'a Arc<Product>,
}

impl Candidate<'_> {
    fn is_behind(&self, after: &(SortKey, ProductId)) -> bool {
        let order = self.key.cmp(&after.0);
        let order = if self.descending {
            order.reverse()
        } else {
            order
        };
        order.then(self.product.id.cmp(&after.1)) == Ordering::Greater
    }
}

impl Ord for Candidate<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        let order = self.key.cmp(&other.key);
        let order = if self.descending {
            order.reverse()
        } else {
            order
        };
        order.then(self.product.id.cmp(&other.product.id))
    }
}

impl PartialOrd for Candidate<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Candidate<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Candidate<'_> {}
