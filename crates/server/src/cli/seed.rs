//! The demo shop: two stores, people, real goods with opening stock, and what was sold in two weeks.
//!
//! Sources of the goods: `demo/README.md`. Quantities and safety stocks are derived from the goods
//! themselves, so that seeding twice gives the same shop.

use std::collections::HashMap;

use aisle_db::Tx;
use aisle_domain::barcode::Barcode;
use aisle_domain::catalog::PackBarcode;
use aisle_domain::identity::Role;
use aisle_domain::ids::{ProductId, StoreId};
use aisle_domain::inventory::Reason;
use aisle_domain::money::{Money, Rate};
use aisle_domain::product_sheet::Cell;
use aisle_domain::quantity::Quantity;
use serde::Deserialize;

use crate::catalog::{self, NewStore, ProductDraft};
use crate::clock::Clock;
use crate::config::Config;
use crate::http::Actor;
use crate::identity::{self, NewUser};
use crate::inventory::{self, Adjustment, AdjustmentLine};
use crate::ops::Operation;
use crate::sales::demo;
use crate::{App, Result};

use super::{DEMO_PASSWORD, seed_gateways, seed_sales};

const PRODUCTS: &str = include_str!("../../demo/products.csv");
const FRESH: &str = include_str!("../../demo/fresh.csv");
const LINES_PER_DOCUMENT: usize = 500;
const DAY_MS: i64 = 86_400_000;

#[derive(Deserialize)]
struct Packed {
    barcode: String,
    name: String,
    brand: String,
    spec: String,
    unit: String,
    category_l1: String,
    category_l2: String,
    price_fen: i64,
    cost_fen: i64,
    shelf_life_days: Option<i64>,
}

#[derive(Deserialize)]
struct Fresh {
    plu: String,
    name: String,
    category_l1: String,
    category_l2: String,
    unit: String,
    price_fen: i64,
    cost_fen: i64,
    shelf_life_days: Option<i64>,
}

/// Fills an empty database. With sales the shop has been open for two weeks: its clock begins that long ago.
pub(super) async fn seed(config: Config, with_sales: bool) -> anyhow::Result<()> {
    let now = Clock::System.now();
    let clock = if with_sales {
        Clock::manual(now.plus_ms(-demo::DAYS * DAY_MS))
    } else {
        Clock::System
    };
    let app = App::start(config, clock).await?;
    anyhow::ensure!(
        app.catalogue.products().is_empty(),
        "there are goods already; the demo shop only goes into an empty database"
    );
    let stores = stores(&app).await?;
    people(&app, stores[0]).await?;
    let ids = goods(&app).await?;
    for (at, store) in stores.iter().enumerate() {
        opening_stock(&app, *store, &ids, at).await?;
    }
    seed_gateways::connect(&app, &stores).await?;
    let orders = match app.catalogue.store(stores[0]) {
        Some(store) if with_sales => seed_sales::sell(&app, &store, now).await?,
        _ => 0,
    };
    app.tasks.stop().await;
    super::say(&format!(
        "demo shop: {} stores, {} goods, {orders} orders; sign in as admin, manager or cashier with {DEMO_PASSWORD}",
        stores.len(),
        ids.len()
    ));
    Ok(())
}

/// A seed that was cut off is taken up where it stopped.
async fn stores(app: &App) -> Result<Vec<StoreId>> {
    let wanted = [
        (
            "01",
            "绿叶超市（文一路店）",
            "0571-5550101",
            "杭州市西湖区文一路 101 号",
        ),
        (
            "02",
            "绿叶超市（滨江店）",
            "0571-5550202",
            "杭州市滨江区江南大道 202 号",
        ),
    ];
    for (code, name, phone, address) in wanted {
        if app
            .catalogue
            .stores()
            .iter()
            .any(|store| store.code == code)
        {
            continue;
        }
        let new = NewStore {
            code: code.to_owned(),
            name: name.to_owned(),
            phone: phone.to_owned(),
            address: address.to_owned(),
            time_zone: "Asia/Shanghai".to_owned(),
        };
        catalog::create_store(app, &new, "seed").await?;
    }
    Ok(app
        .catalogue
        .stores()
        .iter()
        .map(|store| store.id)
        .collect())
}

