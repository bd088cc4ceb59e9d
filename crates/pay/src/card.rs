//! Bank cards: a terminal that is spoken to, or the slip's numbers typed in by hand.
//!
//! No card number, PIN or track gets in here: the terminal keeps them and tells the last four digits. Whoever loses
//! the connection in the middle of a sale asks [`CardTerminal::query_last`] before anything else; the answer of a
//! terminal that says something else than asked is [`Outcome::Unknown`].

use std::future::Future;

use aisle_domain::money::Money;

use crate::gateway::{Failure, Outcome, TradeNo};

mod ecr;
mod frame;
mod record;

pub use ecr::{Ecr, EcrSettings};
pub use record::{CardEntry, CardRecord, EntryError};

/// What a terminal approved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approval {
    /// Our number, as the terminal gives it back.
    pub reference: TradeNo,
    /// How much.
    pub amount: Money,
    /// The slip's numbers.
    pub record: CardRecord,
}

/// What became of the transaction with a given number, as far as the terminal's memory goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Last {
    /// It was approved.
    Approved(Approval),
    /// It was not.
    Declined(Failure),
    /// The terminal's last transaction is another one: this one never came to it.
    Other,
}

/// Count and sum.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sum {
    /// How many.
    pub count: u32,
    /// How much together.
    pub amount: Money,
}

/// What the bank counted in a batch; must equal what we count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BatchTotals {
    /// The batch that was closed.
    pub batch: u32,
    /// Sales.
    pub sales: Sum,
    /// Sales that were taken back before.
    pub voids: Sum,
    /// Money given back.
    pub refunds: Sum,
}

/// A card terminal (POS 机).
pub trait CardTerminal: Send + Sync {
    /// Takes money.
    fn sale(
        &self,
        amount: Money,
        reference: &TradeNo,
    ) -> impl Future<Output = Outcome<Approval>> + Send;
    /// Takes a sale of the same batch back, all of it.
    fn void(
        &self,
        original: &Approval,
        reference: &TradeNo,
    ) -> impl Future<Output = Outcome<Approval>> + Send;
    /// Gives money of an older sale back.
    fn refund(
        &self,
        original: &CardRecord,
        amount: Money,
        reference: &TradeNo,
    ) -> impl Future<Output = Outcome<Approval>> + Send;
    /// Asks what became of a transaction. After a lost connection this is the first thing to do.
    fn query_last(&self, reference: &TradeNo) -> impl Future<Output = Outcome<Last>> + Send;
    /// Closes the batch.
    fn settle(&self) -> impl Future<Output = Outcome<BatchTotals>> + Send;
    /// Whether it is there and ready.
    fn status(&self) -> impl Future<Output = Outcome<()>> + Send;
}
