//! The receipt: plain data in, rows of text out, 32 columns on 58 mm paper and 48 on 80 mm.
//!
//! Promises: no row is wider than the paper (a Hanzi takes two columns, double size counts
//! twice); names wrap and are never cut nor split inside a character; no control character of any
//! text survives. The same rows are printed ([`escpos`]) and shown on the screen.
//! Refuses to calculate: every amount is printed as given.

pub mod escpos;
mod labels;
mod text;

use serde::{Deserialize, Serialize};

use labels::Labels;
use text::{columns, pair, printable, quantity, title, wrap, yuan};

/// The language of the fixed words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Lang {
    #[serde(rename = "zh-CN")]
    ZhCn,
    #[serde(rename = "en")]
    En,
}

/// The paper.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Width {
    /// 384 dots, 32 columns.
    Mm58,
    /// 576 dots, 48 columns.
    Mm80,
}

/// Everything a receipt shows. Amounts are in fen, quantities in thousandths of the unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    pub lang: Lang,
    pub store_name: String,
    pub phone: Option<String>,
    /// The number of the sale; also printed as a barcode that opens the sale for a return.
    pub number: String,
    /// What makes this the slip of a return.
    pub refund: Option<Refund>,
    pub terminal: String,
    pub cashier: String,
    /// The local time of the sale, already formatted.
    pub time: String,
    pub lines: Vec<Line>,
    /// Pieces sold; a weighed line counts as one.
    pub item_count: u32,
    /// Before discounts.
    pub total_fen: i64,
    /// How much the discounts took off; positive.
    pub discount_fen: i64,
    /// What rounding for cash added to the total; negative when fen were dropped.
    pub rounding_fen: i64,
    /// What was to be paid.
    pub due_fen: i64,
    pub tenders: Vec<Tender>,
    pub change_fen: i64,
    /// The member's number, already masked.
    pub member: Option<String>,
    /// Policy, points, invoice hints: one paragraph each.
    pub footer: Vec<String>,
    /// The text of the QR code, usually the link to the electronic receipt.
    pub qr: Option<String>,
    /// How often the receipt was printed again; 0 on the first print.
    pub reprint: u32,
}

/// What was given back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refund {
    /// The number of the sale; nothing when there was no receipt.
    pub of: Option<String>,
}

/// One line of goods.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    pub name: String,
    /// Empty when the goods have none.
    pub barcode: String,
    pub qty_milli: i64,
    pub unit: String,
    pub unit_price_fen: i64,
    /// How much discounts took off this line; positive.
    pub discount_fen: i64,
    /// What the line costs after its discount.
    pub amount_fen: i64,
}

/// One way the sale was paid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tender {
    /// The name of the method as printed, e.g. `微信支付 *1234`.
    pub method: String,
    pub amount_fen: i64,
    /// What the customer handed over, when it can differ from the amount (cash).
    pub tendered_fen: Option<i64>,
}

/// A piece of the printed receipt, from top to bottom.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Row {
    Text(TextRow),
    /// A QR code of this text.
    Qr(String),
    /// A barcode of this text.
    Barcode(String),
}

