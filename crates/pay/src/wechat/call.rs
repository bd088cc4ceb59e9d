//! Speaking with WeChat Pay: signing what goes out, checking what comes back.

use reqwest::Method;
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use serde_json::Value;
use url::Position;

use super::Wechat;
use super::codes::{Interface, class};
use super::text::{request_message, response_message, v2_sign};
use crate::crypto::same_text;
use crate::gateway::{Failure, Trace};
use crate::http::{LIMIT, Reply, ask, failure};
use crate::xml::{self, Fields};

/// How far the gateway's clock and ours may be apart.
pub(super) const WINDOW_S: i64 = 300;
const PROBE: &str = "WECHATPAY/SIGNTEST/";

/// What the gateway said.
#[derive(Debug)]
pub(super) enum Told<B> {
    /// Done, signed.
    Done(B),
    /// Not done, with a code; the rest of the answer beside it.
    Refused(Failure, B),
    /// It does not know who we are. Nothing was done.
    Stranger(Failure),
    /// Nothing that can be relied upon.
    Lost(Failure),
}

/// A call and what came of it.
#[derive(Debug)]
pub(super) struct Heard<B> {
    pub(super) trace: Trace,
    pub(super) told: Told<B>,
}

/// A call of the newer interface.
#[derive(Debug)]
pub(super) struct V3Call {
    pub(super) operation: &'static str,
    pub(super) method: Method,
    /// Path and query, encoded.
    pub(super) target: String,
    pub(super) body: Option<Value>,
}

impl V3Call {
    pub(super) fn get(operation: &'static str, target: String) -> V3Call {
        V3Call {
            operation,
            method: Method::GET,
            target,
            body: None,
        }
    }

    pub(super) fn post(operation: &'static str, target: &str, body: Value) -> V3Call {
        V3Call {
            operation,
            method: Method::POST,
            target: target.to_owned(),
            body: Some(body),
        }
    }
}

impl Wechat {
    /// Calls the newer interface. A success counts only with the gateway's signature. The limit is for all of it, also
    /// when a new key has to be fetched in the middle.
    pub(super) async fn v3(&self, call: V3Call) -> Heard<Value> {
        let operation = call.operation;
        let whole = tokio::time::timeout(LIMIT, self.v3_answer(call)).await;
        whole.unwrap_or_else(|_| {
            Heard::lost(
                operation,
                failure("timeout", "no answer within ten seconds"),
            )
        })
    }

    async fn v3_answer(&self, call: V3Call) -> Heard<Value> {
        let operation = call.operation;
        let reply = match ask(self.v3_request(&call)).await {
            Ok(reply) => reply,
            Err(lost) => return Heard::lost(operation, lost),
        };
        let checked = if must_be_signed(&reply) {
            self.verify(&reply).await
        } else {
            Ok(())
        };
        let told = match checked {
            Ok(()) => v3_told(&reply),
            Err(failure) => Told::Lost(failure),
        };
        Heard::new(operation, &reply, told)
    }

