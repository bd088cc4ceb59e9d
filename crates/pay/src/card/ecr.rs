//! A terminal on the shop's network that talks in frames over TCP, its fields parted by `|`.
//!
//! Asked `SALE|fen|our number`, `VOID|trace|our number`, `REFUND|fen|rrn|our number`, `LAST|our number`, `SETTLE` or
//! `STATUS`, it answers `word|code|message|…`. A frame is repeated only when the terminal says it came damaged: one
//! that was lost without a word may have been carried out.

use std::time::Duration;

use aisle_domain::money::Money;
use serde::{Deserialize, Serialize};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::sync::Mutex;
use tokio::time::timeout;

use super::frame::{self, ACK, NAK, Read};
use super::{Approval, BatchTotals, CardEntry, CardRecord, CardTerminal, Last, Sum};
use crate::gateway::{Failure, Outcome, TradeNo};
use crate::http::failure;

/// A frame is sent once and then at most this many times again.
const RESENDS_MAX: usize = 3;

/// Where the terminal is and how it talks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EcrSettings {
    /// Host and port.
    pub address: String,
    /// What the check byte begins with: 0 with most vendors, 127 with some.
    #[serde(default)]
    pub lrc_base: u8,
    /// How long the terminal may take to say that a frame came.
    #[serde(default = "two_seconds")]
    pub ack_within_ms: u64,
    /// How long the customer may take with card and PIN.
    #[serde(default = "ninety_seconds")]
    pub answer_within_ms: u64,
}

/// One terminal. It has one conversation at a time.
#[derive(Debug)]
pub struct Ecr {
    settings: EcrSettings,
    line: Mutex<()>,
}

impl Ecr {
    /// Opens nothing yet.
    pub fn new(settings: EcrSettings) -> Ecr {
        Ecr {
            settings,
            line: Mutex::new(()),
        }
    }

    /// One question and its answer's fields after the first.
    async fn ask(&self, fields: &[&str]) -> Result<Vec<String>, Failure> {
        let _turn = self.line.lock().await;
        let mut stream = self
            .within(
                self.settings.ack_within_ms,
                TcpStream::connect(&self.settings.address),
            )
            .await?;
        self.send(&mut stream, &fields.join("|")).await?;
        let text = self
            .within(self.settings.answer_within_ms, self.receive(&mut stream))
            .await?;
        let mut answered: Vec<String> = text.split('|').map(str::to_owned).collect();
        if answered.first().map(String::as_str) != fields.first().copied() || answered.len() < 2 {
            return Err(failure("bad_answer", "an answer to another question"));
        }
        answered.remove(0);
        Ok(answered)
    }

    async fn send(&self, stream: &mut TcpStream, text: &str) -> Result<(), Failure> {
        let packed = frame::pack(text, self.settings.lrc_base);
        for _ in 0..=RESENDS_MAX {
            let sending = async {
                stream.write_all(&packed).await?;
                frame::read(stream, self.settings.lrc_base).await
            };
            match self.within(self.settings.ack_within_ms, sending).await? {
                Read::Ack => return Ok(()),
                Read::Nak => {}
                Read::Frame(_) | Read::Damaged => {
                    return Err(failure("bad_answer", "neither yes nor no to a frame"));
                }
            }
        }
        Err(failure(
            "bad_line",
            "the terminal does not understand the frame",
        ))
    }

    async fn receive(&self, stream: &mut TcpStream) -> std::io::Result<String> {
        for _ in 0..=RESENDS_MAX {
            match frame::read(stream, self.settings.lrc_base).await? {
                Read::Frame(text) => {
                    stream.write_all(&[ACK]).await?;
                    return Ok(text);
                }
                Read::Damaged => stream.write_all(&[NAK]).await?,
                Read::Ack | Read::Nak => {}
            }
        }
        Err(std::io::ErrorKind::InvalidData.into())
    }

    async fn within<T>(
        &self,
        limit_ms: u64,
        work: impl Future<Output = std::io::Result<T>>,
    ) -> Result<T, Failure> {
        match timeout(Duration::from_millis(limit_ms), work).await {
            Ok(Ok(done)) => Ok(done),
            Ok(Err(_)) => Err(failure(
                "connection",
                "the connection to the terminal failed",
            )),
            Err(_) => Err(failure("timeout", "the terminal did not answer in time")),
        }
    }

    async fn approval(&self, fields: &[&str], reference: &TradeNo) -> Outcome<Approval> {
        self.judged(fields)
            .await
            .and_then(|rest| match approval(&rest) {
                Some(approval) if approval.reference == *reference => Outcome::Success(approval),
                _ => Outcome::Unknown(failure("bad_answer", "approved, but not what was asked")),
            })
    }

