//! Notifications as signed forms. A refund is told as the trade it belongs to, with what went back so far.

use serde_json::{Map, Value, json};

use super::trades::{status, time};
use crate::alipay::text::notice_text;
use crate::sim::Simulator;
use crate::sim::bill::yuan;
use crate::sim::book::Names;
use crate::sim::deliver::Letter;
use crate::sim::notice::{About, Notice};
use crate::sim::trade::{Refund, RefundStep, Trade};

/// What a notification says, without what changes with each try.
pub(crate) fn notice(names: &Names, trade: &Trade, about: &About, extra: i64) -> Value {
    let total = yuan(trade.asked.amount_fen + extra);
    let paid_at = time(trade.paid_at.unwrap_or(trade.created_at));
    let mut fields = json!({
        "notify_type": "trade_status_sync",
        "app_id": names.app_id,
        "auth_app_id": names.app_id,
        "seller_id": names.seller_id,
        "buyer_id": "2088000000000002",
        "buyer_logon_id": "sim***@example.com",
        "charset": "utf-8",
        "version": "1.0",
        "trade_no": trade.gateway_no,
        "out_trade_no": trade.asked.out_trade_no,
        "subject": trade.asked.subject,
        "trade_status": "TRADE_SUCCESS",
        "total_amount": total,
        "receipt_amount": total,
        "invoice_amount": total,
        "buyer_pay_amount": total,
        "point_amount": "0.00",
        "gmt_create": time(trade.created_at),
        "gmt_payment": paid_at,
        "fund_bill_list": format!("[{{\"amount\":\"{total}\",\"fundChannel\":\"ALIPAYACCOUNT\"}}]"),
    });
    // What is empty is not sent.
    if !trade.asked.attach.is_empty() {
        fields["body"] = json!(trade.asked.attach);
    }
    if let About::Refund(no) = about {
        let done = |refund: &&Refund| refund.step == RefundStep::Done;
        let this = trade.refunds.iter().find(|refund| refund.refund_no == *no);
        fields["trade_status"] = json!(status(trade));
        fields["out_biz_no"] = json!(no);
        fields["refund_fee"] = json!(yuan(trade.refunded_fen()));
        let at = this
            .filter(done)
            .map_or(trade.created_at, |refund| refund.done_at);
        // The one time that has parts of a second.
        fields["gmt_refund"] = json!(format!("{}.{:03}", time(at), at.rem_euclid(1000)));
    }
    fields
}

/// A notification, signed as it is sent.
pub(crate) fn letter(sim: &Simulator, notice: &Notice) -> Letter {
    let mut fields: Map<String, Value> = notice.content.as_object().cloned().unwrap_or_default();
    let now = sim.with(|book| book.now);
    fields.insert("notify_id".to_owned(), json!(notice.id));
    fields.insert("notify_time".to_owned(), json!(time(now)));
    fields.insert("sign_type".to_owned(), json!("RSA2"));
    let pairs: Vec<(&str, &str)> = fields
        .iter()
        .filter_map(|(name, value)| Some((name.as_str(), value.as_str()?)))
        .collect();
    let sign = sim
        .keys
        .alipay_key
        .sign(notice_text(pairs.clone()).as_bytes());
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    form.extend_pairs(pairs).append_pair("sign", &sign);
    Letter {
        content_type: "application/x-www-form-urlencoded; charset=utf-8",
        headers: Vec::new(),
        body: form.finish(),
    }
}