/// One printed line of text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TextRow {
    pub text: String,
    pub align: Align,
    pub bold: bool,
    pub size: Size,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Align {
    Left,
    Center,
    Right,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Size {
    Normal,
    /// Twice as wide and twice as high.
    Double,
}

impl Width {
    /// How many ASCII characters of normal size fit into a row.
    pub fn columns(self) -> usize {
        match self {
            Width::Mm58 => 32,
            Width::Mm80 => 48,
        }
    }

    /// How many dots the print head has (203 dpi).
    pub fn dots(self) -> usize {
        match self {
            Width::Mm58 => 384,
            Width::Mm80 => 576,
        }
    }
}

impl TextRow {
    /// The width on paper, in columns of normal size.
    pub fn columns(&self) -> usize {
        match self.size {
            Size::Normal => columns(&self.text),
            Size::Double => columns(&self.text) * 2,
        }
    }
}

/// Sets a receipt in rows.
pub fn layout(receipt: &Receipt, width: Width) -> Vec<Row> {
    let mut page = Page {
        labels: labels::of(receipt.lang),
        columns: width.columns(),
        rows: Vec::new(),
    };
    page.head(receipt);
    page.rule();
    page.pair(page.labels.goods, page.labels.amount);
    for line in &receipt.lines {
        page.line(line);
    }
    page.rule();
    page.sums(receipt);
    page.tenders(receipt);
    page.foot(receipt);
    page.rows
}

struct Page {
    labels: &'static Labels,
    columns: usize,
    rows: Vec<Row>,
}

impl Page {
    fn head(&mut self, receipt: &Receipt) {
        let labels = self.labels;
        for text in title(&receipt.store_name, self.columns / 2) {
            self.push(text, Align::Center, true, Size::Double);
        }
        if let Some(phone) = &receipt.phone {
            self.centered(&format!("{}: {phone}", labels.phone), false);
        }
        if receipt.refund.is_some() {
            self.centered(labels.refund_slip, true);
        }
        if receipt.reprint > 0 {
            self.centered(
                &format!("*** {} {} ***", labels.reprint, receipt.reprint),
                true,
            );
        }
        self.rule();
        self.plain(&format!("{}: {}", labels.number, receipt.number));
        match &receipt.refund {
            Some(Refund { of: Some(original) }) => {
                self.plain(&format!("{}: {original}", labels.original_number));
            }
            Some(Refund { of: None }) => self.plain(labels.no_original),
            None => {}
        }
        let terminal = format!("{}: {}", labels.terminal, receipt.terminal);
        self.pair(
            &terminal,
            &format!("{}: {}", labels.cashier, receipt.cashier),
        );
        self.plain(&format!("{}: {}", labels.time, receipt.time));
    }

    fn line(&mut self, line: &Line) {
        self.plain(&line.name);
        let price = yuan(line.unit_price_fen);
        let detail = format!("{price} x {}{}", quantity(line.qty_milli), line.unit);
        // The amount above is before the discount below it, so that the two add up on paper.
        let before = i128::from(line.amount_fen) + i128::from(line.discount_fen);
        let amount = yuan(before);
        let whole = format!("{} {detail}", line.barcode);
        if line.barcode.is_empty() {
            self.pair(&detail, &amount);
        } else if columns(&printable(&whole)) + 1 + columns(&amount) <= self.columns {
            self.pair(&whole, &amount);
        } else {
            self.plain(&line.barcode);
            self.pair(&detail, &amount);
        }
        if line.discount_fen != 0 {
            let off = yuan(-i128::from(line.discount_fen));
            self.pair(&format!("  {}", self.labels.discount), &off);
        }
    }

    fn sums(&mut self, receipt: &Receipt) {
        let labels = self.labels;
        self.pair(labels.items, &receipt.item_count.to_string());
        self.pair(labels.total, &yuan(receipt.total_fen));
        if receipt.discount_fen != 0 {
            self.pair(labels.discount, &yuan(-i128::from(receipt.discount_fen)));
        }
        if receipt.rounding_fen != 0 {
            self.pair(labels.rounding, &yuan(receipt.rounding_fen));
        }
        let due = if receipt.refund.is_some() {
            labels.refund_due
        } else {
            labels.due
        };
        for text in pair(due, &yuan(receipt.due_fen), self.columns) {
            self.push(text, Align::Left, true, Size::Normal);
        }
    }

    fn tenders(&mut self, receipt: &Receipt) {
        let labels = self.labels;
        let paid = if receipt.refund.is_some() {
            labels.refunded
        } else {
            labels.paid
        };
        for tender in &receipt.tenders {
            let given = tender.tendered_fen.unwrap_or(tender.amount_fen);
            self.pair(&format!("{paid} {}", tender.method), &yuan(given));
        }
        let cash = receipt
            .tenders
            .iter()
            .any(|tender| tender.tendered_fen.is_some());
        if cash || receipt.change_fen != 0 {
            self.pair(labels.change, &yuan(receipt.change_fen));
        }
    }

    fn foot(&mut self, receipt: &Receipt) {
        self.rule();
        if let Some(member) = &receipt.member {
            self.plain(&format!("{}: {member}", self.labels.member));
        }
        for paragraph in &receipt.footer {
            self.centered(paragraph, false);
        }
        if let Some(payload) = &receipt.qr {
            self.rows.push(Row::Qr(printable(payload)));
        }
        self.rows.push(Row::Barcode(printable(&receipt.number)));
    }

    fn rule(&mut self) {
        self.push("-".repeat(self.columns), Align::Left, false, Size::Normal);
    }

    fn plain(&mut self, text: &str) {
        for text in wrap(text, self.columns) {
            self.push(text, Align::Left, false, Size::Normal);
        }
    }

    fn centered(&mut self, text: &str, bold: bool) {
        for text in wrap(text, self.columns) {
            self.push(text, Align::Center, bold, Size::Normal);
        }
    }

    fn pair(&mut self, left: &str, right: &str) {
        for text in pair(left, right, self.columns) {
            self.push(text, Align::Left, false, Size::Normal);
        }
    }

    fn push(&mut self, text: String, align: Align, bold: bool, size: Size) {
        self.rows.push(Row::Text(TextRow {
            text,
            align,
            bold,
            size,
        }));
    }
}

#[cfg(test)]
mod tests;
