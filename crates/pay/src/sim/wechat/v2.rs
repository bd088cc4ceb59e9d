//! The older interface: payments by code, asking, reversing and refunding, in XML with MD5 or HMAC signatures.
//!
//! Reversing and refunding need a client certificate at the real gateway; plain HTTP has none.

use std::sync::Arc;

use aisle_domain::time::Instant;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::objects;
use crate::beijing;
use crate::crypto::same_text;
use crate::gateway::Channel;
use crate::sim::book::{Book, Key};
use crate::sim::called::{Called, call};
use crate::sim::moves::{AskedRefund, NotEnded, NotPlaced, NotRefunded, code_hash};
use crate::sim::scenario::{Call, Scenario};
use crate::sim::trade::{Asked, Product, Refusal, State as Standing, Trade};
use crate::sim::{Simulator, wire};
use crate::wechat::text::{SignType, v2_sign};
use crate::xml::{self, Fields};

type Sim = State<Arc<Simulator>>;

/// What is answered: fields, or a code and what it means.
type Answer = Result<Vec<(&'static str, String)>, (&'static str, &'static str)>;

/// A call whose signature holds.
struct Request<'a> {
    sim: &'a Simulator,
    fields: Fields,
    sign_type: SignType,
}

impl<'a> Request<'a> {
    /// Reads and checks; what is wrong comes back unsigned, as the gateway does it.
    fn read(sim: &'a Simulator, body: &str) -> Result<Request<'a>, Box<Response>> {
        let fields = xml::read(body.as_bytes()).ok_or_else(|| Box::new(failed("XML格式错误")))?;
        let field = |name: &str| fields.get(name).map_or("", String::as_str);
        let sign_type = match field("sign_type") {
            "" | "MD5" => SignType::Md5,
            "HMAC-SHA256" => SignType::HmacSha256,
            _ => return Err(Box::new(failed("sign_type 错误"))),
        };
        if field("mch_id") != sim.keys.wechat.mchid || field("appid") != sim.keys.wechat.appid {
            return Err(Box::new(failed("appid和mch_id不匹配")));
        }
        let pairs = fields
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()));
        let wanted = v2_sign(pairs, &sim.keys.wechat.v2_key, sign_type);
        if !same_text(&wanted, field("sign")) || field("nonce_str").is_empty() {
            return Err(Box::new(failed("签名失败")));
        }
        Ok(Request {
            sim,
            fields,
            sign_type,
        })
    }

    fn field(&self, name: &str) -> &str {
        self.fields.get(name).map_or("", String::as_str)
    }

    /// Which trade is meant, by either number.
    fn key(&self, book: &Book) -> Key {
        let by_gateway = book.by_gateway_no(Channel::Wechat, self.field("transaction_id"));
        by_gateway.unwrap_or((Channel::Wechat, self.field("out_trade_no").to_owned()))
    }

    fn respond(&self, called: Called<Answer>) -> Response {
        let system_error = Err(("SYSTEMERROR", "接口返回错误"));
        match called {
            Called::Answer(answer) => self.answer(answer, true),
            Called::BadSignature(answer) => self.answer(answer, false),
            Called::SystemError => self.answer(system_error, true),
            Called::RateLimited => {
                (StatusCode::TOO_MANY_REQUESTS, failed("频率超限")).into_response()
            }
            Called::Silence => wire::silence(),
            Called::Reset => wire::reset(),
        }
    }

    fn answer(&self, answer: Answer, good: bool) -> Response {
        let wechat = &self.sim.keys.wechat;
        let mut fields: Fields = [
            ("return_code", "SUCCESS".to_owned()),
            ("return_msg", "OK".to_owned()),
            ("appid", wechat.appid.clone()),
            ("mch_id", wechat.mchid.clone()),
            ("nonce_str", self.sim.surroundings.nonce()),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into();
        let result = match answer {
            Ok(more) => {
                fields.extend(
                    more.into_iter()
                        .map(|(name, value)| (name.to_owned(), value)),
                );
                "SUCCESS"
            }
            Err((code, words)) => {
                fields.insert("err_code".to_owned(), code.to_owned());
                fields.insert("err_code_des".to_owned(), words.to_owned());
                "FAIL"
            }
        };
        fields.insert("result_code".to_owned(), result.to_owned());
        let pairs = fields
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()));
        let key = if good {
            wechat.v2_key.as_str()
        } else {
            "another key"
        };
        let sign = v2_sign(pairs, key, self.sign_type);
        fields.insert("sign".to_owned(), sign);
        text(&fields)
    }
}

