//! From rows to the picture in memory.

use std::collections::HashMap;
use std::sync::Arc;

use aisle_db::{DbError, FromQueryResult, Read, Source, Sql, Tx};
use aisle_domain::catalog::{PackBarcode, Product, ProductState};
use aisle_domain::checkout::StorePolicy;
use aisle_domain::ids::{LocationId, ProductId, StoreId};
use aisle_domain::money::{CashRounding, Money, Rate};
use aisle_domain::quantity::Quantity;
use aisle_domain::returns::ReturnWindow;
use aisle_domain::scale_label::{LabelCheck, ScaleRule};
use aisle_domain::time::parse_zone;

use crate::Result;

use super::catalogue::Store;
use super::snapshot::{Gathered, Snapshot};

/// The counter that numbers changes of goods.
pub(super) const VERSION: &str = "catalogue";

/// The number of the newest change.
pub(super) async fn version(reader: &impl Source) -> Result<i64> {
    Ok(Sql::new("SELECT value FROM counters WHERE name = ")
        .arg(VERSION)
        .number(reader)
        .await?)
}

/// The same, inside a transaction; until it ends nobody else changes goods or what describes them.
pub(super) async fn lock(tx: &Tx) -> Result<i64> {
    Ok(Sql::new("SELECT value FROM counters WHERE name = ")
        .arg(VERSION)
        .for_update(tx)
        .number(tx)
        .await?)
}

/// Goods loaded at once: rows weigh several times what a product in memory does.
const PAGE: i64 = 5000;

/// Which goods.
#[derive(Debug, Clone, Copy)]
enum Part {
    /// Changed after a version.
    Since(i64),
    /// From the first identity up to before the second.
    Between(i64, i64),
}

impl Part {
    /// The condition behind ` WHERE `, on products `p`.
    fn narrow(self, sql: Sql) -> Sql {
        match self {
            Part::Since(version) => sql.push("p.version > ").arg(version),
            Part::Between(from, to) => sql.push("p.id >= ").arg(from).push(" AND p.id < ").arg(to),
        }
    }
}

/// All goods, as a picture.
pub(super) async fn all(reader: &Read) -> Result<Snapshot> {
    let version = version(reader).await?;
    let mut goods = Gathered::default();
    let mut units = Units::new();
    let mut from = next_id(reader, i64::MIN).await?;
    while let Some(first) = from {
        let to = first.saturating_add(PAGE);
        for product in part(reader, Part::Between(first, to), &mut units).await? {
            goods.push(product);
        }
        from = next_id(reader, to).await?;
    }
    Ok(goods.into_snapshot(version))
}

/// Goods changed after a version.
pub(super) async fn since(reader: &impl Source, version: i64) -> Result<Vec<Product>> {
    part(reader, Part::Since(version), &mut Units::new()).await
}

/// The smallest identity from here on.
async fn next_id(reader: &Read, from: i64) -> Result<Option<i64>> {
    let found = Sql::new("SELECT MIN(id) FROM products WHERE id >= ")
        .arg(from)
        .opt_number(reader)
        .await?;
    Ok(found)
}

type Units = HashMap<String, Arc<str>>;

async fn part(reader: &impl Source, part: Part, units: &mut Units) -> Result<Vec<Product>> {
    let mut barcodes = packs(reader, part).await?;
    let mut tags = tags(reader, part).await?;
    let rows: Vec<ProductRow> = part
        .narrow(Sql::new(
            "SELECT p.id, p.code, p.name, p.short_name, p.spec, p.brand_id, p.category_id, p.unit_id, \
             u.name AS unit, u.weighed, p.price_fen, p.member_price_fen, p.floor_price_fen, p.cost_fen, \
             p.tax_rate_bp, p.safety_stock_milli, p.shelf_life_days, p.supplier, p.state, p.mnemonic, \
             p.picture, p.version, p.updated_at FROM products p JOIN units u ON u.id = p.unit_id WHERE ",
        ))
        .push(" ORDER BY p.id")
        .all(reader)
        .await?;
    rows.into_iter()
        .map(|row| {
            let unit = units
                .entry(row.unit.clone())
                .or_insert_with(|| Arc::from(row.unit.as_str()))
                .clone();
            let packs = barcodes.remove(&row.id).unwrap_or_default();
            let tags = tags.remove(&row.id).unwrap_or_default();
            row.into_product(unit, packs, tags)
        })
        .collect()
}

