//! Finding entries of the operation log among millions.
//!
//! Promises: newest first; an answer takes a fraction of a second whatever is asked for. Of all filters
//! the rarest leads: its index gives candidates in the order of time, the others look at those. Two
//! filters that are frequent apart and rare together could read everything, so a page ends when its time
//! is over, too; then it holds fewer rows, and `next` goes on where it stopped.

use std::time::{Duration, Instant};

use aisle_db::{FromQueryResult, Read, Sql};
use aisle_domain::search_words::{Term, terms};

use crate::Result;

use super::costs;
use super::entry::COLUMNS;
use super::operation::ACTIONS;

/// When a page that is not full yet ends.
const TIME: Duration = Duration::from_millis(200);
/// Candidates of the first look, and of the largest.
const LOOK_MIN: i64 = 500;
const LOOK_MAX: i64 = 4000;
/// Filters with more rows than this are all alike.
const RARE: i64 = 3000;
/// Entries whose clock may be behind that of their neighbours.
const DISORDER: i64 = 1000;

/// What is asked for; `None` asks for any.
#[derive(Debug, Clone, Default)]
pub(super) struct Wanted {
    pub(super) store: Option<i64>,
    pub(super) actor: Option<String>,
    /// One action, or all that begin so: `product.`.
    pub(super) action: Option<String>,
    pub(super) target: Option<String>,
    pub(super) terminal: Option<i64>,
    pub(super) from: Option<i64>,
    pub(super) to: Option<i64>,
    /// Words in who, what to and the particulars.
    pub(super) q: Option<String>,
    /// Whether who asks may see costs.
    pub(super) sees_costs: bool,
}

/// A row of the list.
#[derive(Debug, FromQueryResult)]
pub(super) struct Found {
    pub(super) id: i64,
    pub(super) at: i64,
    pub(super) store_id: i64,
    pub(super) actor: String,
    pub(super) approver: Option<String>,
    pub(super) terminal_id: Option<i64>,
    pub(super) terminal: Option<String>,
    pub(super) action: String,
    pub(super) target: String,
    pub(super) detail: String,
    /// Absent for who may not see costs, like [`Found::hash`]: with it a hidden cost could be found by trying.
    pub(super) prev_hash: Option<String>,
    pub(super) hash: Option<String>,
}

impl Found {
    fn hide_costs(&mut self) {
        let mut detail = serde_json::from_str(&self.detail).unwrap_or_default();
        costs::hide(&mut detail);
        self.detail = detail.to_string();
        self.prev_hash = None;
        self.hash = None;
    }
}

