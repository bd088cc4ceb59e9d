//! Signatures of APIv3: those of the merchant are checked, everything that succeeded is signed, an empty answer too.

use std::sync::Arc;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, Method, header};
use axum::response::Response;
use serde_json::{Value, json};

use crate::crypto::key_id;
use crate::gateway::Channel;
use crate::sim::called::Called;
use crate::sim::deliver::Letter;
use crate::sim::notice::{About, Notice};
use crate::sim::{Simulator, wire};
use crate::wechat::text::{request_message, response_message};

const SCHEME: &str = "WECHATPAY2-SHA256-RSA2048 ";
/// How far the merchant's clock may be off. This is about the real clock: the simulator's own may be far ahead.
const SKEW_S: i64 = 300;
const BODY_MAX: usize = 1 << 20;

/// A call whose signature holds.
#[derive(Debug)]
pub(super) struct Signed {
    pub(super) body: Value,
    pub(super) query: String,
    /// How the simulator was called: where its files are.
    pub(super) host: String,
    /// Whether the merchant verifies by public key.
    pub(super) public_key: bool,
    sim: Arc<Simulator>,
}

/// What is answered.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: Option<Value>,
}

impl Answer {
    /// It went well.
    pub(super) fn ok(body: Value) -> Answer {
        Answer {
            status: 200,
            body: Some(body),
        }
    }

    /// It did not.
    pub(super) fn problem(status: u16, code: &str, message: &str) -> Answer {
        Answer {
            status,
            body: Some(json!({"code": code, "message": message, "detail": {}})),
        }
    }
}

impl Signed {
    /// One value of the query.
    pub(super) fn param(&self, name: &str) -> Option<String> {
        url::form_urlencoded::parse(self.query.as_bytes())
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.into_owned())
    }

    /// The merchant's app.
    pub(super) fn appid(&self) -> &str {
        &self.sim.keys.wechat.appid
    }

    /// Whether the query or body names our merchant.
    pub(super) fn is_our_merchant(&self, mchid: Option<&str>) -> bool {
        mchid == Some(self.sim.keys.wechat.mchid.as_str())
    }

    /// Answers as the fault wants it.
    pub(super) fn respond(&self, called: Called<Answer>) -> Response {
        match called {
            Called::Answer(answer) => self.answer(&answer, true),
            Called::BadSignature(answer) => self.answer(&answer, false),
            Called::SystemError => self.answer(
                &Answer::problem(500, "SYSTEM_ERROR", "系统异常，请稍后重试"),
                true,
            ),
            Called::RateLimited => self.answer(
                &Answer::problem(429, "RATELIMIT_EXCEEDED", "频率超限，请稍后重试"),
                true,
            ),
            Called::Silence => wire::silence(),
            Called::Reset => wire::reset(),
        }
    }

    fn answer(&self, answer: &Answer, good: bool) -> Response {
        let body = answer
            .body
            .as_ref()
            .map(Value::to_string)
            .unwrap_or_default();
        let mut response = Response::builder()
            .status(answer.status)
            .header("Request-Id", self.sim.surroundings.nonce());
        if answer.body.is_some() {
            response = response.header(header::CONTENT_TYPE, "application/json; charset=utf-8");
        }
        if (200..300).contains(&answer.status) {
            let signed = if good {
                body.clone()
            } else {
                format!("{body} ")
            };
            for (name, value) in signature(&self.sim, self.public_key, &signed) {
                response = response.header(name, value);
            }
        }
        response.body(Body::from(body)).expect("plain headers")
    }
}

