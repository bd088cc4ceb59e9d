//! Writing the good rows, chunk by chunk.
//!
//! Promises: a chunk's goods, their opening stock, the rows' marks and the import's place are one
//! transaction; each row is judged once more on the catalogue as it is then, and one that has become
//! wrong is marked bad and left out.

use std::sync::Arc;

use aisle_db::Tx;
use aisle_domain::ids::{LocationId, ProductId};
use aisle_domain::money::Money;
use aisle_domain::product_sheet::{Columns, ProductRow, parse_row};
use aisle_domain::quantity::Quantity;
use serde_json::{Value, json};

use crate::catalog::{self, ProductDraft, Snapshot, Store};
use crate::inventory::{self, OpeningDocument, OpeningLine, Shelves};
use crate::ops::Operation;
use crate::{App, Error, Result};

use super::check::{columns_of, location_named};
use super::chunks::{self, LostImport, StaleCatalogue, Work};
use super::draft::{Judged, Known, field_errors, judge};
use super::names::Names;
use super::rows::{self, Row};
use super::store::{self, Import, Step};
use super::{BAD, CHANGED, NEW, Stopped, UNCHANGED};

/// What applying goes by.
struct Apply {
    columns: Columns,
    store: Arc<Store>,
}

/// Applies from where it stopped.
pub(super) async fn apply(app: &App, import: &mut Import) -> Result<Stopped> {
    let (columns, store) = columns_of(app, import)?;
    chunks::walk(app, import, &Apply { columns, store }).await
}

impl Work for Apply {
    const WRITTEN: bool = false;

    async fn chunk(&self, app: &App, import: &Import, rows: &[Row]) -> Result<Shelves> {
        let work = self;
        let now = app.clock.now();
        let snapshot = app.catalogue.products_full();
        let parsed = rows
            .iter()
            .map(|row| parse(work, row))
            .collect::<Result<Vec<_>>>()?;
        aisle_db::transact!(app.db, |tx| {
            let mut verdicts = judged(tx, work, &snapshot, &parsed).await?;
            let drafts = drafts(&verdicts);
            let mut opening = Vec::new();
            let mut version = snapshot.version();
            if !drafts.is_empty() {
                let operation =
                    Operation::by_name(work.store.id, &import.created_by, "product.import")
                        .on(format!("import {}", import.id));
                let report = catalog::save(tx, &snapshot, drafts, now, operation).await?;
                if report.version != version + 1 {
                    return Err(Error::Trouble(anyhow::Error::new(StaleCatalogue)));
                }
                version = report.version;
                opening = mark_applied(&mut verdicts, &report.ids, work, rows);
            }
            let (rows, step) = outcome(rows, &verdicts, version);
            let at_row = rows.last().map_or(import.at_row, |row| row.row_no);
            if !store::advance(tx, import, at_row, step).await? {
                return Err(Error::Trouble(anyhow::Error::new(LostImport)));
            }
            rows::record(tx, import.id, &rows).await?;
            let document = OpeningDocument {
                id: import.id,
                store: work.store.id,
                actor: import.created_by.clone(),
                note: import.file_name.clone(),
                at: now,
            };
            inventory::book_opening(tx, &document, &opening).await
        })
    }
}

type Verdict = Result<(ProductRow, Judged), Vec<Value>>;

fn parse(work: &Apply, row: &Row) -> Result<Result<ProductRow, Vec<Value>>> {
    let cells = row.cells()?;
    Ok(parse_row(&work.columns, &cells).map_err(|errors| field_errors(&errors)))
}

