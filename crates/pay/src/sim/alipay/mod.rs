//! Alipay: everything at `/gateway.do`, parameters in the query and in the form.

mod bills;
mod notices;
mod refunds;
mod signed;
mod trades;

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{OriginalUri, State};
use axum::http::{HeaderMap, header};
use axum::response::Response;
use axum::routing::{any, get};

use crate::sim::Simulator;
use crate::sim::called::Called;
use signed::{Node, Request};

pub(crate) use notices::{letter, notice};

/// Whose calls are answered.
pub(crate) fn routes() -> Router<Arc<Simulator>> {
    Router::new()
        .route("/gateway.do", any(gateway))
        .route("/downloadBillFile.resource", get(bills::download))
}

async fn gateway(
    State(sim): State<Arc<Simulator>>,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let mut params = BTreeMap::new();
    let is_form = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded"));
    let form: &[u8] = if is_form { &body } else { &[] };
    for source in [uri.query().unwrap_or_default().as_bytes(), form] {
        for (name, value) in url::form_urlencoded::parse(source) {
            params.insert(name.into_owned(), value.into_owned());
        }
    }
    let host = headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok());
    let request = match Request::read(&sim, params, host.unwrap_or_default()) {
        Ok(request) => request,
        Err(refused) => return *refused,
    };
    let called = match request.method() {
        "alipay.trade.pay" => trades::pay(&request),
        "alipay.trade.precreate" => trades::precreate(&request),
        "alipay.trade.query" => trades::query(&request),
        "alipay.trade.cancel" => trades::cancel(&request),
        "alipay.trade.close" => trades::close(&request),
        "alipay.trade.refund" => refunds::refund(&request),
        "alipay.trade.fastpay.refund.query" => refunds::query(&request),
        "alipay.data.dataservice.bill.downloadurl.query" => bills::address(&request),
        _ => Called::Answer(Node::invalid("isv.invalid-method", "不存在的方法名")),
    };
    request.respond(called)
}
