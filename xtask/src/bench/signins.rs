//! Everybody signs in at once while tills sell: what it costs the server and the tills.
//!
//! Tills sell at a steady pace, not as fast as they can: on a machine that is full already anything else takes
//! its share. Quiet and stormy windows take turns, and their medians are compared.

use std::net::Ipv4Addr;
use std::time::{Duration, Instant};

use aisle_domain::identity::Role;
use aisle_domain::ids::StoreId;
use aisle_server::identity::{self, NewUser};
use anyhow::ensure;
use serde::Serialize;
use tokio::task::JoinHandle;
use uuid::Uuid;

use super::http::{Connection, request_from};
use super::load::{Dice, Goods, order};
use super::memory::resident_mb;
use super::shop::{Server, Shop};

const PRODUCTS: usize = 10_000;
const TILLS: usize = 100;
/// Sales of one till: two a second.
const PACE: Duration = Duration::from_millis(500);
const SIGN_INS: usize = 500;
/// Pairs of a quiet window and a stormy one.
const ROUNDS: usize = 5;
const WINDOW: Duration = Duration::from_secs(4);
const PASSWORD: &str = "correct horse";

/// What came of it.
#[derive(Debug, Serialize)]
pub(super) struct SignInReport {
    parallel: usize,
    quiet_p99_ms: f64,
    storm_p99_ms: f64,
    storm_of_quiet: f64,
    /// Signed in, and told to come back later, over all storms.
    signed_in: usize,
    put_off: usize,
    resident_mb: u64,
    grown_mb: u64,
}

/// Measures on the embedded database.
pub(super) async fn measure() -> anyhow::Result<SignInReport> {
    crate::say(&format!(
        "{TILLS} tills sell, {SIGN_INS} people sign in at once …"
    ));
    let shop = Shop::open(None, "signins", PRODUCTS).await?;
    people(&shop).await?;
    let tokens = shop.enrol(TILLS).await?;
    let server = Server::start_behind_proxy(&shop).await?;
    let address = server.address.clone();
    let mut tills = Vec::with_capacity(tokens.len());
    for token in tokens {
        tills.push((token, Connection::open(&address).await?));
    }
    let (mut quiet, mut storm) = (Vec::new(), Vec::new());
    sell(&mut tills).await?;
    let resident_mb = self::resident_mb(server.pid())?;
    let (mut signed_in, mut put_off, mut peak) = (0, 0, resident_mb);
    for round in 0..ROUNDS {
        quiet.push(sell(&mut tills).await?);
        let crowd = crowd(&address, round);
        storm.push(sell(&mut tills).await?);
        peak = peak.max(self::resident_mb(server.pid())?);
        for person in crowd {
            match person.await?? {
                201 => signed_in += 1,
                429 => put_off += 1,
                status => anyhow::bail!("a sign-in answered {status}"),
            }
        }
    }
    server.stop()?;
    let (quiet, storm) = (median(quiet), median(storm));
    Ok(SignInReport {
        parallel: SIGN_INS,
        quiet_p99_ms: quiet,
        storm_p99_ms: storm,
        storm_of_quiet: storm / quiet,
        signed_in,
        put_off,
        resident_mb,
        grown_mb: peak - resident_mb,
    })
}

impl SignInReport {
    /// In a line.
    pub(super) fn print(&self) {
        crate::say(&format!(
            "\n{} sign-ins at once: checkout p99 {:.1} ms, {:.1} ms without ({:+.0} %); {} signed in, {} put off; \
             server {} MB, {} MB more",
            self.parallel,
            self.storm_p99_ms,
            self.quiet_p99_ms,
            (self.storm_of_quiet - 1.0) * 100.0,
            self.signed_in,
            self.put_off,
            self.resident_mb,
            self.grown_mb
        ));
    }
}

async fn people(shop: &Shop) -> anyhow::Result<()> {
    let hash = identity::hash_password(PASSWORD)?;
    let now = shop.app.clock.now();
    let added: aisle_server::Result<()> = aisle_db::transact!(shop.app.db, |tx| {
        for at in 0..SIGN_INS {
            let username = format!("person-{at}");
            let user = NewUser {
                username: &username,
                name: &username,
                password_hash: hash.clone(),
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
    added?;
    Ok(())
}

/// All of them begin at once, each from an address of their own, and try once.
fn crowd(address: &str, round: usize) -> Vec<JoinHandle<anyhow::Result<u16>>> {
    let person = |at: usize| {
        let address = address.to_owned();
        tokio::spawn(async move {
            let body = format!(r#"{{"username":"person-{at}","password":"{PASSWORD}"}}"#);
            let from = Ipv4Addr::from(0x0a00_0000 + u32::try_from(round * SIGN_INS + at)?);
            let mut connection = Connection::open(&address).await?;
            let request = request_from(from, "/api/v1/sessions", &body);
            Ok(connection.send(&request).await?.0)
        })
    };
    (0..SIGN_INS).map(person).collect()
}

/// A till's token and its connection, which it keeps.
type Till = (String, Connection);

/// One window of steady selling; answers its 99th percentile in milliseconds.
async fn sell(tills: &mut Vec<Till>) -> anyhow::Result<f64> {
    let begin = Instant::now();
    let mut at_work = Vec::with_capacity(tills.len());
    for (at, (token, mut connection)) in tills.drain(..).enumerate() {
        at_work.push(tokio::spawn(async move {
            let mut dice = Dice::new(1 + at as u64);
            let mut times = Vec::new();
            let mut due = begin + PACE.mul_f64(at as f64 / TILLS as f64);
            while due < begin + WINDOW {
                tokio::time::sleep_until(due.into()).await;
                let body = order(Uuid::now_v7(), Goods::Uniform(PRODUCTS), &mut dice);
                let bytes = super::http::request("POST", "/api/v1/orders", Some(&token), &body);
                let (status, _) = connection.send(&bytes).await?;
                ensure!(status == 201, "a sale answered {status}");
                // From when it was due: a till that was late waits too.
                times.push(due.elapsed());
                due += PACE;
            }
            anyhow::Ok((times, (token, connection)))
        }));
    }
    let mut times = Vec::new();
    for till in at_work {
        let (some, till) = till.await??;
        times.extend(some);
        tills.push(till);
    }
    times.sort_unstable();
    Ok(times[(times.len() - 1) * 99 / 100].as_secs_f64() * 1000.0)
}

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}
