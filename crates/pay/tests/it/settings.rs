use std::sync::Arc;

use aisle_pay::wechat::{self, CodePayApi};
use aisle_pay::{Client, Problem, Secret, alipay};

use crate::shop::*;

fn wechat_problem(
    change: impl Fn(&mut wechat::Settings, &mut wechat::Secrets),
) -> Option<(String, Problem)> {
    let mut settings = wechat_settings("https://api.mch.weixin.qq.com");
    let mut secrets = wechat_secrets();
    settings.code_pay_api = CodePayApi::V2;
    settings.certificate = Some(MERCHANT_CERTIFICATE.to_owned());
    change(&mut settings, &mut secrets);
    let http = aisle_pay::connections().unwrap();
    let made = Client::wechat(settings, secrets, http, Arc::new(Still::default()));
    made.err().map(|error| (error.field, error.problem))
}

#[test]
fn wechat_settings_are_read_when_they_are_put_in() {
    // Certificate and key make the identity that a reversal shows.
    assert_eq!(wechat_problem(|_, _| {}), None);
    type Change = fn(&mut wechat::Settings, &mut wechat::Secrets);
    let cases: [(&str, Problem, Change); 16] = [
        ("mchid", Problem::Missing, |s, _| s.mchid.clear()),
        ("mchid", Problem::NotInForm, |s, _| {
            s.mchid = "19a".to_owned()
        }),
        ("appid", Problem::NotInForm, |s, _| {
            s.appid = "wx 1".to_owned()
        }),
        ("serial_no", Problem::NotInForm, |s, _| {
            s.serial_no = "XYZ".to_owned()
        }),
        ("serial_no", Problem::NotOfThisKey, |s, _| {
            s.serial_no = "AB".to_owned()
        }),
        ("client_ip", Problem::NotInForm, |s, _| {
            s.client_ip = "here".to_owned()
        }),
        ("base_url", Problem::NotHttps, |s, _| {
            s.base_url = "http://api.example.com".to_owned()
        }),
        ("base_url", Problem::NotUrl, |s, _| {
            s.base_url = "api.example.com".to_owned()
        }),
        ("private_key", Problem::Missing, |_, k| {
            k.private_key = Secret::default()
        }),
        ("private_key", Problem::NotPem, |_, k| {
            k.private_key = Secret::new("no key!")
        }),
        ("apiv3_key", Problem::NotThirtyTwo, |_, k| {
            k.apiv3_key = Secret::new("short")
        }),
        ("v2_key", Problem::Missing, |_, k| k.v2_key = None),
        ("v2_key", Problem::NotThirtyTwo, |_, k| {
            k.v2_key = Some(Secret::new("short"))
        }),
        ("certificate", Problem::Missing, |s, _| s.certificate = None),
        ("certificate", Problem::NotOfThisKey, |s, _| {
            s.certificate = Some(PLATFORM_CERTIFICATE.to_owned());
        }),
        ("platform_keys", Problem::NotPem, |s, _| {
            s.platform_keys
                .insert("PUB_KEY_ID_2".to_owned(), "no key!".to_owned());
        }),
    ];
    for (field, problem, change) in cases {
        assert_eq!(wechat_problem(change), Some((field.to_owned(), problem)));
    }
    // The newer interface needs neither the older one's key nor a certificate.
    let newer = wechat_problem(|settings, secrets| {
        settings.code_pay_api = CodePayApi::V3;
        settings.certificate = None;
        secrets.v2_key = None;
    });
    assert_eq!(newer, None);
}

fn alipay_problem(
    change: impl Fn(&mut alipay::Settings, &mut alipay::Secrets),
) -> Option<(String, Problem)> {
    let mut settings = alipay_settings("https://openapi.alipay.com");
    let mut secrets = alipay_secrets();
    change(&mut settings, &mut secrets);
    let http = aisle_pay::connections().unwrap();
    let made = Client::alipay(settings, &secrets, http, Arc::new(Still::default()));
    made.err().map(|error| (error.field, error.problem))
}

fn certificates() -> alipay::Certificates {
    alipay::Certificates {
        app: MERCHANT_CERTIFICATE.to_owned(),
        alipay: PLATFORM_CERTIFICATE.to_owned(),
        root: PLATFORM_CERTIFICATE.to_owned(),
    }
}

#[test]
fn alipay_settings_are_read_when_they_are_put_in() {
    assert_eq!(alipay_problem(|_, _| {}), None);
    assert_eq!(
        alipay_problem(|s, _| s.certificates = Some(certificates())),
        None
    );
    type Change = fn(&mut alipay::Settings, &mut alipay::Secrets);
    let cases: [(&str, Problem, Change); 9] = [
        ("app_id", Problem::Missing, |s, _| s.app_id.clear()),
        ("seller_id", Problem::NotInForm, |s, _| {
            s.seller_id = Some("x".to_owned())
        }),
        ("base_url", Problem::NotHttps, |s, _| {
            s.base_url = "http://openapi.example.com".to_owned()
        }),
        ("private_key", Problem::Missing, |_, k| {
            k.private_key = Secret::default()
        }),
        ("alipay_public_key", Problem::Missing, |s, _| {
            s.alipay_public_key = None
        }),
        // The app's own key instead of the gateway's.
        ("alipay_public_key", Problem::NotInForm, |s, _| {
            s.alipay_public_key = Some(MERCHANT_PUBLIC.to_owned());
        }),
        ("certificates.app", Problem::NotOfThisKey, |s, _| {
            let app = PLATFORM_CERTIFICATE.to_owned();
            s.certificates = Some(alipay::Certificates {
                app,
                ..certificates()
            });
        }),
        ("certificates.alipay", Problem::NotPem, |s, _| {
            let alipay = "none".to_owned();
            s.certificates = Some(alipay::Certificates {
                alipay,
                ..certificates()
            });
        }),
        ("certificates.root", Problem::NotCertificate, |s, _| {
            let root = "none".to_owned();
            s.certificates = Some(alipay::Certificates {
                root,
                ..certificates()
            });
        }),
    ];
    for (field, problem, change) in cases {
        assert_eq!(alipay_problem(change), Some((field.to_owned(), problem)));
    }
}

#[test]
fn a_word_nobody_knows_is_refused() {
    let mut wrong = serde_json::to_value(wechat_settings("https://a.example")).unwrap();
    wrong["mch_id"] = "1".into();
    assert!(serde_json::from_value::<wechat::Settings>(wrong).is_err());
}
