//! APIv3: bills, the files behind them, and platform certificates.

use std::io::Write;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::json;

use super::auth::{Answer, Signed};
use super::sheet::{self, Kinds};
use crate::crypto::sha1_hex;
use crate::gateway::Channel;
use crate::sim::Simulator;
use crate::sim::bill::{File, NoBill, Row, bill};
use crate::sim::book::Book;
use crate::sim::called::Called;

type Sim = State<Arc<Simulator>>;

/// How long a bill's address is good.
const ADDRESS_LIFE_MS: i64 = 300_000;

/// Every trade of a day.
pub(super) async fn trade_bill(State(sim): Sim, signed: Signed) -> Response {
    let kinds = match signed.param("bill_type").as_deref() {
        None | Some("ALL") => Kinds::All,
        Some("SUCCESS") => Kinds::Success,
        Some("REFUND") => Kinds::Refund,
        Some(_) => return answer(&signed, bad("bill_type 应为 ALL、SUCCESS 或 REFUND")),
    };
    let text = |book: &Book, rows: &[Row]| sheet::trade_bill(&book.names, rows, kinds);
    write(&sim, &signed, text)
}

/// Every movement of the merchant's account in a day.
pub(super) async fn fund_flow_bill(State(sim): Sim, signed: Signed) -> Response {
    let account = signed.param("account_type");
    if !matches!(
        account.as_deref(),
        None | Some("BASIC" | "OPERATION" | "FEES")
    ) {
        return answer(&signed, bad("account_type 应为 BASIC、OPERATION 或 FEES"));
    }
    let text = |book: &Book, rows: &[Row]| {
        let first = rows.first().map_or(i64::MAX, |row| row.movement.at);
        let earlier = book
            .movements()
            .iter()
            .filter(|movement| movement.channel == Channel::Wechat && movement.at < first);
        let before = earlier.map(|m| m.amount_fen - m.fee_fen()).sum();
        sheet::fund_flow_bill(rows, before)
    };
    write(&sim, &signed, text)
}

fn write(sim: &Simulator, signed: &Signed, text: impl Fn(&Book, &[Row]) -> String) -> Response {
    let date = signed.param("bill_date").unwrap_or_default();
    let zip = match signed.param("tar_type").as_deref() {
        None => false,
        Some("GZIP") => true,
        Some(_) => return answer(signed, bad("tar_type 应为 GZIP")),
    };
    let word = sim.surroundings.nonce();
    let made = sim.with(|book| {
        let bill = bill(book, Channel::Wechat, &date)?;
        let text = text(book, &bill.rows);
        let mut hash = sha1_hex(text.as_bytes());
        if bill.wrong_hash {
            hash = sha1_hex(hash.as_bytes());
        }
        let bytes = if zip { gzip(&text) } else { text.into_bytes() };
        let file = File {
            bytes,
            expires_at: book.now + ADDRESS_LIFE_MS,
        };
        sim.files.put(word.clone(), file, book.now);
        Ok(hash)
    });
    let made = made.map(|hash| {
        let address = format!("http://{}/v3/billdownload/file?token={word}", signed.host);
        let hash = json!({"hash_type": "SHA1", "hash_value": hash, "download_url": address});
        Answer::ok(hash)
    });
    let problem = |why| match why {
        NoBill::BadDay => bad("bill_date 应为今天之前的日期，如 2026-01-01"),
        NoBill::Creating => Answer::problem(400, "STATEMENT_CREATING", "账单生成中，请稍后再试"),
        NoBill::NoTrade => Answer::problem(400, "NO_STATEMENT_EXIST", "账单文件不存在"),
    };
    answer(signed, made.unwrap_or_else(problem))
}

fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    let written = encoder.write_all(text.as_bytes());
    written
        .and_then(|()| encoder.finish())
        .expect("writing into memory")
}

fn bad(what: &str) -> Answer {
    Answer::problem(400, "PARAM_ERROR", what)
}

fn answer(signed: &Signed, answer: Answer) -> Response {
    signed.respond(Called::Answer(answer))
}

/// The file itself, unsigned.
pub(super) async fn download(State(sim): Sim, signed: Signed) -> Response {
    let word = signed.param("token").unwrap_or_default();
    let now = sim.with(|book| book.now);
    match sim.files.get(&word, now) {
        Some(bytes) => Body::from(bytes).into_response(),
        None => answer(
            &signed,
            Answer::problem(404, "RESOURCE_NOT_EXISTS", "下载地址不存在或已过期"),
        ),
    }
}

/// The platform's certificate, sealed.
pub(super) async fn certificates(State(sim): Sim, signed: Signed) -> Response {
    let nonce = sim.surroundings.nonce()[..12].to_owned();
    let sealed = sim
        .keys
        .apiv3
        .seal(&nonce, "certificate", sim.keys.certificate_pem.as_bytes());
    let certificate = json!({
        "serial_no": sim.keys.wechat.platform_serial,
        "effective_time": "2020-01-01T08:00:00+08:00",
        "expire_time": "2099-12-31T08:00:00+08:00",
        "encrypt_certificate": {
            "algorithm": "AEAD_AES_256_GCM",
            "nonce": nonce,
            "associated_data": "certificate",
            "ciphertext": sealed.expect("a nonce of twelve letters"),
        },
    });
    answer(&signed, Answer::ok(json!({"data": [certificate]})))
}
