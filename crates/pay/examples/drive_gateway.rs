//! Makes every call of one client and prints what it understood, for `scripts/pay_gateway`.
//!
//! The file named on the command line has settings, secrets, the time, and a report to read.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use aisle_domain::money::Money;
use aisle_domain::time::Instant;
use aisle_pay::{
    Answer, Charge, Client, Gateway, Notice, NoticeError, Outcome, Refund, RefundState,
    Surroundings, Trade, TradeNo, alipay, wechat,
};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

#[derive(Deserialize)]
struct Task {
    wechat: Option<wechat::Settings>,
    alipay: Option<alipay::Settings>,
    secrets: Value,
    now_ms: i64,
    notice: Report,
}

#[derive(Deserialize)]
struct Report {
    headers: BTreeMap<String, String>,
    body: String,
}

#[derive(Debug)]
struct Given {
    now: Instant,
    count: AtomicU64,
}

impl Surroundings for Given {
    fn now(&self) -> Instant {
        self.now
    }

    fn nonce(&self) -> String {
        let count = self.count.fetch_add(1, Ordering::Relaxed);
        format!("{:016x}{:08x}{count:08x}", self.now.0, std::process::id())
    }
}

#[tokio::main]
async fn main() {
    let file = std::env::args().nth(1).expect("a file");
    let text = std::fs::read_to_string(file).expect("a readable file");
    let task: Task = serde_json::from_str(&text).expect("a task");
    let surroundings = Arc::new(Given {
        now: Instant(task.now_ms),
        count: AtomicU64::new(0),
    });
    let http = aisle_pay::connections().expect("connections");
    let client = match (task.wechat, task.alipay) {
        (Some(settings), None) => {
            Client::wechat(settings, secrets(task.secrets), http, surroundings)
        }
        (None, Some(settings)) => {
            Client::alipay(settings, &secrets(task.secrets), http, surroundings)
        }
        _ => panic!("one channel"),
    };
    let client = client.expect("good settings");
    let mut said = drive(&client, Instant(task.now_ms)).await;
    let altered = task.notice.body.replacen('1', "2", 1);
    said.insert("notice", notice(&client, &task.notice, &task.notice.body));
    said.insert("altered notice", notice(&client, &task.notice, &altered));
    let said = serde_json::to_string(&said).expect("texts");
    println!("{said}");
}

fn secrets<T: DeserializeOwned>(given: Value) -> T {
    serde_json::from_value(given).expect("secrets")
}

fn asked(now: Instant) -> (Charge, Refund) {
    let number = |text: &str| TradeNo::parse(text).expect("a number");
    let charge = Charge {
        trade_no: number("A0000000000001"),
        amount: Money::from_fen(1230),
        subject: "Aisle 超市 😀 & <牛奶>=1+1%".to_owned(),
        store: (1, "人民路店".to_owned()),
        terminal: 7,
        expires_at: now.plus_ms(300_000),
        notify_url: None,
    };
    let refund = Refund {
        trade_no: charge.trade_no.clone(),
        refund_no: number("R0000000000001"),
        amount: Money::from_fen(30),
        total: charge.amount,
        reason: "不想要了 & <坏>".to_owned(),
        notify_url: None,
    };
    (charge, refund)
}

async fn drive(client: &Client, now: Instant) -> BTreeMap<&'static str, String> {
    let (charge, refund) = asked(now);
    let mut said = BTreeMap::new();
    if let Client::Wechat(wechat) = client {
        let order = wechat.create_jsapi(&charge, "oAAA").await;
        said.insert("create_jsapi", of(order, |_| "package".to_owned()));
    }
    let code = match client {
        Client::Wechat(_) => "130061098828009406",
        Client::Alipay(_) => "281234567890123456",
    };
    let paid = client.pay_code(&charge, code).await;
    said.insert(
        "pay_code",
        of(paid, |paid| format!("paid {}", paid.amount.fen())),
    );
    said.insert("query", of(client.query(&charge.trade_no).await, trade));
    said.insert(
        "create_qr",
        of(client.create_qr(&charge).await, |_| "code".to_owned()),
    );
    said.insert(
        "reverse",
        of(client.reverse(&charge.trade_no).await, |done| {
            format!("{done:?}")
        }),
    );
    said.insert(
        "close",
        of(client.close(&charge.trade_no).await, |done| {
            format!("{done:?}")
        }),
    );
    said.insert(
        "refund",
        of(client.refund(&refund).await, |_| "accepted".to_owned()),
    );
    said.insert(
        "query_refund",
        of(client.query_refund(&refund).await, |state| match state {
            RefundState::Done { .. } => "done".to_owned(),
            other => format!("{other:?}"),
        }),
    );
    said.insert(
        "bill",
        of(client.bill(20260101).await, |file| match file {
            Some(file) if !file.is_empty() => "file".to_owned(),
            _ => "nothing".to_owned(),
        }),
    );
    said.insert("test", of(client.test().await, |()| "works".to_owned()));
    said
}

fn of<T>(answer: Answer<T>, say: impl FnOnce(T) -> String) -> String {
    match answer.outcome {
        Outcome::Success(content) => say(content),
        Outcome::Pending => "pending".to_owned(),
        Outcome::Declined(failure) => format!("declined {}", failure.code),
        Outcome::Unknown(failure) => format!("unknown {}", failure.code),
        Outcome::Config(failure) => format!("config {}", failure.code),
    }
}

fn trade(trade: Trade) -> String {
    match trade {
        Trade::Paid(capture) => format!("paid {}", capture.amount.fen()),
        other => format!("{other:?}"),
    }
}

fn notice(client: &Client, report: &Report, body: &str) -> String {
    let find = |name: &str| report.headers.get(name).cloned();
    let read: Result<Notice, NoticeError> = client.notice(&find, body.as_bytes());
    match read {
        Ok(notice) => {
            let said = notice.trade.map(trade).unwrap_or_default();
            format!("{said} {}", notice.trade_no)
        }
        Err(error) => format!("{error:?}"),
    }
}
