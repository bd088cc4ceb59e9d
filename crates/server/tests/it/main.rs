//! Tests over the router, the same body on both engines.

#![expect(clippy::unwrap_used, reason = "in a test, unwrap is an assertion")]

mod catalog;
mod codes;
mod harness;
mod identity;
mod inventory;
mod operations;
mod ops;
mod sales;
