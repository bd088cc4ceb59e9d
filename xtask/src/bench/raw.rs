//! The raw limit: the same rows a batch of sales writes, by a bare loop, 256 orders a transaction.
//! No HTTP, no look-ups, no decisions.

use std::time::{Duration, Instant};

use aisle_db::{Bulk, Result, Sql, Tx};
use uuid::Uuid;

use super::load::Dice;
use super::shop::Shop;

const ORDERS: i64 = 256;
const LINES: i64 = 5;
const PRODUCTS: usize = 10_000;
const HASH: &str = "0123456789abcdef0123456789abcdef";

/// Orders per second.
pub(super) async fn measure(shop: &Shop, time: Duration) -> anyhow::Result<f64> {
    let begin = Instant::now();
    let mut dice = Dice::new(3);
    let mut batches = 0i64;
    while begin.elapsed() < time {
        let batch = batches;
        let products: Vec<i64> = (0..ORDERS * LINES)
            .map(|_| 1 + i64::try_from(dice.below(PRODUCTS)).unwrap_or(0))
            .collect();
        let ids: Vec<Uuid> = (0..ORDERS).map(|_| Uuid::now_v7()).collect();
        let written: Result<()> = aisle_db::transact!(shop.app.db, |tx| {
            write(tx, batch, &ids, &products).await
        });
        written?;
        batches += 1;
    }
    Ok((batches * ORDERS) as f64 / begin.elapsed().as_secs_f64())
}

async fn write(tx: &Tx, batch: i64, ids: &[Uuid], products: &[i64]) -> Result<()> {
    orders(tx, batch, ids).await?;
    lines(tx, ids, products).await?;
    money(tx, ids).await?;
    stock(tx, batch, ids, products).await
}

async fn orders(tx: &Tx, batch: i64, ids: &[Uuid]) -> Result<()> {
    let each = || ids.iter();
    let tills = || (0..ORDERS).map(move |at| (batch * ORDERS + at) % 1000);
    Bulk::into("receipt_counters")
        .same_bigint("store_id", 1)
        .bigint("terminal_no", tills())
        .bigint("business_day", each().map(|_| 20_261_122))
        .bigint("last_seq", each().map(|_| 1))
        .tail(
            "ON CONFLICT (store_id, terminal_no, business_day) DO UPDATE SET \
             last_seq = receipt_counters.last_seq + excluded.last_seq",
        )
        .insert(tx)
        .await?;
    Bulk::into("orders")
        .same_bigint("store_id", 1)
        .uuid("id", each().copied())
        .text("request_hash", each().map(|_| HASH))
        .bigint("terminal_id", tills())
        .bigint("terminal_no", tills())
        .bigint("business_day", each().map(|_| 20_261_122))
        .bigint(
            "seq",
            (0..ORDERS).map(|at| (batch * ORDERS + at) / 1000 + 1),
        )
        .text("channel", each().map(|_| "pos"))
        .text("state", each().map(|_| "paid"))
        .bigint_opt("cashier_id", each().map(|_| None))
        .text("cashier", each().map(|_| "till 17"))
        .text_opt("member", each().map(|_| None))
        .bigint("lines_count", each().map(|_| LINES))
        .bigint("total_fen", each().map(|_| 12_340))
        .bigint("discount_fen", each().map(|_| 0))
        .bigint("rounding_fen", each().map(|_| -4))
        .bigint("tax_fen", each().map(|_| 0))
        .bigint("created_at", each().map(|_| 1_795_000_000_000 + batch))
        .bigint("sold_at", each().map(|_| 1_795_000_000_000 + batch))
        .bigint_opt("paid_at", each().map(|_| Some(1_795_000_000_000 + batch)))
        .bigint_opt("expires_at", each().map(|_| None))
        .insert(tx)
        .await
}

