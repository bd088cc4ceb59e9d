//! Generated files that are committed: the OpenAPI document and the whole schema of both engines.

use std::path::{Path, PathBuf};

use anyhow::Context;

/// Writes them, or says whether they are current.
pub(crate) fn run(check: bool) -> anyhow::Result<bool> {
    let mut current = true;
    for (path, text) in files()? {
        let there = std::fs::read_to_string(&path).unwrap_or_default();
        if there == text {
            continue;
        }
        if check {
            crate::say(&format!(
                "{} is not current: run `make gen`",
                path.display()
            ));
            current = false;
        } else {
            std::fs::write(&path, text).with_context(|| path.display().to_string())?;
            crate::say(&format!("wrote {}", path.display()));
        }
    }
    Ok(current)
}

fn files() -> anyhow::Result<Vec<(PathBuf, String)>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let openapi = aisle_server::router::openapi().to_pretty_json()?;
    let mut files = vec![(root.join("openapi.json"), openapi + "\n")];
    let schema = root.join("crates/db/schema");
    std::fs::create_dir_all(&schema)?;
    for (name, engine) in [
        ("sqlite.sql", aisle_db::Engine::Sqlite),
        ("postgres.sql", aisle_db::Engine::Postgres),
    ] {
        files.push((schema.join(name), aisle_db::schema(engine)));
    }
    Ok(files)
}
