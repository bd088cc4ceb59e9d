//! The state of both gateways: trades, ledger, notifications, plans and the clock.
//!
//! Promises: the ledger is the sum of what happened to the trades, to the fen; what comes due by itself happens in the
//! order of its time, however far the clock jumps; [`Book::drain`] hands over exactly what changed since it last did.

use std::collections::{BTreeSet, HashMap, HashSet};

use crate::gateway::Channel;
use crate::sim::journal::Change;
use crate::sim::ledger::Movement;
use crate::sim::notice::Notice;
use crate::sim::scenario::{Plans, Scenario};
use crate::sim::trade::{SECOND, State, Step, Trade};

/// What names a trade.
pub(crate) type Key = (Channel, String);

/// The merchant's names at both gateways.
#[derive(Debug, Clone, Default)]
pub(crate) struct Names {
    pub(crate) mchid: String,
    pub(crate) appid: String,
    pub(crate) app_id: String,
    pub(crate) seller_id: String,
}

/// Everything.
#[derive(Debug, Default)]
pub(crate) struct Book {
    pub(crate) names: Names,
    pub(crate) plans: Plans,
    /// How far the clock is ahead of the real one.
    pub(crate) advance_ms: i64,
    /// The time of the step that is being taken.
    pub(crate) now: i64,
    trades: HashMap<Key, Trade>,
    order: Vec<Key>,
    movements: Vec<Movement>,
    notices: Vec<Notice>,
    active: HashSet<Key>,
    by_gateway_no: HashMap<String, Key>,
    by_refund_no: HashMap<(Channel, String), Key>,
    by_code: HashMap<String, Key>,
    changed: Changed,
}

#[derive(Debug, Default)]
struct Changed {
    trades: HashSet<Key>,
    notices: BTreeSet<usize>,
    movements_from: usize,
    plans: bool,
    clock: bool,
}

impl Book {
    /// A book in which `changes` have happened.
    pub(crate) fn restore(names: Names, changes: Vec<Change>) -> Book {
        let mut book = Book {
            names,
            ..Book::default()
        };
        for change in changes {
            for trade in change.trades {
                book.put(trade);
            }
            book.movements.extend(change.movements);
            for notice in change.notices {
                book.put_notice(notice);
            }
            book.plans = change.plans.unwrap_or(std::mem::take(&mut book.plans));
            book.advance_ms = change.advance_ms.unwrap_or(book.advance_ms);
        }
        book.changed = Changed {
            movements_from: book.movements.len(),
            ..Changed::default()
        };
        book
    }

    /// All there is, as one change.
    pub(crate) fn whole(&self) -> Change {
        Change {
            trades: self
                .order
                .iter()
                .map(|key| self.trades[key].clone())
                .collect(),
            movements: self.movements.clone(),
            notices: self.notices.clone(),
            plans: Some(self.plans.clone()),
            advance_ms: Some(self.advance_ms),
        }
    }

    /// What changed since the last call; `None` when nothing did.
    pub(crate) fn drain(&mut self) -> Option<Change> {
        let changed = std::mem::take(&mut self.changed);
        self.changed.movements_from = self.movements.len();
        let change = Change {
            trades: changed
                .trades
                .iter()
                .map(|key| self.trades[key].clone())
                .collect(),
            movements: self.movements[changed.movements_from..].to_vec(),
            notices: changed
                .notices
                .iter()
                .map(|at| self.notices[*at].clone())
                .collect(),
            plans: changed.plans.then(|| self.plans.clone()),
            advance_ms: changed.clock.then_some(self.advance_ms),
        };
        let nothing = change.trades.is_empty()
            && change.movements.is_empty()
            && change.notices.is_empty()
            && change.plans.is_none()
            && change.advance_ms.is_none();
        (!nothing).then_some(change)
    }

    /// Lets happen what came due by `real_now` on the real clock.
    pub(crate) fn tick(&mut self, real_now: i64) {
        self.now = real_now + self.advance_ms;
        loop {
            let due = self.active.iter().filter_map(|key| {
                let (at, step) = self.trades[key].due(self.now)?;
                Some((at, key.clone(), step))
            });
            let Some((at, key, step)) = due.min_by_key(|(at, ..)| *at) else {
                return;
            };
            let movement = self.change(&key, |trade| trade.apply(step, at));
            if step == Step::Expire {
                self.plan_late_payment(&key, at);
            }
            self.moved(movement, at);
        }
    }

    /// Moves the clock; it never goes back.
    pub(crate) fn advance(&mut self, seconds: i64, real_now: i64) {
        self.advance_ms += seconds.max(0) * SECOND;
        self.changed.clock = true;
        self.tick(real_now);
    }

