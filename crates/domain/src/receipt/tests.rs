use proptest::prelude::*;

use super::*;

pub(super) fn sample() -> Receipt {
    Receipt {
        lang: Lang::ZhCn,
        store_name: "邻里超市（人民路店）".to_owned(),
        phone: Some("0571-88886666".to_owned()),
        number: "20260115010001".to_owned(),
        refund: None,
        terminal: "01".to_owned(),
        cashier: "王小明".to_owned(),
        time: "2026-01-15 18:30:05".to_owned(),
        lines: vec![
            Line {
                name: "可口可乐 330ml".to_owned(),
                barcode: "6901234567892".to_owned(),
                qty_milli: 2000,
                unit: "罐".to_owned(),
                unit_price_fen: 250,
                discount_fen: 50,
                amount_fen: 450,
            },
            Line {
                name: "红富士苹果".to_owned(),
                barcode: String::new(),
                qty_milli: 1250,
                unit: "kg".to_owned(),
                unit_price_fen: 998,
                discount_fen: 0,
                amount_fen: 1248,
            },
        ],
        item_count: 3,
        total_fen: 1748,
        discount_fen: 50,
        rounding_fen: -8,
        due_fen: 1690,
        tenders: vec![
            Tender {
                method: "微信支付".to_owned(),
                amount_fen: 690,
                tendered_fen: None,
            },
            Tender {
                method: "现金".to_owned(),
                amount_fen: 1000,
                tendered_fen: Some(2000),
            },
        ],
        change_fen: 1000,
        member: Some("138****1234".to_owned()),
        footer: vec!["七日内凭小票退换".to_owned()],
        qr: Some("https://shop.example/r/abc".to_owned()),
        reprint: 0,
    }
}

fn drawn(rows: &[Row], width: Width) -> String {
    let mut page = String::new();
    for row in rows {
        let line = match row {
            Row::Text(row) => {
                let free = width.columns() - row.columns();
                let indent = match row.align {
                    Align::Left => 0,
                    Align::Center => free / 2,
                    Align::Right => free,
                };
                let mark = if row.bold { "!" } else { "" };
                format!("{}{mark}{}", " ".repeat(indent), row.text)
            }
            Row::Qr(payload) => format!("[qr {payload}]"),
            Row::Barcode(number) => format!("[barcode {number}]"),
        };
        page = page + &line + "\n";
    }
    page
}

