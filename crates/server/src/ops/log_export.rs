//! The operation log as a sheet: what the list shows, each entry in one row.

use std::collections::HashMap;

use aisle_domain::ids::StoreId;
use aisle_domain::time::Instant;
use anyhow::Context as _;
use chrono_tz::Tz;
use serde_json::Value as Json;
use tokio::sync::Semaphore;

use crate::sheet::{Language, SheetFormat, Value};
use crate::{App, Error, Result, codes};

use super::log::{self, Found, Wanted};

/// A long sheet takes a processor for some seconds.
static EXPORTING: Semaphore = Semaphore::const_new(1);
/// Rows of one sheet; more are for several, each of a shorter time.
const ROWS_MAX: usize = 100_000;
const PAGE: usize = 2000;

/// Titles in Chinese and English.
const COLUMNS: [(&str, &str); 11] = [
    ("编号", "no"),
    ("时间", "time"),
    ("门店", "store"),
    ("操作人", "actor"),
    ("授权人", "approver"),
    ("终端", "terminal"),
    ("操作", "action"),
    ("对象", "target"),
    ("变更", "changes"),
    ("明细", "detail"),
    ("校验值", "hash"),
];

/// Writes everything that is asked for; answers the file's name and bytes.
pub(super) async fn export(
    app: &App,
    store: StoreId,
    wanted: &Wanted,
    (format, language): (SheetFormat, Language),
) -> Result<(String, Vec<u8>)> {
    let store = app
        .catalogue
        .store(store)
        .ok_or_else(|| Error::code(&codes::NOT_FOUND))?;
    let _permit = EXPORTING.acquire().await.map_err(anyhow::Error::from)?;
    let rows = all(app, wanted).await?;
    let names: HashMap<i64, String> = app
        .catalogue
        .stores()
        .iter()
        .map(|store| (store.id.get(), store.name.clone()))
        .collect();
    let bytes = tokio::task::spawn_blocking(move || {
        let titles: Vec<&str> = COLUMNS
            .iter()
            .map(|(chinese, english)| match language {
                Language::Chinese => *chinese,
                Language::English => *english,
            })
            .collect();
        let cells = rows.iter().map(|row| cells(row, store.zone, &names));
        format.write(&titles, cells)
    })
    .await
    .context("writing a sheet")??;
    let day = app.clock.now().to_rfc3339()[..10].replace('-', "");
    Ok((format!("operations-{day}.{}", format.extension()), bytes))
}

async fn all(app: &App, wanted: &Wanted) -> Result<Vec<Found>> {
    let mut rows = Vec::new();
    let mut before = None;
    loop {
        let (more, next) = log::page(app.db.read(), wanted, before, PAGE).await?;
        rows.extend(more);
        if rows.len() > ROWS_MAX {
            return Err(Error::invalid(
                "from",
                "more than 100000 rows: ask for less time",
            ));
        }
        match next {
            Some(_) => before = next,
            None => return Ok(rows),
        }
    }
}

fn cells(row: &Found, zone: Tz, stores: &HashMap<i64, String>) -> Vec<Value> {
    let text = |text: &str| Value::Text(text.to_owned());
    vec![
        Value::Whole(row.id),
        Value::Text(Instant(row.at).local(zone)),
        text(stores.get(&row.store_id).map_or("", String::as_str)),
        text(&row.actor),
        text(row.approver.as_deref().unwrap_or_default()),
        text(row.terminal.as_deref().unwrap_or_default()),
        text(&row.action),
        text(&row.target),
        Value::Text(changes(&row.detail)),
        text(if row.detail == "null" {
            ""
        } else {
            &row.detail
        }),
        text(row.hash.as_deref().unwrap_or_default()),
    ]
}

/// `price_fen: 300 → 350; name: …`, of the thing or of each thing that changed.
fn changes(detail: &str) -> String {
    let Ok(detail) = serde_json::from_str::<Json>(detail) else {
        return String::new();
    };
    let mut lines = Vec::new();
    let items = detail["items"].as_array();
    for thing in std::iter::once(&detail).chain(items.into_iter().flatten()) {
        let fields: Vec<String> = thing["changes"]
            .as_object()
            .into_iter()
            .flatten()
            .map(|(name, pair)| format!("{name}: {} → {}", plain(&pair[0]), plain(&pair[1])))
            .collect();
        if fields.is_empty() {
            continue;
        }
        let name = thing["name"].as_str().map(|name| format!("{name}: "));
        lines.push(name.unwrap_or_default() + &fields.join("; "));
    }
    lines.join("\n")
}

fn plain(value: &Json) -> String {
    match value {
        Json::Null => "–".to_owned(),
        Json::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_changed_is_said_of_each_thing() {
        let detail = r#"{"count":2,"items":[{"name":"可乐","changes":{"price_fen":[300,350]}},
            {"name":"水","changes":{"state":[null,"new"],"tags":[[],[1]]}}]}"#;
        assert_eq!(
            changes(detail),
            "可乐: price_fen: 300 → 350\n水: state: – → new; tags: [] → [1]"
        );
        assert_eq!(changes("null"), "");
    }
}
