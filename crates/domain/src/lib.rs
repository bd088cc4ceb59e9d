//! The rules of the shop, pure: no input or output, clock, randomness, async or floats.
//!
//! Everything that decides lives here; the server loads, asks this crate, and stores the answer.

#![deny(clippy::float_arithmetic)]

pub mod barcode;
pub mod bulk_change;
pub mod card_number;
pub mod catalog;
pub mod checkout;
pub mod gs1;
pub mod half_width;
pub mod identity;
pub mod ids;
pub mod inventory;
pub mod mnemonic;
pub mod money;
pub mod order;
pub mod payments;
pub mod pricing;
pub mod product_sheet;
pub mod quantity;
pub mod receipt;
pub mod returns;
pub mod risk;
pub mod scale_label;
pub mod search_words;
pub mod till_event;
pub mod time;
