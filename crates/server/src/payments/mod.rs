//! Money through gateways: the channels of a store, attempts to take money, and refunds.
//!
//! This slice keeps the record and speaks to the gateways. What a payment means for an order is decided in
//! `sales`, in one transaction with it.

mod channels;
mod channels_api;
mod record;
mod refunds;
mod store;

pub use channels::{NewChannel, Way, Ways, set as set_channel};
pub use record::{
    CallRow, Due, EventRow, NewCall, NewEvent, NewNotice, calls, claim_due, events, insert_call,
    insert_event, keep_notice,
};
pub use refunds::{Moved, RefundRow};
pub use store::{AttemptRow, Learnt};

use utoipa_axum::router::OpenApiRouter;

use crate::App;

/// SQL of attempts.
pub mod attempts {
    pub use super::store::{
        attempt as find, dispatch, insert, move_on, of_order, of_trade_no, set_qr, trade_no,
    };
}

/// SQL of refunds.
pub mod money_back {
    pub use super::refunds::{insert, list, move_on, of_payments, refund as find};
}

/// The calls of this slice.
pub fn routes() -> OpenApiRouter<App> {
    channels_api::routes()
}
