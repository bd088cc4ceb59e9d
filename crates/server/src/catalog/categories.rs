//! The tree of categories: making, moving, removing.
//!
//! Promises: the tree has no cycles; neighbours differ in name.
//! Refuses: removing a category that still has goods or sub-categories.

use std::collections::HashMap;

use aisle_db::{Sql, Tx};
use serde_json::{Value, json};

use crate::http::Actor;
use crate::ops::{self, Operation};
use crate::{App, Error, Result, codes};

use super::load;
use super::taxonomy::{self, CategoryRow};

/// What changes of a category; `None` stays.
#[derive(Debug, Clone, Default)]
pub(super) struct CategoryChange {
    /// Name.
    pub(super) name: Option<String>,
    /// The one above; `Some(None)` moves it to the top.
    pub(super) parent_id: Option<Option<i64>>,
    /// Place among its neighbours.
    pub(super) sort: Option<i64>,
}

/// All categories, each with the number of goods in it and below it.
pub(super) async fn list(app: &App) -> Result<Vec<(CategoryRow, usize)>> {
    let rows = taxonomy::categories(app.db.read_fresh()).await?;
    let mut own: HashMap<i64, usize> = HashMap::new();
    let snapshot = app.catalogue.products_full();
    for id in snapshot.iter().filter_map(|product| product.category_id) {
        *own.entry(id).or_default() += 1;
    }
    let counts = with_children(&rows, &own);
    Ok(rows
        .into_iter()
        .map(|row| {
            let products = counts.get(&row.id).copied().unwrap_or(0);
            (row, products)
        })
        .collect())
}

/// Makes a category.
pub(super) async fn create(
    app: &App,
    actor: &Actor,
    wanted: &CategoryChange,
) -> Result<CategoryRow> {
    let now = app.clock.now();
    aisle_db::transact!(app.db, |tx| {
        load::lock(tx).await?;
        let rows = taxonomy::categories(tx).await?;
        let blank = CategoryRow {
            id: 0,
            parent_id: None,
            name: String::new(),
            sort: 0,
        };
        let mut row = changed(blank, wanted);
        refuse(&rows, &row)?;
        row.id = taxonomy::insert_category(tx, &row.name, row.parent_id, row.sort).await?;
        let operation = Operation::of(actor, "category.create")
            .on(format!("category {}", row.id))
            .change(&Value::Null, &row);
        ops::record(tx, now, operation).await?;
        Ok::<_, Error>(row)
    })
}

/// Renames or moves a category.
pub(super) async fn change(
    app: &App,
    actor: &Actor,
    id: i64,
    wanted: &CategoryChange,
) -> Result<CategoryRow> {
    let now = app.clock.now();
    aisle_db::transact!(app.db, |tx| {
        load::lock(tx).await?;
        let rows = taxonomy::categories(tx).await?;
        let before = find(&rows, id)?;
        let row = changed(before.clone(), wanted);
        refuse(&rows, &row)?;
        taxonomy::update_category(tx, &row).await?;
        let operation = Operation::of(actor, "category.change")
            .on(format!("category {id}"))
            .change(before, &row);
        ops::record(tx, now, operation).await?;
        Ok::<_, Error>(row)
    })
}

/// Removes a category that nothing is in.
pub(super) async fn delete(app: &App, actor: &Actor, id: i64) -> Result<()> {
    let now = app.clock.now();
    aisle_db::transact!(app.db, |tx| {
        load::lock(tx).await?;
        let rows = taxonomy::categories(tx).await?;
        let before = find(&rows, id)?;
        let children = rows.iter().filter(|row| row.parent_id == Some(id)).count();
        let products = goods_in(tx, id).await?;
        if children > 0 || products > 0 {
            return Err(Error::with(
                &codes::CATEGORY_IN_USE,
                vec![json!({ "products": products, "categories": children })],
            ));
        }
        Sql::new("DELETE FROM categories WHERE id = ")
            .arg(id)
            .run(tx)
            .await?;
        let operation = Operation::of(actor, "category.delete")
            .on(format!("category {id}"))
            .change(before, &Value::Null);
        ops::record(tx, now, operation).await
    })
}

