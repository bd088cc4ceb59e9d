//! The one price calculation in the product: from what was scanned to what it costs.

use std::sync::Arc;

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

/// The price of one line.
pub fn price(line: &BasketLine) -> PricedLine {
    let list = line.product.price;
    let (unit_price, amount) = match line.price {
        PriceSource::List => (list, list.times(line.qty)),
        PriceSource::Pack { packs, price } => {
            let amount = price.times(packs);
            (amount.share(1000, line.qty.milli()), amount)
        }
        PriceSource::Label(amount) => (list, amount),
    };
    PricedLine {
        unit_price,
        discount: Money::ZERO,
        amount,
        tax: amount.tax_within(line.product.tax_rate),
    }
}
