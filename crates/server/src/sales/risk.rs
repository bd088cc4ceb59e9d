//! What each person did at the tills that is worth a look, beside colleagues over the same days.
//!
//! Promises: counted in the database from indexes, over at most [`DAYS_MAX`] days; what is marked is
//! decided by `aisle_domain::risk`. Another kind is another line of [`KINDS`].

use aisle_domain::money::round_div;
use aisle_domain::risk::{self, Comparison, Hours, Measure};
use aisle_domain::time::Instant;
use serde::Serialize;
use utoipa::ToSchema;

use crate::catalog::Store;
use crate::identity::{self, PersonName};
use crate::{App, Error, Result};

use super::risk_counts::{Counts, Place, Range, Sold, Source, count};

/// The longest range.
pub(super) const DAYS_MAX: i64 = 92;
const DAY_MS: i64 = 86_400_000;

/// What a count is divided by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum RiskPer {
    /// The person's orders.
    Order,
    /// The days on which the person sold.
    Day,
}

/// Something worth a look.
struct Kind {
    name: &'static str,
    per: RiskPer,
    /// Fewer are never unusual.
    least: i64,
    source: Source,
}

const fn kind(name: &'static str, per: RiskPer, least: i64, source: Source) -> Kind {
    Kind {
        name,
        per,
        least,
        source,
    }
}

const KINDS: [Kind; 11] = [
    kind("void_line", RiskPer::Order, 5, Source::Till("void_line")),
    kind(
        "void_basket",
        RiskPer::Order,
        5,
        Source::Till("void_basket"),
    ),
    kind(
        "drawer_open",
        RiskPer::Order,
        5,
        Source::Till("drawer_open"),
    ),
    kind(
        "price_check",
        RiskPer::Order,
        10,
        Source::Till("price_check"),
    ),
    kind("reprint", RiskPer::Order, 5, Source::Till("reprint")),
    kind(
        "order_cancel",
        RiskPer::Order,
        5,
        Source::DoneBy("order.cancel"),
    ),
    kind(
        "order_return",
        RiskPer::Order,
        5,
        Source::DoneBy("order.return"),
    ),
    kind(
        "order_return_blind",
        RiskPer::Order,
        3,
        Source::DoneBy("order.return_blind"),
    ),
    kind(
        "price_override",
        RiskPer::Order,
        5,
        Source::DoneBy("price.override"),
    ),
    kind(
        "sign_in_locked",
        RiskPer::Day,
        3,
        Source::DoneTo("user.locked"),
    ),
    kind("night", RiskPer::Day, 5, Source::Night),
];

/// What people did over some days.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RiskView {
    from: String,
    to: String,
    /// Local hours in which the store usually sells; the second is not included. `null` while there are too
    /// few orders to tell.
    #[schema(min_items = 2, max_items = 2)]
    usual_hours: Option<[usize; 2]>,
    /// The kinds, in the order of each person's figures.
    kinds: Vec<RiskKindView>,
    /// Who did anything; unusual ones first.
    people: Vec<RiskPersonView>,
}

#[derive(Debug, Serialize, ToSchema)]
struct RiskKindView {
    /// `void_line`, `void_basket`, `drawer_open`, `price_check`, `reprint`, `order_cancel`, `order_return`,
    /// `price_override`, `sign_in_locked`, `night`.
    kind: &'static str,
    per: RiskPer,
}

#[derive(Debug, Serialize, ToSchema)]
struct RiskPersonView {
    user_id: i64,
    username: String,
    name: String,
    /// Orders sold.
    orders: i64,
    /// Days with an order.
    days: i64,
    figures: Vec<RiskFigureView>,
}

#[derive(Debug, Serialize, ToSchema)]
struct RiskFigureView {
    count: i64,
    /// For a hundred orders, or for a day, in thousandths; `null` without orders.
    rate_milli: Option<i64>,
    /// The median of the colleagues' rates; `null` with fewer than three of them.
    median_milli: Option<i64>,
    /// Clearly more than colleagues over the same days.
    unusual: bool,
}

