use proptest::prelude::*;

use super::*;

/// Numbers the networks publish for trying out.
const CARDS: [&str; 12] = [
    "4111111111111111",
    "4222222222222",
    "5555555555554444",
    "2223003122003222",
    "378282246310005",
    "30569309025904",
    "6011111111111117",
    "3530111333300000",
    "6200000000000005",
    "6250941006528599",
    "6759649826438453",
    "2200000000000004",
];

#[test]
fn numbers_of_every_network_are_found_however_they_are_parted() {
    for card in CARDS {
        assert!(is_in(card), "{card}");
        assert!(is_in(&format!("顾客卡号{card}，退款")), "{card}");
        for sign in [" ", "-", "\u{3000}"] {
            let parts: Vec<String> = card
                .as_bytes()
                .chunks(4)
                .map(|part| String::from_utf8_lossy(part).into_owned())
                .collect();
            assert!(is_in(&parts.join(sign)), "{card} parted by {sign}");
        }
        let wide: String = card
            .bytes()
            .map(|byte| char::from_u32(u32::from('０') + u32::from(byte - b'0')).unwrap())
            .collect();
        assert!(is_in(&wide), "{wide}");
    }
}

#[test]
fn what_shops_write_down_is_let_through() {
    for note in [
        "订单 20261122-01-000123 少一瓶",
        "20261122-01-000123 20261122-01-000124",
        "13812345678 13912345678",
        "+86 138 1234 5678",
        "0571-88888888",
        "条码 4901301231093 破损",
        "6901234567892",
        "(01)06901234567892(17)261231(10)ABC",
        "2026-11-22 10:15:00",
        "WX 134567890123456789",
        "4111111111111112",
        "1234567812345670",
        "62 元 5 角",
        "",
    ] {
        assert!(!is_in(note), "{note}");
    }
}

#[test]
fn a_number_beside_another_is_found() {
    assert!(is_in("4111 1111 1111 1111 12/27 123"));
    assert!(is_in("订单 20261122-01-000123 卡 6200000000000005"));
    assert!(is_in("1 4111111111111111"));
}

#[test]
fn a_hidden_number_keeps_its_ends_and_the_words_around_it() {
    assert_eq!(
        hidden("刷 4111 1111 1111 1111 和 378282246310005。"),
        "刷 4111 11** **** 1111 和 378282*****0005。"
    );
    assert_eq!(hidden("4901301231093"), "4901301231093");
}

proptest! {
    #[test]
    fn nothing_is_left_to_find_in_what_was_hidden(text in "[0-9 -]{0,60}") {
        let hidden = hidden(&text);
        prop_assert!(!is_in(&hidden));
        prop_assert_eq!(hidden.chars().count(), text.chars().count());
    }

    #[test]
    fn digits_that_are_no_networks_are_never_a_card(text in "[017]{1}[0-9]{12,18}") {
        prop_assert!(!is_in(&text));
    }
}