async fn people(app: &App, store: StoreId) -> Result<()> {
    let hash = identity::hash_password(DEMO_PASSWORD)?;
    let now = app.clock.now();
    let wanted = [
        ("admin", "系统管理员", Role::Admin, None),
        ("manager", "王店长", Role::Manager, Some("2580")),
        ("cashier", "李收银", Role::Cashier, Some("1357")),
    ];
    let pin_hashes = wanted
        .iter()
        .map(|(_, _, _, pin)| pin.map(identity::hash_password).transpose())
        .collect::<Result<Vec<_>>>()?;
    aisle_db::transact!(app.db, |tx| {
        for ((username, name, role, _), pin_hash) in wanted.into_iter().zip(&pin_hashes) {
            if identity::user_exists(tx, username).await? {
                continue;
            }
            let user = NewUser {
                username,
                name,
                password_hash: hash.clone(),
                role: role.as_str(),
                store_id: store,
                demo: true,
                phone: "",
                pin_hash: pin_hash.clone(),
            };
            identity::insert_user(tx, &user, now).await?;
        }
        Ok(())
    })
}

async fn goods(app: &App) -> anyhow::Result<Vec<ProductId>> {
    let packed: Vec<Packed> = rows(PRODUCTS)?;
    let fresh: Vec<Fresh> = rows(FRESH)?;
    let now = app.clock.now();
    let snapshot = app.catalogue.products_full();
    let result: Result<Vec<ProductId>> = aisle_db::transact!(app.db, |tx| {
        let mut names = Names::default();
        let mut drafts = Vec::with_capacity(packed.len() + fresh.len());
        for row in &packed {
            drafts.push(packed_draft(tx, &mut names, row).await?);
        }
        for row in &fresh {
            drafts.push(fresh_draft(tx, &mut names, row).await?);
        }
        let operation = Operation::by_name(StoreId(1), "seed", "product.create");
        let report = catalog::save(tx, &snapshot, drafts, now, operation).await?;
        Ok(report.ids)
    });
    let ids = result?;
    app.catalogue.refresh(&app.db).await?;
    Ok(ids)
}

fn rows<T: serde::de::DeserializeOwned>(text: &str) -> anyhow::Result<Vec<T>> {
    let rows = csv::Reader::from_reader(text.as_bytes())
        .deserialize()
        .collect::<Result<Vec<T>, _>>()?;
    Ok(rows)
}

/// Identities of what has been named so far.
#[derive(Default)]
struct Names {
    categories: HashMap<(String, String), i64>,
    tops: HashMap<String, i64>,
    brands: HashMap<String, i64>,
    units: HashMap<String, i64>,
}

impl Names {
    async fn category(&mut self, tx: &Tx, top: &str, sub: &str) -> Result<i64> {
        let key = (top.to_owned(), sub.to_owned());
        if let Some(id) = self.categories.get(&key) {
            return Ok(*id);
        }
        let parent = match self.tops.get(top) {
            Some(id) => *id,
            None => {
                let sort = i64::try_from(self.tops.len()).unwrap_or(0);
                let id = catalog::insert_category(tx, top, None, sort).await?;
                self.tops.insert(top.to_owned(), id);
                id
            }
        };
        let sort = i64::try_from(self.categories.len()).unwrap_or(0);
        let id = catalog::insert_category(tx, sub, Some(parent), sort).await?;
        self.categories.insert(key, id);
        Ok(id)
    }

