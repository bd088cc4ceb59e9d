//! Paying by code, making pictures, asking, cancelling and closing.

use aisle_domain::time::Instant;
use serde_json::{Value, json};

use super::signed::{Node, Request};
use crate::beijing;
use crate::gateway::Channel;
use crate::sim::bill::yuan;
use crate::sim::book::{Book, Key};
use crate::sim::called::{Called, call};
use crate::sim::moves::{NotEnded, NotPlaced, code_hash};
use crate::sim::scenario::{Call, Scenario};
use crate::sim::trade::{Asked, BEIJING_AHEAD, DAY, Product, Refusal, SECOND, State, Trade};

/// An instant as Alipay writes it.
pub(super) fn time(at: i64) -> String {
    beijing::text(Instant(at))
}

/// The state's name.
pub(super) fn status(trade: &Trade) -> &'static str {
    match trade.state {
        State::Unscanned | State::Waiting | State::UserPaying => "WAIT_BUYER_PAY",
        State::Paid if trade.refunded_fen() == trade.asked.amount_fen => "TRADE_CLOSED",
        State::Paid => "TRADE_SUCCESS",
        State::Failed | State::Closed | State::Reversed => "TRADE_CLOSED",
    }
}

/// A payment by the code on a phone.
pub(super) fn pay(request: &Request<'_>) -> Called<Node> {
    let code = request.field("auth_code").to_owned();
    if Channel::of_code(&code) != Some(Channel::Alipay) || request.field("scene") != "bar_code" {
        let node = Node::failed(
            "ACQ.PAYMENT_AUTH_CODE_INVALID",
            "支付失败，获取顾客账户信息失败",
        );
        return Called::Answer(node);
    }
    begin(request, Product::Code, Some(&code))
}

/// A picture to scan.
pub(super) fn precreate(request: &Request<'_>) -> Called<Node> {
    begin(request, Product::Qr, None)
}

fn begin(request: &Request<'_>, product: Product, code: Option<&str>) -> Called<Node> {
    request.sim.with(|book| {
        let asked = match asked(request, product, book.now) {
            Ok(asked) => asked,
            Err(node) => return Called::Answer(node),
        };
        let fault = book.prepare(&asked.out_trade_no, code);
        call(book, fault, |book| match book.place(asked) {
            Ok(key) => begun(book, &key),
            Err(why) => not_placed(why),
        })
    })
}

fn asked(request: &Request<'_>, product: Product, now: i64) -> Result<Asked, Node> {
    let number = request.field("out_trade_no");
    let subject = request.field("subject");
    let is_number = (1..=64).contains(&number.len());
    if !is_number || subject.is_empty() || subject.chars().count() > 256 {
        return Err(Node::failed("ACQ.INVALID_PARAMETER", "参数无效"));
    }
    let amount_fen = request.amount("total_amount");
    let amount_fen = amount_fen.ok_or(Node::failed("ACQ.INVALID_PARAMETER", "金额无效"))?;
    let text = |name: &str| request.field(name).to_owned();
    let mut expires_at = None;
    for name in ["timeout_express", "qr_code_timeout_express"] {
        let written = request.field(name);
        if !written.is_empty() {
            let at =
                end(written, now).ok_or(Node::failed("ACQ.INVALID_PARAMETER", "超时时间无效"))?;
            expires_at = Some(expires_at.map_or(at, |other: i64| other.min(at)));
        }
    }
    Ok(Asked {
        channel: Channel::Alipay,
        out_trade_no: number.to_owned(),
        product,
        amount_fen,
        subject: subject.to_owned(),
        attach: text("body"),
        notify_url: request.notify_url(),
        expires_at,
        store: text("store_id"),
        terminal: text("terminal_id"),
        operator: text("operator_id"),
        code_hash: Some(request.field("auth_code"))
            .filter(|_| product == Product::Code)
            .map(code_hash),
        public_key: true,
    })
}

/// When `5m`, `2h`, `1d` or `1c` (the end of the day) from now is.
fn end(written: &str, now: i64) -> Option<i64> {
    if written == "1c" {
        return Some(now + DAY - (now + BEIJING_AHEAD).rem_euclid(DAY));
    }
    let (count, unit) = written.split_at_checked(written.len().checked_sub(1)?)?;
    let seconds = match unit {
        "m" => 60,
        "h" => 3600,
        "d" => 86_400,
        _ => return None,
    };
    let count: i64 = count
        .parse()
        .ok()
        .filter(|count| (1..=21_600).contains(count))?;
    Some(now + count * seconds * SECOND)
}

fn begun(book: &Book, key: &Key) -> Node {
    let Some(trade) = book.trade(key) else {
        return absent();
    };
    let number = json!(trade.asked.out_trade_no);
    match (trade.asked.product, trade.state) {
        (Product::Code, State::UserPaying) => {
            Node::waiting(json!({"out_trade_no": number, "trade_no": trade.gateway_no}))
        }
        (Product::Code, _) => Node::ok(paid(book, trade)),
        _ => Node::ok(json!({"out_trade_no": number, "qr_code": trade.qr})),
    }
}

