//! Quantities in thousandths of a product's unit: 1 piece = 1000, 755 g of a kilogram = 755.

use serde::{Deserialize, Serialize};
use std::iter::Sum;
use std::ops::{Add, AddAssign, Neg, Sub, SubAssign};

/// A quantity in thousandths of the unit; may be negative in the ledger.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Quantity(i64);

impl Quantity {
    /// Nothing.
    pub const ZERO: Quantity = Quantity(0);
    /// One whole unit.
    pub const ONE: Quantity = Quantity(1000);

    /// A quantity of `milli` thousandths.
    pub const fn from_milli(milli: i64) -> Quantity {
        Quantity(milli)
    }

    /// The quantity in thousandths.
    pub const fn milli(self) -> i64 {
        self.0
    }

    /// Whether it is a whole number of units.
    pub fn is_whole(self) -> bool {
        self.0 % 1000 == 0
    }

    /// This many packs of `pack` each. `self` counts packs.
    pub fn packs_of(self, pack: Quantity) -> Quantity {
        Quantity(crate::money::round_div(
            i128::from(self.0) * i128::from(pack.0),
            1000,
        ))
    }
}

impl Add for Quantity {
    type Output = Quantity;
    fn add(self, other: Quantity) -> Quantity {
        Quantity(self.0.checked_add(other.0).expect("quantity overflow"))
    }
}

impl Sub for Quantity {
    type Output = Quantity;
    fn sub(self, other: Quantity) -> Quantity {
        Quantity(self.0.checked_sub(other.0).expect("quantity overflow"))
    }
}

impl Neg for Quantity {
    type Output = Quantity;
    fn neg(self) -> Quantity {
        Quantity(self.0.checked_neg().expect("quantity overflow"))
    }
}

impl AddAssign for Quantity {
    fn add_assign(&mut self, other: Quantity) {
        *self = *self + other;
    }
}

impl SubAssign for Quantity {
    fn sub_assign(&mut self, other: Quantity) {
        *self = *self - other;
    }
}

impl Sum for Quantity {
    fn sum<I: Iterator<Item = Quantity>>(iter: I) -> Quantity {
        iter.fold(Quantity::ZERO, Add::add)
    }
}
