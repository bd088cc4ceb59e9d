//! Kill -9 under load: what was acknowledged must be there afterwards, once. At the end the books are
//! broken on purpose, and the same proof must notice.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use aisle_db::{Engine, FromQueryResult, Sql};
use anyhow::ensure;
use clap::Args;
use uuid::Uuid;

use crate::bench::http::{Connection, request};
use crate::bench::shop::{self, Server, Shop, barcode};
use crate::postgres::{Cluster, Durability};
use crate::say;

const TERMINALS: usize = 64;
const PRODUCTS: usize = 200;

/// How often, and on what.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Times the server is killed on each engine.
    #[arg(long, default_value_t = 20)]
    cycles: usize,
    /// `sqlite`, `postgres` or `both`.
    #[arg(long, default_value = "both")]
    engine: String,
}

/// The negative control: what a disk that lies would do, and how the proof names it.
const BREAKS: [(&str, &str); 2] = [
    (
        "UPDATE stock_ledger SET delta_milli = delta_milli - 1 WHERE id = \
         (SELECT MAX(id) FROM stock_ledger)",
        "the books are broken",
    ),
    (
        "DELETE FROM orders WHERE id = (SELECT order_id FROM order_lines LIMIT 1)",
        "1 acknowledged sales are lost",
    ),
];

/// Sales as the terminals saw them.
#[derive(Debug, Default)]
struct Seen {
    /// Answered 201 or 200.
    acknowledged: Vec<Uuid>,
    /// Sent, never answered.
    unknown: Vec<(usize, Uuid, String)>,
}

/// Runs the cycles; false when anything was lost or doubled.
pub(crate) fn run(options: &Options) -> anyhow::Result<bool> {
    shop::is_built()?;
    let runtime = tokio::runtime::Runtime::new()?;
    if options.engine != "postgres" {
        runtime.block_on(cycles(options, Engine::Sqlite, None))?;
    }
    if options.engine != "sqlite" {
        let cluster = Cluster::start(Durability::Real)?;
        runtime.block_on(cycles(options, Engine::Postgres, Some(&cluster)))?;
    }
    Ok(true)
}

async fn cycles(
    options: &Options,
    engine: Engine,
    cluster: Option<&Cluster>,
) -> anyhow::Result<()> {
    let shop = Shop::open(cluster, "fault", PRODUCTS).await?;
    let tokens = Arc::new(shop.enrol(TERMINALS).await?);
    let seen = Arc::new(Mutex::new(Seen::default()));
    for cycle in 0..options.cycles {
        let server = Server::start(&shop).await?;
        let load = start_load(&server, &tokens, &seen);
        let time = Duration::from_millis(300 + u64::try_from(cycle * 137 % 900)?);
        tokio::time::sleep(time).await;
        server.kill()?;
        for terminal in load {
            terminal.await?;
        }
    }
    let server = Server::start(&shop).await?;
    let resent = resend(&server, &tokens, &seen).await?;
    prove(&shop, &seen).await?;
    server.stop()?;
    for (break_it, notice) in BREAKS {
        ensure_noticed(&shop, &seen, break_it, notice).await?;
    }
    let seen = seen.lock().unwrap_or_else(|poison| poison.into_inner());
    say(&format!(
        "{engine:?}: {} kills, {} sales acknowledged, {resent} unknown ones resolved, 0 lost, 0 doubled, books whole; {} breaks noticed",
        options.cycles,
        seen.acknowledged.len(),
        BREAKS.len()
    ));
    Ok(())
}

