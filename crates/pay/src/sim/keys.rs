//! The keys of both sides: made on the first start, written where a merchant finds them, read again on the next.
//!
//! Beside the files a merchant needs there is `platform/`, with what only the gateways know.

use std::path::Path;

use rcgen::{CertificateParams, DnType, KeyPair, PKCS_RSA_SHA256, SerialNumber};
use serde::{Deserialize, Serialize};

use crate::crypto::{ApiV3Key, Certificate, PrivateKey, PublicKey};
use crate::gateway::Surroundings;
use crate::sim::SimError;

const MCHID: &str = "1900000001";

/// `wechat/settings.json`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct WechatSettings {
    pub(crate) mchid: String,
    pub(crate) appid: String,
    pub(crate) serial_no: String,
    pub(crate) apiv3_key: String,
    pub(crate) v2_key: String,
    pub(crate) public_key_id: String,
    pub(crate) platform_serial: String,
}

/// `alipay/settings.json`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct AlipaySettings {
    pub(crate) app_id: String,
    pub(crate) seller_id: String,
}

/// What the gateways check and sign with.
#[derive(Debug)]
pub(crate) struct Keys {
    pub(crate) wechat: WechatSettings,
    pub(crate) apiv3: ApiV3Key,
    /// Checks the merchant's requests.
    pub(crate) merchant: PublicKey,
    /// Signs for merchants who verify by public key.
    pub(crate) by_public_key: PrivateKey,
    /// Signs for merchants who verify by certificate.
    pub(crate) by_certificate: PrivateKey,
    pub(crate) certificate_pem: String,
    pub(crate) alipay: AlipaySettings,
    /// Checks the app's requests.
    pub(crate) app: PublicKey,
    pub(crate) alipay_key: PrivateKey,
}

impl Keys {
    /// Reads the keys under `dir`, making those of a gateway that is not there yet.
    pub(crate) fn open(dir: &Path, surroundings: &dyn Surroundings) -> Result<Keys, SimError> {
        if !dir.join("wechat/settings.json").exists() {
            make_wechat(dir, surroundings)?;
        }
        if !dir.join("alipay/settings.json").exists() {
            make_alipay(dir)?;
        }
        let wechat: WechatSettings = settings(dir, "wechat/settings.json")?;
        Ok(Keys {
            apiv3: ApiV3Key::parse(&wechat.apiv3_key)
                .map_err(|problem| SimError::key("wechat/settings.json", problem))?,
            merchant: public_key(dir, "wechat/mch_cert.pem")?,
            by_public_key: private_key(dir, "platform/wechat_pub_key.pem")?,
            by_certificate: private_key(dir, "platform/wechat_cert_key.pem")?,
            certificate_pem: read(dir, "wechat/platform_cert.pem")?,
            wechat,
            alipay: settings(dir, "alipay/settings.json")?,
            app: private_key(dir, "alipay/app_key.pem")?.public(),
            alipay_key: private_key(dir, "platform/alipay_key.pem")?,
        })
    }
}

/// The settings come last: where they are, everything is.
fn make_wechat(dir: &Path, surroundings: &dyn Surroundings) -> Result<(), SimError> {
    let merchant = new_pair()?;
    write(dir, "wechat/mch_key.pem", &merchant.serialize_pem())?;
    let certificate = certificate(&merchant, MCHID, surroundings)?;
    write(dir, "wechat/mch_cert.pem", &certificate)?;
    let by_public_key = new_pair()?;
    write(
        dir,
        "platform/wechat_pub_key.pem",
        &by_public_key.serialize_pem(),
    )?;
    write(
        dir,
        "wechat/platform_pub.pem",
        &by_public_key.public_key_pem(),
    )?;
    let by_certificate = new_pair()?;
    write(
        dir,
        "platform/wechat_cert_key.pem",
        &by_certificate.serialize_pem(),
    )?;
    let platform = self::certificate(&by_certificate, "Aisle gateway simulator", surroundings)?;
    write(dir, "wechat/platform_cert.pem", &platform)?;
    let serial_of = |pem: &str| {
        let certificate = Certificate::parse(pem);
        certificate
            .map(|certificate| certificate.serial().to_owned())
            .map_err(|problem| SimError::key("a new certificate", problem))
    };
    let settings = WechatSettings {
        mchid: MCHID.to_owned(),
        appid: "wx0000000000000001".to_owned(),
        serial_no: serial_of(&certificate)?,
        apiv3_key: surroundings.nonce(),
        v2_key: surroundings.nonce(),
        public_key_id: "PUB_KEY_ID_0119000000012026010100000000000001".to_owned(),
        platform_serial: serial_of(&platform)?,
    };
    write_settings(dir, "wechat/settings.json", &settings)
}

