//! Baskets put aside at one till and taken up at any other of the store.

use aisle_db::{FromQueryResult, Read, Sql};
use aisle_domain::ids::StoreId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{App, Error, Result, codes};

/// A line of a held basket.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct HeldLine {
    pub(super) product_id: i64,
    #[serde(default)]
    pub(super) barcode: Option<String>,
    pub(super) qty_milli: i64,
    /// A price that was given to it; it counts at the till it was given at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) given: Option<HeldPrice>,
}

/// A given price in a held basket.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct HeldPrice {
    pub(super) id: Uuid,
    pub(super) unit_price_fen: i64,
}

/// A held basket as stored.
#[derive(Debug, FromQueryResult)]
pub(super) struct HeldRow {
    pub(super) id: Uuid,
    pub(super) terminal_no: i64,
    pub(super) cashier: String,
    pub(super) note: String,
    pub(super) total_fen: i64,
    pub(super) lines: String,
    pub(super) created_at: i64,
}

const COLUMNS: &str = "id, terminal_no, cashier, note, total_fen, lines, created_at";

/// Puts a basket aside; the same one again changes nothing.
pub(super) async fn hold(app: &App, store: StoreId, row: &HeldRow) -> Result<()> {
    aisle_db::transact!(app.db, |tx| {
        Sql::new("INSERT INTO held_baskets (store_id, ")
            .push(COLUMNS)
            .push(") VALUES (")
            .arg(store.get())
            .push(", ")
            .arg(row.id)
            .push(", ")
            .arg(row.terminal_no)
            .push(", ")
            .arg(row.cashier.as_str())
            .push(", ")
            .arg(row.note.as_str())
            .push(", ")
            .arg(row.total_fen)
            .push(", ")
            .arg(row.lines.as_str())
            .push(", ")
            .arg(row.created_at)
            .push(") ON CONFLICT (store_id, id) DO NOTHING")
            .run(tx)
            .await
            .map_err(Error::from)
    })?;
    Ok(())
}

/// Every basket held in the store, oldest first.
pub(super) async fn list(reader: &Read, store: StoreId) -> Result<Vec<HeldRow>> {
    Ok(Sql::new("SELECT ")
        .push(COLUMNS)
        .push(" FROM held_baskets WHERE store_id = ")
        .arg(store.get())
        .push(" ORDER BY created_at, id LIMIT 500")
        .all(reader)
        .await?)
}

/// Takes a basket up; only one till gets it.
pub(super) async fn recall(app: &App, store: StoreId, id: Uuid) -> Result<HeldRow> {
    aisle_db::transact!(app.db, |tx| {
        Sql::new("DELETE FROM held_baskets WHERE store_id = ")
            .arg(store.get())
            .push(" AND id = ")
            .arg(id)
            .push(" RETURNING ")
            .push(COLUMNS)
            .one::<HeldRow>(tx)
            .await?
            .ok_or_else(|| Error::code(&codes::NOT_FOUND))
    })
}
