//! What Alipay reports by itself: a form, signed.

use serde_json::{Map, Value};

use super::Alipay;
use super::text::notice_text;
use super::trade::Told;
use crate::gateway::{Notice, NoticeError, RefundState};

impl Alipay {
    pub(super) fn read_notice(&self, body: &[u8]) -> Result<Notice, NoticeError> {
        let form: Vec<(String, String)> = url::form_urlencoded::parse(body).into_owned().collect();
        let field = |name: &str| {
            let found = form.iter().find(|(given, _)| given == name);
            found.map(|(_, value)| value.as_str()).unwrap_or_default()
        };
        let signed = notice_text(
            form.iter()
                .map(|(name, value)| (name.as_str(), value.as_str())),
        );
        let holds = field("sign_type") == "RSA2" && self.any_holds(&signed, field("sign"));
        if !holds {
            return Err(NoticeError::Forged);
        }
        let settings = &self.ready.settings;
        let is_ours = field("app_id") == settings.app_id
            && settings
                .seller_id
                .as_deref()
                .is_none_or(|ours| field("seller_id") == ours);
        if !is_ours {
            return Err(NoticeError::OtherMerchant);
        }
        let refunded = !field("gmt_refund").is_empty() || !field("refund_fee").is_empty();
        let fields: Map<String, Value> = form
            .iter()
            .map(|(name, value)| (name.clone(), Value::from(value.as_str())))
            .collect();
        let told = Told::of_json(Value::Object(fields)).ok_or(NoticeError::Unreadable)?;
        let refund_no = Some(field("out_biz_no")).filter(|no| refunded && !no.is_empty());
        let done = RefundState::Done {
            gateway_no: field("trade_no").to_owned(),
        };
        let is_named = !field("notify_id").is_empty() && !field("out_trade_no").is_empty();
        Ok(Notice {
            event_id: is_named
                .then(|| field("notify_id").to_owned())
                .ok_or(NoticeError::Unreadable)?,
            trade_no: field("out_trade_no").to_owned(),
            refund_no: refund_no.map(str::to_owned),
            trade: Some(told.trade(refunded).map_err(|_| NoticeError::Unreadable)?),
            refund: refund_no.map(|_| done),
        })
    }
}
