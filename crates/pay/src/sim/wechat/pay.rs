//! APIv3: paying, asking, closing and reversing.

use std::sync::Arc;

use aisle_domain::time::Instant;
use axum::extract::{Path, State};
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};

use super::auth::{Answer, Signed};
use super::objects;
use crate::gateway::Channel;
use crate::sim::Simulator;
use crate::sim::book::{Book, Key};
use crate::sim::called::call;
use crate::sim::moves::{NotEnded, NotPlaced, code_hash};
use crate::sim::scenario::{Call, Scenario};
use crate::sim::trade::{Asked, Product, Refusal, State as Standing, Trade};

type Sim = State<Arc<Simulator>>;

#[derive(Deserialize)]
struct Order {
    appid: String,
    mchid: String,
    description: String,
    out_trade_no: String,
    time_expire: Option<String>,
    #[serde(default)]
    attach: String,
    notify_url: Option<String>,
    amount: Amount,
    payer: Option<Payer>,
    #[serde(default)]
    scene_info: Scene,
}

#[derive(Deserialize)]
struct Amount {
    total: i64,
    currency: Option<String>,
}

#[derive(Deserialize)]
struct Payer {
    openid: Option<String>,
    auth_code: Option<String>,
}

#[derive(Default, Deserialize)]
struct Scene {
    #[serde(default)]
    device_id: String,
    store_info: Option<Store>,
}

#[derive(Deserialize)]
struct Store {
    id: Option<String>,
    out_id: Option<String>,
}

/// A picture to scan.
pub(super) async fn native(State(sim): Sim, signed: Signed) -> Response {
    place(&sim, &signed, Product::Qr)
}

/// A payment in a page inside WeChat.
pub(super) async fn jsapi(State(sim): Sim, signed: Signed) -> Response {
    place(&sim, &signed, Product::Jsapi)
}

/// A payment by the code on a phone.
pub(super) async fn code(State(sim): Sim, signed: Signed) -> Response {
    place(&sim, &signed, Product::Code)
}

fn place(sim: &Simulator, signed: &Signed, product: Product) -> Response {
    let (asked, code) = match asked(signed, product) {
        Ok(asked) => asked,
        Err(answer) => return signed.respond(crate::sim::called::Called::Answer(answer)),
    };
    let called = sim.with(|book| {
        let fault = book.prepare(&asked.out_trade_no, code.as_deref());
        call(book, fault, |book| match book.place(asked) {
            Ok(key) => placed(book, &key),
            Err(why) => not_placed(why),
        })
    });
    signed.respond(called)
}

fn placed(book: &Book, key: &Key) -> Answer {
    let Some(trade) = book.trade(key) else {
        return absent();
    };
    match (trade.asked.product, trade.state) {
        (Product::Qr, _) => Answer::ok(json!({"code_url": trade.qr})),
        (Product::Jsapi, _) => Answer::ok(json!({"prepay_id": format!("wx{}", trade.gateway_no)})),
        (Product::Code, Standing::UserPaying) => {
            Answer::problem(202, "USERPAYING", "需要用户输入支付密码")
        }
        (Product::Code, _) => shown(book, trade),
    }
}

fn shown(book: &Book, trade: &Trade) -> Answer {
    let planned = book.plans.of(&trade.asked.out_trade_no);
    let extra = i64::from(planned.contains(&Scenario::WrongAmount));
    Answer::ok(objects::transaction(&book.names, trade, extra))
}

fn not_placed(why: NotPlaced) -> Answer {
    let (status, code, message) = match why {
        NotPlaced::CodeUsed => (403, "AUTH_CODE_ERROR", "付款码已被使用"),
        NotPlaced::CodeExpired => (403, "AUTH_CODE_EXPIRE", "付款码已过期，请刷新后重试"),
        NotPlaced::NotEnough => (403, "NOT_ENOUGH", "用户余额不足"),
        NotPlaced::OtherRequest => (403, "OUT_TRADE_NO_USED", "商户订单号重复"),
        NotPlaced::AlreadyPaid => (400, "ORDER_PAID", "订单已支付"),
        NotPlaced::Closed => (400, "ORDER_CLOSED", "订单已关闭"),
        NotPlaced::Reversed => (400, "ORDER_REVERSED", "订单已撤销"),
    };
    Answer::problem(status, code, message)
}

