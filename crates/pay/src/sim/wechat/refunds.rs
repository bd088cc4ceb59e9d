//! APIv3: refunds.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Response;
use serde::Deserialize;

use super::auth::{Answer, Signed};
use super::objects;
use crate::gateway::Channel;
use crate::sim::Simulator;
use crate::sim::book::Book;
use crate::sim::called::call;
use crate::sim::moves::{AskedRefund, NotRefunded};
use crate::sim::scenario::Call;
use crate::sim::trade::Refusal;

type Sim = State<Arc<Simulator>>;

#[derive(Deserialize)]
struct Order {
    transaction_id: Option<String>,
    out_trade_no: Option<String>,
    out_refund_no: String,
    #[serde(default)]
    reason: String,
    notify_url: Option<String>,
    amount: Amount,
}

#[derive(Deserialize)]
struct Amount {
    refund: i64,
    total: i64,
    currency: String,
}

/// Returns money.
pub(super) async fn refund(State(sim): Sim, signed: Signed) -> Response {
    let order = match Order::deserialize(&signed.body) {
        Ok(order) => order,
        Err(error) => {
            let answer = Answer::problem(400, "PARAM_ERROR", &error.to_string());
            return signed.respond(crate::sim::called::Called::Answer(answer));
        }
    };
    let called = sim.with(|book| {
        let no = number(book, &order).unwrap_or_default();
        let fault = book.fault(&no, Call::Refund);
        call(book, fault, |book| refund_one(book, no, order))
    });
    signed.respond(called)
}

fn number(book: &Book, order: &Order) -> Option<String> {
    order.out_trade_no.clone().or_else(|| {
        let key = book.by_gateway_no(Channel::Wechat, order.transaction_id.as_deref()?)?;
        Some(key.1)
    })
}

fn refund_one(book: &mut Book, no: String, order: Order) -> Answer {
    let key = (Channel::Wechat, no);
    let is_length = |no: &str| (1..=64).contains(&no.len());
    if !is_length(&order.out_refund_no) || order.reason.chars().count() > 80 {
        return Answer::problem(400, "PARAM_ERROR", "out_refund_no 最长 64，reason 最长 80");
    }
    if order.amount.refund < 1 || order.amount.currency != "CNY" {
        return Answer::problem(
            400,
            "PARAM_ERROR",
            "amount.refund 应为正整数（分），币种应为 CNY",
        );
    }
    let total = book.trade(&key).map(|trade| trade.asked.amount_fen);
    if total.is_some_and(|total| total != order.amount.total) {
        return Answer::problem(400, "INVALID_REQUEST", "订单金额与实际不一致");
    }
    let asked = AskedRefund {
        refund_no: order.out_refund_no,
        amount_fen: order.amount.refund,
        reason: order.reason,
        notify_url: order.notify_url,
    };
    // A refund's number is the merchant's, not the order's.
    let owner = book.by_refund_no(Channel::Wechat, &asked.refund_no);
    if owner.is_some_and(|owner| owner != key) {
        return Answer::problem(400, "INVALID_REQUEST", "商户退款单号重复");
    }
    match (book.refund(&key, asked), book.trade(&key)) {
        (Ok((refund, _)), Some(trade)) => Answer::ok(objects::refund(trade, &refund)),
        (Err(why), _) => not_refunded(why),
        (Ok(_), None) => not_refunded(NotRefunded::Unknown),
    }
}

fn not_refunded(why: NotRefunded) -> Answer {
    let (status, code, message) = match why {
        NotRefunded::Unknown => (404, "RESOURCE_NOT_EXISTS", "订单不存在"),
        NotRefunded::NotEnough => (403, "NOT_ENOUGH", "商户余额不足"),
        NotRefunded::Refused(Refusal::Different) => {
            (400, "INVALID_REQUEST", "退款金额与之前请求不一致")
        }
        NotRefunded::Refused(Refusal::TooMuch) => (400, "INVALID_REQUEST", "退款金额超过可退金额"),
        NotRefunded::Refused(Refusal::TooMany) => (400, "INVALID_REQUEST", "退款次数超过 50 次"),
        NotRefunded::Refused(Refusal::TooLate) => (403, "TRADE_ERROR", "订单已超过一年，不能退款"),
        NotRefunded::Refused(_) => (403, "TRADE_ERROR", "订单状态不允许退款"),
    };
    Answer::problem(status, code, message)
}

/// Where a refund stands.
pub(super) async fn query(State(sim): Sim, Path(no): Path<String>, signed: Signed) -> Response {
    let called = sim.with(|book| {
        let key = book.by_refund_no(Channel::Wechat, &no);
        let trade_no = key.as_ref().map(|key| key.1.clone());
        let fault = book.fault(&trade_no.unwrap_or_default(), Call::Query);
        call(book, fault, |book| {
            let trade = key.and_then(|key| book.trade(&key));
            let refund = trade.and_then(|t| t.refunds.iter().find(|r| r.refund_no == no));
            match (trade, refund) {
                (Some(trade), Some(refund)) => Answer::ok(objects::refund(trade, refund)),
                _ => Answer::problem(404, "RESOURCE_NOT_EXISTS", "退款单不存在"),
            }
        })
    });
    signed.respond(called)
}
