//! What a till did that is no order: lines removed, drawer opened, prices looked up.

use aisle_db::Bulk;
use aisle_domain::card_number;
use aisle_domain::time::Instant;
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::http::{Actor, plain_text};
use crate::{App, Error, Result};

/// What a till can report.
pub(super) const KINDS: [&str; 12] = [
    "void_line",
    "void_basket",
    "drawer_open",
    "price_check",
    "reprint",
    "scan_unknown",
    "payment_attempt",
    "sign_in",
    "sign_out",
    "lock",
    "unlock",
    "switch",
];
const ITEMS_MAX: usize = 500;

/// One thing a till did.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TillEvent {
    /// UUIDv7 made by the till; the same one again changes nothing.
    id: Uuid,
    /// `void_line`, `void_basket`, `drawer_open`, `price_check`, `reprint`, `scan_unknown`,
    /// `payment_attempt`, `sign_in`, `sign_out`, `lock`, `unlock`,
    /// `switch`.
    kind: String,
    /// RFC 3339.
    at: String,
    /// What it was about, in words.
    #[serde(default)]
    detail: String,
}

impl TillEvent {
    /// The drawer was opened without a sale; the detail is who agreed to it.
    pub(super) fn drawer_open(at: Instant, approver: Option<&str>) -> TillEvent {
        TillEvent {
            id: crate::clock::new_uuid(),
            kind: "drawer_open".to_owned(),
            at: at.to_rfc3339(),
            detail: approver.unwrap_or_default().to_owned(),
        }
    }
}

/// Records them.
pub(super) async fn record(app: &App, actor: &Actor, items: Vec<TillEvent>) -> Result<()> {
    let terminal = actor.terminal()?.id.get();
    if items.len() > ITEMS_MAX {
        return Err(Error::invalid("items", "at most 500"));
    }
    let rows = items
        .into_iter()
        .map(|item| {
            if !KINDS.contains(&item.kind.as_str()) {
                return Err(Error::invalid("kind", &KINDS.join(", ")));
            }
            let at = Instant::parse_rfc3339(&item.at)
                .ok_or_else(|| Error::invalid("at", "not an RFC 3339 time"))?;
            Ok((
                item.id,
                item.kind,
                at.0,
                card_number::hidden(&plain_text("detail", &item.detail, 0, 300)?),
            ))
        })
        .collect::<Result<Vec<_>>>()?;
    aisle_db::transact!(app.db, |tx| {
        Bulk::into("till_events")
            .bigint("store_id", rows.iter().map(|_| actor.store_id.get()))
            .uuid("id", rows.iter().map(|row| row.0))
            .bigint("terminal_id", rows.iter().map(|_| terminal))
            .text("actor", rows.iter().map(|_| actor.name()))
            .text("kind", rows.iter().map(|row| row.1.as_str()))
            .bigint("at", rows.iter().map(|row| row.2))
            .text("detail", rows.iter().map(|row| row.3.as_str()))
            .tail("ON CONFLICT (store_id, id) DO NOTHING")
            .insert(tx)
            .await
            .map_err(Error::from)
    })
}
