//! Stock: levels, the append-only ledger, and changes by hand.
//!
//! Promises: whoever changes a level records the ledger entry in the same call; the picture in
//! memory is only for showing, decisions load levels in their own transaction.

mod adjust;
mod api;
mod history;
mod history_api;
mod ledger;
mod live;
mod opening;

pub use adjust::{Adjustment, AdjustmentLine, adjust};
pub use ledger::{Loaded, Movement, Recording, load_levels, record};
pub use live::{Available, LiveStock};
pub use opening::{OpeningDocument, OpeningLine, Shelves, book_opening, moved_besides, take_back};

use utoipa_axum::router::OpenApiRouter;

use crate::App;

/// The calls of this slice.
pub fn routes() -> OpenApiRouter<App> {
    api::routes().merge(history_api::routes())
}
