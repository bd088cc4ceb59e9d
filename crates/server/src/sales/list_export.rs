//! Orders as a sheet: what the list shows, each order in one row.

use aisle_domain::order::{Channel, OrderState};
use aisle_domain::time::Instant;
use anyhow::Context as _;
use chrono_tz::Tz;
use tokio::sync::Semaphore;

use crate::catalog::Store;
use crate::sheet::{Language, SheetFormat, Value};
use crate::{App, Error, Result};

use super::list::{self, Wanted};
use super::store::OrderRow;
use super::view;

/// A long sheet takes a processor for some seconds.
static EXPORTING: Semaphore = Semaphore::const_new(1);
/// Rows of one sheet; more are for several, each of a shorter time.
const ROWS_MAX: usize = 100_000;
const PAGE: usize = 2000;

/// Titles in Chinese and English.
const COLUMNS: [(&str, &str); 14] = [
    ("单号", "no"),
    ("营业日", "business day"),
    ("下单时间", "placed"),
    ("付款时间", "paid"),
    ("状态", "status"),
    ("渠道", "channel"),
    ("机号", "till"),
    ("收银员", "cashier"),
    ("会员", "member"),
    ("行数", "lines"),
    ("优惠", "discount"),
    ("抹零", "rounding"),
    ("其中税额", "tax"),
    ("应收", "total"),
];

/// Writes everything that is asked for; answers the file's name and bytes.
pub(super) async fn export(
    app: &App,
    store: &Store,
    wanted: Wanted,
    (format, language): (SheetFormat, Language),
) -> Result<(String, Vec<u8>)> {
    let _permit = EXPORTING.acquire().await.map_err(anyhow::Error::from)?;
    let rows = all(app, store, wanted).await?;
    let zone = store.zone;
    let bytes = tokio::task::spawn_blocking(move || {
        let titles = COLUMNS.map(|words| in_language(words, language));
        format.write(&titles, rows.iter().map(|row| cells(row, zone, language)))
    })
    .await
    .context("writing a sheet")??;
    let day = store.business_day(app.clock.now()).0;
    Ok((format!("orders-{day}.{}", format.extension()), bytes))
}

async fn all(app: &App, store: &Store, mut wanted: Wanted) -> Result<Vec<OrderRow>> {
    let mut rows: Vec<OrderRow> = Vec::new();
    loop {
        let page = list::list(app.db.read(), store.id, wanted.clone(), PAGE).await?;
        let is_last = page.len() < PAGE;
        rows.extend(page);
        if rows.len() > ROWS_MAX {
            return Err(Error::invalid(
                "from",
                "more than 100000 orders: ask for less time",
            ));
        }
        if is_last {
            return Ok(rows);
        }
        wanted.before = rows.last().map(|row| (row.created_at, row.id));
    }
}

fn cells(row: &OrderRow, zone: Tz, language: Language) -> Vec<Value> {
    let text = |text: &str| Value::Text(text.to_owned());
    let time = |at: i64| Value::Text(Instant(at).local(zone));
    vec![
        Value::Text(view::number(row)),
        Value::Whole(row.business_day),
        time(row.created_at),
        row.paid_at.map_or(Value::Empty, time),
        text(state_words(&row.state, language)),
        text(channel_words(&row.channel, language)),
        Value::Whole(row.terminal_no),
        text(&row.cashier),
        text(row.member.as_deref().unwrap_or_default()),
        Value::Whole(row.lines_count),
        Value::Fen(row.discount_fen),
        Value::Fen(row.rounding_fen),
        Value::Fen(row.tax_fen),
        Value::Fen(row.total_fen),
    ]
}

fn state_words(state: &str, language: Language) -> &str {
    let Some(known) = OrderState::parse(state) else {
        return state;
    };
    let words = match known {
        OrderState::Received => ("待付款", "to pay"),
        OrderState::Paid => ("已付款", "paid"),
        OrderState::Cancelled => ("已取消", "cancelled"),
        OrderState::PartlyReturned => ("部分退货", "partly returned"),
        OrderState::Returned => ("已退货", "returned"),
    };
    in_language(words, language)
}

fn channel_words(channel: &str, language: Language) -> &str {
    let Some(known) = Channel::parse(channel) else {
        return channel;
    };
    let words = match known {
        Channel::Pos => ("收银台", "till"),
        Channel::Kiosk => ("自助收银", "self-checkout"),
        Channel::Online => ("线上", "online"),
    };
    in_language(words, language)
}

fn in_language<'a>((chinese, english): (&'a str, &'a str), language: Language) -> &'a str {
    match language {
        Language::Chinese => chinese,
        Language::English => english,
    }
}
