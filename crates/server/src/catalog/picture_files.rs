//! Keeping pictures: putting one on a product, taking it off, handing it out.
//!
//! Promises: a product never names a file that is not there; at most two pictures are decoded at a
//! time. Files stay when products let go of them, so that undoing finds them again.

use std::fs;
use std::io::Write as _;
use std::path::Path;

use aisle_domain::ids::ProductId;
use aisle_domain::product_sheet::Cell;
use anyhow::Context as _;
use tokio::sync::Semaphore;

use crate::clock::new_uuid;
use crate::http::Actor;
use crate::ops::Operation;
use crate::{App, Error, Result, codes};

use super::draft::ProductDraft;
use super::picture::{self, Picture, PictureName};
use super::product;

/// Decoding may take 200 MB each.
static DECODING: Semaphore = Semaphore::const_new(2);

/// Puts a picture on a product.
pub(super) async fn put(app: &App, actor: &Actor, id: ProductId, bytes: Vec<u8>) -> Result<()> {
    let folder = app.config.pictures_dir();
    let _permit = DECODING.acquire().await.map_err(anyhow::Error::from)?;
    let kept = tokio::task::spawn_blocking(move || {
        let Some(picture) = picture::read(&bytes) else {
            return Ok(None);
        };
        keep(&folder, &picture)?;
        anyhow::Ok(Some(picture.name.full()))
    })
    .await;
    let name = match kept {
        Ok(kept) => kept?,
        Err(error) => {
            tracing::warn!(%error, "a picture broke its decoder");
            None
        }
    };
    let name = name.ok_or_else(|| Error::code(&codes::BAD_PICTURE))?;
    change(app, actor, id, Cell::Set(name)).await
}

/// Takes the picture off a product.
pub(super) async fn remove(app: &App, actor: &Actor, id: ProductId) -> Result<()> {
    change(app, actor, id, Cell::Clear).await
}

/// A picture's bytes.
pub(super) async fn find(app: &App, name: &PictureName, thumb: bool) -> Result<Option<Vec<u8>>> {
    let file = if thumb { name.thumb() } else { name.full() };
    let path = app.config.pictures_dir().join(file);
    match tokio::fs::read(&path).await {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(anyhow::Error::from(error)
            .context("reading a picture")
            .into()),
    }
}

async fn change(app: &App, actor: &Actor, id: ProductId, picture: Cell<String>) -> Result<()> {
    let draft = ProductDraft {
        id: Some(id),
        picture,
        ..ProductDraft::default()
    };
    let operation = Operation::of(actor, "product.picture").on(format!("product {id}"));
    product::save_and_announce(app, vec![draft], operation).await?;
    Ok(())
}

fn keep(folder: &Path, picture: &Picture) -> anyhow::Result<()> {
    fs::create_dir_all(folder).context("making the folder of pictures")?;
    write(folder, &picture.name.thumb(), &picture.thumb)?;
    write(folder, &picture.name.full(), &picture.full)
}

/// Writes a file so that it is whole or not there.
fn write(folder: &Path, name: &str, bytes: &[u8]) -> anyhow::Result<()> {
    let path = folder.join(name);
    if path.exists() {
        return Ok(());
    }
    let part = folder.join(format!("{name}.{}.part", new_uuid().simple()));
    let written = fs::File::create(&part)
        .and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()))
        .and_then(|()| fs::rename(&part, &path));
    if written.is_err()
        && let Err(error) = fs::remove_file(&part)
    {
        tracing::debug!(%error, "a part of a picture stays");
    }
    written.context("writing a picture")
}
