//! Finding orders.

use aisle_db::{Read, Sql};
use aisle_domain::ids::StoreId;

use crate::{Error, Result};

use super::store::{ORDER, OrderRow};

/// What orders are asked for.
#[derive(Debug, Default)]
pub(super) struct Wanted {
    pub(super) no: Option<String>,
    pub(super) customer: Option<String>,
    pub(super) status: Option<String>,
    pub(super) channel: Option<String>,
    pub(super) from: Option<i64>,
    pub(super) to: Option<i64>,
    pub(super) product: Option<i64>,
    pub(super) terminal: Option<i64>,
    /// Only orders before this one: its time and identity.
    pub(super) before: Option<(i64, uuid::Uuid)>,
}

/// Orders of a store, newest first.
pub(super) async fn list(
    reader: &Read,
    store: StoreId,
    wanted: Wanted,
    limit: usize,
) -> Result<Vec<OrderRow>> {
    let mut sql = Sql::new(ORDER)
        .push(" WHERE o.store_id = ")
        .arg(store.get());
    if let Some(no) = &wanted.no {
        let (day, terminal, seq) = parse_no(no)?;
        sql = sql
            .push(" AND o.business_day = ")
            .arg(day)
            .opt(" AND o.terminal_no = ", terminal)
            .opt(" AND o.seq = ", seq);
    }
    if let Some(product) = wanted.product {
        sql = sql
            .push(" AND EXISTS (SELECT 1 FROM order_lines l WHERE l.store_id = o.store_id AND l.order_id = o.id AND l.product_id = ")
            .arg(product)
            .push(")");
    }
    if let Some((at, id)) = wanted.before {
        sql = sql
            .push(" AND (o.created_at < ")
            .arg(at)
            .push(" OR (o.created_at = ")
            .arg(at)
            .push(" AND o.id < ")
            .arg(id)
            .push("))");
    }
    Ok(sql
        .opt(" AND o.member = ", wanted.customer)
        .opt(" AND o.state = ", wanted.status)
        .opt(" AND o.channel = ", wanted.channel)
        .opt(" AND o.created_at >= ", wanted.from)
        .opt(" AND o.created_at < ", wanted.to)
        .opt(" AND o.terminal_no = ", wanted.terminal)
        .push(" ORDER BY o.created_at DESC, o.id DESC LIMIT ")
        .arg(i64::try_from(limit).unwrap_or(i64::MAX))
        .all(reader)
        .await?)
}

/// `20261122`, `20261122-01` or `20261122-01-000123`.
fn parse_no(text: &str) -> Result<(i64, Option<i64>, Option<i64>)> {
    let bad = || Error::invalid("no", "day-till-number, such as 20261122-01-000123");
    let mut parts = text
        .trim()
        .split('-')
        .map(|part| part.parse::<i64>().map_err(|_| bad()));
    let day = parts.next().ok_or_else(bad)??;
    let terminal = parts.next().transpose()?;
    let seq = parts.next().transpose()?;
    if parts.next().is_some() {
        return Err(bad());
    }
    Ok((day, terminal, seq))
}
