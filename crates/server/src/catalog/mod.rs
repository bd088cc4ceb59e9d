//! Goods and what describes them.
//!
//! Everything tills and lists ask is answered from an immutable snapshot in memory; a change is
//! written to the database first, then swapped in and announced.

mod api;
mod catalogue;
pub mod imports;
mod list;
mod load;
mod product;
mod scan;
mod search;
mod snapshot;
mod stores;
mod stores_api;
mod taxonomy;

use utoipa_axum::router::OpenApiRouter;

use crate::App;

pub use catalogue::{Catalogue, Store};
pub use list::{Listing, list};
pub use product::{ProductDraft, SaveReport, save, save_and_announce};
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
        .merge(stores_api::routes())
        .merge(imports::routes())
}
