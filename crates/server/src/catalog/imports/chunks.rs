//! The walk over an import's rows, chunk by chunk, that applying and undoing share.
//!
//! Promises: a chunk moves the import's place in the transaction that does its work, so it is done
//! once however many are at it; a chunk that clashes with somebody else's change is judged again on
//! the catalogue as it is then.

use std::time::{Duration, Instant};

use aisle_domain::ids::StoreId;

use crate::catalog::product;
use crate::inventory::Shelves;
use crate::{App, Error, Result};

use super::rows::{self, Row, Wanted};
use super::store::Import;
use super::{CHANGED, NEW, Stopped};

/// Rows of one transaction.
const CHUNK_ROWS: i64 = 2000;
/// Tills hear of changes at most this often while a file is worked on.
const ANNOUNCE_EVERY: Duration = Duration::from_secs(5);
/// Tries of a chunk while others change the catalogue.
const TRIES_MAX: u32 = 10;

/// What is done to the rows of a chunk.
pub(super) trait Work: Sync {
    /// Whether it wants the rows that are written to the catalogue, or those that are not.
    const WRITTEN: bool;

    /// Does one chunk in one transaction and moves the import behind it. Refuses with
    /// [`LostImport`] and [`StaleCatalogue`].
    fn chunk(
        &self,
        app: &App,
        import: &Import,
        rows: &[Row],
    ) -> impl Future<Output = Result<Shelves>> + Send;
}

/// The catalogue moved between the picture and the transaction.
#[derive(Debug, thiserror::Error)]
#[error("the catalogue has changed in between")]
pub(super) struct StaleCatalogue;

/// The import's place moved: somebody else is at work on it.
#[derive(Debug, thiserror::Error)]
#[error("somebody else is at work on this import")]
pub(super) struct LostImport;

/// Works on from where the import stands; it stands behind the last chunk done afterwards.
pub(super) async fn walk<W: Work>(app: &App, import: &mut Import, work: &W) -> Result<Stopped> {
    let floor = app
        .catalogue
        .store(store_of(import))
        .map(|store| store.floor);
    let mut announced = Instant::now();
    let mut tries = 0;
    loop {
        if app.tasks.is_stopping() {
            return Ok(Stopped::Early);
        }
        let wanted = Wanted {
            states: &[NEW, CHANGED],
            written: Some(W::WRITTEN),
            after: import.at_row,
            limit: CHUNK_ROWS,
        };
        let rows = rows::list_rows(app.db.read_fresh(), import.id, wanted).await?;
        let Some(at_row) = rows.last().map(|row| row.row_no) else {
            return Ok(Stopped::AtEnd);
        };
        tries += 1;
        match work.chunk(app, import, &rows).await {
            Ok(shelves) => {
                import.at_row = at_row;
                tries = 0;
                if let Some(shelf) = floor.and_then(|floor| shelves.get(&floor)) {
                    app.stock.commit(store_of(import), shelf);
                }
            }
            Err(Error::Trouble(inner)) if inner.is::<LostImport>() => return Ok(Stopped::Early),
            Err(error) if is_clash(&error) && tries < TRIES_MAX => {
                tracing::debug!(%error, "a chunk of an import runs again");
            }
            Err(error) => return Err(error),
        }
        if announced.elapsed() >= ANNOUNCE_EVERY {
            product::announce(app).await?;
            announced = Instant::now();
        } else {
            app.catalogue.refresh(&app.db).await?;
        }
    }
}

/// Whether it may go well on the catalogue as it is now.
fn is_clash(error: &Error) -> bool {
    match error {
        Error::Trouble(inner) => inner.is::<StaleCatalogue>(),
        Error::Database(aisle_db::DbError::Constraint(_)) | Error::Refused { .. } => true,
        Error::Database(_) => false,
    }
}

/// Whose stock an import opens.
pub(super) fn store_of(import: &Import) -> StoreId {
    StoreId(import.store_id)
}
