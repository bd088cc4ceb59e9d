//! The list of goods as a file.
//!
//! Promises: what is seen is what is exported: the list's filter, order and columns; costs only for
//! whom may see them.

use std::collections::HashMap;
use std::sync::Arc;

use aisle_domain::catalog::Product;
use aisle_domain::ids::StoreId;
use anyhow::Context as _;
use tokio::sync::Semaphore;

use crate::sheet::{Language, SheetFormat};
use crate::{App, Error, Result, codes};

use super::descriptor::{self, Descriptor};
use super::descriptor_kinds::{Brand, Tag};
use super::export_columns::{Around, Column};
use super::list::{self, Listing};
use super::taxonomy;

/// A file of a hundred thousand goods takes a processor for some seconds.
static EXPORTING: Semaphore = Semaphore::const_new(2);

/// What is asked for.
#[derive(Debug)]
pub(super) struct Export {
    /// Which goods, in which order.
    pub(super) listing: Listing,
    /// Only goods below their safety stock.
    pub(super) low_stock: bool,
    /// Which columns.
    pub(super) columns: Vec<Column>,
    /// How it is written.
    pub(super) format: SheetFormat,
    /// The language of headers and words.
    pub(super) language: Language,
    /// Whose stock and time zone.
    pub(super) store: StoreId,
}

/// A finished file.
#[derive(Debug)]
pub(super) struct Exported {
    /// Its name.
    pub(super) name: String,
    /// Its bytes.
    pub(super) bytes: Vec<u8>,
}

/// Writes the file.
pub(super) async fn export(app: &App, export: Export) -> Result<Exported> {
    let store = app
        .catalogue
        .store(export.store)
        .ok_or_else(|| Error::code(&codes::NOT_FOUND))?;
    let _permit = EXPORTING.acquire().await.map_err(anyhow::Error::from)?;
    let low = export.low_stock;
    let passes = |product: &Product| {
        !low || app.stock.get(store.id, product.id).now() < product.safety_stock
    };
    let products = list::list_all(app, export.listing, &passes).await?;
    if products.len() > export.format.rows_max() {
        return Err(Error::invalid("format", "too many rows for this format"));
    }
    let around = Around {
        language: export.language,
        zone: store.zone,
        categories: taxonomy::categories(app.db.read())
            .await?
            .into_iter()
            .map(|row| (row.id, row.name))
            .collect(),
        brands: names::<Brand>(app).await?,
        tags: names::<Tag>(app).await?,
    };
    let day = store.business_day(app.clock.now()).0;
    let format = export.format;
    let app = app.clone();
    let columns = export.columns;
    let bytes = tokio::task::spawn_blocking(move || {
        let titles: Vec<&str> = columns
            .iter()
            .map(|column| column.title(around.language))
            .collect();
        let row = |product: &Arc<Product>| {
            let available = app.stock.get(store.id, product.id).now();
            let cell = |column: &Column| column.cell(&around, product, available);
            columns.iter().map(cell).collect()
        };
        format.write(&titles, products.iter().map(row))
    })
    .await
    .context("writing a sheet")??;
    Ok(Exported {
        name: format!("products-{day}.{}", format.extension()),
        bytes,
    })
}

async fn names<D: Descriptor>(app: &App) -> Result<HashMap<i64, String>> {
    let rows = descriptor::list::<D>(app).await?;
    Ok(rows
        .into_iter()
        .map(|(row, _)| (row.id(), row.name().to_owned()))
        .collect())
}
