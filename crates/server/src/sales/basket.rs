//! From what a till sends to a basket the rules can decide on. Bad input ends here.

use std::collections::HashMap;

use aisle_domain::checkout::{Basket, CashTender, LINE_QTY_MAX, LINES_MAX, derived_payment_id};
use aisle_domain::ids::{OrderId, PaymentId, ProductId};
use aisle_domain::money::Money;
use aisle_domain::order::Channel;
use aisle_domain::pricing::{BasketLine, PriceOverride};
use aisle_domain::quantity::Quantity;
use aisle_domain::time::Instant;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::catalog::{Scan, Snapshot, Store, read_barcode};
use crate::digest::sha256_hex;
use crate::{Error, Result, codes};

/// A till's clock may be ahead by this much.
const AHEAD_MS: i64 = 5 * 60_000;
/// A till may have been offline for this long.
const OFFLINE_MS: i64 = 31 * 86_400_000;
/// A sale that comes within this time happened when it came: tills' clocks are no better, and most entries
/// of the ledger need no second time.
const SENT_AT_ONCE_MS: i64 = 5000;
const TENDER_MAX_FEN: i64 = 100_000_000_000;
const HASH_DIGITS: usize = 32;

/// An order to place.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PlaceOrder {
    /// UUIDv7 made by the till before it sends; the same order may be sent for ever.
    pub(super) id: Uuid,
    /// `pos`, `kiosk` or `online`.
    pub(super) channel: String,
    #[schema(min_items = 1, max_items = 500)]
    pub(super) lines: Vec<PlaceLine>,
    /// Member number or phone.
    #[serde(default)]
    pub(super) member: Option<String>,
    /// Empty leaves the order to be paid later; its goods are reserved.
    #[serde(default)]
    #[schema(max_items = 1)]
    pub(super) payments: Vec<PlacePayment>,
    /// When the sale happened, RFC 3339; now when absent.
    #[serde(default)]
    pub(super) sold_at: Option<String>,
    /// What the till told the customer; another total is refused.
    #[serde(default)]
    pub(super) expect_total_fen: Option<i64>,
}

/// One line, by barcode or by product.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PlaceLine {
    #[serde(default)]
    pub(super) barcode: Option<String>,
    #[serde(default)]
    pub(super) product_id: Option<i64>,
    /// How many (of the scanned pack), thousandths; 1000 when absent.
    #[serde(default)]
    pub(super) qty_milli: Option<i64>,
    /// A price that was given to these goods at this till.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) price_override: Option<Uuid>,
}

/// Prices that were given, by their names.
pub(super) type Overrides = HashMap<Uuid, (ProductId, PriceOverride)>;

/// One payment.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PlacePayment {
    /// UUIDv7 made by the till; derived from the order when absent.
    #[serde(default)]
    pub(super) id: Option<Uuid>,
    /// `cash`.
    pub(super) method: String,
    /// What the customer gave.
    pub(super) tendered_fen: i64,
}

/// A parsed order with what is recorded beside the basket.
#[derive(Debug)]
pub(super) struct Parsed {
    pub(super) basket: Basket,
    pub(super) member: Option<String>,
    pub(super) sold_at: Instant,
}

impl PlaceOrder {
    /// Names this exact request: SHA-256 over it, first 16 bytes. A till may send an order again years
    /// later, so a field that is added must be left out of the text where it is absent.
    pub(super) fn hash(&self) -> String {
        let mut hash = sha256_hex(serde_json::to_vec(self).unwrap_or_default());
        hash.truncate(HASH_DIGITS);
        hash
    }

    /// The given prices it names.
    pub(super) fn override_ids(&self) -> Vec<Uuid> {
        self.lines
            .iter()
            .filter_map(|line| line.price_override)
            .collect()
    }