/// A condition that an index answers.
#[derive(Debug, Clone, PartialEq)]
enum Filter {
    Word(String),
    Target(String),
    Actor(String),
    Terminal(i64),
    Actions(Vec<&'static str>),
    Store(i64),
}

/// The ids between which everything asked for lies; both outside.
#[derive(Debug, Clone, Copy)]
pub(super) struct Span {
    pub(super) above: i64,
    pub(super) below: i64,
}

/// Entries before `before`, newest first, and the id to go on from.
pub(super) async fn page(
    reader: &Read,
    wanted: &Wanted,
    before: Option<i64>,
    limit: usize,
) -> Result<(Vec<Found>, Option<i64>)> {
    let (mut found, next) = find(reader, wanted, before, limit).await?;
    if !wanted.sees_costs {
        found.iter_mut().for_each(Found::hide_costs);
    }
    Ok((found, next))
}

async fn find(
    reader: &Read,
    wanted: &Wanted,
    before: Option<i64>,
    limit: usize,
) -> Result<(Vec<Found>, Option<i64>)> {
    let (filters, characters) = filters(wanted);
    if filters.contains(&Filter::Actions(Vec::new())) {
        return Ok((Vec::new(), None));
    }
    let mut span = span(reader, wanted, before).await?;
    let lead = lead(reader, &filters, span).await?;
    let others: Vec<&Filter> = filters.iter().filter(|f| Some(*f) != lead).collect();
    let is_plain =
        others.is_empty() && characters.is_empty() && wanted.from.or(wanted.to).is_none();
    let enough = i64::try_from(limit).unwrap_or(i64::MAX - 1) + 1;
    let mut look = if is_plain { enough } else { LOOK_MIN };
    let began = Instant::now();
    let mut found: Vec<Found> = Vec::new();
    loop {
        let left = enough - i64::try_from(found.len()).unwrap_or(0);
        let mut sql = Sql::new("SELECT ")
            .push(COLUMNS)
            .push(", t.name AS terminal FROM (");
        sql = candidates(sql, lead, span, look)
            .push(") c CROSS JOIN operation_log o LEFT JOIN terminals t ON t.id = o.terminal_id WHERE o.id = c.id")
            .opt(" AND o.at >= ", wanted.from)
            .opt(" AND o.at < ", wanted.to);
        for filter in &others {
            sql = condition(sql.push(" AND "), filter);
        }
        for character in &characters {
            sql = has_character(sql, *character);
        }
        let rows: Vec<Found> = sql
            .push(" ORDER BY o.id DESC LIMIT ")
            .arg(left)
            .all(reader)
            .await?;
        found.extend(rows);
        if found.len() > limit {
            found.truncate(limit);
            let last = found.last().map(|row| row.id);
            return Ok((found, last));
        }
        let Some(end) = end_of_look(reader, lead, span, look).await? else {
            return Ok((found, None));
        };
        if began.elapsed() > TIME {
            return Ok((found, Some(end)));
        }
        span.below = end;
        look = (look * 4).min(LOOK_MAX);
    }
}

fn filters(wanted: &Wanted) -> (Vec<Filter>, Vec<char>) {
    let mut filters = Vec::new();
    let mut characters = Vec::new();
    for term in terms(wanted.q.as_deref().unwrap_or_default()) {
        match term {
            Term::Word(word) => filters.push(Filter::Word(word)),
            Term::Character(character) => characters.push(character),
        }
    }
    filters.extend(wanted.target.clone().map(Filter::Target));
    filters.extend(wanted.actor.clone().map(Filter::Actor));
    filters.extend(wanted.terminal.map(Filter::Terminal));
    filters.extend(wanted.action.as_deref().map(|action| {
        let is_meant =
            |name: &&str| *name == action || (action.ends_with('.') && name.starts_with(action));
        Filter::Actions(ACTIONS.iter().copied().filter(is_meant).collect())
    }));
    filters.extend(wanted.store.map(Filter::Store));
    (filters, characters)
}

/// Numbers follow time but for clocks that were set, so the ids around a time are looked up in it.
pub(super) async fn span(reader: &Read, wanted: &Wanted, before: Option<i64>) -> Result<Span> {
    let mut span = Span {
        above: 0,
        below: before.unwrap_or(i64::MAX),
    };
    if let Some(from) = wanted.from {
        let first = Sql::new("SELECT MIN(id) FROM (SELECT id FROM operation_log WHERE at >= ")
            .arg(from)
            .push(" ORDER BY at, id LIMIT ")
            .arg(DISORDER)
            .push(") a")
            .opt_number(reader)
            .await?;
        span.above = first.unwrap_or(i64::MAX) - 1;
    }
    if let Some(to) = wanted.to {
        let last = Sql::new("SELECT MAX(id) FROM (SELECT id FROM operation_log WHERE at < ")
            .arg(to)
            .push(" ORDER BY at DESC, id DESC LIMIT ")
            .arg(DISORDER)
            .push(") a")
            .opt_number(reader)
            .await?;
        span.below = span.below.min(last.unwrap_or(0) + 1);
    }
    Ok(span)
}

/// The filter with the fewest rows; none when the span itself has fewer.
async fn lead<'a>(reader: &Read, filters: &'a [Filter], span: Span) -> Result<Option<&'a Filter>> {
    if filters.len() < 2 {
        return Ok(filters.first());
    }
    let mut best = (None, RARE);
    for filter in filters.iter().map(Some).chain([None]) {
        let counted = candidates(Sql::new("SELECT COUNT(*) FROM ("), filter, span, RARE)
            .push(") c")
            .number(reader)
            .await?;
        if counted < best.1 || (best.0.is_none() && filter.is_some()) {
            best = (filter, counted);
        }
    }
    Ok(best.0)
}

