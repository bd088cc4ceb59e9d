//! Bills: what they hold, when they are there, and what can be wrong with them. And what only this machine may do.

use std::io::Read;

use aisle_pay::crypto::sha1_hex;
use encoding_rs::GBK;
use serde_json::{Value, json};

use crate::harness::{Reply, START, Shop};

async fn pay_both(shop: &Shop) {
    for (index, total) in [3250, 990].into_iter().enumerate() {
        let body = json!({
            "appid": shop.setting("appid"),
            "mchid": shop.setting("mchid"),
            "description": "牛奶, 2 盒",
            "out_trade_no": format!("WX00000{index}"),
            "payer": {"auth_code": format!("13006109882800940{index}")},
            "amount": {"total": total},
        });
        shop.v3("POST", "/v3/pay/transactions/codepay", body)
            .await
            .ok();
        let content = json!({
            "out_trade_no": format!("ALI00{index}"),
            "scene": "bar_code",
            "auth_code": format!("28123456789012345{index}"),
            "subject": "牛奶",
            "total_amount": format!("{}.{:02}", total / 100, total % 100),
        });
        shop.alipay("alipay.trade.pay", content).await.ok();
    }
    let body = json!({"out_trade_no": "WX000000", "out_refund_no": "R1",
        "amount": {"refund": 1250, "total": 3250, "currency": "CNY"}});
    shop.v3("POST", "/v3/refund/domestic/refunds", body)
        .await
        .ok();
    let content =
        json!({"out_trade_no": "ALI000", "out_request_no": "R1", "refund_amount": "12.50"});
    shop.alipay("alipay.trade.refund", content).await.ok();
    shop.advance(15).await;
    let body = json!({"appid": shop.setting("appid"), "mchid": shop.setting("mchid")});
    let target = "/v3/pay/transactions/out-trade-no/WX000001/reverse";
    shop.v3("POST", target, body).await.ok();
    // To the next day, 10:00.
    shop.advance(86_400 - 15).await;
}

async fn plan_bill(shop: &Shop, scenario: &str) {
    let body = json!({"match": {"next": "bill"}, "scenario": scenario});
    assert_eq!(shop.tell("scenario", body).await.0, 200);
}

async fn wechat(shop: &Shop, what: &str) -> Reply {
    let target = format!("/v3/bill/{what}?bill_date=2026-11-25&tar_type=GZIP");
    shop.v3("GET", &target, Value::Null).await
}

/// The bill's text, and whether its hash is right.
async fn file(shop: &Shop, what: &str) -> (String, bool) {
    let said = wechat(shop, what).await.ok();
    let url = said["download_url"].as_str().unwrap();
    let target = url
        .strip_prefix(&format!("http://{}", shop.address))
        .unwrap();
    let answer = shop
        .http
        .get(url)
        .header(
            "authorization",
            shop.authorization("GET", target, START, ""),
        )
        .header("user-agent", "test")
        .send()
        .await
        .unwrap();
    assert!(!answer.headers().contains_key("wechatpay-signature"));
    let packed = answer.bytes().await.unwrap();
    let mut text = String::new();
    flate2::read::GzDecoder::new(&packed[..])
        .read_to_string(&mut text)
        .unwrap();
    let hash = sha1_hex(text.as_bytes());
    (text, said["hash_value"] == hash.as_str())
}

#[tokio::test]
async fn wechat_writes_rows_and_sums_that_agree() {
    let shop = Shop::open().await;
    pay_both(&shop).await;
    let (text, hash_is_right) = file(&shop, "tradebill").await;
    assert!(hash_is_right);
    let lines: Vec<Vec<&str>> = text
        .strip_prefix('\u{feff}')
        .unwrap()
        .lines()
        .map(|line| {
            line.split(',')
                .map(|cell| cell.trim_start_matches('`'))
                .collect()
        })
        .collect();
    assert_eq!(lines.len(), 1 + 4 + 2);
    assert!(lines[..5].iter().all(|line| line.len() == 27), "{text}");
    let column = |name: &str| lines[0].iter().position(|head| *head == name).unwrap();
    let cell = |row: usize, name: &str| lines[row][column(name)];
    assert_eq!(cell(1, "交易时间"), "2026-11-25 10:00:00");
    assert_eq!(
        (cell(1, "交易状态"), cell(1, "订单金额"), cell(1, "手续费")),
        ("SUCCESS", "32.50", "0.20000")
    );
    assert_eq!(cell(1, "商品名称"), "牛奶  2 盒");
    let refund = (
        cell(3, "交易状态"),
        cell(3, "商户退款单号"),
        cell(3, "申请退款金额"),
    );
    assert_eq!(refund, ("REFUND", "R1", "12.50"));
    assert_eq!(
        (cell(4, "交易状态"), cell(4, "退款金额")),
        ("REVOKED", "9.90")
    );
    // 32.50 + 9.90; 12.50 + 9.90; fees 0.20 + 0.06 − 0.08 − 0.06.
    assert_eq!(
        lines[6],
        ["4.0", "42.40", "22.40", "0.00", "0.12000", "42.40", "22.40"]
    );
    let (funds, _) = file(&shop, "fundflowbill").await;
    let lines: Vec<&str> = funds.lines().collect();
    assert_eq!(lines.len(), 1 + 8 + 2);
    // What the account has at the end: 20.00 less the fee of 0.12.
    assert_eq!(lines[8].split(',').nth(7), Some("`19.88"));
    assert_eq!(lines[10], "`8.0,`4.0,`42.54,`4.0,`22.66");
}

