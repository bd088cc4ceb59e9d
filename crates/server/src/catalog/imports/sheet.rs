//! The server's side of reading a file: the worker process, its lines, and the wall clock.
//!
//! Promises: whatever the worker does — dies, hangs, writes nonsense — ends in a [`Refusal`] of the
//! file, and the worker never outlives the reading.

use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader};
use tokio::process::{Child, ChildStdout, Command};
use tokio::time::Instant;

use super::worker::{LINE_MAX, Line, ROWS_MAX, Refusal};

/// Reading may take this long, however busy the machine is.
const READING_MAX: Duration = Duration::from_secs(60);

/// A file being read.
#[derive(Debug)]
pub(super) struct Sheet {
    child: Child,
    lines: BufReader<ChildStdout>,
    deadline: Instant,
    rows: i64,
    ended: bool,
}

impl Sheet {
    /// Starts a worker on `file`.
    pub(super) fn open(program: &Path, file: &Path) -> std::io::Result<Sheet> {
        let mut child = Command::new(program)
            .arg("import-worker")
            .arg(file)
            .env_clear()
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()?;
        let stdout = child.stdout.take();
        let stdout = stdout.ok_or_else(|| std::io::Error::other("the worker has no output"))?;
        Ok(Sheet {
            child,
            lines: BufReader::with_capacity(64 * 1024, stdout),
            deadline: Instant::now() + READING_MAX,
            rows: 0,
            ended: false,
        })
    }

    /// The next row and its number; `None`, ever after, when the sheet has ended well.
    pub(super) async fn next(&mut self) -> Result<Option<(i64, Vec<String>)>, Refusal> {
        if self.ended {
            return Ok(None);
        }
        let next = tokio::time::timeout_at(self.deadline, self.next_line()).await;
        let late = || Refusal::new("too_slow", "reading the file took too long");
        match next.map_err(|_| late())?? {
            Line::Row(number, cells) if self.rows < ROWS_MAX => {
                self.rows += 1;
                Ok(Some((number, cells)))
            }
            Line::End(rows) if rows == self.rows => {
                self.ended = true;
                Ok(None)
            }
            Line::Refused(refusal) => Err(refusal),
            Line::Row(..) | Line::End(_) => Err(nonsense()),
        }
    }

    async fn next_line(&mut self) -> Result<Line, Refusal> {
        let mut line = Vec::new();
        let limit = u64::try_from(LINE_MAX).unwrap_or(u64::MAX);
        let read = (&mut self.lines)
            .take(limit)
            .read_until(b'\n', &mut line)
            .await;
        read.map_err(|error| Refusal::new("trouble", error))?;
        if line.last() != Some(&b'\n') {
            if line.len() == LINE_MAX {
                return Err(nonsense());
            }
            let ended = self.child.wait().await;
            return Err(died(ended.ok()));
        }
        serde_json::from_slice(&line).map_err(|_| nonsense())
    }
}

fn nonsense() -> Refusal {
    Refusal::new("trouble", "the reading process does not make sense")
}

/// The worker ended without its last line: the file wanted more than it may have.
fn died(status: Option<ExitStatus>) -> Refusal {
    let how = status.map_or_else(|| "unknown".to_owned(), |status| status.to_string());
    let detail = format!("reading the file took more memory or time than it may have ({how})");
    Refusal::new("too_large", detail)
}
