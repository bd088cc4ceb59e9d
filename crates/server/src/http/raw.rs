//! Bodies taken as they are.

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};

use crate::Error;

use super::json::body_error;

/// The body's bytes, up to the limit of the route.
#[derive(Debug)]
pub struct RawBody(pub Bytes);

impl<S: Send + Sync> FromRequest<S> for RawBody {
    type Rejection = Error;

    async fn from_request(request: Request, state: &S) -> Result<RawBody, Error> {
        Bytes::from_request(request, state)
            .await
            .map(RawBody)
            .map_err(|rejection| body_error(rejection.status()))
    }
}
