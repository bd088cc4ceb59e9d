//! What can be wrong with a cell: stable codes with data, so that the interface can translate.

use serde::Serialize;

/// One wrong cell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
#[error("{column}: {value:?}: {problem}")]
pub struct FieldError {
    /// The column as the sheet names it, or the field's own name when the sheet has none.
    pub column: String,
    #[serde(flatten)]
    pub problem: FieldProblem,
    /// The cell as it was.
    pub value: String,
}

/// What is wrong. On the wire: `{"code": "too_large", "most": 10000}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum FieldProblem {
    #[error("a new product needs this")]
    Required,
    #[error("the row names neither barcode nor code")]
    IdentityRequired,
    #[error("this cannot be cleared")]
    CannotClear,
    #[error("at most {most} characters are allowed")]
    TooLong { most: usize },
    #[error("this is not a number")]
    NotANumber,
    #[error("this is not a whole number")]
    NotWhole,
    #[error("this must not be negative")]
    Negative,
    #[error("at most {most} decimals are allowed")]
    TooManyDecimals { most: u32 },
    /// `most` is in the unit of the field: fen, thousandths, basis points, days, pieces.
    #[error("this is more than {most}")]
    TooLarge { most: i64 },
    #[error("this is less than {least}")]
    TooSmall { least: i64 },
    #[error("the check digit is {given}, it should be {expected}")]
    BarcodeCheckDigit { given: u8, expected: u8 },
    #[error("the character {character:?} cannot be in a barcode")]
    BarcodeCharacter { character: char },
    #[error("the spreadsheet has rounded the barcode; format the column as text")]
    BarcodeRounded,
    #[error("this is no state of a product")]
    UnknownState,
    #[error("this is neither yes nor no")]
    NotYesOrNo,
    #[error("this holds the number of a payment card")]
    CardNumber,
}

impl FieldProblem {
    /// The stable code, as on the wire.
    pub fn code(&self) -> &'static str {
        match self {
            FieldProblem::Required => "required",
            FieldProblem::IdentityRequired => "identity_required",
            FieldProblem::CannotClear => "cannot_clear",
            FieldProblem::TooLong { .. } => "too_long",
            FieldProblem::NotANumber => "not_a_number",
            FieldProblem::NotWhole => "not_whole",
            FieldProblem::Negative => "negative",
            FieldProblem::TooManyDecimals { .. } => "too_many_decimals",
            FieldProblem::TooLarge { .. } => "too_large",
            FieldProblem::TooSmall { .. } => "too_small",
            FieldProblem::BarcodeCheckDigit { .. } => "barcode_check_digit",
            FieldProblem::BarcodeCharacter { .. } => "barcode_character",
            FieldProblem::BarcodeRounded => "barcode_rounded",
            FieldProblem::UnknownState => "unknown_state",
            FieldProblem::NotYesOrNo => "not_yes_or_no",
            FieldProblem::CardNumber => "card_number",
        }
    }
}
