//! Files to keep.

use axum::http::header;
use axum::response::IntoResponse;

/// A file that the browser stores under this name.
pub fn download(media_type: &str, name: &str, bytes: Vec<u8>) -> impl IntoResponse + use<> {
    let headers = [
        (header::CONTENT_TYPE, media_type.to_owned()),
        (header::CACHE_CONTROL, "no-store".to_owned()),
        (
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"{name}\""),
        ),
    ];
    (headers, bytes)
}
