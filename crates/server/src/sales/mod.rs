//! Selling: baskets in, orders out, through one queue per store.
//!
//! Promises: an order id has one effect for ever; what is answered is committed; a refused basket
//! changes nothing and does not hold up its neighbours.

mod api;
mod basket;
mod blind_return_slip;
mod blind_returns;
mod blind_returns_api;
mod blind_returns_store;
mod booking;
mod cards;
mod checkout;
mod collect;
mod decide;
pub mod demo;
mod doubt;
mod engine;
mod exchange;
mod exchange_api;
mod exchange_store;
mod expire;
mod held;
mod list;
mod list_api;
mod list_export;
mod notices_api;
mod pay_back;
mod payment_view;
mod payments_api;
mod price_override;
mod price_override_api;
mod print;
mod receipt;
mod receipt_link;
mod receipt_link_api;
mod refunds_api;
mod return_slip;
mod returns;
mod returns_api;
mod returns_store;
mod risk;
mod risk_api;
mod risk_counts;
mod settle;
mod sold;
mod store;
mod tenders;
mod tidy;
mod till_events;
mod till_log;
mod till_log_api;
mod tills_api;
mod today;
mod view;
mod watch;

pub use engine::Engines;
pub use expire::expire_for_ever;
pub use tidy::{tidy, tidy_for_ever};
pub use view::OrderView;
pub use watch::{watch_for_ever, watch_once};

use utoipa_axum::router::OpenApiRouter;

use crate::App;

/// The calls of this slice.
pub fn routes() -> OpenApiRouter<App> {
    api::routes()
        .merge(payments_api::routes())
        .merge(refunds_api::routes())
        .merge(notices_api::routes())
        .merge(list_api::routes())
        .merge(price_override_api::routes())
        .merge(returns_api::routes())
        .merge(blind_returns_api::routes())
        .merge(exchange_api::routes())
        .merge(receipt_link_api::routes())
        .merge(tills_api::routes())
        .merge(till_log_api::routes())
        .merge(risk_api::routes())
}
