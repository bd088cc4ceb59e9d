//! HTTP of the copy of the goods that tills keep.

use std::sync::Arc;

use aisle_domain::catalog::Product;
use aisle_domain::money::Money;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::error::Problem;
use crate::http::{Can, Json, Page, PageQuery, Query, right};
use crate::{App, Result};

use super::fields::{BarcodeView, barcode_view};

const CATALOGUE_PAGE: usize = 5000;

/// The call of a till for its goods.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(show_catalogue))
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct CatalogueQuery {
    /// The version the till has; absent or 0 = everything.
    since: Option<i64>,
    cursor: Option<String>,
}

/// A till's copy of the goods.
#[derive(Serialize, ToSchema)]
struct CatalogueView {
    /// Ask for what is newer than this next time. Keep the one of the first page.
    version: i64,
    /// Whether this is everything, not a difference.
    full: bool,
    items: Vec<TillProduct>,
    /// Goods a till must forget: not sold any more.
    removed: Vec<i64>,
    /// More pages.
    next: Option<String>,
}

#[derive(Serialize, ToSchema)]
struct TillProduct {
    id: i64,
    code: String,
    name: String,
    spec: String,
    unit: String,
    weighed: bool,
    barcodes: Vec<BarcodeView>,
    price_fen: i64,
    member_price_fen: Option<i64>,
    mnemonic: String,
    category_id: Option<i64>,
    picture: Option<String>,
}

/// The goods a till sells, whole or what changed. Needs `catalog.read`.
#[utoipa::path(get, path = "/api/v1/catalogue", tag = "catalog", params(CatalogueQuery),
    responses((status = 200, body = CatalogueView), (status = "default", body = Problem)))]
async fn show_catalogue(
    State(app): State<App>,
    _can: Can<right::CatalogRead>,
    Query(query): Query<CatalogueQuery>,
) -> Result<Json<CatalogueView>> {
    let since = query.since.unwrap_or(0);
    let snapshot = app.catalogue.products_full();
    let paging = PageQuery {
        limit: Some(500),
        cursor: query.cursor,
    };
    let behind = match paging.cursor()? {
        Some(cursor) => cursor.as_number(0)?,
        None => 0,
    };
    let mut newer: Vec<&Arc<Product>> = snapshot
        .iter()
        .filter(|product| product.version > since && product.id.get() > behind)
        .collect();
    newer.sort_unstable_by_key(|product| product.id);
    let page = Page::cut(newer, CATALOGUE_PAGE, |product| {
        crate::http::Cursor::number(product.id.get())
    });
    let (sold, gone): (Vec<_>, Vec<_>) = page
        .items
        .into_iter()
        .partition(|product| product.state.is_sold());
    Ok(Json(CatalogueView {
        version: snapshot.version(),
        full: since == 0,
        items: sold
            .into_iter()
            .map(|product| till_product(product))
            .collect(),
        removed: if since == 0 {
            Vec::new()
        } else {
            gone.iter().map(|product| product.id.get()).collect()
        },
        next: page.next,
    }))
}

fn till_product(product: &Product) -> TillProduct {
    TillProduct {
        id: product.id.get(),
        code: product.code.to_string(),
        name: product.name.to_string(),
        spec: product.spec.to_string(),
        unit: product.unit.to_string(),
        weighed: product.weighed,
        barcodes: product.barcodes.iter().map(barcode_view).collect(),
        price_fen: product.price.fen(),
        member_price_fen: product.member_price.map(Money::fen),
        mnemonic: product.mnemonic.to_string(),
        category_id: product.category_id,
        picture: product.picture.as_deref().map(str::to_owned),
    }
}
