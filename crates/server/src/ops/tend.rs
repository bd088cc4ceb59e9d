//! Looking after the operation log beside requests: words for old entries, an anchor for each day, and the end of
//! days that were kept long enough.

use std::time::Duration;

use crate::{App, Result};

use super::{anchor, cut, words};

const EVERY: Duration = Duration::from_secs(60);
/// Between two parts of old entries, so that requests get their turn.
const PAUSE: Duration = Duration::from_millis(20);

/// Tends the log until the server stops.
pub async fn tend_log_for_ever(app: App) {
    loop {
        let pause = tend(&app).await;
        if !app.tasks.pause(pause).await {
            return;
        }
    }
}

/// One round; answers how long to wait for the next.
async fn tend(app: &App) -> Duration {
    match anchor::drop_anchor(app).await {
        Ok(false) => {}
        Ok(true) => {
            if let Err(error) = cut::cut_off(app).await {
                tracing::error!(%error, "could not cut the operation log; trying again tomorrow");
            }
        }
        Err(error) => tracing::error!(%error, "could not anchor the operation log; trying again"),
    }
    match part(app).await {
        Ok(true) => PAUSE,
        Ok(false) => EVERY,
        Err(error) => {
            tracing::error!(%error, "could not tend old entries; trying again");
            EVERY
        }
    }
}

/// Some old entries; false when there was nothing to do.
async fn part(app: &App) -> Result<bool> {
    Ok(words::add_missing(app).await? || cut::remove_part(app).await?)
}
