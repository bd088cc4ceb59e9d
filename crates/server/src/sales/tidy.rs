//! Removing events of tills once they were kept long enough.

use std::time::Duration;

use aisle_db::Sql;
use aisle_domain::ids::StoreId;
use aisle_domain::time::Instant;

use crate::{App, Error, Result};

const EVERY: Duration = Duration::from_secs(86_400);
const DAY_MS: i64 = 86_400_000;
/// Rows of one transaction.
const PART: i64 = 1000;
/// Between two parts, so that sales get their turn.
const PAUSE: Duration = Duration::from_millis(20);

/// Tidies at the start and each day until the server stops.
pub async fn tidy_for_ever(app: App) {
    loop {
        if let Err(error) = tidy(&app).await {
            tracing::error!(%error, "could not remove old events of tills; trying again tomorrow");
        }
        if !app.tasks.pause(EVERY).await {
            return;
        }
    }
}

/// Removes all that is over, part by part.
pub async fn tidy(app: &App) -> Result<()> {
    let keep = i64::from(app.config.keep_till_events_days);
    if keep == 0 {
        return Ok(());
    }
    let before = app.clock.now().plus_ms(-keep * DAY_MS);
    for store in app.catalogue.stores().iter() {
        while remove_part(app, store.id, before).await? {
            if !app.tasks.pause(PAUSE).await {
                return Ok(());
            }
        }
    }
    Ok(())
}

/// Answers whether there may be more.
async fn remove_part(app: &App, store: StoreId, before: Instant) -> Result<bool> {
    let removed = aisle_db::transact!(app.db, |tx| {
        Sql::new("DELETE FROM till_events WHERE store_id = ")
            .arg(store.get())
            .push(" AND id IN (SELECT id FROM till_events WHERE store_id = ")
            .arg(store.get())
            .push(" AND at < ")
            .arg(before.0)
            .push(" ORDER BY at, id LIMIT ")
            .arg(PART)
            .push(")")
            .run(tx)
            .await
            .map_err(Error::from)
    })?;
    Ok(i64::try_from(removed).unwrap_or(PART) == PART)
}
