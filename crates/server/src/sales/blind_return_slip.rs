//! The slip of a return without a receipt.

use aisle_domain::receipt::{Lang, Line, Receipt, Refund, Tender};
use uuid::Uuid;

use crate::catalog::Store;
use crate::{App, Error, Result, codes};

use super::blind_returns_store::{self, BlindLineRow, BlindRow};
use super::receipt::{self, Head, Slip, Style};

/// The slip as it would print now; it opens the drawer of till `drawer_of` when the cash is counted out there
/// just now.
pub(super) async fn slip(
    app: &App,
    store: &Store,
    id: Uuid,
    style: Style,
    drawer_of: Option<i64>,
) -> Result<Slip> {
    let reader = app.db.read_fresh();
    let head = blind_returns_store::head(reader, store.id, id)
        .await?
        .ok_or_else(|| Error::code(&codes::NOT_FOUND))?;
    let lines = blind_returns_store::lines(reader, store.id, &[id]).await?;
    let prints = head.prints;
    let is_here = drawer_of == Some(head.terminal_no);
    let open_drawer = is_here && receipt::is_of_now(app, head.created_at);
    let receipt = compose(store, head, lines, style.lang);
    Ok(receipt::set(&receipt, style, (open_drawer, prints)))
}

fn compose(store: &Store, head: BlindRow, lines: Vec<BlindLineRow>, lang: Lang) -> Receipt {
    let top = Head {
        number: head.number(),
        terminal_no: head.terminal_no,
        cashier: head.cashier,
        at: head.created_at,
        prints: head.prints,
    };
    Receipt {
        refund: Some(Refund { of: None }),
        total_fen: head.goods_fen,
        rounding_fen: head.rounding_fen,
        due_fen: head.refund_fen,
        tenders: vec![Tender {
            method: receipt::method_name("cash", lang),
            amount_fen: head.refund_fen,
            tendered_fen: None,
        }],
        footer: vec![head.reason],
        ..receipt::begin(store, lang, top, lines.into_iter().map(line).collect())
    }
}

fn line(row: BlindLineRow) -> Line {
    Line {
        name: row.name,
        barcode: row.barcode,
        qty_milli: row.qty_milli,
        unit: row.unit,
        unit_price_fen: row.unit_price_fen,
        discount_fen: 0,
        amount_fen: row.amount_fen,
    }
}
