use proptest::prelude::*;

use super::*;

#[test]
fn hanzi_become_initials_and_the_rest_is_kept_or_dropped() {
    for (name, expected) in [
        ("可口可乐", "KKKL"),
        ("百事可乐 330ml×6", "BSKL330ML6"),
        ("蒙牛（纯）牛奶·250ml", "MNCNN250ML"),
        ("ＡＢ型 １号", "ABX1H"),
        ("7-Up 七喜", "7UPQX"),
        ("绿茶 女儿红", "LCNEH"),
        ("😀!?…", ""),
        ("", ""),
    ] {
        assert_eq!(mnemonic(name), expected, "{name}");
    }
}

#[test]
fn readings_are_those_of_the_shelf() {
    for (name, expected) in [
        ("长城葡萄酒", "CCPTJ"),
        ("长沙臭豆腐", "CSCDF"),
        ("长粒香大米", "CLXDM"),
        ("成长奶粉", "CZNF"),
        ("重庆小面", "CQXM"),
        ("加重钢锅", "JZGG"),
        ("银行", "YH"),
        ("行李箱", "XLX"),
        ("朝天椒", "CTJ"),
        ("朝鲜冷面", "CXLM"),
        ("朝日啤酒", "ZRPJ"),
        ("音乐盒", "YYH"),
        ("乐事薯片", "LSSP"),
        ("海参", "HS"),
        ("人参", "RS"),
        ("西洋参", "XYS"),
        ("调味料", "TWL"),
        ("调和油", "THY"),
        ("番茄", "FQ"),
        ("雪茄", "XJ"),
        ("番禺", "PY"),
        ("厦门馅饼", "XMXB"),
        ("咖喱块", "GLK"),
        ("咖啡", "KF"),
        ("扒鸡", "PJ"),
        ("薄荷糖", "BHT"),
        ("西藏藏红花", "XZZHH"),
        ("冷藏鲜奶", "LCXN"),
        ("汤匙", "TC"),
        ("钥匙扣", "YSK"),
        ("蛤蜊", "GL"),
        ("刨冰", "BB"),
        ("叉烧", "CS"),
        ("粘豆包", "NDB"),
        ("粘米粉", "ZMF"),
        ("会稽山黄酒", "KJSHJ"),
        ("阿胶糕", "EJG"),
        ("阿华田", "AHT"),
        ("便利贴", "BLT"),
        ("便宜坊", "PYF"),
        ("Q弹鱼丸", "QTYW"),
        ("鸡蛋", "JD"),
        ("荸荠", "BQ"),
        ("荠菜", "JC"),
        ("龟苓膏", "GLG"),
        ("枸杞", "GQ"),
        ("虾仁", "XR"),
        ("哈密瓜", "HMG"),
        ("普洱茶", "PEC"),
        ("什锦糖", "SJT"),
        ("柏林", "BL"),
        ("石榴", "SL"),
        ("洗发露", "XFL"),
        ("车厘子", "CLZ"),
        ("擀面杖", "GMZ"),
        ("干贝", "GB"),
        ("芥末", "JM"),
        ("核桃", "HT"),
    ] {
        assert_eq!(mnemonic(name), expected, "{name}");
    }
}

#[test]
fn every_word_of_the_table_has_one_initial_per_character() {
    for (word, reading) in WORDS {
        assert_eq!(word.chars().count(), reading.len(), "{word}");
    }
}

#[test]
fn a_long_name_is_cut_at_32() {
    assert_eq!(mnemonic(&"可乐".repeat(40)), "KL".repeat(16));
}

proptest! {
    #[test]
    fn a_mnemonic_is_short_and_made_of_capitals_and_digits(name in any::<String>()) {
        let code = mnemonic(&name);
        prop_assert!(code.len() <= MAX_LENGTH);
        prop_assert!(code.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit()));
    }

    #[test]
    fn a_mnemonic_of_hanzi_never_has_more_letters_than_the_name(name in "[\u{4E00}-\u{9FFF}a-z0-9 ]{0,20}") {
        let code = mnemonic(&name);
        prop_assert!(code.len() <= name.chars().count());
        prop_assert_eq!(mnemonic(&code), code);
    }
}
