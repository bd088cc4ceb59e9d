//! Removing what nobody needs any more: used and late approvals, old guesses, sessions that are over.
//!
//! What was allowed by whom stays in the operation log.

use std::time::Duration;

use crate::{App, Error, Result};

use super::{approvals, attempts, session};

const EVERY: Duration = Duration::from_secs(86_400);

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
    aisle_db::transact!(app.db, |tx| {
        approvals::tidy(tx, now).await?;
        attempts::tidy(tx, now).await?;
        session::tidy(tx, now).await?;
        Ok::<_, Error>(())
    })
}
