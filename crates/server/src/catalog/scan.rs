//! From what a scanner read to a product, a quantity and where the price comes from.
//!
//! Order: an exact barcode of ours, then the store's scale labels, then GS1 element strings.

use std::sync::Arc;

use aisle_domain::barcode::{Barcode, BarcodeError, scanned_text};
use aisle_domain::catalog::{PackBarcode, Product};
use aisle_domain::gs1::Gs1;
use aisle_domain::money::{Money, round_div};
use aisle_domain::pricing::{BasketLine, PriceSource};
use aisle_domain::quantity::Quantity;
use aisle_domain::scale_label::{self, ScaleLabel};
use aisle_domain::time::BusinessDay;
use serde_json::json;

use crate::{Error, Result, codes};

use super::catalogue::Store;
use super::snapshot::Snapshot;

/// What kind of code was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScanKind {
    /// One piece.
    Unit,
    /// A carton.
    Carton,
    /// A scale label with a weight.
    Weighed,
    /// A scale label with an amount.
    Priced,
    /// A GS1 code that carries lot, expiry or weight.
    Gs1,
}

impl ScanKind {
    /// The name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            ScanKind::Unit => "unit",
            ScanKind::Carton => "carton",
            ScanKind::Weighed => "weighed",
            ScanKind::Priced => "priced",
            ScanKind::Gs1 => "gs1",
        }
    }
}

/// A read code.
#[derive(Debug, Clone)]
pub struct Scan {
    /// The article.
    pub product: Arc<Product>,
    /// The code as it is recorded.
    pub barcode: Box<str>,
    /// What it was.
    pub kind: ScanKind,
    /// What one scan means, in the product's unit.
    pub qty: Quantity,
    /// The price of one scan, when it is not the product's own price per unit.
    pub amount: Option<Money>,
    /// Lot printed in the code.
    pub lot: Option<String>,
    /// Expiry printed in the code.
    pub expires: Option<BusinessDay>,
}

/// Reads a code in this store.
pub fn read(snapshot: &Snapshot, store: &Store, raw: &str, year: u16) -> Result<Scan> {
    let text = scanned_text(raw);
    let parsed = Barcode::parse(raw);
    let exact = match &parsed {
        Ok(barcode) => snapshot.by_barcode(barcode.as_str()),
        Err(_) => snapshot.by_barcode(&text),
    };
    if let Some(product) = exact {
        let code = parsed.as_ref().map_or(text.as_str(), Barcode::as_str);
        return Ok(of_pack(product, code));
    }
    if let Some(Ok(label)) = scale_label::read(&store.scale_rules, &text)
        && let Some(scan) = of_label(snapshot, &text, &label)
    {
        return Ok(scan);
    }
    if let Ok(gs1) = Gs1::parse(raw, year)
        && let Some(scan) = of_gs1(snapshot, &text, &gs1)
    {
        return Ok(scan);
    }
    Err(match parsed {
        Err(BarcodeError::CheckDigit { given, expected }) => Error::with(
            &codes::BAD_CHECK_DIGIT,
            vec![json!({ "name": "barcode", "value": text, "given": given, "expected": expected })],
        ),
        _ => Error::with(
            &codes::UNKNOWN_BARCODE,
            vec![json!({ "name": "barcode", "value": text })],
        ),
    })
}

impl Scan {
    /// Price of one unit as shown.
    pub fn unit_price(&self) -> Money {
        match (self.kind, self.amount) {
            (ScanKind::Carton, Some(amount)) => amount.share(1000, self.qty.milli()),
            _ => self.product.price,
        }
    }

    /// The basket line for `times` scans of this code (in thousandths; 1000 = once).
    pub fn into_line(self, times: Quantity) -> Result<BasketLine> {
        let bad = |why: &str| {
            Error::with(
                &codes::BAD_QUANTITY,
                vec![
                    json!({ "name": "qty_milli", "code": why, "barcode": &*self.barcode,
                    "qty_milli": times.milli() }),
                ],
            )
        };
        let label = matches!(self.kind, ScanKind::Weighed | ScanKind::Priced);
        if label && times != Quantity::ONE {
            return Err(bad("label_is_one_piece"));
        }
        let qty = if self.kind == ScanKind::Unit {
            times
        } else {
            times.packs_of(self.qty)
        };
        if qty <= Quantity::ZERO || qty > aisle_domain::checkout::LINE_QTY_MAX {
            return Err(bad("out_of_range"));
        }
        if !self.product.weighed && !qty.is_whole() {
            return Err(bad("not_whole"));
        }
        let price = match (self.kind, self.amount) {
            (ScanKind::Carton, Some(price)) => PriceSource::Pack {
                packs: times,
                price,
            },
            (ScanKind::Priced, Some(amount)) => PriceSource::Label(amount),
            _ => PriceSource::List,
        };
        Ok(BasketLine {
            product: self.product,
            barcode: self.barcode,
            qty,
            price,
            expires: self.expires,
            price_override: None,
        })
    }

    /// A product chosen from a list.
    pub fn of_product(product: Arc<Product>) -> Scan {
        let barcode = product.main_barcode().unwrap_or_default().into();
        Scan {
            product,
            barcode,
            kind: ScanKind::Unit,
            qty: Quantity::ONE,
            amount: None,
            lot: None,
            expires: None,
        }
    }
}

fn of_pack(product: &Arc<Product>, code: &str) -> Scan {
    let is_piece = |pack: &&PackBarcode| pack.qty == Quantity::ONE && pack.price.is_none();
    let pack = product.barcodes.iter().find(|pack| *pack.barcode == *code);
    let carton = pack.filter(|pack| !is_piece(pack));
    Scan {
        product: product.clone(),
        barcode: code.into(),
        kind: if carton.is_some() {
            ScanKind::Carton
        } else {
            ScanKind::Unit
        },
        qty: carton.map_or(Quantity::ONE, |pack| pack.qty),
        amount: carton.and_then(|pack| pack.price),
        lot: None,
        expires: None,
    }
}

fn of_label(snapshot: &Snapshot, text: &str, label: &ScaleLabel) -> Option<Scan> {
    let product = snapshot
        .by_code(&label.plu)
        .or_else(|| snapshot.by_code(label.short_plu()))?;
    let amount = label.amount_fen.map(Money::from_fen);
    let price = product.price.fen();
    let weight = match (label.weight_milli, amount) {
        (Some(milli), _) => milli,
        (None, Some(amount)) if price > 0 => {
            round_div(i128::from(amount.fen()) * 1000, price.into())
        }
        (None, _) => return None,
    };
    Some(Scan {
        product: product.clone(),
        barcode: text.into(),
        kind: if amount.is_some() {
            ScanKind::Priced
        } else {
            ScanKind::Weighed
        },
        qty: Quantity::from_milli(weight),
        amount,
        lot: None,
        expires: None,
    })
}

fn of_gs1(snapshot: &Snapshot, text: &str, gs1: &Gs1) -> Option<Scan> {
    let barcode = gs1.barcode()?;
    let product = snapshot.by_barcode(barcode.as_str())?;
    let packed = of_pack(product, barcode.as_str());
    let qty = gs1
        .weight_milli
        .filter(|_| product.weighed)
        .map_or(packed.qty, Quantity::from_milli);
    let kind = if packed.kind == ScanKind::Carton {
        ScanKind::Carton
    } else {
        ScanKind::Gs1
    };
    Some(Scan {
        barcode: text.into(),
        kind,
        qty,
        lot: gs1.lot.clone(),
        expires: gs1.expiry.map(|day| BusinessDay(i64::from(day.yyyymmdd()))),
        ..packed
    })
}
