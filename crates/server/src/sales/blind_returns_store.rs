//! SQL of returns without a receipt.

use aisle_db::{Bulk, FromQueryResult, Read, Source, Sql, Tx, insert_in_turn};
use aisle_domain::ids::StoreId;
use uuid::Uuid;

use crate::Result;

/// A return's head as stored.
#[derive(Debug, Clone, FromQueryResult)]
pub(super) struct BlindRow {
    pub(super) id: Uuid,
    pub(super) request_hash: String,
    pub(super) terminal_no: i64,
    pub(super) business_day: i64,
    pub(super) seq: i64,
    pub(super) cashier_id: Option<i64>,
    pub(super) cashier: String,
    pub(super) approver: String,
    pub(super) reason: String,
    pub(super) goods_fen: i64,
    pub(super) rounding_fen: i64,
    pub(super) refund_fen: i64,
    pub(super) created_at: i64,
    pub(super) prints: i64,
}

/// A returned line as stored.
#[derive(Debug, Clone, FromQueryResult)]
pub(super) struct BlindLineRow {
    pub(super) return_id: Uuid,
    pub(super) line_no: i64,
    pub(super) product_id: i64,
    pub(super) barcode: String,
    pub(super) name: String,
    pub(super) spec: String,
    pub(super) unit: String,
    pub(super) qty_milli: i64,
    pub(super) unit_price_fen: i64,
    pub(super) amount_fen: i64,
    pub(super) tax_fen: i64,
    pub(super) cost_fen: i64,
    pub(super) goods_to: String,
}

impl BlindRow {
    /// The number people read: day, till, B and running number.
    pub(super) fn number(&self) -> String {
        let (day, till, seq) = (self.business_day, self.terminal_no, self.seq);
        format!("{day}-{till:02}-B{seq:05}")
    }
}

const HEAD: &str = "SELECT r.id, r.request_hash, r.terminal_no, r.business_day, r.seq, r.cashier_id, r.cashier, \
     r.approver, r.reason, r.goods_fen, r.rounding_fen, r.refund_fen, r.created_at, r.prints \
     FROM blind_returns r WHERE r.store_id = ";

const LINES: &str = "return_id, line_no, product_id, barcode, name, spec, unit, qty_milli, \
     unit_price_fen, amount_fen, tax_fen, cost_fen, goods_to";

/// One return of this store.
pub(super) async fn head(
    source: &impl Source,
    store: StoreId,
    id: Uuid,
) -> Result<Option<BlindRow>> {
    Ok(Sql::new(HEAD)
        .arg(store.get())
        .push(" AND r.id = ")
        .arg(id)
        .one(source)
        .await?)
}

/// Returns of this store, newest first, behind this time and identity.
pub(super) async fn list(
    reader: &Read,
    store: StoreId,
    before: Option<(i64, Uuid)>,
    limit: usize,
) -> Result<Vec<BlindRow>> {
    Ok(Sql::new(HEAD)
        .arg(store.get())
        .behind(("r.created_at", "r.id"), before)
        .push(" ORDER BY r.created_at DESC, r.id DESC LIMIT ")
        .arg(i64::try_from(limit).unwrap_or(i64::MAX))
        .all(reader)
        .await?)
}

/// The lines of these returns, in their order.
pub(super) async fn lines(
    source: &impl Source,
    store: StoreId,
    ids: &[Uuid],
) -> Result<Vec<BlindLineRow>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let mut rows: Vec<BlindLineRow> = Sql::look_up(
        source,
        (LINES, "blind_return_lines"),
        &[("store_id", store.get())],
        ("return_id", ids),
    )
    .all(source)
    .await?;
    rows.sort_by_key(|row| row.line_no);
    Ok(rows)
}

/// Writes a return down.
pub(super) async fn insert(
    tx: &Tx,
    store: StoreId,
    head: &BlindRow,
    lines: &[BlindLineRow],
) -> Result<()> {
    let each = || lines.iter();
    let lines = Bulk::into("blind_return_lines")
        .same_bigint("store_id", store.get())
        .uuid("return_id", each().map(|line| line.return_id))
        .bigint("line_no", each().map(|line| line.line_no))
        .bigint("product_id", each().map(|line| line.product_id))
        .text("barcode", each().map(|line| line.barcode.as_str()))
        .text("name", each().map(|line| line.name.as_str()))
        .text("spec", each().map(|line| line.spec.as_str()))
        .text("unit", each().map(|line| line.unit.as_str()))
        .bigint("qty_milli", each().map(|line| line.qty_milli))
        .bigint("unit_price_fen", each().map(|line| line.unit_price_fen))
        .bigint("amount_fen", each().map(|line| line.amount_fen))
        .bigint("tax_fen", each().map(|line| line.tax_fen))
        .bigint("cost_fen", each().map(|line| line.cost_fen))
        .text("goods_to", each().map(|line| line.goods_to.as_str()));
    insert_in_turn(tx, [head_row(store, head), lines].into_iter()).await?;
    Ok(())
}

fn head_row(store: StoreId, head: &BlindRow) -> Bulk {
    use std::iter::once as one;
    Bulk::into("blind_returns")
        .same_bigint("store_id", store.get())
        .uuid("id", one(head.id))
        .text("request_hash", one(head.request_hash.as_str()))
        .bigint("terminal_no", one(head.terminal_no))
        .bigint("business_day", one(head.business_day))
        .bigint("seq", one(head.seq))
        .bigint_opt("cashier_id", one(head.cashier_id))
        .text("cashier", one(head.cashier.as_str()))
        .text("approver", one(head.approver.as_str()))
        .text("reason", one(head.reason.as_str()))
        .bigint("goods_fen", one(head.goods_fen))
        .bigint("rounding_fen", one(head.rounding_fen))
        .bigint("refund_fen", one(head.refund_fen))
        .bigint("created_at", one(head.created_at))
}
