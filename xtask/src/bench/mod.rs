//! Benchmarks on loopback. Every figure is compared with the raw limit measured in the same run,
//! because machines differ and are noisy: read the ratios first.

pub(crate) mod http;
mod load;
pub(crate) mod logs;
mod memory;
mod raw;
pub(crate) mod risk;
pub(crate) mod shop;
mod signins;

use std::path::Path;
use std::time::Duration;

use aisle_db::Engine;
use clap::Args;
use serde::Serialize;

use crate::postgres::{Cluster, Durability};
use crate::say;
use load::{Goods, LoadReport};
use shop::{Server, Shop};

/// Goods in the shop that is measured.
const PRODUCTS: usize = 10_000;

/// What to measure.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Seconds of each load.
    #[arg(long, default_value_t = 12)]
    seconds: u64,
    /// Concurrent terminals.
    #[arg(long, default_value_t = 1000)]
    terminals: usize,
    /// `sqlite`, `postgres`, `both` or `none`.
    #[arg(long, default_value = "both")]
    engine: String,
    /// Leave out the part with 300,000 goods.
    #[arg(long)]
    skip_memory: bool,
    /// Leave out the part where everybody signs in at once.
    #[arg(long)]
    skip_sign_ins: bool,
}

#[derive(Debug, Serialize)]
struct EngineReport {
    engine: &'static str,
    raw_orders_per_s: f64,
    uniform: LoadReport,
    hot: LoadReport,
    lookups_per_s: f64,
    uniform_of_raw: f64,
    hot_of_uniform: f64,
}

#[derive(Debug, Serialize)]
struct Report {
    seconds: u64,
    terminals: usize,
    engines: Vec<EngineReport>,
    memory: Option<memory::MemoryReport>,
    sign_ins: Option<signins::SignInReport>,
}

/// Measures and writes the report.
pub(crate) fn run(options: &Options) -> anyhow::Result<bool> {
    shop::is_built()?;
    let runtime = tokio::runtime::Runtime::new()?;
    let mut report = Report {
        seconds: options.seconds,
        terminals: options.terminals,
        engines: Vec::new(),
        memory: None,
        sign_ins: None,
    };
    if matches!(options.engine.as_str(), "sqlite" | "both") {
        report
            .engines
            .push(runtime.block_on(measure(options, Engine::Sqlite, None))?);
    }
    if matches!(options.engine.as_str(), "postgres" | "both") {
        let cluster = Cluster::start(Durability::Real)?;
        report.engines.push(runtime.block_on(measure(
            options,
            Engine::Postgres,
            Some(&cluster),
        ))?);
    }
    if !options.skip_memory {
        report.memory = Some(runtime.block_on(memory::measure())?);
    }
    if !options.skip_sign_ins {
        report.sign_ins = Some(runtime.block_on(signins::measure())?);
    }
    print(&report);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/bench");
    std::fs::create_dir_all(&folder)?;
    std::fs::write(
        folder.join("report.json"),
        serde_json::to_string_pretty(&report)?,
    )?;
    Ok(true)
}

async fn measure(
    options: &Options,
    engine: Engine,
    cluster: Option<&Cluster>,
) -> anyhow::Result<EngineReport> {
    let time = Duration::from_secs(options.seconds);
    let name = if engine == Engine::Sqlite {
        "sqlite"
    } else {
        "postgres"
    };
    say(&format!("{name}: the raw limit …"));
    let raw_shop = Shop::open(cluster, "raw", PRODUCTS).await?;
    let raw = raw::measure(&raw_shop, time / 2).await?;
    drop(raw_shop);
    let shop = Shop::open(cluster, "bench", PRODUCTS).await?;
    let tokens = shop.enrol(options.terminals).await?;
    let server = Server::start(&shop).await?;
    say(&format!(
        "{name}: {} terminals, uniform …",
        options.terminals
    ));
    let uniform = load::sell(&server, &tokens, Goods::Uniform(PRODUCTS), time).await?;
    say(&format!(
        "{name}: {} terminals, one product in every basket …",
        options.terminals
    ));
    let hot = load::sell(&server, &tokens, Goods::OneInEach(PRODUCTS), time).await?;
    let lookups = load::look_up(&server, &tokens, PRODUCTS, time / 3).await?;
    server.stop()?;
    let findings = aisle_server::ops::verify::verify(&shop.app.db).await?;
    anyhow::ensure!(
        findings.iter().all(|finding| finding.holds),
        "the books are broken: {findings:?}"
    );
    Ok(EngineReport {
        engine: name,
        uniform_of_raw: uniform.orders_per_s / raw,
        hot_of_uniform: hot.orders_per_s / uniform.orders_per_s,
        raw_orders_per_s: raw,
        uniform,
        hot,
        lookups_per_s: lookups,
    })
}

fn print(report: &Report) {
    say("");
    say(
        "engine    of raw  hot/uniform |  raw/s  uniform/s  mean ms  p99 ms  errors |  hot/s  mean ms  p99 ms | lookups/s",
    );
    for engine in &report.engines {
        say(&format!(
            "{:<9} {:>5.0} % {:>9.0} %  | {:>6.0} {:>10.0} {:>8.0} {:>7.0} {:>7} | {:>6.0} {:>8.0} {:>7.0} | {:>9.0}",
            engine.engine,
            engine.uniform_of_raw * 100.0,
            engine.hot_of_uniform * 100.0,
            engine.raw_orders_per_s,
            engine.uniform.orders_per_s,
            engine.uniform.mean_ms,
            engine.uniform.p99_ms,
            engine.uniform.errors,
            engine.hot.orders_per_s,
            engine.hot.mean_ms,
            engine.hot.p99_ms,
            engine.lookups_per_s,
        ));
    }
    if let Some(memory) = &report.memory {
        say(&format!(
            "\n{} goods: server {} MB resident; search median {:.1} ms, worst {:.1} ms over {} queries",
            memory.products,
            memory.resident_mb,
            memory.search_median_ms,
            memory.search_max_ms,
            memory.queries
        ));
    }
    if let Some(sign_ins) = &report.sign_ins {
        sign_ins.print();
    }
}
