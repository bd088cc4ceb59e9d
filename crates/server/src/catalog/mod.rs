//! Goods and what describes them.
//!
//! Everything tills and lists ask is answered from an immutable snapshot in memory; a change is
//! written to the database first, then swapped in and announced.

mod api;
mod bulk;
mod bulk_api;
mod catalogue;
mod categories;
mod categories_api;
mod descriptor;
mod descriptor_kinds;
mod descriptors_api;
mod draft;
mod export;
mod export_api;
mod export_columns;
mod fields;
pub mod imports;
mod keys;
mod list;
mod load;
mod picture;
mod picture_files;
mod pictures_api;
mod product;
mod product_rows;
mod scan;
mod search;
mod snapshot;
mod stores;
mod stores_api;
mod taxonomy;
mod till_api;

use utoipa_axum::router::OpenApiRouter;

use crate::App;

pub use catalogue::{Catalogue, Store};
pub use draft::ProductDraft;
pub use list::{Listing, list, product_ids};
pub use product::{SaveReport, save, save_and_announce};
pub use scan::{Scan, ScanKind, read as read_barcode};
pub use snapshot::Snapshot;
pub use stores::{NewStore, create_store};
pub use stores_api::{StoreView, store_view};
pub use taxonomy::{
    CategoryRow, brand_named, categories, category_with_children, insert_category, tag_named,
    unit_named,
};

/// The calls of this slice.
pub fn routes() -> OpenApiRouter<App> {
    api::routes()
        .merge(till_api::routes())
        .merge(categories_api::routes())
        .merge(descriptors_api::routes())
        .merge(export_api::routes())
        .merge(bulk_api::routes())
        .merge(pictures_api::routes())
        .merge(stores_api::routes())
        .merge(imports::routes())
}
