//! Anchors of the operation log: each day its newest entry is written into a file beside the database.
//!
//! A chain tells when an entry in it changes, but not when its end is cut off and the counter set back.
//! Whoever does that would also have to change a file that a backup may have copied.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use aisle_db::{FromQueryResult, Sql};
use anyhow::Context as _;

use crate::{App, Result};

use super::cut;

/// The day it was written, and the newest entry then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Anchor {
    pub(super) day: String,
    pub(super) id: i64,
    pub(super) hash: String,
}

#[derive(Debug, FromQueryResult)]
struct Newest {
    id: i64,
    hash: String,
}

/// Where they are.
pub fn file(data_dir: &Path) -> PathBuf {
    data_dir.join("anchors").join("operation-log.csv")
}

/// Writes the anchor of today (in UTC) unless there is one; answers whether it wrote.
pub async fn drop_anchor(app: &App) -> Result<bool> {
    let day = app.clock.now().to_rfc3339()[..10].to_owned();
    let path = file(&app.config.data_dir);
    if read(&path)?.last().is_some_and(|last| last.day >= day) {
        return Ok(false);
    }
    let newest: Option<Newest> =
        Sql::new("SELECT id, hash FROM operation_log ORDER BY id DESC LIMIT 1")
            .one(app.db.read_fresh())
            .await?;
    let Some(Newest { id, hash }) = newest else {
        return Ok(false);
    };
    let anchor = Anchor { day, id, hash };
    tokio::task::spawn_blocking(move || append(&path, &anchor))
        .await
        .context("writing an anchor")??;
    Ok(true)
}

/// All of them, the oldest first.
pub(super) fn all(data_dir: &Path) -> Result<Vec<Anchor>> {
    Ok(read(&file(data_dir))?)
}

/// The first anchor whose entry is not there as it was, or what is wrong with how the log was cut. Entries
/// before a cut are not there, and need not be.
pub(super) async fn first_lost(app: &App) -> Result<Option<String>> {
    let reader = app.db.read_fresh();
    let anchors = all(&app.config.data_dir)?;
    let cut = cut::last(reader).await?;
    let mut begin = 0;
    if let Some(cut) = cut {
        begin = cut.last_id;
        let fault = cut.fault(&anchors, app.clock.now());
        if fault.is_some() {
            return Ok(fault);
        }
        if !cut::is_recorded(reader, &cut).await? {
            let fault = format!("the log was cut at entry {begin}, and no entry says so");
            return Ok(Some(fault));
        }
    }
    for anchor in anchors.into_iter().filter(|anchor| anchor.id > begin) {
        let there: Option<Newest> = Sql::new("SELECT id, hash FROM operation_log WHERE id = ")
            .arg(anchor.id)
            .one(reader)
            .await?;
        let what = match there {
            Some(entry) if entry.hash == anchor.hash => continue,
            Some(_) => "is another one",
            None => "is missing",
        };
        let (id, day) = (anchor.id, anchor.day);
        return Ok(Some(format!("entry {id}, anchored on {day}, {what}")));
    }
    Ok(None)
}

fn read(path: &Path) -> anyhow::Result<Vec<Anchor>> {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(error).with_context(|| path.display().to_string()),
    };
    text.lines()
        .map(|line| parse(line).with_context(|| format!("{}: {line}", path.display())))
        .collect()
}

fn parse(line: &str) -> Option<Anchor> {
    let mut cells = line.split(',');
    let (day, id, hash) = (cells.next()?, cells.next()?, cells.next()?);
    Some(Anchor {
        day: day.to_owned(),
        id: id.parse().ok()?,
        hash: hash.to_owned(),
    })
}

/// The line is on the disk when this answers.
fn append(path: &Path, anchor: &Anchor) -> anyhow::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder)?;
    let mut file = std::fs::OpenOptions::new()
        .create(true)
        .append(true)
        .open(path)?;
    file.write_all(format!("{},{},{}\n", anchor.day, anchor.id, anchor.hash).as_bytes())?;
    file.sync_all()?;
    std::fs::File::open(folder)?.sync_all()?;
    Ok(())
}
