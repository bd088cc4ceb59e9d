//! Money in whole fen and rates in basis points. Integers only.
//!
//! Promises: no operation loses a fen silently; [`round_div`] is the only rounding in the product
//! (half away from zero); overflow is a bug and panics instead of wrapping.

use serde::{Deserialize, Serialize};
use std::iter::Sum;
use std::ops::{Add, AddAssign, Neg, Sub, SubAssign};

use crate::quantity::Quantity;

/// An amount in fen (1/100 yuan); may be negative.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Money(i64);

impl Money {
    /// Nothing.
    pub const ZERO: Money = Money(0);

    /// An amount of `fen`.
    pub const fn from_fen(fen: i64) -> Money {
        Money(fen)
    }

    /// The amount in fen.
    pub const fn fen(self) -> i64 {
        self.0
    }

    /// This price per unit times a quantity, rounded to the fen.
    pub fn times(self, qty: Quantity) -> Money {
        Money(round_div(
            i128::from(self.0) * i128::from(qty.milli()),
            1000,
        ))
    }

    /// The part `share / whole` of this amount, rounded to the fen. `whole` must not be zero.
    pub fn share(self, share: i64, whole: i64) -> Money {
        Money(round_div(
            i128::from(self.0) * i128::from(share),
            i128::from(whole),
        ))
    }

    /// The tax contained in this gross amount at `rate`: gross × rate / (1 + rate).
    pub fn tax_within(self, rate: Rate) -> Money {
        self.share(rate.0, 10_000 + rate.0)
    }
}

impl Add for Money {
    type Output = Money;
    fn add(self, other: Money) -> Money {
        Money(self.0.checked_add(other.0).expect("money overflow"))
    }
}

impl Sub for Money {
    type Output = Money;
    fn sub(self, other: Money) -> Money {
        Money(self.0.checked_sub(other.0).expect("money overflow"))
    }
}

impl Neg for Money {
    type Output = Money;
    fn neg(self) -> Money {
        Money(self.0.checked_neg().expect("money overflow"))
    }
}

impl AddAssign for Money {
    fn add_assign(&mut self, other: Money) {
        *self = *self + other;
    }
}

impl SubAssign for Money {
    fn sub_assign(&mut self, other: Money) {
        *self = *self - other;
    }
}

impl Sum for Money {
    fn sum<I: Iterator<Item = Money>>(iter: I) -> Money {
        iter.fold(Money::ZERO, Add::add)
    }
}

/// A rate in basis points (1/10 000).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Rate(pub i64);

/// How a cash total is rounded (抹零). The difference is booked as a line of its own.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CashRounding {
    /// To the fen.
    #[default]
    None,
    /// Drop the fen: 1.29 → 1.20 (抹分).
    DropFen,
    /// Drop the jiao: 1.29 → 1.00 (抹角).
    DropJiao,
    /// Half up to 0.1 yuan.
    RoundJiao,
    /// Half up to 1 yuan.
    RoundYuan,
}

impl CashRounding {
    /// Every rule.
    pub const ALL: [CashRounding; 5] = [
        CashRounding::None,
        CashRounding::DropFen,
        CashRounding::DropJiao,
        CashRounding::RoundJiao,
        CashRounding::RoundYuan,
    ];

    /// What to add to `total` (never negative) so that it can be paid in cash.
    pub fn adjustment(self, total: Money) -> Money {
        let fen = total.0;
        let rounded = match self {
            CashRounding::None => fen,
            CashRounding::DropFen => fen - fen.rem_euclid(10),
            CashRounding::DropJiao => fen - fen.rem_euclid(100),
            CashRounding::RoundJiao => round_div(i128::from(fen), 10) * 10,
            CashRounding::RoundYuan => round_div(i128::from(fen), 100) * 100,
        };
        Money(rounded - fen)
    }

    /// The name in storage and on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            CashRounding::None => "none",
            CashRounding::DropFen => "drop_fen",
            CashRounding::DropJiao => "drop_jiao",
            CashRounding::RoundJiao => "round_jiao",
            CashRounding::RoundYuan => "round_yuan",
        }
    }

    /// The rule with this name.
    pub fn parse(name: &str) -> Option<CashRounding> {
        CashRounding::ALL
            .into_iter()
            .find(|rule| rule.as_str() == name)
    }
}

/// `numerator / denominator` rounded half away from zero.
pub fn round_div(numerator: i128, denominator: i128) -> i64 {
    assert!(denominator != 0, "division of money by zero");
    let (n, d) = if denominator < 0 {
        (-numerator, -denominator)
    } else {
        (numerator, denominator)
    };
    let half = d / 2;
    let rounded = if n >= 0 {
        (n + half) / d
    } else {
        (n - half) / d
    };
    i64::try_from(rounded).expect("money overflow")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn rounds_half_away_from_zero() {
        for (n, d, want) in [
            (5, 10, 1),
            (4, 10, 0),
            (-5, 10, -1),
            (-4, 10, 0),
            (15, 10, 2),
            (1, 3, 0),
            (2, 3, 1),
        ] {
            assert_eq!(round_div(n, d), want, "{n}/{d}");
        }
    }

    #[test]
    fn a_weighed_line_costs_price_times_kilograms() {
        let price = Money::from_fen(1990);
        assert_eq!(
            price.times(Quantity::from_milli(755)),
            Money::from_fen(1502)
        );
    }

    #[test]
    fn cash_rounding_follows_the_rule_of_the_store() {
        let rows = [
            (CashRounding::None, 1289, 0),
            (CashRounding::DropFen, 1289, -9),
            (CashRounding::DropJiao, 1289, -89),
            (CashRounding::RoundJiao, 1285, 5),
            (CashRounding::RoundJiao, 1284, -4),
            (CashRounding::RoundYuan, 1250, 50),
        ];
        for (rule, total, want) in rows {
            assert_eq!(
                rule.adjustment(Money::from_fen(total)),
                Money::from_fen(want),
                "{rule:?}"
            );
            assert_eq!(CashRounding::parse(rule.as_str()), Some(rule));
        }
    }

    proptest! {
        #[test]
        fn dropping_never_asks_for_more(total in 0i64..10_000_000) {
            for rule in [CashRounding::DropFen, CashRounding::DropJiao] {
                let change = rule.adjustment(Money::from_fen(total)).fen();
                prop_assert!((-99..=0).contains(&change));
            }
        }
    }
}
