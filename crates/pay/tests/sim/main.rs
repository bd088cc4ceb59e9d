//! The simulator as merchants and people see it: over HTTP, every answer's signature checked.

#![expect(clippy::unwrap_used, reason = "in a test, unwrap is an assertion")]

mod alipay;
mod bills;
mod clients;
mod harness;
mod notices;
mod wechat;
