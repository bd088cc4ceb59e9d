//! Readings that the general table of the `pinyin` crate gets wrong for names of goods.
//!
//! That table gives each character its most frequent reading (参 cān, 调 diào, 长 zhǎng); on a
//! shelf another one is usual (参 shēn, 调 tiáo, 长 cháng). The words stand against the characters:
//! the longest word that fits wins.

/// Characters whose reading in a shop is not the general one.
pub(super) const CHARACTERS: &[(char, char)] = &[
    ('长', 'C'), // 长城 长粒香
    ('参', 'S'), // 海参 人参 西洋参
    ('调', 'T'), // 调味 调和油
    ('茄', 'Q'), // 番茄 茄子
    ('厦', 'S'),
    ('蛤', 'G'), // 蛤蜊
    ('扒', 'P'), // 扒鸡 牛扒
    ('刨', 'B'), // 刨冰
    ('呷', 'X'), // 呷哺
    ('囤', 'T'), // 囤货
    ('曾', 'Z'), // 曾记
    ('翟', 'Z'),
    ('隗', 'W'),
];

/// Words in which a character is read otherwise than alone.
pub(super) const WORDS: &[(&str, &str)] = &[
    ("长城", "CC"),
    ("成长", "CZ"),
    ("生长", "SZ"),
    ("增长", "ZZ"),
    ("长大", "ZD"),
    ("家长", "JZ"),
    ("店长", "DZ"),
    ("校长", "XZ"),
    ("重庆", "CQ"),
    ("双重", "SC"),
    ("多重", "DC"),
    ("三重", "SC"),
    ("重复", "CF"),
    ("重组", "CZ"),
    ("重阳", "CY"),
    ("九重", "JC"),
    ("银行", "YH"),
    ("商行", "SH"),
    ("粮行", "LH"),
    ("行货", "HH"),
    ("行业", "HY"),
    ("朝天椒", "CTJ"),
    ("朝日", "ZR"),
    ("今朝", "JZ"),
    ("朝露", "ZL"),
    ("音乐", "YY"),
    ("乐器", "YQ"),
    ("参加", "CJ"),
    ("参考", "CK"),
    ("参数", "CS"),
    ("参观", "CG"),
    ("单调", "DD"),
    ("强调", "QD"),
    ("曲调", "QD"),
    ("厦门", "XM"),
    ("雪茄", "XJ"),
    ("番禺", "PY"),
    ("蛤蟆", "HM"),
    ("咖喱", "GL"),
    ("便宜", "PY"),
    ("弹力", "TL"),
    ("弹性", "TX"),
    ("弹簧", "TH"),
    ("Q弹", "QT"),
    ("q弹", "QT"),
    ("弹弹", "TT"),
    ("藏红花", "ZHH"),
    ("西藏", "XZ"),
    ("青藏", "QZ"),
    ("藏族", "ZZ"),
    ("藏式", "ZS"),
    ("藏香", "ZX"),
    ("汤匙", "TC"),
    ("茶匙", "CC"),
    ("羹匙", "GC"),
    ("匙羹", "CG"),
    ("粘玉米", "NYM"),
    ("粘豆包", "NDB"),
    ("粘糕", "NG"),
    ("粘土", "NT"),
    ("会稽山", "KJS"),
    ("单县", "SX"),
    ("阿胶", "EJ"),
    ("秘鲁", "BL"),
    ("畜牧", "XM"),
    ("伺服", "SF"),
    ("曾经", "CJ"),
    ("提防", "DF"),
    ("荸荠", "BQ"),
    ("龟裂", "JL"),
];
