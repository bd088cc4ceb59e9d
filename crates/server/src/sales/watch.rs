//! The janitor: whatever is not certain is looked at again until it is.
//!
//! Promises: an attempt or refund whose time has come is looked at by one server at a time; a gateway that does not
//! answer holds nothing up but its own payments; nothing is forgotten over a restart.

use std::sync::Arc;
use std::time::{Duration, Instant as Stopwatch};

use aisle_domain::ids::StoreId;
use aisle_domain::payments::{self as rules, Action, Product, Seen};
use aisle_pay::{Failure, Gateway};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::catalog::Store;
use crate::payments::{AttemptRow, Due, Way, attempts, claim_due};
use crate::{App, Error, Result, codes};

use super::booking::{self, Heard, SYSTEM};
use super::collect::took_ms;
use super::pay_back;

const EVERY: Duration = Duration::from_secs(1);
/// Looks at once.
const LOOKS_MAX: usize = 64;
/// Taken up in one round.
const ROUND_MAX: i64 = 200;
/// Nobody else looks at what is being looked at for so long.
const LOOK_MS: i64 = 30_000;
/// What follows at once is done at once, so often.
const STEPS_MAX: usize = 4;

/// Looks after money until the server stops.
pub async fn watch_for_ever(app: App) {
    let places = Arc::new(Semaphore::new(LOOKS_MAX));
    let mut looks = JoinSet::new();
    while app.tasks.pause(EVERY).await {
        while looks.try_join_next().is_some() {}
        if places.available_permits() == 0 {
            continue;
        }
        if let Err(error) = begin(&app, &places, &mut looks).await {
            tracing::error!(%error, "could not look after payments; trying again");
        }
    }
    while looks.join_next().await.is_some() {}
}

/// Looks at everything whose time has come, and waits for it.
pub async fn watch_once(app: &App) -> Result<()> {
    let places = Arc::new(Semaphore::new(LOOKS_MAX));
    let mut looks = JoinSet::new();
    begin(app, &places, &mut looks).await?;
    while looks.join_next().await.is_some() {}
    Ok(())
}

async fn begin(app: &App, places: &Arc<Semaphore>, looks: &mut JoinSet<()>) -> Result<()> {
    for due in [Due::Attempts, Due::Refunds] {
        let now = app.clock.now();
        let span = (now, now.plus_ms(LOOK_MS));
        for (store, id) in claim_due(app, due, span, ROUND_MAX).await? {
            let (app, places) = (app.clone(), Arc::clone(places));
            looks.spawn(async move {
                let _place = places.acquire_owned().await;
                if let Err(error) = look(&app, store, (due, id)).await {
                    tracing::warn!(%error, %id, ?due, "not certain yet");
                }
            });
        }
    }
    Ok(())
}

async fn look(app: &App, store: StoreId, (due, id): (Due, Uuid)) -> Result<()> {
    let Some(store) = app.catalogue.store(store) else {
        return Ok(());
    };
    match due {
        Due::Attempts => look_at(app, &store, id).await,
        Due::Refunds => pay_back::look(app, &store, id).await,
    }
}

/// Asks at once, because somebody wants to know.
pub(super) async fn look_now(app: &App, store: &Store, id: Uuid) -> Result<()> {
    let row = attempts::find(app.db.read_fresh(), store.id, id)
        .await?
        .ok_or_else(|| Error::code(&codes::NOT_FOUND))?;
    let is_asked_after = rules::due(row.state()?) == Some(Action::Query);
    if is_asked_after && row.dispatched_at.is_some() {
        let way = app.ways.find(app, store.id, row.channel()?).await?;
        let heard = query(&way, &row).await?;
        booking::book(app, store, id, &heard, SYSTEM).await?;
    }
    Ok(())
}

/// Does what is due now, if anything is, rather than in a second.
pub(super) async fn look_when_due(app: &App, store: &Store, id: Uuid) -> Result<()> {
    let row = attempts::find(app.db.read_fresh(), store.id, id).await?;
    let now = app.clock.now().0;
    if row.is_some_and(|row| row.check_at.is_some_and(|at| at <= now)) {
        look_at(app, store, id).await?;
    }
    Ok(())
}

/// Asks or gives up, as the attempt's state wants; what is due at once after that follows.
pub(super) async fn look_at(app: &App, store: &Store, id: Uuid) -> Result<()> {
    for _ in 0..STEPS_MAX {
        let Some(row) = attempts::find(app.db.read_fresh(), store.id, id).await? else {
            return Ok(());
        };
        let Some(heard) = hear(app, store, &row).await? else {
            return Ok(());
        };
        let booked = booking::book(app, store, id, &heard, SYSTEM).await?;
        if booked.check_at.is_none_or(|at| at > app.clock.now()) {
            return Ok(());
        }
    }
    Ok(())
}

async fn hear(app: &App, store: &Store, row: &AttemptRow) -> Result<Option<Heard>> {
    let attempt = row.attempt()?;
    let Some(action) = rules::due(attempt.state) else {
        return Ok(None);
    };
    if action == Action::Drop {
        let mut heard = Heard::only(Seen::Closed);
        heard.failure = Some(Failure {
            code: "not_sent".to_owned(),
            message: String::new(),
        });
        return Ok(Some(heard));
    }
    let way = app.ways.find(app, store.id, row.channel()?).await?;
    let heard = match action {
        Action::Query | Action::Drop => query(&way, row).await?,
        Action::GiveUp => give_up(&way, row, attempt.product).await?,
    };
    way.heard(heard.is_answered(), app.clock.now());
    Ok(Some(heard))
}

/// Gives up; what was paid, or is not known there, is asked after.
async fn give_up(way: &Way, row: &AttemptRow, product: Product) -> Result<Heard> {
    let closed = close(way, row, product).await?;
    match closed {
        Some(heard) if heard.seen != Seen::Again => Ok(heard),
        Some(_) => {
            let asked = query(way, row).await?;
            let is_absent = asked.seen == Seen::Absent;
            Ok(if is_absent {
                asked
            } else {
                Heard {
                    seen: Seen::Again,
                    ..asked
                }
            })
        }
        None => query(way, row).await,
    }
}

async fn query(way: &Way, row: &AttemptRow) -> Result<Heard> {
    let started = Stopwatch::now();
    let answer = way.client.query(&row.trade_no()?).await;
    Ok(Heard::of_query(answer, took_ms(started)))
}

/// `None` when it was paid, so that it cannot be closed.
async fn close(way: &Way, row: &AttemptRow, product: Product) -> Result<Option<Heard>> {
    let started = Stopwatch::now();
    let trade_no = row.trade_no()?;
    let answer = match product {
        Product::WechatCode | Product::AlipayCode => way.client.reverse(&trade_no).await,
        Product::Qr | Product::Terminal => way.client.close(&trade_no).await,
    };
    Ok(Heard::of_closing(answer, took_ms(started)))
}
