//! HTTP of exchanges.

use aisle_domain::checkout::{CashTender, derived_payment_id};
use aisle_domain::ids::PaymentId;
use aisle_domain::money::Money;
use aisle_domain::order::Channel;
use aisle_domain::returns::Wanted;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use crate::catalog::Store;
use crate::digest::sha256_hex;
use crate::error::Problem;
use crate::http::{Actor, Can, Json, Path, right, text};
use crate::{App, Result};

use super::api::{load, the_store};
use super::basket::{Parsed, PlaceLine, PlaceOrder, check_tendered};
use super::engine::Job;
use super::exchange::{self, AskExchange, Quote};
use super::price_override;
use super::returns::Ask;
use super::returns_api::{ReturnLine, parse_lines};
use super::view::OrderView;

/// The calls about exchanges.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(exchange_goods))
        .routes(routes!(quote_exchange))
}

/// Goods somebody brings back for others.
#[derive(Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ExchangeGoods {
    /// The return: UUIDv7 made by the till; the same exchange may be sent again.
    id: Uuid,
    /// The order of the goods taken along: UUIDv7 made by the till.
    order_id: Uuid,
    reason: String,
    #[schema(min_items = 1, max_items = 500)]
    lines: Vec<ReturnLine>,
    /// The goods taken along, at today's prices.
    #[schema(min_items = 1, max_items = 500)]
    goods: Vec<PlaceLine>,
    /// Cash on the counter, where something is to be added.
    #[serde(default)]
    tendered_fen: Option<i64>,
    /// What the customer was told to add, negative for what they get; anything else is refused.
    #[serde(default)]
    expect_difference_fen: Option<i64>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct QuoteExchange {
    #[schema(min_items = 1, max_items = 500)]
    lines: Vec<ReturnLine>,
    #[schema(min_items = 1, max_items = 500)]
    goods: Vec<PlaceLine>,
}

/// What an exchange would come to.
#[derive(Serialize, ToSchema)]
struct ExchangeQuote {
    /// What the goods brought back are worth.
    refund_fen: i64,
    /// What the goods taken along cost.
    total_fen: i64,
    /// What of the refund pays for them.
    credit_fen: i64,
    /// What the customer adds in cash.
    to_pay_fen: i64,
    /// What the customer gets in cash.
    to_refund_fen: i64,
    /// Whether the sale is longer ago than the store takes goods back as usual: a second person must agree.
    is_late: bool,
}

/// Both halves of an exchange.
#[derive(Serialize, ToSchema)]
struct ExchangedView {
    /// The order something came back of.
    returned: OrderView,
    /// The order of the goods taken along.
    taken: OrderView,
}

/// Exchange goods: a return whose refund pays for other goods, in one step; the difference goes in cash.
/// Needs `order.return`, `order.sell` and a device.
#[utoipa::path(post, path = "/api/v1/orders/{id}/exchanges", tag = "sales", request_body = ExchangeGoods,
    params(("id" = Uuid, Path)),
    responses((status = 201, body = ExchangedView),
        (status = 200, body = ExchangedView, description = "sent again"),
        (status = "default", body = Problem)))]
async fn exchange_goods(
    State(app): State<App>,
    can: Can<right::OrderReturn>,
    _seller: Can<right::OrderSell>,
    Path(order): Path<Uuid>,
    Json(body): Json<ExchangeGoods>,
) -> Result<Response> {
    let store = the_store(&app, can.store_id())?;
    let request_hash = sha256_hex(serde_json::to_vec(&body).map_err(anyhow::Error::from)?);
    let back = Ask {
        id: body.id,
        order,
        request_hash,
        reason: text("reason", &body.reason, 1, 200)?,
        lines: parse_lines(&body.lines)?,
        expected_refund: None,
    };
    let taken = body.order_id;
    let ask = AskExchange {
        expected_difference: body.expect_difference_fen.map(Money::from_fen),
        job: job(&app, &store, &can.actor, body).await?,
        back,
    };
    let again = exchange::exchange(&app, &store, &can.actor, &ask).await?;
    let status = if again {
        StatusCode::OK
    } else {
        StatusCode::CREATED
    };
    let view = ExchangedView {
        returned: load(&app, store.id, order).await?,
        taken: load(&app, store.id, taken).await?,
    };
    Ok((status, Json(view)).into_response())
}

/// What an exchange would come to; nothing happens. Needs `order.read`.
#[utoipa::path(post, path = "/api/v1/orders/{id}/exchange-quote", tag = "sales", request_body = QuoteExchange,
    params(("id" = Uuid, Path)),
    responses((status = 200, body = ExchangeQuote), (status = "default", body = Problem)))]
async fn quote_exchange(
    State(app): State<App>,
    can: Can<right::OrderRead>,
    Path(order): Path<Uuid>,
    Json(body): Json<QuoteExchange>,
) -> Result<Json<ExchangeQuote>> {
    let store = the_store(&app, can.store_id())?;
    let lines = parse_lines(&body.lines)?;
    let wanted: Vec<Wanted> = lines.iter().map(|(wanted, _)| *wanted).collect();
    let goods = unpaid(Uuid::nil(), body.goods);
    let parsed = parse(&app, &store, &can.actor, goods).await?;
    let quote = exchange::quote(&app, &store, (order, &wanted), &parsed.basket).await?;
    Ok(Json(quoted(&quote)))
}

/// The goods taken along, as a till sells them.
async fn job(app: &App, store: &Store, actor: &Actor, body: ExchangeGoods) -> Result<Job> {
    let terminal = actor.terminal()?.clone();
    let tendered = body.tendered_fen.unwrap_or(0);
    check_tendered(tendered)?;
    let request_hash = sha256_hex(serde_json::to_vec(&body).map_err(anyhow::Error::from)?);
    let parsed = parse(app, store, actor, unpaid(body.order_id, body.goods)).await?;
    let mut basket = parsed.basket;
    let PaymentId(id) = derived_payment_id(basket.order_id, 0);
    basket.cash = Some(CashTender {
        id: PaymentId(id),
        tendered: Money::from_fen(tendered),
    });
    Ok(Job {
        request_hash,
        basket,
        cashier_id: actor.user.as_ref().map(|user| user.id.get()),
        cashier: actor.title().to_owned(),
        actor: actor.name().to_owned(),
        terminal,
        member: parsed.member,
        sold_at: parsed.sold_at,
        created_at: parsed.sold_at,
    })
}

fn unpaid(id: Uuid, lines: Vec<PlaceLine>) -> PlaceOrder {
    PlaceOrder {
        id,
        channel: Channel::Pos.as_str().to_owned(),
        lines,
        member: None,
        payments: Vec::new(),
        sold_at: None,
        expect_total_fen: None,
    }
}

async fn parse(app: &App, store: &Store, actor: &Actor, goods: PlaceOrder) -> Result<Parsed> {
    let now = app.clock.now();
    let ids = goods.override_ids();
    let overrides = match &actor.terminal {
        Some(terminal) => price_override::find(app, terminal, &ids, now).await?,
        None => Default::default(),
    };
    goods.parse(&app.catalogue.products(), store, overrides, now)
}

fn quoted(quote: &Quote) -> ExchangeQuote {
    ExchangeQuote {
        refund_fen: quote.refund.fen(),
        total_fen: quote.total.fen(),
        credit_fen: quote.exchange.credit.fen(),
        to_pay_fen: quote.exchange.to_pay.fen(),
        to_refund_fen: quote.exchange.to_refund.fen(),
        is_late: quote.is_late,
    }
}