fn make_alipay(dir: &Path) -> Result<(), SimError> {
    write(dir, "alipay/app_key.pem", &new_pair()?.serialize_pem())?;
    let platform = new_pair()?;
    write(dir, "platform/alipay_key.pem", &platform.serialize_pem())?;
    write(dir, "alipay/alipay_pub.pem", &platform.public_key_pem())?;
    let settings = AlipaySettings {
        app_id: "2021000000000001".to_owned(),
        seller_id: "2088000000000001".to_owned(),
    };
    write_settings(dir, "alipay/settings.json", &settings)
}

fn new_pair() -> Result<KeyPair, SimError> {
    KeyPair::generate_for(&PKCS_RSA_SHA256).map_err(|error| SimError::Making(error.to_string()))
}

/// A certificate that vouches for itself, with a serial number of twenty bytes that does not begin with a zero.
fn certificate(
    pair: &KeyPair,
    name: &str,
    surroundings: &dyn Surroundings,
) -> Result<String, SimError> {
    let making = |error: rcgen::Error| SimError::Making(error.to_string());
    let mut params = CertificateParams::new(Vec::new()).map_err(making)?;
    params.distinguished_name.push(DnType::CommonName, name);
    let mut serial = surroundings.nonce().into_bytes();
    serial.truncate(20);
    params.serial_number = Some(SerialNumber::from_slice(&serial));
    params.not_before = rcgen::date_time_ymd(2020, 1, 1);
    params.not_after = rcgen::date_time_ymd(2099, 12, 31);
    Ok(params.self_signed(pair).map_err(making)?.pem())
}

fn write_settings<T: Serialize>(dir: &Path, name: &str, settings: &T) -> Result<(), SimError> {
    let text = serde_json::to_string_pretty(settings).expect("settings are plain texts");
    write(dir, name, &text)
}

/// Readable by its owner alone: half of these files are private keys.
fn write(dir: &Path, name: &str, text: &str) -> Result<(), SimError> {
    use std::io::Write;
    use std::os::unix::fs::OpenOptionsExt;
    let path = dir.join(name);
    let io = |error| SimError::file(&path, error);
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(io)?;
    }
    let mut options = std::fs::OpenOptions::new();
    let options = options.write(true).create(true).truncate(true).mode(0o600);
    let mut file = options.open(&path).map_err(io)?;
    file.write_all(text.as_bytes()).map_err(io)
}

fn read(dir: &Path, name: &str) -> Result<String, SimError> {
    let path = dir.join(name);
    std::fs::read_to_string(&path).map_err(|error| SimError::file(&path, error))
}

fn settings<T: serde::de::DeserializeOwned>(dir: &Path, name: &str) -> Result<T, SimError> {
    serde_json::from_str(&read(dir, name)?)
        .map_err(|error| SimError::unreadable(&dir.join(name), error))
}

fn private_key(dir: &Path, name: &str) -> Result<PrivateKey, SimError> {
    PrivateKey::parse(&read(dir, name)?).map_err(|problem| SimError::key(name, problem))
}

fn public_key(dir: &Path, name: &str) -> Result<PublicKey, SimError> {
    PublicKey::parse(&read(dir, name)?).map_err(|problem| SimError::key(name, problem))
}