/// The range, refused when it is empty or too long.
pub(super) fn range(from: Option<i64>, to: Option<i64>, now: Instant) -> Result<Range> {
    let to = to.unwrap_or(now.0);
    let from = from.unwrap_or(to.saturating_sub(7 * DAY_MS));
    let days = to.checked_sub(from).map(|ms| (ms - 1).div_euclid(DAY_MS));
    match days {
        // The hour that a day can have more.
        Some(days) if from < to && days <= DAYS_MAX => Ok((from, to)),
        _ => Err(Error::invalid("from", "1 to 92 days before `to`")),
    }
}

/// Everybody who did anything in the store.
pub(super) async fn risk(app: &App, store: &Store, range: Range) -> Result<RiskView> {
    let reader = app.db.read();
    let people = identity::people_names(reader).await?;
    let sold = Sold::load(reader, store, range).await?;
    let usual = Hours::usual(&sold.by_hour);
    let mut counts = Vec::with_capacity(KINDS.len());
    for kind in &KINDS {
        let place = Place {
            store,
            range,
            usual,
        };
        counts.push(count(reader, &place, kind.source, (&people, &sold)).await?);
    }
    let seen: Vec<&PersonName> = people
        .iter()
        .filter(|person| {
            sold.people.contains_key(&person.id)
                || counts.iter().any(|of| of.contains_key(&person.id))
        })
        .collect();
    let compared: Vec<Vec<(Measure, Comparison)>> = KINDS
        .iter()
        .zip(&counts)
        .map(|(kind, counts)| compared(kind, counts, &seen, &sold))
        .collect();
    let mut views: Vec<RiskPersonView> = seen
        .iter()
        .enumerate()
        .map(|(at, person)| RiskPersonView {
            user_id: person.id,
            username: person.username.clone(),
            name: person.name.clone(),
            orders: sold.of(person.id).orders,
            days: sold.of(person.id).days(),
            figures: KINDS
                .iter()
                .zip(&compared)
                .map(|(kind, all)| figure(kind.per, all[at]))
                .collect(),
        })
        .collect();
    let marks = |person: &RiskPersonView| person.figures.iter().filter(|f| f.unusual).count();
    views.sort_by_key(|person| (usize::MAX - marks(person), -person.orders));
    Ok(RiskView {
        from: Instant(range.0).to_rfc3339(),
        to: Instant(range.1).to_rfc3339(),
        usual_hours: usual.map(|hours| [hours.from, hours.until()]),
        kinds: KINDS
            .iter()
            .map(|kind| RiskKindView {
                kind: kind.name,
                per: kind.per,
            })
            .collect(),
        people: views,
    })
}

fn compared(
    kind: &Kind,
    counts: &Counts,
    seen: &[&PersonName],
    sold: &Sold,
) -> Vec<(Measure, Comparison)> {
    let measures: Vec<Measure> = seen
        .iter()
        .map(|person| Measure {
            count: counts.get(&person.id).copied().unwrap_or(0),
            of: match kind.per {
                RiskPer::Order => sold.of(person.id).orders,
                RiskPer::Day => sold.of(person.id).days(),
            },
        })
        .collect();
    let compared = risk::compare(&measures, kind.least);
    measures.into_iter().zip(compared).collect()
}

fn figure(per: RiskPer, (measure, compared): (Measure, Comparison)) -> RiskFigureView {
    // From millionths for one to thousandths for a hundred, or for one.
    let shown = |rate: i64| match per {
        RiskPer::Order => round_div(rate.into(), 10),
        RiskPer::Day => round_div(rate.into(), 1000),
    };
    RiskFigureView {
        count: measure.count,
        rate_milli: compared.rate.map(shown),
        median_milli: compared.median.map(shown),
        unusual: compared.unusual,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_has_a_first_day_and_an_end() {
        let now = Instant(100 * DAY_MS);
        assert_eq!(range(None, None, now).unwrap(), (93 * DAY_MS, 100 * DAY_MS));
        assert!(range(Some(8 * DAY_MS), Some(100 * DAY_MS), now).is_ok());
        assert!(range(Some(6 * DAY_MS), Some(100 * DAY_MS), now).is_err());
        assert!(range(Some(now.0), None, now).is_err());
        assert!(range(Some(i64::MIN), Some(i64::MAX), now).is_err());
    }
}
