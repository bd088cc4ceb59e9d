//! RSA keys: signing and checking with PKCS#1 v1.5 and SHA-256, at least 2048 bits.

use std::fmt;

use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa;
use aws_lc_rs::signature::{
    KeyPair, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256,
};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{PrivateKeyDer, SubjectPublicKeyInfoDer};

use super::{Certificate, KeyProblem, from_base64, to_base64};

/// 2048 bits.
const MODULUS_BYTES_MIN: usize = 256;

/// A key that signs.
pub struct PrivateKey(rsa::KeyPair);

impl PrivateKey {
    /// Reads PKCS#8 or PKCS#1, as PEM or as bare base64.
    pub fn parse(text: &str) -> Result<PrivateKey, KeyProblem> {
        let pair = if is_pem(text) {
            match PrivateKeyDer::from_pem_slice(text.as_bytes()).map_err(|_| KeyProblem::NotPem)? {
                PrivateKeyDer::Pkcs8(der) => rsa::KeyPair::from_pkcs8(der.secret_pkcs8_der()),
                PrivateKeyDer::Pkcs1(der) => rsa::KeyPair::from_der(der.secret_pkcs1_der()),
                _ => return Err(KeyProblem::NotRsa),
            }
        } else {
            let der = from_base64(text).ok_or(KeyProblem::NotPem)?;
            rsa::KeyPair::from_pkcs8(&der).or_else(|_| rsa::KeyPair::from_der(&der))
        };
        pair.map(PrivateKey).map_err(|_| KeyProblem::NotRsa)
    }

    /// The signature of `message`, as base64.
    pub fn sign(&self, message: &[u8]) -> String {
        let mut signature = vec![0; self.0.public_modulus_len()];
        self.0
            .sign(
                &RSA_PKCS1_SHA256,
                &SystemRandom::new(),
                message,
                &mut signature,
            )
            .expect("a key that was taken signs");
        to_base64(&signature)
    }

    /// The key that checks what this one signs.
    pub fn public(&self) -> PublicKey {
        let der: PublicKeyX509Der<'_> = self
            .0
            .public_key()
            .as_der()
            .expect("the public half of a key that was taken");
        PublicKey::from_der(der.as_ref()).expect("the public half of a key that was taken")
    }
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PrivateKey")
    }
}

/// A key that checks.
#[derive(Clone)]
pub struct PublicKey {
    der: Vec<u8>,
    key: std::sync::Arc<ParsedPublicKey>,
}

impl PublicKey {
    /// Reads a public key or takes it out of a certificate, as PEM or as bare base64.
    pub fn parse(text: &str) -> Result<PublicKey, KeyProblem> {
        if text.contains("-----BEGIN CERTIFICATE") {
            return Ok(Certificate::parse(text)?.public_key().clone());
        }
        if !is_pem(text) {
            return PublicKey::from_der(&from_base64(text).ok_or(KeyProblem::NotPem)?);
        }
        match SubjectPublicKeyInfoDer::from_pem_slice(text.as_bytes()) {
            Ok(der) => PublicKey::from_der(&der),
            Err(_) => Err(KeyProblem::NotPem),
        }
    }

    pub(super) fn from_der(der: &[u8]) -> Result<PublicKey, KeyProblem> {
        let checked = rsa::PublicKey::from_der(der).map_err(|_| KeyProblem::NotRsa)?;
        if checked.modulus_len() < MODULUS_BYTES_MIN {
            return Err(KeyProblem::NotRsa);
        }
        let key = ParsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, checked.as_ref())
            .map_err(|_| KeyProblem::NotRsa)?;
        Ok(PublicKey {
            der: checked.as_ref().to_vec(),
            key: std::sync::Arc::new(key),
        })
    }

    /// Whether `signature` (base64) is this key's of `message`.
    pub fn verify(&self, message: &[u8], signature: &str) -> bool {
        from_base64(signature).is_some_and(|bytes| self.key.verify_sig(message, &bytes).is_ok())
    }
}

impl PartialEq for PublicKey {
    fn eq(&self, other: &PublicKey) -> bool {
        self.der == other.der
    }
}

impl Eq for PublicKey {}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PublicKey")
    }
}

fn is_pem(text: &str) -> bool {
    text.contains("-----BEGIN")
}
