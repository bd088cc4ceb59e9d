use proptest::prelude::*;

use super::*;

fn rule(prefix: &str, pattern: &str) -> ScaleRule {
    ScaleRule {
        prefix: prefix.to_owned(),
        pattern: pattern.to_owned(),
        weight_decimals: 3,
        price_decimals: 2,
        check: LabelCheck::Ean,
        priority: 0,
    }
}

fn label(plu: &str, amount_fen: Option<i64>, weight_milli: Option<i64>) -> ScaleLabel {
    ScaleLabel {
        plu: plu.to_owned(),
        amount_fen,
        weight_milli,
    }
}

#[test]
fn the_default_rules_read_the_manuals_examples() {
    for (digits, expected) in [
        ("2100001005009", label("00001", Some(500), None)),
        ("2212345012503", label("12345", None, Some(1250))),
        ("261000100500005002", label("10001", Some(500), Some(500))),
        ("290001201250003504", label("00012", Some(350), Some(1250))),
    ] {
        assert_eq!(
            read(&default_rules(), digits),
            Some(Ok(expected)),
            "{digits}"
        );
    }
}

#[test]
fn every_default_rule_validates() {
    for rule in default_rules() {
        assert_eq!(rule.validate(), Ok(()), "{}", rule.prefix);
        let warned = matches!(rule.prefix.as_str(), "26" | "29");
        assert_eq!(rule.resembles_alipay_code(), warned, "{}", rule.prefix);
    }
}

#[test]
fn a_damaged_label_is_an_error_and_an_unclaimed_number_is_not() {
    let rules = default_rules();
    let damaged = LabelError::CheckDigit {
        given: 8,
        expected: 9,
    };
    assert_eq!(read(&rules, "2100001005008"), Some(Err(damaged)));
    for other in [
        "6901234567892",
        "210000100500",
        "",
        "２１00001005009",
        "21000010050 9",
    ] {
        assert_eq!(read(&rules, other), None, "{other}");
    }
}

#[test]
fn priority_then_prefix_then_order_choose_the_rule() {
    let six_digit_item = ScaleRule {
        priority: 1,
        ..rule("2", "FWWWWWWEEEEEC")
    };
    let plain = rule("21", "FFWWWWWEEEEEC");
    let code = "2100001005009";
    let by_priority = read(&[plain.clone(), six_digit_item.clone()], code);
    assert_eq!(by_priority, Some(Ok(label("100001", Some(500), None))));
    let by_prefix = read(
        &[
            ScaleRule {
                priority: 0,
                ..six_digit_item
            },
            plain.clone(),
        ],
        code,
    );
    assert_eq!(by_prefix, Some(Ok(label("00001", Some(500), None))));
    let weight = rule("21", "FFWWWWWNNNNNC");
    let by_order = read(&[weight, plain], code);
    assert_eq!(by_order, Some(Ok(label("00001", None, Some(500)))));
}

#[test]
fn a_rule_whose_check_digit_fits_wins_over_one_whose_does_not() {
    let with_price_check = ScaleRule {
        priority: 9,
        ..rule("21", "FFWWWWWvEEEEC")
    };
    let rules = [with_price_check, rule("21", "FFWWWWWEEEEEC")];
    let plain = read(&rules, "2100001105006");
    assert_eq!(plain, Some(Ok(label("00001", Some(10_500), None))));
}

#[test]
fn price_check_digits_follow_the_gs1_tables() {
    assert_eq!(price_check_digit("2875"), Some(9));
    assert_eq!(price_check_digit("14685"), Some(6));
    assert_eq!(price_check_digit("123"), None);
    let rules = [rule("21", "FFWWWWWvEEEEC")];
    let body = "21000019287";
    let good = format!(
        "{body}5{}",
        check_digit(&format!("{body}5")).expect("digits")
    );
    assert_eq!(
        read(&rules, &good),
        Some(Ok(label("00001", Some(2875), None)))
    );
    let misread = format!(
        "{body}6{}",
        check_digit(&format!("{body}6")).expect("digits")
    );
    let expected = price_check_digit("2876").expect("four digits");
    let refusal = LabelError::PriceCheckDigit { given: 9, expected };
    assert_eq!(read(&rules, &misread), Some(Err(refusal)));
}

#[test]
fn decimals_of_the_scale_become_fen_and_thousandths() {
    for (price_decimals, weight_decimals, expected) in [
        (2, 3, label("10001", Some(500), Some(500))),
        (1, 2, label("10001", Some(5000), Some(5000))),
        (0, 0, label("10001", Some(50_000), Some(500_000))),
    ] {
        let rule = ScaleRule {
            price_decimals,
            weight_decimals,
            ..default_rules()[2].clone()
        };
        assert_eq!(read(&[rule], "261000100500005002"), Some(Ok(expected)));
    }
}

#[test]
fn an_unverified_rule_believes_the_last_digit() {
    let unverified = ScaleRule {
        check: LabelCheck::None,
        ..rule("21", "FFWWWWWEEEEEC")
    };
    let read_anyway = read(&[unverified], "2100001005001");
    assert_eq!(read_anyway, Some(Ok(label("00001", Some(500), None))));
    let without_c = ScaleRule {
        check: LabelCheck::None,
        ..rule("21", "FFWWWWWEEEEE")
    };
    let twelve = read(&[without_c], "210000100500");
    assert_eq!(twelve, Some(Ok(label("00001", Some(500), None))));
}

