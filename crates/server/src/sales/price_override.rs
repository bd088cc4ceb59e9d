//! Another price for some goods in one sale (改价), given by somebody who may.
//!
//! Promises: a price is given to one product at one till, by name and with a reason, and counts in one sale;
//! an order never carries a price of its own, only the name of one that was given.

use std::collections::HashSet;

use aisle_db::{FromQueryResult, Source, Sql, Tx};
use aisle_domain::ids::{ProductId, StoreId, TerminalId};
use aisle_domain::money::Money;
use aisle_domain::pricing::{self, OverrideRefusal, PriceOverride};
use aisle_domain::time::Instant;
use serde_json::json;
use uuid::Uuid;

use crate::http::{Actor, Terminal};
use crate::ops::{self, Operation};
use crate::{App, Error, Result, codes};

use super::basket::Overrides;
use super::checkout::Placed;
use super::engine::Job;

/// A basket may be put aside with its prices for so long.
const LIFE_MS: i64 = 24 * 3_600_000;

/// A price to give.
#[derive(Debug)]
pub(super) struct Given {
    pub(super) id: Uuid,
    pub(super) product: ProductId,
    pub(super) unit_price: Money,
    pub(super) reason: String,
}

/// A given price as stored.
#[derive(Debug, Clone, PartialEq, FromQueryResult)]
pub(super) struct OverrideRow {
    pub(super) id: Uuid,
    pub(super) terminal_id: i64,
    pub(super) product_id: i64,
    pub(super) list_price_fen: i64,
    pub(super) unit_price_fen: i64,
    pub(super) reason: String,
    pub(super) actor: String,
    pub(super) approver: Option<String>,
    pub(super) created_at: i64,
    pub(super) expires_at: i64,
    pub(super) order_id: Option<Uuid>,
    pub(super) line_no: Option<i64>,
}

const COLUMNS: &str = "id, terminal_id, product_id, list_price_fen, unit_price_fen, reason, actor, approver, \
     created_at, expires_at, order_id, line_no";

/// Gives a price. The same sent again changes nothing.
pub(super) async fn give(app: &App, actor: &Actor, given: Given) -> Result<OverrideRow> {
    let terminal = actor.terminal()?;
    let snapshot = app.catalogue.products();
    let unknown = || {
        let field = json!({ "product_id": given.product });
        Error::with(&codes::UNKNOWN_PRODUCT, vec![field])
    };
    let product = snapshot.product(given.product).ok_or_else(unknown)?;
    pricing::check_override(product, given.unit_price).map_err(refusal_error)?;
    let now = app.clock.now();
    let row = OverrideRow {
        id: given.id,
        terminal_id: terminal.id.get(),
        product_id: given.product.get(),
        list_price_fen: product.price.fen(),
        unit_price_fen: given.unit_price.fen(),
        reason: given.reason,
        actor: actor.name().to_owned(),
        approver: actor.approver.clone(),
        created_at: now.0,
        expires_at: now.plus_ms(LIFE_MS).0,
        order_id: None,
        line_no: None,
    };
    let row = aisle_db::transact!(app.db, |tx| {
        if !insert(tx, actor.store_id, &row).await? {
            return before(tx, actor.store_id, &row).await;
        }
        let operation = Operation::of(actor, "price.override")
            .on(format!("product {}", row.product_id))
            .detail(
                json!({ "price_fen": { "from": row.list_price_fen, "to": row.unit_price_fen },
                "reason": row.reason }),
            );
        ops::record(tx, now, operation).await?;
        Ok::<_, Error>(row.clone())
    })?;
    metrics::counter!("aisle_price_overrides_total").increment(1);
    Ok(row)
}

/// The prices these orders name, as they may be used at this till; a line that names another is refused.
pub(super) async fn find(
    app: &App,
    terminal: &Terminal,
    ids: &[Uuid],
    at: Instant,
) -> Result<Overrides> {
    if ids.is_empty() {
        return Ok(Overrides::new());
    }
    let rows = named(app.db.read_fresh(), terminal.store_id, ids).await?;
    Ok(rows
        .into_iter()
        .filter(|row| TerminalId(row.terminal_id) == terminal.id && at.0 < row.expires_at)
        .map(|row| {
            let unit_price = Money::from_fen(row.unit_price_fen);
            let price = PriceOverride {
                id: row.id,
                unit_price,
            };
            (row.id, (ProductId(row.product_id), price))
        })
        .collect())
}