/// The headers that sign a body, with the real time: the other side compares it with its own clock.
fn signature(sim: &Simulator, public_key: bool, body: &str) -> [(&'static str, String); 5] {
    let timestamp = (sim.surroundings.now().0 / 1000).to_string();
    let nonce = sim.surroundings.nonce();
    let message = response_message(&timestamp, &nonce, body.as_bytes());
    let (key, serial) = if public_key {
        (&sim.keys.by_public_key, &sim.keys.wechat.public_key_id)
    } else {
        (&sim.keys.by_certificate, &sim.keys.wechat.platform_serial)
    };
    [
        ("Wechatpay-Timestamp", timestamp),
        ("Wechatpay-Nonce", nonce),
        ("Wechatpay-Signature", key.sign(&message)),
        ("Wechatpay-Serial", serial.clone()),
        (
            "Wechatpay-Signature-Type",
            "WECHATPAY2-SHA256-RSA2048".to_owned(),
        ),
    ]
}

/// A notification, sealed and signed as it is sent.
pub(crate) fn letter(sim: &Simulator, notice: &Notice) -> Letter {
    let nonce = sim.surroundings.nonce()[..12].to_owned();
    let original = match notice.about {
        About::Payment => "transaction",
        About::Refund(_) => "refund",
    };
    let plain = notice.content["resource"].to_string();
    let sealed = sim.keys.apiv3.seal(&nonce, original, plain.as_bytes());
    let body = json!({
        "id": notice.id,
        "create_time": super::objects::time(notice.created_at),
        "resource_type": "encrypt-resource",
        "event_type": notice.content["event_type"],
        "summary": notice.content["summary"],
        "resource": {
            "original_type": original,
            "algorithm": "AEAD_AES_256_GCM",
            "ciphertext": sealed.expect("a nonce of twelve letters"),
            "associated_data": original,
            "nonce": nonce,
        },
    })
    .to_string();
    let key = (Channel::Wechat, notice.out_trade_no.clone());
    let public_key = sim.with(|book| book.trade(&key).is_some_and(|t| t.asked.public_key));
    Letter {
        content_type: "application/json",
        headers: signature(sim, public_key, &body).to_vec(),
        body,
    }
}

impl FromRequest<Arc<Simulator>> for Signed {
    type Rejection = Response;

    async fn from_request(request: Request, sim: &Arc<Simulator>) -> Result<Signed, Response> {
        let (parts, body) = request.into_parts();
        let refuse = |status, code: &str, message: &str| {
            let refused = Signed {
                body: Value::Null,
                query: String::new(),
                host: String::new(),
                public_key: false,
                sim: sim.clone(),
            };
            refused.answer(&Answer::problem(status, code, message), true)
        };
        let Ok(body) = to_bytes(body, BODY_MAX).await else {
            return Err(refuse(400, "INVALID_REQUEST", "请求体过大"));
        };
        let target = parts
            .uri
            .path_and_query()
            .map_or("", |target| target.as_str());
        check(sim, &parts.headers, (&parts.method, target, &body))
            .map_err(|why| refuse(401, "SIGN_ERROR", why))?;
        let text_header = |name: header::HeaderName| text(&parts.headers, name.as_str());
        if text_header(header::USER_AGENT).is_empty() {
            return Err(refuse(400, "PARAM_ERROR", "缺少 User-Agent"));
        }
        let value = if body.is_empty() {
            Value::Null
        } else {
            serde_json::from_slice(&body)
                .ok()
                .filter(|value| !has_null(value))
                .ok_or_else(|| refuse(400, "PARAM_ERROR", "请求体不是有效的 JSON，或含有 null"))?
        };
        let serial = text(&parts.headers, "wechatpay-serial");
        Ok(Signed {
            body: value,
            query: parts.uri.query().unwrap_or_default().to_owned(),
            host: text_header(header::HOST).to_owned(),
            public_key: key_id(serial) == sim.keys.wechat.public_key_id,
            sim: sim.clone(),
        })
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    let value = headers.get(name).and_then(|value| value.to_str().ok());
    value.unwrap_or_default()
}

/// Why the signature does not hold.
fn check(
    sim: &Simulator,
    headers: &HeaderMap,
    (method, target, body): (&Method, &str, &Bytes),
) -> Result<(), &'static str> {
    let authorization = text(headers, "authorization");
    let fields = authorization.strip_prefix(SCHEME).ok_or("缺少签名")?;
    let field = |name: &str| {
        fields.split(',').find_map(|pair| {
            let value = pair.trim().strip_prefix(name)?.strip_prefix("=\"")?;
            value.strip_suffix('"')
        })
    };
    let found = |name| field(name).ok_or("签名信息不完整");
    if found("mchid")? != sim.keys.wechat.mchid {
        return Err("商户号不存在");
    }
    if key_id(found("serial_no")?) != key_id(&sim.keys.wechat.serial_no) {
        return Err("商户证书序列号有误");
    }
    let timestamp = found("timestamp")?;
    let now = sim.surroundings.now().0 / 1000;
    let off = timestamp.parse().map(|at: i64| (now - at).abs());
    if !off.is_ok_and(|off| off <= SKEW_S) {
        return Err("Http头Authorization的时间戳与当前时间相差超过5分钟");
    }
    let body = std::str::from_utf8(body).map_err(|_| "请求体不是 UTF-8")?;
    let message = request_message(
        method.as_str(),
        target,
        timestamp,
        found("nonce_str")?,
        body,
    );
    let holds = sim
        .keys
        .merchant
        .verify(message.as_bytes(), found("signature")?);
    holds.then_some(()).ok_or("签名错误，请检查后再试")
}

fn has_null(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => items.iter().any(has_null),
        Value::Object(fields) => fields.values().any(has_null),
        _ => false,
    }
}
