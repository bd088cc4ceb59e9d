//! Changing stock by hand, with a reason.

use std::collections::BTreeMap;

use aisle_db::{FromQueryResult, Sql, Tx};
use aisle_domain::ids::ProductId;
use aisle_domain::inventory::Reason;
use aisle_domain::quantity::Quantity;
use serde_json::json;
use uuid::Uuid;

use crate::digest::sha256_hex;
use crate::http::Actor;
use crate::ops::{self, Operation};
use crate::{App, Error, Result, codes};

use super::ledger::{self, Movement};

/// One product of an adjustment.
#[derive(Debug, Clone, Copy)]
pub struct AdjustmentLine {
    /// Which.
    pub product: ProductId,
    /// Added or taken.
    pub delta: Quantity,
}

/// A document that changes stock by hand.
#[derive(Debug, Clone)]
pub struct Adjustment {
    /// Made by whoever starts it.
    pub id: Uuid,
    /// Why.
    pub reason: Reason,
    /// In a person's words.
    pub note: String,
    /// The goods.
    pub lines: Vec<AdjustmentLine>,
}

/// What an adjustment did.
#[derive(Debug)]
pub struct Adjusted {
    /// Whether it had been done before.
    pub again: bool,
    /// On hand afterwards, by product.
    pub balances: BTreeMap<ProductId, Quantity>,
}

/// Does an adjustment once, however often it is sent.
pub async fn adjust(app: &App, actor: &Actor, adjustment: &Adjustment) -> Result<Adjusted> {
    let store = app
        .catalogue
        .store(actor.store_id)
        .ok_or_else(|| Error::code(&codes::NOT_FOUND))?;
    let hash = sha256_hex(format!("{adjustment:?}"));
    let now = app.clock.now();
    let snapshot = app.catalogue.products_full();
    let (again, shelf) = aisle_db::transact!(app.db, |tx| {
        let products: Vec<ProductId> = adjustment.lines.iter().map(|line| line.product).collect();
        let mut loaded = ledger::load_levels(tx, store.id, store.floor, &products).await?;
        if done_before(tx, store.id.get(), adjustment.id, &hash).await? {
            return Ok::<_, Error>((true, loaded.shelf));
        }
        let mut movements = Vec::with_capacity(adjustment.lines.len());
        for (ref_line, line) in (1i64..).zip(&adjustment.lines) {
            let cost = snapshot
                .product(line.product)
                .map(|product| product.cost)
                .ok_or_else(|| {
                    Error::with(
                        &codes::UNKNOWN_PRODUCT,
                        vec![json!({ "product_id": line.product })],
                    )
                })?;
            let level = loaded.shelf.entry(line.product).or_default();
            let entry = if line.delta > Quantity::ZERO {
                level.receive(line.delta, cost)
            } else {
                level.issue(-line.delta, cost)
            };
            movements.push(Movement {
                product: line.product,
                entry,
                reason: adjustment.reason,
                ref_id: Some(adjustment.id),
                ref_line,
                actor: actor.name().to_owned(),
                note: adjustment.note.clone(),
                happened_at: None,
            });
        }
        insert(tx, actor, adjustment, (&hash, now.0)).await?;
        let shelf = ledger::record(tx, (store.id, store.floor), loaded, &movements, now).await?;
        let operation = Operation::of(actor, "stock.adjust")
            .on(format!("adjustment {}", adjustment.id))
            .detail(json!({ "reason": adjustment.reason, "lines": adjustment.lines.len() }));
        ops::record(tx, now, operation).await?;
        Ok((false, shelf))
    })?;
    app.stock.commit(store.id, &shelf);
    if !again && app.events.is_heard() {
        let data = json!({ "adjustment_id": adjustment.id, "reason": adjustment.reason });
        app.events.publish_in(store.id, "stock.adjusted", data);
    }
    let balances = shelf
        .into_iter()
        .map(|(product, level)| (product, level.on_hand))
        .collect();
    Ok(Adjusted { again, balances })
}

async fn done_before(tx: &Tx, store: i64, id: Uuid, hash: &str) -> Result<bool> {
    #[derive(FromQueryResult)]
    struct Row {
        request_hash: String,
    }
    let row: Option<Row> = Sql::new("SELECT request_hash FROM stock_adjustments WHERE store_id = ")
        .arg(store)
        .push(" AND id = ")
        .arg(id)
        .one(tx)
        .await?;
    match row {
        Some(row) if row.request_hash != hash => Err(Error::code(&codes::ORDER_ID_REUSED)),
        found => Ok(found.is_some()),
    }
}

async fn insert(
    tx: &Tx,
    actor: &Actor,
    adjustment: &Adjustment,
    (hash, at): (&str, i64),
) -> Result<()> {
    Sql::new("INSERT INTO stock_adjustments (store_id, id, request_hash, reason, note, actor, at) VALUES (")
        .arg(actor.store_id.get())
        .push(", ")
        .arg(adjustment.id)
        .push(", ")
        .arg(hash)
        .push(", ")
        .arg(adjustment.reason.as_str())
        .push(", ")
        .arg(adjustment.note.as_str())
        .push(", ")
        .arg(actor.name())
        .push(", ")
        .arg(at)
        .push(")")
        .run(tx)
        .await?;
    Ok(())
}
