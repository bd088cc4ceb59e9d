//! How often each person did something over some days, from indexes.

use std::collections::{HashMap, HashSet};

use aisle_db::{FromQueryResult, Read, Sql};
use aisle_domain::ids::StoreId;
use aisle_domain::risk::Hours;
use aisle_domain::time::Instant;

use crate::Result;
use crate::catalog::Store;
use crate::identity::PersonName;
use crate::ops::{self, By};

const HOUR_MS: i64 = 3_600_000;

/// From when to when, in milliseconds; the second is not included.
pub(super) type Range = (i64, i64);

/// Where a kind is counted.
#[derive(Debug, Clone, Copy)]
pub(super) enum Source {
    /// Till events.
    Till(&'static str),
    /// Entries of the operation log by the person.
    DoneBy(&'static str),
    /// Entries of the operation log about the person.
    DoneTo(&'static str),
    /// Orders and till events outside the usual hours.
    Night,
}

/// Where and when.
#[derive(Debug)]
pub(super) struct Place<'a> {
    pub(super) store: &'a Store,
    pub(super) range: Range,
    pub(super) usual: Option<Hours>,
}

/// How often, by the person's id.
pub(super) type Counts = HashMap<i64, i64>;

/// Counts one kind.
pub(super) async fn count(
    reader: &Read,
    place: &Place<'_>,
    source: Source,
    (people, sold): (&[PersonName], &Sold),
) -> Result<Counts> {
    let (store, range) = (place.store, place.range);
    let named = |whose: fn(&PersonName) -> String, rows: Vec<(String, i64)>| {
        let ids: HashMap<String, i64> = people.iter().map(|p| (whose(p), p.id)).collect();
        rows.into_iter()
            .filter_map(|(name, count)| Some((*ids.get(&name)?, count)))
            .collect()
    };
    let username = |person: &PersonName| person.username.clone();
    Ok(match source {
        Source::Till(kind) => till_events(reader, store.id, kind, range).await?,
        Source::DoneBy(action) => {
            let rows = ops::tally(reader, store.id, action, range, By::Actor).await?;
            named(username, rows)
        }
        Source::DoneTo(action) => {
            let rows = ops::tally(reader, store.id, action, range, By::Target).await?;
            named(|person| format!("user {}", person.id), rows)
        }
        Source::Night => {
            let Some(usual) = place.usual else {
                return Ok(Counts::new());
            };
            let nights = nights(store, range, usual);
            let mut counts: Counts =
                named(username, night_events(reader, store.id, &nights).await?);
            for (id, person) in &sold.people {
                let orders: i64 = (0..24)
                    .filter(|hour| !usual.contains(*hour))
                    .map(|hour| person.by_hour[hour])
                    .sum();
                if orders > 0 {
                    *counts.entry(*id).or_default() += orders;
                }
            }
            counts
        }
    })
}

/// One look into an index for each person.
async fn till_events(
    reader: &Read,
    store: StoreId,
    kind: &str,
    (from, to): Range,
) -> Result<Counts> {
    #[derive(FromQueryResult)]
    struct Row {
        id: i64,
        count: i64,
    }
    let rows: Vec<Row> = Sql::new(
        "SELECT u.id, (SELECT COUNT(*) FROM till_events e WHERE e.actor = u.username AND e.store_id = ",
    )
    .arg(store.get())
    .push(" AND e.kind = ")
    .arg(kind)
    .push(" AND e.at >= ")
    .arg(from)
    .push(" AND e.at < ")
    .arg(to)
    .push(") AS count FROM users u")
    .all(reader)
    .await?;
    let happened = rows.into_iter().filter(|row| row.count > 0);
    Ok(happened.map(|row| (row.id, row.count)).collect())
}

/// Till events in these stretches of time, by who did them.
async fn night_events(
    reader: &Read,
    store: StoreId,
    nights: &[Range],
) -> Result<Vec<(String, i64)>> {
    #[derive(FromQueryResult)]
    struct Row {
        actor: String,
        count: i64,
    }
    if nights.is_empty() {
        return Ok(Vec::new());
    }
    let mut sql = Sql::new("SELECT e.actor, COUNT(*) AS count FROM (");
    for (at, (from, to)) in nights.iter().enumerate() {
        sql = sql
            .push(if at == 0 { "" } else { " UNION ALL " })
            .push("SELECT CAST(")
            .arg(*from)
            .push(" AS BIGINT) AS first, CAST(")
            .arg(*to)
            .push(" AS BIGINT) AS last");
    }
    let rows: Vec<Row> = sql
        .push(") n CROSS JOIN till_events e WHERE e.store_id = ")
        .arg(store.get())
        .push(" AND e.at >= n.first AND e.at < n.last GROUP BY e.actor")
        .all(reader)
        .await?;
    Ok(rows.into_iter().map(|row| (row.actor, row.count)).collect())
}

/// The stretches of the range outside the usual hours.
fn nights(store: &Store, (from, to): Range, usual: Hours) -> Vec<Range> {
    let mut nights: Vec<Range> = Vec::new();
    let mut at = from;
    while at < to {
        let next = (at - at.rem_euclid(HOUR_MS) + HOUR_MS).min(to);
        if !usual.contains(hour(store, at)) {
            match nights.last_mut() {
                Some(night) if night.1 == at => night.1 = next,
                _ => nights.push((at, next)),
            }
        }
        at = next;
    }
    nights
}

fn hour(store: &Store, at: i64) -> usize {
    Instant(at).local_hour(store.zone) as usize
}

/// Who sold how much, and when.
#[derive(Debug)]
pub(super) struct Sold {
    pub(super) people: HashMap<i64, Seller>,
    pub(super) by_hour: [i64; 24],
}

/// One person's orders.
#[derive(Debug, Default)]
pub(super) struct Seller {
    pub(super) orders: i64,
    days: HashSet<i64>,
    by_hour: [i64; 24],
}

impl Seller {
    /// On how many days.
    pub(super) fn days(&self) -> i64 {
        i64::try_from(self.days.len()).unwrap_or(i64::MAX)
    }
}

impl Sold {
    /// Reads the orders of the range.
    pub(super) async fn load(reader: &Read, store: &Store, (from, to): Range) -> Result<Sold> {
        #[derive(FromQueryResult)]
        struct Row {
            cashier_id: Option<i64>,
            hour: i64,
            orders: i64,
        }
        let rows: Vec<Row> = Sql::new(
            "SELECT cashier_id, created_at / 3600000 AS hour, COUNT(*) AS orders FROM orders WHERE store_id = ",
        )
        .arg(store.id.get())
        .push(" AND created_at >= ")
        .arg(from)
        .push(" AND created_at < ")
        .arg(to)
        .push(" GROUP BY cashier_id, created_at / 3600000")
        .all(reader)
        .await?;
        let mut sold = Sold {
            people: HashMap::new(),
            by_hour: [0; 24],
        };
        for row in rows {
            let at = row.hour * HOUR_MS;
            sold.by_hour[hour(store, at)] += row.orders;
            if let Some(id) = row.cashier_id {
                let seller = sold.people.entry(id).or_default();
                seller.orders += row.orders;
                seller.days.insert(store.business_day(Instant(at)).0);
                seller.by_hour[hour(store, at)] += row.orders;
            }
        }
        Ok(sold)
    }

    /// A person's, also of one who sold nothing.
    pub(super) fn of(&self, person: i64) -> &Seller {
        static NOBODY: std::sync::LazyLock<Seller> = std::sync::LazyLock::new(Seller::default);
        self.people.get(&person).unwrap_or(&NOBODY)
    }
}
