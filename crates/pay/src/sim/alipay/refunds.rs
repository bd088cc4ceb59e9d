//! Refunds. `fund_change` says whether money moved with this very call, and `N` is no failure.

use serde_json::json;

use super::signed::{Node, Request};
use super::trades::{scanned, time};
use crate::sim::bill::yuan;
use crate::sim::called::{Called, call};
use crate::sim::moves::{AskedRefund, NotRefunded};
use crate::sim::scenario::Call;
use crate::sim::trade::{RefundStep, Refusal};

/// Returns money.
pub(super) fn refund(request: &Request<'_>) -> Called<Node> {
    request.sim.with(|book| {
        let key = request.key(book);
        let fault = book.fault(&key.1, Call::Refund);
        call(book, fault, |book| {
            let (Some(amount_fen), Ok(trade)) =
                (request.amount("refund_amount"), scanned(book, &key))
            else {
                return refused(request.amount("refund_amount").is_some());
            };
            // Without a number of its own a refund is the whole trade's, and the only one.
            let number = match request.field("out_request_no") {
                "" if amount_fen == trade.asked.amount_fen => key.1.clone(),
                "" => {
                    return Node::failed("ACQ.INVALID_PARAMETER", "部分退款必须传 out_request_no");
                }
                number => number.to_owned(),
            };
            let asked = AskedRefund {
                refund_no: number,
                amount_fen,
                reason: request.field("refund_reason").to_owned(),
                notify_url: None,
            };
            let (refund, moved) = match book.refund(&key, asked) {
                Ok(done) => done,
                Err(why) => return not_refunded(why),
            };
            let Some(trade) = book.trade(&key) else {
                return refused(true);
            };
            let mut fields = json!({
                "trade_no": trade.gateway_no,
                "out_trade_no": trade.asked.out_trade_no,
                "buyer_logon_id": "sim***@example.com",
                "fund_change": if moved { "Y" } else { "N" },
                "refund_fee": yuan(trade.refunded_fen()),
            });
            if refund.step == RefundStep::Done {
                fields["gmt_refund_pay"] = json!(time(refund.done_at));
            }
            Node::ok(fields)
        })
    })
}

fn refused(amount_is_good: bool) -> Node {
    if amount_is_good {
        Node::failed("ACQ.TRADE_NOT_EXIST", "交易不存在")
    } else {
        Node::failed("ACQ.REFUND_FEE_ERROR", "退款金额无效")
    }
}

fn not_refunded(why: NotRefunded) -> Node {
    let (code, words) = match why {
        NotRefunded::Unknown => ("ACQ.TRADE_NOT_EXIST", "交易不存在"),
        NotRefunded::NotEnough => ("ACQ.SELLER_BALANCE_NOT_ENOUGH", "卖家余额不足"),
        NotRefunded::Refused(Refusal::Different) => {
            ("ACQ.DISCORDANT_REPEAT_REQUEST", "退款请求号相同，金额不同")
        }
        NotRefunded::Refused(Refusal::TooMuch) => {
            ("ACQ.REFUND_AMT_NOT_EQUAL_TOTAL", "退款金额超限")
        }
        NotRefunded::Refused(Refusal::TooLate) => ("ACQ.TRADE_HAS_FINISHED", "交易已完结"),
        NotRefunded::Refused(_) => ("ACQ.TRADE_NOT_ALLOW_REFUND", "当前交易不允许退款"),
    };
    Node::failed(code, words)
}

/// Where a refund stands; one nobody knows is answered without any status.
pub(super) fn query(request: &Request<'_>) -> Called<Node> {
    request.sim.with(|book| {
        let key = request.key(book);
        let fault = book.fault(&key.1, Call::Query);
        call(book, fault, |book| {
            let trade = match scanned(book, &key) {
                Ok(trade) => trade,
                Err(node) => return node,
            };
            let number = request.field("out_request_no");
            let mut fields = json!({
                "trade_no": trade.gateway_no,
                "out_trade_no": trade.asked.out_trade_no,
                "out_request_no": number,
                "total_amount": yuan(trade.asked.amount_fen),
            });
            let found = trade
                .refunds
                .iter()
                .find(|refund| refund.refund_no == number);
            if let Some(refund) = found.filter(|refund| refund.step == RefundStep::Done) {
                fields["refund_amount"] = json!(yuan(refund.amount_fen));
                fields["refund_status"] = json!("REFUND_SUCCESS");
                fields["gmt_refund_pay"] = json!(time(refund.done_at));
            }
            Node::ok(fields)
        })
    })
}
