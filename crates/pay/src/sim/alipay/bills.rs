//! Bills: a ZIP with GBK names that holds two GBK sheets, the detail and the summary, behind an address that is good for 30 seconds.

use std::fmt::Write as _;
use std::io::{Cursor, Write as _};
use std::sync::Arc;

use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use encoding_rs::GBK;
use serde::Deserialize;
use serde_json::json;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::signed::{Node, Request};
use super::trades::time;
use crate::gateway::Channel;
use crate::sim::Simulator;
use crate::sim::bill::{Bill, File, NoBill, Row, bill, yuan};
use crate::sim::book::{Book, Names};
use crate::sim::called::Called;
use crate::sim::ledger::Kind;

const ADDRESS_LIFE_MS: i64 = 30_000;
const COLUMNS: &str = "支付宝交易号,商户订单号,业务类型,商品名称,创建时间,完成时间,门店编号,门店名称,操作员,终端号,对方账户,订单金额（元）,商家实收（元）,支付宝红包（元）,集分宝（元）,支付宝优惠（元）,商家优惠（元）,券核销金额（元）,券名称,商家红包消费金额（元）,卡消费金额（元）,退款批次号/请求号,服务费（元）,分润（元）,备注";
const SUMMARY_COLUMNS: &str = "门店编号,门店名称,交易订单总笔数,退款订单总笔数,订单金额（元）,商家实收（元）,支付宝优惠（元）,商家优惠（元）,卡消费金额（元）,服务费（元）,分润（元）,实收净额（元）";
const ACCOUNT_COLUMNS: &str = "账务流水号,业务流水号,商户订单号,商品名称,发生时间,对方账号,收入金额（+元）,支出金额（-元）,账户余额（元）,交易渠道,业务类型,备注";
const RULE: &str = "-----------------------------------------";

/// The address of a bill.
pub(super) fn address(request: &Request<'_>) -> Called<Node> {
    let (kind, date) = (request.field("bill_type"), request.field("bill_date"));
    if !matches!(kind, "trade" | "signcustomer") {
        return Called::Answer(Node::invalid("isv.invalid-arguments", "bill_type 无效"));
    }
    let word = request.sim.surroundings.nonce();
    let made = request.sim.with(|book| {
        let bill = bill(book, Channel::Alipay, date)?;
        let bytes = if kind == "trade" {
            trade_zip(book, &bill, date)
        } else {
            account_zip(book, &bill, date)
        };
        let file = File {
            bytes,
            expires_at: book.now + ADDRESS_LIFE_MS,
        };
        request.sim.files.put(word.clone(), file, book.now);
        Ok(())
    });
    Called::Answer(match made {
        Ok(()) => {
            let path = format!("/downloadBillFile.resource?token={word}");
            Node::ok(json!({"bill_download_url": format!("http://{}{path}", request.host)}))
        }
        Err(NoBill::BadDay) => Node::invalid("isv.invalid-arguments", "bill_date 无效"),
        Err(NoBill::Creating | NoBill::NoTrade) => {
            Node::failed("isp.bill_not_exist", "入参对应的账单不存在")
        }
    })
}

#[derive(Deserialize)]
pub(super) struct Token {
    token: String,
}

