//! What describes goods by a name: brands, units, tags. One way for all three.
//!
//! Promises: names are unique; a change that goods in memory carry a copy of is a change of those
//! goods, so tills learn of it; every change is in the operation log.
//! Refuses: a taken name, and removing what goods cannot be without.

use std::collections::HashMap;

use aisle_db::{FromQueryResult, Source, Sql, Tx, Value};
use aisle_domain::catalog::Product;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value as JsonValue, json};

use crate::http::Actor;
use crate::ops::{self, Operation};
use crate::{App, Error, Result, codes};

use super::{load, product};

/// A kind of descriptor. Its columns are `id` and [`Descriptor::COLUMNS`].
pub(super) trait Descriptor: FromQueryResult + Serialize + Send + Sync {
    /// What a client may set.
    type Fields: DeserializeOwned + Send;
    /// What one is called in the operation log.
    const NOUN: &'static str;
    /// Where they are stored.
    const TABLE: &'static str;
    /// All columns but the id.
    const COLUMNS: &'static [&'static str];
    /// The operations: create, change, delete.
    const ACTIONS: [&'static str; 3];
    /// The condition that finds its goods, around the id.
    const GOODS: (&'static str, &'static str);
    /// Whether goods in memory carry a copy of it.
    const COPIED: bool;
    /// Whether it falls off its goods when deleted; otherwise goods keep it from being deleted.
    const FALLS_OFF: bool;

    /// One without a name.
    fn blank(id: i64) -> Self;
    /// Its identity.
    fn id(&self) -> i64;
    /// Its name.
    fn name(&self) -> &str;
    /// The values of [`Descriptor::COLUMNS`].
    fn values(&self) -> Vec<Value>;
    /// With these fields changed.
    fn with(self, fields: Self::Fields) -> Result<Self>;
    /// Which of them a product carries.
    fn carried(product: &Product) -> &[i64];
}

/// All of a kind, by name, each with the number of goods that carry it.
pub(super) async fn list<D: Descriptor>(app: &App) -> Result<Vec<(D, usize)>> {
    let rows: Vec<D> = select::<D>()
        .push(" ORDER BY name, id")
        .all(app.db.read_fresh())
        .await?;
    let mut counts: HashMap<i64, usize> = HashMap::new();
    let snapshot = app.catalogue.products_full();
    for product in snapshot.iter() {
        for id in D::carried(product) {
            *counts.entry(*id).or_default() += 1;
        }
    }
    Ok(rows
        .into_iter()
        .map(|row| {
            let products = counts.get(&row.id()).copied().unwrap_or(0);
            (row, products)
        })
        .collect())
}

/// Makes one.
pub(super) async fn create<D: Descriptor>(
    app: &App,
    actor: &Actor,
    fields: D::Fields,
) -> Result<D> {
    let wanted = D::blank(0).with(fields)?;
    let now = app.clock.now();
    aisle_db::transact!(app.db, |tx| {
        load::lock(tx).await?;
        refuse_taken(tx, &wanted).await?;
        let id = ops::take_numbers(tx, D::TABLE, 1).await?;
        let mut values = vec![Value::from(id)];
        values.extend(wanted.values());
        insert::<D>(values).run(tx).await?;
        let made = get::<D>(tx, id).await?;
        let operation = Operation::of(actor, D::ACTIONS[0])
            .on(format!("{} {id}", D::NOUN))
            .change(&JsonValue::Null, &made);
        ops::record(tx, now, operation).await?;
        Ok::<_, Error>(made)
    })
}