#[test]
fn rules_that_could_swallow_a_payment_code_are_refused() {
    for prefix in ["10", "13", "15"] {
        let refusal = RuleError::PaymentCode {
            prefix: prefix.to_owned(),
        };
        assert_eq!(rule(prefix, "FFWWWWWEEEEENNNNNC").validate(), Err(refusal));
    }
    let refusal = RuleError::PaymentCode {
        prefix: "1".to_owned(),
    };
    assert_eq!(rule("1", "FWWWWWWEEEEENNNNNC").validate(), Err(refusal));
    assert_eq!(rule("16", "FFWWWWWEEEEENNNNNC").validate(), Ok(()));
    assert_eq!(rule("13", "FFWWWWWEEEEEC").validate(), Ok(()));
}

#[test]
fn unreadable_rules_are_refused_and_passed_over() {
    let digits = |prefix: &str| RuleError::PrefixNotDigits {
        prefix: prefix.to_owned(),
    };
    for (prefix, pattern, refusal) in [
        ("", "FFWWWWWEEEEEC", digits("")),
        ("2x", "FFWWWWWEEEEEC", digits("2x")),
        ("２", "FFFWWWWEEEEEC", digits("２")),
        (
            "2",
            "FFWWWWWEEEEEC",
            RuleError::PrefixLength {
                digits: 1,
                flags: 2,
            },
        ),
        ("21", "FFWWC", RuleError::Length { length: 5 }),
        (
            "21",
            "FFWWWWWXEEEEC",
            RuleError::UnknownLetter { letter: 'X' },
        ),
        ("21", "FFWWWEEEEEWWC", RuleError::Scattered { letter: 'W' }),
        ("21", "WFFWWWWEEEEEC", RuleError::Scattered { letter: 'W' }),
        ("21", "WWWWWFFEEEEEC", RuleError::FlagNotFirst),
        ("21", "FFEEEEEEEEEC", RuleError::NoItem),
        ("21", "FFWWWWWWWWWC", RuleError::NoAmountOrWeight),
        (
            "21",
            "FFWEEEEEEEEEEC",
            RuleError::FieldTooWide {
                letter: 'E',
                width: 10,
            },
        ),
        ("21", "FFWWWWWEEEEE", RuleError::CheckNotLast),
        ("21", "FFCWWWWEEEEE", RuleError::CheckNotLast),
        ("21", "FFWWWWWEEEEvC", RuleError::PriceCheckMisplaced),
        ("21", "FFWWWWWvNNNNC", RuleError::PriceCheckMisplaced),
    ] {
        let rule = rule(prefix, pattern);
        assert_eq!(rule.validate(), Err(refusal), "{prefix} {pattern}");
        assert_eq!(read(&[rule], "2100001005009"), None, "{prefix} {pattern}");
    }
    let fine = ScaleRule {
        price_decimals: 3,
        ..rule("21", "FFWWWWWEEEEEC")
    };
    let refusal = RuleError::Decimals {
        letter: 'E',
        decimals: 3,
        most: 2,
    };
    assert_eq!(fine.validate(), Err(refusal));
}

#[test]
fn the_short_item_number_has_no_leading_zeros() {
    assert_eq!(label("00012", None, None).short_plu(), "12");
    assert_eq!(label("00000", None, None).short_plu(), "0");
}

fn any_rule() -> impl Strategy<Value = ScaleRule> {
    (
        "[0-9]{0,3}|\\PC{0,3}",
        "F{1,2}W{0,6}v?[ENvC]{0,12}C?|\\PC{0,20}",
        any::<(u8, u8, bool)>(),
    )
        .prop_map(
            |(prefix, pattern, (price_decimals, weight_decimals, verified))| ScaleRule {
                prefix,
                pattern,
                weight_decimals,
                price_decimals,
                check: if verified {
                    LabelCheck::Ean
                } else {
                    LabelCheck::None
                },
                priority: 0,
            },
        )
}

proptest! {
    #[test]
    fn reading_never_panics(text in any::<String>(), rules in prop::collection::vec(any_rule(), 0..4)) {
        let _ = read(&default_rules(), &text);
        let _ = read(&rules, &text);
    }

    #[test]
    fn reading_digits_by_any_rule_never_panics(digits in "[0-9]{0,26}", rules in prop::collection::vec(any_rule(), 0..4)) {
        let _ = read(&rules, &digits);
    }

    #[test]
    fn what_a_scale_prints_is_what_is_read(plu in 0u32..100_000, amount in 0i64..100_000, weight in 0i64..100_000) {
        let body = format!("26{plu:05}{amount:05}{weight:05}");
        let printed = format!("{body}{}", check_digit(&body).expect("digits"));
        let expected = label(&format!("{plu:05}"), Some(amount), Some(weight));
        prop_assert_eq!(read(&default_rules(), &printed), Some(Ok(expected)));
    }
}
