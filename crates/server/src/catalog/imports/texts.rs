//! What is wrong with a row, in words: for the sheet that is sent back.

use serde_json::Value;

/// The language of a sheet that is sent back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lang {
    Zh,
    En,
}

/// Every code a row's error can have.
const TEXTS: &[(&str, &str, &str)] = &[
    ("required", "新商品必填", "a new product needs this"),
    (
        "identity_required",
        "条码和编码至少填一个",
        "give a barcode or a code",
    ),
    ("cannot_clear", "不能清空", "this cannot be cleared"),
    (
        "too_long",
        "太长，最多 {most} 个",
        "too long, at most {most}",
    ),
    ("not_a_number", "不是数字", "not a number"),
    ("not_whole", "必须是整数", "not a whole number"),
    ("negative", "不能为负数", "must not be negative"),
    (
        "too_many_decimals",
        "小数位太多，最多 {most} 位",
        "too many decimals, at most {most}",
    ),
    ("too_large", "数值太大", "too large"),
    ("too_small", "不能小于 {least}", "less than {least}"),
    (
        "barcode_check_digit",
        "校验位应为 {expected}，不是 {given}",
        "the check digit should be {expected}, not {given}",
    ),
    (
        "barcode_character",
        "条码中不能有 {character}",
        "{character} cannot be in a barcode",
    ),
    (
        "barcode_rounded",
        "条码被表格软件四舍五入，请把该列设为文本后重新填写",
        "the spreadsheet has rounded the barcode; format the column as text and enter it again",
    ),
    ("unknown_state", "没有这种状态", "no state of a product"),
    ("not_yes_or_no", "请填是或否", "neither yes nor no"),
    (
        "barcode_taken",
        "条码属于另一商品：{name}",
        "the barcode belongs to {name}",
    ),
    (
        "duplicate_in_file",
        "与第 {row} 行重复",
        "the same as in row {row}",
    ),
    (
        "duplicate_in_row",
        "与本行另一条码重复",
        "the same as another barcode of this row",
    ),
    (
        "card_number",
        "不能写银行卡号",
        "holds the number of a payment card",
    ),
    (
        "unit_weighed_differs",
        "与该单位的称重设置不一致",
        "the unit is set otherwise",
    ),
];

/// The errors of a row in one line.
pub(super) fn sentence(errors: &[Value], lang: Lang) -> String {
    let parts: Vec<String> = errors.iter().map(|error| phrase(error, lang)).collect();
    parts.join(match lang {
        Lang::Zh => "；",
        Lang::En => "; ",
    })
}

/// The header above the errors.
pub(super) fn error_header(lang: Lang) -> &'static str {
    match lang {
        Lang::Zh => "错误",
        Lang::En => "error",
    }
}

fn phrase(error: &Value, lang: Lang) -> String {
    let text = |key: &str| error[key].as_str().unwrap_or_default();
    let code = text("code");
    let found = TEXTS.iter().find(|(name, _, _)| *name == code);
    let mut words = found
        .map_or(code, |(_, zh, en)| match lang {
            Lang::Zh => zh,
            Lang::En => en,
        })
        .to_owned();
    for key in [
        "most",
        "least",
        "expected",
        "given",
        "character",
        "name",
        "row",
    ] {
        let shown = match &error[key] {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        words = words.replace(&format!("{{{key}}}"), &shown);
    }
    match lang {
        Lang::Zh => format!("{}：{words}", text("column")),
        Lang::En => format!("{}: {words}", text("column")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn errors_are_told_in_both_languages() {
        let errors = [
            json!({ "column": "条码", "code": "barcode_check_digit", "given": 1, "expected": 2 }),
            json!({ "column": "编码", "code": "duplicate_in_file", "row": 7 }),
        ];
        assert_eq!(
            sentence(&errors, Lang::Zh),
            "条码：校验位应为 2，不是 1；编码：与第 7 行重复"
        );
        assert_eq!(
            sentence(&errors, Lang::En),
            "条码: the check digit should be 2, not 1; 编码: the same as in row 7"
        );
    }

    #[test]
    fn every_error_of_a_cell_has_a_text() {
        use aisle_domain::product_sheet::FieldProblem as P;
        let problems = [
            P::Required,
            P::IdentityRequired,
            P::CannotClear,
            P::TooLong { most: 1 },
            P::NotANumber,
            P::NotWhole,
            P::Negative,
            P::TooManyDecimals { most: 2 },
            P::TooLarge { most: 1 },
            P::TooSmall { least: 2 },
            P::BarcodeCheckDigit {
                given: 1,
                expected: 2,
            },
            P::BarcodeCharacter { character: '?' },
            P::BarcodeRounded,
            P::UnknownState,
            P::NotYesOrNo,
            P::CardNumber,
        ];
        for problem in problems {
            let mut error = serde_json::to_value(&problem).expect("JSON");
            error["column"] = json!("x");
            let words = sentence(&[error], Lang::Zh);
            assert!(
                !words.contains(problem.code()) && !words.contains('{'),
                "{words}"
            );
        }
    }
}
