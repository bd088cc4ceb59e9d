//! The fixed words of a receipt in each language.

use super::Lang;

pub(super) struct Labels {
    pub(super) phone: &'static str,
    pub(super) number: &'static str,
    pub(super) original_number: &'static str,
    pub(super) no_original: &'static str,
    pub(super) terminal: &'static str,
    pub(super) cashier: &'static str,
    pub(super) time: &'static str,
    pub(super) goods: &'static str,
    pub(super) amount: &'static str,
    pub(super) items: &'static str,
    pub(super) total: &'static str,
    pub(super) discount: &'static str,
    pub(super) rounding: &'static str,
    pub(super) due: &'static str,
    pub(super) refund_due: &'static str,
    pub(super) paid: &'static str,
    pub(super) refunded: &'static str,
    pub(super) change: &'static str,
    pub(super) member: &'static str,
    pub(super) reprint: &'static str,
    pub(super) refund_slip: &'static str,
}

pub(super) fn of(lang: Lang) -> &'static Labels {
    match lang {
        Lang::ZhCn => &ZH_CN,
        Lang::En => &EN,
    }
}

static ZH_CN: Labels = Labels {
    phone: "电话",
    number: "单号",
    original_number: "原单号",
    no_original: "无小票",
    terminal: "收银台",
    cashier: "收银员",
    time: "时间",
    goods: "品名 单价x数量",
    amount: "金额",
    items: "件数",
    total: "合计",
    discount: "优惠",
    rounding: "抹零",
    due: "应收",
    refund_due: "应退",
    paid: "实收",
    refunded: "退款",
    change: "找零",
    member: "会员",
    reprint: "重打",
    refund_slip: "退货单",
};

static EN: Labels = Labels {
    phone: "Phone",
    number: "No.",
    original_number: "Original no.",
    no_original: "Without a receipt",
    terminal: "Till",
    cashier: "Cashier",
    time: "Time",
    goods: "Item, price x qty",
    amount: "Amount",
    items: "Items",
    total: "Total",
    discount: "Discount",
    rounding: "Rounding",
    due: "Due",
    refund_due: "To refund",
    paid: "Paid",
    refunded: "Refunded",
    change: "Change",
    member: "Member",
    reprint: "REPRINT",
    refund_slip: "RETURN",
};
