//! What the log says of costs, kept from who may not see costs.
//!
//! Promises: no value of a cost leaves an entry that was hidden, at whatever depth it stands; that
//! something was hidden is said by name. Costs are not among the words an entry is found by either, or
//! they could be found by trying.

use std::collections::BTreeSet;

use serde_json::Value;

/// What such a field's name has in it: what goods cost, what is earned on them, what a supplier asks.
const MARKS: [&str; 4] = ["cost", "margin", "supplier_price", "purchase_price"];
/// Where an entry says what was hidden.
const HIDDEN: &str = "hidden";

/// Whether a field of this name tells a cost.
pub(super) fn is_cost(field: &str) -> bool {
    MARKS.iter().any(|mark| field.contains(mark))
}

/// Takes the costs out of an entry's particulars and names them instead.
pub(super) fn hide(detail: &mut Value) {
    let mut hidden = BTreeSet::new();
    take_out(detail, &mut hidden);
    if let Some(fields) = detail.as_object_mut().filter(|_| !hidden.is_empty()) {
        fields.insert(HIDDEN.to_owned(), hidden.into_iter().collect());
    }
}

fn take_out(value: &mut Value, hidden: &mut BTreeSet<String>) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| take_out(item, hidden)),
        Value::Object(fields) => {
            let costs: Vec<String> = fields
                .keys()
                .filter(|name| is_cost(name))
                .cloned()
                .collect();
            for name in costs {
                fields.remove(&name);
                hidden.insert(name);
            }
            fields
                .values_mut()
                .for_each(|field| take_out(field, hidden));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn costs_go_at_every_depth_and_are_named() {
        let mut detail = json!({
            "changes": { "cost_fen": [100, 120], "price_fen": [200, 250] },
            "items": [{ "name": "可乐", "changes": { "margin_bp": [1, 2] }, "deep": [{ "last_cost_fen": 7 }] }],
        });
        hide(&mut detail);
        assert_eq!(
            detail,
            json!({
                "changes": { "price_fen": [200, 250] },
                "items": [{ "name": "可乐", "changes": {}, "deep": [{}] }],
                "hidden": ["cost_fen", "last_cost_fen", "margin_bp"],
            })
        );
    }

    #[test]
    fn what_has_no_costs_stays_as_it_is() {
        for detail in [
            json!(null),
            json!({ "changes": { "price_fen": [1, 2] }, "count": 3 }),
        ] {
            let mut shown = detail.clone();
            hide(&mut shown);
            assert_eq!(shown, detail);
        }
    }
}
