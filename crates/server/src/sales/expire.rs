//! Unpaid orders give their goods back when their time is over.

use std::time::Duration;

use aisle_db::{FromQueryResult, Sql};
use aisle_domain::ids::StoreId;
use aisle_domain::order::OrderEvent;
use uuid::Uuid;

use crate::{App, Result};

use super::settle::{self, Cancel};

const EVERY: Duration = Duration::from_secs(15);
/// Orders one round ends at most.
const ROUND_MAX: i64 = 500;

/// Looks for expired orders until the server stops.
pub async fn expire_for_ever(app: App) {
    while app.tasks.pause(EVERY).await {
        if let Err(error) = expire_due(&app).await {
            tracing::error!(%error, "could not end expired orders; trying again");
        }
    }
}

/// Ends every order whose time is over; answers how many.
pub(super) async fn expire_due(app: &App) -> Result<usize> {
    #[derive(FromQueryResult)]
    struct Row {
        store_id: i64,
        id: Uuid,
    }
    let due: Vec<Row> =
        Sql::new("SELECT store_id, id FROM orders WHERE state = 'received' AND expires_at <= ")
            .arg(app.clock.now().0)
            .push(" ORDER BY expires_at LIMIT ")
            .arg(ROUND_MAX)
            .all(app.db.read_fresh())
            .await?;
    for row in &due {
        let Some(store) = app.catalogue.store(StoreId(row.store_id)) else {
            continue;
        };
        let cancel = Cancel {
            kind: OrderEvent::Expired,
            actor: None,
            reason: "not paid in time",
        };
        // Somebody may have paid since it was read; then there is nothing to end.
        if let Err(error) = settle::cancel(app, &store, row.id, cancel).await {
            tracing::info!(order = %row.id, %error, "an expired order was not cancelled");
        }
    }
    Ok(due.len())
}
