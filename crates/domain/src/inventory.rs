//! Stock levels: what is on hand, what is promised, what it is worth.
//!
//! Promises: every change answers with the ledger entry that explains it, so the ledger always sums
//! to the level; value leaves at moving average and never by a fen more than what was put in when a
//! level is emptied.

use serde::{Deserialize, Serialize};

use crate::money::Money;
use crate::quantity::Quantity;
use crate::time::Instant;

/// Stock of one product at one place.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Level {
    /// What lies there by the books.
    pub on_hand: Quantity,
    /// What is promised to orders that are not paid yet.
    pub reserved: Quantity,
    /// What the goods on hand cost, exact total.
    pub value: Money,
    /// When they were last counted: whatever happened up to then was seen by that count.
    pub counted_at: Option<Instant>,
}

/// One change of a level.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// Added (positive) or taken (negative).
    pub delta: Quantity,
    /// On hand after this change.
    pub balance: Quantity,
    /// Change of the value.
    pub value_delta: Money,
}

impl Level {
    /// What can be sold now.
    pub fn available(&self) -> Quantity {
        self.on_hand - self.reserved
    }

    /// Promises `qty` to an order.
    pub fn reserve(&mut self, qty: Quantity) {
        self.reserved += qty;
    }

    /// Takes back a promise.
    pub fn release(&mut self, qty: Quantity) {
        assert!(
            self.reserved >= qty,
            "released more than was reserved: {qty:?} of {:?}",
            self.reserved
        );
        self.reserved -= qty;
    }

    /// Takes `qty` out at moving average; `unit_cost` is used where the books hold none.
    pub fn issue(&mut self, qty: Quantity, unit_cost: Money) -> Entry {
        let cost = self.cost_of(qty, unit_cost);
        self.change(-qty, -cost)
    }

    /// Puts `qty` in at `unit_cost`.
    pub fn receive(&mut self, qty: Quantity, unit_cost: Money) -> Entry {
        self.change(qty, unit_cost.times(qty))
    }

    /// Puts `qty` back that left for exactly `cost`.
    pub fn take_back(&mut self, qty: Quantity, cost: Money) -> Entry {
        self.change(qty, cost)
    }

    /// Takes `qty` out that came back for exactly `cost`: it never lay among the others.
    pub fn write_off(&mut self, qty: Quantity, cost: Money) -> Entry {
        self.change(-qty, -cost)
    }

    /// Whether a count has seen what happened at this time; what happens as it is recorded was seen by none.
    pub fn has_seen(&self, happened_at: Option<Instant>) -> bool {
        happened_at.is_some_and(|at| self.counted_at.is_some_and(|counted_at| at <= counted_at))
    }

    /// Takes out `qty` that had left before the goods were counted: what the count took out for it is
    /// given back first. Answers both entries; the level stays as it was counted.
    pub fn issue_late(&mut self, qty: Quantity, unit_cost: Money) -> (Entry, Entry) {
        let cost = self.cost_of(qty, unit_cost);
        (self.take_back(qty, cost), self.write_off(qty, cost))
    }

    /// What `qty` of these goods costs at moving average.
    pub fn cost_of(&self, qty: Quantity, unit_cost: Money) -> Money {
        if self.on_hand > Quantity::ZERO && self.value > Money::ZERO {
            self.value.share(qty.milli(), self.on_hand.milli())
        } else {
            unit_cost.times(qty)
        }
    }

    fn change(&mut self, delta: Quantity, value_delta: Money) -> Entry {
        self.on_hand += delta;
        self.value += value_delta;
        Entry {
            delta,
            balance: self.on_hand,
            value_delta,
        }
    }
}

/// Why stock changed. Manual ones may be chosen by a clerk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// 期初库存
    Opening,
    /// 销售
    Sale,
    /// 销售退货
    Return,
    /// 报损
    Damage,
    /// 报溢
    Gain,
    /// 过期
    Expired,
    /// 试吃
    Tasting,
    /// 自用
    OwnUse,
    /// 盗损
    Theft,
    /// 更正
    Correction,
    /// 盘点
    Count,
    /// 盘点后补记
    CountLate,
}

/// Which way a reason may move stock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// Only in.
    In,
    /// Only out.
    Out,
    /// Either way.
    Both,
}

