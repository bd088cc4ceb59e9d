//! Bills as WeChat Pay writes them: UTF-8 with a mark, a backtick before every value, the sums under a second header.

use aisle_domain::time::Instant;

use crate::beijing;
use crate::sim::bill::{Row, yuan};
use crate::sim::book::Names;
use crate::sim::ledger::{Kind, Movement};
use crate::sim::wechat::objects::trade_type;

const COLUMNS: [&str; 27] = [
    "交易时间",
    "公众账号ID",
    "商户号",
    "特约商户号",
    "设备号",
    "微信订单号",
    "商户订单号",
    "用户标识",
    "交易类型",
    "交易状态",
    "付款银行",
    "货币种类",
    "应结订单金额",
    "代金券金额",
    "微信退款单号",
    "商户退款单号",
    "退款金额",
    "充值券退款金额",
    "退款类型",
    "退款状态",
    "商品名称",
    "商户数据包",
    "手续费",
    "费率",
    "订单金额",
    "申请退款金额",
    "费率备注",
];
/// The columns of a bill of payments alone.
const OF_SUCCESS: [usize; 20] = [
    0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 20, 21, 22, 23, 24, 26,
];
const SUMS: &str =
    "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额";
const FUND_COLUMNS: &str = "记账时间,微信支付业务单号,资金流水单号,业务名称,业务类型,收支类型,收支金额(元),账户结余(元),资金变更提交申请人,备注,业务凭证号";
const FUND_SUMS: &str = "资金流水总笔数,收入笔数,收入金额,支出笔数,支出金额";

/// Which rows and columns a trade bill has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kinds {
    All,
    Success,
    Refund,
}

fn time(at: i64) -> String {
    beijing::text(Instant(at))
}

fn line(cells: impl IntoIterator<Item = String>) -> String {
    let cells: Vec<String> = cells.into_iter().map(|cell| format!("`{cell}")).collect();
    cells.join(",") + "\r\n"
}

/// The fee as the bill writes it: yuan with five places, whole fen nevertheless.
fn fee(fen: i64) -> String {
    yuan(fen) + "000"
}

/// A trade bill.
pub(super) fn trade_bill(names: &Names, rows: &[Row], kinds: Kinds) -> String {
    let wanted = |row: &&Row| match kinds {
        Kinds::All => true,
        Kinds::Success => row.movement.kind == Kind::Payment,
        Kinds::Refund => row.movement.kind == Kind::Refund,
    };
    let rows: Vec<&Row> = rows.iter().filter(wanted).collect();
    let mut text = String::from("\u{feff}");
    text.push_str(
        &select(
            kinds,
            COLUMNS.map(str::to_owned),
            ["退款申请时间", "退款成功时间"],
        )
        .join(","),
    );
    text.push_str("\r\n");
    for row in &rows {
        let times = row
            .refund
            .as_ref()
            .map(|r| [time(r.created_at), time(r.done_at)]);
        let times = times.unwrap_or_default();
        text.push_str(&line(select(kinds, cells(names, row), times)));
    }
    text.push_str(SUMS);
    text.push_str("\r\n");
    text.push_str(&line(sums(&rows)));
    text
}

fn select(kinds: Kinds, cells: [String; 27], times: [impl Into<String>; 2]) -> Vec<String> {
    match kinds {
        Kinds::All => cells.to_vec(),
        Kinds::Success => OF_SUCCESS.iter().map(|at| cells[*at].clone()).collect(),
        Kinds::Refund => {
            let (before, after) = cells.split_at(14);
            let times = times.map(Into::into);
            [before, &times, after].concat()
        }
    }
}

