//! The texts WeChat Pay signs, byte for byte.

use crate::crypto::{hmac_sha256_hex, md5_hex};

/// What is signed of an APIv3 request. `target` is path and query exactly as sent; `body` is empty for GET.
pub fn request_message(
    method: &str,
    target: &str,
    timestamp: &str,
    nonce: &str,
    body: &str,
) -> String {
    format!("{method}\n{target}\n{timestamp}\n{nonce}\n{body}\n")
}

/// What is signed of an APIv3 answer or report: the body's bytes as they came.
pub fn response_message(timestamp: &str, nonce: &str, body: &[u8]) -> Vec<u8> {
    let mut message = format!("{timestamp}\n{nonce}\n").into_bytes();
    message.extend_from_slice(body);
    message.push(b'\n');
    message
}

/// What a page inside WeChat shows with the order it opens; `package` is `prepay_id=…`.
pub fn jsapi_message(app_id: &str, time_stamp: &str, nonce: &str, package: &str) -> String {
    format!("{app_id}\n{time_stamp}\n{nonce}\n{package}\n")
}

/// How a call of the older, XML interface is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub enum SignType {
    /// HMAC with SHA-256.
    #[default]
    #[serde(rename = "HMAC-SHA256")]
    HmacSha256,
    /// MD5, where an old merchant account has nothing else.
    #[serde(rename = "MD5")]
    Md5,
}

impl SignType {
    /// The word in the parameter `sign_type`.
    pub fn as_str(self) -> &'static str {
        match self {
            SignType::HmacSha256 => "HMAC-SHA256",
            SignType::Md5 => "MD5",
        }
    }
}

/// The text before the key is added: what is not empty, without `sign`, sorted by name.
pub fn v2_params<'a>(params: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let mut params: Vec<_> = params
        .into_iter()
        .filter(|(name, value)| *name != "sign" && !value.is_empty())
        .collect();
    params.sort_unstable();
    let pairs: Vec<_> = params
        .into_iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    pairs.join("&")
}

/// The signature of such parameters, upper-case hexadecimal.
pub fn v2_sign<'a>(
    params: impl IntoIterator<Item = (&'a str, &'a str)>,
    key: &str,
    sign_type: SignType,
) -> String {
    let text = format!("{}&key={key}", v2_params(params));
    match sign_type {
        SignType::HmacSha256 => hmac_sha256_hex(key.as_bytes(), text.as_bytes()),
        SignType::Md5 => md5_hex(text.as_bytes()),
    }
    .to_ascii_uppercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From the description of the signature of the XML interface.
    #[test]
    fn signs_parameters_as_published() {
        let params = [
            ("appid", "wxd930ea5d5a258f4f"),
            ("mch_id", "10000100"),
            ("device_info", "1000"),
            ("body", "test"),
            ("nonce_str", "ibuaiVcKdpRxkhJA"),
            ("attach", ""),
            ("sign", "whatever"),
        ];
        let key = "192006250b4c09247ec02edce69f6a2d";
        assert_eq!(
            v2_sign(params, key, SignType::Md5),
            "9A0A8659F005D6984697E2CA0A9CF3B7"
        );
        assert_eq!(
            v2_sign(params, key, SignType::HmacSha256),
            "6A9AE1657590FD6257D693A078E1C3E4BB6BA4DC30B23E0EE2496E54170DACD6"
        );
    }

    #[test]
    fn a_message_without_a_body_still_ends_with_its_line() {
        assert_eq!(
            request_message("GET", "/v3/certificates", "1", "n", ""),
            "GET\n/v3/certificates\n1\nn\n\n"
        );
        assert_eq!(response_message("1", "n", b""), b"1\nn\n\n");
    }
}
