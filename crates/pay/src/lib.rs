//! Payment channels: clients of WeChat Pay, Alipay and card terminals.
//!
//! Promises: what is answered says no more than what the gateway proved. A time-out, a broken connection, a bad
//! signature, a 5xx or a code nobody knows is [`Outcome::Unknown`], never "declined"; amounts are whole fen from end
//! to end; no payment code, key or card number gets into an answer, an error or a log. There is no database here,
//! and no clock: time and chance are arguments.

pub mod alipay;
mod beijing;
pub mod card;
mod client;
pub mod crypto;
pub mod gateway;
mod http;
mod secret;
mod settings;
pub mod sim;
pub mod wechat;
mod xml;
mod yuan;

pub use client::Client;
pub use gateway::{
    Answer, Capture, Channel, Charge, Closing, Failure, Gateway, Notice, NoticeError, Outcome,
    QrCode, Refund, RefundState, Surroundings, Trace, Trade, TradeNo,
};
pub use http::connections;
pub use secret::Secret;
pub use settings::{Problem, SettingsError};