fn bad(what: &str) -> Answer {
    Answer::problem(400, "PARAM_ERROR", what)
}

fn absent() -> Answer {
    Answer::problem(404, "ORDER_NOT_EXIST", "订单不存在")
}

/// What is asked for and the payment code, or what is wrong with it.
fn asked(signed: &Signed, product: Product) -> Result<(Asked, Option<String>), Answer> {
    let order = Order::deserialize(&signed.body).map_err(|error| bad(&error.to_string()))?;
    if !signed.is_our_merchant(Some(&order.mchid)) || order.appid != signed.appid() {
        return Err(Answer::problem(
            400,
            "APPID_MCHID_NOT_MATCH",
            "appid和mch_id不匹配",
        ));
    }
    check(&order, product)?;
    let code = order.payer.and_then(|payer| payer.auth_code);
    let expires_at = order.time_expire.as_deref().map(Instant::parse_rfc3339);
    if expires_at == Some(None) {
        return Err(bad("time_expire 不是 RFC 3339 时间"));
    }
    let store = order.scene_info.store_info;
    Ok((
        Asked {
            channel: Channel::Wechat,
            out_trade_no: order.out_trade_no,
            product,
            amount_fen: order.amount.total,
            subject: order.description,
            attach: order.attach,
            notify_url: order.notify_url.filter(|_| product != Product::Code),
            expires_at: expires_at.flatten().map(|at| at.0),
            store: store
                .and_then(|store| store.id.or(store.out_id))
                .unwrap_or_default(),
            terminal: order.scene_info.device_id,
            operator: String::new(),
            code_hash: code.as_deref().map(code_hash),
            public_key: signed.public_key,
        },
        code,
    ))
}

fn check(order: &Order, product: Product) -> Result<(), Answer> {
    if !is_trade_no(&order.out_trade_no) {
        return Err(bad("out_trade_no 应为 6 至 32 位字母、数字或 _-|*"));
    }
    let subject = &order.description;
    if subject.is_empty() || subject.chars().count() > 127 || order.attach.chars().count() > 128 {
        return Err(bad("description 最长 127，attach 最长 128"));
    }
    // The gateway takes characters of one to three bytes.
    if subject
        .chars()
        .chain(order.attach.chars())
        .any(|c| c.len_utf8() > 3)
    {
        return Err(bad("只支持 1 至 3 字节的 UTF-8 字符"));
    }
    let currency = order.amount.currency.as_deref().unwrap_or("CNY");
    if order.amount.total < 1 || currency != "CNY" {
        return Err(bad("amount.total 应为正整数（分），币种应为 CNY"));
    }
    let payer = order.payer.as_ref();
    match product {
        Product::Code => {
            let code = payer.and_then(|payer| payer.auth_code.as_deref());
            if code.and_then(Channel::of_code) != Some(Channel::Wechat) {
                return Err(Answer::problem(400, "AUTH_CODE_INVALID", "付款码无效"));
            }
        }
        Product::Jsapi if payer.is_none_or(|payer| payer.openid.is_none()) => {
            return Err(bad("缺少 payer.openid"));
        }
        Product::Qr | Product::Jsapi => {
            let url = order.notify_url.as_deref().unwrap_or_default();
            if url.is_empty() || url.contains('?') {
                return Err(bad("notify_url 必填，且不能带参数"));
            }
        }
    }
    Ok(())
}

/// Whether a merchant may use this number.
pub(super) fn is_trade_no(no: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"_-|*".contains(&byte);
    (6..=32).contains(&no.len()) && no.bytes().all(fits)
}

