//! Running the thing: health, events, the operation log, background work, proof.

mod api;
mod events;
mod health;
mod numbers;
mod operation;
mod tasks;
pub mod verify;

use aisle_db::DbError;

pub use api::routes;
pub use events::{Event, Events};
pub use health::plain_routes;
pub use numbers::take_numbers;
pub use operation::{Operation, record};
pub use tasks::Tasks;

/// Exit status when the storage failed: nothing more may be acknowledged (sysexits `EX_IOERR`).
const EXIT_STORAGE: i32 = 74;

/// Ends the process when the storage failed: after a failed fsync later commits cannot be trusted.
pub fn stop_when_fatal(error: &DbError) {
    if error.is_fatal() {
        tracing::error!(%error, "the storage failed; stopping so that nothing is acknowledged that may be lost");
        std::process::exit(EXIT_STORAGE);
    }
}
