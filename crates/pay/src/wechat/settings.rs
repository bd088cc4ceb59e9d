//! Who we are at WeChat Pay, and with which keys.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use url::Url;

use super::text::SignType;
use crate::crypto::{ApiV3Key, Certificate, PrivateKey, PublicKey, key_id};
use crate::secret::Secret;
use crate::settings::{Problem, SettingsError, check_form, check_url, is_loopback, wrong};

/// What anybody may see.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// 商户号.
    pub mchid: String,
    /// The app the payments belong to.
    pub appid: String,
    /// 商户 API 证书序列号: which of our certificates we sign with.
    pub serial_no: String,
    /// That certificate (`apiclient_cert.pem`); reversing over the older interface shows it.
    #[serde(default)]
    pub certificate: Option<String>,
    /// The gateway's keys: `PUB_KEY_ID_…` or serial number, and the public key or certificate as PEM. Several at once
    /// while the gateway moves from one to the next. Empty where the gateway's certificates are to be fetched.
    #[serde(default)]
    pub platform_keys: BTreeMap<String, String>,
    /// Which interface takes payment codes.
    #[serde(default)]
    pub code_pay_api: CodePayApi,
    /// How calls of the older interface are signed.
    #[serde(default)]
    pub v2_sign_type: SignType,
    /// The address this shop calls from, as the older interface wants to know it.
    #[serde(default = "this_machine")]
    pub client_ip: String,
    /// The gateway.
    #[serde(default = "gateway")]
    pub base_url: String,
}

/// Which interface takes payment codes (付款码).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CodePayApi {
    /// XML: micropay, and reverse with a client certificate. Every merchant has it.
    #[default]
    V2,
    /// JSON: codepay, for merchants it has been opened for.
    V3,
}

/// What nobody may see.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Secrets {
    /// 商户 API 私钥 (`apiclient_key.pem`).
    pub private_key: Secret,
    /// APIv3 密钥: opens reports and certificates.
    pub apiv3_key: Secret,
    /// APIv2 密钥: signs payment codes over the older interface.
    #[serde(default)]
    pub v2_key: Option<Secret>,
}

/// Settings whose every part was read.
#[derive(Debug)]
pub(super) struct Ready {
    pub(super) settings: Settings,
    pub(super) base: Url,
    pub(super) key: PrivateKey,
    pub(super) apiv3_key: ApiV3Key,
    pub(super) v2_key: Option<Secret>,
    pub(super) platform_keys: BTreeMap<String, PublicKey>,
    /// Certificate and key together, when the older interface reverses over an encrypted connection.
    pub(super) identity: Option<Secret>,
}

impl Settings {
    /// Reads everything once, so that a wrong key shows when it is put in and not at a till.
    pub(super) fn check(self, secrets: Secrets) -> Result<Ready, SettingsError> {
        check_form("mchid", &self.mchid, 32, u8::is_ascii_digit)?;
        check_form("appid", &self.appid, 32, u8::is_ascii_alphanumeric)?;
        check_form("serial_no", &self.serial_no, 64, u8::is_ascii_hexdigit)?;
        if self.client_ip.parse::<std::net::IpAddr>().is_err() {
            return Err(wrong("client_ip", Problem::NotInForm));
        }
        let base = check_url("base_url", &self.base_url)?;
        let key = private_key(&secrets.private_key)?;
        let apiv3_key = ApiV3Key::parse(secrets.apiv3_key.reveal())
            .map_err(|problem| wrong("apiv3_key", problem))?;
        self.check_certificate(&key)?;
        self.check_v2(&secrets, &base)?;
        Ok(Ready {
            platform_keys: self.read_platform_keys()?,
            identity: self.identity(&secrets, &base),
            settings: self,
            base,
            key,
            apiv3_key,
            v2_key: secrets.v2_key,
        })
    }

    fn check_certificate(&self, key: &PrivateKey) -> Result<(), SettingsError> {
        let Some(text) = &self.certificate else {
            return Ok(());
        };
        let certificate =
            Certificate::parse(text).map_err(|problem| wrong("certificate", problem))?;
        if *certificate.public_key() != key.public() {
            return Err(wrong("certificate", Problem::NotOfThisKey));
        }
        if key_id(certificate.serial()) != key_id(&self.serial_no) {
            return Err(wrong("serial_no", Problem::NotOfThisKey));
        }
        Ok(())
    }

    /// The older interface needs its key, and a certificate to reverse with: a payment code that was taken but can
    /// never be given back is not offered.
    fn check_v2(&self, secrets: &Secrets, base: &Url) -> Result<(), SettingsError> {
        if self.code_pay_api != CodePayApi::V2 {
            return Ok(());
        }
        let v2_key = secrets.v2_key.as_ref().filter(|key| !key.is_empty());
        let v2_key = v2_key.ok_or_else(|| wrong("v2_key", Problem::Missing))?;
        if v2_key.reveal().len() != 32 {
            return Err(wrong("v2_key", Problem::NotThirtyTwo));
        }
        if self.certificate.is_none() && !is_plain(base) {
            return Err(wrong("certificate", Problem::Missing));
        }
        Ok(())
    }

    fn identity(&self, secrets: &Secrets, base: &Url) -> Option<Secret> {
        let certificate = self.certificate.as_ref()?;
        let wanted = self.code_pay_api == CodePayApi::V2 && !is_plain(base);
        wanted.then(|| Secret::new(format!("{certificate}\n{}", secrets.private_key.reveal())))
    }

    fn read_platform_keys(&self) -> Result<BTreeMap<String, PublicKey>, SettingsError> {
        self.platform_keys
            .iter()
            .map(|(id, text)| match PublicKey::parse(text) {
                Ok(key) => Ok((key_id(id), key)),
                Err(problem) => Err(wrong("platform_keys", problem)),
            })
            .collect()
    }
}

fn private_key(text: &Secret) -> Result<PrivateKey, SettingsError> {
    if text.is_empty() {
        return Err(wrong("private_key", Problem::Missing));
    }
    PrivateKey::parse(text.reveal()).map_err(|problem| wrong("private_key", problem))
}

fn is_plain(base: &Url) -> bool {
    base.scheme() == "http" && is_loopback(base)
}

fn this_machine() -> String {
    "127.0.0.1".to_owned()
}

fn gateway() -> String {
    "https://api.mch.weixin.qq.com".to_owned()
}