/// Changes one and the goods that carry a copy of it.
pub(super) async fn change<D>(app: &App, actor: &Actor, id: i64, fields: D::Fields) -> Result<D>
where
    D: Descriptor,
    D::Fields: Clone,
{
    let now = app.clock.now();
    let changed = aisle_db::transact!(app.db, |tx| {
        load::lock(tx).await?;
        let before = get::<D>(tx, id).await?;
        let was = serde_json::to_value(&before).map_err(anyhow::Error::from)?;
        let after = before.with(fields.clone())?;
        refuse_taken(tx, &after).await?;
        let mut sql = Sql::new("UPDATE ").push(D::TABLE);
        for (at, (column, value)) in D::COLUMNS.iter().zip(after.values()).enumerate() {
            let start = if at == 0 { " SET " } else { ", " };
            sql = sql.push(start).push(column).push(" = ").arg(value);
        }
        sql.push(" WHERE id = ").arg(id).run(tx).await?;
        if D::COPIED {
            touch_goods::<D>(tx, id, now.0).await?;
        }
        let operation = Operation::of(actor, D::ACTIONS[1])
            .on(format!("{} {id}", D::NOUN))
            .change(&was, &after);
        ops::record(tx, now, operation).await?;
        Ok::<_, Error>(after)
    })?;
    if D::COPIED {
        product::announce(app).await?;
    }
    Ok(changed)
}

/// Removes one; from its goods too, where goods can be without.
pub(super) async fn delete<D: Descriptor>(app: &App, actor: &Actor, id: i64) -> Result<()> {
    let now = app.clock.now();
    aisle_db::transact!(app.db, |tx| {
        load::lock(tx).await?;
        let before = get::<D>(tx, id).await?;
        let goods = Sql::new("SELECT COUNT(*) FROM products WHERE ")
            .push(D::GOODS.0)
            .arg(id)
            .push(D::GOODS.1)
            .number(tx)
            .await?;
        if goods > 0 && !D::FALLS_OFF {
            return Err(Error::with(
                &codes::STILL_IN_USE,
                vec![json!({ "products": goods })],
            ));
        }
        if D::FALLS_OFF {
            touch_goods::<D>(tx, id, now.0).await?;
            Sql::new("DELETE FROM product_tags WHERE tag_id = ")
                .arg(id)
                .run(tx)
                .await?;
        }
        Sql::new("DELETE FROM ")
            .push(D::TABLE)
            .push(" WHERE id = ")
            .arg(id)
            .run(tx)
            .await?;
        let operation = Operation::of(actor, D::ACTIONS[2])
            .on(format!("{} {id}", D::NOUN))
            .change(&before, &JsonValue::Null)
            .detail(json!({ "products": goods }));
        ops::record(tx, now, operation).await
    })?;
    if D::FALLS_OFF {
        product::announce(app).await?;
    }
    Ok(())
}

fn select<D: Descriptor>() -> Sql {
    Sql::new("SELECT id, ")
        .push(&D::COLUMNS.join(", "))
        .push(" FROM ")
        .push(D::TABLE)
}

fn insert<D: Descriptor>(values: Vec<Value>) -> Sql {
    let mut sql = Sql::new("INSERT INTO ")
        .push(D::TABLE)
        .push(" (id, ")
        .push(&D::COLUMNS.join(", "))
        .push(") VALUES (");
    for (at, value) in values.into_iter().enumerate() {
        sql = sql.push(if at == 0 { "" } else { ", " }).arg(value);
    }
    sql.push(")")
}

async fn get<D: Descriptor>(source: &impl Source, id: i64) -> Result<D> {
    select::<D>()
        .push(" WHERE id = ")
        .arg(id)
        .one(source)
        .await?
        .ok_or_else(|| Error::code(&codes::NOT_FOUND))
}

async fn refuse_taken<D: Descriptor>(tx: &Tx, wanted: &D) -> Result<()> {
    let owner: Option<D> = select::<D>()
        .push(" WHERE name = ")
        .arg(wanted.name())
        .push(" AND id <> ")
        .arg(wanted.id())
        .one(tx)
        .await?;
    match owner {
        Some(owner) => Err(Error::with(
            &codes::NAME_TAKEN,
            vec![json!({ "name": "name", "value": owner.name(), "id": owner.id() })],
        )),
        None => Ok(()),
    }
}

/// Gives the goods that carry it a new version.
async fn touch_goods<D: Descriptor>(tx: &Tx, id: i64, at: i64) -> Result<()> {
    let version = ops::take_numbers(tx, load::VERSION, 1).await?;
    Sql::new("UPDATE products SET version = ")
        .arg(version)
        .push(", updated_at = ")
        .arg(at)
        .push(" WHERE ")
        .push(D::GOODS.0)
        .arg(id)
        .push(D::GOODS.1)
        .run(tx)
        .await?;
    Ok(())
}
