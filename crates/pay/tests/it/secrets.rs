//! No key and no payment code shows itself.

use std::fmt::Debug;

use aisle_pay::wechat::CodePayApi;
use aisle_pay::{Answer, Client, Gateway, Problem, SettingsError};

use crate::line::{Say, line};
use crate::shop::*;

/// What must never be seen: the keys, and every long piece of the private one.
fn secrets() -> Vec<String> {
    let mut secrets: Vec<String> = [APIV3_KEY, V2_KEY, CODE, ALIPAY_CODE]
        .map(str::to_owned)
        .into();
    let lines = MERCHANT_KEY
        .lines()
        .filter(|line| !line.starts_with("-----"));
    secrets.extend(lines.map(str::to_owned));
    secrets
}

fn assert_silent(what: &str, text: &str) {
    for secret in secrets() {
        assert!(!text.contains(&secret), "{what} shows {secret}: {text}");
    }
}

#[test]
fn settings_secrets_and_clients_show_no_key() {
    assert!(secrets().len() > 20);
    let mut settings = wechat_settings("http://127.0.0.1:1");
    settings.code_pay_api = CodePayApi::V2;
    let client = wechat_with(settings);
    assert_silent(
        "secrets",
        &format!("{:?} {:#?}", wechat_secrets(), alipay_secrets()),
    );
    assert_silent("client", &format!("{client:?} {client:#?}"));
    let client = alipay_with(alipay_settings("http://127.0.0.1:1"));
    assert_silent("client", &format!("{client:?} {client:#?}"));
    // The check itself sees a key that is there.
    let shown = serde_json::to_string(&wechat_secrets()).unwrap();
    assert!(secrets().iter().any(|secret| shown.contains(secret)));
}

#[test]
fn an_error_in_the_settings_names_the_field_and_not_its_content() {
    let mut secrets = wechat_secrets();
    secrets.apiv3_key = aisle_pay::Secret::new(format!("{APIV3_KEY}x"));
    let http = aisle_pay::connections().unwrap();
    let settings = wechat_settings("http://127.0.0.1:1");
    let error = Client::wechat(
        settings,
        secrets,
        http,
        std::sync::Arc::new(Still::default()),
    )
    .unwrap_err();
    let expected = SettingsError {
        field: "apiv3_key".to_owned(),
        problem: Problem::NotThirtyTwo,
    };
    assert_eq!(error, expected);
    assert_silent("error", &format!("{error} {error:?}"));
}

fn text<T: Debug>(answer: Answer<T>) -> String {
    format!("{answer:?} {:#?}", answer.trace)
}

#[tokio::test]
async fn no_answer_shows_a_code_or_a_key_whatever_the_gateway_does() {
    let html = b"<html>".to_vec();
    let echo =
        format!("{{\"code\":\"PARAM_ERROR\",\"message\":\"not good\",\"detail\":\"{CODE}\"}}");
    let cases = [
        Say::HangUp,
        Say::Garbage,
        Say::CutShort,
        Say::Http {
            status: 500,
            headers: vec![],
            body: html.clone(),
        },
        Say::Http {
            status: 200,
            headers: vec![],
            body: html,
        },
        Say::Http {
            status: 400,
            headers: vec![],
            body: echo.into_bytes(),
        },
    ];
    for say in cases {
        let said = format!("{say:?}");
        let line = line(move |_| say.clone()).await;
        let mut older = wechat_settings(&line.address);
        older.code_pay_api = CodePayApi::V2;
        for settings in [wechat_settings(&line.address), older] {
            let client = wechat_with(settings);
            assert_silent(&said, &text(client.pay_code(&charge(), CODE).await));
            assert_silent(&said, &text(client.reverse(&trade_no()).await));
            assert_silent(&said, &text(client.refund(&refund()).await));
        }
        let client = alipay_with(alipay_settings(&line.address));
        assert_silent(&said, &text(client.pay_code(&charge(), ALIPAY_CODE).await));
        assert_silent(&said, &text(client.query(&trade_no()).await));
    }
    let client = alipay_with(alipay_settings("http://127.0.0.1:1"));
    assert_silent(
        "no line",
        &text(client.pay_code(&charge(), ALIPAY_CODE).await),
    );
}
