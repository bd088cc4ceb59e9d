//! Reading the file and giving every row its verdict; the catalogue stays as it is.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

use aisle_domain::ids::{ProductId, StoreId};
use aisle_domain::product_sheet::{
    Columns, Field, FieldError, ProductRow, is_blank, parse_row, without_card_numbers,
};
use serde_json::{Value, json};

use crate::catalog::{Snapshot, Store};
use crate::{App, Error, Result, codes};

use super::draft::{Judged, Known, field_errors, judge, row_error};
use super::names::{Names, Unit, unit_of};
use super::rows::{self, Row};
use super::sheet::Sheet;
use super::store::{self, Import, State, Step, Turn};
use super::worker::Refusal;
use super::{BAD, CHANGED, NEW, Stopped, UNCHANGED, file_of};

/// Rows stored by one transaction.
const CHUNK_ROWS: usize = 5000;
/// A header stands in one of the first rows.
const HEADER_ROWS: usize = 10;

/// Columns that are read but have no place in the catalogue yet.
const NOT_STORED: [Field; 4] = [
    Field::Mnemonic,
    Field::Origin,
    Field::Note,
    Field::CartonUnit,
];

type Numbered = (i64, Vec<String>);

/// Why a check ends early.
enum End {
    Refused(Refusal),
    Failed(Error),
    Stopped,
}

impl From<Refusal> for End {
    fn from(refusal: Refusal) -> End {
        End::Refused(refusal)
    }
}

impl From<Error> for End {
    fn from(error: Error) -> End {
        End::Failed(error)
    }
}

/// Reads and judges the whole file.
pub(super) async fn check(app: &App, import: &mut Import) -> Result<Stopped> {
    let now = app.clock.now();
    let id = import.id;
    if !aisle_db::transact!(app.db, |tx| store::clear(tx, id).await)? {
        return Ok(Stopped::Early);
    }
    import.at_row = 0;
    let (to, turn) = match rows(app, import).await {
        Ok(sheet) => {
            let sheet = Some(sheet);
            (
                State::Checked,
                Turn {
                    sheet,
                    ..Turn::default()
                },
            )
        }
        Err(End::Refused(refusal)) => {
            let error = Some(super::bad_file(&refusal).to_string());
            (
                State::Failed,
                Turn {
                    error,
                    ..Turn::default()
                },
            )
        }
        Err(End::Failed(error)) => return Err(error),
        Err(End::Stopped) => return Ok(Stopped::Early),
    };
    let turn = Arc::new(turn);
    let turned = aisle_db::transact!(app.db, |tx| {
        let turn = Turn {
            sheet: turn.sheet.clone(),
            error: turn.error.clone(),
            ..Turn::default()
        };
        store::turn(tx, import, to, turn, now).await
    })?;
    Ok(if turned {
        Stopped::AtEnd
    } else {
        Stopped::Early
    })
}

/// Stores all rows; answers headers and warnings.
async fn rows(app: &App, import: &mut Import) -> Result<(String, String), End> {
    let program = app.config.worker_program().map_err(trouble)?;
    let mut sheet = Sheet::open(&program, &file_of(app, import.id)).map_err(trouble)?;
    let (headers, mut next) = top(&mut sheet).await?;
    let store = app.catalogue.store(StoreId(import.store_id));
    let store = store.ok_or_else(|| Error::code(&codes::NOT_FOUND))?;
    let places: Vec<String> = store
        .locations
        .iter()
        .map(|place| place.2.clone())
        .collect();
    let (columns, column_warnings) = Columns::with_locations(&headers, &places);
    let mut warnings = warnings(&columns, &store);
    let all = column_warnings
        .iter()
        .map(|one| serde_json::to_value(one).unwrap_or_default());
    warnings.splice(0..0, all);
    let mut checker = Checker {
        columns,
        snapshot: app.catalogue.products_full(),
        names: Names::load(app.db.read_fresh()).await?,
        seen: Seen::default(),
        stock_ignored: 0,
    };
    loop {
        let is_last = fill(&mut sheet, &mut next).await?;
        step(app, import, &mut checker, std::mem::take(&mut next)).await?;
        if is_last {
            break;
        }
    }
    if checker.stock_ignored > 0 {
        warnings.push(json!({ "code": "opening_stock_ignored", "rows": checker.stock_ignored }));
    }
    let headers = serde_json::to_string(&headers).map_err(anyhow::Error::from);
    Ok((
        headers.map_err(Error::from)?,
        Value::Array(warnings).to_string(),
    ))
}

