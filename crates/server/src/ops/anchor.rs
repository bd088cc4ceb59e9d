//! Anchors of the operation log: each day its newest entry is written into a file beside the database.
//!
//! A chain tells when an entry in it changes, but not when its end is cut off and the counter set back.
//! Whoever does that would also have to change a file that a backup may have copied.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use aisle_db::{Db, FromQueryResult, Sql};
use anyhow::Context as _;

use crate::{App, Result};

/// The day it was written, and the newest entry then.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Anchor {
    day: String,
    id: i64,
    hash: String,
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

/// The first anchor whose entry is not there as it was.
pub(super) async fn first_lost(db: &Db, data_dir: &Path) -> Result<Option<String>> {
    for anchor in read(&file(data_dir))? {
        let there: Option<Newest> = Sql::new("SELECT id, hash FROM operation_log WHERE id = ")
            .arg(anchor.id)
            .one(db.read_fresh())
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
