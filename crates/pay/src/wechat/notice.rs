//! What WeChat Pay reports by itself.

use serde::Deserialize;
use serde_json::Value;

use super::Wechat;
use super::call::Seal;
use super::keys::Sealed;
use super::refund::Refunded;
use super::trade::Transaction;
use crate::gateway::{Notice, NoticeError};

#[derive(Deserialize)]
struct Envelope {
    id: String,
    event_type: String,
    resource: Sealed,
}

impl Wechat {
    pub(super) fn read_notice(
        &self,
        headers: &dyn Fn(&str) -> Option<String>,
        body: &[u8],
    ) -> Result<Notice, NoticeError> {
        let seal = Seal::of(headers).ok_or(NoticeError::Forged)?;
        if !seal.is_fresh(self.surroundings.now().0) {
            return Err(NoticeError::Forged);
        }
        let key = self.keys.find(&seal.serial);
        let key = key.ok_or(NoticeError::UnknownKey)?;
        if !key.verify(&seal.message(body), seal.signature()) {
            return Err(NoticeError::Forged);
        }
        let envelope: Envelope =
            serde_json::from_slice(body).map_err(|_| NoticeError::Unreadable)?;
        let opened = self
            .open(&envelope.resource)
            .ok_or(NoticeError::Unreadable)?;
        let content: Value =
            serde_json::from_slice(&opened).map_err(|_| NoticeError::Unreadable)?;
        match envelope.event_type.split_once('.') {
            Some(("TRANSACTION", _)) => self.about_trade(envelope.id, content),
            Some(("REFUND", _)) => self.about_refund(envelope.id, content),
            _ => Err(NoticeError::Unreadable),
        }
    }

    fn about_trade(&self, event_id: String, content: Value) -> Result<Notice, NoticeError> {
        let found = Transaction::of_json(content).ok_or(NoticeError::Unreadable)?;
        let settings = &self.ready.settings;
        if !found.is_of(&settings.mchid, &settings.appid) {
            return Err(NoticeError::OtherMerchant);
        }
        Ok(Notice {
            event_id,
            trade_no: found.out_trade_no.clone(),
            refund_no: None,
            trade: Some(found.trade().map_err(|_| NoticeError::Unreadable)?),
            refund: None,
        })
    }

    fn about_refund(&self, event_id: String, content: Value) -> Result<Notice, NoticeError> {
        let found = Refunded::of_json(content).ok_or(NoticeError::Unreadable)?;
        if found.mchid != self.ready.settings.mchid {
            return Err(NoticeError::OtherMerchant);
        }
        Ok(Notice {
            event_id,
            trade_no: found.out_trade_no.clone(),
            refund_no: Some(found.out_refund_no.clone()),
            trade: None,
            refund: Some(found.state().map_err(|_| NoticeError::Unreadable)?),
        })
    }
}
