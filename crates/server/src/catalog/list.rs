//! Lists of goods: filter, order, page; answered from memory.

use std::sync::Arc;

use aisle_domain::catalog::{Product, ProductState};
use aisle_domain::ids::{ProductId, StoreId};

use crate::http::{Cursor, Page, PageQuery};
use crate::{App, Error, Result};

use super::search::{self, Filter, Order, SortKey};
use super::taxonomy;

/// What a list is asked for, as typed.
#[derive(Debug, Default)]
pub struct Listing {
    /// Name, pinyin, code, barcode digits.
    pub q: String,
    /// A category; its sub-categories count too.
    pub category: Option<i64>,
    /// A brand.
    pub brand: Option<i64>,
    /// A tag.
    pub tag: Option<i64>,
    /// A state's name.
    pub state: Option<String>,
    /// Exactly this barcode.
    pub barcode: Option<String>,
    /// `name`, `code`, `price`, `qty`, `updated`, with `-` in front for descending.
    pub sort: Option<String>,
    /// Whose stock `qty` means.
    pub store: Option<StoreId>,
}

/// One page of the goods that pass the filter and `also`.
pub async fn list(
    app: &App,
    listing: Listing,
    paging: &PageQuery,
    also: &(dyn Fn(&Product) -> bool + Sync),
) -> Result<Page<Arc<Product>>> {
    let filter = filter(app, &listing).await?;
    let limit = paging.limit()?;
    let store = listing.store.unwrap_or(StoreId(0));
    let (column, descending) = column(listing.sort.as_deref())?;
    let key = |product: &Product| column.key(app, store, product);
    let after = match paging.cursor()? {
        Some(cursor) => Some((column.read_key(&cursor)?, ProductId(cursor.as_number(1)?))),
        None => None,
    };
    let order = Order {
        key: &key,
        descending,
        after,
        limit: limit + 1,
    };
    let found = search::find(&app.catalogue.products(), &filter, &order, also);
    Ok(Page::cut(found, limit, |product| {
        let key = match key(product) {
            SortKey::Number(number) => number.to_string(),
            SortKey::Text(text) => text.into(),
        };
        Cursor(vec![key, product.id.to_string()])
    }))
}

/// Every product that passes the filter and `also`, in the list's order, for exports.
pub(super) async fn list_all(
    app: &App,
    listing: Listing,
    also: &(dyn Fn(&Product) -> bool + Sync),
) -> Result<Vec<Arc<Product>>> {
    let filter = filter(app, &listing).await?;
    let store = listing.store.unwrap_or(StoreId(0));
    let (column, descending) = column(listing.sort.as_deref())?;
    let key = |product: &Product| column.key(app, store, product);
    let snapshot = app.catalogue.products_full();
    let order = Order {
        key: &key,
        descending,
        after: None,
        limit: snapshot.len().max(1),
    };
    Ok(search::find(&snapshot, &filter, &order, also))
}

/// The first so many goods that words mean: name, pinyin, code, digits of a barcode.
pub fn product_ids(app: &App, words: &str, limit: usize) -> Vec<i64> {
    let filter = Filter {
        q: words.to_owned(),
        ..Filter::default()
    };
    let order = Order {
        key: &|product| SortKey::Number(product.id.get()),
        descending: false,
        after: None,
        limit,
    };
    let found = search::find(&app.catalogue.products(), &filter, &order, &|_| true);
    found.iter().map(|product| product.id.get()).collect()
}

async fn filter(app: &App, listing: &Listing) -> Result<Filter> {
    let state = match listing.state.as_deref() {
        None => None,
        Some(name) => {
            Some(ProductState::parse(name).ok_or_else(|| Error::invalid("state", "not a state"))?)
        }
    };
    let categories = match listing.category {
        None => None,
        Some(id) => Some(taxonomy::category_with_children(app.db.read(), id).await?),
    };
    Ok(Filter {
        q: listing.q.clone(),
        categories,
        brand: listing.brand,
        tag: listing.tag,
        state,
        barcode: listing.barcode.clone(),
    })
}

#[derive(Clone, Copy)]
enum Column {
    Id,
    Name,
    Code,
    Price,
    Qty,
    Updated,
}

fn column(sort: Option<&str>) -> Result<(Column, bool)> {
    let Some(sort) = sort else {
        return Ok((Column::Id, false));
    };
    let (name, descending) = match sort.strip_prefix('-') {
        Some(name) => (name, true),
        None => (sort, false),
    };
    let column = match name {
        "id" => Column::Id,
        "name" => Column::Name,
        "code" => Column::Code,
        "price" => Column::Price,
        "qty" => Column::Qty,
        "updated" => Column::Updated,
        _ => return Err(Error::invalid("sort", "name, code, price, qty, updated")),
    };
    Ok((column, descending))
}

impl Column {
    fn key(self, app: &App, store: StoreId, product: &Product) -> SortKey {
        match self {
            Column::Id => SortKey::Number(product.id.get()),
            Column::Name => SortKey::Text(product.name.clone()),
            Column::Code => SortKey::Text(product.code.clone()),
            Column::Price => SortKey::Number(product.price.fen()),
            Column::Qty => SortKey::Number(app.stock.get(store, product.id).now().milli()),
            Column::Updated => SortKey::Number(product.updated_at),
        }
    }

    fn read_key(self, cursor: &Cursor) -> Result<SortKey> {
        match self {
            Column::Name | Column::Code => {
                let text = cursor.0.first().cloned().unwrap_or_default();
                Ok(SortKey::Text(text.into()))
            }
            Column::Id | Column::Price | Column::Qty | Column::Updated => {
                Ok(SortKey::Number(cursor.as_number(0)?))
            }
        }
    }
}
