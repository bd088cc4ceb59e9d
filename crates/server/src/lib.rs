//! The binary `aisle`: HTTP, jobs and the slices.

pub mod app;
pub mod catalog;
pub mod cli;
pub mod clock;
pub mod codes;
pub mod config;
mod digest;
pub mod error;
pub mod http;
pub mod identity;
pub mod inventory;
mod openapi;
pub mod ops;
pub mod payments;
pub mod router;
pub mod sales;
mod sheet;
mod vault;

pub use app::App;
pub use error::{Error, Result};
