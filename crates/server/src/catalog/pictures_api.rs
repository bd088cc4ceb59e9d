//! HTTP of pictures.

use aisle_domain::ids::ProductId;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::error::Problem;
use crate::http::{Can, Json, Path, Query, RawBody, right};
use crate::{App, Error, Result, codes};

use super::api::{ProductView, known};
use super::picture::PictureName;
use super::picture_files;

const PICTURE_MAX_BYTES: usize = 8 * 1024 * 1024;

/// The calls about pictures.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(put_picture, remove_picture))
        .layer(DefaultBodyLimit::max(PICTURE_MAX_BYTES))
        .routes(routes!(show_picture))
}

/// Put a picture on a product: JPEG, PNG or WebP, at most 8 MB. Needs `catalog.write`.
#[utoipa::path(put, path = "/api/v1/products/{id}/picture", tag = "catalog",
    params(("id" = i64, Path)),
    request_body(content((Vec<u8> = "image/jpeg"), (Vec<u8> = "image/png"), (Vec<u8> = "image/webp"))),
    responses((status = 200, body = ProductView), (status = "default", body = Problem)))]
async fn put_picture(
    State(app): State<App>,
    can: Can<right::CatalogWrite>,
    Path(id): Path<i64>,
    RawBody(bytes): RawBody,
) -> Result<Json<ProductView>> {
    known(&app, id)?;
    picture_files::put(&app, &can.actor, ProductId(id), bytes.into()).await?;
    Ok(Json(ProductView::of(&app, &can.actor, &*known(&app, id)?)))
}

/// Take the picture off a product. Needs `catalog.write`.
#[utoipa::path(delete, path = "/api/v1/products/{id}/picture", tag = "catalog",
    params(("id" = i64, Path)),
    responses((status = 204), (status = "default", body = Problem)))]
async fn remove_picture(
    State(app): State<App>,
    can: Can<right::CatalogWrite>,
    Path(id): Path<i64>,
) -> Result<StatusCode> {
    known(&app, id)?;
    picture_files::remove(&app, &can.actor, ProductId(id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct PictureQuery {
    /// `thumb` for at most 240 px, `full` (the default) for at most 1200 px.
    size: Option<String>,
}

/// A picture by the name a product gives it. Needs `catalog.read`.
#[utoipa::path(get, path = "/api/v1/pictures/{name}", tag = "catalog",
    params(("name" = String, Path), PictureQuery),
    responses(
        (status = 200, content((Vec<u8> = "image/jpeg"), (Vec<u8> = "image/webp"))),
        (status = "default", body = Problem)))]
async fn show_picture(
    State(app): State<App>,
    _can: Can<right::CatalogRead>,
    Path(name): Path<String>,
    Query(query): Query<PictureQuery>,
) -> Result<impl IntoResponse> {
    let missing = || Error::code(&codes::NOT_FOUND);
    let (name, named_thumb) = PictureName::parse(&name).ok_or_else(missing)?;
    let thumb = match query.size.as_deref() {
        None => named_thumb,
        Some("thumb") => true,
        Some("full") => false,
        Some(_) => return Err(Error::invalid("size", "thumb or full")),
    };
    let bytes = picture_files::find(&app, &name, thumb)
        .await?
        .ok_or_else(missing)?;
    let headers = [
        (header::CONTENT_TYPE, name.media_type()),
        (
            header::CACHE_CONTROL,
            "private, max-age=31536000, immutable",
        ),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    Ok((headers, bytes))
}