    /// The fields after code and message of an answer that says yes.
    async fn judged(&self, fields: &[&str]) -> Outcome<Vec<String>> {
        match self.ask(fields).await {
            Ok(mut answered) => {
                let code = answered.remove(0);
                let message = if answered.is_empty() {
                    String::new()
                } else {
                    answered.remove(0)
                };
                judge(&code, &message, answered)
            }
            Err(failure) => Outcome::Unknown(failure),
        }
    }
}

impl CardTerminal for Ecr {
    async fn sale(&self, amount: Money, reference: &TradeNo) -> Outcome<Approval> {
        let fen = amount.fen().to_string();
        self.approval(&["SALE", &fen, reference.as_str()], reference)
            .await
    }

    async fn void(&self, original: &Approval, reference: &TradeNo) -> Outcome<Approval> {
        let fields = ["VOID", original.record.trace(), reference.as_str()];
        self.approval(&fields, reference).await
    }

    async fn refund(
        &self,
        original: &CardRecord,
        amount: Money,
        reference: &TradeNo,
    ) -> Outcome<Approval> {
        let fen = amount.fen().to_string();
        let fields = ["REFUND", &fen, original.rrn(), reference.as_str()];
        self.approval(&fields, reference).await
    }

    async fn query_last(&self, reference: &TradeNo) -> Outcome<Last> {
        let answered = match self.ask(&["LAST", reference.as_str()]).await {
            Ok(answered) => answered,
            Err(failure) => return Outcome::Unknown(failure),
        };
        let field = |at: usize| answered.get(at).map(String::as_str).unwrap_or_default();
        if field(0) == "25" || (field(2) != reference.as_str() && !field(2).is_empty()) {
            return Outcome::Success(Last::Other);
        }
        let rest = answered.get(2..).unwrap_or_default().to_vec();
        match judge(field(0), field(1), rest) {
            Outcome::Success(rest) => match approval(&rest) {
                Some(approval) => Outcome::Success(Last::Approved(approval)),
                None => Outcome::Unknown(failure("bad_answer", "approved, but not readable")),
            },
            // Only a refusal that names the number is about it.
            Outcome::Declined(failure) if field(2) == reference.as_str() => {
                Outcome::Success(Last::Declined(failure))
            }
            _ => Outcome::Unknown(failure(field(0), field(1))),
        }
    }

    async fn settle(&self) -> Outcome<BatchTotals> {
        self.judged(&["SETTLE"])
            .await
            .and_then(|rest| match totals(&rest) {
                Some(totals) => Outcome::Success(totals),
                None => Outcome::Unknown(failure("bad_answer", "settled, but not readable")),
            })
    }

    async fn status(&self) -> Outcome<()> {
        self.judged(&["STATUS"])
            .await
            .and_then(|_| Outcome::Success(()))
    }
}

/// By the response codes of ISO 8583. What is in neither list may have happened.
fn judge(code: &str, message: &str, rest: Vec<String>) -> Outcome<Vec<String>> {
    match code {
        "00" => Outcome::Success(rest),
        "01" | "03" | "04" | "05" | "12" | "13" | "14" | "41" | "43" | "51" | "54" | "55"
        | "57" | "58" | "61" | "62" | "65" | "75" => Outcome::Declined(failure(code, message)),
        _ => Outcome::Unknown(failure(code, message)),
    }
}

/// `our number|fen|rrn|auth|batch|trace|terminal|last4`.
fn approval(rest: &[String]) -> Option<Approval> {
    let [reference, fen, rrn, auth, batch, trace, terminal, last4] = rest else {
        return None;
    };
    let entry = CardEntry {
        rrn: rrn.clone(),
        auth: auth.clone(),
        batch: batch.clone(),
        trace: trace.clone(),
        terminal: terminal.clone(),
        last4: last4.clone(),
    };
    Some(Approval {
        reference: TradeNo::parse(reference)?,
        amount: Money::from_fen(fen.parse().ok()?),
        record: CardRecord::parse(&entry).ok()?,
    })
}

/// `batch|sales|fen|voids|fen|refunds|fen`.
fn totals(rest: &[String]) -> Option<BatchTotals> {
    let [
        batch,
        sales,
        sales_fen,
        voids,
        voids_fen,
        refunds,
        refunds_fen,
    ] = rest
    else {
        return None;
    };
    let sum = |count: &String, fen: &String| {
        Some(Sum {
            count: count.parse().ok()?,
            amount: Money::from_fen(fen.parse().ok()?),
        })
    };
    Some(BatchTotals {
        batch: batch.parse().ok()?,
        sales: sum(sales, sales_fen)?,
        voids: sum(voids, voids_fen)?,
        refunds: sum(refunds, refunds_fen)?,
    })
}

fn two_seconds() -> u64 {
    2_000
}

fn ninety_seconds() -> u64 {
    90_000
}

#[cfg(test)]
#[path = "ecr_tests.rs"]
mod tests;
