//! HTTP of exports.

use aisle_domain::identity::Permission;
use axum::extract::State;
use axum::response::IntoResponse;
use serde::Deserialize;
use serde_json::json;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::error::Problem;
use crate::http::{Actor, Can, Query, download, right};
use crate::sheet::{Language, SheetFormat};
use crate::{App, Error, Result, codes};

use super::export::{self, Export};
use super::export_columns::Column;
use super::list::Listing;

/// The call that exports goods.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(export_products))
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ExportQuery {
    /// As in the list of goods, like everything down to `sort`.
    q: Option<String>,
    category: Option<i64>,
    brand: Option<i64>,
    tag: Option<i64>,
    state: Option<String>,
    barcode: Option<String>,
    low_stock: Option<bool>,
    sort: Option<String>,
    /// `xlsx` or `csv`.
    format: String,
    /// Names of fields, comma separated, in the order wanted; all when absent.
    columns: Option<String>,
    /// `zh-CN` (the default) or `en`.
    lang: Option<String>,
}

/// The list of goods as a file that the import reads. Needs `catalog.read`; costs need `cost.read`.
#[utoipa::path(get, path = "/api/v1/products/export", tag = "catalog", params(ExportQuery),
    responses(
        (status = 200, content(
            (Vec<u8> = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
            (String = "text/csv"))),
        (status = "default", body = Problem)))]
async fn export_products(
    State(app): State<App>,
    can: Can<right::CatalogRead>,
    Query(query): Query<ExportQuery>,
) -> Result<impl IntoResponse> {
    let export = query.into_export(&can.actor)?;
    let media_type = export.format.media_type();
    let file = export::export(&app, export).await?;
    Ok(download(media_type, &file.name, file.bytes))
}

impl ExportQuery {
    fn into_export(self, actor: &Actor) -> Result<Export> {
        Ok(Export {
            format: SheetFormat::parse(&self.format)
                .ok_or_else(|| Error::invalid("format", "xlsx or csv"))?,
            columns: columns(self.columns.as_deref(), actor.may(Permission::CostRead))?,
            language: Language::parse(self.lang.as_deref())
                .ok_or_else(|| Error::invalid("lang", "zh-CN or en"))?,
            low_stock: self.low_stock.unwrap_or(false),
            store: actor.store_id,
            listing: Listing {
                q: self.q.unwrap_or_default(),
                category: self.category,
                brand: self.brand,
                tag: self.tag,
                state: self.state,
                barcode: self.barcode,
                sort: self.sort,
                store: Some(actor.store_id),
            },
        })
    }
}

fn columns(names: Option<&str>, sees_cost: bool) -> Result<Vec<Column>> {
    let Some(names) = names.filter(|names| !names.is_empty()) else {
        let shown = |column: &Column| sees_cost || *column != Column::Cost;
        return Ok(Column::ALL.iter().copied().filter(shown).collect());
    };
    let mut columns = Vec::new();
    for name in names.split(',').map(str::trim) {
        let column = Column::parse(name)
            .ok_or_else(|| Error::invalid("columns", &format!("there is no column {name}")))?;
        if column == Column::Cost && !sees_cost {
            return Err(Error::with(
                &codes::DENIED,
                vec![json!({ "permission": Permission::CostRead })],
            ));
        }
        if !columns.contains(&column) {
            columns.push(column);
        }
    }
    Ok(columns)
}