    /// One signed request, ready to go.
    pub(super) fn v3_request(&self, call: &V3Call) -> reqwest::RequestBuilder {
        let mut url = self.ready.base.clone();
        let (path, query) = match call.target.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (call.target.as_str(), None),
        };
        url.set_path(path);
        url.set_query(query);
        self.v3_signed(call, url)
    }

    /// The same, to an address the gateway gave.
    pub(super) fn v3_signed(&self, call: &V3Call, url: url::Url) -> reqwest::RequestBuilder {
        let body = call.body.as_ref().map(Value::to_string).unwrap_or_default();
        let authorization = self.authorization(
            call.method.as_str(),
            &url[Position::BeforePath..Position::AfterQuery],
            &body,
        );
        let mut request = self
            .http
            .request(call.method.clone(), url)
            .header(ACCEPT, "application/json")
            .header(AUTHORIZATION, authorization);
        if let Some(id) = self.keys.public_key_id() {
            request = request.header("Wechatpay-Serial", id);
        }
        if call.body.is_some() {
            request = request.header(CONTENT_TYPE, "application/json").body(body);
        }
        request
    }

    fn authorization(&self, method: &str, target: &str, body: &str) -> String {
        let timestamp = (self.surroundings.now().0 / 1000).to_string();
        let nonce = self.surroundings.nonce();
        let message = request_message(method, target, &timestamp, &nonce, body);
        let signature = self.ready.key.sign(message.as_bytes());
        let settings = &self.ready.settings;
        format!(
            "WECHATPAY2-SHA256-RSA2048 mchid=\"{}\",nonce_str=\"{nonce}\",timestamp=\"{timestamp}\",\
             serial_no=\"{}\",signature=\"{signature}\"",
            settings.mchid, settings.serial_no
        )
    }

    async fn verify(&self, reply: &Reply) -> Result<(), Failure> {
        let seal = Seal::of(|name| Some(reply.header(name).to_owned()));
        let seal = seal.ok_or_else(|| bad_signature("the answer is not signed"))?;
        let key = match self.keys.find(&seal.serial) {
            Some(key) => Some(key),
            None if seal.serial.starts_with("PUB_KEY_ID_") => None,
            None => {
                self.refresh_keys().await;
                self.keys.find(&seal.serial)
            }
        };
        let key =
            key.ok_or_else(|| bad_signature("signed with a key that is not in the settings"))?;
        if !seal.is_fresh(self.surroundings.now().0) {
            return Err(bad_signature("the answer is too old"));
        }
        if !key.verify(&seal.message(&reply.body), &seal.signature) {
            return Err(bad_signature("the signature does not hold"));
        }
        Ok(())
    }

    /// Calls the older interface over `connections`, which show a certificate where the gateway wants one.
    pub(super) async fn v2(
        &self,
        operation: &'static str,
        path: &str,
        fields: Vec<(&str, String)>,
        connections: &reqwest::Client,
    ) -> Heard<Fields> {
        let mut url = self.ready.base.clone();
        url.set_path(path);
        let request = connections
            .post(url)
            .header(CONTENT_TYPE, "text/xml; charset=utf-8")
            .body(self.v2_body(fields));
        let reply = match ask(request).await {
            Ok(reply) => reply,
            Err(lost) => return Heard::lost(operation, lost),
        };
        let told = self.v2_told(&reply);
        Heard::new(operation, &reply, told)
    }

    fn v2_body(&self, mut fields: Vec<(&str, String)>) -> String {
        let settings = &self.ready.settings;
        fields.push(("appid", settings.appid.clone()));
        fields.push(("mch_id", settings.mchid.clone()));
        fields.push(("nonce_str", self.surroundings.nonce()));
        fields.push(("sign_type", settings.v2_sign_type.as_str().to_owned()));
        fields.retain(|(_, value)| !value.is_empty());
        let sign = self.v2_signature(fields.iter().map(|(name, value)| (*name, value.as_str())));
        fields.push(("sign", sign));
        xml::write(fields.iter().map(|(name, value)| (*name, value.as_str())))
    }

    fn v2_signature<'a>(&self, fields: impl Iterator<Item = (&'a str, &'a str)>) -> String {
        let key = self.ready.v2_key.as_ref();
        let key = key.map(|key| key.reveal()).unwrap_or_default();
        v2_sign(fields, key, self.ready.settings.v2_sign_type)
    }

    fn v2_told(&self, reply: &Reply) -> Told<Fields> {
        if reply.status != 200 {
            return Told::Lost(http_status(reply.status));
        }
        let Some(fields) = xml::read(&reply.body) else {
            return Told::Lost(failure("bad_answer", "not a readable document"));
        };
        let field = |name: &str| fields.get(name).map(String::as_str).unwrap_or_default();
        if field("return_code") != "SUCCESS" {
            return v2_not_heard(field("return_msg"));
        }
        let sign = self.v2_signature(
            fields
                .iter()
                .map(|(name, value)| (name.as_str(), value.as_str())),
        );
        if !same_text(&sign, field("sign")) {
            return Told::Lost(bad_signature("the signature does not hold"));
        }
        let settings = &self.ready.settings;
        if field("appid") != settings.appid || field("mch_id") != settings.mchid {
            return Told::Lost(other_merchant());
        }
        match (field("result_code"), field("err_code")) {
            ("SUCCESS", _) => Told::Done(fields),
            ("FAIL", code) if !code.is_empty() => {
                let failure = failure(code, field("err_code_des"));
                Told::Refused(failure, fields)
            }
            _ => Told::Lost(failure("bad_answer", "neither done nor refused")),
        }
    }
}

