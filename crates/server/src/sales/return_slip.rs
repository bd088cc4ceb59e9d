//! The slip of a return: the receipt of what came back and what was paid back.

use aisle_domain::receipt::{Receipt, Refund, Tender};
use uuid::Uuid;

use crate::catalog::Store;
use crate::{App, Error, Result, codes};

use super::exchange_store;
use super::receipt::{self, Head, Slip, Style};
use super::returns_store::{self, ReturnLineRow, ReturnRow};
use super::store::{self, LineRow, OrderRow};
use super::view;

/// The slip as it would print now; it opens the drawer of till `drawer_of` when the cash is counted out there
/// just now.
pub(super) async fn slip(
    app: &App,
    store: &Store,
    id: Uuid,
    style: Style,
    drawer_of: Option<i64>,
) -> Result<Slip> {
    let missing = || Error::code(&codes::NOT_FOUND);
    let reader = app.db.read_fresh();
    let head = returns_store::head(reader, store.id, id)
        .await?
        .ok_or_else(missing)?;
    let order = store::order(reader, store.id, head.order_id)
        .await?
        .ok_or_else(missing)?;
    let sold = store::lines(reader, store.id, head.order_id).await?;
    let returned = returns_store::of_order(reader, store.id, head.order_id).await?;
    let exchanges = exchange_store::of_order(reader, store.id, head.order_id).await?;
    let exchange = exchanges.into_iter().find(|each| each.return_id == id);
    let lines = returned
        .lines
        .into_iter()
        .filter(|line| line.return_id == id);
    let lines = lines
        .filter_map(|line| returned_line(&sold, line))
        .collect();
    let refunds = returned
        .refunds
        .iter()
        .filter(|refund| refund.return_id == id);
    let tender = |method: &str, amount_fen: i64| Tender {
        method: receipt::method_name(method, style.lang),
        amount_fen,
        tendered_fen: None,
    };
    let tenders: Vec<Tender> = match &exchange {
        Some(exchange) => vec![
            tender(receipt::EXCHANGE, exchange.credit_fen),
            tender("cash", head.refund_fen - exchange.credit_fen),
        ],
        None => refunds
            .map(|refund| tender(&refund.method, refund.amount_fen))
            .collect(),
    };
    let prints = head.prints;
    let is_here = drawer_of == Some(head.terminal_no);
    let is_now = receipt::is_of_now(app, head.created_at);
    let mut receipt = compose(store, &order, head, (lines, tenders), style);
    let words = exchange.map(|exchange| receipt::exchange_words(&exchange.order_no(), style.lang));
    receipt.footer.extend(words);
    Ok(receipt::set(&receipt, style, (is_here && is_now, prints)))
}

/// The line as it was sold, with what came back of it.
fn returned_line(sold: &[LineRow], line: ReturnLineRow) -> Option<LineRow> {
    let row = sold.iter().find(|row| row.line_no == line.line_no)?;
    Some(LineRow {
        qty_milli: line.qty_milli,
        amount_fen: line.amount_fen,
        tax_fen: line.tax_fen,
        discount_fen: 0,
        ..row.clone()
    })
}

fn compose(
    store: &Store,
    order: &OrderRow,
    head: ReturnRow,
    (lines, tenders): (Vec<LineRow>, Vec<Tender>),
    style: Style,
) -> Receipt {
    let top = Head {
        number: head.number(),
        terminal_no: head.terminal_no,
        cashier: head.cashier,
        at: head.created_at,
        prints: head.prints,
    };
    let lines = lines.into_iter().map(receipt::line).collect();
    Receipt {
        refund: Some(Refund {
            of: Some(view::number(order)),
        }),
        total_fen: head.goods_fen,
        rounding_fen: head.rounding_fen,
        due_fen: head.refund_fen,
        tenders,
        footer: vec![head.reason],
        ..receipt::begin(store, style.lang, top, lines)
    }
}
