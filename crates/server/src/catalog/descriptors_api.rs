//! HTTP of brands, units and tags.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::error::Problem;
use crate::http::{Can, Json, Page, Path, right};
use crate::{App, Result};

use super::descriptor;
use super::descriptor_kinds::{Brand, BrandFields, Tag, TagFields, Unit, UnitFields};

/// The calls about brands, units and tags.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_brands, create_brand))
        .routes(routes!(change_brand, delete_brand))
        .routes(routes!(list_units, create_unit))
        .routes(routes!(change_unit, delete_unit))
        .routes(routes!(list_tags, create_tag))
        .routes(routes!(change_tag, delete_tag))
}

/// One with the number of goods that carry it.
#[derive(Serialize, ToSchema)]
struct Counted<D> {
    #[serde(flatten)]
    descriptor: D,
    products: usize,
}

macro_rules! calls {
    ($kind:ident, $fields:ident, $paths:literal, $path:literal,
     $list:ident $list_is:literal, $create:ident $create_is:literal,
     $change:ident $change_is:literal, $delete:ident $delete_is:literal) => {
        #[utoipa::path(get, path = $paths, tag = "catalog", summary = $list_is,
            responses((status = 200, body = Page<Counted<$kind>>), (status = "default", body = Problem)))]
        async fn $list(
            State(app): State<App>,
            _can: Can<right::CatalogRead>,
        ) -> Result<Json<Page<Counted<$kind>>>> {
            let rows = descriptor::list::<$kind>(&app).await?;
            let counted = |(descriptor, products)| Counted {
                descriptor,
                products,
            };
            Ok(Json(Page::whole(rows.into_iter().map(counted).collect())))
        }

        #[utoipa::path(post, path = $paths, tag = "catalog", summary = $create_is,
            request_body = $fields,
            responses((status = 201, body = $kind), (status = "default", body = Problem)))]
        async fn $create(
            State(app): State<App>,
            can: Can<right::CatalogWrite>,
            Json(body): Json<$fields>,
        ) -> Result<impl IntoResponse> {
            let made = descriptor::create::<$kind>(&app, &can.actor, body).await?;
            Ok((StatusCode::CREATED, Json(made)))
        }

        #[utoipa::path(patch, path = $path, tag = "catalog", summary = $change_is,
            request_body = $fields, params(("id" = i64, Path)),
            responses((status = 200, body = $kind), (status = "default", body = Problem)))]
        async fn $change(
            State(app): State<App>,
            can: Can<right::CatalogWrite>,
            Path(id): Path<i64>,
            Json(body): Json<$fields>,
        ) -> Result<Json<$kind>> {
            Ok(Json(
                descriptor::change::<$kind>(&app, &can.actor, id, body).await?,
            ))
        }

        #[utoipa::path(delete, path = $path, tag = "catalog", summary = $delete_is,
            params(("id" = i64, Path)),
            responses((status = 204), (status = "default", body = Problem)))]
        async fn $delete(
            State(app): State<App>,
            can: Can<right::CatalogWrite>,
            Path(id): Path<i64>,
        ) -> Result<StatusCode> {
            descriptor::delete::<$kind>(&app, &can.actor, id).await?;
            Ok(StatusCode::NO_CONTENT)
        }
    };
}

calls! {
    Brand, BrandFields, "/api/v1/brands", "/api/v1/brands/{id}",
    list_brands "Brands with their numbers of goods. Needs `catalog.read`.",
    create_brand "Create a brand. Needs `catalog.write`.",
    change_brand "Rename a brand. Needs `catalog.write`.",
    delete_brand "Delete a brand that no goods carry. Needs `catalog.write`."
}

calls! {
    Unit, UnitFields, "/api/v1/units", "/api/v1/units/{id}",
    list_units "Units with their numbers of goods. Needs `catalog.read`.",
    create_unit "Create a unit. Needs `catalog.write`.",
    change_unit "Change a unit. Needs `catalog.write`.",
    delete_unit "Delete a unit that no goods are counted in. Needs `catalog.write`."
}

calls! {
    Tag, TagFields, "/api/v1/tags", "/api/v1/tags/{id}",
    list_tags "Tags with their numbers of goods. Needs `catalog.read`.",
    create_tag "Create a tag. Needs `catalog.write`.",
    change_tag "Change a tag. Needs `catalog.write`.",
    delete_tag "Delete a tag and take it off its goods. Needs `catalog.write`."
}
