//! The rules by which a store's scales print, and which rules are refused.

use serde::{Deserialize, Serialize};

/// How one family of scale labels is laid out. A store may have several; they are data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScaleRule {
    /// The flag digits, e.g. `21`.
    pub prefix: String,
    /// One letter per digit, e.g. `FFWWWWWEEEEEC`; its length is the length of the label.
    pub pattern: String,
    /// Decimals of the printed weight: 3 for grams on a kg scale; at most 3.
    pub weight_decimals: u8,
    /// Decimals of the printed amount: 2 for fen, 1 for jiao, 0 for yuan; at most 2.
    pub price_decimals: u8,
    pub check: LabelCheck,
    /// The rule with the highest number is tried first.
    pub priority: i32,
}

/// Whether the last digit of a label is verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LabelCheck {
    /// GS1 style over all digits before it, also for 18 digits.
    Ean,
    /// Not verified: a misread label is believed, so only for scales that print no check digit.
    None,
}

/// Why a rule is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RuleError {
    #[error("the prefix {prefix:?} is not made of digits")]
    PrefixNotDigits { prefix: String },
    #[error("the prefix has {digits} digits, the pattern has {flags} F")]
    PrefixLength { digits: usize, flags: usize },
    #[error("a label has 8 to 24 digits, the pattern has {length}")]
    Length { length: usize },
    #[error("the pattern letter {letter:?} is unknown")]
    UnknownLetter { letter: char },
    #[error("the letters {letter} of the pattern do not stand together")]
    Scattered { letter: char },
    #[error("the pattern does not start with F")]
    FlagNotFirst,
    #[error("the pattern has no item number W")]
    NoItem,
    #[error("the pattern has neither amount E nor weight N")]
    NoAmountOrWeight,
    #[error("the field {letter} has {width} digits, at most 9 are allowed")]
    FieldTooWide { letter: char, width: usize },
    #[error("a verified pattern ends with exactly one C")]
    CheckNotLast,
    #[error("one v directly before an amount of 4 or 5 digits is needed")]
    PriceCheckMisplaced,
    #[error("{decimals} decimals of {letter} are more than the ledger holds ({most})")]
    Decimals {
        letter: char,
        decimals: u8,
        most: u8,
    },
    #[error("18 digits starting with {prefix} are a WeChat payment code")]
    PaymentCode { prefix: String },
}

impl ScaleRule {
    /// Says whether the rule can be read and cannot be mistaken for a WeChat payment code.
    pub fn validate(&self) -> Result<(), RuleError> {
        self.validate_letters()?;
        self.validate_prefix()?;
        self.validate_fields()?;
        self.validate_check()?;
        self.validate_decimals()
    }

    /// Whether labels of this rule look like Alipay payment codes (16–24 digits starting with
    /// 25–30). Allowed, because scales print such labels, but worth a warning in the settings:
    /// the till must know whether goods or a payment are being scanned.
    pub fn resembles_alipay_code(&self) -> bool {
        (16..=24).contains(&self.pattern.len()) && self.may_start_with(25..=30)
    }

    fn validate_letters(&self) -> Result<(), RuleError> {
        let length = self.pattern.chars().count();
        if !(8..=24).contains(&length) {
            return Err(RuleError::Length { length });
        }
        if let Some(letter) = self.pattern.chars().find(|ch| !"FWENvC".contains(*ch)) {
            return Err(RuleError::UnknownLetter { letter });
        }
        for letter in "FWENvC".chars() {
            let together = self.pattern.trim_matches(|ch| ch != letter);
            if together.chars().any(|ch| ch != letter) {
                return Err(RuleError::Scattered { letter });
            }
        }
        Ok(())
    }

    fn validate_prefix(&self) -> Result<(), RuleError> {
        let digits = self.prefix.len();
        if digits == 0 || !self.prefix.bytes().all(|byte| byte.is_ascii_digit()) {
            let prefix = self.prefix.clone();
            return Err(RuleError::PrefixNotDigits { prefix });
        }
        if !self.pattern.starts_with('F') {
            return Err(RuleError::FlagNotFirst);
        }
        let flags = self.width('F');
        if digits != flags {
            return Err(RuleError::PrefixLength { digits, flags });
        }
        if self.pattern.len() == 18 && self.may_start_with(10..=15) {
            let prefix = self.prefix.clone();
            return Err(RuleError::PaymentCode { prefix });
        }
        Ok(())
    }

    fn validate_fields(&self) -> Result<(), RuleError> {
        if self.width('W') == 0 {
            return Err(RuleError::NoItem);
        }
        if self.width('E') == 0 && self.width('N') == 0 {
            return Err(RuleError::NoAmountOrWeight);
        }
        for letter in ['E', 'N'] {
            let width = self.width(letter);
            if width > 9 {
                return Err(RuleError::FieldTooWide { letter, width });
            }
        }
        let readable = match self.width('v') {
            0 => true,
            1 => matches!(self.width('E'), 4 | 5) && self.pattern.contains("vE"),
            _ => false,
        };
        if readable {
            Ok(())
        } else {
            Err(RuleError::PriceCheckMisplaced)
        }
    }

    fn validate_check(&self) -> Result<(), RuleError> {
        let verified = self.check == LabelCheck::Ean;
        if verified && !(self.width('C') == 1 && self.pattern.ends_with('C')) {
            return Err(RuleError::CheckNotLast);
        }
        Ok(())
    }

    fn validate_decimals(&self) -> Result<(), RuleError> {
        for (letter, decimals, most) in [
            ('E', self.price_decimals, 2),
            ('N', self.weight_decimals, 3),
        ] {
            if decimals > most {
                return Err(RuleError::Decimals {
                    letter,
                    decimals,
                    most,
                });
            }
        }
        Ok(())
    }

    fn width(&self, letter: char) -> usize {
        self.pattern.chars().filter(|ch| *ch == letter).count()
    }

    // A prefix of one digit can be continued by any second digit.
    fn may_start_with(&self, mut range: std::ops::RangeInclusive<u32>) -> bool {
        let first_two = &self.prefix[..self.prefix.len().min(2)];
        range.any(|number| number.to_string().starts_with(first_two))
    }
}

/// The layouts most scales in Chinese supermarkets leave the factory with: `21` amount (13
/// digits), `22` weight (13), `26` amount then weight (18), `29` weight then amount (18); amounts
/// in fen, weights in grams, all with a check digit.
pub fn default_rules() -> Vec<ScaleRule> {
    [
        ("21", "FFWWWWWEEEEEC"),
        ("22", "FFWWWWWNNNNNC"),
        ("26", "FFWWWWWEEEEENNNNNC"),
        ("29", "FFWWWWWNNNNNEEEEEC"),
    ]
    .into_iter()
    .map(|(prefix, pattern)| ScaleRule {
        prefix: prefix.to_owned(),
        pattern: pattern.to_owned(),
        weight_decimals: 3,
        price_decimals: 2,
        check: LabelCheck::Ean,
        priority: 0,
    })
    .collect()
}
