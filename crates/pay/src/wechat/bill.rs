//! The bill of a day (交易账单).

use std::io::Read;

use flate2::read::GzDecoder;
use url::Url;

use super::call::{Heard, Told, V3Call, http_status};
use super::codes::Interface;
use super::{Wechat, answer, asking, text};
use crate::beijing;
use crate::crypto::sha1_hex;
use crate::gateway::{Answer, Failure, Outcome};
use crate::http::{failure, fetch};
use crate::settings::check_url;

/// The longest bill that is taken, unpacked.
const BILL_BYTES_MAX: u64 = 512 << 20;

struct Where {
    url: Url,
    sha1: String,
}

impl Wechat {
    pub(super) async fn trade_bill(&self, day: i64) -> Answer<Option<Vec<u8>>> {
        let target = format!(
            "/v3/bill/tradebill?bill_date={}&bill_type=ALL&tar_type=GZIP",
            beijing::day_text(day)
        );
        let found = answer(
            self.v3(V3Call::get("bill", target)).await,
            |body| match place(&body) {
                Some(place) => Outcome::Success(Some(place)),
                None => Outcome::Unknown(failure("bad_answer", "no place to fetch the bill from")),
            },
            |code, failure| match code {
                "NOSTATEMENTEXIST" => Outcome::Success(None),
                "STATEMENTCREATING" => Outcome::Pending,
                _ => asking(Interface::V3)(code, failure),
            },
        );
        match found.outcome {
            Outcome::Success(Some(place)) => self.bill_file(place).await,
            other => Answer {
                outcome: other.and_then(|_| Outcome::Success(None)),
                trace: found.trace,
            },
        }
    }

    /// The file itself comes unsigned: the signed answer before told its hash.
    async fn bill_file(&self, place: Where) -> Answer<Option<Vec<u8>>> {
        let call = V3Call::get("bill", String::new());
        let heard = match fetch(self.v3_signed(&call, place.url)).await {
            Ok(reply) => {
                let file = match reply.status {
                    200 => unpacked(&reply.body, &place.sha1),
                    status => Err(http_status(status)),
                };
                Heard::new("bill", &reply, file.map_or_else(Told::Lost, Told::Done))
            }
            Err(lost) => Heard::lost("bill", lost),
        };
        answer(
            heard,
            |file| Outcome::Success(Some(file)),
            |_, failure| Outcome::Unknown(failure),
        )
    }
}

fn place(body: &serde_json::Value) -> Option<Where> {
    (text(body, "hash_type") == "SHA1").then_some(())?;
    Some(Where {
        url: check_url("download_url", text(body, "download_url")).ok()?,
        sha1: text(body, "hash_value").to_owned(),
    })
}

/// The hash is of the file as it is inside the packing.
fn unpacked(packed: &[u8], sha1: &str) -> Result<Vec<u8>, Failure> {
    let mut file = Vec::new();
    let read = if packed.starts_with(&[0x1f, 0x8b]) {
        GzDecoder::new(packed)
            .take(BILL_BYTES_MAX)
            .read_to_end(&mut file)
    } else {
        packed.take(BILL_BYTES_MAX).read_to_end(&mut file)
    };
    if read.is_err() || file.len() as u64 == BILL_BYTES_MAX {
        return Err(failure("bad_answer", "the file cannot be unpacked"));
    }
    if !sha1_hex(&file).eq_ignore_ascii_case(sha1) {
        return Err(failure(
            "bad_hash",
            "the file is not the one that was announced",
        ));
    }
    Ok(file)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn a_bill_is_hashed_as_it_is_inside_its_packing() {
        let bill = "\u{feff}交易时间,商户号\r\n";
        let mut packing = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packing.write_all(bill.as_bytes()).unwrap();
        let packed = packing.finish().unwrap();
        let sha1 = sha1_hex(bill.as_bytes());
        assert_eq!(unpacked(&packed, &sha1).unwrap(), bill.as_bytes());
        assert_eq!(
            unpacked(&packed, &sha1.to_uppercase()).unwrap(),
            bill.as_bytes()
        );
        assert_eq!(unpacked(bill.as_bytes(), &sha1).unwrap(), bill.as_bytes());
        let packed_hash = sha1_hex(&packed);
        assert_eq!(
            unpacked(&packed, &packed_hash).unwrap_err().code,
            "bad_hash"
        );
        let half = &packed[..packed.len() / 2];
        assert_eq!(unpacked(half, &sha1).unwrap_err().code, "bad_answer");
    }
}