fn trouble(error: std::io::Error) -> End {
    End::Failed(Error::Trouble(error.into()))
}

/// The header and the rows already read below it; what stands above it is no data.
async fn top(sheet: &mut Sheet) -> Result<(Vec<String>, Vec<Numbered>), End> {
    let mut first: Vec<Numbered> = Vec::new();
    while first.len() < HEADER_ROWS {
        match sheet.next().await? {
            Some(row) => first.push(row),
            None => break,
        }
    }
    let cells: Vec<Vec<String>> = first.iter().map(|row| row.1.clone()).collect();
    let header = Columns::find_header(&cells).ok_or_else(|| {
        let detail = "none of the first rows has a name or barcode column and another one we know";
        Refusal::new("no_header", detail)
    })?;
    let below = first.split_off(header + 1);
    Ok((first.swap_remove(header).1, below))
}

/// Reads until a chunk is full; whether the sheet has ended.
async fn fill(sheet: &mut Sheet, rows: &mut Vec<Numbered>) -> Result<bool, End> {
    while rows.len() < CHUNK_ROWS {
        match sheet.next().await? {
            Some(row) => rows.push(row),
            None => return Ok(true),
        }
    }
    Ok(false)
}

/// Judges and stores one chunk.
async fn step(
    app: &App,
    import: &mut Import,
    checker: &mut Checker,
    rows: Vec<Numbered>,
) -> Result<(), End> {
    if app.tasks.is_stopping() {
        return Err(End::Stopped);
    }
    let Some(at_row) = rows.last().map(|row| row.0) else {
        return Ok(());
    };
    let mut step = Step::default();
    let rows: Vec<Row> = rows
        .into_iter()
        .filter(|(_, cells)| !is_blank(cells))
        .map(|(number, cells)| checker.row(number, &cells, &mut step))
        .collect();
    let stored = aisle_db::transact!(app.db, |tx| {
        if !store::advance(tx, import, at_row, step).await? {
            return Ok(false);
        }
        rows::record(tx, import.id, &rows).await?;
        Ok::<_, Error>(true)
    })?;
    if !stored {
        return Err(End::Stopped);
    }
    import.at_row = at_row;
    Ok(())
}

fn warnings(columns: &Columns, store: &Store) -> Vec<Value> {
    let not_stored = NOT_STORED.into_iter().filter(|field| columns.has(*field));
    let unknown = columns
        .locations()
        .filter(|name| location_named(store, name).is_none());
    not_stored
        .map(|field| json!({ "code": "not_stored", "header": columns.column(field) }))
        .chain(unknown.map(|name| json!({ "code": "unknown_location", "header": name })))
        .collect()
}

/// The place of a store with this name.
pub(super) fn location_named(store: &Store, name: &str) -> Option<i64> {
    store
        .locations
        .iter()
        .find(|place| place.2 == name)
        .map(|place| place.0)
}

/// What has been seen in this file, and in which row first.
#[derive(Debug, Default)]
struct Seen {
    barcodes: HashMap<String, i64>,
    codes: HashMap<String, i64>,
    products: HashMap<ProductId, i64>,
}

struct Checker {
    columns: Columns,
    snapshot: Arc<Snapshot>,
    names: Names,
    seen: Seen,
    stock_ignored: i64,
}

