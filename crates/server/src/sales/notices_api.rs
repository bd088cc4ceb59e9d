//! What gateways report by themselves.
//!
//! Promises: a report is read from its bytes exactly as they came, believed only with the gateway's signature, used
//! only for an attempt of ours, and answered after it is booked. The same report again changes nothing.

use aisle_domain::ids::StoreId;
use aisle_pay::{Channel, Gateway, Notice, NoticeError};
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::catalog::Store;
use crate::error::Problem;
use crate::http::{Path, RawBody};
use crate::payments::{self, attempts, money_back};
use crate::{App, Error, Result, codes};

use super::api::the_store;
use super::booking::{self, Heard, SYSTEM};
use super::pay_back;

/// Of a report so much is kept.
const BODY_KEPT: usize = 16_000;

/// The calls of gateways.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(take_notice))
}

/// What a payment gateway reports by itself; only with its signature.
#[utoipa::path(post, path = "/api/v1/payment-notices/{place}", tag = "payments", security(()),
    params(("place" = String, Path, description = "Channel and store, such as `wechat-1`")),
    request_body(content = String, description = "exactly as the gateway signed it", content_type = "*/*"),
    responses((status = 200, body = String), (status = "default", body = Problem)))]
async fn take_notice(
    State(app): State<App>,
    Path(place): Path<String>,
    headers: HeaderMap,
    body: RawBody,
) -> Result<Response> {
    let absent = || Error::code(&codes::NOT_FOUND);
    let (channel, store) = place.split_once('-').ok_or_else(absent)?;
    let channel = Channel::parse(channel).ok_or_else(absent)?;
    let store = the_store(&app, StoreId(store.parse().map_err(|_| absent())?))?;
    let way = app
        .ways
        .find(&app, store.id, channel)
        .await
        .map_err(|_| absent())?;
    let header = |name: &str| {
        let value = headers.get(name)?.to_str().ok()?;
        Some(value.to_owned())
    };
    let notice = way.client.notice(&header, &body.0).map_err(refused)?;
    let is_new = is_new(&app, &store, (channel, &notice), &body.0).await?;
    metrics::counter!("aisle_payment_notices_total", "channel" => channel.as_str(), "new" => is_new.to_string())
        .increment(1);
    take(&app, &store, &notice).await?;
    // Alipay wants to read this word; WeChat wants nothing but the status.
    Ok("success".into_response())
}

async fn take(app: &App, store: &Store, notice: &Notice) -> Result<()> {
    if let (Some(number), Some(state)) = (&notice.refund_no, &notice.refund) {
        let Some(id) = attempts::of_trade_no(number) else {
            return Ok(());
        };
        if money_back::find(app.db.read_fresh(), store.id, id)
            .await?
            .is_some()
        {
            let heard = pay_back::Heard::of_state(state.clone());
            pay_back::book(app, store, id, &heard).await?;
        }
        return Ok(());
    }
    let (Some(trade), Some(id)) = (&notice.trade, attempts::of_trade_no(&notice.trade_no)) else {
        return Ok(());
    };
    if attempts::find(app.db.read_fresh(), store.id, id)
        .await?
        .is_none()
    {
        tracing::warn!(
            trade_no = notice.trade_no,
            "a report about a payment that is not ours"
        );
        return Ok(());
    }
    let heard = Heard::of_trade(trade.clone());
    booking::book(app, store, id, &heard, SYSTEM).await?;
    Ok(())
}

/// Keeps a report; false when it was kept before. It is booked again then: booking changes nothing twice, and the
/// server may have ended between the two.
async fn is_new(
    app: &App,
    store: &Store,
    (channel, notice): (Channel, &Notice),
    body: &[u8],
) -> Result<bool> {
    let now = app.clock.now();
    let mut kept = String::from_utf8_lossy(body).replace('\0', "");
    kept.truncate(kept.floor_char_boundary(BODY_KEPT));
    let kept = payments::NewNotice {
        channel,
        notice,
        body: &kept,
        received_at: now,
    };
    payments::keep_notice(app, store.id, &kept).await
}

fn refused(error: NoticeError) -> Error {
    metrics::counter!("aisle_payment_notices_refused_total").increment(1);
    tracing::warn!(%error, "a payment report was refused");
    Error::code(&codes::NOTICE_REFUSED)
}
