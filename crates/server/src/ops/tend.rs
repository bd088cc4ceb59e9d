//! Looking after the operation log beside requests: words for old entries, an anchor for each day.

use std::time::Duration;

use crate::App;

use super::{anchor, words};

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
    if let Err(error) = anchor::drop_anchor(app).await {
        tracing::error!(%error, "could not anchor the operation log; trying again");
    }
    match words::add_missing(app).await {
        Ok(true) => PAUSE,
        Ok(false) => EVERY,
        Err(error) => {
            tracing::error!(%error, "could not add words of old entries; trying again");
            EVERY
        }
    }
}