async fn lines(tx: &Tx, ids: &[Uuid], products: &[i64]) -> Result<()> {
    let each = || {
        ids.iter()
            .flat_map(|id| (1..=LINES).map(move |line| (*id, line)))
    };
    Bulk::into("order_lines")
        .same_bigint("store_id", 1)
        .uuid("order_id", each().map(|line| line.0))
        .bigint("line_no", each().map(|line| line.1))
        .bigint("product_id", products.iter().copied())
        .text("barcode", each().map(|_| "6900000001234"))
        .text("name", each().map(|_| "绿叶酱油001234号"))
        .text("spec", each().map(|_| "500ml"))
        .text("unit", each().map(|_| "件"))
        .bigint("qty_milli", each().map(|_| 2000))
        .bigint("unit_price_fen", each().map(|_| 1234))
        .bigint("discount_fen", each().map(|_| 0))
        .bigint("amount_fen", each().map(|_| 2468))
        .bigint("tax_rate_bp", each().map(|_| 0))
        .bigint("tax_fen", each().map(|_| 0))
        .bigint("cost_fen", each().map(|_| 1234))
        .insert(tx)
        .await
}

async fn money(tx: &Tx, ids: &[Uuid]) -> Result<()> {
    let each = || ids.iter();
    Bulk::into("payments")
        .same_bigint("store_id", 1)
        .uuid("order_id", each().copied())
        .uuid("id", each().copied())
        .same_text("method", "cash")
        .same_text("status", "succeeded")
        .bigint("amount_fen", each().map(|_| 12_340))
        .bigint("tendered_fen", each().map(|_| 20_000))
        .bigint("change_fen", each().map(|_| 7660))
        .bigint("created_at", each().map(|_| 1_795_000_000_000))
        .insert(tx)
        .await?;
    let events = || {
        ids.iter()
            .flat_map(|id| [(*id, 1, "received"), (*id, 2, "paid")])
    };
    Bulk::into("order_events")
        .same_bigint("store_id", 1)
        .uuid("order_id", events().map(|event| event.0))
        .bigint("seq", events().map(|event| event.1))
        .text("kind", events().map(|event| event.2))
        .same_bigint("at", 1_795_000_000_000)
        .text("actor", events().map(|_| "till 17"))
        .insert(tx)
        .await
}

async fn stock(tx: &Tx, batch: i64, ids: &[Uuid], products: &[i64]) -> Result<()> {
    let count = ORDERS * LINES;
    Sql::new("UPDATE counters SET value = value + ")
        .arg(count)
        .push(" WHERE name = 'ledger:1'")
        .run(tx)
        .await?;
    let each = || products.iter().copied();
    let first = 1_000_000 + batch * count;
    Bulk::into("stock_ledger")
        .same_bigint("store_id", 1)
        .bigint("id", first..first + count)
        .bigint("prev_id", first - count..first)
        .same_bigint("location_id", 1)
        .bigint("product_id", each())
        .same_bigint("lot_id", 0)
        .same_bigint("at", 1_795_000_000_000)
        .text("reason", each().map(|_| "sale"))
        .bigint("delta_milli", each().map(|_| -2000))
        .bigint("balance_milli", each().map(|_| 99_000_000))
        .bigint("value_delta_fen", each().map(|_| -1234))
        .uuid_opt(
            "ref_id",
            ids.iter().flat_map(|id| std::iter::repeat_n(Some(*id), 5)),
        )
        .bigint("ref_line", each().map(|_| 1))
        .text("actor", each().map(|_| "till 17"))
        .text("note", each().map(|_| ""))
        .insert(tx)
        .await?;
    let mut sorted: Vec<i64> = products.to_vec();
    sorted.sort_unstable();
    sorted.dedup();
    Bulk::into("stock_levels")
        .same_bigint("store_id", 1)
        .same_bigint("location_id", 1)
        .bigint("product_id", sorted.iter().copied())
        .same_bigint("lot_id", 0)
        .bigint("on_hand_milli", sorted.iter().map(|_| 99_000_000))
        .bigint("reserved_milli", sorted.iter().map(|_| 0))
        .bigint("value_fen", sorted.iter().map(|_| 99_000))
        .bigint("last_entry_id", sorted.iter().map(|_| first))
        .tail(
            "ON CONFLICT (store_id, location_id, product_id, lot_id) DO UPDATE SET \
             on_hand_milli = excluded.on_hand_milli, reserved_milli = excluded.reserved_milli, \
             value_fen = excluded.value_fen, last_entry_id = excluded.last_entry_id",
        )
        .insert(tx)
        .await
}