impl<B> Heard<B> {
    pub(super) fn new(operation: &'static str, reply: &Reply, told: Told<B>) -> Heard<B> {
        let code = match &told {
            Told::Done(_) => String::new(),
            Told::Refused(failure, _) | Told::Stranger(failure) | Told::Lost(failure) => {
                failure.code.clone()
            }
        };
        let trace = Trace {
            operation,
            http_status: Some(reply.status),
            code,
            request_id: reply.header("Request-ID").to_owned(),
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
}

/// The four headers of a signature.
#[derive(Debug)]
pub(super) struct Seal {
    pub(super) serial: String,
    timestamp: String,
    nonce: String,
    signature: String,
}

impl Seal {
    /// `None` when one of them is missing, or when the gateway tries whether we look at the signature at all.
    pub(super) fn of(header: impl Fn(&str) -> Option<String>) -> Option<Seal> {
        let get = |name: &str| header(name).filter(|value| !value.is_empty());
        let seal = Seal {
            serial: get("Wechatpay-Serial")?,
            timestamp: get("Wechatpay-Timestamp")?,
            nonce: get("Wechatpay-Nonce")?,
            signature: get("Wechatpay-Signature")?,
        };
        (!seal.signature.starts_with(PROBE)).then_some(seal)
    }

    pub(super) fn is_fresh(&self, now_ms: i64) -> bool {
        self.timestamp
            .parse::<i64>()
            .is_ok_and(|at| (now_ms / 1000).abs_diff(at) <= WINDOW_S.unsigned_abs())
    }

    pub(super) fn message(&self, body: &[u8]) -> Vec<u8> {
        response_message(&self.timestamp, &self.nonce, body)
    }

    pub(super) fn signature(&self) -> &str {
        &self.signature
    }
}

/// A refusal may come unsigned, but one that is signed must be signed rightly. A complaint about our own signature
/// moves no money, and may come before we know any key.
fn must_be_signed(reply: &Reply) -> bool {
    let is_signed = !reply.header("Wechatpay-Signature").is_empty();
    reply.is_success() || (is_signed && reply.status != 401)
}

fn v3_told(reply: &Reply) -> Told<Value> {
    let body = if reply.body.is_empty() {
        Some(Value::Null)
    } else {
        serde_json::from_slice(&reply.body).ok()
    };
    let text = |name: &str| {
        let value = body.as_ref().and_then(|body| body.get(name));
        value.and_then(Value::as_str).unwrap_or_default()
    };
    let refusal = failure(text("code"), text("message"));
    match reply.status {
        // 202 is how "the customer is typing the password" may come.
        200..300 if refusal.code.is_empty() => match body {
            Some(body) => Told::Done(body),
            None => Told::Lost(failure("bad_answer", "not a readable document")),
        },
        200..300 | 400..500 if !refusal.code.is_empty() => {
            if class(Interface::V3, &refusal.code) == super::codes::Class::Config {
                return Told::Stranger(refusal);
            }
            Told::Refused(refusal, body.unwrap_or_default())
        }
        500.. if !refusal.code.is_empty() => Told::Lost(refusal),
        status => Told::Lost(http_status(status)),
    }
}

/// A call that failed before it was looked at comes unsigned and without a code. Only a complaint about our
/// signature is known to be what it says.
fn v2_not_heard(message: &str) -> Told<Fields> {
    if message.contains("签名") || super::codes::plain(message) == "SIGNERROR" {
        return Told::Stranger(failure("SIGNERROR", message));
    }
    Told::Lost(failure("bad_answer", message))
}

pub(super) fn bad_signature(message: &str) -> Failure {
    failure("bad_signature", message)
}

pub(super) fn other_merchant() -> Failure {
    failure(
        "other_merchant",
        "the answer is about another merchant or number",
    )
}

pub(super) fn http_status(status: u16) -> Failure {
    failure(&format!("http_{status}"), "")
}
