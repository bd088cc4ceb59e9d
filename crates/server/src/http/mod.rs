//! What every call shares: who asks, how bodies are read, how answers are paged and traced.

mod actor;
mod address;
mod download;
mod json;
mod limit;
mod page;
mod raw;
mod trace;
pub mod web;

pub use actor::{
    Actor, Can, Right, Session, Terminal, User, bearer_token, cookie, device_token,
    refuse_cross_origin_headers, right, session_cookie,
};
pub use address::Address;
pub use download::download;
pub(crate) use json::body_error;
pub use json::{Json, Path, Query, instant, present, text};
pub use limit::DeviceLimiter;
pub use page::{Cursor, Page, PageQuery};
pub use raw::RawBody;
pub use trace::trace;
