//! SQL of orders.

use std::collections::{BTreeMap, HashMap};

use aisle_db::{Bulk, FromQueryResult, Source, Sql, Tx};
use aisle_domain::ids::StoreId;
use aisle_domain::order::{OrderEvent, OrderState};
use aisle_domain::time::{BusinessDay, Instant};
use uuid::Uuid;

use crate::Result;
use crate::catalog::Store;

use super::checkout::Placed;
use super::engine::Job;

/// The request behind each of these orders that exists.
pub(super) async fn request_hashes(
    source: &impl Source,
    store: StoreId,
    ids: &[Uuid],
) -> Result<HashMap<Uuid, String>> {
    #[derive(FromQueryResult)]
    struct Row {
        id: Uuid,
        request_hash: String,
    }
    let rows: Vec<Row> = Sql::look_up(
        source,
        ("id, request_hash", "orders"),
        &[("store_id", store.get())],
        ("id", ids),
    )
    .all(source)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| (row.id, row.request_hash))
        .collect())
}

/// Takes so many numbers for each till and day; answers the first of each.
pub(super) async fn take_receipt_numbers(
    tx: &Tx,
    store: StoreId,
    wanted: &BTreeMap<(i64, BusinessDay), i64>,
) -> Result<HashMap<(i64, BusinessDay), i64>> {
    #[derive(FromQueryResult)]
    struct Row {
        terminal_no: i64,
        business_day: i64,
        last_seq: i64,
    }
    let rows: Vec<Row> = Bulk::into("receipt_counters")
        .same_bigint("store_id", store.get())
        .bigint("terminal_no", wanted.keys().map(|key| key.0))
        .bigint("business_day", wanted.keys().map(|key| key.1.0))
        .bigint("last_seq", wanted.values().copied())
        .tail(
            "ON CONFLICT (store_id, terminal_no, business_day) DO UPDATE SET \
             last_seq = receipt_counters.last_seq + excluded.last_seq \
             RETURNING terminal_no, business_day, last_seq",
        )
        .insert_returning(tx)
        .await?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let key = (row.terminal_no, BusinessDay(row.business_day));
            let count = wanted.get(&key).copied().unwrap_or(0);
            (key, row.last_seq - count + 1)
        })
        .collect())
}

/// Makes the rows of one table.
type Part = fn(&Store, &[(&Job, &Placed)]) -> Bulk;

/// What orders with their lines, payments and first events write, each part made when it is asked for.
pub(super) fn parts<'a>(
    store: &'a Store,
    orders: &'a [(&'a Job, &'a Placed)],
) -> impl Iterator<Item = Bulk> + Send + 'a {
    let parts: [Part; 4] = [heads, order_lines, paid, first_events];
    parts.into_iter().map(move |part| part(store, orders))
}

fn heads(store: &Store, orders: &[(&Job, &Placed)]) -> Bulk {
    let each = || orders.iter();
    let keeps_ms = store.reservation_minutes * 60_000;
    let is_paid = |placed: &Placed| placed.sale.state == OrderState::Paid;
    Bulk::into("orders")
        .same_bigint("store_id", store.id.get())
        .uuid("id", each().map(|(job, _)| job.basket.order_id.get()))
        .text(
            "request_hash",
            each().map(|(job, _)| job.request_hash.as_str()),
        )
        .bigint("terminal_id", each().map(|(job, _)| job.terminal.id.get()))
        .bigint("terminal_no", each().map(|(job, _)| job.terminal.no))
        .bigint("business_day", each().map(|(_, placed)| placed.day.0))
        .bigint("seq", each().map(|(_, placed)| placed.seq))
        .text(
            "channel",
            each().map(|(job, _)| job.basket.channel.as_str()),
        )
        .text(
            "state",
            each().map(|(_, placed)| placed.sale.state.as_str()),
        )
        .bigint_opt("cashier_id", each().map(|(job, _)| job.cashier_id))
        .text("cashier", each().map(|(job, _)| job.cashier.as_str()))
        .text_opt("member", each().map(|(job, _)| job.member.clone()))
        .bigint(
            "lines_count",
            each().map(|(job, _)| i64::try_from(job.basket.lines.len()).unwrap_or(0)),
        )
        .bigint(
            "total_fen",
            each().map(|(_, placed)| placed.sale.total.fen()),
        )
        .bigint(
            "discount_fen",
            each().map(|(_, placed)| placed.sale.discount.fen()),
        )
        .bigint(
            "rounding_fen",
            each().map(|(_, placed)| placed.sale.rounding.fen()),
        )
        .bigint("tax_fen", each().map(|(_, placed)| placed.sale.tax.fen()))
        .bigint("created_at", each().map(|(job, _)| job.created_at.0))
        .bigint("sold_at", each().map(|(job, _)| job.sold_at.0))
        .bigint_opt(
            "paid_at",
            each().map(|(job, placed)| is_paid(placed).then_some(job.created_at.0)),
        )
        .bigint_opt(
            "expires_at",
            each().map(|(job, placed)| (!is_paid(placed)).then_some(job.created_at.0 + keeps_ms)),
        )
}

