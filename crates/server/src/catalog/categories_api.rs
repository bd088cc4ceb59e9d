//! HTTP of categories.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::error::Problem;
use crate::http::{Can, Json, Page, Path, present, right, text};
use crate::{App, Error, Result};

use super::categories::{self, CategoryChange};
use super::descriptor_kinds::NAME_MAX;
use super::taxonomy::CategoryRow;

const SORT_MAX: i64 = 1_000_000;

/// The calls about categories.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_categories, create_category))
        .routes(routes!(change_category, delete_category))
}

/// A category.
#[derive(Serialize, ToSchema)]
struct CategoryView {
    #[serde(flatten)]
    category: CategoryRow,
    /// Goods in it and below it.
    products: usize,
}

/// Fields of a category. Absent ones stay; a `parent_id` of `null` moves it to the top.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CategoryFields {
    name: Option<String>,
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<i64>)]
    parent_id: Option<Option<i64>>,
    /// Place among its neighbours, smallest first.
    sort: Option<i64>,
}

/// The whole tree, flat. Needs `catalog.read`.
#[utoipa::path(get, path = "/api/v1/categories", tag = "catalog",
    responses((status = 200, body = Page<CategoryView>), (status = "default", body = Problem)))]
async fn list_categories(
    State(app): State<App>,
    _can: Can<right::CatalogRead>,
) -> Result<Json<Page<CategoryView>>> {
    let rows = categories::list(&app).await?;
    let view = |(category, products)| CategoryView { category, products };
    Ok(Json(Page::whole(rows.into_iter().map(view).collect())))
}

/// Create a category. Needs `catalog.write`.
#[utoipa::path(post, path = "/api/v1/categories", tag = "catalog", request_body = CategoryFields,
    responses((status = 201, body = CategoryRow), (status = "default", body = Problem)))]
async fn create_category(
    State(app): State<App>,
    can: Can<right::CatalogWrite>,
    Json(body): Json<CategoryFields>,
) -> Result<impl IntoResponse> {
    if body.name.is_none() {
        return Err(Error::invalid("name", "needed for a new category"));
    }
    let made = categories::create(&app, &can.actor, &body.into_change()?).await?;
    Ok((StatusCode::CREATED, Json(made)))
}

/// Rename or move a category. Needs `catalog.write`.
#[utoipa::path(patch, path = "/api/v1/categories/{id}", tag = "catalog", request_body = CategoryFields,
    params(("id" = i64, Path)),
    responses((status = 200, body = CategoryRow), (status = "default", body = Problem)))]
async fn change_category(
    State(app): State<App>,
    can: Can<right::CatalogWrite>,
    Path(id): Path<i64>,
    Json(body): Json<CategoryFields>,
) -> Result<Json<CategoryRow>> {
    let change = body.into_change()?;
    Ok(Json(
        categories::change(&app, &can.actor, id, &change).await?,
    ))
}

/// Delete a category without goods and sub-categories. Needs `catalog.write`.
#[utoipa::path(delete, path = "/api/v1/categories/{id}", tag = "catalog", params(("id" = i64, Path)),
    responses((status = 204), (status = "default", body = Problem)))]
async fn delete_category(
    State(app): State<App>,
    can: Can<right::CatalogWrite>,
    Path(id): Path<i64>,
) -> Result<StatusCode> {
    categories::delete(&app, &can.actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

impl CategoryFields {
    fn into_change(self) -> Result<CategoryChange> {
        if self
            .sort
            .is_some_and(|sort| !(-SORT_MAX..=SORT_MAX).contains(&sort))
        {
            return Err(Error::invalid("sort", "-1000000 to 1000000"));
        }
        Ok(CategoryChange {
            name: self
                .name
                .map(|name| text("name", &name, 1, NAME_MAX))
                .transpose()?,
            parent_id: self.parent_id,
            sort: self.sort,
        })
    }
}