#[test]
fn a_chinese_receipt_on_58_mm() {
    let expected = "\
\x20       !邻里超市
\x20   !（人民路店）
      电话: 0571-88886666
--------------------------------
单号: 20260115010001
收银台: 01        收银员: 王小明
时间: 2026-01-15 18:30:05
--------------------------------
品名 单价x数量              金额
可口可乐 330ml
6901234567892 2.50 x 2罐    5.00
  优惠                     -0.50
红富士苹果
9.98 x 1.25kg              12.48
--------------------------------
件数                           3
合计                       17.48
优惠                       -0.50
抹零                       -0.08
!应收                       16.90
实收 微信支付               6.90
实收 现金                  20.00
找零                       10.00
--------------------------------
会员: 138****1234
        七日内凭小票退换
[qr https://shop.example/r/abc]
[barcode 20260115010001]
";
    assert_eq!(
        drawn(&layout(&sample(), Width::Mm58), Width::Mm58),
        expected
    );
}

#[test]
fn an_english_reprinted_return_on_80_mm() {
    let mut receipt = sample();
    receipt.lang = Lang::En;
    receipt.refund = Some(Refund {
        of: Some("20260114010007".to_owned()),
    });
    receipt.reprint = 2;
    receipt.lines.truncate(1);
    receipt.tenders.truncate(1);
    (
        receipt.change_fen,
        receipt.rounding_fen,
        receipt.discount_fen,
    ) = (0, 0, 0);
    (receipt.member, receipt.qr) = (None, None);
    receipt.footer.clear();
    let expected = "\
\x20   !邻里超市（人民路店）
              Phone: 0571-88886666
                     !RETURN
               !*** REPRINT 2 ***
------------------------------------------------
No.: 20260115010001
Original no.: 20260114010007
Till: 01                         Cashier: 王小明
Time: 2026-01-15 18:30:05
------------------------------------------------
Item, price x qty                         Amount
可口可乐 330ml
6901234567892 2.50 x 2罐                    5.00
  Discount                                 -0.50
------------------------------------------------
Items                                          3
Total                                      17.48
!To refund                                  16.90
Refunded 微信支付                           6.90
------------------------------------------------
[barcode 20260115010001]
";
    assert_eq!(drawn(&layout(&receipt, Width::Mm80), Width::Mm80), expected);
}

#[test]
fn names_wrap_by_columns_and_words_stay_whole_where_they_can() {
    for (text, limit, expected) in [
        ("一二三四五", 8, vec!["一二三四", "五"]),
        ("a一二三四", 8, vec!["a一二三", "四"]),
        ("Coca Cola Zero", 9, vec!["Coca Cola", "Zero"]),
        ("Coca Cola Zero", 8, vec!["Coca", "Cola", "Zero"]),
        ("abcdefghij", 4, vec!["abcd", "efgh", "ij"]),
        ("abc   def", 4, vec!["abc", "def"]),
        ("  ", 4, vec![]),
        ("a\u{1b}p\n\u{7f}b", 9, vec!["a p  b"]),
        ("\u{200b}¥1\u{202e}2", 9, vec!["￥12"]),
    ] {
        assert_eq!(wrap(text, limit), expected, "{text:?} {limit}");
    }
}

#[test]
fn two_texts_share_a_row_only_when_they_fit() {
    for (left, right, expected) in [
        ("合计", "1.00", vec!["合计    1.00"]),
        ("合计合计", "1.00", vec!["合计合计", "        1.00"]),
        ("合计a", "123.00", vec!["合计a 123.00"]),
        (
            "  优惠优惠优惠",
            "-1.00",
            vec!["  优惠优惠优", "  惠   -1.00"],
        ),
        ("", "1.00", vec!["        1.00"]),
        ("合计", "", vec!["合计"]),
    ] {
        assert_eq!(pair(left, right, 12), expected, "{left} {right}");
    }
}

#[test]
fn numbers_are_printed_exactly() {
    for (fen, text) in [
        (0, "0.00"),
        (5, "0.05"),
        (-5, "-0.05"),
        (123_456, "1234.56"),
    ] {
        assert_eq!(yuan(fen), text);
    }
    assert_eq!(yuan(i64::MIN), "-92233720368547758.08");
    for (milli, text) in [
        (0, "0"),
        (2000, "2"),
        (1250, "1.25"),
        (-5, "-0.005"),
        (100_000, "100"),
    ] {
        assert_eq!(quantity(milli), text);
    }
}

#[test]
fn a_long_name_is_broken_before_its_bracket_or_into_even_rows() {
    assert_eq!(title("邻里超市", 16), ["邻里超市"]);
    assert_eq!(
        title("邻里超市（人民路店）", 16),
        ["邻里超市", "（人民路店）"]
    );
    assert_eq!(
        title("邻里生鲜超市人民路店", 16),
        ["邻里生鲜超", "市人民路店"]
    );
    assert_eq!(
        title("（人民路）邻里生鲜超市", 16),
        ["（人民路）邻", "里生鲜超市"]
    );
}

#[test]
fn a_row_of_any_receipt_is_stored_and_read_back() {
    let rows = layout(&sample(), Width::Mm58);
    assert!(rows.contains(&Row::Qr("https://shop.example/r/abc".to_owned())));
    assert!(rows.iter().all(|row| match row {
        Row::Text(row) => row.columns() <= 32,
        Row::Qr(_) | Row::Barcode(_) => true,
    }));
}

pub(super) fn any_receipt() -> impl Strategy<Value = Receipt> {
    let texts = prop::collection::vec(
        "\\PC{0,60}|[一-龥A-Za-z0-9 ]{0,80}|.{0,20}[\\x00-\\x1f].{0,9}",
        11,
    );
    let amounts = prop::collection::vec(any::<i64>(), 7);
    (texts, amounts, any::<u32>(), any::<bool>()).prop_map(|(t, a, n, flag)| Receipt {
        lang: if flag { Lang::ZhCn } else { Lang::En },
        store_name: t[0].clone(),
        phone: flag.then(|| t[1].clone()),
        number: t[2].clone(),
        refund: flag.then(|| Refund {
            of: (n % 2 == 0).then(|| t[3].clone()),
        }),
        terminal: t[4].clone(),
        cashier: t[5].clone(),
        time: t[6].clone(),
        lines: vec![Line {
            name: t[7].clone(),
            barcode: t[2].clone(),
            qty_milli: a[0],
            unit: t[8].clone(),
            unit_price_fen: a[1],
            discount_fen: a[2],
            amount_fen: a[3],
        }],
        item_count: n,
        total_fen: a[4],
        discount_fen: a[2],
        rounding_fen: a[5],
        due_fen: a[6],
        tenders: vec![Tender {
            method: t[9].clone(),
            amount_fen: a[5],
            tendered_fen: flag.then_some(a[6]),
        }],
        change_fen: a[0],
        member: Some(t[10].clone()),
        footer: t.clone(),
        qr: Some(t[0].clone()),
        reprint: n,
    })
}

fn without_blanks(text: &str) -> String {
    text.chars().filter(|ch| !ch.is_whitespace()).collect()
}

proptest! {
    #[test]
    fn no_row_is_wider_than_the_paper_or_holds_a_control_character(receipt in any_receipt()) {
        for width in [Width::Mm58, Width::Mm80] {
            for row in layout(&receipt, width) {
                let text = match &row {
                    Row::Text(row) => {
                        prop_assert!(row.columns() <= width.columns(), "{:?}", row);
                        &row.text
                    }
                    Row::Qr(text) | Row::Barcode(text) => text,
                };
                prop_assert!(!text.chars().any(char::is_control));
            }
        }
    }

    #[test]
    fn wrapping_loses_nothing_but_blanks(text in "\\PC{0,80}|[a-z ]{0,80}", limit in 2usize..60) {
        let rows = wrap(&text, limit);
        prop_assert_eq!(without_blanks(&rows.concat()), without_blanks(&printable(&text)));
        prop_assert!(rows.iter().all(|row| columns(row) <= limit));
    }

    #[test]
    fn a_title_loses_nothing_but_blanks(text in "\\PC{0,40}|[一-龥（）()]{0,30}", limit in 2usize..30) {
        let rows = title(&text, limit);
        prop_assert_eq!(without_blanks(&rows.concat()), without_blanks(&printable(&text)));
        prop_assert!(rows.iter().all(|row| columns(row) <= limit));
    }

    #[test]
    fn pairing_loses_nothing_but_blanks(left in "\\PC{0,60}", right in "[0-9.-]{0,50}", limit in 10usize..60) {
        let rows = pair(&left, &right, limit);
        let expected = without_blanks(&(printable(&left) + &right));
        prop_assert_eq!(without_blanks(&rows.concat()), expected);
        prop_assert!(rows.iter().all(|row| columns(row) <= limit));
    }
}
