//! Cursor paging: `{ items, next }`.

use base64::Engine as _;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{Error, Result};

const LIMIT_DEFAULT: u32 = 50;
const LIMIT_MAX: u32 = 500;

/// One page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct Page<T> {
    /// The rows.
    pub items: Vec<T>,
    /// Send this as `cursor` for the following page; `null` at the end.
    pub next: Option<String>,
}

impl<T> Page<T> {
    /// A list that has only one page.
    pub fn whole(items: Vec<T>) -> Page<T> {
        Page { items, next: None }
    }

    /// Makes a page of at most `limit` rows out of up to `limit + 1`; `key` gives the last row's cursor.
    pub fn cut(mut items: Vec<T>, limit: usize, key: impl Fn(&T) -> Cursor) -> Page<T> {
        let next = (items.len() > limit).then(|| {
            items.truncate(limit);
            items.last().map(|last| key(last).encode())
        });
        Page {
            items,
            next: next.flatten(),
        }
    }
}

/// The paging part of a query, as sent.
#[derive(Debug, Default, Deserialize)]
pub struct PageQuery {
    /// Rows per page, 1–500.
    pub limit: Option<u32>,
    /// Where to go on.
    pub cursor: Option<String>,
}

impl PageQuery {
    /// The limit, checked.
    pub fn limit(&self) -> Result<usize> {
        let limit = self.limit.unwrap_or(LIMIT_DEFAULT);
        if limit == 0 || limit > LIMIT_MAX {
            return Err(Error::invalid("limit", "1 to 500"));
        }
        Ok(limit as usize)
    }

    /// Limit and place of a list of what happens.
    pub fn by_place(
        limit: Option<u32>,
        cursor: Option<String>,
    ) -> Result<(usize, Option<(i64, Uuid)>)> {
        let paging = PageQuery { limit, cursor };
        let limit = paging.limit()?;
        let place = paging.cursor()?.map(|cursor| cursor.as_place());
        Ok((limit, place.transpose()?))
    }

    /// The cursor, read.
    pub fn cursor(&self) -> Result<Option<Cursor>> {
        self.cursor.as_deref().map(Cursor::decode).transpose()
    }
}

/// The place behind a row: its sort keys.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor(pub Vec<String>);

impl Cursor {
    /// A cursor of one number.
    pub fn number(value: i64) -> Cursor {
        Cursor(vec![value.to_string()])
    }

    /// The `at`-th key as a number.
    pub fn as_number(&self, at: usize) -> Result<i64> {
        self.0
            .get(at)
            .and_then(|text| text.parse().ok())
            .ok_or_else(bad_cursor)
    }

    /// A cursor of a time and an identity: the place of what happens.
    pub fn place((at, id): (i64, Uuid)) -> Cursor {
        Cursor(vec![at.to_string(), id.to_string()])
    }

    /// The keys as such a place.
    pub fn as_place(&self) -> Result<(i64, Uuid)> {
        let id = self.0.get(1).and_then(|text| text.parse().ok());
        Ok((self.as_number(0)?, id.ok_or_else(bad_cursor)?))
    }

    /// As it is sent.
    pub fn encode(&self) -> String {
        let text = serde_json::to_vec(self).unwrap_or_default();
        base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(text)
    }

    fn decode(text: &str) -> Result<Cursor> {
        base64::engine::general_purpose::URL_SAFE_NO_PAD
            .decode(text)
            .ok()
            .and_then(|bytes| serde_json::from_slice(&bytes).ok())
            .ok_or_else(bad_cursor)
    }
}

fn bad_cursor() -> Error {
    Error::invalid("cursor", "not a cursor of this list")
}