    /// Looks everything up and checks every number.
    pub(super) fn parse(
        self,
        snapshot: &Snapshot,
        store: &Store,
        mut overrides: Overrides,
        now: Instant,
    ) -> Result<Parsed> {
        let channel = Channel::parse(&self.channel)
            .ok_or_else(|| Error::invalid("channel", "pos, kiosk or online"))?;
        if self.lines.is_empty() || self.lines.len() > LINES_MAX {
            return Err(Error::invalid("lines", "1 to 500 lines"));
        }
        let order_id = OrderId(self.id);
        let year = store.business_day(now).year();
        let lines = self
            .lines
            .iter()
            .map(|line| {
                let mut parsed = line.parse(snapshot, store, year)?;
                parsed.price_override = line.take_override(&mut overrides, parsed.product.id)?;
                Ok(parsed)
            })
            .collect::<Result<Vec<_>>>()?;
        let sold_at = parse_sold_at(self.sold_at.as_deref(), now)?;
        Ok(Parsed {
            basket: Basket {
                order_id,
                channel,
                lines,
                cash: parse_payments(order_id, &self.payments)?,
                expected_total: self.expect_total_fen.map(Money::from_fen),
                happened_at: (sold_at < now.plus_ms(-SENT_AT_ONCE_MS)).then_some(sold_at),
            },
            member: self
                .member
                .map(|member| crate::http::text("member", &member, 1, 40))
                .transpose()?,
            sold_at,
        })
    }
}

impl PlaceLine {
    /// The goods it names, at their own price.
    pub(super) fn parse(
        &self,
        snapshot: &Snapshot,
        store: &Store,
        year: u16,
    ) -> Result<BasketLine> {
        let times = Quantity::from_milli(self.qty_milli.unwrap_or(1000));
        if times <= Quantity::ZERO || times > LINE_QTY_MAX {
            return Err(Error::with(
                &codes::BAD_QUANTITY,
                vec![
                    json!({ "name": "qty_milli", "code": "out_of_range", "barcode": self.barcode,
                    "product_id": self.product_id, "qty_milli": times.milli() }),
                ],
            ));
        }
        let scan = match (&self.barcode, self.product_id) {
            (Some(barcode), None) => read_barcode(snapshot, store, barcode, year)?,
            (None, Some(id)) => {
                let product = snapshot.product(ProductId(id)).ok_or_else(|| {
                    Error::with(&codes::UNKNOWN_PRODUCT, vec![json!({ "product_id": id })])
                })?;
                Scan::of_product(product.clone())
            }
            _ => {
                return Err(Error::invalid(
                    "lines",
                    "each names a barcode or a product_id",
                ));
            }
        };
        scan.into_line(times)
    }

    /// The given price, which counts for one line and the goods it was given to.
    fn take_override(
        &self,
        overrides: &mut Overrides,
        product: ProductId,
    ) -> Result<Option<PriceOverride>> {
        let Some(id) = self.price_override else {
            return Ok(None);
        };
        match overrides.remove(&id) {
            Some((of, given)) if of == product => Ok(Some(given)),
            _ => Err(Error::with(
                &codes::OVERRIDE_UNKNOWN,
                vec![json!({ "name": "price_override", "product_id": product })],
            )),
        }
    }
}

fn parse_payments(order: OrderId, payments: &[PlacePayment]) -> Result<Option<CashTender>> {
    let Some((payment, more)) = payments.split_first() else {
        return Ok(None);
    };
    if !more.is_empty() {
        return Err(Error::invalid("payments", "at most one payment"));
    }
    if payment.method != "cash" {
        return Err(Error::invalid("method", "cash"));
    }
    check_tendered(payment.tendered_fen)?;
    Ok(Some(CashTender {
        id: payment
            .id
            .map_or_else(|| derived_payment_id(order, 0), PaymentId),
        tendered: Money::from_fen(payment.tendered_fen),
    }))
}

/// An amount that can lie on a counter.
pub(super) fn check_tendered(fen: i64) -> Result<()> {
    if (0..=TENDER_MAX_FEN).contains(&fen) {
        return Ok(());
    }
    Err(Error::invalid("tendered_fen", "0 or more, and possible"))
}

fn parse_sold_at(text: Option<&str>, now: Instant) -> Result<Instant> {
    let Some(text) = text else { return Ok(now) };
    let at = Instant::parse_rfc3339(text)
        .ok_or_else(|| Error::invalid("sold_at", "not an RFC 3339 time"))?;
    if at > now.plus_ms(AHEAD_MS) || at < now.plus_ms(-OFFLINE_MS) {
        return Err(Error::invalid("sold_at", "within the last 31 days"));
    }
    Ok(at.min(now))
}
