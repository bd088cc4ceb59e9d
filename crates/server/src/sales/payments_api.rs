//! HTTP of payments: paying, what became of it, and money nobody is certain of.

use std::sync::Arc;

use aisle_domain::money::Money;
use aisle_pay::Channel;
use aisle_pay::card::{CardEntry, CardRecord};
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use crate::catalog::Store;
use crate::digest::sha256_hex;
use crate::error::Problem;
use crate::http::{Can, Cursor, Json, Page, PageQuery, Path, Query, instant, right};
use crate::payments::{attempts, calls, events};
use crate::{App, Error, Result, codes};

use super::api::{load, the_store};
use super::basket::check_tendered;
use super::collect::{self, Ask};
use super::doubt::{self, DoubtRow, Wanted};
use super::payment_view::{CallView, PaymentDetail, PaymentEventView, PaymentView};
use super::settle::{self, Tender};
use super::view::OrderView;
use super::{booking, watch};

/// The calls about payments.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(pay_order))
        .routes(routes!(list_payments))
        .routes(routes!(show_payment))
        .routes(routes!(check_payment))
        .routes(routes!(give_up_payment))
}

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PayOrder {
    /// UUIDv7 made by the till; the same payment may be sent again.
    id: Uuid,
    /// `cash`, `wechat`, `alipay`, `card`; or `code`: whose code it is, is read from `auth_code`.
    method: String,
    /// The part to pay; all that is due when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    amount_fen: Option<i64>,
    /// What the customer gave in cash.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tendered_fen: Option<i64>,
    /// The code on the customer's phone. Without it `wechat` and `alipay` make a code for the customer to scan.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    auth_code: Option<String>,
    /// The record on the card terminal's slip.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    card: Option<CardSlip>,
}

/// What a card terminal printed.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CardSlip {
    /// 终端号, 8 letters or digits.
    terminal: String,
    /// 批次号, up to 6 digits.
    batch: String,
    /// 凭证号, up to 6 digits.
    trace: String,
    /// 参考号, 12 letters or digits.
    rrn: String,
    /// 授权码, 6 letters or digits.
    auth: String,
    /// The last four digits of the card.
    last4: String,
}

#[derive(Serialize, ToSchema)]
struct PaidView {
    #[serde(flatten)]
    payment: Option<PaymentView>,
    order: OrderView,
}

/// Pay an order that waits, or part of it. Needs `order.sell`.
#[utoipa::path(post, path = "/api/v1/orders/{id}/payments", tag = "payments", request_body = PayOrder,
    params(("id" = Uuid, Path)),
    responses((status = 200, body = PaidView), (status = "default", body = Problem)))]
async fn pay_order(
    State(app): State<App>,
    can: Can<right::OrderSell>,
    Path(id): Path<Uuid>,
    Json(body): Json<PayOrder>,
) -> Result<Json<PaidView>> {
    let store = the_store(&app, can.store_id())?;
    let payment = body.id;
    match body.parse(id)? {
        How::Here(tender) => {
            settle::pay(&app, &store, id, &tender, can.actor.name()).await?;
        }
        How::Gateway(ask) => collect::collect(&app, &store, &can.actor, ask).await?,
    }
    paid(&app, &store, (id, payment)).await
}

async fn paid(
    app: &App,
    store: &Arc<Store>,
    (order, payment): (Uuid, Uuid),
) -> Result<Json<PaidView>> {
    let order = load(app, store.id, order).await?;
    Ok(Json(PaidView {
        payment: order.payment(payment),
        order,
    }))
}

/// How somebody pays.
enum How {
    /// With money that is there at once.
    Here(Tender),
    /// Through a gateway.
    Gateway(Ask),
}

impl PayOrder {
    fn parse(self, order: Uuid) -> Result<How> {
        for amount in [self.amount_fen, self.tendered_fen].into_iter().flatten() {
            check_tendered(amount)?;
        }
        if self.amount_fen == Some(0) {
            return Err(Error::invalid("amount_fen", "more than 0"));
        }
        let amount = self.amount_fen.map(Money::from_fen);
        match (self.method.as_str(), &self.auth_code, &self.card) {
            ("cash", None, None) => {
                let tendered = self.tendered_fen.or(self.amount_fen);
                if tendered.is_none() {
                    return Err(Error::invalid("tendered_fen", "needed"));
                }
                Ok(How::Here(Tender {
                    id: self.id,
                    method: "cash",
                    amount,
                    tendered: self.tendered_fen.map(Money::from_fen),
                    card: None,
                }))
            }
            ("card", None, Some(slip)) => Ok(How::Here(Tender {
                id: self.id,
                method: "card",
                amount,
                tendered: None,
                card: Some(slip.parse()?),
            })),
            ("card", None, None) => Err(Error::invalid("card", "needed")),
            ("code" | "wechat" | "alipay", _, None) => self.gateway(order, amount),
            ("cash" | "card", Some(_), _) => {
                Err(Error::invalid("auth_code", "not with this method"))
            }
            ("cash" | "code" | "wechat" | "alipay", _, Some(_)) => {
                Err(Error::invalid("card", "not with this method"))
            }
            _ => Err(Error::invalid(
                "method",
                "cash, wechat, alipay, card or code",
            )),
        }
    }

    fn gateway(self, order: Uuid, amount: Option<Money>) -> Result<How> {
        let bad = || Error::code(&codes::BAD_AUTH_CODE);
        if self.tendered_fen.is_some() {
            return Err(Error::invalid("tendered_fen", "only for cash"));
        }
        let of_code = self.auth_code.as_deref().map(Channel::of_code);
        let channel = match (self.method.as_str(), of_code) {
            ("code", Some(found)) => found.ok_or_else(bad)?,
            ("code", None) => return Err(Error::invalid("auth_code", "needed")),
            (name, found) => {
                let channel = Channel::parse(name).ok_or_else(bad)?;
                if found.is_some_and(|found| found != Some(channel)) {
                    return Err(bad());
                }
                channel
            }
        };
        let request_hash = sha256_hex(serde_json::to_vec(&self).unwrap_or_default());
        Ok(How::Gateway(Ask {
            id: self.id,
            order,
            channel,
            amount,
            code: self.auth_code,
            request_hash,
        }))
    }
}

