//! What a bill of a day holds, and the files that wait to be fetched.
//!
//! A bill is the ledger's movements of one day in Beijing, ready the next day at ten. A planned fault changes the rows,
//! and the sums below them with it: such a bill is whole in itself and differs from what happened.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use aisle_domain::money::Money;
use chrono::{Days, Months, NaiveDate, NaiveTime};

use crate::gateway::Channel;
use crate::sim::book::Book;
use crate::sim::ledger::{Kind, Movement};
use crate::sim::scenario::BillFault;
use crate::sim::trade::{BEIJING_AHEAD, Refund, SECOND, Trade};
use crate::yuan;

const HOUR: i64 = 3600 * SECOND;
const READY_HOUR: i64 = 10;

/// One movement with what belongs to it; a row nobody asked for has no trade.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    pub(crate) movement: Movement,
    pub(crate) trade: Option<Trade>,
    pub(crate) refund: Option<Refund>,
}

/// A bill's rows and what is wrong with it apart from them.
#[derive(Debug)]
pub(crate) struct Bill {
    pub(crate) rows: Vec<Row>,
    pub(crate) wrong_hash: bool,
}

/// Why there is no bill.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NoBill {
    /// Not a day that is over.
    BadDay,
    Creating,
    NoTrade,
}

/// The movements of a day, `yyyy-MM-dd`, or of a month, `yyyy-MM`.
pub(crate) fn bill(book: &mut Book, channel: Channel, date: &str) -> Result<Bill, NoBill> {
    let (from, to) = span(date).ok_or(NoBill::BadDay)?;
    if to > book.now {
        return Err(NoBill::BadDay);
    }
    let fault = book.plan(|plans| plans.take_bill());
    if fault == Some(BillFault::Creating) || book.now < to + READY_HOUR * HOUR {
        return Err(NoBill::Creating);
    }
    let of_day =
        |movement: &&Movement| movement.channel == channel && (from..to).contains(&movement.at);
    let mut rows: Vec<Row> = book
        .movements()
        .iter()
        .filter(of_day)
        .map(|movement| row(book, movement))
        .collect();
    if fault == Some(BillFault::None) || (rows.is_empty() && fault != Some(BillFault::ExtraRow)) {
        return Err(NoBill::NoTrade);
    }
    match fault {
        Some(BillFault::MissingRow) => {
            rows.pop();
        }
        Some(BillFault::ExtraRow) => rows.push(extra(channel, from)),
        Some(BillFault::AlteredRow) => {
            if let Some(row) = rows.last_mut() {
                row.movement.amount_fen += row.movement.amount_fen.signum();
            }
        }
        _ => {}
    }
    Ok(Bill {
        rows,
        wrong_hash: fault == Some(BillFault::WrongHash),
    })
}

/// When a day or a month begins and ends, in Beijing.
fn span(date: &str) -> Option<(i64, i64)> {
    let (first, after) = match date.len() {
        7 => {
            let first = NaiveDate::parse_from_str(&format!("{date}-01"), "%Y-%m-%d").ok()?;
            (first, first.checked_add_months(Months::new(1))?)
        }
        _ => {
            let first = NaiveDate::parse_from_str(date, "%Y-%m-%d").ok()?;
            (first, first.checked_add_days(Days::new(1))?)
        }
    };
    let midnight =
        |day: NaiveDate| day.and_time(NaiveTime::MIN).and_utc().timestamp_millis() - BEIJING_AHEAD;
    Some((midnight(first), midnight(after)))
}

fn row(book: &Book, movement: &Movement) -> Row {
    let key = (movement.channel, movement.out_trade_no.clone());
    let trade = book.trade(&key).cloned();
    let refund = trade.as_ref().and_then(|trade| {
        let no = movement.refund_no.as_ref()?;
        trade
            .refunds
            .iter()
            .find(|refund| refund.refund_no == *no)
            .cloned()
    });
    Row {
        movement: movement.clone(),
        trade,
        refund,
    }
}

/// A payment nobody knows.
fn extra(channel: Channel, day: i64) -> Row {
    Row {
        movement: Movement {
            no: 0,
            at: day + HOUR,
            kind: Kind::Payment,
            channel,
            out_trade_no: "UNKNOWN0000000001".to_owned(),
            gateway_no: "4200000000000000000000000001".to_owned(),
            refund_no: None,
            amount_fen: 1234,
        },
        trade: None,
        refund: None,
    }
}

/// `12.34`.
pub(crate) fn yuan(fen: i64) -> String {
    yuan::text(Money::from_fen(fen))
}

/// A file that waits to be fetched.
#[derive(Debug, Clone)]
pub(crate) struct File {
    pub(crate) bytes: Vec<u8>,
    /// On the simulator's clock.
    pub(crate) expires_at: i64,
}

/// Files by the word in their address. They are not kept over a restart: their addresses live for minutes.
#[derive(Debug, Default)]
pub(crate) struct Files(Mutex<HashMap<String, File>>);

impl Files {
    /// Keeps a file, and forgets those whose time is over.
    pub(crate) fn put(&self, word: String, file: File, now: i64) {
        let mut files = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        files.retain(|_, file| file.expires_at > now);
        files.insert(word, file);
    }

    /// The file, while its time is not over.
    pub(crate) fn get(&self, word: &str, now: i64) -> Option<Vec<u8>> {
        let files = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let file = files.get(word).filter(|file| file.expires_at > now)?;
        Some(file.bytes.clone())
    }
}
