//! An operation log of millions: what writing costs, and how fast a person finds something in it.

use std::io::Write as _;
use std::process::{Command, Stdio};
use std::time::Instant;

use aisle_domain::ids::StoreId;
use aisle_domain::time::Instant as Moment;
use aisle_server::ops::{self, ACTIONS, Operation};
use anyhow::{Context, ensure};
use clap::Args;
use serde_json::json;

use super::http::{Connection, request};
use super::shop::{self, Server, Shop};
use crate::postgres::{Cluster, Durability};
use crate::say;

const PASSWORD: &str = "correct horse";
/// Entries written in one transaction.
const PART: usize = 2000;
const ROUNDS: usize = 15;
/// The first entry: some three years before the last.
const BEGIN_MS: i64 = 1_700_000_000_000;
const YEARS_MS: i64 = 94_608_000_000;
const MAKERS: [&str; 8] = [
    "绿叶",
    "远山",
    "江南",
    "金谷",
    "晨光",
    "海天",
    "康师傅",
    "农夫山泉",
];
const GOODS: [&str; 10] = [
    "酱油",
    "牛奶",
    "面包",
    "矿泉水",
    "洗衣液",
    "饼干",
    "大米",
    "可乐",
    "茶叶",
    "方便面",
];

/// How many entries, and on what.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Entries of the log.
    #[arg(long, default_value_t = 1_000_000)]
    entries: usize,
    /// `sqlite`, `postgres` or `both`.
    #[arg(long, default_value = "both")]
    engine: String,
}

/// Fills a log and asks for each filter.
pub(crate) fn run(options: &Options) -> anyhow::Result<bool> {
    shop::is_built()?;
    let runtime = tokio::runtime::Runtime::new()?;
    if options.engine != "postgres" {
        runtime.block_on(measure(options.entries, "sqlite", None))?;
    }
    if options.engine != "sqlite" {
        let cluster = Cluster::start(Durability::Real)?;
        runtime.block_on(measure(options.entries, "postgres", Some(&cluster)))?;
    }
    Ok(true)
}

async fn measure(entries: usize, name: &str, cluster: Option<&Cluster>) -> anyhow::Result<()> {
    let shop = Shop::open(cluster, "logs", 1).await?;
    let began = Instant::now();
    fill(&shop, entries).await?;
    let seconds = began.elapsed().as_secs_f64();
    let size = size_mb(&shop).await?;
    say(&format!(
        "{name}: {entries} entries in {seconds:.0} s ({:.0}/s), {size} MB",
        entries as f64 / seconds
    ));
    add_admin(&shop)?;
    let server = Server::start(&shop).await?;
    let mut connection = Connection::open(&server.address).await?;
    let token = sign_in(&mut connection).await?;
    say("filter                              rows  pages  median ms  worst ms");
    for (what, query) in questions() {
        ask(&mut connection, &token, what, &query).await?;
    }
    server.stop()
}

/// The same pseudo-random entries every time.
async fn fill(shop: &Shop, entries: usize) -> anyhow::Result<()> {
    let step = YEARS_MS / i64::try_from(entries)?;
    let mut chance = Chance(20_261_124);
    let mut at = BEGIN_MS;
    for from in (0..entries).step_by(PART) {
        let part: Vec<(Moment, Operation)> = (from..(from + PART).min(entries))
            .map(|_| {
                at += step;
                (Moment(at), operation(&mut chance))
            })
            .collect();
        let written: aisle_server::Result<()> =
            aisle_db::transact!(shop.app.db, |tx| ops::record_all(tx, part.clone()).await);
        written?;
        if from > 0 && from % 500_000 == 0 {
            say(&format!("  {from} …"));
        }
    }
    Ok(())
}

/// Few people do most, few goods change often: squares of chance.
fn operation(chance: &mut Chance) -> Operation {
    let product = chance.below(300) * chance.below(300);
    let actor = format!("user{}", chance.below(20) * chance.below(20));
    let action = ACTIONS[chance.below(6) * chance.below(5) % ACTIONS.len()];
    let store = i64::try_from(1 + chance.below(5) * chance.below(5)).unwrap_or(1);
    let name = format!(
        "{}{}{product:06}号",
        MAKERS[product % MAKERS.len()],
        GOODS[product % GOODS.len()]
    );
    let price = 100 + chance.below(5000);
    Operation::by_name(StoreId(store), &actor, action)
        .on(format!("product {product}"))
        .approved_by((chance.below(50) == 0).then(|| "boss".to_owned()))
        .change(
            &json!({ "price_fen": price, "safety_stock_milli": 2000 }),
            &json!({ "price_fen": price + 10, "safety_stock_milli": 1000 * chance.below(9) }),
        )
        .detail(json!({ "product_id": product, "name": name }))
}