/// Judges the rows with everything they name made.
async fn judged(
    tx: &Tx,
    work: &Apply,
    snapshot: &Snapshot,
    parsed: &[Result<ProductRow, Vec<Value>>],
) -> Result<Vec<Verdict>> {
    let mut names = Names::load(tx).await?;
    let mut verdicts = Vec::with_capacity(parsed.len());
    for row in parsed {
        let verdict = match row {
            Err(errors) => Err(errors.clone()),
            Ok(row) => first_judged(work, snapshot, &names, row),
        };
        verdicts.push(match verdict {
            Err(errors) => Err(errors),
            Ok((row, judged)) => {
                names.make(tx, &row, judged.target.is_none()).await?;
                let known = known(work, snapshot, &names);
                judge(&row, known).map(|judged| (row, judged))
            }
        });
    }
    Ok(verdicts)
}

fn first_judged(work: &Apply, snapshot: &Snapshot, names: &Names, row: &ProductRow) -> Verdict {
    judge(row, known(work, snapshot, names)).map(|judged| (row.clone(), judged))
}

fn known<'a>(work: &'a Apply, snapshot: &'a Snapshot, names: &'a Names) -> Known<'a> {
    Known {
        columns: &work.columns,
        snapshot,
        names,
    }
}

fn drafts(verdicts: &[Verdict]) -> Vec<ProductDraft> {
    changing(verdicts)
        .map(|(_, judged)| judged.draft.clone())
        .collect()
}

/// The rows that write something, in order.
fn changing(verdicts: &[Verdict]) -> impl Iterator<Item = &(ProductRow, Judged)> {
    let good = verdicts.iter().filter_map(|verdict| verdict.as_ref().ok());
    good.filter(|(_, judged)| !judged.is_unchanged())
}

/// Gives the drafts their identities; answers the opening stock of new goods.
fn mark_applied(
    verdicts: &mut [Verdict],
    ids: &[ProductId],
    work: &Apply,
    rows: &[Row],
) -> Vec<OpeningLine> {
    let mut ids = ids.iter();
    let mut opening = Vec::new();
    for (verdict, stored) in verdicts.iter_mut().zip(rows) {
        let Ok((row, judged)) = verdict else { continue };
        if judged.is_unchanged() {
            continue;
        }
        judged.draft.id = ids.next().copied();
        let (None, Some(product)) = (&judged.target, judged.draft.id) else {
            continue;
        };
        for stock in &row.opening_stock {
            let location = match &stock.location {
                None => Some(work.store.floor),
                Some(name) => location_named(&work.store, name).map(LocationId),
            };
            let qty = Quantity::from_milli(stock.qty_milli);
            if let Some(location) = location
                && qty > Quantity::ZERO
            {
                opening.push(OpeningLine {
                    product,
                    location,
                    qty,
                    unit_cost: row
                        .cost_fen
                        .value()
                        .map_or(Money::ZERO, |fen| Money::from_fen(*fen)),
                    line: stored.row_no,
                });
            }
        }
    }
    opening
}

/// The rows as they are stored afterwards, and what they add to the import's numbers.
fn outcome(rows: &[Row], verdicts: &[Verdict], version: i64) -> (Vec<Row>, Step) {
    let mut step = Step::default();
    let rows = rows
        .iter()
        .zip(verdicts)
        .map(|(row, verdict)| {
            let mut row = row.clone();
            row.cells.clear();
            step.done += 1;
            let (_, judged) = match verdict {
                Ok(good) => good,
                Err(errors) => {
                    step.bad += 1;
                    step.good -= 1;
                    row.state = BAD.to_owned();
                    row.errors = json!(errors).to_string();
                    return row;
                }
            };
            row.product_id = judged.draft.id.map(ProductId::get);
            match &judged.before {
                None => {
                    step.created += 1;
                    row.state = NEW.to_owned();
                    row.version = Some(version);
                }
                Some(before) if before.is_empty() => {
                    step.unchanged += 1;
                    row.state = UNCHANGED.to_owned();
                }
                Some(before) => {
                    step.updated += 1;
                    row.state = CHANGED.to_owned();
                    row.version = Some(version);
                    row.before = Some(json!(before).to_string());
                }
            }
            row
        })
        .collect();
    (rows, step)
}
