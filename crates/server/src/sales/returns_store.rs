//! SQL of returns.

use aisle_db::{Bulk, FromQueryResult, Source, Sql, Tx, insert_in_turn};
use aisle_domain::ids::StoreId;
use aisle_domain::money::Money;
use aisle_domain::returns::Return;
use uuid::Uuid;

use crate::Result;

use super::pay_back::goes_through_a_gateway;

/// A return's head as stored.
#[derive(Debug, Clone, FromQueryResult)]
pub(super) struct ReturnRow {
    pub(super) id: Uuid,
    pub(super) order_id: Uuid,
    pub(super) request_hash: String,
    pub(super) terminal_no: i64,
    pub(super) business_day: i64,
    pub(super) seq: i64,
    pub(super) cashier_id: Option<i64>,
    pub(super) cashier: String,
    pub(super) approver: Option<String>,
    pub(super) approval_id: Option<Uuid>,
    pub(super) reason: String,
    pub(super) goods_fen: i64,
    pub(super) rounding_fen: i64,
    pub(super) refund_fen: i64,
    pub(super) created_at: i64,
    pub(super) prints: i64,
}

impl ReturnRow {
    /// The number people read.
    pub(super) fn number(&self) -> String {
        number(self.business_day, self.terminal_no, self.seq)
    }
}

/// The number of a return: day, till, R and running number.
pub(super) fn number(day: i64, till: i64, seq: i64) -> String {
    format!("{day}-{till:02}-R{seq:05}")
}

/// A returned line as stored.
#[derive(Debug, Clone, FromQueryResult)]
pub(super) struct ReturnLineRow {
    pub(super) return_id: Uuid,
    pub(super) line_no: i64,
    pub(super) qty_milli: i64,
    pub(super) amount_fen: i64,
    pub(super) tax_fen: i64,
    pub(super) cost_fen: i64,
    pub(super) goods_to: String,
}

/// Money that went back, as stored.
#[derive(Debug, Clone, FromQueryResult)]
pub(super) struct RefundRow {
    pub(super) return_id: Uuid,
    pub(super) payment_id: Uuid,
    pub(super) method: String,
    pub(super) amount_fen: i64,
}

/// Money that goes back to a payment.
#[derive(Debug, Clone)]
pub(super) struct Refund {
    pub(super) payment: Uuid,
    pub(super) method: String,
    pub(super) amount: Money,
}

impl Refund {
    /// Whether it goes back through a gateway, by itself.
    pub(super) fn is_sent(&self) -> bool {
        goes_through_a_gateway(&self.method)
    }

    fn status(&self) -> &'static str {
        if self.is_sent() {
            "pending"
        } else {
            "succeeded"
        }
    }
}

/// All that came back of an order.
#[derive(Debug, Default)]
pub(super) struct Returned {
    pub(super) heads: Vec<ReturnRow>,
    pub(super) lines: Vec<ReturnLineRow>,
    pub(super) refunds: Vec<RefundRow>,
}

const HEAD: &str = "SELECT r.id, r.order_id, r.request_hash, r.terminal_no, r.business_day, r.seq, r.cashier_id, \
     r.cashier, r.approver, r.approval_id, r.reason, r.goods_fen, r.rounding_fen, r.refund_fen, r.created_at, \
     r.prints FROM order_returns r WHERE r.store_id = ";

/// What came back of an order, in the order of time.
pub(super) async fn of_order(
    source: &impl Source,
    store: StoreId,
    order: Uuid,
) -> Result<Returned> {
    let heads: Vec<ReturnRow> = Sql::new(HEAD)
        .arg(store.get())
        .push(" AND r.order_id = ")
        .arg(order)
        .push(" ORDER BY r.created_at, r.id")
        .all(source)
        .await?;
    if heads.is_empty() {
        return Ok(Returned::default());
    }
    let lines = "SELECT l.return_id, l.line_no, l.qty_milli, l.amount_fen, l.tax_fen, l.cost_fen, l.goods_to \
         FROM order_return_lines l";
    let refunds = "SELECT l.return_id, l.payment_id, l.method, l.amount_fen FROM refunds l";
    let of_these = |select: &str, order_by: &str| {
        Sql::new(select)
            .push(" JOIN order_returns r ON r.store_id = l.store_id AND r.id = l.return_id WHERE r.store_id = ")
            .arg(store.get())
            .push(" AND r.order_id = ")
            .arg(order)
            .push(" ORDER BY r.created_at, ")
            .push(order_by)
    };
    Ok(Returned {
        heads,
        lines: of_these(lines, "l.line_no").all(source).await?,
        refunds: of_these(refunds, "l.payment_id").all(source).await?,
    })
}

