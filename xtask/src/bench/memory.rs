//! A large catalogue: what the server holds, and how fast a person finds something in it.

use std::time::Instant;

use anyhow::{Context, ensure};
use serde::Serialize;

use super::http::{Connection, request};
use super::shop::{Server, Shop};

const PRODUCTS: usize = 300_000;
/// Name, pinyin, code, last four to six digits, two terms, nothing found.
const QUERIES: [&str; 8] = [
    "%E9%85%B1%E6%B2%B9",
    "LYJY",
    "123456",
    "4567",
    "23456",
    "0012345",
    "%E7%BB%BF%E5%8F%B6%20500",
    "zzzz",
];
const ROUNDS: usize = 15;

/// What came of it.
#[derive(Debug, Serialize)]
pub(super) struct MemoryReport {
    pub(super) products: usize,
    pub(super) resident_mb: u64,
    pub(super) search_median_ms: f64,
    pub(super) search_max_ms: f64,
    pub(super) queries: usize,
}

/// Measures on the embedded database.
pub(super) async fn measure() -> anyhow::Result<MemoryReport> {
    crate::say(&format!("{PRODUCTS} goods …"));
    let shop = Shop::open(None, "memory", PRODUCTS).await?;
    let tokens = shop.enrol(1).await?;
    let server = Server::start(&shop).await?;
    let mut connection = Connection::open(&server.address).await?;
    let mut times = Vec::new();
    for _ in 0..ROUNDS {
        for query in QUERIES {
            let path = format!("/api/v1/products?q={query}&limit=50");
            let sent = Instant::now();
            let (status, _) = connection
                .send(&request(
                    "GET",
                    &path,
                    tokens.first().map(String::as_str),
                    "",
                ))
                .await?;
            ensure!(status == 200, "a search answered {status}");
            times.push(sent.elapsed().as_secs_f64() * 1000.0);
        }
    }
    let resident_mb = resident_mb(server.pid())?;
    server.stop()?;
    times.sort_by(f64::total_cmp);
    Ok(MemoryReport {
        products: PRODUCTS,
        resident_mb,
        search_median_ms: times[times.len() / 2],
        search_max_ms: times[times.len() - 1],
        queries: times.len(),
    })
}

/// What a process holds in memory now.
pub(super) fn resident_mb(pid: u32) -> anyhow::Result<u64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status
        .lines()
        .find(|line| line.starts_with("VmRSS:"))
        .context("no VmRSS")?;
    let kb: u64 = line
        .split_whitespace()
        .nth(1)
        .context("no figure")?
        .parse()?;
    Ok(kb / 1024)
}