#[derive(FromQueryResult)]
struct ProductRow {
    id: i64,
    code: String,
    name: String,
    short_name: String,
    spec: String,
    brand_id: Option<i64>,
    category_id: Option<i64>,
    unit_id: i64,
    unit: String,
    weighed: bool,
    price_fen: i64,
    member_price_fen: Option<i64>,
    floor_price_fen: Option<i64>,
    cost_fen: i64,
    tax_rate_bp: i64,
    safety_stock_milli: i64,
    shelf_life_days: i64,
    supplier: String,
    state: String,
    mnemonic: String,
    picture: Option<String>,
    version: i64,
    updated_at: i64,
}

impl ProductRow {
    fn into_product(
        self,
        unit: Arc<str>,
        packs: Vec<PackBarcode>,
        tags: Vec<i64>,
    ) -> Result<Product> {
        let state = ProductState::parse(&self.state).ok_or_else(|| DbError::BadRow {
            table: "products",
            id: self.id.to_string(),
            column: "state",
        })?;
        Ok(Product {
            id: ProductId(self.id),
            code: self.code.into(),
            name: self.name.into(),
            short_name: self.short_name.into(),
            spec: self.spec.into(),
            unit,
            unit_id: self.unit_id,
            weighed: self.weighed,
            category_id: self.category_id,
            brand_id: self.brand_id,
            price: Money::from_fen(self.price_fen),
            member_price: self.member_price_fen.map(Money::from_fen),
            floor_price: self.floor_price_fen.map(Money::from_fen),
            cost: Money::from_fen(self.cost_fen),
            tax_rate: Rate(self.tax_rate_bp),
            safety_stock: Quantity::from_milli(self.safety_stock_milli),
            shelf_life_days: self.shelf_life_days,
            supplier: self.supplier.into(),
            state,
            mnemonic: self.mnemonic.into(),
            picture: self.picture.map(Into::into),
            barcodes: packs.into(),
            tags: tags.into(),
            version: self.version,
            updated_at: self.updated_at,
        })
    }
}

async fn packs(reader: &impl Source, part: Part) -> Result<HashMap<i64, Vec<PackBarcode>>> {
    #[derive(FromQueryResult)]
    struct Row {
        barcode: String,
        product_id: i64,
        position: i64,
        qty_milli: i64,
        price_fen: Option<i64>,
    }
    let rows: Vec<Row> = part
        .narrow(Sql::new(
            "SELECT b.barcode, b.product_id, b.position, b.qty_milli, b.price_fen \
             FROM product_barcodes b JOIN products p ON p.id = b.product_id WHERE ",
        ))
        .push(" ORDER BY b.product_id, b.position")
        .all(reader)
        .await?;
    let mut packs: HashMap<i64, Vec<PackBarcode>> = HashMap::new();
    for row in rows {
        packs.entry(row.product_id).or_default().push(PackBarcode {
            barcode: row.barcode.into(),
            qty: Quantity::from_milli(row.qty_milli),
            price: row.price_fen.map(Money::from_fen),
            main: row.position == 0,
        });
    }
    Ok(packs)
}

async fn tags(reader: &impl Source, part: Part) -> Result<HashMap<i64, Vec<i64>>> {
    #[derive(FromQueryResult)]
    struct Row {
        product_id: i64,
        tag_id: i64,
    }
    let rows: Vec<Row> = part
        .narrow(Sql::new(
            "SELECT t.product_id, t.tag_id FROM product_tags t \
             JOIN products p ON p.id = t.product_id WHERE ",
        ))
        .push(" ORDER BY t.product_id, t.tag_id")
        .all(reader)
        .await?;
    let mut tags: HashMap<i64, Vec<i64>> = HashMap::new();
    for row in rows {
        tags.entry(row.product_id).or_default().push(row.tag_id);
    }
    Ok(tags)
}

