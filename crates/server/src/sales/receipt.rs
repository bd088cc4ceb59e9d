//! The receipt of an order: rows to show, bytes to print.

use std::time::Duration;

use aisle_db::{FromQueryResult, Sql};
use aisle_domain::receipt::{self, Lang, Line, Receipt, Row, Tender, Width, escpos};
use aisle_domain::time::Instant;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use uuid::Uuid;

use crate::catalog::Store;
use crate::http::Actor;
use crate::{App, Error, Result, codes};

use super::exchange_store;
use super::receipt_link;
use super::store::{self, LineRow, OrderRow};
use super::tenders::{self, PaymentRow};

/// The method of what a return paid for other goods.
pub(super) const EXCHANGE: &str = "exchange";
const PRINT_TIME: Duration = Duration::from_secs(4);
/// A sale opens its till's drawer for so long.
const DRAWER_MS: i64 = 10 * 60_000;

/// How a receipt is made.
#[derive(Debug, Clone, Copy)]
pub(super) struct Style {
    pub(super) width: Width,
    pub(super) lang: Lang,
}

/// A laid-out receipt.
#[derive(Debug)]
pub(super) struct Slip {
    pub(super) rows: Vec<Row>,
    pub(super) bytes: Vec<u8>,
    pub(super) reprints: i64,
    /// The link for whoever holds it, or the path of it.
    pub(super) link: Option<String>,
}

/// The receipt of a paid order as it would print now; it opens the drawer of till `drawer_of` when the
/// cash was taken there just now.
pub(super) async fn slip(
    app: &App,
    store: &Store,
    id: Uuid,
    style: Style,
    drawer_of: Option<i64>,
) -> Result<Slip> {
    let reader = app.db.read_fresh();
    let order = store::order(reader, store.id, id)
        .await?
        .ok_or_else(|| Error::code(&codes::NOT_FOUND))?;
    let lines = store::lines(reader, store.id, id).await?;
    let mut payments = tenders::payments(reader, store.id, id).await?;
    payments.retain(PaymentRow::is_succeeded);
    let reprints = order.reprints;
    let is_cash = payments.iter().any(|payment| payment.method == "cash");
    let is_here = drawer_of == Some(order.terminal_no);
    let open_drawer = is_cash && is_here && is_of_now(app, order.created_at);
    let exchanges = exchange_store::of_order(reader, store.id, id).await?;
    let taken = exchanges.iter().find(|exchange| exchange.order_id == id);
    let mut receipt = compose(store, order, lines, &payments, style.lang);
    let link = receipt_link::of_order(app, store.id, id);
    receipt.qr = link.clone().filter(|link| link.starts_with("http"));
    receipt.footer.splice(
        0..0,
        taken.map(|exchange| exchange_words(&exchange.return_no(), style.lang)),
    );
    let mut slip = set(&receipt, style, (open_drawer, reprints));
    slip.link = link;
    Ok(slip)
}

/// Whether what happened at `at` still opens its till's drawer.
pub(super) fn is_of_now(app: &App, at: i64) -> bool {
    app.clock.now().0 - at < DRAWER_MS
}

/// A receipt on its paper.
pub(super) fn set(receipt: &Receipt, style: Style, (open_drawer, reprints): (bool, i64)) -> Slip {
    let rows = receipt::layout(receipt, style.width);
    let job = escpos::Job {
        width: style.width,
        open_drawer,
        cut: true,
    };
    Slip {
        bytes: escpos::encode(&rows, &job),
        rows,
        reprints,
        link: None,
    }
}

/// The printer of the caller's till: address and paper.
pub(super) async fn printer(app: &App, actor: &Actor) -> Result<(String, Width)> {
    #[derive(FromQueryResult)]
    struct Row {
        printer_address: Option<String>,
        printer_width: i64,
    }
    let terminal = actor.terminal()?;
    let row: Option<Row> =
        Sql::new("SELECT printer_address, printer_width FROM terminals WHERE store_id = ")
            .arg(terminal.store_id.get())
            .push(" AND id = ")
            .arg(terminal.id.get())
            .one(app.db.read_fresh())
            .await?;
    let width = |row: &Row| {
        if row.printer_width == 80 {
            Width::Mm80
        } else {
            Width::Mm58
        }
    };
    row.and_then(|row| {
        let width = width(&row);
        row.printer_address.map(|address| (address, width))
    })
    .ok_or_else(|| Error::code(&codes::NO_PRINTER))
}

/// Sends bytes to a printer.
pub(super) async fn send(address: &str, bytes: &[u8]) -> Result<()> {
    let work = async {
        let mut printer = TcpStream::connect(address).await?;
        printer.write_all(bytes).await?;
        printer.shutdown().await
    };
    match tokio::time::timeout(PRINT_TIME, work).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(error)) => {
            tracing::info!(%error, address, "a printer refused a receipt");
            Err(Error::code(&codes::PRINTER_UNREACHABLE))
        }
        Err(_) => Err(Error::code(&codes::PRINTER_UNREACHABLE)),
    }
}

