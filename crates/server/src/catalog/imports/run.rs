//! Who works on an import, and what happens when it ends.

use std::panic::AssertUnwindSafe;

use aisle_domain::time::Instant;
use futures_util::FutureExt as _;
use serde_json::json;
use uuid::Uuid;

use crate::catalog::product;
use crate::ops::{self, Operation};
use crate::{App, Error, Result, codes};

use super::store::{self, Import, State, Turn};
use super::{Stopped, apply, check, file_of, trouble, undo};

/// A file that is not here may be on the server that took it; after this long nobody is at it.
const ABANDONED_MS: i64 = 60 * 60 * 1000;

/// Works beside requests until the import rests.
pub(super) fn start(app: &App, id: Uuid) {
    let worker = app.clone();
    app.tasks.spawn(async move {
        let ended = match find(&worker, id).await {
            Ok(import) => work(&worker, import).await,
            Err(error) => Err(error),
        };
        if let Err(error) = ended {
            tracing::error!(import_id = %id, %error, "an import waits for the next start");
        }
    });
}

/// Takes up what was being done when the server stopped. Work goes on behind the last commit.
pub async fn resume(app: &App) -> Result<()> {
    for import in store::list_working(app.db.read_fresh()).await? {
        let is_here = file_of(app, import.id).exists();
        let age = app.clock.now().0 - import.created_at;
        if import.state()? != State::Checking || is_here {
            tracing::info!(import_id = %import.id, "an import is taken up again");
            start(app, import.id);
        } else if age > ABANDONED_MS {
            let error = trouble(
                "file_lost",
                "the server stopped and the file is not here any more",
            );
            fail(app, &import, error.to_string()).await?;
        }
    }
    Ok(())
}

/// Does what the import's state asks for; answers the import as it is then.
pub async fn work(app: &App, mut import: Import) -> Result<Import> {
    let id = import.id;
    let step = AssertUnwindSafe(step(app, &mut import))
        .catch_unwind()
        .await;
    let panicked = |_| Err(anyhow::anyhow!("the work panicked").into());
    match step.unwrap_or_else(panicked) {
        Ok(Stopped::Early) => {}
        Ok(Stopped::AtEnd) => finish(app, &import).await?,
        Err(error) => {
            tracing::error!(import_id = %id, %error, "an import cannot go on");
            give_up(app, &import).await?;
        }
    }
    find(app, id).await
}

async fn step(app: &App, import: &mut Import) -> Result<Stopped> {
    match import.state()? {
        State::Checking => check::check(app, import).await,
        State::Applying => apply::apply(app, import).await,
        State::Undoing => undo::undo(app, import).await,
        State::Checked | State::Applied | State::Undone | State::Failed => Ok(Stopped::Early),
    }
}

/// Starts writing the good rows.
pub async fn begin_apply(app: &App, import: &Import, operation: Operation) -> Result<Import> {
    let is_ready = match import.state()? {
        State::Checked => true,
        State::Failed => import.checked_at.is_some(),
        State::Checking | State::Applying | State::Applied | State::Undoing | State::Undone => {
            false
        }
    };
    // What a failed try has written stays written and counted.
    let written = match import.state()? {
        State::Failed => import.created + import.updated,
        _ => 0,
    };
    let done = import.rows_bad + import.unchanged + written;
    begin(app, import, (State::Applying, is_ready, done), operation).await
}

/// Starts putting back what was written.
pub async fn begin_undo(app: &App, import: &Import, operation: Operation) -> Result<Import> {
    let is_ready = match import.state()? {
        State::Applied => true,
        State::Failed => import.checked_at.is_some(),
        State::Checking | State::Checked | State::Applying | State::Undoing | State::Undone => {
            false
        }
    };
    let done = import.rows_total - import.created - import.updated;
    begin(app, import, (State::Undoing, is_ready, done), operation).await
}

async fn begin(
    app: &App,
    import: &Import,
    (to, is_ready, done): (State, bool, i64),
    operation: Operation,
) -> Result<Import> {
    let not_ready = || {
        Error::with(
            &codes::IMPORT_NOT_READY,
            vec![json!({ "state": import.state().ok() })],
        )
    };
    if !is_ready {
        return Err(not_ready());
    }
    let now: Instant = app.clock.now();
    let operation = operation
        .on(format!("import {}", import.id))
        .detail(json!({ "file_name": import.file_name, "rows": import.rows_total }));
    aisle_db::transact!(app.db, |tx| {
        let turn = Turn {
            done: Some(done),
            recount: import.state()? == State::Checked,
            ..Turn::default()
        };
        if !store::turn(tx, import, to, turn, now).await? {
            return Err(not_ready());
        }
        ops::record(tx, now, operation.clone()).await
    })?;
    find(app, import.id).await
}

/// The state after the last row, and the tills hear of it. An import that somebody has taken on since
/// it was worked on here is left to them.
async fn finish(app: &App, import: &Import) -> Result<()> {
    let to = match import.state()? {
        State::Applying => State::Applied,
        State::Undoing => State::Undone,
        State::Checking | State::Checked | State::Applied | State::Undone | State::Failed => {
            return Ok(());
        }
    };
    let now = app.clock.now();
    aisle_db::transact!(app.db, |tx| {
        store::turn(tx, import, to, Turn::default(), now).await
    })?;
    product::announce(app).await
}

/// Ends an import that cannot go on; what it has written stays and can be undone.
async fn give_up(app: &App, import: &Import) -> Result<()> {
    let detail = "something failed on our side; apply or undo again, or send the file again";
    fail(app, import, trouble("trouble", detail).to_string()).await
}

async fn fail(app: &App, import: &Import, error: String) -> Result<()> {
    let now = app.clock.now();
    aisle_db::transact!(app.db, |tx| {
        let turn = Turn {
            error: Some(error.clone()),
            ..Turn::default()
        };
        store::turn(tx, import, State::Failed, turn, now).await
    })?;
    Ok(())
}

/// An import as it is now.
pub async fn find(app: &App, id: Uuid) -> Result<Import> {
    let found = store::find(app.db.read_fresh(), id).await?;
    found.ok_or_else(|| Error::code(&codes::NOT_FOUND))
}