/// By the merchant's number.
pub(super) async fn query(State(sim): Sim, Path(no): Path<String>, signed: Signed) -> Response {
    look(&sim, &signed, Some((Channel::Wechat, no)))
}

/// By the gateway's number.
pub(super) async fn query_by_gateway_no(
    State(sim): Sim,
    Path(no): Path<String>,
    signed: Signed,
) -> Response {
    let key = sim.with(|book| book.by_gateway_no(Channel::Wechat, &no));
    look(&sim, &signed, key)
}

fn look(sim: &Simulator, signed: &Signed, key: Option<Key>) -> Response {
    let mchid = signed.param("mchid");
    let called = sim.with(|book| {
        let key = key.unwrap_or((Channel::Wechat, String::new()));
        let fault = book.fault(&key.1, Call::Query);
        call(book, fault, |book| {
            if !signed.is_our_merchant(mchid.as_deref()) {
                return bad("mchid 与签名的商户不一致");
            }
            book.trade(&key)
                .map_or_else(absent, |trade| shown(book, trade))
        })
    });
    signed.respond(called)
}

/// Nobody can pay it any more.
pub(super) async fn close(State(sim): Sim, Path(no): Path<String>, signed: Signed) -> Response {
    let called = sim.with(|book| {
        let fault = book.fault(&no, Call::Reverse);
        call(book, fault, |book| {
            if !signed.is_our_merchant(signed.body["mchid"].as_str()) {
                return bad("mchid 与签名的商户不一致");
            }
            match book.close(&(Channel::Wechat, no)) {
                Ok(()) => Answer {
                    status: 204,
                    body: None,
                },
                Err(why) => not_ended(why),
            }
        })
    });
    signed.respond(called)
}

/// Gives up a payment by code. Without `appid` the gateway only says that it failed.
pub(super) async fn reverse(State(sim): Sim, Path(no): Path<String>, signed: Signed) -> Response {
    let named = |name: &str| signed.body[name].as_str().map(str::to_owned);
    let called = sim.with(|book| {
        let fault = book.fault(&no, Call::Reverse);
        call(book, fault, |book| {
            if named("appid").as_deref() != Some(signed.appid()) {
                return Answer::problem(500, "SYSTEM_ERROR", "系统异常，请稍后重试");
            }
            if !signed.is_our_merchant(named("mchid").as_deref()) {
                return bad("mchid 与签名的商户不一致");
            }
            let key = (Channel::Wechat, no.clone());
            match book.reverse(&key) {
                Ok(()) => Answer::ok(reversed(book, &no)),
                Err(why) => not_ended(why),
            }
        })
    });
    signed.respond(called)
}

fn reversed(book: &Book, no: &str) -> Value {
    json!({"appid": book.names.appid, "mchid": book.names.mchid, "out_trade_no": no})
}

fn not_ended(why: NotEnded) -> Answer {
    let (status, code, message) = match why {
        NotEnded::Unknown => return absent(),
        NotEnded::Again => (500, "SYSTEM_ERROR", "系统异常，请稍后重试"),
        NotEnded::UserPaying => (400, "USERPAYING", "正在支付中不能发起撤销"),
        NotEnded::Refused(Refusal::TooEarly) => {
            (400, "INVALID_REQUEST", "支付后15秒内不能发起撤销")
        }
        NotEnded::Refused(Refusal::TooLate) => (400, "REVERSE_EXPIRE", "超过7天的订单不能撤销"),
        NotEnded::Refused(Refusal::WrongProduct) => (
            400,
            "INVALID_REQUEST",
            "付款码订单只能撤销，其他订单只能关闭",
        ),
        NotEnded::Refused(Refusal::AlreadyPaid) => (400, "ORDER_PAID", "订单已支付"),
        NotEnded::Refused(_) => (403, "TRADE_ERROR", "订单状态不允许此操作"),
    };
    Answer::problem(status, code, message)
}
