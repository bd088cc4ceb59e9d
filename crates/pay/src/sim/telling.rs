//! Which movements are told to the merchant, and when.

use crate::gateway::Channel;
use crate::sim::book::{Book, Key};
use crate::sim::ledger::{Kind, Movement};
use crate::sim::notice::{About, Notice, Standing};
use crate::sim::scenario::Scenario;
use crate::sim::trade::{Product, SECOND, Trade};
use crate::sim::{alipay, wechat};

impl Book {
    /// Plans what is told about a movement. WeChat tells nothing about payments by code, and neither gateway anything
    /// about what the merchant reversed.
    pub(crate) fn plan_notice(&mut self, movement: &Movement, at: i64) {
        let key: Key = (movement.channel, movement.out_trade_no.clone());
        let about = match (movement.kind, &movement.refund_no) {
            (Kind::Payment, _) => About::Payment,
            (Kind::Refund, Some(no)) => About::Refund(no.clone()),
            _ => return,
        };
        self.tell(&key, about, at);
    }

    /// A refund that did not arrive is told as well.
    pub(crate) fn plan_abnormal_notice(&mut self, key: &Key, index: usize, at: i64) {
        let no = self
            .trade(key)
            .map(|trade| trade.refunds[index].refund_no.clone());
        if let Some(no) = no
            && key.0 == Channel::Wechat
        {
            self.tell(key, About::Refund(no), at);
        }
    }

    fn tell(&mut self, key: &Key, about: About, at: i64) {
        let Some(trade) = self.trade(key) else { return };
        let planned = self.planned(key);
        let Some(url) = url(trade, &about) else {
            return;
        };
        if planned.contains(&Scenario::NotifyNever) {
            return;
        }
        let extra = i64::from(planned.contains(&Scenario::WrongAmount));
        let content = match key.0 {
            Channel::Wechat => wechat::objects::notice(&self.names, trade, &about, extra),
            _ => alipay::notice(&self.names, trade, &about, extra),
        };
        let late = planned.iter().find_map(|scenario| match scenario {
            Scenario::NotifyLate(seconds) => Some(seconds * SECOND),
            _ => None,
        });
        let after_refund = about == About::Payment && planned.contains(&Scenario::NotifyOutOfOrder);
        let notice = Notice {
            id: format!("SIM{:013}{:019}", at, self.notices().len() + 1),
            channel: key.0,
            out_trade_no: key.1.clone(),
            url,
            content,
            created_at: at,
            standing: if after_refund {
                Standing::AfterRefund
            } else {
                Standing::Due(at + late.unwrap_or(0))
            },
            tries: 0,
            again: usize::from(planned.contains(&Scenario::NotifyTwice)),
            result: String::new(),
            about,
        };
        self.put_notice(notice);
    }

    /// Writes down a try; what waited for it is due.
    pub(crate) fn told(&mut self, id: &str, confirmed: bool, result: String) {
        let now = self.now;
        let Some(mut notice) = self.notices().iter().find(|known| known.id == id).cloned() else {
            return;
        };
        notice.tried(confirmed, result, now);
        let is_refund = matches!(notice.about, About::Refund(_));
        let no = notice.out_trade_no.clone();
        self.put_notice(notice);
        let waiting = |known: &&Notice| {
            is_refund && known.out_trade_no == no && known.standing == Standing::AfterRefund
        };
        let released: Vec<_> = self.notices().iter().filter(waiting).cloned().collect();
        for mut notice in released {
            notice.standing = Standing::Due(now);
            self.put_notice(notice);
        }
    }

    /// What is to be sent by now.
    pub(crate) fn due_notices(&self) -> Vec<Notice> {
        let due = self
            .notices()
            .iter()
            .filter(|notice| notice.is_due(self.now));
        due.cloned().collect()
    }
}

fn url(trade: &Trade, about: &About) -> Option<String> {
    match (trade.asked.channel, about) {
        (Channel::Wechat, About::Payment) if trade.asked.product == Product::Code => None,
        (Channel::Wechat, About::Refund(no)) => {
            let refund = trade
                .refunds
                .iter()
                .find(|refund| refund.refund_no == *no)?;
            refund.notify_url.clone()
        }
        _ => trade.asked.notify_url.clone(),
    }
}
