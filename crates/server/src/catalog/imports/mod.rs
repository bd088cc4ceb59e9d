//! Loading goods from a file: check, apply, undo.
//!
//! Promises: a file is read by a limited process of its own ([`worker`]), never by the server;
//! nothing changes before *apply*; a good row is applied once however often the server is stopped,
//! because each chunk moves the import's place in the same transaction; what was applied can be put
//! back, except what somebody has changed or moved since, which is left and reported.
//! Refuses: other kinds than goods, files over 32 MB, a step the import is not ready for.

mod api;
mod apply;
mod before;
mod check;
mod chunks;
mod draft;
mod failed;
mod names;
mod rows;
mod run;
mod sheet;
mod store;
mod texts;
mod undo;
mod upload;
pub mod worker;

use std::path::PathBuf;

use serde_json::{Value, json};
use utoipa_axum::router::OpenApiRouter;
use uuid::Uuid;

use crate::App;

pub use api::ImportView;
pub use run::{begin_apply, begin_undo, find, resume, work};
pub use store::{Import, State};
pub use upload::take_file;

/// Verdicts on rows.
const NEW: &str = "new";
const CHANGED: &str = "changed";
const UNCHANGED: &str = "unchanged";
const BAD: &str = "bad";
/// Put back by the undoing.
const UNDONE: &str = "undone";
/// Left by the undoing: changed or moved since.
const KEPT: &str = "kept";

/// How a piece of work ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stopped {
    /// There was no more to do.
    AtEnd,
    /// The server stops, or somebody else is at it.
    Early,
}

/// The calls about imports.
pub(super) fn routes() -> OpenApiRouter<App> {
    api::routes()
}

/// Where an uploaded file is kept.
fn file_of(app: &App, id: Uuid) -> PathBuf {
    app.config.imports_dir().join(id.to_string())
}

/// The error of an import whose file cannot be read.
fn bad_file(refusal: &worker::Refusal) -> Value {
    json!({ "code": "bad_file", "reason": refusal.reason, "detail": refusal.detail })
}

/// The error of an import that ended by a fault of ours.
fn trouble(reason: &str, detail: &str) -> Value {
    json!({ "code": "trouble", "reason": reason, "detail": detail })
}