/// The newest ids of the span that pass the filter. Of several actions each gives its own newest, so
/// that no engine has to sort all of them.
fn candidates(sql: Sql, filter: Option<&Filter>, span: Span, look: i64) -> Sql {
    let newest = |sql: Sql| {
        sql.push(" AND id < ")
            .arg(span.below)
            .push(" AND id > ")
            .arg(span.above)
            .push(" ORDER BY id DESC LIMIT ")
            .arg(look)
    };
    let all = "SELECT id FROM operation_log WHERE ";
    match filter {
        None => newest(sql.push(all).push("TRUE")),
        Some(Filter::Word(word)) => newest(
            sql.push("SELECT id FROM operation_words WHERE word = ")
                .arg(word.as_str()),
        ),
        Some(Filter::Target(target)) => {
            newest(sql.push(all).push("target = ").arg(target.as_str()))
        }
        Some(Filter::Actor(actor)) => newest(sql.push(all).push("actor = ").arg(actor.as_str())),
        Some(Filter::Terminal(id)) => newest(sql.push(all).push("terminal_id = ").arg(*id)),
        Some(Filter::Store(id)) => newest(sql.push(all).push("store_id = ").arg(*id)),
        Some(Filter::Actions(names)) => {
            let each = |sql: Sql, (at, name): (usize, &&'static str)| {
                let begin = if at == 0 { "" } else { " UNION ALL " };
                let sql = sql.push(begin).push("SELECT id FROM (").push(all);
                newest(sql.push("action = ").arg(*name)).push(") a")
            };
            let sql = names.iter().enumerate().fold(sql, each);
            sql.push(" ORDER BY id DESC LIMIT ").arg(look)
        }
    }
}

/// The last candidate of a look; none when there were no more.
async fn end_of_look(
    reader: &Read,
    lead: Option<&Filter>,
    span: Span,
    look: i64,
) -> Result<Option<i64>> {
    #[derive(FromQueryResult)]
    struct End {
        count: i64,
        last: Option<i64>,
    }
    let end: Option<End> = candidates(
        Sql::new("SELECT COUNT(*) AS count, MIN(id) AS last FROM ("),
        lead,
        span,
        look,
    )
    .push(") c")
    .one(reader)
    .await?;
    Ok(end.filter(|end| end.count >= look).and_then(|end| end.last))
}

fn condition(sql: Sql, filter: &Filter) -> Sql {
    match filter {
        Filter::Word(word) => sql
            .push("EXISTS (SELECT 1 FROM operation_words w WHERE w.word = ")
            .arg(word.as_str())
            .push(" AND w.id = o.id)"),
        Filter::Target(target) => sql.push("o.target = ").arg(target.as_str()),
        Filter::Actor(actor) => sql.push("o.actor = ").arg(actor.as_str()),
        Filter::Terminal(id) => sql.push("o.terminal_id = ").arg(*id),
        Filter::Store(id) => sql.push("o.store_id = ").arg(*id),
        Filter::Actions(names) => {
            let sql = names.iter().enumerate().fold(sql, |sql, (at, name)| {
                sql.push(if at == 0 { "o.action IN (" } else { ", " })
                    .arg(*name)
            });
            sql.push(")")
        }
    }
}

fn has_character(sql: Sql, character: char) -> Sql {
    let pattern = format!("%{character}%");
    sql.push(" AND (o.detail LIKE ")
        .arg(pattern.as_str())
        .push(" OR o.target LIKE ")
        .arg(pattern.as_str())
        .push(" OR o.actor LIKE ")
        .arg(pattern.as_str())
        .push(")")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_action_is_one_or_all_that_begin_so() {
        let actions = |action: &str| {
            let wanted = Wanted {
                action: Some(action.to_owned()),
                ..Wanted::default()
            };
            filters(&wanted).0
        };
        assert_eq!(actions("tag.change"), [Filter::Actions(vec!["tag.change"])]);
        assert_eq!(
            actions("tag."),
            [Filter::Actions(vec![
                "tag.create",
                "tag.change",
                "tag.delete"
            ])]
        );
        assert_eq!(actions("tag"), [Filter::Actions(Vec::new())]);
    }
}
