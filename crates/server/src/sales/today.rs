//! The figures of the day, for the home page.

use aisle_db::{FromQueryResult, Read, Sql};
use aisle_domain::order::SOLD;
use aisle_domain::quantity::Quantity;
use aisle_domain::time::{BusinessDay, Instant};
use serde::Serialize;
use utoipa::ToSchema;

use crate::catalog::Store;
use crate::{App, Result};

const TOP: i64 = 10;

/// What was sold on one business day so far.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Today {
    business_day: i64,
    orders: i64,
    total_fen: i64,
    /// Total by orders, 0 without any.
    average_fen: i64,
    /// What came back today, whenever it was sold.
    returns: i64,
    refunded_fen: i64,
    yesterday_orders: i64,
    yesterday_total_fen: i64,
    hours: Vec<Hour>,
    top: Vec<Top>,
    /// Goods below their safety stock now.
    low_stock: usize,
}

#[derive(Debug, Serialize, ToSchema)]
struct Hour {
    hour: u32,
    orders: i64,
    total_fen: i64,
}

#[derive(Debug, Serialize, ToSchema, FromQueryResult)]
struct Top {
    product_id: i64,
    name: String,
    qty_milli: i64,
    amount_fen: i64,
}

#[derive(FromQueryResult)]
struct HourRow {
    /// Hours since the epoch.
    hour: i64,
    orders: i64,
    total_fen: i64,
}

#[derive(Default, FromQueryResult)]
struct BackRow {
    returns: i64,
    refunded_fen: i64,
}

/// The day of `now` in this store.
pub(super) async fn today(app: &App, store: &Store) -> Result<Today> {
    let reader = app.db.read();
    let day = store.business_day(app.clock.now());
    let by_hour = hours(reader, store, day).await?;
    let before = hours(reader, store, day.plus_days(-1)).await?;
    let sum = |rows: &[HourRow], of: fn(&HourRow) -> i64| rows.iter().map(of).sum::<i64>();
    let orders = sum(&by_hour, |row| row.orders);
    let total_fen = sum(&by_hour, |row| row.total_fen);
    let snapshot = app.catalogue.products();
    let low_stock = snapshot
        .iter()
        .filter(|product| product.safety_stock > Quantity::ZERO && product.state.is_sold())
        .filter(|product| app.stock.get(store.id, product.id).now() < product.safety_stock)
        .count();
    let back = returned(reader, store, day).await?;
    Ok(Today {
        returns: back.returns,
        refunded_fen: back.refunded_fen,
        business_day: day.0,
        orders,
        total_fen,
        average_fen: if orders == 0 {
            0
        } else {
            aisle_domain::money::round_div(total_fen.into(), orders.into())
        },
        yesterday_orders: sum(&before, |row| row.orders),
        yesterday_total_fen: sum(&before, |row| row.total_fen),
        hours: by_hour
            .into_iter()
            .map(|row| Hour {
                hour: Instant(row.hour * 3_600_000).local_hour(store.zone),
                orders: row.orders,
                total_fen: row.total_fen,
            })
            .collect(),
        top: top(reader, store, day).await?,
        low_stock,
    })
}

async fn hours(reader: &Read, store: &Store, day: BusinessDay) -> Result<Vec<HourRow>> {
    Ok(Sql::new(
        "SELECT sold_at / 3600000 AS hour, COUNT(*) AS orders, CAST(SUM(total_fen) AS BIGINT) AS total_fen \
         FROM orders WHERE state IN ",
    )
    .push(SOLD)
    .push(" AND store_id = ")
    .arg(store.id.get())
    .push(" AND business_day = ")
    .arg(day.0)
    .push(" GROUP BY sold_at / 3600000 ORDER BY 1")
    .all(reader)
    .await?)
}

async fn returned(reader: &Read, store: &Store, day: BusinessDay) -> Result<BackRow> {
    let row = Sql::new(
        "SELECT COUNT(*) AS returns, CAST(COALESCE(SUM(refund_fen), 0) AS BIGINT) AS refunded_fen FROM ( \
         SELECT refund_fen FROM order_returns WHERE store_id = ",
    )
    .arg(store.id.get())
    .push(" AND business_day = ")
    .arg(day.0)
    .push(" UNION ALL SELECT refund_fen FROM blind_returns WHERE store_id = ")
    .arg(store.id.get())
    .push(" AND business_day = ")
    .arg(day.0)
    .push(") r")
    .one(reader)
    .await?;
    Ok(row.unwrap_or_default())
}

async fn top(reader: &Read, store: &Store, day: BusinessDay) -> Result<Vec<Top>> {
    Ok(Sql::new(
        "SELECT l.product_id, MAX(l.name) AS name, CAST(SUM(l.qty_milli) AS BIGINT) AS qty_milli, \
         CAST(SUM(l.amount_fen) AS BIGINT) AS amount_fen FROM orders o \
         JOIN order_lines l ON l.store_id = o.store_id AND l.order_id = o.id \
         WHERE o.state IN ",
    )
    .push(SOLD)
    .push(" AND o.store_id = ")
    .arg(store.id.get())
    .push(" AND o.business_day = ")
    .arg(day.0)
    .push(" GROUP BY l.product_id ORDER BY 4 DESC, 1 LIMIT ")
    .arg(TOP)
    .all(reader)
    .await?)
}
