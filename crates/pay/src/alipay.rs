//! Alipay (支付宝).

pub mod text;
