//! Every error code has words in both languages.

use aisle_server::codes;

#[test]
fn every_error_code_has_a_chinese_and_an_english_text() {
    for locale in ["zh-CN", "en"] {
        let path = format!(
            "{}/../../web/shared/locales/{locale}.json",
            env!("CARGO_MANIFEST_DIR")
        );
        let text = std::fs::read_to_string(&path).unwrap();
        let words: serde_json::Value = serde_json::from_str(&text).unwrap();
        let missing: Vec<&str> = codes::ALL
            .iter()
            .map(|code| code.name)
            .filter(|name| !words["errors"][name].is_string())
            .collect();
        assert!(missing.is_empty(), "{locale} lacks {missing:?}");
    }
}