    async fn brand(&mut self, tx: &Tx, name: &str) -> Result<i64> {
        if let Some(id) = self.brands.get(name) {
            return Ok(*id);
        }
        let id = catalog::brand_named(tx, name).await?;
        self.brands.insert(name.to_owned(), id);
        Ok(id)
    }

    async fn unit(&mut self, tx: &Tx, name: &str, weighed: bool) -> Result<i64> {
        if let Some(id) = self.units.get(name) {
            return Ok(*id);
        }
        let id = catalog::unit_named(tx, name, weighed).await?;
        self.units.insert(name.to_owned(), id);
        Ok(id)
    }
}

async fn packed_draft(tx: &Tx, names: &mut Names, row: &Packed) -> Result<ProductDraft> {
    let barcode = Barcode::parse(&row.barcode).map_err(anyhow::Error::from)?;
    let brand = match row.brand.as_str() {
        "" => Cell::Keep,
        name => Cell::Set(names.brand(tx, name).await?),
    };
    Ok(ProductDraft {
        name: Cell::Set(row.name.clone()),
        spec: Cell::Set(row.spec.clone()),
        brand_id: brand,
        category_id: Cell::Set(
            names
                .category(tx, &row.category_l1, &row.category_l2)
                .await?,
        ),
        unit_id: Cell::Set(names.unit(tx, &row.unit, false).await?),
        price: Cell::Set(Money::from_fen(row.price_fen)),
        cost: Cell::Set(Money::from_fen(row.cost_fen)),
        tax_rate: Cell::Set(Rate(1300)),
        safety_stock: Cell::Set(Quantity::from_milli(6000)),
        shelf_life_days: Cell::Set(row.shelf_life_days.unwrap_or(0)),
        barcodes: Cell::Set(vec![PackBarcode {
            barcode: barcode.as_str().into(),
            qty: Quantity::ONE,
            price: None,
            main: true,
        }]),
        ..ProductDraft::default()
    })
}

async fn fresh_draft(tx: &Tx, names: &mut Names, row: &Fresh) -> Result<ProductDraft> {
    Ok(ProductDraft {
        code: Cell::Set(row.plu.clone()),
        name: Cell::Set(row.name.clone()),
        category_id: Cell::Set(
            names
                .category(tx, &row.category_l1, &row.category_l2)
                .await?,
        ),
        unit_id: Cell::Set(names.unit(tx, &row.unit, true).await?),
        price: Cell::Set(Money::from_fen(row.price_fen)),
        cost: Cell::Set(Money::from_fen(row.cost_fen)),
        tax_rate: Cell::Set(Rate(900)),
        safety_stock: Cell::Set(Quantity::from_milli(10_000)),
        shelf_life_days: Cell::Set(row.shelf_life_days.unwrap_or(0)),
        ..ProductDraft::default()
    })
}

/// Cheap goods lie in larger numbers; every eleventh is low so that the alerts have something to say.
async fn opening_stock(app: &App, store: StoreId, ids: &[ProductId], shift: usize) -> Result<()> {
    let snapshot = app.catalogue.products_full();
    let actor = Actor::system(store);
    let lines: Vec<AdjustmentLine> = ids
        .iter()
        .enumerate()
        .filter_map(|(at, id)| {
            let product = snapshot.product(*id)?;
            let pieces = if (at + shift).is_multiple_of(11) {
                4
            } else {
                (60_000 / (product.price.fen() + 500)).clamp(8, 96)
                    + i64::try_from(at % 7).unwrap_or(0)
            };
            Some(AdjustmentLine {
                product: *id,
                delta: Quantity::from_milli(pieces * 1000),
            })
        })
        .collect();
    for part in lines.chunks(LINES_PER_DOCUMENT) {
        let adjustment = Adjustment {
            id: crate::clock::new_uuid(),
            reason: Reason::Opening,
            note: "期初库存".to_owned(),
            lines: part.to_vec(),
        };
        inventory::adjust(app, &actor, &adjustment).await?;
    }
    Ok(())
}
