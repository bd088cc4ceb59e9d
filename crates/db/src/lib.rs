//! The database: migrations, connections, SQL that runs on both engines.
//!
//! Promises: a write is one transaction, retried as a whole when the database asks for it; a reader
//! cannot write; SQLite runs WAL with `synchronous=FULL` or does not start; nobody outside this
//! crate asks which engine it is.

mod bulk;
mod connect;
mod error;
mod migrate;
mod sql;
#[cfg(feature = "testing")]
pub mod testing;

pub use bulk::{Bulk, insert_in_turn};
pub use connect::{AsDbError, Db, Engine, Read, Settings, Tx};
pub use error::DbError;
pub use migrate::schema;
pub use sea_orm::{FromQueryResult, Value};
pub use sql::{Source, Sql};

/// What database calls answer.
pub type Result<T, E = DbError> = std::result::Result<T, E>;
