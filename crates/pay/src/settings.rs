//! What is the matter with settings, and the checks both gateways share.

use serde::Serialize;
use url::{Host, Url};

use crate::crypto::KeyProblem;

/// Settings that cannot work: which field, and why. Never holds the field's content.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {problem}")]
pub struct SettingsError {
    /// The field's name as it is written in the settings.
    pub field: String,
    /// What is the matter with it.
    pub problem: Problem,
}

/// What can be the matter with a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum Problem {
    /// It has to be there.
    #[error("is missing")]
    Missing,
    /// Not a URL, or one with a name and password in it.
    #[error("is not a URL")]
    NotUrl,
    /// Only this machine may be spoken to without encryption.
    #[error("must begin with https://")]
    NotHttps,
    /// Letters or digits that cannot be such a number.
    #[error("is not in the right form")]
    NotInForm,
    /// Neither PEM nor base64.
    #[error("is not a PEM text")]
    NotPem,
    /// Readable, but no RSA key that is long enough.
    #[error("is not an RSA key of 2048 bits or more")]
    NotRsa,
    /// Not an X.509 certificate.
    #[error("is not a certificate")]
    NotCertificate,
    /// Not exactly 32 letters and digits.
    #[error("must be exactly 32 letters and digits")]
    NotThirtyTwo,
    /// Key, certificate and serial number are not of one another.
    #[error("does not belong to the private key")]
    NotOfThisKey,
    /// The system has no certificates of authorities, or something like it.
    #[error("no encrypted connections can be made")]
    NoTls,
}

impl From<KeyProblem> for Problem {
    fn from(problem: KeyProblem) -> Problem {
        match problem {
            KeyProblem::NotPem => Problem::NotPem,
            KeyProblem::NotRsa => Problem::NotRsa,
            KeyProblem::NotCertificate => Problem::NotCertificate,
            KeyProblem::NotThirtyTwo => Problem::NotThirtyTwo,
        }
    }
}

/// `problem` of `field`.
pub(crate) fn wrong(field: &str, problem: impl Into<Problem>) -> SettingsError {
    SettingsError {
        field: field.to_owned(),
        problem: problem.into(),
    }
}

/// Something in `form`, 1 to `longest` bytes of it.
pub(crate) fn check_form(
    field: &str,
    text: &str,
    longest: usize,
    form: fn(&u8) -> bool,
) -> Result<(), SettingsError> {
    if text.is_empty() {
        return Err(wrong(field, Problem::Missing));
    }
    if text.len() > longest || !text.as_bytes().iter().all(form) {
        return Err(wrong(field, Problem::NotInForm));
    }
    Ok(())
}

/// An address money is spoken about with: encrypted, or on this very machine.
pub(crate) fn check_url(field: &str, text: &str) -> Result<Url, SettingsError> {
    let url = Url::parse(text).map_err(|_| wrong(field, Problem::NotUrl))?;
    if !url.username().is_empty() || url.password().is_some() || url.host().is_none() {
        return Err(wrong(field, Problem::NotUrl));
    }
    match url.scheme() {
        "https" => Ok(url),
        "http" if is_loopback(&url) => Ok(url),
        "http" => Err(wrong(field, Problem::NotHttps)),
        _ => Err(wrong(field, Problem::NotUrl)),
    }
}

/// Whether it leads nowhere but to this machine.
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_is_spoken_to_without_encryption() {
        let cases = [
            ("https://api.mch.weixin.qq.com", None),
            ("http://127.0.0.1:8901", None),
            ("http://[::1]:8901", None),
            ("http://localhost:8901", None),
            ("http://api.mch.weixin.qq.com", Some(Problem::NotHttps)),
            ("http://127.0.0.1.example.com", Some(Problem::NotHttps)),
            ("http://localhost.example.com", Some(Problem::NotHttps)),
            ("https://user:word@api.example.com", Some(Problem::NotUrl)),
            ("file:///etc/passwd", Some(Problem::NotUrl)),
            ("api.mch.weixin.qq.com", Some(Problem::NotUrl)),
            ("", Some(Problem::NotUrl)),
        ];
        for (text, expected) in cases {
            let found = check_url("base_url", text).err().map(|error| error.problem);
            assert_eq!(found, expected, "{text}");
        }
    }

    #[test]
    fn an_error_names_the_field() {
        let error = check_url("base_url", "http://example.com").unwrap_err();
        assert_eq!(error.to_string(), "base_url: must begin with https://");
    }
}
