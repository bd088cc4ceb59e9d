//! Cutting off the beginning of the operation log once it is old (decision 0017).
//!
//! Promises: only whole days go, up to an entry that an anchor outside the database names, after what goes was
//! found whole; number and hash of that entry stay, and the chain is checked from there on. That it was cut
//! is an entry itself. Days younger than a year stay; the check takes a cut among them for a break.

use aisle_db::{FromQueryResult, Source, Sql};
use aisle_domain::ids::StoreId;
use aisle_domain::time::Instant;
use serde_json::{Value, json};

use crate::{App, Error, Result};

use super::anchor::{self, Anchor};
use super::entry::{COLUMNS, Entry};
use super::operation::{self, Operation};
use super::{verify, words};

/// Younger days stay: no setting is below it.
pub const KEEP_LEAST_DAYS: u32 = 366;
const DAY_MS: i64 = 86_400_000;
/// Entries of one transaction.
const PART: i64 = 200;
const ACTION: &str = "log.cut";

/// The last entry that was cut off.
#[derive(Debug, Clone, FromQueryResult)]
pub(super) struct Cut {
    pub(super) last_id: i64,
    pub(super) hash: String,
    /// Of its anchor.
    pub(super) day: String,
}

impl Cut {
    /// What speaks against it, given the anchors there are.
    pub(super) fn fault(&self, anchors: &[Anchor], now: Instant) -> Option<String> {
        let id = self.last_id;
        let named = anchors.iter().find(|anchor| anchor.id == id);
        match named {
            None => Some(format!(
                "the log was cut at entry {id}, which no anchor names"
            )),
            Some(anchor) if anchor.hash != self.hash || anchor.day != self.day => Some(format!(
                "entry {id}, anchored on {}, is not the one the log was cut at",
                anchor.day
            )),
            Some(anchor) => (anchor.day > day(now, KEEP_LEAST_DAYS.into()))
                .then(|| format!("the log was cut at {}, which is not old enough", anchor.day)),
        }
    }

    /// What the log says of it.
    fn said(&self) -> Value {
        json!({ "day": self.day, "last_id": self.last_id, "last_hash": self.hash })
    }
}

/// How far the log was cut.
pub(super) async fn last(source: &impl Source) -> Result<Option<Cut>> {
    let cuts = "SELECT last_id, hash, day FROM operation_cuts ORDER BY last_id DESC LIMIT 1";
    Ok(Sql::new(cuts).one(source).await?)
}

/// Whether the log says that it was cut so.
pub(super) async fn is_recorded(source: &impl Source, cut: &Cut) -> Result<bool> {
    let count = Sql::new("SELECT COUNT(*) FROM operation_log WHERE action = ")
        .arg(ACTION)
        .push(" AND id > ")
        .arg(cut.last_id)
        .push(" AND detail = ")
        .arg(cut.said().to_string())
        .number(source)
        .await?;
    Ok(count > 0)
}

/// Cuts off the days that are over; answers whether there were any. Their entries go by [`remove_part`].
pub async fn cut_off(app: &App) -> Result<bool> {
    let keep = app.config.keep_operations_days;
    if keep == 0 {
        return Ok(false);
    }
    let now = app.clock.now();
    let youngest = day(now, i64::from(keep));
    let reader = app.db.read_fresh();
    let before = last(reader).await?;
    let (last_id, hash) = before.map_or((0, String::new()), |cut| (cut.last_id, cut.hash));
    let anchors = anchor::all(&app.config.data_dir)?;
    let over = anchors
        .into_iter()
        .rev()
        .find(|anchor| anchor.day <= youngest);
    let Some(over) = over.filter(|anchor| anchor.id > last_id) else {
        return Ok(false);
    };
    let cut = Cut {
        last_id: over.id,
        hash: over.hash,
        day: over.day,
    };
    let until = Some((cut.last_id, cut.hash.as_str()));
    if let Some(fault) = verify::first_bad_between(reader, (last_id, hash), until).await? {
        tracing::error!(
            fault,
            "the old end of the operation log is not whole and stays"
        );
        return Ok(false);
    }
    aisle_db::transact!(app.db, |tx| {
        Sql::new("INSERT INTO operation_cuts (last_id, hash, day, cut_at) VALUES (")
            .arg(cut.last_id)
            .push(", ")
            .arg(cut.hash.as_str())
            .push(", ")
            .arg(cut.day.as_str())
            .push(", ")
            .arg(now.0)
            .push(")")
            .run(tx)
            .await?;
        let operation = Operation::by_name(StoreId(1), "system", ACTION).detail(cut.said());
        operation::record(tx, now, operation).await
    })?;
    Ok(true)
}

/// Removes some of what was cut off; false when nothing is left of it.
pub async fn remove_part(app: &App) -> Result<bool> {
    aisle_db::transact!(app.db, |tx| {
        let Some(cut) = last(tx).await? else {
            return Ok(false);
        };
        let entries: Vec<Entry> = Sql::new("SELECT ")
            .push(COLUMNS)
            .push(" FROM operation_log o WHERE o.id <= ")
            .arg(cut.last_id)
            .push(" ORDER BY o.id LIMIT ")
            .arg(PART)
            .all(tx)
            .await?;
        let Some(end) = entries.last().map(|entry| entry.id) else {
            return Ok(false);
        };
        for entry in &entries {
            words::delete(tx, entry).await?;
        }
        Sql::new("DELETE FROM operation_log WHERE id <= ")
            .arg(end)
            .run(tx)
            .await?;
        Ok::<_, Error>(true)
    })
}

/// The day so many days ago, in UTC.
fn day(now: Instant, days_ago: i64) -> String {
    now.plus_ms(-days_ago * DAY_MS).to_rfc3339()[..10].to_owned()
}
