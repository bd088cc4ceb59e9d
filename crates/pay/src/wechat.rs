//! WeChat Pay (微信支付).

pub mod text;
