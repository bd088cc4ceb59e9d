//! Signatures, hashes and sealed texts as the gateways want them.
//!
//! Keys come in as PEM (or the bare base64 that Alipay's tool hands out) and show nothing of themselves in `Debug`.
//! Checking never says why something did not hold. Both our clients and the simulator use what is here; that the
//! two agree proves nothing, which is why published vectors are tested beside it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Digest;

mod certificate;
mod rsa;
mod sealed;

pub use certificate::{Certificate, key_id};
pub use rsa::{PrivateKey, PublicKey};
pub use sealed::ApiV3Key;

/// Why a key was not taken. Says nothing of the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyProblem {
    /// Neither PEM nor base64.
    #[error("not a PEM text")]
    NotPem,
    /// Readable, but not such a key.
    #[error("not an RSA key of 2048 bits or more")]
    NotRsa,
    /// Not an X.509 certificate.
    #[error("not a certificate")]
    NotCertificate,
    /// Not exactly 32 bytes.
    #[error("must be exactly 32 letters and digits")]
    NotThirtyTwo,
}

/// Base64 with padding.
pub fn to_base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// The bytes behind base64; line breaks are passed over.
pub fn from_base64(text: &str) -> Option<Vec<u8>> {
    let joined: String = text.split_ascii_whitespace().collect();
    STANDARD.decode(joined).ok()
}

/// Lower-case hexadecimal.
pub fn to_hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// MD5, for what gateways still sign with it.
pub fn md5_hex(bytes: &[u8]) -> String {
    to_hex(&md5::Md5::digest(bytes))
}

/// SHA-1, for bill files.
pub fn sha1_hex(bytes: &[u8]) -> String {
    to_hex(&sha1::Sha1::digest(bytes))
}

/// SHA-256.
pub fn sha256_hex(bytes: &[u8]) -> String {
    to_hex(&sha2::Sha256::digest(bytes))
}

/// HMAC with SHA-256.
pub fn hmac_sha256_hex(key: &[u8], bytes: &[u8]) -> String {
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(key).expect("a key of any length is good");
    mac.update(bytes);
    to_hex(&mac.finalize().into_bytes())
}

/// Whether two texts are the same, in a time that does not tell where they differ.
pub fn same_text(left: &str, right: &str) -> bool {
    aws_lc_rs::constant_time::verify_slices_are_equal(left.as_bytes(), right.as_bytes()).is_ok()
}

#[cfg(test)]
#[path = "crypto/tests.rs"]
mod tests;
