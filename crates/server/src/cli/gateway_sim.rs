//! Running the simulator of the payment gateways until it is told to stop.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use aisle_domain::time::Instant;
use aisle_pay::Surroundings;
use aisle_pay::sim::{self, Simulator};
use rustix::process::Signal;

use crate::clock::{Clock, random_bytes};
use crate::digest;

/// This machine's clock and chance.
#[derive(Debug)]
struct Machine;

impl Surroundings for Machine {
    fn now(&self) -> Instant {
        Clock::System.now()
    }

    fn nonce(&self) -> String {
        digest::hex(&random_bytes::<16>())
    }
}

/// What the command line says.
pub(super) struct Wanted {
    pub(super) listen: SocketAddr,
    pub(super) dir: PathBuf,
    pub(super) with_parent: bool,
}

pub(super) async fn run(wanted: Wanted) -> anyhow::Result<()> {
    if wanted.with_parent {
        rustix::process::set_parent_process_death_signal(Some(Signal::TERM))?;
    }
    // Before any file is written.
    sim::check_address(wanted.listen)?;
    let sim = Simulator::open(&wanted.dir, Arc::new(Machine))?;
    let greet = |address| super::say(&greeting(&wanted, address));
    tokio::select! {
        ended = sim.serve(wanted.listen, greet) => Ok(ended?),
        () = super::serve::told_to_stop() => Ok(()),
    }
}

/// Beside a shop one line is enough: the shop says the rest.
fn greeting(wanted: &Wanted, address: SocketAddr) -> String {
    if wanted.with_parent {
        return format!(
            "  simulator     http://{address}/ plays WeChat Pay and Alipay; no real money"
        );
    }
    [
        String::new(),
        "  Payment gateway simulator: no real money moves here".to_owned(),
        format!("  phone and orders   http://{address}/"),
        format!("  WeChat Pay         http://{address}"),
        format!("  Alipay             http://{address}/gateway.do"),
        format!("  merchant's keys    {}", wanted.dir.display()),
        String::new(),
    ]
    .join("\n")
}
