//! The payment channels of a store: settings, sealed keys, and the clients made of them.
//!
//! Promises: keys are written and never read back; a client lives until its settings change; a gateway that does
//! not answer holds up nobody but those who pay through it, and after a few calls without answer new payments
//! through it are refused at once for a while.

use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

use aisle_db::{FromQueryResult, Source, Sql, Tx};
use aisle_domain::ids::StoreId;
use aisle_domain::money::Money;
use aisle_domain::payments::FeeRule;
use aisle_domain::time::Instant;
use aisle_pay::{Channel, Client, SettingsError};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::http::Actor;
use crate::ops::{self, Operation};
use crate::vault::Place;
use crate::{App, Error, Result, codes};

/// Payments that may wait for one gateway at once.
const CALLS_MAX: usize = 64;
/// So many calls in a row without an answer close the channel for a while.
const SILENT_MAX: i64 = 5;
const CLOSED_MS: i64 = 10_000;

/// A channel as stored.
#[derive(Debug, Clone, FromQueryResult)]
pub(super) struct ChannelRow {
    /// `wechat` or `alipay`.
    pub(super) channel: String,
    /// Whether tills offer it.
    pub(super) enabled: bool,
    /// What anybody may see, as JSON.
    pub(super) settings: String,
    /// Keys, sealed.
    pub(super) secrets: String,
    /// Millionths of each payment.
    pub(super) fee_ppm: i64,
    /// At least so much.
    pub(super) fee_min_fen: i64,
    /// At most so much.
    pub(super) fee_cap_fen: Option<i64>,
    /// When it was changed last.
    pub(super) changed_at: i64,
}

impl ChannelRow {
    /// What the channel takes.
    pub(super) fn fee(&self) -> FeeRule {
        FeeRule {
            rate_ppm: self.fee_ppm,
            min: Money::from_fen(self.fee_min_fen),
            cap: self.fee_cap_fen.map(Money::from_fen),
        }
    }
}

/// A change of a channel; keys that are not named stay as they are.
#[derive(Debug, Clone)]
pub struct NewChannel {
    /// Which.
    pub channel: Channel,
    /// Whether tills offer it.
    pub enabled: bool,
    /// What anybody may see.
    pub settings: Value,
    /// New keys, by name.
    pub secrets: HashMap<String, String>,
    /// What the channel takes.
    pub fee: FeeRule,
}

/// A store's way to one gateway.
#[derive(Debug)]
pub struct Way {
    /// The client.
    pub client: Client,
    /// Whose numbers are given there.
    pub merchant: String,
    /// What the channel takes.
    pub fee: FeeRule,
    /// Whether new payments may use it; those under way are always asked after.
    pub enabled: bool,
    changed_at: i64,
    calls: Arc<Semaphore>,
    silent: AtomicI64,
    closed_until: AtomicI64,
}

impl Way {
    /// A place among those who pay through this gateway now.
    pub fn enter(&self, now: Instant) -> Result<OwnedSemaphorePermit> {
        let full = || Error::code(&codes::CHANNEL_UNAVAILABLE);
        if now.0 < self.closed_until.load(Ordering::Relaxed) {
            return Err(full());
        }
        Arc::clone(&self.calls)
            .try_acquire_owned()
            .map_err(|_| full())
    }

    /// Counts a call that was answered, or was not.
    pub fn heard(&self, is_answered: bool, now: Instant) {
        if is_answered {
            self.silent.store(0, Ordering::Relaxed);
        } else if self.silent.fetch_add(1, Ordering::Relaxed) + 1 >= SILENT_MAX {
            self.closed_until
                .store(now.plus_ms(CLOSED_MS).0, Ordering::Relaxed);
            // One that gets through afterwards decides.
            self.silent.store(SILENT_MAX - 1, Ordering::Relaxed);
            metrics::counter!("aisle_payment_channel_closed_total").increment(1);
        }
    }
}

/// The clients in use.
#[derive(Debug, Default)]
pub struct Ways {
    by_place: Mutex<HashMap<(StoreId, Channel), Arc<Way>>>,
}

