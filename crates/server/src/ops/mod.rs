//! Running the thing: health, events, the operation log, background work, proof.

pub mod anchor;
mod api;
mod costs;
pub mod cut;
mod entry;
mod events;
mod health;
mod log;
mod log_api;
mod log_export;
mod numbers;
mod operation;
mod retention_api;
mod tally;
mod tasks;
mod tend;
pub mod verify;
mod words;

use aisle_db::DbError;
use utoipa_axum::router::OpenApiRouter;

use crate::App;

pub use events::{Event, Events};
pub use health::plain_routes;
pub use numbers::take_numbers;
pub use operation::{ACTIONS, Operation, changes, record, record_all};
pub use tally::{By, tally};
pub use tasks::Tasks;
pub use tend::tend_log_for_ever;
pub use words::add_missing as add_missing_words;

/// The calls of this slice.
pub fn routes() -> OpenApiRouter<App> {
    api::routes()
        .merge(log_api::routes())
        .merge(retention_api::routes())
}

/// Exit status when the storage failed: nothing more may be acknowledged (sysexits `EX_IOERR`).
const EXIT_STORAGE: i32 = 74;

/// Ends the process when the storage failed: after a failed fsync later commits cannot be trusted.
pub fn stop_when_fatal(error: &DbError) {
    if error.is_fatal() {
        tracing::error!(%error, "the storage failed; stopping so that nothing is acknowledged that may be lost");
        std::process::exit(EXIT_STORAGE);
    }
}
