//! Taking a file in: it is kept on disk before anybody is told so.

use std::path::Path;

use aisle_domain::ids::StoreId;
use axum::extract::multipart::{Field, Multipart};
use serde_json::json;
use tokio::fs::File;
use tokio::io::AsyncWriteExt as _;
use uuid::Uuid;

use crate::clock::new_uuid;
use crate::ops::{self, Operation};
use crate::{App, Error, Result, codes};

use super::file_of;
use super::store::{self, Import};

/// Bytes of a file.
pub(super) const FILE_MAX: u64 = 32 * 1024 * 1024;
const NAME_CHARS_MAX: usize = 100;

/// A file that is on disk under its import's id.
#[derive(Debug)]
pub(super) struct Received {
    pub(super) id: Uuid,
    pub(super) name: String,
    pub(super) bytes: u64,
}

/// Receives the parts of a form: `file` and `kind`.
pub(super) async fn receive(app: &App, mut form: Multipart) -> Result<Received> {
    let mut received = None;
    let mut kind = None;
    let taken = async {
        while let Some(part) = form.next_field().await.map_err(|e| broken(&e))? {
            match part.name().unwrap_or_default() {
                "file" if received.is_none() => received = Some(keep(app, part).await?),
                "kind" => kind = Some(part.text().await.map_err(|e| broken(&e))?),
                other => return Err(Error::invalid(other, "not a part of this call")),
            }
        }
        match kind.as_deref() {
            Some("products") => Ok(()),
            _ => Err(Error::invalid("kind", "products")),
        }
    }
    .await;
    match (taken, received) {
        (Ok(()), Some(received)) => Ok(received),
        (Ok(()), None) => Err(Error::invalid("file", "needed")),
        (Err(error), None) => Err(error),
        (Err(error), Some(received)) => {
            forget(&file_of(app, received.id)).await;
            Err(error)
        }
    }
}

/// The same for a file that is on this machine.
pub async fn take_file(app: &App, file: &Path, store: StoreId, actor: &str) -> Result<Import> {
    let id = new_uuid();
    let trouble = |error: std::io::Error| {
        let context = format!("{} cannot be taken in", file.display());
        Error::Trouble(anyhow::Error::new(error).context(context))
    };
    tokio::fs::create_dir_all(app.config.imports_dir())
        .await
        .map_err(trouble)?;
    let bytes = tokio::fs::copy(file, file_of(app, id))
        .await
        .map_err(trouble)?;
    if bytes > FILE_MAX {
        forget(&file_of(app, id)).await;
        return Err(Error::code(&codes::BODY_TOO_LARGE));
    }
    let name = file.file_name().map(|name| name.to_string_lossy());
    let received = Received {
        id,
        name: shown_name(&name.unwrap_or_default()),
        bytes,
    };
    let operation = Operation::by_name(store, actor, "import.upload");
    begin(app, received, (store, actor), operation).await
}

/// Stores the import of a file that is here.
pub(super) async fn begin(
    app: &App,
    received: Received,
    (store, actor): (StoreId, &str),
    operation: Operation,
) -> Result<Import> {
    let now = app.clock.now();
    let import = store::fresh(received.id, store, actor, &received.name, now);
    let operation = operation
        .on(format!("import {}", received.id))
        .detail(json!({ "file_name": received.name, "bytes": received.bytes }));
    aisle_db::transact!(app.db, |tx| {
        store::insert(tx, &import).await?;
        ops::record(tx, now, operation.clone()).await
    })?;
    Ok(import)
}

async fn keep(app: &App, mut part: Field<'_>) -> Result<Received> {
    let id = new_uuid();
    let path = file_of(app, id);
    let name = shown_name(part.file_name().unwrap_or_default());
    let written = async {
        tokio::fs::create_dir_all(app.config.imports_dir()).await?;
        let mut file = File::create(&path).await?;
        let mut bytes = 0;
        loop {
            let chunk = match part.chunk().await {
                Ok(Some(chunk)) => chunk,
                Ok(None) => break,
                Err(error) => return Ok(Err(broken(&error))),
            };
            bytes += u64::try_from(chunk.len()).unwrap_or(u64::MAX);
            if bytes > FILE_MAX {
                return Ok(Err(Error::code(&codes::BODY_TOO_LARGE)));
            }
            file.write_all(&chunk).await?;
        }
        file.sync_all().await?;
        Ok::<_, std::io::Error>(Ok(bytes))
    }
    .await;
    match written.map_err(|error| Error::Trouble(error.into())) {
        Ok(Ok(bytes)) => Ok(Received { id, name, bytes }),
        Ok(Err(error)) | Err(error) => {
            forget(&path).await;
            Err(error)
        }
    }
}

async fn forget(path: &Path) {
    if let Err(error) = tokio::fs::remove_file(path).await {
        tracing::debug!(%error, "a refused file stays");
    }
}

fn broken(error: &axum::extract::multipart::MultipartError) -> Error {
    crate::http::body_error(error.status())
}

/// The last part of what the sender calls the file, printable.
fn shown_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    last.chars()
        .filter(|ch| !ch.is_control())
        .take(NAME_CHARS_MAX)
        .collect()
}
