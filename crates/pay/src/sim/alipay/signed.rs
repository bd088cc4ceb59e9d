//! Parameters whose signature is checked, answers whose exact text is signed.

use std::collections::BTreeMap;

use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

use crate::alipay::text::request_text;
use crate::gateway::Channel;
use crate::sim::called::Called;
use crate::sim::{Simulator, wire};
use crate::yuan;

/// A call whose signature holds.
pub(super) struct Request<'a> {
    pub(super) sim: &'a Simulator,
    pub(super) params: BTreeMap<String, String>,
    pub(super) content: Map<String, Value>,
    /// How the simulator was called: where its files are.
    pub(super) host: String,
}

/// What is answered: the fields of the method's node.
#[derive(Debug)]
pub(super) struct Node(Value);

impl Node {
    /// It went well.
    pub(super) fn ok(fields: Value) -> Node {
        Node::with("10000", "Success", fields)
    }

    /// The customer has something to do.
    pub(super) fn waiting(fields: Value) -> Node {
        Node::with("10003", "order success pay inprocess", fields)
    }

    /// It did not go well.
    pub(super) fn failed(sub_code: &str, words: &str) -> Node {
        let sub = json!({"sub_code": sub_code, "sub_msg": words});
        Node::with("40004", "Business Failed", sub)
    }

    /// The call itself was wrong.
    pub(super) fn invalid(sub_code: &str, words: &str) -> Node {
        let sub = json!({"sub_code": sub_code, "sub_msg": words});
        Node::with("40002", "Invalid Arguments", sub)
    }

    fn with(code: &str, message: &str, fields: Value) -> Node {
        let mut node = json!({"code": code, "msg": message});
        if let (Some(node), Value::Object(fields)) = (node.as_object_mut(), fields) {
            node.extend(fields);
        }
        Node(node)
    }
}

impl<'a> Request<'a> {
    /// Reads and checks. An unknown app is answered without a signature: nobody knows whose key to use.
    pub(super) fn read(
        sim: &'a Simulator,
        params: BTreeMap<String, String>,
        host: &str,
    ) -> Result<Request<'a>, Box<Response>> {
        let content = params.get("biz_content").map_or("{}", String::as_str);
        let content = serde_json::from_str(content);
        let request = Request {
            sim,
            content: content.as_ref().cloned().unwrap_or_default(),
            params,
            host: host.to_owned(),
        };
        let refuse = |sub: &str, words: &str| {
            Err(Box::new(request.answer(&Node::invalid(sub, words), true)))
        };
        if request.param("app_id") != sim.keys.alipay.app_id {
            let node = Node::invalid("isv.invalid-app-id", "无效的AppID参数");
            return Err(Box::new(json_text(
                json!({"error_response": node.0}).to_string(),
            )));
        }
        let fixed = [
            ("charset", "utf-8"),
            ("sign_type", "RSA2"),
            ("version", "1.0"),
        ];
        for (name, wanted) in fixed {
            if !request.param(name).eq_ignore_ascii_case(wanted) {
                return refuse(
                    &format!("isv.invalid-{}", name.replace('_', "-")),
                    "无效的公共参数",
                );
            }
        }
        let timestamp = request.param("timestamp");
        if chrono::NaiveDateTime::parse_from_str(timestamp, "%Y-%m-%d %H:%M:%S").is_err() {
            return refuse("isv.invalid-timestamp", "非法的时间戳参数");
        }
        let pairs = request
            .params
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()));
        let text = request_text(pairs);
        if !sim.keys.app.verify(text.as_bytes(), request.param("sign")) {
            return refuse("isv.invalid-signature", "无效签名");
        }
        if content.is_err() {
            return refuse("isv.invalid-parameter", "biz_content 不是 JSON 对象");
        }
        Ok(request)
    }

    /// The method's name.
    pub(super) fn method(&self) -> &str {
        self.param("method")
    }

    /// A parameter of the call, empty when it is not there.
    pub(super) fn param(&self, name: &str) -> &str {
        self.params.get(name).map_or("", String::as_str)
    }

    /// A field of `biz_content`, empty when it is not there.
    pub(super) fn field(&self, name: &str) -> &str {
        self.content
            .get(name)
            .and_then(Value::as_str)
            .unwrap_or_default()
    }

    /// An amount of `biz_content` in fen; merchants write it as a text or as a number.
    pub(super) fn amount(&self, name: &str) -> Option<i64> {
        let amount = yuan::of_json(self.content.get(name)?)?.fen();
        (amount > 0).then_some(amount)
    }

    /// Where this app is told what happens, when the call says so.
    pub(super) fn notify_url(&self) -> Option<String> {
        Some(self.param("notify_url").to_owned()).filter(|url| !url.is_empty())
    }

    /// Which trade is meant, by either number.
    pub(super) fn key(&self, book: &crate::sim::book::Book) -> crate::sim::book::Key {
        let by_gateway = book.by_gateway_no(Channel::Alipay, self.field("trade_no"));
        by_gateway.unwrap_or((Channel::Alipay, self.field("out_trade_no").to_owned()))
    }

    /// Answers as the fault wants it.
    pub(super) fn respond(&self, called: Called<Node>) -> Response {
        let sub = |code: &str| json!({"sub_code": code, "sub_msg": "系统繁忙"});
        match called {
            Called::Answer(node) => self.answer(&node, true),
            Called::BadSignature(node) => self.answer(&node, false),
            Called::SystemError => self.answer(
                &Node::with(
                    "20000",
                    "Service Currently Unavailable",
                    sub("isp.unknow-error"),
                ),
                true,
            ),
            Called::RateLimited => self.answer(
                &Node::with("40005", "Call Limited", sub("isv.app-call-limited")),
                true,
            ),
            Called::Silence => wire::silence(),
            Called::Reset => wire::reset(),
        }
    }

    /// The node's text is signed as it is sent, slashes escaped as the gateway does.
    fn answer(&self, node: &Node, good: bool) -> Response {
        let text = node.0.to_string().replace('/', "\\/");
        let signed = if good {
            text.clone()
        } else {
            format!("{text} ")
        };
        let sign = self.sim.keys.alipay_key.sign(signed.as_bytes());
        let name = format!("{}_response", self.method().replace('.', "_"));
        let name = Value::from(name);
        json_text(format!("{{{name}:{text},\"sign\":\"{sign}\"}}"))
    }
}

fn json_text(text: String) -> Response {
    let json = [(header::CONTENT_TYPE, "application/json;charset=utf-8")];
    (json, text).into_response()
}