/// The file itself.
pub(super) async fn download(
    State(sim): State<Arc<Simulator>>,
    Query(Token { token }): Query<Token>,
) -> Response {
    let now = sim.with(|book| book.now);
    match sim.files.get(&token, now) {
        Some(bytes) => bytes.into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// Rows, and the numbers below them.
#[derive(Default)]
struct Side {
    count: usize,
    fen: i64,
    fee_fen: i64,
}

fn side(rows: &[Row], paid: bool) -> Side {
    let rows = rows
        .iter()
        .filter(|row| (row.movement.kind == Kind::Payment) == paid);
    rows.fold(Side::default(), |side, row| Side {
        count: side.count + 1,
        fen: side.fen + row.movement.amount_fen,
        fee_fen: side.fee_fen + row.movement.fee_fen(),
    })
}

/// A text cell: a tab follows it, so that spreadsheets leave long numbers alone.
fn cell(text: &str) -> String {
    format!("{}\t", text.replace([',', '\t', '\r', '\n'], " "))
}

fn head(title: &str, names: &Names, date: &str) -> String {
    let day = date.replacen('-', "年", 1).replacen('-', "月", 1);
    format!(
        "#支付宝{title}查询\r\n#账号：[{}0156]\r\n#起始日期：[{day}日 00:00:00]   终止日期：[{day}日 24:00:00]\r\n",
        names.seller_id
    )
}

fn trade_zip(book: &Book, bill: &Bill, date: &str) -> Vec<u8> {
    let (paid, back) = (side(&bill.rows, true), side(&bill.rows, false));
    let mut text = head("业务明细", &book.names, date);
    let _ = write!(text, "#{RULE}业务明细列表{RULE}\r\n{COLUMNS}\r\n");
    for row in &bill.rows {
        text.push_str(&detail(row));
    }
    let _ = write!(text, "#{RULE}业务明细列表结束{RULE}\r\n");
    // There is no hash to be wrong; the sums are.
    let wrong = i64::from(bill.wrong_hash);
    let _ = write!(
        text,
        "#交易合计：{}笔，商家实收共{}元，商家优惠共0.00元\r\n#退款合计：{}笔，商家实收退款共{}元，商家优惠退款共0.00元\r\n#导出时间：[{}]\r\n",
        paid.count,
        yuan(paid.fen + wrong),
        back.count,
        yuan(back.fen),
        time(book.now),
    );
    let mut summary = head("业务汇总", &book.names, date);
    let sums = [
        paid.count.to_string(),
        back.count.to_string(),
        yuan(paid.fen + back.fen),
        yuan(paid.fen + back.fen),
        yuan(0),
        yuan(0),
        yuan(0),
        yuan(-paid.fee_fen - back.fee_fen),
        yuan(0),
        yuan(paid.fen + back.fen - paid.fee_fen - back.fee_fen),
    ];
    let _ = write!(
        summary,
        "#{RULE}业务汇总列表{RULE}\r\n{SUMMARY_COLUMNS}\r\n合计\t,\t,{}\r\n#{RULE}业务汇总列表结束{RULE}\r\n",
        sums.join(",")
    );
    zip(
        [("业务明细", text), ("业务明细(汇总)", summary)],
        &book.names,
        date,
    )
}

fn detail(row: &Row) -> String {
    let Row {
        movement,
        trade,
        refund,
    } = row;
    let asked = trade.as_ref().map(|trade| &trade.asked);
    let text = |of: Option<&String>| cell(of.map_or("", String::as_str));
    let created = trade.as_ref().map_or(movement.at, |trade| trade.created_at);
    let is_payment = movement.kind == Kind::Payment;
    let back_no = match (is_payment, refund) {
        (true, _) => "",
        (false, Some(refund)) => &refund.refund_no,
        (false, None) => &movement.out_trade_no,
    };
    let zero = yuan(0);
    let cells = [
        cell(&movement.gateway_no),
        cell(&movement.out_trade_no),
        cell(if is_payment { "交易" } else { "退款" }),
        text(asked.map(|asked| &asked.subject)),
        cell(&time(created)),
        cell(&time(movement.at)),
        text(asked.map(|asked| &asked.store)),
        cell(""),
        text(asked.map(|asked| &asked.operator)),
        text(asked.map(|asked| &asked.terminal)),
        cell("*拟(sim***@example.com)"),
        yuan(movement.amount_fen),
        yuan(movement.amount_fen),
        zero.clone(),
        zero.clone(),
        zero.clone(),
        zero.clone(),
        zero.clone(),
        cell(""),
        zero.clone(),
        zero.clone(),
        cell(back_no),
        yuan(-movement.fee_fen()),
        zero,
        cell(""),
    ];
    cells.join(",") + "\r\n"
}

fn account_zip(book: &Book, bill: &Bill, date: &str) -> Vec<u8> {
    let first = bill.rows.first().map_or(i64::MAX, |row| row.movement.at);
    let earlier = book
        .movements()
        .iter()
        .filter(|movement| movement.channel == Channel::Alipay && movement.at < first);
    let mut balance: i64 = earlier.map(|m| m.amount_fen - m.fee_fen()).sum();
    let mut text = head("账务明细", &book.names, date);
    let _ = write!(text, "#{RULE}账务明细列表{RULE}\r\n{ACCOUNT_COLUMNS}\r\n");
    let mut flows = Vec::new();
    for row in &bill.rows {
        let paid = row.movement.kind == Kind::Payment;
        let kind = if paid { "在线支付" } else { "交易退款" };
        flows.push((row, kind, row.movement.amount_fen));
        flows.push((row, "收费", -row.movement.fee_fen()));
    }
    flows.retain(|(.., fen)| *fen != 0);
    for (index, (row, kind, fen)) in flows.iter().enumerate() {
        balance += fen;
        let subject = row.trade.as_ref().map_or("", |trade| &trade.asked.subject);
        let cells = [
            cell(&format!("{}{:06}", row.movement.at, index + 1)),
            cell(&row.movement.gateway_no),
            cell(&row.movement.out_trade_no),
            cell(subject),
            cell(&time(row.movement.at)),
            cell("sim***@example.com"),
            if *fen > 0 { yuan(*fen) } else { String::new() },
            if *fen < 0 { yuan(*fen) } else { String::new() },
            yuan(balance),
            cell("支付宝"),
            cell(kind),
            cell(""),
        ];
        text.push_str(&(cells.join(",") + "\r\n"));
    }
    let sum = |sign: i64| {
        let of = flows.iter().filter(move |(.., fen)| fen.signum() == sign);
        (of.clone().count(), of.map(|(.., fen)| *fen).sum::<i64>())
    };
    let ((outs, out_fen), (ins, in_fen)) = (sum(-1), sum(1));
    let _ = write!(
        text,
        "#{RULE}账务明细列表结束{RULE}\r\n#支出合计：{outs}笔，共{}元\r\n#收入合计：{ins}笔，共{}元\r\n#导出时间：[{}]\r\n",
        yuan(out_fen),
        yuan(in_fen),
        time(book.now),
    );
    zip(
        [
            ("账务明细", text),
            ("账务汇总", head("账务汇总", &book.names, date)),
        ],
        &book.names,
        date,
    )
}

/// Packs sheets. The writer marks names that are not ASCII as UTF-8, which the gateway does not: names are written as
/// numbers of the same length first and put in their place afterwards. No checksum covers them.
fn zip<const N: usize>(sheets: [(&str, String); N], names: &Names, date: &str) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    let mut renamed = Vec::new();
    for (index, (title, text)) in sheets.iter().enumerate() {
        let name = format!(
            "{}0156_{}_{title}.csv",
            names.seller_id,
            date.replace('-', "")
        );
        let name = GBK.encode(&name).0.into_owned();
        let stand_in = format!("{:@<width$}", format!("@@{index}"), width = name.len());
        let begun = writer.start_file(&stand_in, options);
        begun.expect("a plain name");
        let written = writer.write_all(&GBK.encode(text).0);
        written.expect("writing into memory");
        renamed.push((stand_in.into_bytes(), name));
    }
    let mut bytes = writer.finish().expect("writing into memory").into_inner();
    for (stand_in, name) in renamed {
        let mut from = 0;
        while let Some(at) = memchr::memmem::find(&bytes[from..], &stand_in) {
            bytes[from + at..from + at + name.len()].copy_from_slice(&name);
            from += at + name.len();
        }
    }
    bytes
}