fn order_lines(store: &Store, orders: &[(&Job, &Placed)]) -> Bulk {
    let lines: Vec<_> = orders
        .iter()
        .flat_map(|(job, placed)| {
            (1i64..)
                .zip(job.basket.lines.iter().zip(&placed.sale.lines))
                .map(|(no, (asked, sold))| (job.basket.order_id.get(), no, asked, sold))
        })
        .collect();
    let each = || lines.iter();
    Bulk::into("order_lines")
        .same_bigint("store_id", store.id.get())
        .uuid("order_id", each().map(|line| line.0))
        .bigint("line_no", each().map(|line| line.1))
        .bigint("product_id", each().map(|line| line.2.product.id.get()))
        .text("barcode", each().map(|line| &*line.2.barcode))
        .text("name", each().map(|line| &*line.2.product.name))
        .text("spec", each().map(|line| &*line.2.product.spec))
        .text("unit", each().map(|line| &*line.2.product.unit))
        .bigint("qty_milli", each().map(|line| line.2.qty.milli()))
        .bigint(
            "unit_price_fen",
            each().map(|line| line.3.priced.unit_price.fen()),
        )
        .bigint(
            "discount_fen",
            each().map(|line| line.3.priced.discount.fen()),
        )
        .bigint("amount_fen", each().map(|line| line.3.priced.amount.fen()))
        .bigint("tax_rate_bp", each().map(|line| line.2.product.tax_rate.0))
        .bigint("tax_fen", each().map(|line| line.3.priced.tax.fen()))
        .bigint("cost_fen", each().map(|line| line.3.cost.fen()))
}

fn paid(store: &Store, orders: &[(&Job, &Placed)]) -> Bulk {
    let paid: Vec<_> = orders
        .iter()
        .filter_map(|(job, placed)| placed.sale.cash.map(|cash| (*job, cash)))
        .collect();
    let each = || paid.iter();
    Bulk::into("payments")
        .same_bigint("store_id", store.id.get())
        .uuid("order_id", each().map(|(job, _)| job.basket.order_id.get()))
        .uuid("id", each().map(|(_, cash)| cash.id.get()))
        .same_text("method", "cash")
        .same_text("status", "succeeded")
        .bigint("amount_fen", each().map(|(_, cash)| cash.amount.fen()))
        .bigint("tendered_fen", each().map(|(_, cash)| cash.tendered.fen()))
        .bigint("change_fen", each().map(|(_, cash)| cash.change.fen()))
        .bigint("created_at", each().map(|(job, _)| job.created_at.0))
}

fn first_events(store: &Store, orders: &[(&Job, &Placed)]) -> Bulk {
    let events: Vec<(&Job, i64, OrderEvent)> = orders
        .iter()
        .flat_map(|(job, placed)| {
            let paid =
                (placed.sale.state == OrderState::Paid).then_some((*job, 2, OrderEvent::Paid));
            std::iter::once((*job, 1, OrderEvent::Received)).chain(paid)
        })
        .collect();
    let each = || events.iter();
    Bulk::into("order_events")
        .same_bigint("store_id", store.id.get())
        .uuid(
            "order_id",
            each().map(|(job, ..)| job.basket.order_id.get()),
        )
        .bigint("seq", each().map(|event| event.1))
        .text("kind", each().map(|event| event.2.as_str()))
        .bigint("at", each().map(|(job, ..)| job.created_at.0))
        .text("actor", each().map(|(job, ..)| job.actor.as_str()))
}

/// An order's head as stored.
#[derive(Debug, Clone, FromQueryResult)]
pub(super) struct OrderRow {
    pub(super) store_id: i64,
    pub(super) id: Uuid,
    pub(super) request_hash: String,
    pub(super) terminal_no: i64,
    pub(super) business_day: i64,
    pub(super) seq: i64,
    pub(super) channel: String,
    pub(super) state: String,
    pub(super) cashier: String,
    pub(super) member: Option<String>,
    pub(super) lines_count: i64,
    pub(super) total_fen: i64,
    pub(super) discount_fen: i64,
    pub(super) rounding_fen: i64,
    pub(super) tax_fen: i64,
    pub(super) created_at: i64,
    pub(super) sold_at: i64,
    pub(super) paid_at: Option<i64>,
    pub(super) expires_at: Option<i64>,
    pub(super) reprints: i64,
}