/// Goods in each category or below it, from those in each itself.
fn with_children(rows: &[CategoryRow], own: &HashMap<i64, usize>) -> HashMap<i64, usize> {
    let mut counts = HashMap::new();
    for row in rows {
        let count = own.get(&row.id).copied().unwrap_or(0);
        *counts.entry(row.id).or_default() += count;
        for above in ancestors(rows, row.parent_id) {
            *counts.entry(above).or_default() += count;
        }
    }
    counts
}

/// The category above, the one above that, and so on.
fn ancestors(rows: &[CategoryRow], parent: Option<i64>) -> Vec<i64> {
    let mut found = Vec::new();
    let mut next = parent;
    while let Some(id) = next {
        if found.contains(&id) {
            break;
        }
        found.push(id);
        next = rows
            .iter()
            .find(|row| row.id == id)
            .and_then(|row| row.parent_id);
    }
    found
}

fn changed(row: CategoryRow, change: &CategoryChange) -> CategoryRow {
    CategoryRow {
        id: row.id,
        parent_id: change.parent_id.unwrap_or(row.parent_id),
        name: change.name.clone().unwrap_or(row.name),
        sort: change.sort.unwrap_or(row.sort),
    }
}

fn find(rows: &[CategoryRow], id: i64) -> Result<&CategoryRow> {
    rows.iter()
        .find(|row| row.id == id)
        .ok_or_else(|| Error::code(&codes::NOT_FOUND))
}

fn refuse(rows: &[CategoryRow], wanted: &CategoryRow) -> Result<()> {
    if let Some(parent) = wanted.parent_id
        && !rows.iter().any(|row| row.id == parent)
    {
        return Err(Error::invalid("parent_id", "there is no such category"));
    }
    if ancestors(rows, wanted.parent_id).contains(&wanted.id) {
        return Err(Error::with(
            &codes::CATEGORY_CYCLE,
            vec![json!({ "id": wanted.id, "parent_id": wanted.parent_id })],
        ));
    }
    let twin = rows.iter().find(|row| {
        row.id != wanted.id && row.parent_id == wanted.parent_id && row.name == wanted.name
    });
    match twin {
        Some(twin) => Err(Error::with(
            &codes::NAME_TAKEN,
            vec![json!({ "name": "name", "value": twin.name, "id": twin.id })],
        )),
        None => Ok(()),
    }
}

async fn goods_in(tx: &Tx, id: i64) -> Result<i64> {
    Ok(
        Sql::new("SELECT COUNT(*) FROM products WHERE category_id = ")
            .arg(id)
            .number(tx)
            .await?,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(id: i64, parent_id: Option<i64>) -> CategoryRow {
        CategoryRow {
            id,
            parent_id,
            name: format!("c{id}"),
            sort: 0,
        }
    }

    fn code(answer: Result<()>) -> Option<&'static str> {
        answer.err().map(|error| error.wire_code().name)
    }

    #[test]
    fn goods_count_in_every_category_above_them() {
        let rows = [row(1, None), row(2, Some(1)), row(3, Some(2)), row(4, None)];
        let counts = with_children(&rows, &HashMap::from([(1, 1), (3, 5)]));
        assert_eq!(counts, HashMap::from([(1, 6), (2, 5), (3, 5), (4, 0)]));
    }

    #[test]
    fn a_category_cannot_come_to_stand_below_itself() {
        let rows = [row(1, None), row(2, Some(1)), row(3, Some(2))];
        for (moved, parent, want) in [
            (1, Some(3), Some("category_cycle")),
            (1, Some(1), Some("category_cycle")),
            (1, Some(9), Some("invalid_request")),
            (3, Some(1), None),
            (2, None, None),
        ] {
            assert_eq!(code(refuse(&rows, &row(moved, parent))), want, "{moved}");
        }
    }

    #[test]
    fn neighbours_differ_in_name() {
        let rows = [row(1, None), row(2, Some(1))];
        let twin = CategoryRow {
            name: "c1".to_owned(),
            ..row(0, None)
        };
        assert_eq!(code(refuse(&rows, &twin)), Some("name_taken"));
        let below = CategoryRow {
            parent_id: Some(1),
            ..twin
        };
        assert_eq!(code(refuse(&rows, &below)), None);
    }
}
