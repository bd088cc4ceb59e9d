//! The one thing every handler and job holds.

use std::sync::Arc;

use aisle_db::Db;

use crate::Result;
use crate::catalog::Catalogue;
use crate::clock::Clock;
use crate::config::Config;
use crate::http::Limits;
use crate::identity::Identity;
use crate::inventory::LiveStock;
use crate::ops::{Events, Tasks};
use crate::payments::Ways;
use crate::sales::Engines;
use crate::vault::Vault;

/// Handles of everything; cheap to clone.
#[derive(Debug, Clone)]
pub struct App {
    inner: Arc<Inner>,
}

/// What [`App`] points at.
#[derive(Debug)]
pub struct Inner {
    /// The settings it runs with.
    pub config: Config,
    /// The database.
    pub db: Db,
    /// Where the time comes from.
    pub clock: Clock,
    /// Goods, stores and what describes them, in memory.
    pub catalogue: Catalogue,
    /// Stock levels as of the last commit of this server.
    pub stock: LiveStock,
    /// What happens, for those who listen.
    pub events: Events,
    /// Tokens seen lately.
    pub identity: Identity,
    /// How much may be asked of us.
    pub limits: Limits,
    /// The queues in front of the checkout, one for each store.
    pub engines: Engines,
    /// The ways to payment gateways.
    pub ways: Ways,
    /// Seals small secrets.
    pub vault: Vault,
    /// Everything that runs beside requests.
    pub tasks: Tasks,
}

impl std::ops::Deref for App {
    type Target = Inner;
    fn deref(&self) -> &Inner {
        &self.inner
    }
}

impl App {
    /// Opens the database and loads what is kept in memory.
    pub async fn start(config: Config, clock: Clock) -> Result<App> {
        if config.database_url.is_empty() {
            std::fs::create_dir_all(&config.data_dir).map_err(anyhow::Error::from)?;
        }
        let db = Db::open(&config.database()).await?;
        App::with_db(config, clock, db).await
    }

    /// The same on an open database.
    pub async fn with_db(config: Config, clock: Clock, db: Db) -> Result<App> {
        let catalogue = Catalogue::load(&db).await?;
        let stock = LiveStock::load(&db).await?;
        let events = Events::from(clock.now());
        let limits = Limits::new(&config);
        let vault = Vault::new(&config);
        vault.check()?;
        Ok(App {
            inner: Arc::new(Inner {
                config,
                db,
                clock,
                catalogue,
                stock,
                events,
                identity: Identity::default(),
                limits,
                engines: Engines::default(),
                ways: Ways::default(),
                vault,
                tasks: Tasks::default(),
            }),
        })
    }
}
