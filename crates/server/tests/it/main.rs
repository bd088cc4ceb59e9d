//! Tests over the router, the same body on both engines.

mod catalog;
mod codes;
mod harness;
mod identity;
mod inventory;
mod ops;
mod sales;