/// One return of this store.
pub(super) async fn head(
    source: &impl Source,
    store: StoreId,
    id: Uuid,
) -> Result<Option<ReturnRow>> {
    Ok(Sql::new(HEAD)
        .arg(store.get())
        .push(" AND r.id = ")
        .arg(id)
        .one(source)
        .await?)
}

/// The next number of a till's returns on a day, in the table that has their heads. The store's stock is locked,
/// so nobody else takes it.
pub(super) async fn next_seq(
    tx: &Tx,
    (table, store): (&'static str, StoreId),
    day: i64,
    terminal_no: i64,
) -> Result<i64> {
    let last = Sql::new("SELECT COALESCE(MAX(seq), 0) FROM ")
        .push(table)
        .push(" WHERE store_id = ")
        .arg(store.get())
        .push(" AND business_day = ")
        .arg(day)
        .push(" AND terminal_no = ")
        .arg(terminal_no)
        .number(tx)
        .await?;
    Ok(last + 1)
}

/// Writes a return down: `goods_to` names for each of its lines where the goods went.
pub(super) async fn insert(
    tx: &Tx,
    store: StoreId,
    head: &ReturnRow,
    (done, goods_to, refunds): (&Return, &[&'static str], &[Refund]),
) -> Result<()> {
    let lines = || done.lines.iter();
    let parts = || refunds.iter();
    let lines = Bulk::into("order_return_lines")
        .same_bigint("store_id", store.get())
        .uuid("return_id", lines().map(|_| head.id))
        .bigint("line_no", lines().map(|line| line.line_no))
        .bigint("product_id", lines().map(|line| line.product.get()))
        .bigint("qty_milli", lines().map(|line| line.share.qty.milli()))
        .bigint("amount_fen", lines().map(|line| line.share.amount.fen()))
        .bigint("tax_fen", lines().map(|line| line.share.tax.fen()))
        .bigint("cost_fen", lines().map(|line| line.share.cost.fen()))
        .text("goods_to", goods_to.iter().copied());
    let refunds = Bulk::into("refunds")
        .same_bigint("store_id", store.get())
        .uuid("return_id", parts().map(|_| head.id))
        .uuid("payment_id", parts().map(|part| part.payment))
        .text("method", parts().map(|part| part.method.as_str()))
        .text("status", parts().map(Refund::status))
        .bigint("amount_fen", parts().map(|part| part.amount.fen()))
        .bigint("created_at", parts().map(|_| head.created_at));
    insert_in_turn(tx, [head_row(store, head), lines, refunds].into_iter()).await?;
    Ok(())
}

fn head_row(store: StoreId, head: &ReturnRow) -> Bulk {
    use std::iter::once as one;
    Bulk::into("order_returns")
        .same_bigint("store_id", store.get())
        .uuid("id", one(head.id))
        .uuid("order_id", one(head.order_id))
        .text("request_hash", one(head.request_hash.as_str()))
        .bigint("terminal_no", one(head.terminal_no))
        .bigint("business_day", one(head.business_day))
        .bigint("seq", one(head.seq))
        .bigint_opt("cashier_id", one(head.cashier_id))
        .text("cashier", one(head.cashier.as_str()))
        .text_opt("approver", one(head.approver.clone()))
        .uuid_opt("approval_id", one(head.approval_id))
        .text("reason", one(head.reason.as_str()))
        .bigint("goods_fen", one(head.goods_fen))
        .bigint("rounding_fen", one(head.rounding_fen))
        .bigint("refund_fen", one(head.refund_fen))
        .bigint("created_at", one(head.created_at))
}
