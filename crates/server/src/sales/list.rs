//! Finding orders.

use aisle_db::{Read, Sql};
use aisle_domain::ids::StoreId;

use crate::{App, Error, Result, catalog, identity};

use super::store::{ORDER, OrderRow};

/// Words that name more goods than this are too general to find an order by.
const GOODS_MAX: usize = 2000;

/// What orders are asked for; `None` asks for any.
#[derive(Debug, Clone, Default)]
pub(super) struct Wanted {
    pub(super) no: Option<String>,
    pub(super) customer: Option<String>,
    /// The last four characters of the member's number.
    pub(super) member_tail: Option<String>,
    pub(super) status: Option<String>,
    pub(super) channel: Option<String>,
    pub(super) from: Option<i64>,
    pub(super) to: Option<i64>,
    pub(super) product: Option<i64>,
    /// Any of these goods.
    pub(super) goods: Option<Vec<i64>>,
    pub(super) total_min: Option<i64>,
    pub(super) total_max: Option<i64>,
    pub(super) cashier: Option<Cashier>,
    /// A method something was paid with.
    pub(super) method: Option<String>,
    pub(super) terminal: Option<i64>,
    /// Only orders before this one: its time and identity.
    pub(super) before: Option<(i64, uuid::Uuid)>,
}

/// Who sold: anybody of these people, or whoever was recorded under this name.
#[derive(Debug, Clone)]
pub(super) struct Cashier {
    recorded: String,
    people: Vec<i64>,
}

/// The goods that words mean, as everywhere: name, pinyin, code, digits of a barcode.
pub(super) fn goods_called(app: &App, words: &str) -> Result<Vec<i64>> {
    let found = catalog::product_ids(app, words, GOODS_MAX + 1);
    if found.len() > GOODS_MAX {
        return Err(Error::invalid(
            "goods",
            "more than 2000 goods are called so: say more",
        ));
    }
    Ok(found)
}

/// The people whose name or sign-in name has this text.
pub(super) async fn cashier_called(reader: &Read, text: &str) -> Result<Cashier> {
    let wanted = text.to_lowercase();
    let is_called = |name: &str| name.to_lowercase().contains(&wanted);
    let people = identity::people_names(reader).await?.into_iter();
    Ok(Cashier {
        recorded: text.to_owned(),
        people: people
            .filter(|person| is_called(&person.name) || is_called(&person.username))
            .map(|person| person.id)
            .collect(),
    })
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
    sql = of_goods(sql, reader, &wanted);
    if let Some(method) = wanted.method {
        sql = sql
            .push(" AND EXISTS (SELECT 1 FROM payments p WHERE p.store_id = o.store_id AND p.order_id = o.id AND p.status = 'succeeded' AND p.method = ")
            .arg(method)
            .push(")");
    }
    if let Some(cashier) = wanted.cashier {
        sql = sql
            .push(" AND (o.cashier = ")
            .arg(cashier.recorded)
            .push(" OR ")
            .among(reader, "o.cashier_id", &cashier.people)
            .push(")");
    }
    if let Some(tail) = wanted.member_tail {
        // In the words of the index `orders_member_tail`.
        sql = sql
            .push(" AND o.member IS NOT NULL AND substr(o.member, length(o.member) - 3) = ")
            .arg(tail);
    }
    Ok(sql
        .behind(("o.created_at", "o.id"), wanted.before)
        .opt(" AND o.member = ", wanted.customer)
        .opt(" AND o.state = ", wanted.status)
        .opt(" AND o.channel = ", wanted.channel)
        .opt(" AND o.created_at >= ", wanted.from)
        .opt(" AND o.created_at < ", wanted.to)
        .opt(" AND o.terminal_no = ", wanted.terminal)
        .opt(" AND o.total_fen >= ", wanted.total_min)
        .opt(" AND o.total_fen <= ", wanted.total_max)
        .push(" ORDER BY o.created_at DESC, o.id DESC LIMIT ")
        .arg(i64::try_from(limit).unwrap_or(i64::MAX))
        .all(reader)
        .await?)
}

fn of_goods(mut sql: Sql, reader: &Read, wanted: &Wanted) -> Sql {
    const LINE: &str = " AND EXISTS (SELECT 1 FROM order_lines l WHERE l.store_id = o.store_id AND l.order_id = o.id AND ";
    if let Some(product) = wanted.product {
        sql = sql
            .push(LINE)
            .push("l.product_id = ")
            .arg(product)
            .push(")");
    }
    match &wanted.goods {
        Some(goods) => sql
            .push(LINE)
            .among(reader, "l.product_id", goods)
            .push(")"),
        None => sql,
    }
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
