//! Speaking with Alipay: signing what goes out, checking what comes back.

use serde::Deserialize;
use serde_json::Value;

use super::codes::{Class, class};
use super::settings::Trust;
use super::text::request_text;
use super::{Alipay, node};
use crate::beijing;
use crate::gateway::{Answer, Failure, Outcome, Trace};
use crate::http::{Reply, ask, failure};

/// What the gateway said.
#[derive(Debug)]
pub(super) enum Told<B> {
    /// Done, signed.
    Done(B),
    /// Not done: what its code means, and the code.
    Refused(Class, Failure),
    /// Nothing that can be relied upon.
    Lost(Failure),
}

/// A call and what came of it.
#[derive(Debug)]
pub(super) struct Heard<B> {
    pub(super) trace: Trace,
    pub(super) told: Told<B>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Envelope {
    sign: Option<String>,
    alipay_cert_sn: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Code {
    code: String,
    msg: String,
    sub_code: String,
    sub_msg: String,
}

impl Alipay {
    /// Calls `method`, such as `alipay.trade.pay`. All of it travels in the body, so that no address holds any.
    pub(super) async fn call(
        &self,
        operation: &'static str,
        method: &str,
        content: &Value,
        notify_url: Option<&str>,
    ) -> Heard<Value> {
        let form = self.form(method, content, notify_url);
        let request = self
            .http
            .post(self.ready.base.clone())
            .header(
                reqwest::header::CONTENT_TYPE,
                "application/x-www-form-urlencoded;charset=utf-8",
            )
            .body(encoded(&form));
        match ask(request).await {
            Ok(reply) => {
                let told = self.told(method, &reply);
                Heard::new(operation, &reply, told)
            }
            Err(lost) => Heard::lost(operation, lost),
        }
    }

    fn form(
        &self,
        method: &str,
        content: &Value,
        notify_url: Option<&str>,
    ) -> Vec<(&'static str, String)> {
        let mut form = vec![
            ("app_id", self.ready.settings.app_id.clone()),
            ("method", method.to_owned()),
            ("format", "JSON".to_owned()),
            ("charset", "utf-8".to_owned()),
            ("sign_type", "RSA2".to_owned()),
            ("version", "1.0".to_owned()),
            ("timestamp", beijing::text(self.surroundings.now())),
            ("biz_content", content.to_string()),
        ];
        if let Some(url) = notify_url {
            form.push(("notify_url", url.to_owned()));
        }
        if let Trust::Certificates {
            app_cert_sn,
            alipay_root_cert_sn,
            ..
        } = &self.ready.trust
        {
            form.push(("app_cert_sn", app_cert_sn.clone()));
            form.push(("alipay_root_cert_sn", alipay_root_cert_sn.clone()));
        }
        let signed = request_text(form.iter().map(|(name, value)| (*name, value.as_str())));
        form.push(("sign", self.ready.key.sign(signed.as_bytes())));
        form
    }

    fn told(&self, method: &str, reply: &Reply) -> Told<Value> {
        if reply.status != 200 {
            return Told::Lost(http_status(reply.status));
        }
        let name = format!("{}_response", method.replace('.', "_"));
        let text = std::str::from_utf8(&reply.body).unwrap_or_default();
        let piece = node::object(text, &name).or_else(|| node::object(text, "error_response"));
        let parsed = piece.and_then(|piece| {
            let body: Value = serde_json::from_str(piece).ok()?;
            let code: Code = serde_json::from_str(piece).ok()?;
            let envelope: Envelope = serde_json::from_str(text).ok()?;
            Some((piece, body, code, envelope))
        });
        let Some((piece, body, code, envelope)) = parsed else {
            return Told::Lost(failure("bad_answer", "not a readable answer"));
        };
        let is_signed = match &envelope.sign {
            None => false,
            Some(sign) if self.holds(piece, sign, envelope.alipay_cert_sn.as_deref()) => true,
            Some(_) => return Told::Lost(failure("bad_signature", "the signature does not hold")),
        };
        judged(body, code, is_signed)
    }

    /// Whether `sign` is the gateway's over `text`; in certificate mode by the certificate it names.
    fn holds(&self, text: &str, sign: &str, cert_sn: Option<&str>) -> bool {
        match &self.ready.trust {
            Trust::Key(key) => key.verify(text.as_bytes(), sign),
            Trust::Certificates { keys, .. } => cert_sn
                .and_then(|sn| keys.get(sn))
                .is_some_and(|key| key.verify(text.as_bytes(), sign)),
        }
    }

    /// Whether `sign` is by any key that is believed: a report does not name one.
    pub(super) fn any_holds(&self, text: &str, sign: &str) -> bool {
        match &self.ready.trust {
            Trust::Key(key) => key.verify(text.as_bytes(), sign),
            Trust::Certificates { keys, .. } => {
                keys.values().any(|key| key.verify(text.as_bytes(), sign))
            }
        }
    }
}

/// Only a complaint about the call itself may come unsigned.
fn judged(body: Value, code: Code, is_signed: bool) -> Told<Value> {
    let name = if code.sub_code.is_empty() {
        &code.code
    } else {
        &code.sub_code
    };
    let message = if code.sub_msg.is_empty() {
        &code.msg
    } else {
        &code.sub_msg
    };
    let said = failure(name, message);
    let class = class(&code.code, &code.sub_code);
    if code.code.is_empty() {
        return Told::Lost(failure("bad_answer", "no code"));
    }
    if !is_signed && class != Class::Config {
        return Told::Lost(failure("bad_signature", "the answer is not signed"));
    }
    if code.code == "10000" {
        return Told::Done(body);
    }
    Told::Refused(class, said)
}

impl<B> Heard<B> {
    pub(super) fn new(operation: &'static str, reply: &Reply, told: Told<B>) -> Heard<B> {
        let code = match &told {
            Told::Done(_) => "10000".to_owned(),
            Told::Refused(_, failure) | Told::Lost(failure) => failure.code.clone(),
        };
        let trace = Trace {
            operation,
            http_status: Some(reply.status),
            code,
            request_id: reply.header("trace_id").to_owned(),
        };
        Heard { trace, told }
    }

    pub(super) fn lost(operation: &'static str, failure: Failure) -> Heard<B> {
        let trace = Trace {
            operation,
            http_status: None,
            code: failure.code.clone(),
            request_id: String::new(),
        };
        Heard {
            trace,
            told: Told::Lost(failure),
        }
    }

    /// Turns what was heard into an answer: `read` what was done, `refused` judges a code.
    pub(super) fn answer<T>(
        self,
        read: impl FnOnce(B) -> Outcome<T>,
        refused: impl FnOnce(Class, Failure) -> Outcome<T>,
    ) -> Answer<T> {
        let outcome = match self.told {
            Told::Done(body) => read(body),
            Told::Refused(class, failure) => refused(class, failure),
            Told::Lost(failure) => Outcome::Unknown(failure),
        };
        Answer::new(outcome, self.trace)
    }
}

fn encoded(form: &[(&'static str, String)]) -> String {
    url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(form)
        .finish()
}

pub(super) fn http_status(status: u16) -> Failure {
    failure(&format!("http_{status}"), "")
}
