//! The simulator as merchants and people see it: over HTTP, every answer's signature checked.

mod alipay;
mod bills;
mod clients;
mod harness;
mod notices;
mod wechat;