fn compose(
    store: &Store,
    order: OrderRow,
    lines: Vec<LineRow>,
    payments: &[PaymentRow],
    lang: Lang,
) -> Receipt {
    let goods: i64 = lines.iter().map(|line| line.amount_fen).sum();
    let head = Head {
        number: super::view::number(&order),
        terminal_no: order.terminal_no,
        cashier: order.cashier,
        at: order.sold_at,
        prints: order.reprints,
    };
    Receipt {
        total_fen: goods + order.discount_fen,
        discount_fen: order.discount_fen,
        rounding_fen: order.rounding_fen,
        due_fen: order.total_fen,
        tenders: payments
            .iter()
            .map(|payment| Tender {
                method: method_name(&payment.method, lang),
                amount_fen: payment.amount_fen,
                tendered_fen: Some(payment.tendered_fen),
            })
            .collect(),
        change_fen: payments.iter().map(|payment| payment.change_fen).sum(),
        member: order.member.map(|member| masked(&member)),
        footer: store.receipt_footer.lines().map(str::to_owned).collect(),
        ..begin(store, lang, head, lines.into_iter().map(line).collect())
    }
}

/// What stands at the top of any slip.
#[derive(Debug)]
pub(super) struct Head {
    pub(super) number: String,
    pub(super) terminal_no: i64,
    pub(super) cashier: String,
    pub(super) at: i64,
    pub(super) prints: i64,
}

/// A slip of the store with its head and its lines, and no sums yet.
pub(super) fn begin(store: &Store, lang: Lang, head: Head, lines: Vec<Line>) -> Receipt {
    Receipt {
        lang,
        store_name: store.name.clone(),
        phone: Some(store.phone.clone()).filter(|phone| !phone.is_empty()),
        number: head.number,
        refund: None,
        terminal: format!("{:02}", head.terminal_no),
        cashier: head.cashier,
        time: Instant(head.at).local(store.zone),
        item_count: item_count(&lines),
        total_fen: 0,
        discount_fen: 0,
        rounding_fen: 0,
        due_fen: 0,
        lines,
        tenders: Vec::new(),
        change_fen: 0,
        member: None,
        footer: Vec::new(),
        qr: None,
        reprint: reprint_no(head.prints),
    }
}

/// A method of payment in words.
pub(super) fn method_name(method: &str, lang: Lang) -> String {
    match (method, lang) {
        ("cash", Lang::ZhCn) => "现金".to_owned(),
        ("cash", Lang::En) => "Cash".to_owned(),
        (EXCHANGE, Lang::ZhCn) => "换货抵扣".to_owned(),
        (EXCHANGE, Lang::En) => "Exchange".to_owned(),
        ("wechat", Lang::ZhCn) => "微信支付".to_owned(),
        ("wechat", Lang::En) => "WeChat Pay".to_owned(),
        ("alipay", Lang::ZhCn) => "支付宝".to_owned(),
        ("alipay", Lang::En) => "Alipay".to_owned(),
        ("card", Lang::ZhCn) => "银行卡".to_owned(),
        ("card", Lang::En) => "Bank card".to_owned(),
        (other, _) => other.to_owned(),
    }
}

/// That a document is one half of an exchange, and the number of the other half.
pub(super) fn exchange_words(no: &str, lang: Lang) -> String {
    match lang {
        Lang::ZhCn => format!("换货 {no}"),
        Lang::En => format!("Exchange, see {no}"),
    }
}

/// Which reprint this is after so many prints.
fn reprint_no(prints: i64) -> u32 {
    u32::try_from((prints - 1).max(0)).unwrap_or(0)
}

/// Pieces on these lines.
fn item_count(lines: &[Line]) -> u32 {
    u32::try_from(lines.iter().map(pieces).sum::<i64>()).unwrap_or(0)
}

/// Pieces on a line; something weighed is one.
fn pieces(line: &Line) -> i64 {
    if line.qty_milli % 1000 == 0 {
        line.qty_milli / 1000
    } else {
        1
    }
}

/// A line on paper.
pub(super) fn line(row: LineRow) -> Line {
    Line {
        name: row.name,
        barcode: row.barcode,
        qty_milli: row.qty_milli,
        unit: row.unit,
        unit_price_fen: row.unit_price_fen,
        discount_fen: row.discount_fen,
        amount_fen: row.amount_fen,
    }
}

/// Only the last four characters of a member's number.
fn masked(member: &str) -> String {
    let count = member.chars().count();
    let tail: String = member.chars().skip(count.saturating_sub(4)).collect();
    format!("****{tail}")
}
