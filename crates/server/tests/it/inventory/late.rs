//! Sales that come after their goods were counted.

use aisle_db::Sql;
use aisle_domain::time::Instant;
use aisle_server::clock::new_uuid;
use serde_json::{Value, json};

use crate::harness::{TestApp, cash_sale};
use crate::on_both_dbs;

const COLA: &str = "6901234567892";

/// A sale the till made `minutes` ago.
pub(super) fn late_sale(shop: &TestApp, channel: &str, barcodes: &[&str], minutes: i64) -> Value {
    let mut sale = cash_sale(new_uuid(), channel, barcodes);
    let at = shop.app.clock.now().plus_ms(-minutes * 60_000);
    sale["sold_at"] = json!(at.to_rfc3339());
    sale
}

async fn counted_at(shop: &TestApp, product: i64, at: Instant) {
    let done: aisle_server::Result<u64> = aisle_db::transact!(shop.app.db, |tx| {
        Ok(Sql::new("UPDATE stock_levels SET counted_at = ")
            .arg(at.0)
            .push(" WHERE product_id = ")
            .arg(product)
            .run(tx)
            .await?)
    });
    assert_eq!(done.unwrap(), 1);
}

on_both_dbs!(
    what_was_sold_before_the_count_leaves_the_shelf_as_it_was_counted,
    async |shop: &TestApp| {
        let cola = shop.product(COLA, 300, 1).await;
        shop.app.clock.advance_ms(60 * 60_000);
        counted_at(shop, cola, shop.app.clock.now().plus_ms(-10 * 60_000)).await;
        // Two pieces where the books have one: the count did not see them any more.
        for _ in 0..2 {
            let late = late_sale(shop, "kiosk", &[COLA, COLA], 15);
            let sold = shop.post(&shop.kiosk, "/api/v1/orders", late).await;
            sold.expect(201);
        }
        assert_eq!(shop.available(cola).await, 1000);
        let after = late_sale(shop, "kiosk", &[COLA, COLA], 5);
        let refused = shop.post(&shop.kiosk, "/api/v1/orders", after).await;
        assert_eq!(refused.code(), "out_of_stock");
        let after = late_sale(shop, "kiosk", &[COLA], 5);
        let sold = shop.post(&shop.kiosk, "/api/v1/orders", after).await;
        sold.expect(201);
        assert_eq!(shop.available(cola).await, 0);
        let path = format!("/api/v1/stock/{cola}/ledger?limit=4");
        let ledger = shop.get(&shop.manager, &path).await.expect(200);
        let told: Vec<_> = ledger["items"].as_array().unwrap().iter().collect();
        assert_eq!(told[0]["reason"], "sale");
        assert_eq!(told[0]["balance_milli"], 0);
        assert_eq!(told[1]["reason"], "sale");
        assert_eq!(told[2]["reason"], "count_late");
        assert_eq!(told[2]["delta_milli"], 1000);
        assert_eq!(told[2]["ref_kind"], "order");
        let happened = Instant::parse_rfc3339(told[1]["happened_at"].as_str().unwrap()).unwrap();
        let minutes = (shop.app.clock.now().0 - happened.0) / 60_000;
        assert_eq!(minutes, 15);
    }
);

on_both_dbs!(
    a_sale_sent_at_once_happened_when_it_came,
    async |shop: &TestApp| {
        let cola = shop.product(COLA, 300, 10).await;
        let mut sale = late_sale(shop, "pos", &[COLA], 0);
        let at = shop.app.clock.now().plus_ms(-900);
        sale["sold_at"] = json!(at.to_rfc3339());
        shop.post(&shop.till, "/api/v1/orders", sale)
            .await
            .expect(201);
        let path = format!("/api/v1/stock/{cola}/ledger");
        let ledger = shop.get(&shop.manager, &path).await.expect(200);
        assert_eq!(ledger["items"][0]["happened_at"], Value::Null);
    }
);
