//! HTTP of goods.

use std::sync::Arc;

use aisle_domain::catalog::{PackBarcode, Product};
use aisle_domain::identity::Permission;
use aisle_domain::ids::ProductId;
use aisle_domain::money::Money;
use aisle_domain::quantity::Quantity;
use aisle_domain::time::Instant;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::error::Problem;
use crate::http::{Actor, Can, Json, Page, PageQuery, Path, Query, right};
use crate::ops::Operation;
use crate::{App, Error, Result, codes};

use super::fields::ProductFields;
use super::list::{self, Listing};
use super::{product, scan};

/// The calls about goods themselves.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_products, create_product))
        .routes(routes!(scan_barcode))
        .routes(routes!(show_product, change_product))
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ProductsQuery {
    /// Name, pinyin initials, code, barcode digits; blanks separate terms that must all occur.
    pub(super) q: Option<String>,
    /// Category id; its sub-categories count too.
    pub(super) category: Option<i64>,
    pub(super) brand: Option<i64>,
    pub(super) tag: Option<i64>,
    /// `new`, `active`, `no_purchase`, `no_sale`, `retired`.
    pub(super) state: Option<String>,
    /// Exactly this barcode.
    pub(super) barcode: Option<String>,
    /// Only goods below their safety stock.
    pub(super) low_stock: Option<bool>,
    /// `name`, `code`, `price`, `qty`, `updated`; `-` in front for descending.
    pub(super) sort: Option<String>,
    pub(super) limit: Option<u32>,
    pub(super) cursor: Option<String>,
}

impl ProductsQuery {
    pub(super) fn listing(&self, actor: &Actor) -> Listing {
        Listing {
            q: self.q.clone().unwrap_or_default(),
            category: self.category,
            brand: self.brand,
            tag: self.tag,
            state: self.state.clone(),
            barcode: self.barcode.clone(),
            sort: self.sort.clone(),
            store: Some(actor.store_id),
        }
    }
}

/// A product.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ProductView {
    id: i64,
    code: String,
    name: String,
    short_name: String,
    spec: String,
    unit_id: i64,
    unit: String,
    /// Sold by weight: fractions are allowed.
    weighed: bool,
    /// The main barcode.
    barcode: Option<String>,
    barcodes: Vec<PackView>,
    category_id: Option<i64>,
    brand_id: Option<i64>,
    tags: Vec<i64>,
    price_fen: i64,
    member_price_fen: Option<i64>,
    floor_price_fen: Option<i64>,
    /// Needs `cost.read`.
    #[serde(skip_serializing_if = "Option::is_none")]
    cost_fen: Option<i64>,
    tax_rate_bp: i64,
    safety_stock_milli: i64,
    shelf_life_days: i64,
    supplier: String,
    state: &'static str,
    mnemonic: String,
    picture: Option<String>,
    /// What can be sold now in the caller's store.
    qty_milli: i64,
    version: i64,
    updated_at: String,
}

/// A barcode of a product.
#[derive(Debug, Serialize, ToSchema)]
struct PackView {
    barcode: String,
    /// `unit` or `carton`.
    kind: &'static str,
    /// What one scan means in the product's unit, thousandths.
    qty_milli: i64,
    /// Price of the whole pack; pieces at the piece price when null.
    price_fen: Option<i64>,
    /// The one shown in lists.
    main: bool,
}

impl ProductView {
    /// As this actor may see it.
    pub(super) fn of(app: &App, actor: &Actor, product: &Product) -> ProductView {
        ProductView {
            id: product.id.get(),
            code: product.code.to_string(),
            name: product.name.to_string(),
            short_name: product.short_name.to_string(),
            spec: product.spec.to_string(),
            unit_id: product.unit_id,
            unit: product.unit.to_string(),
            weighed: product.weighed,
            barcode: product.main_barcode().map(str::to_owned),
            barcodes: product.barcodes.iter().map(pack_view).collect(),
            category_id: product.category_id,
            brand_id: product.brand_id,
            tags: product.tags.to_vec(),
            price_fen: product.price.fen(),
            member_price_fen: product.member_price.map(Money::fen),
            floor_price_fen: product.floor_price.map(Money::fen),
            cost_fen: actor.may(Permission::CostRead).then(|| product.cost.fen()),
            tax_rate_bp: product.tax_rate.0,
            safety_stock_milli: product.safety_stock.milli(),
            shelf_life_days: product.shelf_life_days,
            supplier: product.supplier.to_string(),
            state: product.state.as_str(),
            mnemonic: product.mnemonic.to_string(),
            picture: product.picture.as_deref().map(str::to_owned),
            qty_milli: app.stock.get(actor.store_id, product.id).now().milli(),
            version: product.version,
            updated_at: Instant(product.updated_at).to_rfc3339(),
        }
    }
}

/// Goods. Needs `catalog.read`.
#[utoipa::path(get, path = "/api/v1/products", tag = "catalog", params(ProductsQuery),
    responses((status = 200, body = Page<ProductView>), (status = "default", body = Problem)))]