fn text(fields: &Fields) -> Response {
    let xml = [(header::CONTENT_TYPE, "text/xml; charset=utf-8")];
    let pairs = fields
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()));
    (xml, xml::write(pairs)).into_response()
}

/// The call itself was wrong: such an answer carries no signature.
fn failed(words: &str) -> Response {
    let fields = [("return_code", "FAIL"), ("return_msg", words)];
    text(
        &fields
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into(),
    )
}

/// A payment by the code on a phone.
pub(super) async fn pay(State(sim): Sim, body: String) -> Response {
    let request = match Request::read(&sim, &body) {
        Ok(request) => request,
        Err(refused) => return *refused,
    };
    let code = request.field("auth_code").to_owned();
    let asked = match asked(&request, &code) {
        Ok(asked) => asked,
        Err(problem) => return request.respond(Called::Answer(Err(problem))),
    };
    let called = sim.with(|book| {
        let fault = book.prepare(&asked.out_trade_no, Some(&code));
        call(book, fault, |book| {
            let key = book.place(asked).map_err(not_placed)?;
            let trade = book.trade(&key).ok_or(ABSENT)?;
            match trade.state {
                Standing::UserPaying => Err(("USERPAYING", "需要用户输入支付密码")),
                _ => Ok(paid(book, trade)),
            }
        })
    });
    request.respond(called)
}

fn asked(request: &Request<'_>, code: &str) -> Result<Asked, (&'static str, &'static str)> {
    let number = request.field("out_trade_no");
    if !super::pay::is_trade_no(number) {
        return Err(("PARAM_ERROR", "商户订单号格式错误"));
    }
    if Channel::of_code(code) != Some(Channel::Wechat) {
        return Err(("AUTH_CODE_INVALID", "付款码无效"));
    }
    if request.field("body").is_empty() || request.field("spbill_create_ip").is_empty() {
        return Err(("LACK_PARAMS", "缺少参数"));
    }
    let total = request.field("total_fee").parse().ok();
    let amount_fen = total.filter(|fen: &i64| *fen > 0);
    Ok(Asked {
        channel: Channel::Wechat,
        out_trade_no: number.to_owned(),
        product: Product::Code,
        amount_fen: amount_fen.ok_or(("PARAM_ERROR", "total_fee 应为正整数（分）"))?,
        subject: request.field("body").to_owned(),
        attach: request.field("attach").to_owned(),
        notify_url: None,
        expires_at: None,
        store: String::new(),
        terminal: request.field("device_info").to_owned(),
        operator: String::new(),
        code_hash: Some(code_hash(code)),
        public_key: false,
    })
}

const ABSENT: (&str, &str) = ("ORDERNOTEXIST", "此交易订单号不存在");

fn paid(book: &Book, trade: &Trade) -> Vec<(&'static str, String)> {
    let planned = book.plans.of(&trade.asked.out_trade_no);
    let total = trade.asked.amount_fen + i64::from(planned.contains(&Scenario::WrongAmount));
    let mut fields = vec![
        ("trade_type", objects::trade_type(trade).to_owned()),
        ("out_trade_no", trade.asked.out_trade_no.clone()),
        ("attach", trade.asked.attach.clone()),
        ("total_fee", total.to_string()),
        ("fee_type", "CNY".to_owned()),
    ];
    if let Some(at) = trade.paid_at {
        fields.extend([
            ("openid", "oSimulatedCustomer0000000001".to_owned()),
            ("is_subscribe", "N".to_owned()),
            ("bank_type", "OTHERS".to_owned()),
            ("cash_fee", total.to_string()),
            ("cash_fee_type", "CNY".to_owned()),
            ("transaction_id", trade.gateway_no.clone()),
            ("time_end", digits(&beijing::text(Instant(at)))),
        ]);
    }
    fields
}

/// The time without anything between its numbers.
fn digits(time: &str) -> String {
    time.chars().filter(char::is_ascii_digit).collect()
}

fn not_placed(why: NotPlaced) -> (&'static str, &'static str) {
    match why {
        NotPlaced::CodeUsed => ("AUTH_CODE_ERROR", "付款码已被使用"),
        NotPlaced::CodeExpired => ("AUTHCODEEXPIRE", "二维码已过期，请用户在微信上刷新后再试"),
        NotPlaced::NotEnough => ("NOTENOUGH", "余额不足"),
        NotPlaced::OtherRequest => ("OUT_TRADE_NO_USED", "商户订单号重复"),
        NotPlaced::AlreadyPaid => ("ORDERPAID", "订单已支付"),
        NotPlaced::Closed => ("ORDERCLOSED", "订单已关闭"),
        NotPlaced::Reversed => ("ORDERREVERSED", "订单已撤销"),
    }
}