    /// A trade.
    pub(crate) fn trade(&self, key: &Key) -> Option<&Trade> {
        self.trades.get(key)
    }

    /// The trade with the gateway's own number.
    pub(crate) fn by_gateway_no(&self, channel: Channel, no: &str) -> Option<Key> {
        let key = self.by_gateway_no.get(no)?;
        (key.0 == channel).then(|| key.clone())
    }

    /// The trade a refund belongs to.
    pub(crate) fn by_refund_no(&self, channel: Channel, no: &str) -> Option<Key> {
        self.by_refund_no.get(&(channel, no.to_owned())).cloned()
    }

    /// Which trade used a payment code.
    pub(crate) fn by_code(&self, hash: &str) -> Option<&Key> {
        self.by_code.get(hash)
    }

    /// The trade with this number at any gateway, the newest if there are two.
    pub(crate) fn by_number(&self, no: &str) -> Option<Key> {
        self.order.iter().rev().find(|key| key.1 == no).cloned()
    }

    /// Trades, the newest first.
    pub(crate) fn newest(&self) -> impl Iterator<Item = &Trade> {
        self.order.iter().rev().map(|key| &self.trades[key])
    }

    /// Every movement of money.
    pub(crate) fn movements(&self) -> &[Movement] {
        &self.movements
    }

    /// Every notification.
    pub(crate) fn notices(&self) -> &[Notice] {
        &self.notices
    }

    /// How many trades there are; numbers are made of it.
    pub(crate) fn count(&self) -> usize {
        self.order.len()
    }

    /// How many refunds there are.
    pub(crate) fn refund_count(&self) -> usize {
        self.by_refund_no.len()
    }

    /// What is planned for a trade.
    pub(crate) fn planned(&self, key: &Key) -> &[Scenario] {
        self.plans.of(&key.1)
    }

    /// Changes a trade that is there.
    pub(crate) fn change<T>(&mut self, key: &Key, change: impl FnOnce(&mut Trade) -> T) -> T {
        let trade = self
            .trades
            .get_mut(key)
            .expect("only known trades are changed");
        let result = change(trade);
        let trade = trade.clone();
        self.put(trade);
        result
    }

    /// Adds a trade or puts it in the place of its older self.
    pub(crate) fn put(&mut self, trade: Trade) {
        let key = (trade.asked.channel, trade.asked.out_trade_no.clone());
        if trade.is_quiet() {
            self.active.remove(&key);
        } else {
            self.active.insert(key.clone());
        }
        self.by_gateway_no
            .insert(trade.gateway_no.clone(), key.clone());
        if let Some(hash) = &trade.asked.code_hash {
            self.by_code.insert(hash.clone(), key.clone());
        }
        for refund in &trade.refunds {
            self.by_refund_no
                .insert((key.0, refund.refund_no.clone()), key.clone());
        }
        self.changed.trades.insert(key.clone());
        if self.trades.insert(key.clone(), trade).is_none() {
            self.order.push(key);
        }
    }

    /// Books a movement, if there is one, and plans what is told about it.
    pub(crate) fn moved(&mut self, movement: Option<Movement>, at: i64) {
        let Some(mut movement) = movement else {
            return;
        };
        movement.no = self.movements.len() as i64 + 1;
        self.movements.push(movement.clone());
        self.plan_notice(&movement, at);
    }

    /// Adds a notification or puts it in the place of its older self.
    pub(crate) fn put_notice(&mut self, notice: Notice) {
        let place = self.notices.iter().position(|known| known.id == notice.id);
        let place = place.unwrap_or(self.notices.len());
        if place == self.notices.len() {
            self.notices.push(notice);
        } else {
            self.notices[place] = notice;
        }
        self.changed.notices.insert(place);
    }

    /// Changes what is planned.
    pub(crate) fn plan<T>(&mut self, change: impl FnOnce(&mut Plans) -> T) -> T {
        self.changed.plans = true;
        change(&mut self.plans)
    }

    /// A customer who pays although the trade was given up, when that is planned and nobody has paid.
    pub(crate) fn plan_late_payment(&mut self, key: &Key, now: i64) {
        let planned = self
            .planned(key)
            .iter()
            .find_map(|scenario| match scenario {
                Scenario::LateSuccess(seconds) => Some(*seconds),
                _ => None,
            });
        let Some(seconds) = planned else { return };
        self.change(key, |trade| {
            if trade.paid_at.is_none() && trade.state != State::Paid {
                trade.pays_at = Some(now + seconds * SECOND);
            }
        });
    }
}
