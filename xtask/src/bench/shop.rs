//! A shop to measure in: a fresh database with made-up goods, and the release binary serving it.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use aisle_db::Tx;
use aisle_domain::barcode::check_digit;
use aisle_domain::catalog::PackBarcode;
use aisle_domain::ids::{ProductId, StoreId};
use aisle_domain::inventory::Reason;
use aisle_domain::money::Money;
use aisle_domain::product_sheet::Cell;
use aisle_domain::quantity::Quantity;
use aisle_server::catalog::{self, NewStore, ProductDraft};
use aisle_server::clock::Clock;
use aisle_server::config::Config;
use aisle_server::http::Actor;
use aisle_server::identity::{self, NewTerminal};
use aisle_server::inventory::{self, Adjustment, AdjustmentLine};
use aisle_server::ops::Operation;
use aisle_server::{App, Result};
use anyhow::{Context, ensure};
use uuid::Uuid;

use crate::postgres::Cluster;

/// A database with goods.
pub(crate) struct Shop {
    pub(crate) app: App,
    folder: PathBuf,
}

/// Refuses to measure when `make bench` has not built the server.
pub(crate) fn is_built() -> anyhow::Result<()> {
    ensure!(
        binary().exists(),
        "build first: cargo build --release --workspace"
    );
    Ok(())
}

/// The release binary.
pub(crate) fn binary() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/release/aisle")
}

/// The barcode of the `at`-th made-up product.
pub(crate) fn barcode(at: usize) -> String {
    let body = format!("69{at:010}");
    let check = check_digit(&body).unwrap_or(0);
    format!("{body}{check}")
}

impl Shop {
    /// A fresh database (in the cluster, or in a file) with so many goods in plenty.
    pub(crate) async fn open(
        cluster: Option<&Cluster>,
        name: &str,
        products: usize,
    ) -> anyhow::Result<Shop> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../target/bench")
            .join(format!("{name}-{}", Uuid::new_v4().simple()));
        std::fs::create_dir_all(&folder)?;
        let mut config = Config {
            data_dir: folder.clone(),
            device_rate: 0,
            ..Config::default()
        };
        if let Some(cluster) = cluster {
            config.database_url = cluster.create_database(name)?;
        }
        let app = App::start(config, Clock::System).await?;
        let new = NewStore {
            code: "01".to_owned(),
            name: "Bench".to_owned(),
            phone: String::new(),
            address: String::new(),
            time_zone: "Asia/Shanghai".to_owned(),
        };
        let store = catalog::create_store(&app, &new, "bench").await?;
        let ids = goods(&app, products).await?;
        stock(&app, store, &ids).await?;
        Ok(Shop { app, folder })
    }

    /// Enrols so many tills and answers their tokens.
    pub(crate) async fn enrol(&self, count: usize) -> anyhow::Result<Vec<String>> {
        let mut tokens = Vec::with_capacity(count);
        for at in 0..count {
            let new = NewTerminal {
                store_id: StoreId(1),
                name: &format!("till {at}"),
                kind: "pos",
                actor: "bench",
            };
            tokens.push(identity::enrol(&self.app, new).await?.1);
        }
        Ok(tokens)
    }
}

impl Drop for Shop {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_dir_all(&self.folder) {
            crate::say(&format!("a bench folder stays: {error}"));
        }
    }
}

async fn goods(app: &App, count: usize) -> anyhow::Result<Vec<ProductId>> {
    let now = app.clock.now();
    let unit: Result<i64> =
        aisle_db::transact!(app.db, |tx| catalog::unit_named(tx, "件", false).await);
    let unit = unit?;
    let mut ids = Vec::with_capacity(count);
    let places: Vec<usize> = (0..count).collect();
    for part in places.chunks(5000) {
        let drafts: Vec<ProductDraft> = part.iter().map(|at| draft(*at, unit)).collect();
        let snapshot = app.catalogue.products_full();
        let report: Result<_> = aisle_db::transact!(app.db, |tx| {
            let operation = Operation::by_name(StoreId(1), "bench", "product.create");
            let tx: &Tx = tx;
            catalog::save(tx, &snapshot, drafts.clone(), now, operation).await
        });
        ids.extend(report?.ids);
        app.catalogue.refresh(&app.db).await?;
    }
    Ok(ids)
}

