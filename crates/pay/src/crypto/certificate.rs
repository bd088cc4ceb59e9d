//! X.509 certificates: their serial numbers, their keys, and Alipay's own number for them.

use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use x509_parser::prelude::{FromDer, X509Certificate};
use x509_parser::x509::X509Name;

use super::{KeyProblem, PublicKey, from_base64, md5_hex, to_hex};

/// What of a certificate counts here.
#[derive(Debug, Clone)]
pub struct Certificate {
    serial: String,
    alipay_sn: String,
    public_key: PublicKey,
}

impl Certificate {
    /// Reads the first certificate of a PEM text, or one as bare base64.
    pub fn parse(text: &str) -> Result<Certificate, KeyProblem> {
        if !text.contains("-----BEGIN") {
            return Certificate::of_der(&from_base64(text).ok_or(KeyProblem::NotPem)?);
        }
        let der = CertificateDer::from_pem_slice(text.as_bytes());
        Certificate::of_der(&der.map_err(|_| KeyProblem::NotPem)?)
    }

    /// Reads every certificate of a PEM text; at least one.
    pub fn parse_all(text: &str) -> Result<Vec<Certificate>, KeyProblem> {
        let all: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(text.as_bytes())
            .map(|der| Certificate::of_der(&der.map_err(|_| KeyProblem::NotPem)?))
            .collect();
        match all {
            Ok(none) if none.is_empty() => Err(KeyProblem::NotPem),
            other => other,
        }
    }

    fn of_der(der: &[u8]) -> Result<Certificate, KeyProblem> {
        let (_, parsed) = X509Certificate::from_der(der).map_err(|_| KeyProblem::NotCertificate)?;
        Ok(Certificate {
            serial: serial(&parsed),
            alipay_sn: alipay_sn(&parsed).ok_or(KeyProblem::NotCertificate)?,
            public_key: PublicKey::from_der(parsed.public_key().raw)?,
        })
    }

    /// The serial number in upper-case hexadecimal, whole bytes: as the merchant console shows it.
    pub fn serial(&self) -> &str {
        &self.serial
    }

    /// `app_cert_sn` and `alipay_cert_sn`: MD5 over issuer and decimal serial number.
    pub fn alipay_sn(&self) -> &str {
        &self.alipay_sn
    }

    /// The key it vouches for.
    pub fn public_key(&self) -> &PublicKey {
        &self.public_key
    }

    /// `alipay_root_cert_sn` of a PEM text with several certificates: those signed with RSA, joined by `_`.
    pub fn alipay_root_sn(text: &str) -> Result<String, KeyProblem> {
        let mut numbers = Vec::new();
        for der in CertificateDer::pem_slice_iter(text.as_bytes()) {
            let der = der.map_err(|_| KeyProblem::NotPem)?;
            let (_, parsed) =
                X509Certificate::from_der(&der).map_err(|_| KeyProblem::NotCertificate)?;
            if is_signed_with_rsa(&parsed) {
                numbers.push(alipay_sn(&parsed).ok_or(KeyProblem::NotCertificate)?);
            }
        }
        if numbers.is_empty() {
            return Err(KeyProblem::NotCertificate);
        }
        Ok(numbers.join("_"))
    }
}

/// How the name of a platform key is compared: `PUB_KEY_ID_…` as it is; a serial number in upper case without
/// leading zeros, which some tools print and others do not.
pub fn key_id(text: &str) -> String {
    let text = text.trim();
    if text.starts_with("PUB_KEY_ID_") {
        return text.to_owned();
    }
    text.trim_start_matches('0').to_ascii_uppercase()
}

fn serial(certificate: &X509Certificate<'_>) -> String {
    let raw = certificate.raw_serial();
    // DER puts a zero byte before a number whose first bit is set.
    let bytes = match raw {
        [0, rest @ ..] if !rest.is_empty() => rest,
        all => all,
    };
    to_hex(bytes).to_ascii_uppercase()
}

fn alipay_sn(certificate: &X509Certificate<'_>) -> Option<String> {
    let issuer = reversed_name(certificate.issuer())?;
    Some(md5_hex(
        format!("{issuer}{}", certificate.tbs_certificate.serial).as_bytes(),
    ))
}

/// `CN=…,OU=…,O=…,C=…`: the parts from last to first.
fn reversed_name(name: &X509Name<'_>) -> Option<String> {
    let mut parts = Vec::new();
    for attribute in name.iter_attributes() {
        let kind = x509_parser::objects::oid2abbrev(
            attribute.attr_type(),
            x509_parser::objects::oid_registry(),
        )
        .ok()?;
        parts.push(format!("{kind}={}", attribute.as_str().ok()?));
    }
    parts.reverse();
    Some(parts.join(","))
}

/// Its signature's algorithm lies under 1.2.840.113549.1.1, PKCS#1.
fn is_signed_with_rsa(certificate: &X509Certificate<'_>) -> bool {
    certificate
        .signature_algorithm
        .algorithm
        .to_id_string()
        .starts_with("1.2.840.113549.1.1.")
}