fn cells(names: &Names, row: &Row) -> [String; 27] {
    let Row {
        movement,
        trade,
        refund,
    } = row;
    let paid = movement.kind == Kind::Payment;
    let (order_fen, refund_fen) = if paid {
        (movement.amount_fen, 0)
    } else {
        (0, -movement.amount_fen)
    };
    let state = match movement.kind {
        Kind::Payment => "SUCCESS",
        Kind::Refund => "REFUND",
        Kind::Reversal => "REVOKED",
    };
    let asked = trade.as_ref().map(|trade| &trade.asked);
    let text = |of: Option<&String>| plain(of.map_or("", String::as_str));
    let only_back = |word: &str| if paid { String::new() } else { word.to_owned() };
    [
        time(movement.at),
        names.appid.clone(),
        names.mchid.clone(),
        "0".to_owned(),
        text(asked.map(|asked| &asked.terminal)),
        movement.gateway_no.clone(),
        movement.out_trade_no.clone(),
        "oSimulatedCustomer0000000001".to_owned(),
        trade.as_ref().map_or("NATIVE", trade_type).to_owned(),
        state.to_owned(),
        "OTHERS".to_owned(),
        "CNY".to_owned(),
        yuan(order_fen),
        yuan(0),
        refund
            .as_ref()
            .map_or("0", |refund| &refund.gateway_no)
            .to_owned(),
        refund
            .as_ref()
            .map_or("0", |refund| &refund.refund_no)
            .to_owned(),
        yuan(refund_fen),
        yuan(0),
        only_back("ORIGINAL"),
        only_back("SUCCESS"),
        text(asked.map(|asked| &asked.subject)),
        text(asked.map(|asked| &asked.attach)),
        fee(movement.fee_fen()),
        "0.60%".to_owned(),
        yuan(order_fen),
        yuan(refund_fen),
        String::new(),
    ]
}

/// The platform takes commas and line ends out of what merchants write, so that a line can be split at commas.
fn plain(text: &str) -> String {
    text.replace([',', '\r', '\n', '`'], " ")
}

fn sums(rows: &[&Row]) -> [String; 7] {
    let sum = |of: fn(&Movement) -> i64| rows.iter().map(|row| of(&row.movement)).sum::<i64>();
    let paid = sum(|movement| movement.amount_fen.max(0));
    let back = sum(|movement| (-movement.amount_fen).max(0));
    [
        format!("{}.0", rows.len()),
        yuan(paid),
        yuan(back),
        yuan(0),
        fee(sum(Movement::fee_fen)),
        yuan(paid),
        yuan(back),
    ]
}

/// A fund-flow bill: each movement, and the fee that came with it. `before_fen` is what was there when the day began.
pub(super) fn fund_flow_bill(rows: &[Row], before_fen: i64) -> String {
    let mut text = format!("\u{feff}{FUND_COLUMNS}\r\n");
    let mut balance = before_fen;
    let mut flows = Vec::new();
    for row in rows {
        let movement = &row.movement;
        let business = match movement.kind {
            Kind::Payment => "交易",
            Kind::Refund | Kind::Reversal => "退款",
        };
        flows.push((movement, business, movement.amount_fen));
        flows.push((movement, "扣除交易手续费", -movement.fee_fen()));
    }
    flows.retain(|(.., fen)| *fen != 0);
    for (index, (movement, business, fen)) in flows.iter().enumerate() {
        balance += fen;
        text.push_str(&line([
            time(movement.at),
            movement.gateway_no.clone(),
            format!("{}{:06}", movement.at, index + 1),
            (*business).to_owned(),
            (*business).to_owned(),
            if *fen > 0 { "收入" } else { "支出" }.to_owned(),
            yuan(fen.abs()),
            yuan(balance),
            "system".to_owned(),
            String::new(),
            movement
                .refund_no
                .as_ref()
                .unwrap_or(&movement.out_trade_no)
                .clone(),
        ]));
    }
    let side = |sign: i64| {
        let of = flows.iter().filter(move |(.., fen)| fen.signum() == sign);
        (
            of.clone().count(),
            of.map(|(.., fen)| fen.abs()).sum::<i64>(),
        )
    };
    let ((ins, in_fen), (outs, out_fen)) = (side(1), side(-1));
    text.push_str(FUND_SUMS);
    text.push_str("\r\n");
    text.push_str(&line([
        format!("{}.0", flows.len()),
        format!("{ins}.0"),
        yuan(in_fen),
        format!("{outs}.0"),
        yuan(out_fen),
    ]));
    text
}
