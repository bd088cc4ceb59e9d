//! One change of many goods at once: what becomes of each, before anything is stored.
//!
//! Promises: the same change of the same product always has the same outcome, so a preview shows
//! what applying does. A percentage is rounded to the fen.
//! Refuses: prices below zero or beyond [`PRICE_MOST_FEN`]; it only warns of the others.

use crate::catalog::{Product, ProductState};
use crate::money::{Money, Rate};
use crate::quantity::Quantity;

/// Ten million yuan: dearer than anything a supermarket sells.
pub const PRICE_MOST_FEN: i64 = 1_000_000_000;

/// What changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BulkChange {
    /// All get this retail price.
    PriceSet(Money),
    /// So much dearer; cheaper when negative.
    PriceAdd(Money),
    /// Dearer by this part of the price; cheaper when negative.
    PricePercent(Rate),
    /// The member price becomes this part of the retail price.
    MemberPricePercent(Rate),
    /// All get this state.
    State(ProductState),
    /// All are filed here, or nowhere.
    Category(Option<i64>),
    /// All are low below this.
    SafetyStock(Quantity),
}

/// A field before or after the change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BulkValue {
    /// A price, when there is one.
    Price(Option<Money>),
    /// A state.
    State(ProductState),
    /// A category, when filed.
    Category(Option<i64>),
    /// A quantity.
    Quantity(Quantity),
}

/// What a person should see before applying.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BulkProblem {
    /// The price would fall below zero. Cannot be applied.
    Negative,
    /// The price would be dearer than anything. Cannot be applied.
    TooHigh,
    /// Sold below its cost.
    BelowCost,
    /// Below the lowest price a cashier may give.
    BelowFloor,
}

/// What becomes of one product.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BulkOutcome {
    /// The field as it is.
    pub before: BulkValue,
    /// The field as it becomes.
    pub after: BulkValue,
    /// The worst that is wrong with it.
    pub problem: Option<BulkProblem>,
}

impl BulkChange {
    /// What becomes of this product.
    pub fn outcome(self, product: &Product) -> BulkOutcome {
        let (before, after) = match self {
            BulkChange::PriceSet(price) => prices(Some(product.price), price),
            BulkChange::PriceAdd(added) => prices(Some(product.price), product.price + added),
            BulkChange::PricePercent(rate) => {
                let added = product.price.share(rate.0, 10_000);
                prices(Some(product.price), product.price + added)
            }
            BulkChange::MemberPricePercent(rate) => {
                prices(product.member_price, product.price.share(rate.0, 10_000))
            }
            BulkChange::State(state) => (BulkValue::State(product.state), BulkValue::State(state)),
            BulkChange::Category(id) => (
                BulkValue::Category(product.category_id),
                BulkValue::Category(id),
            ),
            BulkChange::SafetyStock(qty) => (
                BulkValue::Quantity(product.safety_stock),
                BulkValue::Quantity(qty),
            ),
        };
        let problem = match after {
            BulkValue::Price(Some(price)) => problem(product, price),
            BulkValue::Price(None)
            | BulkValue::State(_)
            | BulkValue::Category(_)
            | BulkValue::Quantity(_) => None,
        };
        BulkOutcome {
            before,
            after,
            problem,
        }
    }
}

impl BulkProblem {
    /// The name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            BulkProblem::Negative => "negative",
            BulkProblem::TooHigh => "too_high",
            BulkProblem::BelowCost => "below_cost",
            BulkProblem::BelowFloor => "below_floor",
        }
    }

    /// Whether nothing may be applied while one product has it.
    pub fn refuses(self) -> bool {
        match self {
            BulkProblem::Negative | BulkProblem::TooHigh => true,
            BulkProblem::BelowCost | BulkProblem::BelowFloor => false,
        }
    }
}

fn prices(before: Option<Money>, after: Money) -> (BulkValue, BulkValue) {
    (BulkValue::Price(before), BulkValue::Price(Some(after)))
}

