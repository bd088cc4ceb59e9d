//! The queue in front of the database: everything that waits while one commit runs goes into the
//! next one.
//!
//! Promises: a full queue answers `busy` at once; each basket gets its own answer, after the commit
//! that contains it and never before; an infrastructure error retries the batch once, then one by
//! one; a lost COMMIT is resolved by order id.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Instant as Stopwatch;

use aisle_db::{Db, DbError};
use aisle_domain::checkout::Basket;
use aisle_domain::ids::StoreId;
use aisle_domain::time::Instant;
use tokio::sync::{mpsc, oneshot};

use crate::catalog::Store;
use crate::http::Terminal;
use crate::{App, Error, Result, codes};

use super::checkout::{self, Outcome};

/// Baskets in one commit at most.
pub(super) const BATCH_MAX: usize = 256;
/// Baskets that may wait.
const QUEUE_MAX: usize = 4096;

/// One basket on its way.
#[derive(Debug)]
pub(super) struct Job {
    pub(super) basket: Basket,
    pub(super) request_hash: String,
    pub(super) terminal: Arc<Terminal>,
    pub(super) cashier_id: Option<i64>,
    /// As receipts name them.
    pub(super) cashier: String,
    /// As records name them.
    pub(super) actor: String,
    pub(super) member: Option<String>,
    pub(super) sold_at: Instant,
    pub(super) created_at: Instant,
}

#[derive(Debug)]
struct Waiting {
    job: Arc<Job>,
    reply: oneshot::Sender<Result<Outcome>>,
}

/// The queues, one for each store, started on first use.
#[derive(Debug, Default)]
pub struct Engines {
    queues: Mutex<HashMap<StoreId, mpsc::Sender<Waiting>>>,
}

impl Engines {
    /// Puts a basket in line and waits for what became of it.
    pub(super) async fn submit(
        &self,
        app: &App,
        store: &Arc<Store>,
        job: Arc<Job>,
    ) -> Result<Outcome> {
        let (reply, answer) = oneshot::channel();
        let queue = self.queue(app, store.id)?;
        if queue.try_send(Waiting { job, reply }).is_err() {
            metrics::counter!("aisle_checkout_busy_total").increment(1);
            return Err(Error::code(&codes::BUSY));
        }
        answer
            .await
            .unwrap_or_else(|_| Err(Error::code(&codes::BUSY)))
    }

    fn queue(&self, app: &App, store: StoreId) -> Result<mpsc::Sender<Waiting>> {
        let mut queues = self
            .queues
            .lock()
            .unwrap_or_else(|poison| poison.into_inner());
        // One whose work broke off takes nothing any more: its store gets a new one.
        if let Some(queue) = queues.get(&store).filter(|queue| !queue.is_closed()) {
            return Ok(queue.clone());
        }
        let (sender, receiver) = mpsc::channel(QUEUE_MAX);
        let engine = app.clone();
        app.tasks
            .spawn_thread(format!("checkout {store}"), move || {
                run(engine, store, receiver)
            })
            .map_err(anyhow::Error::from)?;
        queues.insert(store, sender.clone());
        Ok(sender)
    }
}

/// What a batch is worked with: everything there is, and the queue's own way to the database.
pub(super) type Hands<'a> = (&'a App, &'a Db);

/// Works until the server stops and nothing waits any more.
async fn run(app: App, store: StoreId, mut queue: mpsc::Receiver<Waiting>) {
    let db = app.db.beside();
    let mut batch = Vec::with_capacity(BATCH_MAX);
    loop {
        tokio::select! {
            biased;
            received = queue.recv_many(&mut batch, BATCH_MAX) => if received == 0 { break },
            () = app.tasks.stopping() => {
                queue.close();
                if queue.recv_many(&mut batch, BATCH_MAX).await == 0 { break }
            }
        }
        // The store's rules may have changed since the last batch.
        let Some(store) = app.catalogue.store(store) else {
            break;
        };
        commit((&app, &db), &store, std::mem::take(&mut batch)).await;
    }
}

async fn commit((app, db): Hands<'_>, store: &Store, batch: Vec<Waiting>) {
    let started = Stopwatch::now();
    let (jobs, replies): (Vec<Arc<Job>>, Vec<_>) = batch
        .into_iter()
        .map(|waiting| (waiting.job, waiting.reply))
        .unzip();
    let answers = match attempt((app, db), store, &jobs).await {
        Ok(outcomes) => outcomes.into_iter().map(Ok).collect(),
        Err(error) => {
            tracing::warn!(%error, baskets = jobs.len(), "a batch failed; each basket goes by itself");
            one_by_one((app, db), store, &jobs).await
        }
    };
    metrics::histogram!("aisle_checkout_commit_seconds").record(started.elapsed().as_secs_f64());
    metrics::counter!("aisle_checkout_commits_total").increment(1);
    for (reply, answer) in replies.into_iter().zip(answers) {
        // A till that hung up asks again by order id.
        let _ = reply.send(answer);
    }
}

/// The batch, and once more when the database was lost: what was committed is found by order id.
async fn attempt(hands: Hands<'_>, store: &Store, jobs: &[Arc<Job>]) -> Result<Vec<Outcome>> {
    match checkout::place_batch(hands, store, jobs).await {
        Err(Error::Database(error))
            if error.is_retryable() || matches!(error, DbError::Constraint(_)) =>
        {
            checkout::place_batch(hands, store, jobs).await
        }
        answer => answer,
    }
}

async fn one_by_one(hands: Hands<'_>, store: &Store, jobs: &[Arc<Job>]) -> Vec<Result<Outcome>> {
    let mut answers = Vec::with_capacity(jobs.len());
    for job in jobs {
        let answer = attempt(hands, store, std::slice::from_ref(job)).await;
        if let Err(Error::Database(error)) = &answer {
            crate::ops::stop_when_fatal(error);
        }
        answers.push(answer.and_then(|mut one| one.pop().ok_or_else(|| Error::code(&codes::BUSY))));
    }
    answers
}
