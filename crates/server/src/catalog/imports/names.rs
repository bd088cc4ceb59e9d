//! Brands, units, tags and categories by the names a sheet has for them.

use std::collections::HashMap;

use aisle_db::{FromQueryResult, Source, Sql, Tx};
use aisle_domain::product_sheet::ProductRow;

use crate::Result;
use crate::catalog;

/// The unit of goods whose row names none.
const UNIT: &str = "件";
/// The unit of weighed goods whose row names none.
const UNIT_WEIGHED: &str = "千克";

/// A unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Unit {
    pub(super) id: i64,
    pub(super) weighed: bool,
}

/// What has a name so far.
#[derive(Debug, Clone, Default)]
pub(super) struct Names {
    brands: HashMap<String, i64>,
    tags: HashMap<String, i64>,
    units: HashMap<String, Unit>,
    categories: HashMap<(Option<i64>, String), i64>,
    /// A category by its bare name: the first of that name.
    anywhere: HashMap<String, i64>,
}

#[derive(FromQueryResult)]
struct Named {
    id: i64,
    name: String,
}

#[derive(FromQueryResult)]
struct NamedUnit {
    id: i64,
    name: String,
    weighed: bool,
}

/// The unit a row asks for: its own, or the usual one of goods so sold.
pub(super) fn unit_of(row: &ProductRow) -> &str {
    let weighed = row.weighed.value() == Some(&true);
    let usual = if weighed { UNIT_WEIGHED } else { UNIT };
    row.unit.value().map_or(usual, String::as_str)
}

impl Names {
    /// Everything that is stored.
    pub(super) async fn load(source: &impl Source) -> Result<Names> {
        let mut names = Names {
            brands: named(source, "SELECT id, name FROM brands").await?,
            tags: named(source, "SELECT id, name FROM tags").await?,
            ..Names::default()
        };
        let units: Vec<NamedUnit> = Sql::new("SELECT id, name, weighed FROM units")
            .all(source)
            .await?;
        for NamedUnit { id, name, weighed } in units {
            names.units.insert(name, Unit { id, weighed });
        }
        for category in catalog::categories(source).await? {
            names.add_category(category.parent_id, category.name, category.id);
        }
        Ok(names)
    }

    pub(super) fn brand(&self, name: &str) -> Option<i64> {
        self.brands.get(name).copied()
    }

    pub(super) fn tag(&self, name: &str) -> Option<i64> {
        self.tags.get(name).copied()
    }

    pub(super) fn unit(&self, name: &str) -> Option<Unit> {
        self.units.get(name).copied()
    }

    /// A unit a row of the same file is going to make.
    pub(super) fn expect_unit(&mut self, name: &str, unit: Unit) {
        self.units.entry(name.to_owned()).or_insert(unit);
    }

    /// `一级/二级`, or a bare name wherever it stands.
    pub(super) fn category(&self, path: &str) -> Option<i64> {
        let parts = parts(path);
        if let [name] = parts[..] {
            return self.anywhere.get(name).copied();
        }
        let mut parent = None;
        for name in parts {
            parent = Some(*self.categories.get(&(parent, name.to_owned()))?);
        }
        parent
    }

    /// Makes what this row names and nobody has made.
    pub(super) async fn make(&mut self, tx: &Tx, row: &ProductRow, is_new: bool) -> Result<()> {
        if let Some(name) = row.brand.value()
            && !self.brands.contains_key(name)
        {
            let id = catalog::brand_named(tx, name).await?;
            self.brands.insert(name.clone(), id);
        }
        for name in row.tags.value().into_iter().flatten() {
            if !self.tags.contains_key(name) {
                let id = catalog::tag_named(tx, name).await?;
                self.tags.insert(name.clone(), id);
            }
        }
        if let Some(path) = row.category.value() {
            self.make_category(tx, path).await?;
        }
        let unit = unit_of(row);
        if (is_new || row.unit.value().is_some()) && !self.units.contains_key(unit) {
            let weighed = row.weighed.value() == Some(&true) || unit == UNIT_WEIGHED;
            let id = catalog::unit_named(tx, unit, weighed).await?;
            self.units.insert(unit.to_owned(), Unit { id, weighed });
        }
        Ok(())
    }

    async fn make_category(&mut self, tx: &Tx, path: &str) -> Result<()> {
        if self.category(path).is_some() {
            return Ok(());
        }
        let mut parent = None;
        for name in parts(path) {
            let found = self.categories.get(&(parent, name.to_owned())).copied();
            let id = match found {
                Some(id) => id,
                None => {
                    let sort = i64::try_from(self.categories.len()).unwrap_or(0);
                    let id = catalog::insert_category(tx, name, parent, sort).await?;
                    self.add_category(parent, name.to_owned(), id);
                    id
                }
            };
            parent = Some(id);
        }
        Ok(())
    }

    fn add_category(&mut self, parent: Option<i64>, name: String, id: i64) {
        self.anywhere.entry(name.clone()).or_insert(id);
        self.categories.entry((parent, name)).or_insert(id);
    }
}

fn parts(path: &str) -> Vec<&str> {
    path.split(['/', '／', '>', '＞', '\\'])
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .collect()
}

async fn named(source: &impl Source, select: &str) -> Result<HashMap<String, i64>> {
    let rows: Vec<Named> = Sql::new(select).all(source).await?;
    Ok(rows.into_iter().map(|row| (row.name, row.id)).collect())
}
