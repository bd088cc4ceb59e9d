//! What devices say of themselves: which page they run, what they could not send yet, that they are there.

use aisle_domain::ids::StoreId;
use aisle_domain::time::Instant;

use crate::{App, Error, Result};

use super::terminal;
use super::terminal_rows::{self, TerminalRow};

/// What a device says of itself.
#[derive(Debug)]
pub(super) struct Report {
    pub(super) version: String,
    /// Sales it could not send yet; `None` when it cannot tell just now.
    pub(super) unsent: Option<i64>,
}

/// A device that said nothing for so long is taken for switched off.
const SILENT_MS: i64 = 100_000;

/// Whether it was heard of just now.
pub(super) fn is_online(row: &TerminalRow, now: Instant) -> bool {
    let heard = row.last_seen_at.is_some_and(|at| now.0 - at < SILENT_MS);
    heard && row.revoked_at.is_none()
}

/// Keeps what a device says of itself.
pub(super) async fn report(app: &App, terminal: i64, report: &Report) -> Result<()> {
    let now = app.clock.now();
    let changed = aisle_db::transact!(app.db, |tx| {
        let Some(before) = terminal_rows::find_active(tx, terminal).await? else {
            return Ok(None);
        };
        let mut row = before.clone();
        row.last_seen_at = Some(now.0);
        row.app_version = Some(report.version.clone());
        row.unsent = report.unsent.or(before.unsent);
        terminal_rows::update_report(tx, &row).await?;
        let is_news = row.unsent != before.unsent
            || row.app_version != before.app_version
            || !is_online(&before, now);
        Ok::<_, Error>(is_news.then_some(row.store_id))
    })?;
    if let Some(store) = changed {
        terminal::tell_changed(app, StoreId(store));
    }
    Ok(())
}
