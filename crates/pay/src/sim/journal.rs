//! What survives a restart: one line for each change, whole or not at all.
//!
//! A line holds everything one call changed, so a process that is killed leaves either the state before it or after
//! it. A last line that was cut off is dropped: nobody was answered. On a start the file is written anew, as short as
//! it can be, and put in the old one's place.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::sim::SimError;
use crate::sim::ledger::Movement;
use crate::sim::notice::Notice;
use crate::sim::scenario::Plans;
use crate::sim::trade::Trade;

/// What one call changed.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Change {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) trades: Vec<Trade>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) movements: Vec<Movement>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) notices: Vec<Notice>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) plans: Option<Plans>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) advance_ms: Option<i64>,
}

/// The file.
#[derive(Debug)]
pub(crate) struct Journal {
    file: File,
    path: PathBuf,
}

impl Journal {
    /// Everything written so far, oldest first.
    pub(crate) fn read(path: &Path) -> Result<Vec<Change>, SimError> {
        if !path.exists() {
            return Ok(Vec::new());
        }
        let text = std::fs::read(path).map_err(|error| SimError::file(path, error))?;
        let mut changes = Vec::new();
        // What follows the last line break is a line that was cut off, or nothing.
        let whole = text.iter().rposition(|byte| *byte == b'\n').unwrap_or(0);
        for (index, line) in text[..whole].split(|byte| *byte == b'\n').enumerate() {
            if line.is_empty() {
                continue;
            }
            let change = serde_json::from_slice(line).map_err(|error| {
                SimError::unreadable(path, format!("line {}: {error}", index + 1))
            })?;
            changes.push(change);
        }
        Ok(changes)
    }

    /// Begins a file that holds `all` and nothing else.
    pub(crate) fn begin(path: &Path, all: &Change) -> Result<Journal, SimError> {
        let beside = path.with_extension("new");
        let io = |error| SimError::file(path, error);
        let mut file = File::create(&beside).map_err(io)?;
        file.write_all(&line(all)).map_err(io)?;
        file.sync_all().map_err(io)?;
        std::fs::rename(&beside, path).map_err(io)?;
        Ok(Journal {
            file,
            path: path.to_owned(),
        })
    }

    /// Adds a change, in one write.
    pub(crate) fn append(&mut self, change: &Change) -> Result<(), SimError> {
        let written = self.file.write_all(&line(change));
        written.map_err(|error| SimError::file(&self.path, error))
    }
}

fn line(change: &Change) -> Vec<u8> {
    let mut line = serde_json::to_vec(change).expect("a change is plain data");
    line.push(b'\n');
    line
}
