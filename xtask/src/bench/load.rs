//! Load: terminals that sell as fast as they are answered.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use anyhow::ensure;
use serde::Serialize;
use uuid::Uuid;

use super::http::{Connection, request};
use super::shop::{Server, barcode};

/// Look-ups run on so many connections.
const LOOKUP_CONNECTIONS: usize = 64;

/// What lies in the baskets.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Goods {
    /// Five products out of so many.
    Uniform(usize),
    /// Four out of so many, and the same one in every basket.
    OneInEach(usize),
}

/// What came of it.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct LoadReport {
    pub(crate) orders: usize,
    pub(crate) orders_per_s: f64,
    pub(crate) mean_ms: f64,
    pub(crate) p50_ms: f64,
    pub(crate) p99_ms: f64,
    pub(crate) max_ms: f64,
    pub(crate) errors: usize,
}

/// A small generator of numbers; the load must not depend on chance between runs.
#[derive(Debug, Clone)]
pub(crate) struct Dice(u64);

impl Dice {
    /// Seeded.
    pub(crate) fn new(seed: u64) -> Dice {
        Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// A number below `end` (xorshift64*).
    pub(crate) fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let value = self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33;
        usize::try_from(value).unwrap_or(0) % end
    }
}

impl Goods {
    fn pick(self, dice: &mut Dice, line: usize) -> usize {
        match self {
            Goods::Uniform(count) => dice.below(count),
            Goods::OneInEach(count) => {
                if line == 0 {
                    7
                } else {
                    dice.below(count)
                }
            }
        }
    }
}

/// The body of a five-line cash sale.
pub(crate) fn order(id: Uuid, goods: Goods, dice: &mut Dice) -> String {
    let mut body = String::with_capacity(400);
    let _ = write!(body, r#"{{"id":"{id}","channel":"pos","lines":["#);
    for line in 0..5 {
        let comma = if line > 0 { "," } else { "" };
        let code = barcode(goods.pick(dice, line));
        let qty = 1000 * (1 + dice.below(3));
        let _ = write!(body, r#"{comma}{{"barcode":"{code}","qty_milli":{qty}}}"#);
    }
    body.push_str(r#"],"payments":[{"method":"cash","tendered_fen":1000000}]}"#);
    body
}

/// Every terminal sells until the time is over; the first fifth warms up and is not counted.
pub(crate) async fn sell(
    server: &Server,
    tokens: &[String],
    goods: Goods,
    time: Duration,
) -> anyhow::Result<LoadReport> {
    let begin = Instant::now();
    let counted_from = begin + time / 5;
    let end = begin + time;
    let mut terminals = Vec::with_capacity(tokens.len());
    for (at, token) in tokens.iter().enumerate() {
        let (address, token) = (server.address.clone(), token.clone());
        terminals.push(tokio::spawn(async move {
            let mut dice = Dice::new(1 + at as u64);
            let mut connection = Connection::open(&address).await?;
            let (mut times, mut errors) = (Vec::with_capacity(256), 0usize);
            while Instant::now() < end {
                let body = order(Uuid::now_v7(), goods, &mut dice);
                let bytes = request("POST", "/api/v1/orders", Some(&token), &body);
                let sent = Instant::now();
                let (status, _) = connection.send(&bytes).await?;
                if status != 201 {
                    errors += 1;
                } else if sent >= counted_from {
                    times.push(sent.elapsed());
                }
            }
            anyhow::Ok((times, errors))
        }));
    }
    let (mut times, mut errors) = (Vec::new(), 0);
    for terminal in terminals {
        let (some, wrong) = terminal.await??;
        times.extend(some);
        errors += wrong;
    }
    report(times, errors, (end - counted_from).as_secs_f64())
}

fn report(mut times: Vec<Duration>, errors: usize, seconds: f64) -> anyhow::Result<LoadReport> {
    ensure!(!times.is_empty(), "nothing was sold ({errors} errors)");
    times.sort_unstable();
    let ms = |time: Duration| time.as_secs_f64() * 1000.0;
    let part = |percent: usize| ms(times[(times.len() - 1) * percent / 100]);
    let sum: Duration = times.iter().sum();
    Ok(LoadReport {
        orders: times.len(),
        orders_per_s: times.len() as f64 / seconds,
        mean_ms: ms(sum) / times.len() as f64,
        p50_ms: part(50),
        p99_ms: part(99),
        max_ms: part(100),
        errors,
    })
}

/// How many barcodes a second are answered.
pub(crate) async fn look_up(
    server: &Server,
    tokens: &[String],
    products: usize,
    time: Duration,
) -> anyhow::Result<f64> {
    let begin = Instant::now();
    let end = begin + time;
    let mut readers = Vec::new();
    for (at, token) in tokens.iter().take(LOOKUP_CONNECTIONS).enumerate() {
        let (address, token) = (server.address.clone(), token.clone());
        readers.push(tokio::spawn(async move {
            let mut dice = Dice::new(77 + at as u64);
            let mut connection = Connection::open(&address).await?;
            let mut count = 0usize;
            while Instant::now() < end {
                let path = format!(
                    "/api/v1/products/by-barcode/{}",
                    barcode(dice.below(products))
                );
                let (status, _) = connection
                    .send(&request("GET", &path, Some(&token), ""))
                    .await?;
                ensure!(status == 200, "a look-up answered {status}");
                count += 1;
            }
            anyhow::Ok(count)
        }));
    }
    let mut count = 0;
    for reader in readers {
        count += reader.await??;
    }
    Ok(count as f64 / begin.elapsed().as_secs_f64())
}
