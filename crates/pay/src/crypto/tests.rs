use aes_gcm::aead::consts::{U12, U16};
use aes_gcm::aes::{Aes128, Aes256};
use aes_gcm::{AesGcm, KeyInit};
use serde_json::Value;

use super::sealed::open_with;
use super::*;
use crate::alipay::text::notice_text;
use crate::wechat::text::response_message;

const KEY: &str = include_str!("../testdata/merchant_key.pem");
const KEY_PKCS1: &str = include_str!("../testdata/merchant_key_pkcs1.pem");
const CERTIFICATE: &str = include_str!("../testdata/merchant_cert.pem");
const PUBLIC: &str = include_str!("../testdata/merchant_pub.pem");

fn vectors() -> Value {
    serde_json::from_str(include_str!("../testdata/vectors.json")).unwrap()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

#[test]
fn published_signatures_of_requests_hold() {
    for name in [
        "wechat_v3_request_sign",
        "wechat_jsapi_paysign",
        "wechat_app_sign",
    ] {
        let vector = &vectors()[name];
        let key = PublicKey::parse(text(&vector["merchant_public_key_pem"])).unwrap();
        let message = text(&vector["message"]);
        assert!(
            key.verify(message.as_bytes(), text(&vector["signature"])),
            "{name}"
        );
        assert!(!key.verify(format!("{message} ").as_bytes(), text(&vector["signature"])));
    }
}

#[test]
fn a_published_answer_in_public_key_mode_holds() {
    let vector = &vectors()["wechat_response_verify_pubkey_mode"];
    let key = PublicKey::parse(text(&vector["public_key_pem"])).unwrap();
    let message = response_message(
        text(&vector["timestamp"]),
        text(&vector["nonce"]),
        text(&vector["body"]).as_bytes(),
    );
    assert!(key.verify(&message, text(&vector["signature"])));
}

#[test]
fn a_published_report_in_certificate_mode_holds_and_opens() {
    let vector = &vectors()["wechat_notify_cert_mode"];
    let certificate = Certificate::parse(text(&vector["cert"])).unwrap();
    assert_eq!(certificate.serial(), text(&vector["serial"]));
    let body = text(&vector["body"]);
    let message = response_message(text(&vector["ts"]), text(&vector["nonce"]), body.as_bytes());
    assert!(
        certificate
            .public_key()
            .verify(&message, text(&vector["sig"]))
    );

    // The sample's key has 16 bytes; a merchant's never has.
    let resource = &serde_json::from_str::<Value>(body).unwrap()["resource"];
    let cipher = AesGcm::<Aes128, U12>::new_from_slice(text(&vector["apiv3"]).as_bytes()).unwrap();
    let opened = open_with(
        &cipher,
        text(&resource["nonce"]).as_bytes(),
        text(&resource["associated_data"]),
        text(&resource["ciphertext"]),
    )
    .unwrap();
    assert!(
        serde_json::from_slice::<Value>(&opened)
            .unwrap()
            .is_object()
    );
    assert_eq!(
        ApiV3Key::parse(text(&vector["apiv3"])).unwrap_err(),
        KeyProblem::NotThirtyTwo
    );
}

#[test]
fn published_sealed_texts_open() {
    for vector in vectors()["wechat_aes_256_gcm"].as_array().unwrap() {
        let cipher =
            AesGcm::<Aes256, U16>::new_from_slice(text(&vector["key"]).as_bytes()).unwrap();
        let opened = open_with(
            &cipher,
            text(&vector["iv"]).as_bytes(),
            text(&vector["aad"]),
            text(&vector["ciphertext_b64"]),
        );
        assert_eq!(opened.unwrap(), text(&vector["plaintext"]).as_bytes());
    }
}

#[test]
fn published_texts_of_alipay_hold() {
    let vector = &vectors()["alipay_sync_response"];
    let key = PublicKey::parse(text(&vector["public_key_b64der"])).unwrap();
    assert!(key.verify(text(&vector["node"]).as_bytes(), text(&vector["sign"])));

    let vector = &vectors()["alipay_notify_real_2019"];
    let key = PublicKey::parse(text(&vector["public_key_b64der"])).unwrap();
    let params = vector["params_without_sign_and_sign_type"]
        .as_object()
        .unwrap();
    let mut pairs: Vec<_> = params
        .iter()
        .map(|(name, value)| (name.as_str(), text(value)))
        .collect();
    pairs.extend([("sign_type", "RSA2"), ("sign", text(&vector["sign"]))]);
    let signed = notice_text(pairs);
    assert!(key.verify(signed.as_bytes(), text(&vector["sign"])));
    let altered = signed.replace("total_amount=0.10", "total_amount=0.20");
    assert!(!key.verify(altered.as_bytes(), text(&vector["sign"])));
}

#[test]
fn every_form_of_a_key_is_the_same_key() {
    let bare: String = KEY
        .lines()
        .filter(|line| !line.starts_with("-----"))
        .collect();
    let bare_pkcs1: String = KEY_PKCS1
        .lines()
        .filter(|line| !line.starts_with("-----"))
        .collect();
    let public = PublicKey::parse(PUBLIC).unwrap();
    assert_eq!(PublicKey::parse(CERTIFICATE).unwrap(), public);
    for form in [KEY, KEY_PKCS1, &bare, &bare_pkcs1] {
        let key = PrivateKey::parse(form).unwrap();
        let signature = key.sign("测试".as_bytes());
        assert!(public.verify("测试".as_bytes(), &signature));
        assert!(key.public().verify("测试".as_bytes(), &signature));
        assert!(!public.verify("试测".as_bytes(), &signature));
    }
}

#[test]
fn refuses_what_is_no_key_and_says_nothing_of_it() {
    let cases = [
        ("", KeyProblem::NotRsa),
        ("no key at all!", KeyProblem::NotPem),
        ("-----BEGIN PRIVATE KEY-----\nAAAA", KeyProblem::NotPem),
        (PUBLIC, KeyProblem::NotPem),
        (include_str!("../testdata/weak_key.pem"), KeyProblem::NotRsa),
    ];
    for (given, expected) in cases {
        assert_eq!(PrivateKey::parse(given).unwrap_err(), expected, "{given}");
    }
    assert_eq!(PublicKey::parse(KEY).unwrap_err(), KeyProblem::NotPem);
    let weak = include_str!("../testdata/weak_pub.pem");
    assert_eq!(PublicKey::parse(weak).unwrap_err(), KeyProblem::NotRsa);
    assert_eq!(Certificate::parse(PUBLIC).unwrap_err(), KeyProblem::NotPem);
    let key = PrivateKey::parse(KEY).unwrap();
    assert_eq!(
        format!("{key:?} {:?}", key.public()),
        "PrivateKey PublicKey"
    );
}

#[test]
fn sealed_text_opens_with_everything_right_and_not_otherwise() {
    let key = ApiV3Key::parse("0123456789abcdef0123456789abcdef").unwrap();
    let other = ApiV3Key::parse("0123456789abcdef0123456789abcdeF").unwrap();
    let sealed = key
        .seal("abcdefghijkl", "transaction", "付款".as_bytes())
        .unwrap();
    assert_eq!(
        key.open("abcdefghijkl", "transaction", &sealed).unwrap(),
        "付款".as_bytes()
    );
    assert_eq!(other.open("abcdefghijkl", "transaction", &sealed), None);
    assert_eq!(key.open("abcdefghijkm", "transaction", &sealed), None);
    assert_eq!(key.open("abcdefghijkl", "refund", &sealed), None);
    assert_eq!(key.open("abcdefghijklm", "transaction", &sealed), None);
    assert_eq!(key.open("abcdefghijkl", "transaction", "AAAA"), None);
    assert_eq!(key.seal("short", "", b""), None);
    assert_eq!(format!("{key:?}"), "ApiV3Key");
}

/// The expected number was computed with `openssl x509` and `md5sum`.
#[test]
fn certificates_are_numbered_as_each_gateway_counts() {
    let certificate = Certificate::parse(CERTIFICATE).unwrap();
    assert_eq!(
        certificate.serial(),
        "0A1B2C3D4E5F60718293A4B5C6D7E8F901234567"
    );
    assert_eq!(certificate.alipay_sn(), "e539e4548649352060e68a6906042f65");
    // A root that is not RSA does not count.
    let curve = include_str!("../testdata/curve_cert.pem");
    assert_eq!(Certificate::parse(curve).unwrap_err(), KeyProblem::NotRsa);
    assert!(Certificate::alipay_root_sn(curve).is_err());
    assert_eq!(
        Certificate::alipay_root_sn(&format!("{CERTIFICATE}\n{curve}\n{CERTIFICATE}")).unwrap(),
        "e539e4548649352060e68a6906042f65_e539e4548649352060e68a6906042f65"
    );
    assert!(Certificate::alipay_root_sn("").is_err());
}

#[test]
fn serial_numbers_are_compared_without_leading_zeros() {
    assert_eq!(key_id("0a1b"), key_id("A1B"));
    assert_eq!(key_id(" PUB_KEY_ID_0123 "), "PUB_KEY_ID_0123");
}

#[test]
fn hashes_are_the_known_ones() {
    assert_eq!(md5_hex(b"abc"), "900150983cd24fb0d6963f7d28e17f72");
    assert_eq!(sha1_hex(b"abc"), "a9993e364706816aba3e25717850c26c9cd0d89d");
    assert_eq!(
        sha256_hex(b"abc"),
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    );
    assert!(same_text("abc", "abc") && !same_text("abc", "abd") && !same_text("abc", "ab"));
}