fn start_load(
    server: &Server,
    tokens: &Arc<Vec<String>>,
    seen: &Arc<Mutex<Seen>>,
) -> Vec<tokio::task::JoinHandle<()>> {
    (0..TERMINALS)
        .map(|at| {
            let (address, tokens, seen) = (server.address.clone(), tokens.clone(), seen.clone());
            tokio::spawn(async move {
                let Ok(mut connection) = Connection::open(&address).await else {
                    return;
                };
                loop {
                    let id = Uuid::now_v7();
                    let body = sale(id, at);
                    let sent = connection
                        .send(&request("POST", "/api/v1/orders", Some(&tokens[at]), &body))
                        .await;
                    let mut seen = seen.lock().unwrap_or_else(|poison| poison.into_inner());
                    match sent {
                        Ok((201 | 200, _)) => seen.acknowledged.push(id),
                        Ok(_) => {}
                        Err(_) => {
                            seen.unknown.push((at, id, body));
                            return;
                        }
                    }
                }
            })
        })
        .collect()
}

fn sale(id: Uuid, at: usize) -> String {
    // Every third basket holds the same product, so that batches meet on one row.
    let second = if at.is_multiple_of(3) { 0 } else { at };
    format!(
        r#"{{"id":"{id}","channel":"pos","lines":[{{"barcode":"{}"}},{{"barcode":"{}","qty_milli":2000}}],"payments":[{{"method":"cash","tendered_fen":100000}}]}}"#,
        barcode(at + 1),
        barcode(second),
    )
}

/// A till sends what was never answered again, for ever; here until it is answered.
async fn resend(server: &Server, tokens: &[String], seen: &Mutex<Seen>) -> anyhow::Result<usize> {
    let unknown = std::mem::take(
        &mut seen
            .lock()
            .unwrap_or_else(|poison| poison.into_inner())
            .unknown,
    );
    let mut connection = Connection::open(&server.address).await?;
    for (at, id, body) in &unknown {
        let bytes = request("POST", "/api/v1/orders", Some(&tokens[*at]), body);
        let (status, answer) = connection.send(&bytes).await?;
        ensure!(
            matches!(status, 200 | 201),
            "an unknown sale was answered {status}: {}",
            String::from_utf8_lossy(&answer)
        );
        seen.lock()
            .unwrap_or_else(|poison| poison.into_inner())
            .acknowledged
            .push(*id);
    }
    Ok(unknown.len())
}

async fn prove(shop: &Shop, seen: &Mutex<Seen>) -> anyhow::Result<()> {
    #[derive(FromQueryResult)]
    struct Row {
        id: Uuid,
    }
    let began = Instant::now();
    let rows: Vec<Row> = Sql::new("SELECT id FROM orders WHERE state = 'paid'")
        .all(shop.app.db.read_fresh())
        .await?;
    let stored: std::collections::HashSet<Uuid> = rows.iter().map(|row| row.id).collect();
    let acknowledged = seen
        .lock()
        .unwrap_or_else(|poison| poison.into_inner())
        .acknowledged
        .clone();
    let lost = acknowledged
        .iter()
        .filter(|id| !stored.contains(id))
        .count();
    ensure!(lost == 0, "{lost} acknowledged sales are lost");
    ensure!(
        stored.len() == acknowledged.len(),
        "{} sales are stored, {} were made",
        stored.len(),
        acknowledged.len()
    );
    let findings = aisle_server::ops::verify::verify(&shop.app.db).await?;
    ensure!(
        findings.iter().all(|finding| finding.holds),
        "the books are broken: {findings:?}"
    );
    say(&format!(
        "verified in {:.1} s",
        began.elapsed().as_secs_f64()
    ));
    Ok(())
}

async fn ensure_noticed(
    shop: &Shop,
    seen: &Mutex<Seen>,
    break_it: &'static str,
    notice: &str,
) -> anyhow::Result<()> {
    aisle_db::testing::lift_append_only(&shop.app.db, "stock_ledger").await?;
    let broken: aisle_db::Result<u64> =
        aisle_db::transact!(shop.app.db, |tx| Sql::new(break_it).run(tx).await);
    ensure!(broken? == 1, "nothing was broken by: {break_it}");
    match prove(shop, seen).await {
        Err(error) if error.to_string().contains(notice) => Ok(()),
        Err(error) => anyhow::bail!("broken by {break_it}, but the proof says: {error}"),
        Ok(()) => anyhow::bail!("the proof did not notice: {break_it}"),
    }
}