/// Columns of [`OrderRow`].
pub(super) const ORDER: &str = "SELECT o.store_id, o.id, o.request_hash, \
     o.terminal_no, o.business_day, o.seq, o.channel, o.state, o.cashier, o.member, o.lines_count, \
     o.total_fen, o.discount_fen, o.rounding_fen, o.tax_fen, o.created_at, o.sold_at, o.paid_at, \
     o.expires_at, o.reprints FROM orders o";

/// One order of this store.
pub(super) async fn order(
    source: &impl Source,
    store: StoreId,
    id: Uuid,
) -> Result<Option<OrderRow>> {
    Ok(order_sql(store, id).one(source).await?)
}

/// One order, locked until the transaction ends.
pub(super) async fn order_locked(tx: &Tx, store: StoreId, id: Uuid) -> Result<Option<OrderRow>> {
    Ok(order_sql(store, id).for_update(tx).one(tx).await?)
}

fn order_sql(store: StoreId, id: Uuid) -> Sql {
    Sql::new(ORDER)
        .push(" WHERE o.store_id = ")
        .arg(store.get())
        .push(" AND o.id = ")
        .arg(id)
}

/// A line as stored.
#[derive(Debug, Clone, FromQueryResult)]
pub(super) struct LineRow {
    pub(super) line_no: i64,
    pub(super) product_id: i64,
    pub(super) barcode: String,
    pub(super) name: String,
    pub(super) spec: String,
    pub(super) unit: String,
    pub(super) qty_milli: i64,
    pub(super) unit_price_fen: i64,
    pub(super) discount_fen: i64,
    pub(super) amount_fen: i64,
    pub(super) tax_fen: i64,
    pub(super) cost_fen: i64,
}

/// The lines of an order.
pub(super) async fn lines(source: &impl Source, store: StoreId, id: Uuid) -> Result<Vec<LineRow>> {
    Ok(Sql::new(
        "SELECT line_no, product_id, barcode, name, spec, unit, qty_milli, unit_price_fen, \
         discount_fen, amount_fen, tax_fen, cost_fen FROM order_lines WHERE store_id = ",
    )
    .arg(store.get())
    .push(" AND order_id = ")
    .arg(id)
    .push(" ORDER BY line_no")
    .all(source)
    .await?)
}

/// An event as stored.
#[derive(Debug, Clone, FromQueryResult)]
pub(super) struct EventRow {
    pub(super) seq: i64,
    pub(super) kind: String,
    pub(super) at: i64,
    pub(super) actor: String,
    pub(super) reason: String,
}

/// What happened to an order, in order.
pub(super) async fn events(
    source: &impl Source,
    store: StoreId,
    id: Uuid,
) -> Result<Vec<EventRow>> {
    Ok(
        Sql::new("SELECT seq, kind, at, actor, reason FROM order_events WHERE store_id = ")
            .arg(store.get())
            .push(" AND order_id = ")
            .arg(id)
            .push(" ORDER BY seq")
            .all(source)
            .await?,
    )
}

/// One more event of an order.
#[derive(Debug)]
pub(super) struct NewEvent<'a> {
    pub(super) kind: OrderEvent,
    pub(super) at: Instant,
    pub(super) actor: &'a str,
    pub(super) reason: &'a str,
}

/// Appends an event.
pub(super) async fn insert_event(
    tx: &Tx,
    store: StoreId,
    id: Uuid,
    event: &NewEvent<'_>,
) -> Result<()> {
    Sql::new(
        "INSERT INTO order_events (store_id, order_id, seq, kind, at, actor, reason) \
         SELECT store_id, order_id, MAX(seq) + 1, ",
    )
    .arg(event.kind.as_str())
    .push(", CAST(")
    .arg(event.at.0)
    .push(" AS BIGINT), ")
    .arg(event.actor)
    .push(", ")
    .arg(event.reason)
    .push(" FROM order_events WHERE store_id = ")
    .arg(store.get())
    .push(" AND order_id = ")
    .arg(id)
    .push(" GROUP BY store_id, order_id")
    .run(tx)
    .await?;
    Ok(())
}
