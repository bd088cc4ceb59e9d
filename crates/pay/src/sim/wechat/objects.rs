//! Trades and refunds as APIv3 shows them, in answers and in notifications.

use aisle_domain::time::Instant;
use serde_json::{Value, json};

use crate::beijing;
use crate::sim::book::Names;
use crate::sim::notice::About;
use crate::sim::trade::{Product, Refund, RefundStep, State, Trade};

const PAYER: &str = "oSimulatedCustomer0000000001";

/// An instant in APIv3.
pub(crate) fn time(at: i64) -> String {
    beijing::rfc3339(Instant(at))
}

/// The state's name and what it means.
pub(super) fn state(trade: &Trade) -> (&'static str, &'static str) {
    match trade.state {
        State::Unscanned | State::Waiting => ("NOTPAY", "订单未支付"),
        State::UserPaying => ("USERPAYING", "用户支付中，需要输入密码"),
        State::Paid if !trade.refunds.is_empty() => ("REFUND", "订单发生过退款"),
        State::Paid => ("SUCCESS", "支付成功"),
        State::Failed => ("PAYERROR", "支付失败"),
        State::Closed => ("CLOSED", "订单已关闭"),
        State::Reversed => ("REVOKED", "订单已撤销"),
    }
}

/// What kind of payment it is.
pub(super) fn trade_type(trade: &Trade) -> &'static str {
    match trade.asked.product {
        Product::Code => "MICROPAY",
        Product::Qr => "NATIVE",
        Product::Jsapi => "JSAPI",
    }
}

/// A trade, with `extra` fen more than there are.
pub(super) fn transaction(names: &Names, trade: &Trade, extra: i64) -> Value {
    let (state, words) = state(trade);
    let total = trade.asked.amount_fen + extra;
    let mut object = json!({
        "appid": names.appid,
        "mchid": names.mchid,
        "out_trade_no": trade.asked.out_trade_no,
        "trade_type": trade_type(trade),
        "trade_state": state,
        "trade_state_desc": words,
        "attach": trade.asked.attach,
        "amount": {"total": total, "currency": "CNY"},
    });
    if let Some(paid_at) = trade.paid_at {
        object["transaction_id"] = json!(trade.gateway_no);
        object["bank_type"] = json!("OTHERS");
        object["success_time"] = json!(time(paid_at));
        object["payer"] = json!({"openid": PAYER});
        object["amount"]["payer_total"] = json!(total);
        object["amount"]["payer_currency"] = json!("CNY");
    }
    object
}

/// A refund in answers.
pub(super) fn refund(trade: &Trade, refund: &Refund) -> Value {
    let mut object = json!({
        "refund_id": refund.gateway_no,
        "out_refund_no": refund.refund_no,
        "transaction_id": trade.gateway_no,
        "out_trade_no": trade.asked.out_trade_no,
        "channel": "ORIGINAL",
        "user_received_account": "支付用户零钱",
        "create_time": time(refund.created_at),
        "status": status(refund),
        "funds_account": "AVAILABLE",
        "amount": {
            "total": trade.asked.amount_fen,
            "refund": refund.amount_fen,
            "payer_total": trade.asked.amount_fen,
            "payer_refund": refund.amount_fen,
            "settlement_refund": refund.amount_fen,
            "settlement_total": trade.asked.amount_fen,
            "discount_refund": 0,
            "currency": "CNY",
        },
    });
    if refund.step == RefundStep::Done {
        object["success_time"] = json!(time(refund.done_at));
    }
    object
}

fn status(refund: &Refund) -> &'static str {
    match refund.step {
        RefundStep::Processing => "PROCESSING",
        RefundStep::Done => "SUCCESS",
        RefundStep::Abnormal => "ABNORMAL",
    }
}

/// What a notification says, before it is sealed.
pub(crate) fn notice(names: &Names, trade: &Trade, about: &About, extra: i64) -> Value {
    let no = match about {
        About::Payment => {
            // A payment is told as it was, whatever was refunded since.
            let paid = Trade {
                refunds: Vec::new(),
                ..trade.clone()
            };
            return json!({
                "event_type": "TRANSACTION.SUCCESS",
                "summary": "支付成功",
                "resource": transaction(names, &paid, extra),
            });
        }
        About::Refund(no) => no,
    };
    let refund = trade.refunds.iter().find(|refund| refund.refund_no == *no);
    let Some(refund) = refund else {
        return Value::Null;
    };
    let (event, summary) = match refund.step {
        RefundStep::Abnormal => ("REFUND.ABNORMAL", "退款异常"),
        _ => ("REFUND.SUCCESS", "退款成功"),
    };
    json!({
        "event_type": event,
        "summary": summary,
        "resource": {
            "mchid": names.mchid,
            "out_trade_no": trade.asked.out_trade_no,
            "transaction_id": trade.gateway_no,
            "out_refund_no": refund.refund_no,
            "refund_id": refund.gateway_no,
            "refund_status": status(refund),
            "success_time": time(refund.done_at),
            "user_received_account": "支付用户零钱",
            "amount": {
                "total": trade.asked.amount_fen + extra,
                "refund": refund.amount_fen,
                "payer_total": trade.asked.amount_fen,
                "payer_refund": refund.amount_fen,
            },
        },
    })
}
