//! Loading a file in the foreground: the same steps as over HTTP, with a summary.

use std::path::Path;

use aisle_domain::ids::StoreId;

use crate::catalog::imports::{self, Import, ImportView, State};
use crate::clock::Clock;
use crate::config::Config;
use crate::ops::Operation;
use crate::{App, Error};

const ACTOR: &str = "command line";

/// What is asked for.
pub(super) struct Wanted<'a> {
    pub(super) kind: &'a str,
    pub(super) file: &'a Path,
    pub(super) store: i64,
    pub(super) apply: bool,
}

/// Checks a file and, when asked to, applies it. Whether all of it could be read and written.
pub(super) async fn import(config: Config, wanted: Wanted<'_>) -> anyhow::Result<bool> {
    anyhow::ensure!(wanted.kind == "products", "the kind is products");
    let store = StoreId(wanted.store);
    let app = App::start(config, Clock::System).await?;
    anyhow::ensure!(
        app.catalogue.store(store).is_some(),
        "there is no store {store}"
    );
    let failed = |error: Error| anyhow::anyhow!(error);
    let import = imports::take_file(&app, wanted.file, store, ACTOR)
        .await
        .map_err(failed)?;
    let mut import = imports::work(&app, import).await.map_err(failed)?;
    if wanted.apply && import.state().map_err(failed)? == State::Checked {
        let operation = Operation::by_name(store, ACTOR, "import.apply");
        let begun = imports::begin_apply(&app, &import, operation)
            .await
            .map_err(failed)?;
        import = imports::work(&app, begun).await.map_err(failed)?;
    }
    summary(&import)?;
    Ok(import.state().map_err(failed)? != State::Failed)
}

fn summary(import: &Import) -> anyhow::Result<()> {
    let view = ImportView::of(import).map_err(|error| anyhow::anyhow!(error))?;
    super::say(&serde_json::to_string_pretty(&view)?);
    Ok(())
}
