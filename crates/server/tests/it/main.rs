//! Tests over the router, the same body on both engines.

#![expect(clippy::unwrap_used, reason = "in a test, unwrap is an assertion")]

mod card_numbers;
mod catalog;
mod codes;
mod gateways;
mod harness;
mod headers;
mod identity;
mod inventory;
mod limits;
mod operations;
mod ops;
mod retention;
mod sales;
mod seed;
