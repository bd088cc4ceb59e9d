//! Small secrets at rest: sealed with AES-256-GCM under a key that is not in the database.
//!
//! Promises: what is sealed opens only under the same key and for the same purpose and row, so a stolen
//! database tells nothing and a row copied to another place opens nothing. A key that is missing, of the
//! wrong form or another one than it was is an error that says so; a key file that others can read stops
//! the start. No new key is made in order to open something. See decision 0013.

mod key;

use std::path::PathBuf;
use std::sync::Mutex;

use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Nonce};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD as BASE64;
use hmac::{Hmac, Mac};
use sha2::Sha256;

use crate::clock::random_bytes;
use crate::config::Config;
use crate::{Error, Result, codes};

use key::Key;

/// How it is sealed; what comes after it would say so.
const FORM: &str = "v1";
const NONCE_BYTES: usize = 12;
/// Of a mark: 128 bits.
pub(crate) const MARK_BYTES: usize = 16;

/// Seals and opens.
#[derive(Debug)]
pub struct Vault {
    source: Source,
    /// Read or made when it is first needed.
    key: Mutex<Option<Key>>,
}

/// Where the key is looked for, the first that is there.
#[derive(Debug, Clone)]
struct Source {
    setting: String,
    credential: Option<PathBuf>,
    file: PathBuf,
}

/// What a secret is for and whose it is.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// What it is for, such as `second factor`.
    pub purpose: &'a str,
    /// The row that holds it, such as `user 7`.
    pub row: &'a str,
}

impl Place<'_> {
    fn bound(self) -> Vec<u8> {
        format!("{FORM}\0{}\0{}", self.purpose, self.row).into_bytes()
    }
}

impl Vault {
    /// With the key these settings name.
    pub fn new(config: &Config) -> Vault {
        Vault {
            source: Source {
                setting: config.secret_key.expose().to_owned(),
                credential: config
                    .credentials_dir
                    .as_ref()
                    .map(|dir| dir.join(key::CREDENTIAL)),
                file: config.data_dir.join(key::FILE),
            },
            key: Mutex::new(None),
        }
    }

    /// Refuses a key that is there but cannot be used. One that was never needed may be missing.
    pub fn check(&self) -> anyhow::Result<()> {
        self.source.find().map(|_| ())
    }

    /// Seals a secret; makes the key when there is none yet.
    pub fn seal(&self, place: Place<'_>, secret: &[u8]) -> Result<String> {
        let key = self.key(Source::find_or_make)?;
        let nonce = random_bytes::<NONCE_BYTES>();
        let payload = Payload {
            msg: secret,
            aad: &place.bound(),
        };
        let sealed = cipher(&key)
            .encrypt(&Nonce::from(nonce), payload)
            .map_err(|_| anyhow::anyhow!("sealing {}", place.purpose))?;
        let body = BASE64.encode([nonce.as_slice(), &sealed].concat());
        Ok(format!("{FORM}.{}.{body}", key.name()))
    }

    /// Opens what was sealed for this place.
    pub fn open(&self, place: Place<'_>, sealed: &str) -> Result<Vec<u8>> {
        let key = self.key(Source::find_or_refuse)?;
        let unreadable = |why: String| {
            tracing::error!(purpose = place.purpose, row = place.row, "{why}");
            Error::code(&codes::SECRET_UNREADABLE)
        };
        let mut parts = sealed.split('.');
        let (Some(FORM), Some(name), Some(body), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(unreadable("what is stored was not sealed by us".to_owned()));
        };
        if name != key.name() {
            return Err(unreadable(format!(
                "sealed under key {name}, but this server has key {}: bring back the key that was there",
                key.name()
            )));
        }
        let opened = BASE64.decode(body).ok().and_then(|bytes| {
            let (nonce, sealed) = bytes.split_at_checked(NONCE_BYTES)?;
            let nonce: [u8; NONCE_BYTES] = nonce.try_into().ok()?;
            let payload = Payload {
                msg: sealed,
                aad: &place.bound(),
            };
            cipher(&key).decrypt(&Nonce::from(nonce), payload).ok()
        });
        opened
            .ok_or_else(|| unreadable("it was changed, or it belongs to another place".to_owned()))
    }

    /// Marks a text: nobody else can make the mark. Makes the key when there is none yet.
    pub fn mark(&self, purpose: &str, text: &[u8]) -> Result<[u8; MARK_BYTES]> {
        let key = self.key(Source::find_or_make)?;
        let mut mark = [0; MARK_BYTES];
        mark.copy_from_slice(&marked(&key, purpose, text).finalize().into_bytes()[..MARK_BYTES]);
        Ok(mark)
    }

    /// Whether a mark is ours, found out in the same time whatever it is. Without a key nothing is.
    pub fn is_mark(&self, purpose: &str, text: &[u8], mark: &[u8; MARK_BYTES]) -> bool {
        self.key(Source::find_or_refuse).is_ok_and(|key| {
            marked(&key, purpose, text)
                .verify_truncated_left(mark)
                .is_ok()
        })
    }

    fn key(&self, find: impl FnOnce(&Source) -> anyhow::Result<Key>) -> Result<Key> {
        let mut known = self
            .key
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(key) = &*known {
            return Ok(key.clone());
        }
        let key = find(&self.source).map_err(|error| {
            tracing::error!("{error:#}");
            Error::code(&codes::SECRET_UNREADABLE)
        })?;
        *known = Some(key.clone());
        Ok(key)
    }
}

/// Under a key of its own: what marks never seals.
fn marked(key: &Key, purpose: &str, text: &[u8]) -> Hmac<Sha256> {
    let hmac = |key: &[u8], text: &[u8]| {
        let mut hmac = <Hmac<Sha256> as hmac::KeyInit>::new_from_slice(key)
            .expect("a key of any length is good");
        hmac.update(text);
        hmac
    };
    let own = hmac(key.bytes(), format!("{FORM}\0mark\0{purpose}").as_bytes());
    hmac(&own.finalize().into_bytes(), text)
}

fn cipher(key: &Key) -> Aes256Gcm {
    Aes256Gcm::new(key.bytes().into())
}

#[cfg(test)]
mod tests;