#[tokio::test]
async fn a_bill_may_be_wrong_or_not_there() {
    let shop = Shop::open().await;
    assert_eq!(wechat(&shop, "tradebill").await.code(), "PARAM_ERROR");
    pay_both(&shop).await;
    let rows = |text: &str| text.lines().count() - 3;
    plan_bill(&shop, "bill_missing_row").await;
    assert_eq!(rows(&file(&shop, "tradebill").await.0), 3);
    plan_bill(&shop, "bill_extra_row").await;
    let (text, _) = file(&shop, "tradebill").await;
    assert!(rows(&text) == 5 && text.contains("UNKNOWN0000000001"));
    plan_bill(&shop, "bill_altered_row").await;
    let (text, hash_is_right) = file(&shop, "tradebill").await;
    assert!(hash_is_right && text.contains("`9.91"), "{text}");
    plan_bill(&shop, "bill_wrong_hash").await;
    assert!(!file(&shop, "tradebill").await.1);
    plan_bill(&shop, "bill_creating,bill_none").await;
    assert_eq!(
        wechat(&shop, "tradebill").await.code(),
        "STATEMENT_CREATING"
    );
    assert_eq!(
        wechat(&shop, "tradebill").await.code(),
        "NO_STATEMENT_EXIST"
    );
    assert!(file(&shop, "tradebill").await.1);
    // Before ten the bill of the day before is still being written; an address is good for five minutes.
    let target = "/v3/bill/tradebill?bill_date=2026-11-26";
    shop.advance(23 * 3600).await;
    assert_eq!(
        shop.v3("GET", target, Value::Null).await.code(),
        "STATEMENT_CREATING"
    );
    shop.advance(3600).await;
    assert_eq!(
        shop.v3("GET", target, Value::Null).await.code(),
        "NO_STATEMENT_EXIST"
    );
}

#[tokio::test]
async fn alipay_packs_two_sheets_with_names_in_gbk() {
    let shop = Shop::open().await;
    pay_both(&shop).await;
    let content = json!({"bill_type": "trade", "bill_date": "2026-11-25"});
    let method = "alipay.data.dataservice.bill.downloadurl.query";
    let said = shop.alipay(method, content.clone()).await.ok();
    let url = said["bill_download_url"].as_str().unwrap();
    let packed = shop
        .http
        .get(url)
        .send()
        .await
        .unwrap()
        .bytes()
        .await
        .unwrap();
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(packed)).unwrap();
    let mut sheets = Vec::new();
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index).unwrap();
        let name = GBK.decode(entry.name_raw()).0.into_owned();
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).unwrap();
        sheets.push((name, GBK.decode(&bytes).0.into_owned()));
    }
    assert_eq!(sheets[0].0, "20880000000000010156_20261125_业务明细.csv");
    assert_eq!(
        sheets[1].0,
        "20880000000000010156_20261125_业务明细(汇总).csv"
    );
    let detail = &sheets[0].1;
    assert!(
        detail.starts_with("#支付宝业务明细查询\r\n#账号：["),
        "{detail}"
    );
    let rows: Vec<Vec<&str>> = detail
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| line.split(',').map(str::trim_end).collect())
        .collect();
    assert_eq!(rows.len(), 4);
    assert!(rows.iter().all(|row| row.len() == 25), "{detail}");
    assert_eq!(
        (rows[1][1], rows[1][2], rows[1][11], rows[1][22]),
        ("ALI000", "交易", "32.50", "-0.20")
    );
    assert_eq!(
        (rows[3][2], rows[3][11], rows[3][21]),
        ("退款", "-12.50", "R1")
    );
    assert!(
        detail.contains("#交易合计：2笔，商家实收共42.40元，"),
        "{detail}"
    );
    assert!(
        detail.contains("#退款合计：1笔，商家实收退款共-12.50元，"),
        "{detail}"
    );
    // The address is good for thirty seconds.
    shop.advance(30).await;
    assert_eq!(shop.http.get(url).send().await.unwrap().status(), 404);
    plan_bill(&shop, "bill_none").await;
    assert_eq!(
        shop.alipay(method, content).await.code(),
        "isp.bill_not_exist"
    );
}

#[tokio::test]
async fn only_this_machine_plays_the_customer() {
    let shop = Shop::open().await;
    let clock = format!("http://{}/sim/clock", shop.address);
    let post = |name: &'static str, value: &'static str| {
        let request = shop
            .http
            .post(&clock)
            .header("content-type", "application/json");
        request.header(name, value).body("{\"advance_s\":1}").send()
    };
    assert_eq!(
        post("origin", "http://evil.example")
            .await
            .unwrap()
            .status(),
        403
    );
    assert_eq!(post("host", "evil.example").await.unwrap().status(), 403);
    assert_eq!(post("x-other", "1").await.unwrap().status(), 200);
    assert_eq!(shop.tell("clock", json!({"advance_s": -1})).await.0, 400);
    let body = json!({"match": {"next": true}, "scenario": "no_such"});
    assert_eq!(shop.tell("scenario", body).await.0, 400);
    assert_eq!(shop.tell("phone/NOSUCH/pay", json!({})).await.0, 404);
    let page = shop
        .http
        .get(format!("http://{}/", shop.address))
        .send()
        .await
        .unwrap();
    let policy = page.headers()["content-security-policy"].to_str().unwrap();
    assert!(policy.contains("script-src 'self'") && !policy.contains("unsafe"));
}
