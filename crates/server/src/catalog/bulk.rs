//! Changing many goods in one way, after looking at what would become of each.
//!
//! Promises: all or nothing; applying computes from the prices of that moment, not of the preview.
//! Refuses: to apply while one price would fall below zero.

use std::collections::HashSet;
use std::sync::Arc;

use aisle_domain::bulk_change::{BulkChange, BulkOutcome, BulkProblem, BulkValue};
use aisle_domain::catalog::Product;
use aisle_domain::ids::ProductId;
use aisle_domain::product_sheet::Cell;
use serde_json::json;

use crate::http::Actor;
use crate::ops::Operation;
use crate::{App, Error, Result, codes};

use super::draft::ProductDraft;
use super::snapshot::Snapshot;
use super::{product, taxonomy};

/// A product with what becomes of it.
pub(super) type Item = (Arc<Product>, BulkOutcome);

/// What a change does or did.
#[derive(Debug)]
pub(super) struct BulkReport {
    /// Each product, in the order asked for.
    pub(super) items: Vec<Item>,
    /// How many became different.
    pub(super) applied: usize,
}

/// What would become of these goods.
pub(super) async fn preview(
    app: &App,
    ids: &[ProductId],
    change: BulkChange,
) -> Result<BulkReport> {
    if let BulkChange::Category(Some(id)) = change {
        let rows = taxonomy::categories(app.db.read_fresh()).await?;
        if !rows.iter().any(|row| row.id == id) {
            return Err(Error::invalid("change", "there is no such category"));
        }
    }
    Ok(BulkReport {
        items: outcomes(&app.catalogue.products(), ids, change)?,
        applied: 0,
    })
}

/// Changes them.
pub(super) async fn apply(
    app: &App,
    actor: &Actor,
    ids: &[ProductId],
    change: BulkChange,
) -> Result<BulkReport> {
    let now = app.clock.now();
    let report = aisle_db::transact!(app.db, |tx| {
        let snapshot = product::locked(tx, app).await?;
        let items = outcomes(&snapshot, ids, change)?;
        refuse(&items)?;
        let drafts = items.iter().map(|item| draft(change, item)).collect();
        let operation = Operation::of(actor, "product.bulk");
        let report = product::save(tx, &snapshot, drafts, now, operation).await?;
        Ok::<_, Error>(BulkReport {
            items,
            applied: report.updated,
        })
    })?;
    product::announce(app).await?;
    Ok(report)
}

fn outcomes(snapshot: &Snapshot, ids: &[ProductId], change: BulkChange) -> Result<Vec<Item>> {
    let mut seen = HashSet::new();
    let mut items = Vec::with_capacity(ids.len());
    let mut unknown = Vec::new();
    for id in ids.iter().filter(|id| seen.insert(**id)) {
        match snapshot.product(*id) {
            Some(product) => items.push((product.clone(), change.outcome(product))),
            None => unknown.push(json!({ "product_id": id })),
        }
    }
    if unknown.is_empty() {
        Ok(items)
    } else {
        Err(Error::with(&codes::UNKNOWN_PRODUCT, unknown))
    }
}

fn refuse(items: &[Item]) -> Result<()> {
    let refused: Vec<_> = items
        .iter()
        .filter_map(|(product, outcome)| {
            let problem = outcome.problem.filter(|problem| problem.refuses())?;
            Some(json!({
                "product_id": product.id, "name": &*product.name, "problem": problem.as_str(),
            }))
        })
        .collect();
    if refused.is_empty() {
        Ok(())
    } else {
        Err(Error::with(&codes::PRICE_OUT_OF_RANGE, refused))
    }
}

fn draft(change: BulkChange, (product, outcome): &Item) -> ProductDraft {
    let mut draft = ProductDraft {
        id: Some(product.id),
        ..ProductDraft::default()
    };
    match outcome.after {
        BulkValue::Price(price) => {
            let cell = price.map_or(Cell::Clear, Cell::Set);
            match change {
                BulkChange::MemberPricePercent(_) => draft.member_price = cell,
                _ => draft.price = cell,
            }
        }
        BulkValue::State(state) => draft.state = Cell::Set(state),
        BulkValue::Category(id) => draft.category_id = id.map_or(Cell::Clear, Cell::Set),
        BulkValue::Quantity(qty) => draft.safety_stock = Cell::Set(qty),
    }
    draft
}

/// The problem somebody may be told of: who may not see costs learns nothing of them.
pub(super) fn shown_problem((product, outcome): &Item, sees_cost: bool) -> Option<BulkProblem> {
    match outcome.problem {
        Some(BulkProblem::BelowCost) if !sees_cost => {
            let BulkValue::Price(Some(price)) = outcome.after else {
                return None;
            };
            let below = product.floor_price.is_some_and(|floor| price < floor);
            below.then_some(BulkProblem::BelowFloor)
        }
        other => other,
    }
}