fn draft(at: usize, unit: i64) -> ProductDraft {
    const WORDS: [&str; 8] = [
        "酱油",
        "牛奶",
        "面包",
        "矿泉水",
        "洗衣液",
        "饼干",
        "大米",
        "可乐",
    ];
    const MAKERS: [&str; 5] = ["绿叶", "远山", "江南", "金谷", "晨光"];
    let price = 100 + i64::try_from(at % 4900).unwrap_or(0);
    ProductDraft {
        name: Cell::Set(format!("{}{}{at:06}号", MAKERS[at % 5], WORDS[at % 8])),
        spec: Cell::Set("500ml".to_owned()),
        unit_id: Cell::Set(unit),
        price: Cell::Set(Money::from_fen(price)),
        cost: Cell::Set(Money::from_fen(price / 2)),
        barcodes: Cell::Set(vec![PackBarcode {
            barcode: barcode(at).into(),
            qty: Quantity::ONE,
            price: None,
            main: true,
        }]),
        ..ProductDraft::default()
    }
}

async fn stock(app: &App, store: StoreId, ids: &[ProductId]) -> anyhow::Result<()> {
    let actor = Actor::system(store);
    for part in ids.chunks(1000) {
        let adjustment = Adjustment {
            id: Uuid::new_v4(),
            reason: Reason::Opening,
            note: String::new(),
            lines: part
                .iter()
                .map(|product| AdjustmentLine {
                    product: *product,
                    delta: Quantity::from_milli(100_000_000),
                })
                .collect(),
        };
        inventory::adjust(app, &actor, &adjustment).await?;
    }
    Ok(())
}

/// A serving binary; killed when dropped.
pub(crate) struct Server {
    child: Child,
    pub(crate) address: String,
}

impl Server {
    /// Serves the shop's database on a free port and waits until it is ready.
    pub(crate) async fn start(shop: &Shop) -> anyhow::Result<Server> {
        Server::start_with(&shop.app.config).await
    }

    /// The same, believing what clients on loopback say of where they come from.
    pub(crate) async fn start_behind_proxy(shop: &Shop) -> anyhow::Result<Server> {
        Server::spawn(
            &shop.app.config,
            &[("AISLE_TRUSTED_PROXIES", r#"["127.0.0.0/8"]"#)],
        )
        .await
    }

    /// Serves the database of these settings.
    pub(crate) async fn start_with(config: &Config) -> anyhow::Result<Server> {
        Server::spawn(config, &[]).await
    }

    async fn spawn(config: &Config, more: &[(&str, &str)]) -> anyhow::Result<Server> {
        let port = std::net::TcpListener::bind("127.0.0.1:0")?
            .local_addr()?
            .port();
        let address = format!("127.0.0.1:{port}");
        let mut command = Command::new(binary());
        command
            .arg("serve")
            .env("AISLE_LISTEN", &address)
            .env("AISLE_DATA_DIR", &config.data_dir)
            .env("AISLE_DEVICE_RATE", "0")
            .env("AISLE_PERSON_RATE", "0")
            .env("AISLE_ADDRESS_RATE", "0")
            .env("AISLE_SIGN_IN_RATE", "0")
            .env("AISLE_LOG", "warn")
            .envs(more.iter().copied())
            .stdout(Stdio::null());
        if !config.database_url.is_empty() {
            command.env("AISLE_DATABASE_URL", &config.database_url);
        }
        let child = command.spawn().context("cannot start the server")?;
        let mut server = Server { child, address };
        for _ in 0..600 {
            ensure!(
                server.child.try_wait()?.is_none(),
                "the server ended at once"
            );
            if super::http::get(&server.address, "/readyz")
                .await
                .is_ok_and(|answer| answer.0 == 200)
            {
                return Ok(server);
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        anyhow::bail!("the server did not become ready within 30 s")
    }

    /// Its process.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Asks it to end and waits.
    pub(crate) fn stop(mut self) -> anyhow::Result<()> {
        let pid = self.child.id().to_string();
        ensure!(
            Command::new("kill")
                .args(["-TERM", &pid])
                .status()?
                .success(),
            "cannot stop it"
        );
        let status = self.child.wait()?;
        ensure!(status.success(), "the server ended with {status}");
        Ok(())
    }

    /// Ends it at once, as a power cut of the process would.
    pub(crate) fn kill(mut self) -> anyhow::Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if self.child.try_wait().is_ok_and(|ended| ended.is_none()) {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}