/// What is said of a trade.
fn paid(book: &Book, trade: &Trade) -> Value {
    let planned = book.plans.of(&trade.asked.out_trade_no);
    let extra = i64::from(planned.contains(&Scenario::WrongAmount));
    let total = yuan(trade.asked.amount_fen + extra);
    let mut fields = json!({
        "trade_no": trade.gateway_no,
        "out_trade_no": trade.asked.out_trade_no,
        "buyer_logon_id": "sim***@example.com",
        "total_amount": total,
    });
    if let Some(at) = trade.paid_at {
        fields["receipt_amount"] = json!(total);
        fields["buyer_pay_amount"] = json!(total);
        fields["invoice_amount"] = json!(total);
        fields["point_amount"] = json!("0.00");
        fields["buyer_user_id"] = json!("2088000000000002");
        fields["gmt_payment"] = json!(time(at));
        fields["fund_bill_list"] = json!([{"fund_channel": "ALIPAYACCOUNT", "amount": total}]);
    }
    fields
}

fn not_placed(why: NotPlaced) -> Node {
    let (code, words) = match why {
        NotPlaced::CodeUsed | NotPlaced::CodeExpired => (
            "ACQ.PAYMENT_AUTH_CODE_INVALID",
            "支付失败，付款码已失效，请刷新后重试",
        ),
        NotPlaced::NotEnough => ("ACQ.BUYER_BALANCE_NOT_ENOUGH", "买家余额不足"),
        NotPlaced::OtherRequest => ("ACQ.CONTEXT_INCONSISTENT", "交易信息被篡改"),
        NotPlaced::AlreadyPaid => ("ACQ.TRADE_HAS_SUCCESS", "交易已被支付"),
        NotPlaced::Closed | NotPlaced::Reversed => ("ACQ.TRADE_HAS_CLOSE", "交易已经关闭"),
    };
    Node::failed(code, words)
}

fn absent() -> Node {
    Node::failed("ACQ.TRADE_NOT_EXIST", "交易不存在")
}

/// A trade that exists: a picture nobody scanned is none yet.
pub(super) fn scanned<'b>(book: &'b Book, key: &Key) -> Result<&'b Trade, Node> {
    let trade = book.trade(key).ok_or_else(absent)?;
    let exists = trade.state != State::Unscanned;
    exists.then_some(trade).ok_or_else(absent)
}

/// Where a trade stands.
pub(super) fn query(request: &Request<'_>) -> Called<Node> {
    request.sim.with(|book| {
        let key = request.key(book);
        let fault = book.fault(&key.1, Call::Query);
        call(book, fault, |book| match scanned(book, &key) {
            Ok(trade) => {
                let mut fields = paid(book, trade);
                fields["trade_status"] = json!(status(trade));
                if let Some(at) = trade.paid_at {
                    fields["send_pay_date"] = json!(time(at));
                }
                Node::ok(fields)
            }
            Err(node) => node,
        })
    })
}

/// Gives up a trade, paid or not. What nobody ever asked for is given up as well.
pub(super) fn cancel(request: &Request<'_>) -> Called<Node> {
    request.sim.with(|book| {
        let key = request.key(book);
        let fault = book.fault(&key.1, Call::Reverse);
        call(book, fault, |book| {
            let done = |trade: Option<&Trade>, retry: &str, action: Option<&str>| {
                let mut fields = json!({"out_trade_no": key.1, "retry_flag": retry});
                if let Some(trade) = trade {
                    fields["trade_no"] = json!(trade.gateway_no);
                }
                if let Some(action) = action {
                    fields["action"] = json!(action);
                }
                Node::ok(fields)
            };
            let Some(before) = book.trade(&key).map(|trade| trade.state) else {
                return done(None, "N", None);
            };
            if before == State::Unscanned {
                return absent();
            }
            let ended = book.cancel(&key);
            let trade = book.trade(&key);
            match ended {
                Ok(true) => done(trade, "N", Some("refund")),
                Ok(false) if matches!(before, State::Closed | State::Reversed) => {
                    done(trade, "N", None)
                }
                Ok(false) => done(trade, "N", Some("close")),
                Err(NotEnded::Again) => done(trade, "Y", None),
                Err(NotEnded::Refused(Refusal::TooLate)) => {
                    Node::failed("ACQ.TRADE_CANCEL_TIME_OUT", "超过撤销时间范围")
                }
                Err(_) => Node::failed("ACQ.CANCEL_NOT_ALLOWED", "不允许撤销"),
            }
        })
    })
}

/// Ends a trade nobody paid.
pub(super) fn close(request: &Request<'_>) -> Called<Node> {
    request.sim.with(|book| {
        let key = request.key(book);
        let fault = book.fault(&key.1, Call::Reverse);
        call(book, fault, |book| {
            let trade_no = match scanned(book, &key) {
                Ok(trade) if trade.state != State::Closed => trade.gateway_no.clone(),
                Ok(_) => return Node::failed("ACQ.REASON_TRADE_STATUS_INVALID", "交易状态异常"),
                Err(node) => return node,
            };
            match book.close(&key) {
                Ok(()) => Node::ok(json!({"out_trade_no": key.1, "trade_no": trade_no})),
                Err(_) => Node::failed("ACQ.REASON_TRADE_STATUS_INVALID", "交易状态异常"),
            }
        })
    })
}
