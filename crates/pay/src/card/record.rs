//! The numbers on a card slip that find the payment again.

use serde::{Deserialize, Serialize};

/// What a terminal told or a cashier typed in.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CardEntry {
    /// 参考号 (RRN).
    pub rrn: String,
    /// 授权码.
    pub auth: String,
    /// 批次号.
    pub batch: String,
    /// 凭证号.
    pub trace: String,
    /// 终端号.
    pub terminal: String,
    /// 卡号后四位.
    pub last4: String,
}

/// A field that cannot be what it is said to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {wanted}")]
pub struct EntryError {
    /// The field's name.
    pub field: &'static str,
    /// What it has to be.
    pub wanted: &'static str,
}

/// A slip's numbers, each in its form. Terminal, batch and trace together are unique.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "CardEntry", into = "CardEntry")]
pub struct CardRecord(CardEntry);

impl CardRecord {
    /// Checks what was given. Blanks around are dropped, letters become capital, and numbers that a terminal prints
    /// with leading zeros may be typed without.
    pub fn parse(entry: &CardEntry) -> Result<CardRecord, EntryError> {
        let digits = |byte: &u8| byte.is_ascii_digit();
        let either = |byte: &u8| byte.is_ascii_alphanumeric();
        let rrn = exactly(&entry.rrn, 12, either, ("rrn", "12 letters or digits"))?;
        let auth = exactly(&entry.auth, 6, either, ("auth", "6 letters or digits"))?;
        let batch = filled(&entry.batch, ("batch", "up to 6 digits"))?;
        let trace = filled(&entry.trace, ("trace", "up to 6 digits"))?;
        let terminal = exactly(
            &entry.terminal,
            8,
            either,
            ("terminal", "8 letters or digits"),
        )?;
        // Exactly four: a whole card number must not get in by this way.
        let last4 = exactly(&entry.last4, 4, digits, ("last4", "4 digits"))?;
        Ok(CardRecord(CardEntry {
            rrn,
            auth,
            batch,
            trace,
            terminal,
            last4,
        }))
    }

    /// 参考号 (RRN), 12.
    pub fn rrn(&self) -> &str {
        &self.0.rrn
    }

    /// 授权码, 6.
    pub fn auth(&self) -> &str {
        &self.0.auth
    }

    /// 批次号, 6 digits.
    pub fn batch(&self) -> &str {
        &self.0.batch
    }

    /// 凭证号, 6 digits.
    pub fn trace(&self) -> &str {
        &self.0.trace
    }

    /// 终端号, 8.
    pub fn terminal(&self) -> &str {
        &self.0.terminal
    }

    /// 卡号后四位.
    pub fn last4(&self) -> &str {
        &self.0.last4
    }
}

impl TryFrom<CardEntry> for CardRecord {
    type Error = EntryError;

    fn try_from(entry: CardEntry) -> Result<CardRecord, EntryError> {
        CardRecord::parse(&entry)
    }
}

impl From<CardRecord> for CardEntry {
    fn from(record: CardRecord) -> CardEntry {
        record.0
    }
}

fn exactly(
    text: &str,
    length: usize,
    form: fn(&u8) -> bool,
    (field, wanted): (&'static str, &'static str),
) -> Result<String, EntryError> {
    let text = text.trim().to_ascii_uppercase();
    let fits = text.len() == length && text.as_bytes().iter().all(form);
    if fits {
        Ok(text)
    } else {
        Err(EntryError { field, wanted })
    }
}

fn filled(text: &str, (field, wanted): (&'static str, &'static str)) -> Result<String, EntryError> {
    let text = text.trim();
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if is_number && text.len() <= 6 {
        Ok(format!("{text:0>6}"))
    } else {
        Err(EntryError { field, wanted })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry() -> CardEntry {
        CardEntry {
            rrn: "123456789012".to_owned(),
            auth: " a1b2c3 ".to_owned(),
            batch: "1".to_owned(),
            trace: "000042".to_owned(),
            terminal: "t0000001".to_owned(),
            last4: "0307".to_owned(),
        }
    }

    #[test]
    fn a_slip_typed_loosely_is_kept_in_one_form() {
        let record = CardRecord::parse(&entry()).unwrap();
        assert_eq!(record.auth(), "A1B2C3");
        assert_eq!((record.batch(), record.trace()), ("000001", "000042"));
        assert_eq!(record.terminal(), "T0000001");
        let stored = serde_json::to_string(&record).unwrap();
        assert_eq!(serde_json::from_str::<CardRecord>(&stored).unwrap(), record);
    }

    #[test]
    fn names_the_field_that_cannot_be() {
        type Change = fn(&mut CardEntry);
        let cases: [(&str, Change); 10] = [
            ("rrn", |entry| entry.rrn = "12345678901".to_owned()),
            ("rrn", |entry| entry.rrn = "12345678901-".to_owned()),
            ("auth", |entry| entry.auth = "12345".to_owned()),
            ("batch", |entry| entry.batch.clear()),
            ("batch", |entry| entry.batch = "1234567".to_owned()),
            ("trace", |entry| entry.trace = "12a".to_owned()),
            ("terminal", |entry| entry.terminal = "1234567".to_owned()),
            ("last4", |entry| {
                entry.last4 = "6222020200001234567".to_owned()
            }),
            ("last4", |entry| entry.last4 = "12 4".to_owned()),
            ("last4", |entry| entry.last4 = "一二三四".to_owned()),
        ];
        for (field, change) in cases {
            let mut wrong = entry();
            change(&mut wrong);
            assert_eq!(CardRecord::parse(&wrong).unwrap_err().field, field);
            assert!(
                serde_json::from_value::<CardRecord>(serde_json::to_value(&wrong).unwrap())
                    .is_err()
            );
        }
    }
}