impl CardSlip {
    fn parse(&self) -> Result<CardRecord> {
        let entry = CardEntry {
            rrn: self.rrn.clone(),
            auth: self.auth.clone(),
            batch: self.batch.clone(),
            trace: self.trace.clone(),
            terminal: self.terminal.clone(),
            last4: self.last4.clone(),
        };
        CardRecord::parse(&entry)
            .map_err(|error| Error::invalid(&format!("card.{}", error.field), error.wanted))
    }
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct PaymentsQuery {
    /// Only money nobody is certain of.
    doubtful: Option<bool>,
    /// `wechat` or `alipay`.
    method: Option<String>,
    amount_fen: Option<i64>,
    /// RFC 3339, inclusive.
    from: Option<String>,
    /// RFC 3339, exclusive.
    to: Option<String>,
    /// The last digits of the gateway's number or of ours, at least four.
    tail: Option<String>,
    limit: Option<u32>,
    cursor: Option<String>,
}

/// Payments through gateways, newest first: those in doubt, or the one a customer says was made. Needs `payment.read`.
#[utoipa::path(get, path = "/api/v1/payments", tag = "payments", params(PaymentsQuery),
    responses((status = 200, body = Page<DoubtRow>), (status = "default", body = Problem)))]
async fn list_payments(
    State(app): State<App>,
    can: Can<right::PaymentRead>,
    Query(query): Query<PaymentsQuery>,
) -> Result<Json<Page<DoubtRow>>> {
    let (limit, before) = PageQuery::by_place(query.limit, query.cursor)?;
    let tail = query.tail.filter(|tail| !tail.is_empty());
    if tail.as_ref().is_some_and(|tail| {
        !(4..=32).contains(&tail.len()) || !tail.bytes().all(|byte| byte.is_ascii_alphanumeric())
    }) {
        return Err(Error::invalid("tail", "4 to 32 letters or digits"));
    }
    let wanted = Wanted {
        is_doubtful: query.doubtful.unwrap_or(false),
        method: query.method,
        amount: query.amount_fen,
        from: instant("from", query.from)?,
        to: instant("to", query.to)?,
        tail,
        before,
    };
    let rows = doubt::payments(app.db.read_fresh(), can.store_id(), wanted, limit + 1).await?;
    let page = Page::cut(rows, limit, |row| Cursor::place((row.created_at, row.id)));
    let now = app.clock.now();
    let items = page.items.into_iter().map(|row| DoubtRow::of(row, now));
    Ok(Json(Page {
        items: items.collect(),
        next: page.next,
    }))
}

/// A payment with its states and the calls to the gateway. Needs `order.read`.
#[utoipa::path(get, path = "/api/v1/payments/{id}", tag = "payments", params(("id" = Uuid, Path)),
    responses((status = 200, body = PaymentDetail), (status = "default", body = Problem)))]
async fn show_payment(
    State(app): State<App>,
    can: Can<right::OrderRead>,
    Path(id): Path<Uuid>,
) -> Result<Json<PaymentDetail>> {
    Ok(Json(
        detail(&app, &*the_store(&app, can.store_id())?, id).await?,
    ))
}

async fn detail(app: &App, store: &Store, id: Uuid) -> Result<PaymentDetail> {
    let reader = app.db.read_fresh();
    let absent = || Error::code(&codes::NOT_FOUND);
    let row = attempts::find(reader, store.id, id)
        .await?
        .ok_or_else(absent)?;
    let order = load(app, store.id, row.order_id).await?;
    Ok(PaymentDetail {
        order_id: row.order_id,
        order_no: order.no().to_owned(),
        payment: order.payment(id).ok_or_else(absent)?,
        events: events(reader, store.id, id)
            .await?
            .into_iter()
            .map(PaymentEventView::of)
            .collect(),
        calls: calls(reader, store.id, id)
            .await?
            .into_iter()
            .map(CallView::of)
            .collect(),
    })
}

/// Ask the gateway now what became of a payment. Needs `order.sell`.
#[utoipa::path(post, path = "/api/v1/payments/{id}/check", tag = "payments", params(("id" = Uuid, Path)),
    responses((status = 200, body = PaymentDetail), (status = "default", body = Problem)))]
async fn check_payment(
    State(app): State<App>,
    can: Can<right::OrderSell>,
    Path(id): Path<Uuid>,
) -> Result<Json<PaymentDetail>> {
    let store = the_store(&app, can.store_id())?;
    watch::look_now(&app, &store, id).await?;
    Ok(Json(detail(&app, &store, id).await?))
}

/// Give a payment up: nobody can pay it any more, or what was paid goes back. Needs `order.sell`.
#[utoipa::path(post, path = "/api/v1/payments/{id}/give-up", tag = "payments", params(("id" = Uuid, Path)),
    responses((status = 200, body = PaymentDetail), (status = "default", body = Problem)))]
async fn give_up_payment(
    State(app): State<App>,
    can: Can<right::OrderSell>,
    Path(id): Path<Uuid>,
) -> Result<Json<PaymentDetail>> {
    let store = the_store(&app, can.store_id())?;
    booking::give_up(&app, &store, id, can.actor.name()).await?;
    watch::look_when_due(&app, &store, id).await?;
    Ok(Json(detail(&app, &store, id).await?))
}