#[derive(FromQueryResult)]
struct StoreRow {
    id: i64,
    code: String,
    name: String,
    phone: String,
    address: String,
    time_zone: String,
    day_cutoff_hour: i64,
    rounding: String,
    pos_negative_stock: bool,
    reservation_minutes: i64,
    return_window_days: i64,
    receipt_footer: String,
}

/// All stores with their places and scale rules.
pub(super) async fn stores(reader: &Read) -> Result<HashMap<StoreId, Arc<Store>>> {
    let rows: Vec<StoreRow> = Sql::new(
        "SELECT id, code, name, phone, address, time_zone, day_cutoff_hour, rounding, \
         pos_negative_stock, reservation_minutes, return_window_days, receipt_footer FROM stores",
    )
    .all(reader)
    .await?;
    let mut stores = HashMap::new();
    for row in rows {
        let locations = locations(reader, row.id).await?;
        let rules = scale_rules(reader, row.id).await?;
        let store = row.into_store(locations, rules)?;
        stores.insert(store.id, Arc::new(store));
    }
    Ok(stores)
}

impl StoreRow {
    fn into_store(
        self,
        locations: Vec<(i64, String, String)>,
        scale_rules: Vec<ScaleRule>,
    ) -> Result<Store> {
        let bad = |column| DbError::BadRow {
            table: "stores",
            id: self.id.to_string(),
            column,
        };
        let floor = locations
            .iter()
            .find(|(_, kind, _)| kind == "floor")
            .map(|(id, _, _)| LocationId(*id))
            .ok_or_else(|| bad("floor"))?;
        Ok(Store {
            zone: parse_zone(&self.time_zone).ok_or_else(|| bad("time_zone"))?,
            cutoff_hour: u32::try_from(self.day_cutoff_hour).map_err(|_| bad("day_cutoff_hour"))?,
            policy: StorePolicy {
                rounding: CashRounding::parse(&self.rounding).ok_or_else(|| bad("rounding"))?,
                pos_negative_stock: self.pos_negative_stock,
            },
            id: StoreId(self.id),
            code: self.code,
            name: self.name,
            phone: self.phone,
            address: self.address,
            reservation_minutes: self.reservation_minutes,
            return_window: ReturnWindow::of_days(self.return_window_days),
            receipt_footer: self.receipt_footer,
            floor,
            locations,
            scale_rules,
        })
    }
}

async fn locations(reader: &Read, store: i64) -> Result<Vec<(i64, String, String)>> {
    #[derive(FromQueryResult)]
    struct Row {
        id: i64,
        kind: String,
        name: String,
    }
    let rows: Vec<Row> = Sql::new("SELECT id, kind, name FROM locations WHERE store_id = ")
        .arg(store)
        .push(" ORDER BY id")
        .all(reader)
        .await?;
    Ok(rows
        .into_iter()
        .map(|row| (row.id, row.kind, row.name))
        .collect())
}

async fn scale_rules(reader: &Read, store: i64) -> Result<Vec<ScaleRule>> {
    #[derive(FromQueryResult)]
    struct Row {
        prefix: String,
        pattern: String,
        weight_decimals: i64,
        price_decimals: i64,
        check_digit: String,
        priority: i64,
    }
    let rows: Vec<Row> = Sql::new(
        "SELECT prefix, pattern, weight_decimals, price_decimals, check_digit, priority \
         FROM scale_rules WHERE store_id = ",
    )
    .arg(store)
    .push(" ORDER BY position")
    .all(reader)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| ScaleRule {
            prefix: row.prefix,
            pattern: row.pattern,
            weight_decimals: u8::try_from(row.weight_decimals).unwrap_or(3),
            price_decimals: u8::try_from(row.price_decimals).unwrap_or(2),
            check: if row.check_digit == "none" {
                LabelCheck::None
            } else {
                LabelCheck::Ean
            },
            priority: i32::try_from(row.priority).unwrap_or(0),
        })
        .collect())
}