impl Ways {
    /// The way of a store to a gateway, whether new payments may use it or not.
    pub async fn find(&self, app: &App, store: StoreId, channel: Channel) -> Result<Arc<Way>> {
        let unset = || {
            let field = json!({ "name": "method", "channel": channel.as_str() });
            Error::with(&codes::CHANNEL_NOT_SET_UP, vec![field])
        };
        let row = channel_row(app.db.read_fresh(), store, channel)
            .await?
            .ok_or_else(unset)?;
        let place = (store, channel);
        if let Some(way) = self.kept(place)
            && way.changed_at == row.changed_at
        {
            return Ok(way);
        }
        let settings: Value = serde_json::from_str(&row.settings).map_err(anyhow::Error::from)?;
        let secrets = open(app, store, &row)?;
        let client = client(app, channel, &settings, secrets).map_err(|problem| {
            tracing::error!(%store, channel = channel.as_str(), %problem, "stored settings do not work");
            unset()
        })?;
        let way = Arc::new(Way {
            merchant: merchant(&settings),
            client,
            fee: row.fee(),
            enabled: row.enabled,
            changed_at: row.changed_at,
            calls: Arc::new(Semaphore::new(CALLS_MAX)),
            silent: AtomicI64::new(0),
            closed_until: AtomicI64::new(0),
        });
        let mut ways = self
            .by_place
            .lock()
            .unwrap_or_else(|poison| poison.into_inner());
        ways.insert(place, way.clone());
        Ok(way)
    }

    fn kept(&self, place: (StoreId, Channel)) -> Option<Arc<Way>> {
        let ways = self
            .by_place
            .lock()
            .unwrap_or_else(|poison| poison.into_inner());
        ways.get(&place).cloned()
    }
}

/// The channels of a store.
pub(super) async fn channels(source: &impl Source, store: StoreId) -> Result<Vec<ChannelRow>> {
    Ok(rows(store).push(" ORDER BY channel").all(source).await?)
}

async fn channel_row(
    source: &impl Source,
    store: StoreId,
    channel: Channel,
) -> Result<Option<ChannelRow>> {
    Ok(rows(store)
        .push(" AND channel = ")
        .arg(channel.as_str())
        .one(source)
        .await?)
}

fn rows(store: StoreId) -> Sql {
    Sql::new(
        "SELECT channel, enabled, settings, secrets, fee_ppm, fee_min_fen, fee_cap_fen, changed_at \
         FROM payment_channels WHERE store_id = ",
    )
    .arg(store.get())
}

/// Changes a channel. Settings and keys that cannot work together are refused, naming the field.
pub async fn set(app: &App, actor: &Actor, new: &NewChannel) -> Result<()> {
    let store = actor.store_id;
    let before = channel_row(app.db.read_fresh(), store, new.channel).await?;
    let mut secrets = match &before {
        Some(row) => open(app, store, row)?,
        None => json!({}),
    };
    if let Some(named) = secrets.as_object_mut() {
        for (name, text) in &new.secrets {
            if text.is_empty() {
                named.remove(name);
            } else {
                named.insert(name.clone(), json!(text));
            }
        }
    }
    client(app, new.channel, &new.settings, secrets.clone()).map_err(refusal)?;
    let text = serde_json::to_vec(&secrets).map_err(anyhow::Error::from)?;
    let sealed = app
        .vault
        .seal(place(&row_name(store, new.channel)), &text)?;
    let now = app.clock.now();
    let settings = new.settings.to_string();
    // Two changes in one millisecond are two changes.
    let changed_at = before.map_or(now.0, |row| now.0.max(row.changed_at + 1));
    let mut names: Vec<&String> = new.secrets.keys().collect();
    names.sort();
    let operation = Operation::of(actor, "payment.channel")
        .on(format!("channel {}", new.channel.as_str()))
        .detail(
            json!({ "enabled": new.enabled, "settings": new.settings, "new_keys": names,
            "fee_ppm": new.fee.rate_ppm }),
        );
    aisle_db::transact!(app.db, |tx| {
        upsert(tx, store, new, (&settings, &sealed, changed_at)).await?;
        ops::record(tx, now, operation.clone()).await
    })
}

