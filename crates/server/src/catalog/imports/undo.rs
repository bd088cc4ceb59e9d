//! Putting back what an import changed, chunk by chunk.
//!
//! Promises: a product somebody has changed since is left as it is and reported, and so is a created
//! one that was sold or moved; the others are as they were, or retired without barcode and code when
//! the import had created them, their opening stock booked out; once only.

use std::collections::HashSet;
use std::sync::Arc;

use aisle_db::Tx;
use aisle_domain::catalog::{Product, ProductState};
use aisle_domain::ids::{LocationId, ProductId, StoreId};
use aisle_domain::product_sheet::Cell;
use serde_json::json;

use crate::catalog::{self, ProductDraft, Snapshot};
use crate::inventory::{self, OpeningDocument, Shelves};
use crate::ops::Operation;
use crate::{App, Error, Result};

use super::before::Before;
use super::chunks::{self, LostImport, StaleCatalogue, Work, store_of};
use super::rows::{self, Row};
use super::store::{self, Import, Step};
use super::{KEPT, Stopped, UNDONE};

/// A row that can be put back, and how.
struct Back {
    draft: ProductDraft,
    is_created: bool,
}

/// Putting back needs nothing but the rows.
struct Undo;

/// Undoes from where it stopped.
pub(super) async fn undo(app: &App, import: &mut Import) -> Result<Stopped> {
    chunks::walk(app, import, &Undo).await
}

impl Work for Undo {
    const WRITTEN: bool = true;

    async fn chunk(&self, app: &App, import: &Import, rows: &[Row]) -> Result<Shelves> {
        let now = app.clock.now();
        let snapshot = app.catalogue.products_full();
        let places = places(app);
        let backs = rows
            .iter()
            .map(|row| back(&snapshot, row))
            .collect::<Result<Vec<_>>>()?;
        let document = OpeningDocument {
            id: import.undo_id,
            store: store_of(import),
            actor: import.created_by.clone(),
            note: import.file_name.clone(),
            at: now,
        };
        aisle_db::transact!(app.db, |tx| {
            let moved = moved(tx, import, &places, &backs).await?;
            let kept = |back: &Option<Back>| {
                back.as_ref()
                    .is_none_or(|back| moved.contains(&id_of(back)))
            };
            let going: Vec<&Back> = backs.iter().filter(|back| !kept(back)).flatten().collect();
            let drafts: Vec<ProductDraft> = going.iter().map(|back| back.draft.clone()).collect();
            if !drafts.is_empty() {
                let operation =
                    Operation::by_name(document.store, &import.created_by, "product.undo")
                        .on(format!("import {}", import.id));
                let report = catalog::save(tx, &snapshot, drafts, now, operation).await?;
                if report.version != snapshot.version() + 1 {
                    return Err(Error::Trouble(anyhow::Error::new(StaleCatalogue)));
                }
            }
            let (rows, step) = outcome(rows, &backs, &kept);
            let at_row = rows.last().map_or(import.at_row, |row| row.row_no);
            if !store::advance(tx, import, at_row, step).await? {
                return Err(Error::Trouble(anyhow::Error::new(LostImport)));
            }
            rows::record(tx, import.id, &rows).await?;
            let gone: Vec<ProductId> = created(going.iter().copied()).collect();
            let own: Vec<LocationId> = (places.iter())
                .filter(|place| place.0 == document.store)
                .map(|place| place.1)
                .collect();
            inventory::take_back(tx, &document, &own, &gone).await
        })
    }
}

fn places(app: &App) -> Vec<(StoreId, LocationId)> {
    let stores = app.catalogue.stores();
    let of = |store: &Arc<catalog::Store>| {
        let id = store.id;
        let places: Vec<_> = store
            .locations
            .iter()
            .map(|place| (id, LocationId(place.0)))
            .collect();
        places
    };
    stores.iter().flat_map(of).collect()
}

async fn moved(
    tx: &Tx,
    import: &Import,
    places: &[(StoreId, LocationId)],
    backs: &[Option<Back>],
) -> Result<HashSet<ProductId>> {
    let created: Vec<ProductId> = created(backs.iter().flatten()).collect();
    if created.is_empty() {
        return Ok(HashSet::new());
    }
    inventory::moved_besides(tx, import.id, places, &created).await
}

fn created<'a>(backs: impl Iterator<Item = &'a Back>) -> impl Iterator<Item = ProductId> {
    backs.filter(|back| back.is_created).map(id_of)
}

fn id_of(back: &Back) -> ProductId {
    back.draft.id.unwrap_or(ProductId(0))
}

/// How to put a row's product back; none when it has changed since, or what it had is another's.
fn back(snapshot: &Snapshot, row: &Row) -> Result<Option<Back>> {
    let id = row.product_id.map(ProductId);
    let Some(product) = id.and_then(|id| snapshot.product(id)) else {
        return Ok(None);
    };
    if Some(product.version) != row.version {
        return Ok(None);
    }
    let Some(before) = &row.before else {
        return Ok(Some(Back {
            draft: retired(product),
            is_created: true,
        }));
    };
    let before: Before = serde_json::from_str(before).map_err(anyhow::Error::from)?;
    let another = |owner: Option<&Arc<Product>>| owner.is_some_and(|owner| owner.id != product.id);
    let code_is_taken = before
        .code()
        .is_some_and(|code| another(snapshot.by_code(code)));
    let barcode_is_taken = before
        .barcodes()
        .any(|one| another(snapshot.by_barcode(one)));
    Ok((!code_is_taken && !barcode_is_taken).then(|| Back {
        draft: before.into_draft(product.id),
        is_created: false,
    }))
}

/// Nothing that sells it or finds it in a file is left.
fn retired(product: &Product) -> ProductDraft {
    ProductDraft {
        id: Some(product.id),
        code: Cell::Set(format!("undone-{}", product.id)),
        state: Cell::Set(ProductState::Retired),
        barcodes: Cell::Clear,
        ..ProductDraft::default()
    }
}

fn outcome(
    rows: &[Row],
    backs: &[Option<Back>],
    kept: &impl Fn(&Option<Back>) -> bool,
) -> (Vec<Row>, Step) {
    let mut step = Step::default();
    let rows = rows
        .iter()
        .zip(backs)
        .map(|(row, back)| {
            let mut row = row.clone();
            row.cells.clear();
            step.done += 1;
            if kept(back) {
                step.kept += 1;
                row.state = KEPT.to_owned();
                row.errors =
                    json!([{ "column": "", "code": "changed_since", "value": "" }]).to_string();
            } else {
                row.state = UNDONE.to_owned();
            }
            row
        })
        .collect();
    (rows, step)
}
