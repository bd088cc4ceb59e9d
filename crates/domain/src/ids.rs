//! Typed identifiers, one line each.
//!
//! Things people set up have `i64` ids given by the database; things that happen have UUIDv7 ids
//! made by whoever starts them.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! define_id {
    ($($(#[$doc:meta])* $name:ident($inner:ty);)+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub $inner);

        impl $name {
            /// The bare value, for storage and the wire.
            pub fn get(self) -> $inner {
                self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }
    )+};
}

define_id! {
    /// A shop with its own stock, tills and business day.
    StoreId(i64);
    /// A place inside a store where goods lie.
    LocationId(i64);
    /// An article in the catalogue.
    ProductId(i64);
    /// An enrolled till or self-checkout.
    TerminalId(i64);
    /// A person who signs in.
    UserId(i64);
    /// A sale, named by the till before it is sent.
    OrderId(Uuid);
    /// One attempt to pay an order.
    PaymentId(Uuid);
}
