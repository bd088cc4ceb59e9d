//! Finding what tills did that is no order.
//!
//! Promises: newest first; however much there is, an answer looks at no more than so many of the events
//! that the index finds. A page that ends for that holds fewer rows, and `next` goes on from there.

use aisle_db::{FromQueryResult, Read, Sql};
use aisle_domain::ids::StoreId;
use uuid::Uuid;

use crate::Result;

/// Events one answer looks at when something has to be read in each.
const LOOK: i64 = 20_000;

/// What is asked for; `None` asks for any.
#[derive(Debug, Default)]
pub(super) struct Wanted {
    pub(super) kind: Option<String>,
    pub(super) actor: Option<String>,
    /// Identity of the device.
    pub(super) terminal: Option<i64>,
    pub(super) from: Option<i64>,
    pub(super) to: Option<i64>,
    /// Part of the particulars.
    pub(super) q: Option<String>,
    pub(super) before: Option<Place>,
}

/// The place behind an event: its time and identity.
pub(super) type Place = (i64, Uuid);

/// A row of the list.
#[derive(Debug, FromQueryResult)]
pub(super) struct Found {
    pub(super) id: Uuid,
    pub(super) at: i64,
    pub(super) kind: String,
    pub(super) actor: String,
    pub(super) terminal_id: i64,
    pub(super) terminal: Option<String>,
    pub(super) detail: String,
}

/// Events of a store, newest first, and the place to go on from.
pub(super) async fn page(
    reader: &Read,
    store: StoreId,
    wanted: &Wanted,
    limit: usize,
) -> Result<(Vec<Found>, Option<Place>)> {
    // Kind and person have an index each; with both, the person is the rarer one.
    let by_actor = wanted.actor.is_some();
    let kind_besides = wanted.kind.clone().filter(|_| by_actor);
    let is_plain = wanted.terminal.is_none() && wanted.q.is_none() && kind_besides.is_none();
    let enough = i64::try_from(limit).unwrap_or(i64::MAX - 1) + 1;
    let look = if is_plain { enough } else { LOOK };
    let mut sql = Sql::new(
        "SELECT e.id, e.at, e.kind, e.actor, e.terminal_id, e.detail, t.name AS terminal FROM (",
    );
    sql = candidates(sql, store, wanted, look)
        .push(") e LEFT JOIN terminals t ON t.id = e.terminal_id WHERE TRUE")
        .opt(" AND e.kind = ", kind_besides)
        .opt(" AND e.terminal_id = ", wanted.terminal);
    if let Some(part) = &wanted.q {
        sql = sql
            .push(" AND e.detail LIKE ")
            .arg(containing(part))
            .push(" ESCAPE '!'");
    }
    let mut found: Vec<Found> = sql
        .push(" ORDER BY e.at DESC, e.id DESC LIMIT ")
        .arg(enough)
        .all(reader)
        .await?;
    if found.len() > limit {
        found.truncate(limit);
        let last = found.last().map(|row| (row.at, row.id));
        return Ok((found, last));
    }
    let next = if is_plain {
        None
    } else {
        end_of_look(reader, store, wanted).await?
    };
    Ok((found, next))
}

/// The newest events that the index finds.
fn candidates(sql: Sql, store: StoreId, wanted: &Wanted, look: i64) -> Sql {
    let kind = wanted.kind.clone().filter(|_| wanted.actor.is_none());
    let mut sql = sql
        .push("SELECT id, at, kind, actor, terminal_id, detail FROM till_events WHERE store_id = ")
        .arg(store.get())
        .opt(" AND actor = ", wanted.actor.clone())
        .opt(" AND kind = ", kind)
        .opt(" AND at >= ", wanted.from)
        .opt(" AND at < ", wanted.to);
    if let Some((at, id)) = wanted.before {
        sql = sql
            .push(" AND (at, id) < (")
            .arg(at)
            .push(", ")
            .arg(id)
            .push(")");
    }
    sql.push(" ORDER BY at DESC, id DESC LIMIT ").arg(look)
}

/// The last event a look came to; none when there were no more.
async fn end_of_look(reader: &Read, store: StoreId, wanted: &Wanted) -> Result<Option<Place>> {
    #[derive(FromQueryResult)]
    struct End {
        at: i64,
        id: Uuid,
    }
    let end: Option<End> = candidates(Sql::default(), store, wanted, 1)
        .push(" OFFSET ")
        .arg(LOOK - 1)
        .one(reader)
        .await?;
    Ok(end.map(|end| (end.at, end.id)))
}

/// A pattern for texts that have this part.
fn containing(part: &str) -> String {
    let mut pattern = String::from("%");
    for character in part.chars() {
        if matches!(character, '%' | '_' | '!') {
            pattern.push('!');
        }
        pattern.push(character);
    }
    pattern.push('%');
    pattern
}

#[cfg(test)]
mod tests {
    use super::containing;

    #[test]
    fn signs_with_a_meaning_of_their_own_are_looked_for_themselves() {
        assert_eq!(containing("5% a_b!"), "%5!% a!_b!!%");
    }
}