async fn upsert(
    tx: &Tx,
    store: StoreId,
    new: &NewChannel,
    (settings, sealed, changed_at): (&str, &str, i64),
) -> Result<()> {
    Sql::new(
        "INSERT INTO payment_channels (store_id, channel, enabled, settings, secrets, fee_ppm, fee_min_fen, \
         fee_cap_fen, changed_at) VALUES (",
    )
    .arg(store.get())
    .push(", ")
    .arg(new.channel.as_str())
    .push(", ")
    .arg(new.enabled)
    .push(", ")
    .arg(settings)
    .push(", ")
    .arg(sealed)
    .push(", ")
    .arg(new.fee.rate_ppm)
    .push(", ")
    .arg(new.fee.min.fen())
    .push(", ")
    .arg(new.fee.cap.map(Money::fen))
    .push(", ")
    .arg(changed_at)
    .push(
        ") ON CONFLICT (store_id, channel) DO UPDATE SET enabled = excluded.enabled, settings = excluded.settings, \
         secrets = excluded.secrets, fee_ppm = excluded.fee_ppm, fee_min_fen = excluded.fee_min_fen, \
         fee_cap_fen = excluded.fee_cap_fen, changed_at = excluded.changed_at",
    )
    .run(tx)
    .await?;
    Ok(())
}

/// Which keys are there, by name.
pub(super) fn key_names(app: &App, store: StoreId, row: &ChannelRow) -> Result<Vec<String>> {
    let secrets = open(app, store, row)?;
    let named = secrets.as_object().into_iter().flatten();
    Ok(named
        .filter(|(_, value)| !value.is_null())
        .map(|(name, _)| name.clone())
        .collect())
}

fn client(
    app: &App,
    channel: Channel,
    settings: &Value,
    secrets: Value,
) -> std::result::Result<Client, SettingsError> {
    let http = aisle_pay::connections()?;
    let outside = Arc::new(app.clock.clone());
    match channel {
        Channel::Wechat => Client::wechat(read(settings)?, read(&secrets)?, http, outside),
        Channel::Alipay => Client::alipay(read(settings)?, &read(&secrets)?, http, outside),
        Channel::Card => Err(SettingsError {
            field: "channel".to_owned(),
            problem: aisle_pay::Problem::NotInForm,
        }),
    }
}

/// Fields that are missing, unknown or of another kind are named in the words of the reader.
fn read<T: DeserializeOwned>(part: &Value) -> std::result::Result<T, SettingsError> {
    serde_json::from_value(part.clone()).map_err(|error| {
        let text = error.to_string();
        // "missing field `mchid`": the name stands between the marks. Other complaints may quote a content.
        let is_about_a_name = ["missing field `", "unknown field `"]
            .iter()
            .any(|start| text.starts_with(start));
        let name = text.split('`').nth(1).filter(|_| is_about_a_name);
        SettingsError {
            field: name.unwrap_or("settings").to_owned(),
            problem: aisle_pay::Problem::Missing,
        }
    })
}

/// Whose numbers are given at the gateway.
fn merchant(settings: &Value) -> String {
    let named = ["mchid", "app_id"]
        .iter()
        .find_map(|name| settings[name].as_str());
    named.unwrap_or_default().to_owned()
}

fn open(app: &App, store: StoreId, row: &ChannelRow) -> Result<Value> {
    let channel = Channel::parse(&row.channel).ok_or_else(|| Error::code(&codes::NOT_FOUND))?;
    let text = app
        .vault
        .open(place(&row_name(store, channel)), &row.secrets)?;
    Ok(serde_json::from_slice(&text).map_err(anyhow::Error::from)?)
}

fn row_name(store: StoreId, channel: Channel) -> String {
    format!("store {store} {}", channel.as_str())
}

fn place(row: &str) -> Place<'_> {
    Place {
        purpose: "payment channel",
        row,
    }
}

/// What is the matter with settings, naming the field and never its content.
fn refusal(error: SettingsError) -> Error {
    let field =
        json!({ "name": error.field, "code": error.problem, "message": error.problem.to_string() });
    Error::with(&codes::CHANNEL_SETTINGS, vec![field])
}
