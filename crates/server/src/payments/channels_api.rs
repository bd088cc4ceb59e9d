//! HTTP of payment channels.

use std::collections::HashMap;

use aisle_domain::money::Money;
use aisle_domain::payments::FeeRule;
use aisle_domain::time::Instant;
use aisle_pay::{Channel, Gateway, Outcome};
use axum::extract::State;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::error::Problem;
use crate::http::{Can, Json, Path, right};
use crate::{App, Error, Result, codes};

use super::channels::{self, ChannelRow, NewChannel};

/// A key is at most so long; PEM texts are a few thousand letters.
const SECRET_MAX: usize = 20_000;
/// Settings as JSON text are at most so long.
const SETTINGS_MAX: usize = 60_000;
const PPM_MAX: i64 = 100_000;
const FEN_MAX: i64 = 100_000_000;

/// The calls about channels.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_channels))
        .routes(routes!(set_channel))
        .routes(routes!(test_channel))
        .routes(routes!(list_methods))
}

/// A payment channel of a store.
#[derive(Debug, Serialize, ToSchema)]
struct ChannelView {
    /// `wechat` or `alipay`.
    channel: String,
    enabled: bool,
    /// What anybody may see: merchant and app numbers, the gateway's public keys, addresses.
    #[schema(value_type = Object)]
    settings: Value,
    /// Which keys are there. Keys themselves are never shown.
    keys: Vec<String>,
    /// What the channel takes of each payment, in millionths.
    fee_ppm: i64,
    fee_min_fen: i64,
    fee_cap_fen: Option<i64>,
    changed_at: String,
}

#[derive(Serialize, ToSchema)]
struct ChannelList {
    items: Vec<ChannelView>,
}

/// The payment channels of a store, without their keys. Needs `payment.manage`.
#[utoipa::path(get, path = "/api/v1/payment-channels", tag = "payments",
    responses((status = 200, body = ChannelList), (status = "default", body = Problem)))]
async fn list_channels(
    State(app): State<App>,
    can: Can<right::PaymentManage>,
) -> Result<Json<ChannelList>> {
    let store = can.store_id();
    let rows = channels::channels(app.db.read_fresh(), store).await?;
    let items = rows
        .into_iter()
        .map(|row| {
            let keys = channels::key_names(&app, store, &row)?;
            view(row, keys)
        })
        .collect::<Result<_>>()?;
    Ok(Json(ChannelList { items }))
}

fn view(row: ChannelRow, keys: Vec<String>) -> Result<ChannelView> {
    Ok(ChannelView {
        settings: serde_json::from_str(&row.settings).map_err(anyhow::Error::from)?,
        channel: row.channel,
        enabled: row.enabled,
        keys,
        fee_ppm: row.fee_ppm,
        fee_min_fen: row.fee_min_fen,
        fee_cap_fen: row.fee_cap_fen,
        changed_at: Instant(row.changed_at).to_rfc3339(),
    })
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SetChannel {
    enabled: bool,
    /// See `ChannelView`.
    #[schema(value_type = Object)]
    settings: Value,
    /// Keys to put in the place of those that are there; an empty text takes one away. Those not named stay.
    #[serde(default)]
    secrets: HashMap<String, String>,
    #[serde(default)]
    fee_ppm: i64,
    #[serde(default)]
    fee_min_fen: i64,
    #[serde(default)]
    fee_cap_fen: Option<i64>,
}

impl SetChannel {
    fn parse(self, channel: &str) -> Result<NewChannel> {
        let channel = named(channel)?;
        if !self.settings.is_object() || self.settings.to_string().len() > SETTINGS_MAX {
            return Err(Error::invalid("settings", "an object"));
        }
        if self.secrets.len() > 10 || self.secrets.values().any(|text| text.len() > SECRET_MAX) {
            return Err(Error::invalid("secrets", "too many or too long"));
        }
        let fens = [self.fee_min_fen, self.fee_cap_fen.unwrap_or(0)];
        if !(0..=PPM_MAX).contains(&self.fee_ppm) {
            return Err(Error::invalid("fee_ppm", "0 to 100000"));
        }
        if fens.iter().any(|fen| !(0..=FEN_MAX).contains(fen)) {
            return Err(Error::invalid("fee_min_fen", "0 or more, and possible"));
        }
        Ok(NewChannel {
            channel,
            enabled: self.enabled,
            settings: self.settings,
            secrets: self.secrets,
            fee: FeeRule {
                rate_ppm: self.fee_ppm,
                min: Money::from_fen(self.fee_min_fen),
                cap: self.fee_cap_fen.map(Money::from_fen),
            },
        })
    }
}

fn named(channel: &str) -> Result<Channel> {
    Channel::parse(channel)
        .filter(|channel| *channel != Channel::Card)
        .ok_or_else(|| Error::code(&codes::NOT_FOUND))
}

/// Set a channel up. Settings that cannot work are refused, naming the field. Needs `payment.manage`.
#[utoipa::path(put, path = "/api/v1/payment-channels/{channel}", tag = "payments",
    params(("channel" = String, Path, description = "`wechat` or `alipay`")), request_body = SetChannel,
    responses((status = 200, body = ChannelList), (status = "default", body = Problem)))]
