//! WeChat Pay: APIv3 under `/v3`, the older XML interface under `/pay` and `/secapi`.

mod auth;
mod bills;
pub(crate) mod objects;
mod pay;
mod refunds;
mod sheet;
mod v2;

use std::sync::Arc;

use axum::Router;
use axum::routing::{get, post};

use crate::sim::Simulator;

pub(crate) use auth::letter;

/// Whose calls are answered.
pub(crate) fn routes() -> Router<Arc<Simulator>> {
    let order = "/v3/pay/transactions/out-trade-no/{no}";
    Router::new()
        .route("/v3/pay/transactions/native", post(pay::native))
        .route("/v3/pay/transactions/jsapi", post(pay::jsapi))
        .route("/v3/pay/transactions/codepay", post(pay::code))
        .route(order, get(pay::query))
        .route(
            "/v3/pay/transactions/id/{no}",
            get(pay::query_by_gateway_no),
        )
        .route(&format!("{order}/close"), post(pay::close))
        .route(&format!("{order}/reverse"), post(pay::reverse))
        .route("/v3/refund/domestic/refunds", post(refunds::refund))
        .route("/v3/refund/domestic/refunds/{no}", get(refunds::query))
        .route("/v3/bill/tradebill", get(bills::trade_bill))
        .route("/v3/bill/fundflowbill", get(bills::fund_flow_bill))
        .route("/v3/billdownload/file", get(bills::download))
        .route("/v3/certificates", get(bills::certificates))
        .route("/pay/micropay", post(v2::pay))
        .route("/pay/orderquery", post(v2::query))
        .route("/secapi/pay/reverse", post(v2::reverse))
        .route("/secapi/pay/refund", post(v2::refund))
}
