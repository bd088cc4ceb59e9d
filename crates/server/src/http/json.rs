//! Reading bodies and queries with errors in our own form. Types deny unknown fields themselves.

use aisle_domain::card_number;
use aisle_domain::time::Instant;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::json;

use crate::{Error, codes};

/// A JSON body, in or out.
#[derive(Debug)]
pub struct Json<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = Error;

    async fn from_request(request: Request, state: &S) -> Result<Json<T>, Error> {
        let body = axum::body::Bytes::from_request(request, state)
            .await
            .map_err(|rejection| body_error(rejection.status()))?;
        serde_json::from_slice(&body)
            .map(Json)
            .map_err(|error| invalid(&body, &error))
    }
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        axum::Json(self.0).into_response()
    }
}

/// A query string.
#[derive(Debug)]
pub struct Query<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Query<T>, Error> {
        axum::extract::Query::<T>::from_request_parts(parts, state)
            .await
            .map(|query| Query(query.0))
            .map_err(|rejection| Error::invalid("query", &rejection.body_text()))
    }
}

/// Parts of the path. Something that cannot be an id is simply not there.
#[derive(Debug)]
pub struct Path<T>(pub T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Path<T>, Error> {
        axum::extract::Path::<T>::from_request_parts(parts, state)
            .await
            .map(|path| Path(path.0))
            .map_err(|_| Error::code(&codes::NOT_FOUND))
    }
}

/// Tells an absent field (`None`) from one that is `null` (`Some(None)`), for `PATCH`.
pub fn present<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::<T>::deserialize(deserializer).map(Some)
}

/// A free text: as [`plain_text`], and refused when it holds the number of a payment card.
pub fn text(name: &str, value: &str, min: usize, max: usize) -> Result<String, Error> {
    let value = plain_text(name, value, min, max)?;
    refuse_card_number(name, &value)?;
    Ok(value)
}

/// Refuses a free text that holds the number of a payment card.
pub fn refuse_card_number(name: &str, value: &str) -> Result<(), Error> {
    if !card_number::is_in(value) {
        return Ok(());
    }
    let field = json!({ "name": name, "code": "card_number" });
    Err(Error::with(&codes::CARD_NUMBER, vec![field]))
}

/// A text without surrounding blanks and control characters, its length in characters checked. For codes
/// of goods and stores, which may look like any number.
pub fn plain_text(name: &str, value: &str, min: usize, max: usize) -> Result<String, Error> {
    let value = value.trim();
    let length = value.chars().count();
    if length < min || length > max || value.chars().any(char::is_control) {
        return Err(Error::invalid(
            name,
            &format!("{min} to {max} printable characters"),
        ));
    }
    Ok(value.to_owned())
}

/// An RFC 3339 field as milliseconds.
pub fn instant(name: &str, value: Option<String>) -> Result<Option<i64>, Error> {
    value
        .map(|text| {
            Instant::parse_rfc3339(&text)
                .map(|at| at.0)
                .ok_or_else(|| Error::invalid(name, "not an RFC 3339 time"))
        })
        .transpose()
}

/// The refusal for a body that could not be received.
pub(crate) fn body_error(status: StatusCode) -> Error {
    if status == StatusCode::PAYLOAD_TOO_LARGE {
        Error::code(&codes::BODY_TOO_LARGE)
    } else {
        Error::invalid("body", "the body did not arrive whole")
    }
}

fn invalid(body: &[u8], error: &serde_json::Error) -> Error {
    let detail = error.to_string();
    let name = if body.is_empty() {
        "body"
    } else {
        named_field(&detail)
    };
    Error::with(
        &codes::INVALID_REQUEST,
        vec![json!({ "name": name, "code": "invalid", "detail": detail })],
    )
}

/// serde names the field between back-ticks in what it says of unknown and missing fields.
fn named_field(text: &str) -> &str {
    if text.starts_with("unknown field") || text.starts_with("missing field") {
        text.split('`').nth(1).unwrap_or("body")
    } else {
        "body"
    }
}