async fn list_products(
    State(app): State<App>,
    can: Can<right::CatalogRead>,
    Query(query): Query<ProductsQuery>,
) -> Result<Json<Page<ProductView>>> {
    let paging = PageQuery {
        limit: query.limit,
        cursor: query.cursor.clone(),
    };
    let low = query.low_stock.unwrap_or(false);
    let store = can.store_id();
    let passes =
        |product: &Product| !low || app.stock.get(store, product.id).now() < product.safety_stock;
    let page = list::list(&app, query.listing(&can.actor), &paging, &passes).await?;
    Ok(Json(Page {
        items: page
            .items
            .iter()
            .map(|product| ProductView::of(&app, &can.actor, product))
            .collect(),
        next: page.next,
    }))
}

/// What a scanner's code means.
#[derive(Serialize, ToSchema)]
struct ScanView {
    #[serde(flatten)]
    product: ProductView,
    scanned: Scanned,
}

#[derive(Serialize, ToSchema)]
struct Scanned {
    barcode: String,
    /// `unit`, `carton`, `weighed`, `priced`, `gs1`.
    kind: &'static str,
    qty_milli: i64,
    unit_price_fen: i64,
    /// The price of this scan when it is not quantity × price.
    amount_fen: Option<i64>,
    lot: Option<String>,
    /// `yyyymmdd`.
    expiry: Option<i64>,
}

/// What a barcode means: goods, cartons, scale labels, GS1. Needs `catalog.read`.
#[utoipa::path(get, path = "/api/v1/products/by-barcode/{barcode}", tag = "catalog",
    params(("barcode" = String, Path)),
    responses((status = 200, body = ScanView), (status = "default", body = Problem)))]
async fn scan_barcode(
    State(app): State<App>,
    can: Can<right::CatalogRead>,
    Path(barcode): Path<String>,
) -> Result<Json<ScanView>> {
    let store = app
        .catalogue
        .store(can.store_id())
        .ok_or_else(|| Error::code(&codes::NOT_FOUND))?;
    let today = store.business_day(app.clock.now());
    let year = today.year();
    let scan = scan::read(&app.catalogue.products(), &store, &barcode, year)?;
    Ok(Json(ScanView {
        product: ProductView::of(&app, &can.actor, &scan.product),
        scanned: Scanned {
            unit_price_fen: scan.unit_price().fen(),
            barcode: scan.barcode.to_string(),
            kind: scan.kind.as_str(),
            qty_milli: scan.qty.milli(),
            amount_fen: scan.amount.map(Money::fen),
            lot: scan.lot,
            expiry: scan.expires.map(|day| day.0),
        },
    }))
}

/// One product. Needs `catalog.read`.
#[utoipa::path(get, path = "/api/v1/products/{id}", tag = "catalog", params(("id" = i64, Path)),
    responses((status = 200, body = ProductView), (status = "default", body = Problem)))]
async fn show_product(
    State(app): State<App>,
    can: Can<right::CatalogRead>,
    Path(id): Path<i64>,
) -> Result<Json<ProductView>> {
    let product = known(&app, id)?;
    Ok(Json(ProductView::of(&app, &can.actor, &product)))
}

/// Create a product; it needs at least a name, a unit and a price. Needs `catalog.write`.
#[utoipa::path(post, path = "/api/v1/products", tag = "catalog", request_body = ProductFields,
    responses((status = 201, body = ProductView), (status = "default", body = Problem)))]
async fn create_product(
    State(app): State<App>,
    can: Can<right::CatalogWrite>,
    Json(body): Json<ProductFields>,
) -> Result<impl IntoResponse> {
    for (name, missing) in [
        ("name", body.name.is_none()),
        ("unit_id", body.unit_id.is_none()),
        ("price_fen", body.price_fen.is_none()),
    ] {
        if missing {
            return Err(Error::invalid(name, "needed for a new product"));
        }
    }
    let draft = body.into_draft(&can.actor, None)?;
    let operation = Operation::of(&can.actor, "product.create");
    let report = product::save_and_announce(&app, vec![draft], operation).await?;
    let product = known(&app, report.ids.first().map_or(0, |id| id.get()))?;
    let view = ProductView::of(&app, &can.actor, &product);
    Ok((StatusCode::CREATED, Json(view)))
}

/// Change a product. Needs `catalog.write`.
#[utoipa::path(patch, path = "/api/v1/products/{id}", tag = "catalog", request_body = ProductFields,
    params(("id" = i64, Path)),
    responses((status = 200, body = ProductView), (status = "default", body = Problem)))]
async fn change_product(
    State(app): State<App>,
    can: Can<right::CatalogWrite>,
    Path(id): Path<i64>,
    Json(body): Json<ProductFields>,
) -> Result<Json<ProductView>> {
    known(&app, id)?;
    let draft = body.into_draft(&can.actor, Some(ProductId(id)))?;
    let operation = Operation::of(&can.actor, "product.change").on(format!("product {id}"));
    product::save_and_announce(&app, vec![draft], operation).await?;
    Ok(Json(ProductView::of(&app, &can.actor, &*known(&app, id)?)))
}

pub(super) fn known(app: &App, id: i64) -> Result<Arc<Product>> {
    app.catalogue
        .products()
        .product(ProductId(id))
        .cloned()
        .ok_or_else(|| Error::code(&codes::NOT_FOUND))
}

fn pack_view(pack: &PackBarcode) -> PackView {
    PackView {
        barcode: pack.barcode.to_string(),
        kind: if pack.qty == Quantity::ONE {
            "unit"
        } else {
            "carton"
        },
        qty_milli: pack.qty.milli(),
        price_fen: pack.price.map(Money::fen),
        main: pack.main,
    }
}