fn questions() -> Vec<(&'static str, String)> {
    let text = |text: &str| {
        text.bytes()
            .map(|byte| format!("%{byte:02X}"))
            .collect::<String>()
    };
    vec![
        ("no filter", String::new()),
        ("store", "store=1".to_owned()),
        ("actor, frequent", "actor=user0".to_owned()),
        ("actor, rare", "actor=user361".to_owned()),
        ("action", "action=product.change".to_owned()),
        ("all actions of a kind", "action=product.".to_owned()),
        ("target, frequent", "target=product%200".to_owned()),
        ("target, rare", "target=product%2089401".to_owned()),
        (
            "a day in the middle",
            "from=2025-05-10T00:00:00Z&to=2025-05-11T00:00:00Z".to_owned(),
        ),
        ("terminal without entries", "terminal=999999".to_owned()),
        ("word, frequent", format!("q={}", text("酱油"))),
        ("word, rare", "q=089401".to_owned()),
        (
            "words, frequent and rare",
            format!("q={}", text("绿叶 089401")),
        ),
        ("words, never together", format!("q={}", text("酱油 牛奶"))),
        ("word that is nowhere", "q=zzzz".to_owned()),
        ("one character", format!("q={}", text("茶"))),
        ("one character, nowhere", format!("q={}", text("鲸"))),
        (
            "actor and action",
            "actor=user0&action=product.bulk".to_owned(),
        ),
        (
            "actor, action and word",
            format!("actor=user4&action=product.&q={}", text("矿泉水")),
        ),
        (
            "two frequent, never together",
            format!("actor=user0&q={}", text("酱油 牛奶")),
        ),
        (
            "store and month and word",
            format!(
                "store=1&from=2025-05-01T00:00:00Z&to=2025-06-01T00:00:00Z&q={}",
                text("可乐")
            ),
        ),
    ]
}

/// The first page many times, then up to as many that follow.
async fn ask(
    connection: &mut Connection,
    token: &str,
    what: &str,
    query: &str,
) -> anyhow::Result<()> {
    let mut times = Vec::new();
    let (mut rows, mut pages) = (0, 0);
    let mut cursor = String::new();
    for round in 0..2 * ROUNDS {
        let path = format!("/api/v1/operations?limit=50&{query}{cursor}");
        let sent = Instant::now();
        let (status, body) = connection
            .send(&request("GET", path.trim_end_matches('&'), Some(token), ""))
            .await?;
        times.push(sent.elapsed().as_secs_f64() * 1000.0);
        ensure!(
            status == 200,
            "{what}: {status} {}",
            String::from_utf8_lossy(&body)
        );
        if round < ROUNDS {
            continue;
        }
        let page: serde_json::Value = serde_json::from_slice(&body)?;
        rows += page["items"].as_array().map_or(0, Vec::len);
        pages += 1;
        match page["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    times.sort_by(f64::total_cmp);
    say(&format!(
        "{what:<34} {rows:>5} {pages:>6} {:>10.1} {:>9.1}",
        times[times.len() / 2],
        times[times.len() - 1]
    ));
    Ok(())
}

pub(super) fn add_admin(shop: &Shop) -> anyhow::Result<()> {
    let config = &shop.app.config;
    let mut command = Command::new(shop::binary());
    command
        .args(["user", "add", "bench", "--role", "admin"])
        .env("AISLE_DATA_DIR", &config.data_dir)
        .stdin(Stdio::piped())
        .stdout(Stdio::null());
    if !config.database_url.is_empty() {
        command.env("AISLE_DATABASE_URL", &config.database_url);
    }
    let mut child = command.spawn()?;
    let mut input = child.stdin.take().context("no standard input")?;
    input.write_all(format!("{PASSWORD}\n").as_bytes())?;
    drop(input);
    ensure!(child.wait()?.success(), "cannot add a person");
    Ok(())
}

pub(super) async fn sign_in(connection: &mut Connection) -> anyhow::Result<String> {
    let body = json!({ "username": "bench", "password": PASSWORD }).to_string();
    let (status, answer) = connection
        .send(&request("POST", "/api/v1/sessions", None, &body))
        .await?;
    ensure!(status == 201, "signing in answered {status}");
    let session: serde_json::Value = serde_json::from_slice(&answer)?;
    Ok(session["token"].as_str().context("no token")?.to_owned())
}

async fn size_mb(shop: &Shop) -> anyhow::Result<i64> {
    let text = match shop.app.db.engine() {
        aisle_db::Engine::Sqlite => {
            "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size"
        }
        aisle_db::Engine::Postgres => "SELECT pg_database_size(current_database())",
    };
    let bytes = aisle_db::Sql::new(text)
        .number(shop.app.db.read_fresh())
        .await?;
    Ok(bytes / 1_000_000)
}

/// A small generator of numbers that are the same in every run.
pub(super) struct Chance(pub(super) u64);

impl Chance {
    pub(super) fn below(&mut self, limit: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % limit
    }
}
