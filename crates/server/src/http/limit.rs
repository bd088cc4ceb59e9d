//! How much one device may ask of us.

use std::num::NonZeroU32;

use aisle_domain::ids::TerminalId;
use governor::clock::DefaultClock;
use governor::state::keyed::DashMapStateStore;
use governor::{Quota, RateLimiter};

/// Requests per second for each device by itself.
#[derive(Debug)]
pub struct DeviceLimiter {
    limiter: Option<RateLimiter<TerminalId, DashMapStateStore<TerminalId>, DefaultClock>>,
}

impl DeviceLimiter {
    /// `rate` requests per second; 0 = no limit.
    pub fn new(rate: u32) -> DeviceLimiter {
        DeviceLimiter {
            limiter: NonZeroU32::new(rate)
                .map(|rate| RateLimiter::dashmap(Quota::per_second(rate))),
        }
    }

    /// Whether this device may ask once more now.
    pub fn admits(&self, terminal: TerminalId) -> bool {
        self.limiter
            .as_ref()
            .is_none_or(|limiter| limiter.check_key(&terminal).is_ok())
    }
}
