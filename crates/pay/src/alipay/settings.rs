//! Who we are at Alipay, and with which keys.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use url::Url;

use crate::crypto::{Certificate, PrivateKey, PublicKey};
use crate::secret::Secret;
use crate::settings::{Problem, SettingsError, check_form, check_url, wrong};

/// What anybody may see.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// 应用 APPID.
    pub app_id: String,
    /// 商户 PID (`2088…`); reports are compared with it where it is given.
    #[serde(default)]
    pub seller_id: Option<String>,
    /// 支付宝公钥, in key mode.
    #[serde(default)]
    pub alipay_public_key: Option<String>,
    /// Our certificate and Alipay's, in certificate mode.
    #[serde(default)]
    pub certificates: Option<Certificates>,
    /// The gateway.
    #[serde(default = "gateway")]
    pub base_url: String,
}

/// The three certificates of certificate mode, as PEM.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Certificates {
    /// 应用公钥证书.
    pub app: String,
    /// 支付宝公钥证书; several one after another while the gateway moves from one to the next.
    pub alipay: String,
    /// 支付宝根证书.
    pub root: String,
}

/// What nobody may see.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Secrets {
    /// 应用私钥.
    pub private_key: Secret,
}

/// Settings whose every part was read.
#[derive(Debug)]
pub(super) struct Ready {
    pub(super) settings: Settings,
    pub(super) base: Url,
    pub(super) key: PrivateKey,
    pub(super) trust: Trust,
}

/// Whose signature is believed.
#[derive(Debug)]
pub(super) enum Trust {
    /// One key.
    Key(PublicKey),
    /// Certificates by their number, and what our requests say of ours.
    Certificates {
        keys: BTreeMap<String, PublicKey>,
        app_cert_sn: String,
        alipay_root_cert_sn: String,
    },
}

impl Settings {
    /// Reads everything once, so that a wrong key shows when it is put in and not at a till.
    pub(super) fn check(self, secrets: &Secrets) -> Result<Ready, SettingsError> {
        check_form("app_id", &self.app_id, 32, u8::is_ascii_digit)?;
        if let Some(seller_id) = &self.seller_id {
            check_form("seller_id", seller_id, 32, u8::is_ascii_digit)?;
        }
        let base = check_url("base_url", &self.base_url)?;
        if secrets.private_key.is_empty() {
            return Err(wrong("private_key", Problem::Missing));
        }
        let key = PrivateKey::parse(secrets.private_key.reveal())
            .map_err(|problem| wrong("private_key", problem))?;
        Ok(Ready {
            trust: self.trust(&key)?,
            settings: self,
            base,
            key,
        })
    }

    fn trust(&self, key: &PrivateKey) -> Result<Trust, SettingsError> {
        if let Some(certificates) = &self.certificates {
            return certificates.trust(key);
        }
        let text = self
            .alipay_public_key
            .as_ref()
            .ok_or_else(|| wrong("alipay_public_key", Problem::Missing))?;
        let trusted =
            PublicKey::parse(text).map_err(|problem| wrong("alipay_public_key", problem))?;
        // Whoever pastes the app's own public key would find every answer wrongly signed.
        if trusted == key.public() {
            return Err(wrong("alipay_public_key", Problem::NotInForm));
        }
        Ok(Trust::Key(trusted))
    }
}

impl Certificates {
    fn trust(&self, key: &PrivateKey) -> Result<Trust, SettingsError> {
        let app =
            Certificate::parse(&self.app).map_err(|problem| wrong("certificates.app", problem))?;
        if *app.public_key() != key.public() {
            return Err(wrong("certificates.app", Problem::NotOfThisKey));
        }
        let keys = Certificate::parse_all(&self.alipay)
            .map_err(|problem| wrong("certificates.alipay", problem))?
            .into_iter()
            .map(|one| (one.alipay_sn().to_owned(), one.public_key().clone()))
            .collect();
        let alipay_root_cert_sn = Certificate::alipay_root_sn(&self.root)
            .map_err(|problem| wrong("certificates.root", problem))?;
        Ok(Trust::Certificates {
            keys,
            app_cert_sn: app.alipay_sn().to_owned(),
            alipay_root_cert_sn,
        })
    }
}

fn gateway() -> String {
    "https://openapi.alipay.com/gateway.do".to_owned()
}
