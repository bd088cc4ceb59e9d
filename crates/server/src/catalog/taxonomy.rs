//! What describes goods: categories, brands, units, tags. SQL of all four.

use aisle_db::{FromQueryResult, Source, Sql, Tx};
use serde::Serialize;
use utoipa::ToSchema;

use crate::Result;

/// A category as stored.
#[derive(Debug, Clone, FromQueryResult, Serialize, ToSchema)]
pub struct CategoryRow {
    /// Identity.
    pub id: i64,
    /// The one above.
    pub parent_id: Option<i64>,
    /// Name.
    pub name: String,
    /// Place among its neighbours.
    pub sort: i64,
}

/// All categories, parents before their neighbours' children are not promised.
pub async fn categories(source: &impl Source) -> Result<Vec<CategoryRow>> {
    Ok(
        Sql::new("SELECT id, parent_id, name, sort FROM categories ORDER BY sort, id")
            .all(source)
            .await?,
    )
}

/// A category and everything below it.
pub async fn category_with_children(source: &impl Source, id: i64) -> Result<Vec<i64>> {
    let rows = categories(source).await?;
    let mut found = vec![id];
    let mut at = 0;
    while at < found.len() {
        let parent = found[at];
        let children = rows.iter().filter(|row| row.parent_id == Some(parent));
        for child in children {
            if !found.contains(&child.id) {
                found.push(child.id);
            }
        }
        at += 1;
    }
    Ok(found)
}

/// Stores a category under the next free id.
pub async fn insert_category(
    tx: &Tx,
    name: &str,
    parent_id: Option<i64>,
    sort: i64,
) -> Result<i64> {
    let id = crate::ops::take_numbers(tx, "categories", 1).await?;
    Sql::new("INSERT INTO categories (id, parent_id, name, sort) VALUES (")
        .arg(id)
        .push(", ")
        .arg(parent_id)
        .push(", ")
        .arg(name)
        .push(", ")
        .arg(sort)
        .push(")")
        .run(tx)
        .await?;
    Ok(id)
}

/// Writes a category back.
pub(super) async fn update_category(tx: &Tx, row: &CategoryRow) -> Result<()> {
    Sql::new("UPDATE categories SET name = ")
        .arg(row.name.as_str())
        .push(", parent_id = ")
        .arg(row.parent_id)
        .push(", sort = ")
        .arg(row.sort)
        .push(" WHERE id = ")
        .arg(row.id)
        .run(tx)
        .await?;
    Ok(())
}

#[derive(FromQueryResult)]
struct Id {
    id: i64,
}

/// Which of these exist.
pub(super) async fn known_ids(tx: &Tx, table: &'static str, ids: &[i64]) -> Result<Vec<i64>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let rows: Vec<Id> = Sql::new("SELECT id FROM ")
        .push(table)
        .push(" WHERE ")
        .among(tx, "id", ids)
        .all(tx)
        .await?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

/// The brand of this name, made when there is none.
pub async fn brand_named(tx: &Tx, name: &str) -> Result<i64> {
    named(tx, "brands", name).await
}

/// The unit of this name, made when there is none.
pub async fn unit_named(tx: &Tx, name: &str, weighed: bool) -> Result<i64> {
    let id = named(tx, "units", name).await?;
    if weighed {
        Sql::new("UPDATE units SET weighed = TRUE WHERE id = ")
            .arg(id)
            .run(tx)
            .await?;
    }
    Ok(id)
}

/// The tag of this name, made when there is none.
pub async fn tag_named(tx: &Tx, name: &str) -> Result<i64> {
    named(tx, "tags", name).await
}

async fn named(tx: &Tx, table: &'static str, name: &str) -> Result<i64> {
    let found: Option<Id> = Sql::new("SELECT id FROM ")
        .push(table)
        .push(" WHERE name = ")
        .arg(name)
        .one(tx)
        .await?;
    if let Some(found) = found {
        return Ok(found.id);
    }
    let id = crate::ops::take_numbers(tx, table, 1).await?;
    Sql::new("INSERT INTO ")
        .push(table)
        .push(" (id, name) VALUES (")
        .arg(id)
        .push(", ")
        .arg(name)
        .push(")")
        .run(tx)
        .await?;
    Ok(id)
}
