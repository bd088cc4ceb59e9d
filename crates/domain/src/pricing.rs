//! The one price calculation in the product: from what was scanned to what it costs.

use std::sync::Arc;

use uuid::Uuid;

use crate::catalog::Product;
use crate::money::Money;
use crate::quantity::Quantity;
use crate::time::BusinessDay;

/// Something put into the basket.
#[derive(Debug, Clone)]
pub struct BasketLine {
    /// The article, with the price in force when it was scanned.
    pub product: Arc<Product>,
    /// What was scanned; empty when chosen from a list.
    pub barcode: Box<str>,
    /// Quantity in the product's unit.
    pub qty: Quantity,
    /// Where the price comes from.
    pub price: PriceSource,
    /// Expiry printed in the code, when the code carries one.
    pub expires: Option<BusinessDay>,
    /// The price somebody who may do so gave these goods.
    pub price_override: Option<PriceOverride>,
}

/// A price that counts instead of the goods' own, for one line of one sale (改价).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PriceOverride {
    /// Which; it counts once.
    pub id: Uuid,
    /// Price of one unit.
    pub unit_price: Money,
}

/// A price that cannot be given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OverrideRefusal {
    /// Dearer than the shelf says.
    #[error("above the shelf's price {0:?}")]
    AboveList(Money),
    /// Cheaper than the goods may be sold.
    #[error("below the floor price {0:?}")]
    BelowFloor(Money),
}

/// Whether these goods may be sold at `unit_price` when somebody gives them that price.
pub fn check_override(product: &Product, unit_price: Money) -> Result<(), OverrideRefusal> {
    if unit_price > product.price {
        return Err(OverrideRefusal::AboveList(product.price));
    }
    match product.floor_price {
        Some(floor) if unit_price < floor => Err(OverrideRefusal::BelowFloor(floor)),
        _ => Ok(()),
    }
}

/// Where the price of a line comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PriceSource {
    /// The product's own price per unit.
    List,
    /// So many packs at the pack's own price.
    Pack {
        /// How many packs, in thousandths.
        packs: Quantity,
        /// Price of one pack.
        price: Money,
    },
    /// The amount printed on a scale label.
    Label(Money),
}

/// A line with its price, frozen at the sale.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PricedLine {
    /// Price of one unit.
    pub unit_price: Money,
    /// Given away on this line.
    pub discount: Money,
    /// What the customer pays for it.
    pub amount: Money,
    /// Tax contained in the amount.
    pub tax: Money,
}

/// The price of one line. A price somebody gave shows as a discount on the goods' own, and never makes a
/// line dearer, even when the goods became cheaper meanwhile.
pub fn price(line: &BasketLine) -> PricedLine {
    let list = line.product.price;
    let (unit_price, full) = match line.price {
        PriceSource::List => (list, list.times(line.qty)),
        PriceSource::Pack { packs, price } => {
            let amount = price.times(packs);
            (amount.share(1000, line.qty.milli()), amount)
        }
        PriceSource::Label(amount) => (list, amount),
    };
    let amount = line
        .price_override
        .map_or(full, |given| full.min(given.unit_price.times(line.qty)));
    PricedLine {
        unit_price,
        discount: full - amount,
        amount,
        tax: amount.tax_within(line.product.tax_rate),
    }
}
