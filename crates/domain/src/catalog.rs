//! Products as the till knows them.

use serde::{Deserialize, Serialize};

use crate::ids::ProductId;
use crate::money::{Money, Rate};
use crate::quantity::Quantity;

/// Where a product is in its life.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProductState {
    /// 新品: sold and bought, still new.
    New,
    /// 在售
    #[default]
    Active,
    /// 停购: sold until it is gone, not bought any more.
    NoPurchase,
    /// 停售: not sold.
    NoSale,
    /// 淘汰: neither.
    Retired,
}

impl ProductState {
    /// Every state.
    pub const ALL: [ProductState; 5] = [
        ProductState::New,
        ProductState::Active,
        ProductState::NoPurchase,
        ProductState::NoSale,
        ProductState::Retired,
    ];

    /// The name in storage and on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            ProductState::New => "new",
            ProductState::Active => "active",
            ProductState::NoPurchase => "no_purchase",
            ProductState::NoSale => "no_sale",
            ProductState::Retired => "retired",
        }
    }

    /// The state with this name.
    pub fn parse(name: &str) -> Option<ProductState> {
        ProductState::ALL
            .into_iter()
            .find(|state| state.as_str() == name)
    }

    /// Whether a till may sell it.
    pub fn is_sold(self) -> bool {
        match self {
            ProductState::New | ProductState::Active | ProductState::NoPurchase => true,
            ProductState::NoSale | ProductState::Retired => false,
        }
    }
}

/// A barcode of a product: of one piece, or of a carton with its own quantity and price.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackBarcode {
    /// Digits as scanned, UPC-A widened to EAN-13.
    pub barcode: Box<str>,
    /// How much of the product's unit one scan means; 1000 for the piece itself.
    pub qty: Quantity,
    /// The price of the whole pack; `None` = pieces at the piece price.
    pub price: Option<Money>,
    /// The one shown in lists.
    pub main: bool,
}

/// An article, with everything selling needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Product {
    /// Identity.
    pub id: ProductId,
    /// In-store code or PLU.
    pub code: Box<str>,
    /// Name on shelf and receipt.
    pub name: Box<str>,
    /// Short name for small screens; may be empty.
    pub short_name: Box<str>,
    /// Specification, `500ml`.
    pub spec: Box<str>,
    /// Unit name, `瓶`.
    pub unit: std::sync::Arc<str>,
    /// Unit's identity.
    pub unit_id: i64,
    /// Sold by weight, so fractions are allowed.
    pub weighed: bool,
    /// Category, when filed.
    pub category_id: Option<i64>,
    /// Brand, when known.
    pub brand_id: Option<i64>,
    /// Retail price per unit.
    pub price: Money,
    /// Price for members.
    pub member_price: Option<Money>,
    /// The lowest price a cashier may give.
    pub floor_price: Option<Money>,
    /// Reference purchase price per unit.
    pub cost: Money,
    /// Tax contained in the price.
    pub tax_rate: Rate,
    /// Below this the product is low on stock.
    pub safety_stock: Quantity,
    /// Days from production to expiry; 0 = does not expire.
    pub shelf_life_days: i64,
    /// Supplier's name as written, until suppliers are set up.
    pub supplier: Box<str>,
    /// Life-cycle state.
    pub state: ProductState,
    /// Pinyin initials.
    pub mnemonic: Box<str>,
    /// File name of the picture.
    pub picture: Option<Box<str>>,
    /// All barcodes, the main one first.
    pub barcodes: Box<[PackBarcode]>,
    /// Tags put on it.
    pub tags: Box<[i64]>,
    /// Grows with every change of any product; tills ask for what is newer.
    pub version: i64,
    /// Milliseconds of the last change.
    pub updated_at: i64,
}

impl Product {
    /// The barcode shown in lists.
    pub fn main_barcode(&self) -> Option<&str> {
        self.barcodes.first().map(|pack| &*pack.barcode)
    }
}