/// Where a trade stands.
pub(super) async fn query(State(sim): Sim, body: String) -> Response {
    let request = match Request::read(&sim, &body) {
        Ok(request) => request,
        Err(refused) => return *refused,
    };
    let called = sim.with(|book| {
        let key = request.key(book);
        let fault = book.fault(&key.1, Call::Query);
        call(book, fault, |book| {
            let trade = book.trade(&key).ok_or(ABSENT)?;
            let (state, words) = objects::state(trade);
            let mut fields = paid(book, trade);
            fields.push(("trade_state", state.to_owned()));
            fields.push(("trade_state_desc", words.to_owned()));
            Ok(fields)
        })
    });
    request.respond(called)
}

/// Gives up a payment by code.
pub(super) async fn reverse(State(sim): Sim, body: String) -> Response {
    let request = match Request::read(&sim, &body) {
        Ok(request) => request,
        Err(refused) => return *refused,
    };
    let called = sim.with(|book| {
        let key = request.key(book);
        let fault = book.fault(&key.1, Call::Reverse);
        call(book, fault, |book| {
            let recall = |again: &str| vec![("recall", again.to_owned())];
            match book.reverse(&key) {
                Ok(()) => Ok(recall("N")),
                Err(NotEnded::Again) => Ok(recall("Y")),
                Err(why) => Err(not_ended(why)),
            }
        })
    });
    request.respond(called)
}

fn not_ended(why: NotEnded) -> (&'static str, &'static str) {
    match why {
        NotEnded::Unknown => ABSENT,
        NotEnded::Again => ("SYSTEMERROR", "接口返回错误"),
        NotEnded::UserPaying => ("USERPAYING", "正在支付中不能发起撤销"),
        NotEnded::Refused(Refusal::TooEarly) => ("INVALID_REQUEST", "支付后15秒内不能发起撤销"),
        NotEnded::Refused(Refusal::TooLate) => ("REVERSE_EXPIRE", "订单无法撤销，已超过7天"),
        NotEnded::Refused(_) => ("TRADE_ERROR", "订单状态不允许撤销"),
    }
}

/// Returns money.
pub(super) async fn refund(State(sim): Sim, body: String) -> Response {
    let request = match Request::read(&sim, &body) {
        Ok(request) => request,
        Err(refused) => return *refused,
    };
    let fen = |name: &str| {
        request
            .field(name)
            .parse::<i64>()
            .ok()
            .filter(|fen| *fen > 0)
    };
    let called = sim.with(|book| {
        let key = request.key(book);
        let fault = book.fault(&key.1, Call::Refund);
        call(book, fault, |book| {
            let wrong = ("PARAM_ERROR", "退款金额或退款单号错误");
            let (refund_fen, total) = fen("refund_fee").zip(fen("total_fee")).ok_or(wrong)?;
            let refund_no = request.field("out_refund_no").to_owned();
            let known = book.trade(&key).ok_or(ABSENT)?.asked.amount_fen;
            let owner = book.by_refund_no(Channel::Wechat, &refund_no);
            let foreign = owner.is_some_and(|owner| owner != key);
            if total != known || refund_no.is_empty() || foreign {
                return Err(wrong);
            }
            let asked = AskedRefund {
                refund_no,
                amount_fen: refund_fen,
                reason: request.field("refund_desc").to_owned(),
                notify_url: Some(request.field("notify_url").to_owned()).filter(|u| !u.is_empty()),
            };
            let (refund, _) = book.refund(&key, asked).map_err(not_refunded)?;
            let trade = book.trade(&key).ok_or(ABSENT)?;
            Ok(vec![
                ("transaction_id", trade.gateway_no.clone()),
                ("out_trade_no", trade.asked.out_trade_no.clone()),
                ("out_refund_no", refund.refund_no),
                ("refund_id", refund.gateway_no),
                ("refund_fee", refund.amount_fen.to_string()),
                ("total_fee", total.to_string()),
                ("cash_fee", total.to_string()),
            ])
        })
    });
    request.respond(called)
}

fn not_refunded(why: NotRefunded) -> (&'static str, &'static str) {
    match why {
        NotRefunded::Unknown => ABSENT,
        NotRefunded::NotEnough => ("NOTENOUGH", "余额不足"),
        NotRefunded::Refused(Refusal::TooLate) => ("TRADE_OVERDUE", "订单已经超过退款期限"),
        NotRefunded::Refused(_) => ("INVALID_REQUEST", "订单状态或金额不允许退款"),
    }
}
