//! The clients against gateways that answer well, badly or not at all.

#![expect(clippy::unwrap_used, reason = "in a test, unwrap is an assertion")]

mod alipay;
mod line;
mod platform;
mod secrets;
mod settings;
mod shop;
mod wechat;
mod wechat_orders;
mod wechat_reports;
mod wechat_v2;
