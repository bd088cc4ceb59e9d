//! Removing what nobody needs any more: used and late approvals, and, when they were kept long enough, guesses and
//! sessions that are over.
//!
//! What was allowed by whom stays in the operation log.

use std::time::Duration;

use crate::{App, Error, Result};

use super::{approvals, attempts, session};

const EVERY: Duration = Duration::from_secs(86_400);
const DAY_MS: i64 = 86_400_000;
/// Rows of one transaction.
pub(super) const PART: i64 = 1000;

/// Tidies at the start and each day until the server stops.
pub async fn tidy_for_ever(app: App) {
    loop {
        if let Err(error) = tidy(&app).await {
            tracing::error!(%error, "could not remove old approvals and guesses; trying again tomorrow");
        }
        if !app.tasks.pause(EVERY).await {
            return;
        }
    }
}

/// Tidies once.
pub async fn tidy(app: &App) -> Result<()> {
    let now = app.clock.now();
    aisle_db::transact!(app.db, |tx| approvals::tidy(tx, now).await)?;
    let keep = i64::from(app.config.keep_guesses_days);
    if keep == 0 {
        return Ok(());
    }
    let before = now.plus_ms(-keep * DAY_MS);
    loop {
        let removed = aisle_db::transact!(app.db, |tx| {
            let guesses = attempts::tidy(tx, before).await?;
            Ok::<_, Error>(guesses + session::tidy(tx, before).await?)
        })?;
        if removed == 0 || app.tasks.is_stopping() {
            return Ok(());
        }
    }
}
