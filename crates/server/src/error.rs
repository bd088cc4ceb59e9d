//! What a request can end with besides success: problem+json (RFC 9457).
//!
//! Refusals are business answers and are not logged as errors; trouble is logged once, here.

use aisle_db::{AsDbError, DbError};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::{Value, json};

use crate::codes::{self, Code};

/// What handlers and use cases answer.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// An unhappy end.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A business answer or bad input, with the data that explains it.
    #[error("{}", code.name)]
    Refused {
        /// Which.
        code: &'static Code,
        /// Explaining data, one object per field or thing.
        fields: Vec<Value>,
    },
    /// The database.
    #[error(transparent)]
    Database(#[from] DbError),
    /// Any other fault of ours.
    #[error(transparent)]
    Trouble(#[from] anyhow::Error),
}

impl Error {
    /// A refusal without data.
    pub fn code(code: &'static Code) -> Error {
        Error::Refused {
            code,
            fields: Vec::new(),
        }
    }

    /// A refusal explained by `fields`.
    pub fn with(code: &'static Code, fields: Vec<Value>) -> Error {
        Error::Refused { code, fields }
    }

    /// Bad input in one named field.
    pub fn invalid(name: &str, why: &str) -> Error {
        Error::with(
            &codes::INVALID_REQUEST,
            vec![json!({ "name": name, "code": "invalid", "detail": why })],
        )
    }

    /// The code clients see.
    pub fn wire_code(&self) -> &'static Code {
        match self {
            Error::Refused { code, .. } => code,
            Error::Database(error) if error.is_retryable() => &codes::UNAVAILABLE,
            Error::Database(_) | Error::Trouble(_) => &codes::TROUBLE,
        }
    }
}

impl AsDbError for Error {
    fn as_db_error(&self) -> Option<&DbError> {
        match self {
            Error::Database(error) => Some(error),
            Error::Refused { .. } | Error::Trouble(_) => None,
        }
    }
}

/// The body of an unhappy answer.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct Problem {
    /// Always `about:blank`.
    #[serde(rename = "type")]
    kind: &'static str,
    /// One English sentence.
    title: &'static str,
    /// HTTP status.
    status: u16,
    /// What clients switch on.
    code: &'static str,
    /// Whether the same request can work later.
    retryable: bool,
    /// Data that explains it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<Object>, required = false)]
    fields: Vec<Value>,
    /// Names this request in the server's log.
    request_id: String,
}

impl Problem {
    /// The finished response, once the request's id is known.
    pub fn into_response(mut self, request_id: &str) -> Response {
        self.request_id = request_id.to_owned();
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = serde_json::to_vec(&self).unwrap_or_default();
        let mut response = (status, body).into_response();
        response.headers_mut().insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        if self.retryable {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        }
        response
    }
}

impl IntoResponse for Error {
    /// An empty response that carries the [`Problem`]; the trace layer writes it out.
    fn into_response(self) -> Response {
        let code = self.wire_code();
        let fields = match self {
            Error::Refused { fields, .. } => fields,
            Error::Database(error) => {
                tracing::error!(%error, "the database failed a request");
                crate::ops::stop_when_fatal(&error);
                Vec::new()
            }
            Error::Trouble(error) => {
                tracing::error!(error = format!("{error:#}"), "a request failed");
                Vec::new()
            }
        };
        let mut response = code.status.into_response();
        response.extensions_mut().insert(Problem {
            kind: "about:blank",
            title: code.title,
            status: code.status.as_u16(),
            code: code.name,
            retryable: code.retryable,
            fields,
            request_id: String::new(),
        });
        response
    }
}