impl Checker {
    fn row(&mut self, number: i64, cells: &[String], step: &mut Step) -> Row {
        let verdict = self.verdict(number, cells);
        step.total += 1;
        step.done += 1;
        step.good += i64::from(verdict.is_ok());
        let (state, product, errors) = match verdict {
            Err(errors) => {
                step.bad += 1;
                (BAD, None, errors)
            }
            Ok(judged) => {
                let (state, count) = match &judged.target {
                    None => (NEW, &mut step.created),
                    Some(_) if judged.is_unchanged() => (UNCHANGED, &mut step.unchanged),
                    Some(_) => (CHANGED, &mut step.updated),
                };
                *count += 1;
                let product = judged.target.map(|target| target.id.get());
                (state, product, Vec::new())
            }
        };
        Row {
            row_no: number,
            state: state.to_owned(),
            cells: json!(without_card_numbers(&self.columns, cells)).to_string(),
            errors: Value::Array(errors).to_string(),
            product_id: product,
            before: None,
            version: None,
        }
    }

    fn verdict(&mut self, number: i64, cells: &[String]) -> Result<Judged, Vec<Value>> {
        let row = parse_row(&self.columns, cells)
            .map_err(|errors: Vec<FieldError>| field_errors(&errors))?;
        let known = Known {
            columns: &self.columns,
            snapshot: &self.snapshot,
            names: &self.names,
        };
        let judged = judge(&row, known)?;
        self.seen
            .refuse_again(&self.columns, number, &row, &judged)?;
        if judged.target.is_none() {
            let weighed = row.weighed.value() == Some(&true);
            let id = 0;
            self.names.expect_unit(unit_of(&row), Unit { id, weighed });
        } else if !row.opening_stock.is_empty() {
            self.stock_ignored += 1;
        }
        Ok(judged)
    }
}

impl Seen {
    /// The later of two rows about one thing is wrong.
    fn refuse_again(
        &mut self,
        columns: &Columns,
        number: i64,
        row: &ProductRow,
        judged: &Judged,
    ) -> Result<(), Vec<Value>> {
        let extra = row.extra_barcodes.value().into_iter().flatten();
        let barcodes = (row
            .barcode
            .value()
            .map(|one| (Field::Barcode, one))
            .into_iter())
        .chain(extra.map(|one| (Field::ExtraBarcodes, one)))
        .chain(
            row.carton_barcode
                .value()
                .map(|one| (Field::CartonBarcode, one)),
        );
        let mut errors = Vec::new();
        let mut again = |field, value: &str, first: i64| {
            let mut error = row_error(columns, field, "duplicate_in_file", value);
            error["row"] = json!(first);
            errors.push(error);
        };
        for (field, barcode) in barcodes {
            match self.barcodes.entry(barcode.as_str().to_owned()) {
                Entry::Occupied(first) => again(field, barcode.as_str(), *first.get()),
                Entry::Vacant(place) => {
                    place.insert(number);
                }
            }
        }
        if let Some(code) = row.code.value() {
            let first = *self.codes.entry(code.clone()).or_insert(number);
            if first != number {
                again(Field::Code, code, first);
            }
        }
        if errors.is_empty()
            && let Some(target) = &judged.target
            && let Some(first) = self.products.insert(target.id, number)
        {
            let field = if row.code.value().is_some() {
                Field::Code
            } else {
                Field::Barcode
            };
            let mut error = row_error(columns, field, "duplicate_in_file", &target.code);
            error["row"] = json!(first);
            errors.push(error);
        }
        if errors.is_empty() {
            Ok(())
        } else {
            Err(errors)
        }
    }
}

/// The sheet's columns again, from what the import keeps.
pub(super) fn columns_of(app: &App, import: &Import) -> Result<(Columns, Arc<Store>)> {
    let store = app.catalogue.store(StoreId(import.store_id));
    let store = store.ok_or_else(|| Error::code(&codes::NOT_FOUND))?;
    let places: Vec<String> = store
        .locations
        .iter()
        .map(|place| place.2.clone())
        .collect();
    let (columns, _) = Columns::with_locations(&import.headers()?, &places);
    Ok((columns, store))
}
