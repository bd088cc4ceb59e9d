//! The cookie that carries a session's token.
//!
//! Promises: where the connection is secure only the cookie counts that no other host and no plain
//! connection can have set.

use axum::http::{HeaderMap, HeaderValue, header};

use crate::Result;

use super::actor::header_text;

const COOKIE_SECURE: &str = "__Host-aisle";
/// In a shop's own network without a certificate.
const COOKIE_PLAIN: &str = "aisle";

/// The session token in the cookie. Where the connection is secure only the cookie counts that no other
/// host and no plain connection can have set.
pub fn cookie(headers: &HeaderMap) -> Option<&str> {
    let wanted = if is_secure(headers) {
        COOKIE_SECURE
    } else {
        COOKIE_PLAIN
    };
    header_text(headers, header::COOKIE.as_str())?
        .split(';')
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(name, _)| *name == wanted)
        .map(|(_, value)| value)
}

/// The cookie that carries a session's token for so many seconds. Where the browser holds the
/// connection for secure its name forbids other hosts and plain connections to set it.
pub fn session_cookie(headers: &HeaderMap, token: &str, seconds: i64) -> Result<HeaderValue> {
    let (name, secure) = if is_secure(headers) {
        (COOKIE_SECURE, "; Secure")
    } else {
        (COOKIE_PLAIN, "")
    };
    let cookie =
        format!("{name}={token}; Path=/; HttpOnly; SameSite=Strict; Max-Age={seconds}{secure}");
    HeaderValue::from_str(&cookie).map_err(|error| anyhow::anyhow!(error).into())
}

/// Whether the browser holds the connection for secure.
fn is_secure(headers: &HeaderMap) -> bool {
    let host = header_text(headers, header::HOST.as_str()).unwrap_or_default();
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    matches!(name, "localhost" | "127.0.0.1" | "[::1]")
        || header_text(headers, "x-forwarded-proto") == Some("https")
}