async fn set_channel(
    State(app): State<App>,
    can: Can<right::PaymentManage>,
    Path(channel): Path<String>,
    Json(body): Json<SetChannel>,
) -> Result<Json<ChannelList>> {
    let new = body.parse(&channel)?;
    channels::set(&app, &can.actor, &new).await?;
    list_channels(State(app), can).await
}

/// What a test of a channel found.
#[derive(Debug, Serialize, ToSchema)]
struct ChannelTest {
    /// Whether the gateway answered and both signatures held.
    works: bool,
    /// The gateway's code, or ours: `timeout`, `connection`, `bad_signature`.
    code: String,
    message: String,
}

/// Ask the gateway for something that does not exist, to see whether keys and settings work. Needs `payment.manage`.
#[utoipa::path(post, path = "/api/v1/payment-channels/{channel}/test", tag = "payments",
    params(("channel" = String, Path, description = "`wechat` or `alipay`")),
    responses((status = 200, body = ChannelTest), (status = "default", body = Problem)))]
async fn test_channel(
    State(app): State<App>,
    can: Can<right::PaymentManage>,
    Path(channel): Path<String>,
) -> Result<Json<ChannelTest>> {
    let way = app
        .ways
        .find(&app, can.store_id(), named(&channel)?)
        .await?;
    let answer = way.client.test().await;
    let (works, failure) = match answer.outcome {
        Outcome::Success(()) => (true, aisle_pay::Failure::default()),
        Outcome::Pending => (true, aisle_pay::Failure::default()),
        Outcome::Declined(failure) | Outcome::Unknown(failure) | Outcome::Config(failure) => {
            (false, failure)
        }
    };
    Ok(Json(ChannelTest {
        works,
        code: failure.code,
        message: failure.message,
    }))
}

/// Ways to pay a till offers.
#[derive(Debug, Serialize, ToSchema)]
struct Methods {
    /// `cash`, `wechat`, `alipay`, `card`.
    methods: Vec<String>,
}

/// How customers can pay in this store. Needs `order.sell`.
#[utoipa::path(get, path = "/api/v1/payment-methods", tag = "payments",
    responses((status = 200, body = Methods), (status = "default", body = Problem)))]
async fn list_methods(State(app): State<App>, can: Can<right::OrderSell>) -> Result<Json<Methods>> {
    let rows = channels::channels(app.db.read_fresh(), can.store_id()).await?;
    let mut methods = vec!["cash".to_owned(), "card".to_owned()];
    methods.extend(
        rows.into_iter()
            .filter(|row| row.enabled)
            .map(|row| row.channel),
    );
    Ok(Json(Methods { methods }))
}
