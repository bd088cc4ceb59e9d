//! A simulator of both gateways, for people who try things out and for tests: state, keys, clock and wire.
//!
//! Promises: it speaks as the gateways do, to the byte that is signed; it keeps what it did, so a restart forgets
//! nothing; it moves no real money and says so. It listens on loopback addresses alone and tells its notifications to
//! none but those, because whoever reaches it can play the customer.

mod alipay;
mod bill;
mod book;
mod called;
mod console;
mod control;
mod deliver;
mod journal;
mod keys;
mod ledger;
mod moves;
mod notice;
mod scenario;
mod telling;
#[cfg(test)]
mod tests;
mod trade;
mod wechat;
mod wire;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::net::TcpListener;

use crate::crypto::KeyProblem;
use crate::gateway::Surroundings;
use bill::Files;
use book::{Book, Names};
use journal::Journal;
use keys::Keys;

/// Why the simulator does not start.
#[derive(Debug, thiserror::Error)]
pub enum SimError {
    /// A file that cannot be read or written.
    #[error("{}", .path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        error: std::io::Error,
    },
    /// A file that does not hold what it should.
    #[error("{}: {why}", .path.display())]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// A key that is none.
    #[error("{0}: {1}")]
    Key(String, KeyProblem),
    /// A key or certificate that could not be made.
    #[error("cannot make keys: {0}")]
    Making(String),
    /// An address that others can reach.
    #[error(
        "{0} is not a loopback address; the simulator answers this machine alone, as on 127.0.0.1:9090"
    )]
    NotLoopback(std::net::SocketAddr),
    /// An address that cannot be listened on.
    #[error("the gateway simulator cannot listen on {0}")]
    Listen(std::net::SocketAddr, #[source] std::io::Error),
}

impl SimError {
    fn file(path: &Path, error: std::io::Error) -> SimError {
        let path = path.to_owned();
        SimError::File { path, error }
    }

    fn unreadable(path: &Path, why: impl ToString) -> SimError {
        let (path, why) = (path.to_owned(), why.to_string());
        SimError::Unreadable { path, why }
    }

    fn key(name: &str, problem: KeyProblem) -> SimError {
        SimError::Key(name.to_owned(), problem)
    }
}

/// Refuses an address that others can reach.
pub fn check_address(address: std::net::SocketAddr) -> Result<(), SimError> {
    let local = address.ip().is_loopback();
    local.then_some(()).ok_or(SimError::NotLoopback(address))
}

/// The simulator.
#[derive(Debug)]
pub struct Simulator {
    keys: Keys,
    surroundings: Arc<dyn Surroundings>,
    kept: Mutex<Kept>,
    files: Files,
    http: reqwest::Client,
    /// Held by whoever sends notifications.
    sending: tokio::sync::Mutex<()>,
}

#[derive(Debug)]
struct Kept {
    book: Book,
    journal: Journal,
}

impl Simulator {
    /// Opens what is kept under `dir`; on the first start makes the keys and writes what a merchant needs.
    pub fn open(
        dir: &Path,
        surroundings: Arc<dyn Surroundings>,
    ) -> Result<Arc<Simulator>, SimError> {
        let keys = Keys::open(dir, surroundings.as_ref())?;
        let names = Names {
            mchid: keys.wechat.mchid.clone(),
            appid: keys.wechat.appid.clone(),
            app_id: keys.alipay.app_id.clone(),
            seller_id: keys.alipay.seller_id.clone(),
        };
        let path = dir.join("journal.jsonl");
        let book = Book::restore(names, Journal::read(&path)?);
        let journal = Journal::begin(&path, &book.whole())?;
        Ok(Arc::new(Simulator {
            keys,
            surroundings,
            kept: Mutex::new(Kept { book, journal }),
            files: Files::default(),
            http: deliver::client(),
            sending: tokio::sync::Mutex::new(()),
        }))
    }

    /// Answers on `address` until the process ends; `ready` is told the address that is listened on.
    pub async fn serve(
        self: Arc<Simulator>,
        address: std::net::SocketAddr,
        ready: impl FnOnce(std::net::SocketAddr),
    ) -> Result<(), SimError> {
        check_address(address)?;
        let listen = |error| SimError::Listen(address, error);
        let listener = TcpListener::bind(address).await.map_err(listen)?;
        ready(listener.local_addr().map_err(listen)?);
        let telling = tokio::spawn(deliver::deliver_for_ever(self.clone()));
        wire::serve(listener, router(self)).await;
        telling.abort();
        Ok(())
    }

    /// Takes a step: what came due happens first, and what changed is written before anybody is answered.
    fn with<T>(&self, step: impl FnOnce(&mut Book) -> T) -> T {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.book.tick(self.surroundings.now().0);
        let result = step(&mut kept.book);
        if let Some(change) = kept.book.drain() {
            let written = kept.journal.append(&change);
            written.expect("the simulator cannot go on without its journal");
        }
        result
    }
}

fn router(sim: Arc<Simulator>) -> axum::Router {
    axum::Router::new()
        .merge(wechat::routes())
        .merge(alipay::routes())
        .merge(control::routes())
        .merge(console::routes())
        .with_state(sim)
}