/// A given price in a basket.
#[derive(Debug, Clone, Copy)]
pub(super) struct InBasket {
    pub(super) id: Uuid,
    pub(super) line_no: i64,
    pub(super) product: ProductId,
}

/// The given prices in a basket.
pub(super) fn in_basket(job: &Job) -> impl Iterator<Item = InBasket> {
    (1i64..)
        .zip(&job.basket.lines)
        .filter_map(|(line_no, line)| {
            line.price_override.map(|given| InBasket {
                id: given.id,
                line_no,
                product: line.product.id,
            })
        })
}

/// Which of the prices in these baskets are used up.
pub(super) async fn used(
    tx: &Tx,
    store: StoreId,
    jobs: impl Iterator<Item = &Job>,
) -> Result<HashSet<Uuid>> {
    let ids: Vec<Uuid> = jobs.flat_map(in_basket).map(|used| used.id).collect();
    if ids.is_empty() {
        return Ok(HashSet::new());
    }
    Ok(named(tx, store, &ids)
        .await?
        .into_iter()
        .filter(|row| row.order_id.is_some())
        .map(|row| row.id)
        .collect())
}

/// Notes which order used which price.
pub(super) async fn use_up(tx: &Tx, store: StoreId, orders: &[(&Job, &Placed)]) -> Result<()> {
    for (job, _) in orders {
        for used in in_basket(job) {
            Sql::new("UPDATE price_overrides SET order_id = ")
                .arg(job.basket.order_id.get())
                .push(", line_no = ")
                .arg(used.line_no)
                .push(" WHERE store_id = ")
                .arg(store.get())
                .push(" AND id = ")
                .arg(used.id)
                .run(tx)
                .await?;
        }
    }
    Ok(())
}

/// The prices an order used.
pub(super) async fn of_order(
    source: &impl Source,
    store: StoreId,
    order: Uuid,
) -> Result<Vec<OverrideRow>> {
    Ok(Sql::new("SELECT ")
        .push(COLUMNS)
        .push(" FROM price_overrides WHERE store_id = ")
        .arg(store.get())
        .push(" AND order_id = ")
        .arg(order)
        .push(" ORDER BY line_no")
        .all(source)
        .await?)
}

async fn named(source: &impl Source, store: StoreId, ids: &[Uuid]) -> Result<Vec<OverrideRow>> {
    Ok(Sql::look_up(
        source,
        (COLUMNS, "price_overrides"),
        &[("store_id", store.get())],
        ("id", ids),
    )
    .all(source)
    .await?)
}

/// Whether it was new.
async fn insert(tx: &Tx, store: StoreId, row: &OverrideRow) -> Result<bool> {
    let written = Sql::new(
        "INSERT INTO price_overrides (store_id, id, terminal_id, product_id, list_price_fen, unit_price_fen, \
         reason, actor, approver, created_at, expires_at) VALUES (",
    )
    .arg(store.get())
    .push(", ")
    .arg(row.id)
    .push(", ")
    .arg(row.terminal_id)
    .push(", ")
    .arg(row.product_id)
    .push(", ")
    .arg(row.list_price_fen)
    .push(", ")
    .arg(row.unit_price_fen)
    .push(", ")
    .arg(row.reason.as_str())
    .push(", ")
    .arg(row.actor.as_str())
    .push(", ")
    .arg(row.approver.clone())
    .push(", ")
    .arg(row.created_at)
    .push(", ")
    .arg(row.expires_at)
    .push(") ON CONFLICT (store_id, id) DO NOTHING")
    .run(tx)
    .await?;
    Ok(written > 0)
}

/// What was given under this id before, when it is the same.
async fn before(tx: &Tx, store: StoreId, row: &OverrideRow) -> Result<OverrideRow> {
    let found = named(tx, store, &[row.id]).await?.pop();
    found
        .filter(|found| {
            found.product_id == row.product_id
                && found.terminal_id == row.terminal_id
                && found.unit_price_fen == row.unit_price_fen
                && found.reason == row.reason
        })
        .ok_or_else(|| Error::code(&codes::ORDER_ID_REUSED))
}

fn refusal_error(refusal: OverrideRefusal) -> Error {
    match refusal {
        OverrideRefusal::AboveList(list) => Error::with(
            &codes::PRICE_ABOVE_LIST,
            vec![json!({ "name": "unit_price_fen", "price_fen": list })],
        ),
        OverrideRefusal::BelowFloor(floor) => Error::with(
            &codes::PRICE_BELOW_FLOOR,
            vec![json!({ "name": "unit_price_fen", "floor_price_fen": floor })],
        ),
    }
}
