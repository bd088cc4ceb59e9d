//! The page of risk over millions of events of tills: how long it takes to compare everybody with everybody.

use std::time::Instant;

use aisle_db::Bulk;
use aisle_domain::identity::Role;
use aisle_domain::ids::StoreId;
use aisle_domain::till_event::Kind;
use aisle_domain::time::Instant as Moment;
use aisle_server::identity::{self, NewUser};
use anyhow::ensure;
use clap::Args;
use uuid::Uuid;

use super::http::{Connection, request};
use super::logs::{Chance, add_admin, sign_in};
use super::shop::{self, Server, Shop};
use crate::postgres::{Cluster, Durability};
use crate::say;

/// Rows written in one transaction.
const PART: usize = 5000;
const ROUNDS: usize = 9;
const CASHIERS: usize = 40;
const DAY_MS: i64 = 86_400_000;
/// As far as the events reach back.
const DAYS: i64 = 366;
/// The longest range that can be asked for.
const RANGES: [i64; 3] = [7, 31, 92];

/// How many events, and on what.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Events of tills; a fifth as many orders beside them.
    #[arg(long, default_value_t = 1_000_000)]
    events: usize,
    /// `sqlite`, `postgres` or `both`.
    #[arg(long, default_value = "both")]
    engine: String,
}

/// Fills a store with events and asks for some ranges.
pub(crate) fn run(options: &Options) -> anyhow::Result<bool> {
    shop::is_built()?;
    let runtime = tokio::runtime::Runtime::new()?;
    if options.engine != "postgres" {
        runtime.block_on(measure(options.events, "sqlite", None))?;
    }
    if options.engine != "sqlite" {
        let cluster = Cluster::start(Durability::Real)?;
        runtime.block_on(measure(options.events, "postgres", Some(&cluster)))?;
    }
    Ok(true)
}

async fn measure(events: usize, name: &str, cluster: Option<&Cluster>) -> anyhow::Result<()> {
    let shop = Shop::open(cluster, "risk", 1).await?;
    people(&shop).await?;
    let end = shop.app.clock.now();
    for from in (0..events).step_by(PART) {
        write(&shop, end, (from, PART.min(events - from))).await?;
    }
    say(&format!(
        "{name}: {events} events, {} orders over {DAYS} days",
        events / 5
    ));
    add_admin(&shop)?;
    let server = Server::start(&shop).await?;
    let mut connection = Connection::open(&server.address).await?;
    let token = sign_in(&mut connection).await?;
    say("days   median ms  worst ms");
    for days in RANGES {
        let from = Moment(end.0 - days * DAY_MS + 1).to_rfc3339();
        let path = format!("/api/v1/risk?from={from}&to={}", end.to_rfc3339());
        let mut times = Vec::new();
        for _ in 0..ROUNDS {
            let sent = Instant::now();
            let (status, _) = connection
                .send(&request("GET", &path, Some(&token), ""))
                .await?;
            times.push(sent.elapsed().as_secs_f64() * 1000.0);
            ensure!(status == 200, "{path} answered {status}");
        }
        times.sort_by(f64::total_cmp);
        say(&format!(
            "{days:>4} {:>11.1} {:>9.1}",
            times[ROUNDS / 2],
            times[ROUNDS - 1]
        ));
    }
    server.stop()
}

async fn people(shop: &Shop) -> anyhow::Result<()> {
    let now = shop.app.clock.now();
    let added: aisle_server::Result<()> = aisle_db::transact!(shop.app.db, |tx| {
        for at in 0..CASHIERS {
            let user = NewUser {
                username: &format!("user{at}"),
                name: "",
                password_hash: String::new(),
                role: Role::Cashier.as_str(),
                store_id: StoreId(1),
                demo: false,
                phone: "",
                pin_hash: None,
            };
            identity::insert_user(tx, &user, now).await?;
        }
        Ok(())
    });
    Ok(added?)
}

/// Some events and a fifth as many orders, the same every time but for their identities.
async fn write(shop: &Shop, end: Moment, (from, count): (usize, usize)) -> anyhow::Result<()> {
    let mut chance = Chance(20_261_124 + from as u64);
    let mut rows = Vec::with_capacity(count);
    for _ in 0..count {
        let ago = chance.below(usize::try_from(DAYS * DAY_MS / 1000)?);
        let at = end.0 - i64::try_from(ago)? * 1000;
        let who = chance.below(CASHIERS);
        rows.push((Uuid::now_v7(), at, who, chance.below(Kind::ALL.len())));
    }
    let orders = &rows[..count / 5];
    let each = || orders.iter();
    let written: aisle_server::Result<()> = aisle_db::transact!(shop.app.db, |tx| {
        Bulk::into("till_events")
            .same_bigint("store_id", 1)
            .uuid("id", rows.iter().map(|row| row.0))
            .same_bigint("terminal_id", 1)
            .text("actor", rows.iter().map(|row| format!("user{}", row.2)))
            .text("kind", rows.iter().map(|row| Kind::ALL[row.3].as_str()))
            .bigint("at", rows.iter().map(|row| row.1))
            .same_text("detail", "")
            .insert(tx)
            .await?;
        Bulk::into("orders")
            .same_bigint("store_id", 1)
            .uuid("id", each().map(|row| row.0))
            .same_text("request_hash", "")
            .same_bigint("terminal_id", 1)
            .same_bigint("terminal_no", 1)
            .same_bigint("business_day", 20_260_101)
            .bigint(
                "seq",
                (from..)
                    .zip(orders)
                    .map(|(at, _)| i64::try_from(at).unwrap_or(0)),
            )
            .same_text("channel", "pos")
            .same_text("state", "paid")
            .bigint(
                "cashier_id",
                each().map(|row| i64::try_from(row.2).unwrap_or(0) + 1),
            )
            .text("cashier", each().map(|row| format!("user{}", row.2)))
            .same_bigint("lines_count", 1)
            .same_bigint("total_fen", 100)
            .same_bigint("discount_fen", 0)
            .same_bigint("rounding_fen", 0)
            .same_bigint("tax_fen", 0)
            .bigint("created_at", each().map(|row| row.1))
            .bigint("sold_at", each().map(|row| row.1))
            .bigint("paid_at", each().map(|row| row.1))
            .insert(tx)
            .await?;
        Ok(())
    });
    Ok(written?)
}
