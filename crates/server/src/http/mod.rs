//! What every call shares: who asks, how bodies are read, how answers are paged and traced.

mod actor;
mod address;
mod cookie;
mod download;
mod headers;
mod json;
mod limit;
mod page;
mod raw;
mod trace;
pub mod web;

pub use actor::{
    Actor, Can, Right, Session, Terminal, User, bearer_token, device_token,
    refuse_cross_origin_headers, right,
};
pub use address::Address;
pub use cookie::{cookie, session_cookie};
pub use download::download;
pub use headers::{PAGE_POLICY, with_headers};
pub(crate) use json::body_error;
pub use json::{Json, Path, Query, instant, plain_text, present, refuse_card_number, text};
pub use limit::Limits;
pub use page::{Cursor, Page, PageQuery};
pub use raw::RawBody;
pub use trace::trace;
