//! Which column of a sheet holds which field.

use serde::Serialize;

use super::field::{Field, READ_ONLY_HEADERS, STOCK_HEADERS, field_of};
use super::{FieldError, FieldProblem};
use crate::half_width::half_width;

/// The columns of one sheet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Columns {
    headers: Vec<String>,
    fields: Vec<(Field, usize)>,
    stock: Vec<(Option<String>, usize)>,
}

/// A column that is not read. None of them stops the import.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum ColumnWarning {
    UnknownColumn {
        header: String,
    },
    /// Two columns mean the same field; `kept` is the one that is read.
    DuplicateColumn {
        header: String,
        kept: String,
    },
}

impl Columns {
    /// Finds the fields of a header row.
    pub fn from_headers(headers: &[String]) -> (Columns, Vec<ColumnWarning>) {
        Columns::with_locations(headers, &[])
    }

    /// The same; a column headed by the name of one of `locations` holds its opening stock, as in
    /// jshERP sheets.
    pub fn with_locations(
        headers: &[String],
        locations: &[String],
    ) -> (Columns, Vec<ColumnWarning>) {
        let mut columns = Columns {
            headers: headers.iter().map(|header| shown(header)).collect(),
            fields: Vec::new(),
            stock: Vec::new(),
        };
        let mut warnings = Vec::new();
        for at in 0..headers.len() {
            let header = columns.headers[at].clone();
            if header.is_empty() {
                continue;
            }
            if let Some((field, rank)) = field_of(&key(&header)) {
                warnings.extend(columns.keep(field, at, rank));
            } else if let Some(location) = location_of(&header, locations) {
                warnings.extend(columns.keep_stock(location, at));
            } else if !READ_ONLY_HEADERS.contains(&key(&header).as_str()) {
                warnings.push(ColumnWarning::UnknownColumn { header });
            }
        }
        (columns, warnings)
    }

    /// Which of the first rows is the header: the first with a name or a barcode column
    /// and one field more. Sheets of jshERP have a notice above it.
    pub fn find_header(rows: &[Vec<String>]) -> Option<usize> {
        rows.iter().take(10).position(|row| {
            let (columns, _) = Columns::from_headers(row);
            let named = columns.has(Field::Name) || columns.has(Field::Barcode);
            named && columns.fields.len() >= 2
        })
    }

    /// Whether the sheet has the field.
    pub fn has(&self, field: Field) -> bool {
        self.at(field).is_some()
    }

    /// The column as the sheet names it, or the field's own name when the sheet has none.
    pub fn column(&self, field: Field) -> &str {
        self.at(field).map_or(field.key(), |at| self.header(at))
    }

    /// The locations whose opening stock the sheet names.
    pub fn locations(&self) -> impl Iterator<Item = &str> {
        self.stock
            .iter()
            .filter_map(|(location, _)| location.as_deref())
    }

    /// Whether further barcodes are headed 副条码 and the sheet has no carton barcodes, so that
    /// beside a ratio they are the cartons'.
    pub(super) fn has_sub_barcode(&self) -> bool {
        let header = self.at(Field::ExtraBarcodes).map(|at| key(self.header(at)));
        header.as_deref() == Some("副条码") && !self.has(Field::CartonBarcode)
    }

    pub(super) fn at(&self, field: Field) -> Option<usize> {
        self.fields
            .iter()
            .find(|(one, _)| *one == field)
            .map(|(_, at)| *at)
    }

    pub(super) fn stock(&self) -> &[(Option<String>, usize)] {
        &self.stock
    }

    pub(super) fn header(&self, at: usize) -> &str {
        self.headers.get(at).map_or("", String::as_str)
    }

    /// An error of a field without a value.
    pub(super) fn problem(&self, field: Field, problem: FieldProblem) -> FieldError {
        FieldError {
            column: self.column(field).to_owned(),
            problem,
            value: String::new(),
        }
    }

    fn keep(&mut self, field: Field, at: usize, rank: usize) -> Option<ColumnWarning> {
        let headers = &self.headers;
        let Some((_, before)) = self.fields.iter_mut().find(|(one, _)| *one == field) else {
            self.fields.push((field, at));
            return None;
        };
        let better =
            field_of(&key(&headers[*before])).is_some_and(|(_, rank_before)| rank < rank_before);
        let (kept, dropped) = if better { (at, *before) } else { (*before, at) };
        *before = kept;
        Some(duplicate(headers, dropped, kept))
    }

    fn keep_stock(&mut self, location: Option<String>, at: usize) -> Option<ColumnWarning> {
        if let Some((_, before)) = self.stock.iter().find(|(one, _)| *one == location) {
            return Some(duplicate(&self.headers, at, *before));
        }
        self.stock.push((location, at));
        None
    }
}

fn duplicate(headers: &[String], dropped: usize, kept: usize) -> ColumnWarning {
    let (header, kept) = (headers[dropped].clone(), headers[kept].clone());
    ColumnWarning::DuplicateColumn { header, kept }
}

// A header as it is shown in messages: what the file's encoding and Excel added is gone.
fn shown(header: &str) -> String {
    half_width(header).replace('\u{FEFF}', "").trim().to_owned()
}

fn key(header: &str) -> String {
    let without_unit = match header.rfind('(') {
        Some(at) if at > 0 && header.ends_with([')', '*']) => &header[..at],
        _ => header,
    };
    without_unit
        .chars()
        .filter(|ch| !ch.is_whitespace() && !matches!(ch, '*' | '_' | '-' | '"'))
        .flat_map(char::to_lowercase)
        .collect()
}

// `Some(None)` is the opening stock of the store's own location.
fn location_of(header: &str, locations: &[String]) -> Option<Option<String>> {
    if STOCK_HEADERS.contains(&key(header).as_str()) {
        return Some(None);
    }
    let named = ["location_", "期初库存_", "期初库存:", "库存_", "库存:"]
        .into_iter()
        .find_map(|start| without_start(header, start))
        .map(str::trim)
        .filter(|name| !name.is_empty());
    let listed = || {
        locations
            .iter()
            .map(String::as_str)
            .find(|name| shown(name) == header)
    };
    named.or_else(listed).map(|name| Some(name.to_owned()))
}

fn without_start<'a>(header: &'a str, start: &str) -> Option<&'a str> {
    let head = header.get(..start.len())?;
    head.eq_ignore_ascii_case(start)
        .then(|| &header[start.len()..])
}