fn problem(product: &Product, price: Money) -> Option<BulkProblem> {
    if price < Money::ZERO {
        Some(BulkProblem::Negative)
    } else if price.fen() > PRICE_MOST_FEN {
        Some(BulkProblem::TooHigh)
    } else if price < product.cost {
        Some(BulkProblem::BelowCost)
    } else if product.floor_price.is_some_and(|floor| price < floor) {
        Some(BulkProblem::BelowFloor)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::ProductId;
    use proptest::prelude::*;

    fn product(price: i64, cost: i64, floor: Option<i64>) -> Product {
        Product {
            id: ProductId(1),
            code: "1".into(),
            name: "水".into(),
            short_name: "".into(),
            spec: "".into(),
            unit: "瓶".into(),
            unit_id: 1,
            weighed: false,
            category_id: Some(3),
            brand_id: None,
            price: Money::from_fen(price),
            member_price: None,
            floor_price: floor.map(Money::from_fen),
            cost: Money::from_fen(cost),
            tax_rate: Rate(0),
            safety_stock: Quantity::ONE,
            shelf_life_days: 0,
            supplier: "".into(),
            state: ProductState::Active,
            mnemonic: "".into(),
            picture: None,
            barcodes: Box::new([]),
            tags: Box::new([]),
            version: 1,
            updated_at: 0,
        }
    }

    #[test]
    fn prices_change_and_say_what_is_wrong() {
        use BulkChange as C;
        use BulkProblem as P;
        let fen = Money::from_fen;
        let water = product(199, 120, Some(150));
        for (change, after, problem) in [
            (C::PriceSet(fen(0)), 0, Some(P::BelowCost)),
            (C::PriceSet(fen(-1)), -1, Some(P::Negative)),
            (C::PriceSet(fen(120)), 120, Some(P::BelowFloor)),
            (C::PriceSet(fen(150)), 150, None),
            (C::PriceAdd(fen(-200)), -1, Some(P::Negative)),
            (C::PriceAdd(fen(1)), 200, None),
            (
                C::PriceAdd(fen(PRICE_MOST_FEN)),
                PRICE_MOST_FEN + 199,
                Some(P::TooHigh),
            ),
            (C::PricePercent(Rate(500)), 209, None),
            (C::PricePercent(Rate(-1000)), 179, None),
            (C::PricePercent(Rate(-10_000)), 0, Some(P::BelowCost)),
            (C::PricePercent(Rate(-10_100)), -2, Some(P::Negative)),
            (C::MemberPricePercent(Rate(9500)), 189, None),
            (C::MemberPricePercent(Rate(7000)), 139, Some(P::BelowFloor)),
        ] {
            let outcome = change.outcome(&water);
            assert_eq!(
                outcome.after,
                BulkValue::Price(Some(fen(after))),
                "{change:?}"
            );
            assert_eq!(outcome.problem, problem, "{change:?}");
        }
    }

    #[test]
    fn a_member_price_may_be_the_first() {
        let outcome = BulkChange::MemberPricePercent(Rate(9000)).outcome(&product(100, 0, None));
        assert_eq!(outcome.before, BulkValue::Price(None));
        assert_eq!(outcome.after, BulkValue::Price(Some(Money::from_fen(90))));
    }

    #[test]
    fn what_is_no_price_has_no_problem() {
        let outcome = BulkChange::Category(None).outcome(&product(100, 500, None));
        assert_eq!(outcome.before, BulkValue::Category(Some(3)));
        assert_eq!(outcome.after, BulkValue::Category(None));
        assert_eq!(outcome.problem, None);
    }

    proptest! {
        #[test]
        fn a_price_that_may_be_applied_can_be_stored(
            price in 0..=PRICE_MOST_FEN,
            rate in -100_000i64..=100_000,
        ) {
            let outcome = BulkChange::PricePercent(Rate(rate)).outcome(&product(price, 0, None));
            let BulkValue::Price(Some(after)) = outcome.after else {
                panic!("a price stays a price");
            };
            let applies = !outcome.problem.is_some_and(BulkProblem::refuses);
            prop_assert_eq!(applies, (0..=PRICE_MOST_FEN).contains(&after.fen()));
        }
    }
}
