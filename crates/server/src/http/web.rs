//! The web interface, inside the binary.

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use rust_embed::RustEmbed;

use crate::{Error, codes};

use super::headers::PAGE_POLICY;

#[derive(RustEmbed)]
#[folder = "../../web/dist"]
#[allow_missing = true]
struct Files;

/// Pages and their files. A page's own routes all get its HTML; anything unknown under `/api` is a
/// problem.
pub async fn serve(request: Request) -> Response {
    let path = request.uri().path();
    if path.starts_with("/api/") {
        return Error::code(&codes::NOT_FOUND).into_response();
    }
    let mut response = page_or_file(path);
    response.headers_mut().insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(PAGE_POLICY),
    );
    response
}

fn page_or_file(path: &str) -> Response {
    // A till's page works without a network below its own folder only.
    match path {
        "/" | "/admin" => return Redirect::temporary("/admin/").into_response(),
        "/pos" => return Redirect::temporary("/pos/").into_response(),
        _ => {}
    }
    if let Some(file) = Files::get(path.trim_start_matches('/')) {
        return answer(path, file, path.starts_with("/assets/"));
    }
    let page = match path.split('/').nth(1) {
        Some("admin") => "admin.html",
        Some("pos") => "pos.html",
        Some("r") => "mobile.html",
        _ => return (StatusCode::NOT_FOUND, "not found").into_response(),
    };
    match Files::get(page) {
        Some(file) if page == "mobile.html" => unlisted(answer(page, file, false)),
        Some(file) => answer(page, file, false),
        None => (
            StatusCode::SERVICE_UNAVAILABLE,
            "this binary was built without the web interface: run `make run`",
        )
            .into_response(),
    }
}

/// A customer's page is nobody else's to find.
fn unlisted(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(
        "x-robots-tag",
        HeaderValue::from_static("noindex, nofollow"),
    );
    response
}

fn answer(path: &str, file: rust_embed::EmbeddedFile, immutable: bool) -> Response {
    let kind = mime_guess::from_path(path).first_or_octet_stream();
    let mut response = Response::new(Body::from(file.data));
    let headers = response.headers_mut();
    if let Ok(value) = HeaderValue::from_str(kind.essence_str()) {
        headers.insert(header::CONTENT_TYPE, value);
    }
    headers.insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static(if immutable {
            "public, max-age=31536000, immutable"
        } else {
            "no-cache"
        }),
    );
    response
}
