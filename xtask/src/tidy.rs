//! The house rules, read from the sources: budgets, layers, the edges between slices, current maps.
//!
//! An exception is one line here, with its reason.

use std::path::{Path, PathBuf};

use anyhow::Context;
use proc_macro2::LineColumn;
use syn::spanned::Spanned;
use syn::visit::Visit;

use crate::say;

const FILE_LINES_MAX: usize = 400;
const TEST_FILE_LINES_MAX: usize = 600;
const WEB_FILE_LINES_MAX: usize = 250;
const FUNCTION_LINES_MAX: usize = 70;
const PARAMETERS_MAX: usize = 5;
const ARCHITECTURE_LINES_MAX: usize = 250;

/// Files that may be longer, each with its reason.
const LONG_FILES: &[(&str, &str)] = &[];

/// Words no module is named by.
const EMPTY_NAMES: &[&str] = &[
    "utils", "util", "helpers", "helper", "common", "manager", "service", "impl", "misc",
];

/// What each slice may use of the others, through their `mod.rs`.
const EDGES: &[(&str, &[&str])] = &[
    ("identity", &["catalog", "ops"]),
    ("ops", &[]),
    ("catalog", &["identity", "ops", "inventory"]),
    ("inventory", &["catalog", "identity", "ops"]),
    ("payments", &["identity", "ops"]),
    (
        "sales",
        &["catalog", "inventory", "payments", "identity", "ops"],
    ),
];

/// Checks everything; false when a rule is broken.
pub(crate) fn check() -> anyhow::Result<bool> {
    let root = std::path::absolute(Path::new(env!("CARGO_MANIFEST_DIR")).join(".."))?;
    let mut found = Vec::new();
    for folder in ["crates", "xtask"] {
        for file in sources(&root.join(folder), &["rs"])? {
            rust_file(&root, &file, &mut found)?;
        }
    }
    for file in sources(&root.join("web"), &["vue", "ts"])? {
        web_file(&root, &file, &mut found)?;
    }
    architecture(&root, &mut found)?;
    for line in &found {
        say(line);
    }
    say(&format!("tidy: {} broken rules", found.len()));
    Ok(found.is_empty())
}

fn sources(folder: &Path, endings: &[&str]) -> anyhow::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).with_context(|| folder.display().to_string())? {
            let path = entry?.path();
            let name = path
                .file_name()
                .and_then(|name| name.to_str())
                .unwrap_or_default();
            if path.is_dir() {
                if !matches!(name, "node_modules" | "dist" | "target") {
                    folders.push(path);
                }
            } else if path
                .extension()
                .and_then(|e| e.to_str())
                .is_some_and(|e| endings.contains(&e))
            {
                files.push(path);
            }
        }
    }
    files.sort();
    Ok(files)
}

fn rust_file(root: &Path, path: &Path, found: &mut Vec<String>) -> anyhow::Result<()> {
    let text = std::fs::read_to_string(path)?;
    let name = path.strip_prefix(root)?.display().to_string();
    let is_test = name.contains("/tests/") || name.ends_with("tests.rs");
    let lines = text.lines().count();
    let max = if is_test {
        TEST_FILE_LINES_MAX
    } else {
        FILE_LINES_MAX
    };
    if lines > max && !LONG_FILES.iter().any(|(long, _)| *long == name) {
        found.push(format!("{name}: {lines} lines, at most {max}"));
    }
    let stem = path
        .file_stem()
        .and_then(|stem| stem.to_str())
        .unwrap_or_default();
    if EMPTY_NAMES.contains(&stem) {
        found.push(format!(
            "{name}: a module is named by what it is about, not `{stem}`"
        ));
    }
    if !is_test && !text.trim_start().starts_with("//!") {
        found.push(format!("{name}: no module doc"));
    }
    layers(&name, &text, found);
    let file = syn::parse_file(&text).with_context(|| name.clone())?;
    let mut functions = Functions { name: &name, found };
    functions.visit_file(&file);
    Ok(())
}

