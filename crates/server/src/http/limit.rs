//! How much may be asked of us: by a device, by a person, from a network, and how often somebody may try to
//! sign in from one.
//!
//! Promises: who asks too much is refused before what they ask for is done; nobody else waits for it. A
//! device is limited as a device wherever it stands: a shop has many behind one address.

use std::hash::Hash;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, Ordering};

use aisle_domain::ids::{TerminalId, UserId};
use governor::clock::DefaultClock;
use governor::state::keyed::DashMapStateStore;
use governor::{Quota, RateLimiter};
use ipnet::IpNet;

use crate::config::Config;
use crate::{Error, Result, codes};

use super::actor::Actor;

/// Whoever has not asked for a while is forgotten after so many questions of others.
const CHECKS_BETWEEN_TIDYING: u32 = 65_536;

/// All limits.
#[derive(Debug)]
pub struct Limits {
    devices: Buckets<TerminalId>,
    people: Buckets<UserId>,
    networks: Buckets<IpNet>,
    sign_ins: Buckets<IpNet>,
    receipts: Buckets<IpNet>,
}

impl Limits {
    /// As the settings say; 0 = no limit.
    pub fn new(config: &Config) -> Limits {
        Limits {
            devices: Buckets::of(config.device_rate, Quota::per_second),
            people: Buckets::of(config.person_rate, Quota::per_second),
            networks: Buckets::of(config.address_rate, Quota::per_second),
            sign_ins: Buckets::of(config.sign_in_rate, Quota::per_minute),
            receipts: Buckets::of(config.receipt_rate, Quota::per_minute),
        }
    }

    /// Counts a call of somebody known.
    pub(super) fn count(&self, actor: &Actor, network: IpNet) -> Result<()> {
        if let Some(terminal) = &actor.terminal {
            return self.count_device(terminal.id);
        }
        if let Some(user) = &actor.user {
            self.people.count(&user.id)?;
        }
        self.networks.count(&network)
    }

    /// Counts a call of a device.
    pub fn count_device(&self, device: TerminalId) -> Result<()> {
        self.devices.count(&device)
    }

    /// Counts a call of somebody we do not know.
    pub fn count_stranger(&self, network: IpNet) -> Result<()> {
        self.networks.count(&network)
    }

    /// Counts a look at a receipt by its link.
    pub fn count_receipt(&self, network: IpNet) -> Result<()> {
        self.receipts.count(&network)
    }

    /// Counts a try to sign in without a device.
    pub fn count_sign_in(&self, network: IpNet) -> Result<()> {
        self.sign_ins.count(&network)
    }
}

/// A bucket for each of many, filled again as time goes by.
#[derive(Debug)]
struct Buckets<K: Hash + Eq + Clone> {
    limiter: Option<RateLimiter<K, DashMapStateStore<K>, DefaultClock>>,
    checks: AtomicU32,
}

impl<K: Hash + Eq + Clone> Buckets<K> {
    fn of(rate: u32, quota: impl Fn(NonZeroU32) -> Quota) -> Buckets<K> {
        Buckets {
            limiter: NonZeroU32::new(rate).map(|rate| RateLimiter::dashmap(quota(rate))),
            checks: AtomicU32::new(0),
        }
    }

    fn count(&self, key: &K) -> Result<()> {
        let Some(limiter) = &self.limiter else {
            return Ok(());
        };
        let checks = self.checks.fetch_add(1, Ordering::Relaxed);
        if checks % CHECKS_BETWEEN_TIDYING == CHECKS_BETWEEN_TIDYING - 1 {
            limiter.retain_recent();
        }
        limiter
            .check_key(key)
            .map_err(|_| Error::code(&codes::TOO_MANY_REQUESTS))
    }
}
