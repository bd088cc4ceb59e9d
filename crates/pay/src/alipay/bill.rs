//! The bill of a day (交易账单): a ZIP with the trades and their sums in two files.

use std::io::{Cursor, Read};

use encoding_rs::GB18030;
use serde_json::{Value, json};
use url::Url;
use zip::ZipArchive;

use super::Alipay;
use super::call::{Heard, Told, http_status};
use super::codes::{Class, asking, plain};
use crate::gateway::{Answer, Failure, Outcome};
use crate::http::{failure, fetch};
use crate::settings::is_loopback;

/// The longest bill that is taken, unpacked.
const BILL_BYTES_MAX: u64 = 512 << 20;
/// What the file of the trades begins with, once it is decoded.
const DETAIL_HEAD: &str = "#支付宝业务明细查询";

impl Alipay {
    pub(super) async fn trade_bill(&self, day: &str) -> Answer<Option<Vec<u8>>> {
        let content = json!({ "bill_type": "trade", "bill_date": day });
        let heard = self
            .call(
                "bill",
                "alipay.data.dataservice.bill.downloadurl.query",
                &content,
                None,
            )
            .await;
        let found = heard.answer(
            |body| match place(&body) {
                Some(url) => Outcome::Success(Some(url)),
                None => Outcome::Unknown(failure("bad_answer", "no place to fetch the bill from")),
            },
            not_there,
        );
        match found.outcome {
            Outcome::Success(Some(url)) => self.bill_file(url).await,
            other => Answer {
                outcome: other.and_then(|_| Outcome::Success(None)),
                trace: found.trace,
            },
        }
    }

    async fn bill_file(&self, url: Url) -> Answer<Option<Vec<u8>>> {
        let heard = match fetch(self.http.get(url)).await {
            Ok(reply) => {
                let file = match reply.status {
                    200 => detail(&reply.body),
                    status => Err(http_status(status)),
                };
                Heard::new("bill", &reply, file.map_or_else(Told::Lost, Told::Done))
            }
            Err(lost) => Heard::lost("bill", lost),
        };
        heard.answer(|file| Outcome::Success(Some(file)), asking)
    }
}

/// A day without trade has no bill.
fn not_there(class: Class, failure: Failure) -> Outcome<Option<Url>> {
    if plain(&failure.code).eq_ignore_ascii_case("bill_not_exist") {
        return Outcome::Success(None);
    }
    asking(class, failure)
}

/// The gateway still writes `http://` of a host that speaks `https://`.
fn place(body: &Value) -> Option<Url> {
    let mut url = Url::parse(body["bill_download_url"].as_str()?).ok()?;
    if url.scheme() == "http" && !is_loopback(&url) {
        url.set_scheme("https").ok()?;
    }
    matches!(url.scheme(), "http" | "https").then_some(url)
}

/// The file that holds the trades, as it is (GBK). Which of the two it is, only its content says reliably.
fn detail(packed: &[u8]) -> Result<Vec<u8>, Failure> {
    let unreadable = || failure("bad_answer", "the archive cannot be read");
    let mut archive = ZipArchive::new(Cursor::new(packed)).map_err(|_| unreadable())?;
    for index in 0..archive.len() {
        let entry = archive.by_index(index).map_err(|_| unreadable())?;
        let mut file = Vec::new();
        entry
            .take(BILL_BYTES_MAX)
            .read_to_end(&mut file)
            .map_err(|_| unreadable())?;
        let head = &file[..file.len().min(64)];
        let is_detail = GB18030.decode(head).0.starts_with(DETAIL_HEAD);
        if is_detail && (file.len() as u64) < BILL_BYTES_MAX {
            return Ok(file);
        }
    }
    Err(failure("bad_answer", "no list of trades in the archive"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Written by Python's `zipfile` with GBK names and without the flag that says UTF-8, as the gateway does.
    const BILL: &[u8] = include_bytes!("../testdata/alipay_bill.zip");

    #[test]
    fn the_file_of_the_trades_is_found_by_what_it_says() {
        let file = detail(BILL).unwrap();
        let text = GB18030.decode(&file).0.into_owned();
        assert!(text.starts_with(DETAIL_HEAD));
        assert!(text.contains("支付宝交易号,商户订单号,业务类型"));
    }

    #[test]
    fn what_is_no_such_archive_is_unknown() {
        for bytes in [&b""[..], b"PK", &BILL[..BILL.len() / 2]] {
            assert_eq!(detail(bytes).unwrap_err().code, "bad_answer");
        }
    }

    #[test]
    fn a_bill_is_fetched_encrypted_from_wherever_it_lies() {
        let place = |text: &str| place(&json!({ "bill_download_url": text }));
        assert_eq!(
            place("http://dwbillcenter.alipay.com/x?y=1")
                .unwrap()
                .as_str(),
            "https://dwbillcenter.alipay.com/x?y=1"
        );
        assert_eq!(place("http://127.0.0.1:1/x").unwrap().scheme(), "http");
        assert!(place("file:///etc/passwd").is_none());
        assert!(place("").is_none());
    }
}