/// `api` never queries; HTTP types stay in `api`, `http` and the router; slices meet along the edges.
fn layers(name: &str, text: &str, found: &mut Vec<String>) {
    let Some(rest) = name.strip_prefix("crates/server/src/") else {
        return;
    };
    let file = rest.rsplit('/').next().unwrap_or_default();
    let is_api = file == "api.rs" || file.ends_with("_api.rs");
    if is_api && (text.contains("Sql::") || text.contains("transact!") || text.contains("Bulk::")) {
        found.push(format!(
            "{name}: the api queries; that belongs to the store"
        ));
    }
    if file == "store.rs" && text.contains("transact!") {
        found.push(format!(
            "{name}: the store opens a transaction; that belongs to a use case"
        ));
    }
    let Some((slice, allowed)) = EDGES
        .iter()
        .find(|(slice, _)| rest.starts_with(&format!("{slice}/")))
    else {
        return;
    };
    for (other, _) in EDGES {
        let used = text.contains(&format!("crate::{other}::"))
            || text.contains(&format!("use crate::{other};"));
        if used && other != slice && !allowed.contains(other) {
            found.push(format!("{name}: {slice} uses {other}"));
        }
    }
}

struct Functions<'a> {
    name: &'a str,
    found: &'a mut Vec<String>,
}

impl Functions<'_> {
    fn check(&mut self, signature: &syn::Signature, from: LineColumn, to: LineColumn) {
        let lines = to.line - from.line + 1;
        if lines > FUNCTION_LINES_MAX {
            self.found.push(format!(
                "{}:{} {}: {lines} lines, at most {FUNCTION_LINES_MAX}",
                self.name, from.line, signature.ident
            ));
        }
        if signature.inputs.len() > PARAMETERS_MAX {
            self.found.push(format!(
                "{}:{} {}: {} parameters, at most {PARAMETERS_MAX}",
                self.name,
                from.line,
                signature.ident,
                signature.inputs.len()
            ));
        }
    }
}

impl<'ast> Visit<'ast> for Functions<'_> {
    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        self.check(&item.sig, item.sig.span().start(), item.block.span().end());
        syn::visit::visit_item_fn(self, item);
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        self.check(&item.sig, item.sig.span().start(), item.block.span().end());
        syn::visit::visit_impl_item_fn(self, item);
    }
}

fn web_file(root: &Path, path: &Path, found: &mut Vec<String>) -> anyhow::Result<()> {
    let name = path.strip_prefix(root)?.display().to_string();
    if name.ends_with(".gen.ts") {
        return Ok(());
    }
    let lines = std::fs::read_to_string(path)?.lines().count();
    if lines > WEB_FILE_LINES_MAX {
        found.push(format!(
            "{name}: {lines} lines, at most {WEB_FILE_LINES_MAX}"
        ));
    }
    Ok(())
}

/// The map names every crate, slice and page folder that exists, and none that does not.
fn architecture(root: &Path, found: &mut Vec<String>) -> anyhow::Result<()> {
    let text = std::fs::read_to_string(root.join("ARCHITECTURE.md")).context("ARCHITECTURE.md")?;
    if text.lines().count() > ARCHITECTURE_LINES_MAX {
        found.push(format!(
            "ARCHITECTURE.md: more than {ARCHITECTURE_LINES_MAX} lines"
        ));
    }
    for folder in ["crates", "crates/server/src", "web", "web/admin", "web/pos"] {
        for entry in std::fs::read_dir(root.join(folder))? {
            let path = entry?.path();
            let name = path
                .file_name()
                .and_then(|name| name.to_str())
                .unwrap_or_default()
                .to_owned();
            let is_place = path.is_dir() && !matches!(name.as_str(), "node_modules" | "dist");
            if is_place && !text.contains(&format!("{folder}/{name}")) {
                found.push(format!("ARCHITECTURE.md does not name {folder}/{name}"));
            }
        }
    }
    for word in text.split(['`', ' ', '(', ')']) {
        let is_path = ["crates/", "web/", "xtask/", "docs/"]
            .iter()
            .any(|start| word.starts_with(start));
        if is_path
            && !word.contains(['*', '<', '{'])
            && !root.join(word.trim_end_matches('/')).exists()
        {
            found.push(format!(
                "ARCHITECTURE.md names {word}, which does not exist"
            ));
        }
    }
    Ok(())
}
