//! The link behind the QR code on a receipt, for whoever holds the receipt.
//!
//! Promises: nobody makes or guesses one, 128 bits of each are a mark under the key beside the database; the
//! same order has the same link on every reprint, and nothing is stored for it. See decision 0019.

use aisle_domain::ids::StoreId;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use uuid::Uuid;

use crate::vault::MARK_BYTES;
use crate::{App, Error, Result, codes};

/// What the mark is for.
const PURPOSE: &str = "receipt link";
const STORE_BYTES: usize = 4;
const ORDER_BYTES: usize = 16;
const NAMED_BYTES: usize = STORE_BYTES + ORDER_BYTES;

/// An order's link, or the path of it where the shop has not said what it is called from outside. Nothing
/// when there is no key to mark it with: a receipt is printed all the same.
pub(super) fn of_order(app: &App, store: StoreId, order: Uuid) -> Option<String> {
    let named = named(store, order)?;
    match app.vault.mark(PURPOSE, &named) {
        Ok(mark) => {
            let base = app.config.public_url.trim_end_matches('/');
            let token = BASE64.encode([named.as_slice(), &mark].concat());
            Some(format!("{base}/r/{token}"))
        }
        Err(error) => {
            tracing::warn!(%error, "receipts have no link");
            None
        }
    }
}

/// The order a link names. Whatever is no link of ours is not there.
pub(super) fn read(app: &App, token: &str) -> Result<(StoreId, Uuid)> {
    parse(app, token).ok_or_else(|| Error::code(&codes::NOT_FOUND))
}

fn parse(app: &App, token: &str) -> Option<(StoreId, Uuid)> {
    let bytes = BASE64.decode(token).ok()?;
    let (named, mark) = bytes.split_at_checked(NAMED_BYTES)?;
    let mark: &[u8; MARK_BYTES] = mark.try_into().ok()?;
    if !app.vault.is_mark(PURPOSE, named, mark) {
        return None;
    }
    let (store, order) = named.split_at(STORE_BYTES);
    let store = u32::from_be_bytes(store.try_into().ok()?);
    Some((StoreId(store.into()), Uuid::from_slice(order).ok()?))
}

fn named(store: StoreId, order: Uuid) -> Option<Vec<u8>> {
    let store = u32::try_from(store.get()).ok()?;
    Some([store.to_be_bytes().as_slice(), order.as_bytes()].concat())
}
