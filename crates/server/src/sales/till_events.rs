//! What a till did that is no order: lines removed, drawer opened, prices looked up.

use aisle_db::Bulk;
use aisle_domain::card_number;
use aisle_domain::till_event::{DETAIL_MAX, Kind};
use aisle_domain::time::Instant;
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::http::{Actor, plain_text};
use crate::{App, Error, Result};

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
    /// What it was about, as its kind has room for: goods (`void_line`, `price_check`), an amount
    /// (`void_basket`; `payment_attempt`, there perhaps with an error code behind it), an order's identity
    /// (`reprint`), a code (`scan_unknown`), `idle` or `offline` (`lock`, `unlock`), names (`switch`).
    #[serde(default)]
    #[schema(max_length = 200)]
    detail: String,
}

/// Something that happened, checked.
#[derive(Debug)]
struct Happened {
    id: Uuid,
    kind: Kind,
    at: Instant,
    detail: String,
}

impl TillEvent {
    /// As a till reports it.
    pub(super) fn new(id: Uuid, kind: &str, at: Instant, detail: String) -> TillEvent {
        TillEvent {
            id,
            kind: kind.to_owned(),
            at: at.to_rfc3339(),
            detail,
        }
    }

    /// What a till says, held against what it may say. Its clock may be ahead; what it did lies behind.
    fn check(self, now: Instant) -> Result<Happened> {
        let kind = parse_kind(&self.kind)?;
        let at = Instant::parse_rfc3339(&self.at)
            .ok_or_else(|| Error::invalid("at", "not an RFC 3339 time"))?;
        let detail = plain_text("detail", &self.detail, 0, DETAIL_MAX)?;
        if !kind.admits(&detail) {
            return Err(Error::invalid("detail", "not what this kind has room for"));
        }
        Ok(Happened {
            id: self.id,
            kind,
            at: at.min(now),
            detail: card_number::hidden(&detail),
        })
    }
}

/// The kind of this name.
pub(super) fn parse_kind(name: &str) -> Result<Kind> {
    Kind::parse(name).ok_or_else(|| Error::invalid("kind", &Kind::ALL.map(Kind::as_str).join(", ")))
}

/// Records what a till reports.
pub(super) async fn record(app: &App, actor: &Actor, items: Vec<TillEvent>) -> Result<()> {
    if items.len() > ITEMS_MAX {
        return Err(Error::invalid("items", "at most 500"));
    }
    let now = app.clock.now();
    let rows = items
        .into_iter()
        .map(|item| item.check(now))
        .collect::<Result<Vec<_>>>()?;
    insert(app, actor, &rows).await
}

/// Records that the server opened the drawer without a sale, and who agreed to it.
pub(super) async fn record_drawer_open(app: &App, actor: &Actor) -> Result<()> {
    let opened = Happened {
        id: crate::clock::new_uuid(),
        kind: Kind::DrawerOpen,
        at: app.clock.now(),
        detail: actor.approver.clone().unwrap_or_default(),
    };
    insert(app, actor, &[opened]).await
}

async fn insert(app: &App, actor: &Actor, rows: &[Happened]) -> Result<()> {
    let terminal = actor.terminal()?.id.get();
    aisle_db::transact!(app.db, |tx| {
        Bulk::into("till_events")
            .bigint("store_id", rows.iter().map(|_| actor.store_id.get()))
            .uuid("id", rows.iter().map(|row| row.id))
            .bigint("terminal_id", rows.iter().map(|_| terminal))
            .text("actor", rows.iter().map(|_| actor.name()))
            .text("kind", rows.iter().map(|row| row.kind.as_str()))
            .bigint("at", rows.iter().map(|row| row.at.0))
            .text("detail", rows.iter().map(|row| row.detail.as_str()))
            .tail("ON CONFLICT (store_id, id) DO NOTHING")
            .insert(tx)
            .await
            .map_err(Error::from)
    })
}