impl Reason {
    /// Every reason, in the order a list shows them.
    pub const ALL: [Reason; 12] = [
        Reason::Opening,
        Reason::Sale,
        Reason::Return,
        Reason::Damage,
        Reason::Gain,
        Reason::Expired,
        Reason::Tasting,
        Reason::OwnUse,
        Reason::Theft,
        Reason::Correction,
        Reason::Count,
        Reason::CountLate,
    ];

    /// The name in storage and on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Reason::Opening => "opening",
            Reason::Sale => "sale",
            Reason::Return => "return",
            Reason::Damage => "damage",
            Reason::Gain => "gain",
            Reason::Expired => "expired",
            Reason::Tasting => "tasting",
            Reason::OwnUse => "own_use",
            Reason::Theft => "theft",
            Reason::Correction => "correction",
            Reason::Count => "count",
            Reason::CountLate => "count_late",
        }
    }

    /// The reason with this name.
    pub fn parse(name: &str) -> Option<Reason> {
        Reason::ALL
            .into_iter()
            .find(|reason| reason.as_str() == name)
    }

    /// Which way it may move stock.
    pub fn direction(self) -> Direction {
        match self {
            Reason::Opening | Reason::Return | Reason::Gain => Direction::In,
            Reason::Sale
            | Reason::Damage
            | Reason::Expired
            | Reason::Tasting
            | Reason::OwnUse
            | Reason::Theft => Direction::Out,
            Reason::Correction | Reason::Count | Reason::CountLate => Direction::Both,
        }
    }

    /// Whether a clerk may choose it; the others come from documents.
    pub fn is_manual(self) -> bool {
        !matches!(
            self,
            Reason::Sale | Reason::Return | Reason::Count | Reason::CountLate
        )
    }

    /// Whether it may move stock by `delta`.
    pub fn permits(self, delta: Quantity) -> bool {
        match self.direction() {
            Direction::In => delta > Quantity::ZERO,
            Direction::Out => delta < Quantity::ZERO,
            Direction::Both => delta != Quantity::ZERO,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn qty(milli: i64) -> Quantity {
        Quantity::from_milli(milli)
    }

    #[test]
    fn the_last_piece_takes_the_last_fen_of_value() {
        let mut level = Level::default();
        level.receive(qty(3000), Money::from_fen(333));
        level.value += Money::from_fen(1);
        let first = level.issue(qty(1000), Money::ZERO);
        let rest = level.issue(qty(2000), Money::ZERO);
        assert_eq!(first.value_delta, Money::from_fen(-333));
        assert_eq!(rest.value_delta, Money::from_fen(-667));
        assert_eq!(level, Level::default());
    }

    #[test]
    fn selling_below_zero_uses_the_reference_cost() {
        let mut level = Level::default();
        let entry = level.issue(qty(2000), Money::from_fen(150));
        assert_eq!(entry.balance, qty(-2000));
        assert_eq!(level.value, Money::from_fen(-300));
    }

    #[test]
    fn what_left_before_the_count_changes_nothing_any_more() {
        let mut level = Level::default();
        level.receive(qty(3000), Money::from_fen(333));
        level.counted_at = Some(Instant(1000));
        let counted = level;
        assert!(level.has_seen(Some(Instant(1000))));
        assert!(!level.has_seen(Some(Instant(1001))));
        assert!(!level.has_seen(None));
        let (back, out) = level.issue_late(qty(5000), Money::from_fen(1));
        assert_eq!((back.balance, out.balance), (qty(8000), qty(3000)));
        assert_eq!(back.value_delta, -out.value_delta);
        assert_eq!(level, counted);
    }

    proptest! {
        #[test]
        fn the_ledger_sums_to_the_level(moves in prop::collection::vec((any::<bool>(), 1i64..50_000, 0i64..10_000), 1..80)) {
            let mut level = Level::default();
            let (mut quantity, mut value) = (Quantity::ZERO, Money::ZERO);
            for (incoming, milli, cost) in moves {
                let entry = if incoming {
                    level.receive(qty(milli), Money::from_fen(cost))
                } else {
                    level.issue(qty(milli), Money::from_fen(cost))
                };
                quantity += entry.delta;
                value += entry.value_delta;
                prop_assert_eq!(entry.balance, quantity);
            }
            prop_assert_eq!(level.on_hand, quantity);
            prop_assert_eq!(level.value, value);
        }
    }
}
