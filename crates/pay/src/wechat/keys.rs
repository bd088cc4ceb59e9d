//! The gateway's keys: those of the settings, and in certificate mode those it hands out.

use std::collections::BTreeMap;
use std::sync::{Mutex, RwLock};

use serde::Deserialize;

use super::Wechat;
use super::call::{Seal, V3Call};
use crate::crypto::{Certificate, PublicKey, key_id};
use crate::http::ask;

/// The gateway's certificates are asked for once a minute at most.
const PAUSE_MS: i64 = 60_000;

/// Keys by what the gateway calls them. Several at once: it moves from one to the next over days.
#[derive(Debug)]
pub(super) struct PlatformKeys {
    known: RwLock<BTreeMap<String, PublicKey>>,
    asked_at_ms: Mutex<Option<i64>>,
}

impl PlatformKeys {
    pub(super) fn new(known: BTreeMap<String, PublicKey>) -> PlatformKeys {
        PlatformKeys {
            known: RwLock::new(known),
            asked_at_ms: Mutex::new(None),
        }
    }

    pub(super) fn find(&self, id: &str) -> Option<PublicKey> {
        let known = self.known.read().unwrap_or_else(|held| held.into_inner());
        known.get(&key_id(id)).cloned()
    }

    /// The public key the gateway is asked to answer with; `None` in certificate mode.
    pub(super) fn public_key_id(&self) -> Option<String> {
        let known = self.known.read().unwrap_or_else(|held| held.into_inner());
        let mut ids = known.keys().filter(|id| id.starts_with("PUB_KEY_ID_"));
        ids.next_back().cloned()
    }

    fn add(&self, found: Vec<Certificate>) {
        let mut known = self.known.write().unwrap_or_else(|held| held.into_inner());
        for certificate in found {
            known.insert(
                key_id(certificate.serial()),
                certificate.public_key().clone(),
            );
        }
    }

    fn may_ask(&self, now_ms: i64) -> bool {
        let mut asked = self
            .asked_at_ms
            .lock()
            .unwrap_or_else(|held| held.into_inner());
        let may = asked.is_none_or(|at| now_ms - at >= PAUSE_MS);
        if may {
            *asked = Some(now_ms);
        }
        may
    }
}

#[derive(Deserialize)]
struct Listed {
    data: Vec<Item>,
}

#[derive(Deserialize)]
struct Item {
    serial_no: String,
    encrypt_certificate: Sealed,
}

/// A text only the holder of the APIv3 key can read or write.
#[derive(Deserialize)]
pub(super) struct Sealed {
    nonce: String,
    #[serde(default)]
    associated_data: String,
    ciphertext: String,
}

impl Wechat {
    /// Fetches the gateway's certificates and believes them, when asked more than a minute after the last time.
    /// For whoever gets [`NoticeError::UnknownKey`](crate::NoticeError::UnknownKey).
    pub async fn refresh_keys(&self) {
        if !self.keys.may_ask(self.surroundings.now().0) {
            return;
        }
        let call = V3Call::get("certificates", "/v3/certificates".to_owned());
        let Ok(reply) = ask(self.v3_request(&call)).await else {
            return;
        };
        let Some(seal) = Seal::of(|name| Some(reply.header(name).to_owned())) else {
            return;
        };
        let Some(found) = self.open_certificates(&reply.body) else {
            return;
        };
        // Who could seal them knows the APIv3 key; the signature must still be by one of them or by one known before.
        let by_new = found
            .iter()
            .find(|one| key_id(one.serial()) == key_id(&seal.serial))
            .map(|one| one.public_key().clone());
        let Some(key) = by_new.or_else(|| self.keys.find(&seal.serial)) else {
            return;
        };
        let holds = seal.is_fresh(self.surroundings.now().0)
            && key.verify(&seal.message(&reply.body), seal.signature());
        if reply.is_success() && holds {
            self.keys.add(found);
        }
    }

    fn open_certificates(&self, body: &[u8]) -> Option<Vec<Certificate>> {
        let listed: Listed = serde_json::from_slice(body).ok()?;
        listed
            .data
            .iter()
            .map(|item| {
                let text = self.open(&item.encrypt_certificate)?;
                let certificate = Certificate::parse(std::str::from_utf8(&text).ok()?).ok()?;
                (key_id(certificate.serial()) == key_id(&item.serial_no)).then_some(certificate)
            })
            .collect()
    }

    pub(super) fn open(&self, sealed: &Sealed) -> Option<Vec<u8>> {
        self.ready
            .apiv3_key
            .open(&sealed.nonce, &sealed.associated_data, &sealed.ciphertext)
    }
}
