//! Proof that the books are whole: every promise about stock, money and numbers, in SQL.
//!
//! Each check selects what breaks it and says so in words; no rows means it holds.

use aisle_db::{Db, FromQueryResult, Source, Sql};
use aisle_domain::order::SOLD;
use serde::Serialize;

use crate::{App, Result};

use super::entry::{self, COLUMNS, Entry};
use super::operation::COUNTER;
use super::{anchor, cut};

/// Broken rows shown of each check.
const SHOWN: usize = 5;
const LOG_PAGE: i64 = 10_000;

/// What one check found.
#[derive(Debug, Serialize)]
pub struct Finding {
    /// The check's name.
    pub invariant: &'static str,
    /// Whether nothing broke it.
    pub holds: bool,
    /// The first rows that break it, in words.
    pub broken: Vec<String>,
}

/// Name, and a select of one text column `row`; `:sold` stands for the states of orders that were paid.
const CHECKS: &[(&str, &str)] = &[
    (
        "stock_ledger_sums_to_level",
        "SELECT 'store ' || s.store_id || ' product ' || s.product_id || ': level ' || s.on_hand || ' worth ' || s.worth \
         || ', ledger ' || s.booked || ' worth ' || s.booked_worth AS row FROM ( \
           SELECT store_id, location_id, product_id, lot_id, SUM(on_hand) AS on_hand, SUM(worth) AS worth, \
             SUM(booked) AS booked, SUM(booked_worth) AS booked_worth FROM ( \
               SELECT store_id, location_id, product_id, lot_id, on_hand_milli AS on_hand, value_fen AS worth, \
                 0 AS booked, 0 AS booked_worth FROM stock_levels \
               UNION ALL \
               SELECT store_id, location_id, product_id, lot_id, 0, 0, delta_milli, value_delta_fen FROM stock_ledger \
           ) a GROUP BY store_id, location_id, product_id, lot_id \
         ) s WHERE s.on_hand <> s.booked OR s.worth <> s.booked_worth",
    ),
    (
        "stock_ledger_is_one_chain_per_product",
        "SELECT 'store ' || l.store_id || ' entry ' || l.id || ': balance ' || l.balance_milli || ' after ' || l.prev_id AS row \
         FROM stock_ledger l LEFT JOIN stock_ledger p ON p.store_id = l.store_id AND p.id = l.prev_id \
         WHERE l.balance_milli <> COALESCE(p.balance_milli, 0) + l.delta_milli \
            OR (l.prev_id <> 0 AND (p.id IS NULL OR p.product_id <> l.product_id OR p.location_id <> l.location_id OR p.lot_id <> l.lot_id))",
    ),
    (
        "stock_level_names_its_last_entry",
        "SELECT 'store ' || s.store_id || ' product ' || s.product_id || ': names entry ' || s.last_entry_id || ', last is ' || COALESCE(l.last, 0) AS row \
         FROM stock_levels s LEFT JOIN (SELECT store_id, location_id, product_id, lot_id, MAX(id) AS last FROM stock_ledger \
           GROUP BY store_id, location_id, product_id, lot_id) l \
         ON l.store_id = s.store_id AND l.location_id = s.location_id AND l.product_id = s.product_id AND l.lot_id = s.lot_id \
         WHERE s.last_entry_id <> COALESCE(l.last, 0)",
    ),
    (
        "stock_ledger_has_no_gaps",
        "SELECT 'store ' || l.store_id || ': ' || COUNT(*) || ' entries, last ' || MAX(l.id) || ', counter ' || COALESCE(MAX(c.value), 0) AS row \
         FROM stock_ledger l LEFT JOIN counters c ON c.name = 'ledger:' || l.store_id \
         GROUP BY l.store_id HAVING COUNT(*) <> MAX(l.id) OR MIN(l.id) <> 1 OR COALESCE(MAX(c.value), 0) <> MAX(l.id)",
    ),
    (
        "guarded_sale_never_goes_below_zero",
        "SELECT 'order ' || o.business_day || '-' || o.terminal_no || '-' || o.seq || ' product ' || l.product_id || ': balance ' || l.balance_milli AS row \
         FROM stock_ledger l JOIN orders o ON o.store_id = l.store_id AND o.id = l.ref_id \
         WHERE l.reason = 'sale' AND o.channel IN ('kiosk', 'online') AND o.paid_at = o.created_at AND l.balance_milli < 0 \
           AND NOT EXISTS (SELECT 1 FROM stock_ledger c WHERE c.store_id = l.store_id AND c.id = l.id - 1 AND c.reason = 'count_late')",
    ),
    (
        "late_sale_leaves_what_was_counted",
        "SELECT 'store ' || c.store_id || ' entry ' || c.id || ': gives back ' || c.delta_milli || ', the sale behind it takes ' || COALESCE(s.delta_milli, 0) AS row \
         FROM stock_ledger c LEFT JOIN stock_ledger s ON s.store_id = c.store_id AND s.id = c.id + 1 AND s.reason = 'sale' \
           AND s.ref_id = c.ref_id AND s.ref_line = c.ref_line AND s.product_id = c.product_id \
         WHERE c.reason = 'count_late' AND (s.id IS NULL OR s.delta_milli <> -c.delta_milli OR s.value_delta_fen <> -c.value_delta_fen)",
    ),
    (
        "reserved_equals_open_orders",
        "SELECT 'store ' || s.store_id || ' product ' || s.product_id || ': reserved ' || s.reserved || ', open orders ' || s.open AS row FROM ( \
           SELECT store_id, product_id, SUM(reserved) AS reserved, SUM(open) AS open FROM ( \
             SELECT store_id, product_id, reserved_milli AS reserved, 0 AS open FROM stock_levels \
             UNION ALL \
             SELECT l.store_id, l.product_id, 0, l.qty_milli FROM orders o \
               JOIN order_lines l ON l.store_id = o.store_id AND l.order_id = o.id WHERE o.state = 'received' \
           ) a GROUP BY store_id, product_id \
         ) s WHERE s.reserved <> s.open",
    ),
    (
        "order_total_is_lines_and_rounding",
        "SELECT 'order ' || o.business_day || '-' || o.terminal_no || '-' || o.seq || ': total ' || o.total_fen || ', lines ' || COALESCE(l.amount, 0) || ', rounding ' || o.rounding_fen AS row \
         FROM orders o LEFT JOIN (SELECT store_id, order_id, SUM(amount_fen) AS amount, SUM(discount_fen) AS discount, COUNT(*) AS lines \
           FROM order_lines GROUP BY store_id, order_id) l ON l.store_id = o.store_id AND l.order_id = o.id \
         WHERE o.total_fen <> COALESCE(l.amount, 0) + o.rounding_fen OR o.discount_fen <> COALESCE(l.discount, 0) OR o.lines_count <> COALESCE(l.lines, 0)",
    ),
    (
        "paid_order_has_exactly_its_money",
        "SELECT 'order ' || o.business_day || '-' || o.terminal_no || '-' || o.seq || ' ' || o.state || ': total ' || o.total_fen || ', paid ' || COALESCE(p.amount, 0) AS row \
         FROM orders o LEFT JOIN (SELECT store_id, order_id, SUM(amount_fen) AS amount, COUNT(*) AS payments, \
           SUM(CASE WHEN tendered_fen - change_fen <> amount_fen THEN 1 ELSE 0 END) AS wrong \
           FROM payments WHERE status = 'succeeded' GROUP BY store_id, order_id) p ON p.store_id = o.store_id AND p.order_id = o.id \
         LEFT JOIN (SELECT store_id, order_id, SUM(amount_fen) AS amount FROM payment_refunds WHERE kind = 'cancel' \
           GROUP BY store_id, order_id) c ON c.store_id = o.store_id AND c.order_id = o.id \
         WHERE COALESCE(p.wrong, 0) <> 0 \
            OR (o.state IN :sold AND (COALESCE(p.amount, 0) <> o.total_fen OR p.payments IS NULL)) \
            OR (o.state = 'received' AND p.payments IS NOT NULL AND p.amount >= o.total_fen) \
            OR (o.state = 'cancelled' AND COALESCE(p.amount, 0) <> COALESCE(c.amount, 0))",
    ),
    (
        "late_money_goes_back",
        "SELECT 'payment ' || a.trade_no || ' ' || p.status || ': captured ' || COALESCE(a.captured_fen, 0) || ', goes back ' || COALESCE(f.amount, 0) AS row \
         FROM payment_attempts a JOIN payments p ON p.store_id = a.store_id AND p.order_id = a.order_id AND p.id = a.id \
         LEFT JOIN (SELECT store_id, payment_id, SUM(amount_fen) AS amount FROM payment_refunds WHERE kind = 'late' \
           GROUP BY store_id, payment_id) f ON f.store_id = a.store_id AND f.payment_id = a.id \
         WHERE (p.status = 'late_paid' AND COALESCE(f.amount, 0) <> COALESCE(a.captured_fen, -1)) \
            OR (p.status <> 'late_paid' AND f.amount IS NOT NULL) \
            OR (p.status = 'succeeded' AND COALESCE(a.captured_fen, -1) <> p.amount_fen)",
    ),
    (
        "what_goes_back_stays_within_what_was_captured",
        "SELECT 'payment of refund ' || f.refund_no || ': paid ' || COALESCE(p.amount_fen, 0) || ', goes back ' || f.amount AS row \
         FROM (SELECT store_id, order_id, payment_id, MIN(refund_no) AS refund_no, SUM(amount_fen) AS amount FROM payment_refunds GROUP BY store_id, order_id, payment_id) f \
         LEFT JOIN payments p ON p.store_id = f.store_id AND p.order_id = f.order_id AND p.id = f.payment_id \
         LEFT JOIN payment_attempts a ON a.store_id = f.store_id AND a.id = f.payment_id \
         WHERE p.id IS NULL OR f.amount > COALESCE(a.captured_fen, p.amount_fen)",
    ),
    (
        "refund_through_a_gateway_is_on_its_way",
        "SELECT 'store ' || f.store_id || ': a return pays back ' || f.amount_fen || ' by ' || f.method || ', sent ' || COALESCE(g.amount, 0) AS row \
         FROM refunds f LEFT JOIN (SELECT store_id, return_id, payment_id, SUM(amount_fen) AS amount FROM payment_refunds WHERE kind = 'return' \
           GROUP BY store_id, return_id, payment_id) g ON g.store_id = f.store_id AND g.return_id = f.return_id AND g.payment_id = f.payment_id \
         WHERE f.method IN ('wechat', 'alipay') AND COALESCE(g.amount, 0) <> f.amount_fen",
    ),
    (
        "uncertain_money_is_looked_after",
        "SELECT 'payment ' || a.trade_no || ' is ' || p.status || ' and nobody asks' AS row \
         FROM payment_attempts a JOIN payments p ON p.store_id = a.store_id AND p.order_id = a.order_id AND p.id = a.id \
         WHERE a.check_at IS NULL AND p.status IN ('prepared', 'dispatched', 'user_paying', 'unknown', 'reversing') \
         UNION ALL \
         SELECT 'refund ' || f.refund_no || ' is ' || f.state || ' and nobody asks' FROM payment_refunds f \
         WHERE f.check_at IS NULL AND f.state IN ('requested', 'processing')",
    ),
    (
        "payment_belongs_to_an_order",
        "SELECT 'store ' || p.store_id || ': a payment of ' || p.amount_fen || ' without order' AS row FROM payments p \
         LEFT JOIN orders o ON o.store_id = p.store_id AND o.id = p.order_id WHERE o.id IS NULL",
    ),
    (
        "paid_line_has_one_stock_entry",
        "SELECT 'order ' || o.business_day || '-' || o.terminal_no || '-' || o.seq || ' line ' || l.line_no || ': sold ' || l.qty_milli || ', taken ' || COALESCE(e.taken, 0) AS row \
         FROM orders o JOIN order_lines l ON l.store_id = o.store_id AND l.order_id = o.id \
         LEFT JOIN (SELECT store_id, ref_id, ref_line, MAX(product_id) AS product_id, -SUM(delta_milli) AS taken, -SUM(value_delta_fen) AS cost, COUNT(*) AS entries \
           FROM stock_ledger WHERE reason = 'sale' GROUP BY store_id, ref_id, ref_line) e \
         ON e.store_id = l.store_id AND e.ref_id = l.order_id AND e.ref_line = l.line_no \
         WHERE (o.state IN :sold AND (e.entries IS NULL OR e.entries <> 1 OR e.taken <> l.qty_milli OR e.product_id <> l.product_id OR e.cost <> l.cost_fen)) \
            OR (o.state IN ('received', 'cancelled') AND e.entries IS NOT NULL)",
    ),
    (
        "sale_entry_belongs_to_a_line",
        "SELECT 'store ' || e.store_id || ' entry ' || e.id AS row FROM stock_ledger e \
         LEFT JOIN order_lines l ON l.store_id = e.store_id AND l.order_id = e.ref_id AND l.line_no = e.ref_line \
         WHERE e.reason = 'sale' AND l.order_id IS NULL",
    ),
    (
        "receipt_numbers_have_no_gaps",
        "SELECT 'store ' || o.store_id || ' till ' || o.terminal_no || ' day ' || o.business_day || ': ' || COUNT(*) || ' receipts, last ' || MAX(o.seq) AS row \
         FROM orders o LEFT JOIN receipt_counters c ON c.store_id = o.store_id AND c.terminal_no = o.terminal_no AND c.business_day = o.business_day \
         GROUP BY o.store_id, o.terminal_no, o.business_day \
         HAVING MIN(o.seq) <> 1 OR COUNT(*) <> MAX(o.seq) OR COALESCE(MAX(c.last_seq), 0) <> MAX(o.seq)",
    ),
    (
        "order_events_tell_its_state",
        "SELECT 'order ' || o.business_day || '-' || o.terminal_no || '-' || o.seq || ' is ' || o.state || ', last event ' || COALESCE(e.kind, 'none') AS row \
         FROM orders o LEFT JOIN (SELECT store_id, order_id, MAX(seq) AS last, COUNT(*) AS events, MIN(seq) AS first FROM order_events GROUP BY store_id, order_id) s \
           ON s.store_id = o.store_id AND s.order_id = o.id \
         LEFT JOIN order_events e ON e.store_id = s.store_id AND e.order_id = s.order_id AND e.seq = s.last \
         WHERE s.first IS NULL OR s.first <> 1 OR s.events <> s.last \
            OR (s.events > 2 AND o.state NOT IN ('partly_returned', 'returned')) \
            OR (o.state IN ('received', 'paid', 'partly_returned', 'returned') AND e.kind <> o.state) \
            OR (o.state = 'cancelled' AND e.kind NOT IN ('cancelled', 'expired')) \
            OR o.state NOT IN ('received', 'paid', 'cancelled', 'partly_returned', 'returned')",
    ),
    (
        "returns_stay_within_what_was_sold",
        "SELECT 'order ' || o.business_day || '-' || o.terminal_no || '-' || o.seq || ' line ' || b.line_no || ': sold ' || COALESCE(l.qty_milli, 0) || ', returned ' || b.qty AS row \
         FROM (SELECT r.store_id, r.order_id, l.line_no, SUM(l.qty_milli) AS qty, SUM(l.amount_fen) AS amount, SUM(l.tax_fen) AS tax, SUM(l.cost_fen) AS cost \
           FROM order_returns r JOIN order_return_lines l ON l.store_id = r.store_id AND l.return_id = r.id GROUP BY r.store_id, r.order_id, l.line_no) b \
         JOIN orders o ON o.store_id = b.store_id AND o.id = b.order_id \
         LEFT JOIN order_lines l ON l.store_id = b.store_id AND l.order_id = b.order_id AND l.line_no = b.line_no \
         WHERE l.line_no IS NULL OR b.qty > l.qty_milli OR b.amount > l.amount_fen OR b.tax > l.tax_fen OR b.cost > l.cost_fen \
            OR (b.qty = l.qty_milli AND (b.amount <> l.amount_fen OR b.tax <> l.tax_fen OR b.cost <> l.cost_fen))",
    ),
    (
        "order_state_tells_its_returns",
        "SELECT 'order ' || o.business_day || '-' || o.terminal_no || '-' || o.seq || ' is ' || o.state || ': sold ' || s.sold || ', returned ' || s.returned AS row FROM ( \
           SELECT store_id, order_id, SUM(sold) AS sold, SUM(returned) AS returned FROM ( \
             SELECT r.store_id, r.order_id, 0 AS sold, l.qty_milli AS returned FROM order_returns r \
               JOIN order_return_lines l ON l.store_id = r.store_id AND l.return_id = r.id \
             UNION ALL \
             SELECT l.store_id, l.order_id, l.qty_milli, 0 FROM order_lines l \
               JOIN orders o ON o.store_id = l.store_id AND o.id = l.order_id WHERE o.state IN ('partly_returned', 'returned') \
           ) a GROUP BY store_id, order_id \
         ) s JOIN orders o ON o.store_id = s.store_id AND o.id = s.order_id \
         WHERE s.returned = 0 OR (o.state = 'returned') <> (s.returned = s.sold) OR o.state NOT IN ('partly_returned', 'returned')",
    ),
    (
        "return_is_its_lines_and_its_refunds",
        "SELECT 'return ' || r.business_day || '-' || r.terminal_no || '-' || r.seq || ': refund ' || r.refund_fen || ', lines ' || COALESCE(l.amount, 0) || ', paid back ' || COALESCE(f.amount, 0) AS row \
         FROM order_returns r \
         LEFT JOIN (SELECT store_id, return_id, SUM(amount_fen) AS amount FROM order_return_lines GROUP BY store_id, return_id) l ON l.store_id = r.store_id AND l.return_id = r.id \
         LEFT JOIN (SELECT store_id, return_id, SUM(amount_fen) AS amount FROM refunds GROUP BY store_id, return_id) f ON f.store_id = r.store_id AND f.return_id = r.id \
         WHERE l.amount IS NULL OR r.goods_fen <> l.amount OR r.refund_fen <> r.goods_fen + r.rounding_fen OR r.refund_fen <> COALESCE(f.amount, 0)",
    ),
    (
        "refunds_stay_within_what_was_paid",
        "SELECT 'order ' || o.business_day || '-' || o.terminal_no || '-' || o.seq || ': paid ' || COALESCE(p.amount_fen, 0) || ', paid back ' || f.amount AS row \
         FROM (SELECT r.store_id, r.order_id, f.payment_id, SUM(f.amount_fen) AS amount FROM refunds f \
           JOIN order_returns r ON r.store_id = f.store_id AND r.id = f.return_id GROUP BY r.store_id, r.order_id, f.payment_id) f \
         JOIN orders o ON o.store_id = f.store_id AND o.id = f.order_id \
         LEFT JOIN payments p ON p.store_id = f.store_id AND p.order_id = f.order_id AND p.id = f.payment_id AND p.status = 'succeeded' \
         WHERE f.amount > COALESCE(p.amount_fen, 0) OR (o.state = 'returned' AND f.amount <> p.amount_fen)",
    ),
    (
        "returned_line_has_one_stock_entry",
        "SELECT 'return ' || r.business_day || '-' || r.terminal_no || '-' || r.seq || ' line ' || l.line_no || ': ' || l.qty_milli || ', booked ' || COALESCE(e.qty, 0) AS row \
         FROM order_returns r JOIN order_return_lines l ON l.store_id = r.store_id AND l.return_id = r.id \
         LEFT JOIN (SELECT store_id, ref_id, ref_line, MAX(product_id) AS product_id, SUM(delta_milli) AS qty, SUM(value_delta_fen) AS cost, COUNT(*) AS entries \
           FROM stock_ledger WHERE reason = 'return' GROUP BY store_id, ref_id, ref_line) e \
         ON e.store_id = r.store_id AND e.ref_id = r.id AND e.ref_line = l.line_no \
         WHERE e.entries IS NULL OR e.entries <> 1 OR e.qty <> l.qty_milli OR e.cost <> l.cost_fen OR e.product_id <> l.product_id",
    ),
    (
        "return_numbers_have_no_gaps",
        "SELECT 'store ' || store_id || ' till ' || terminal_no || ' day ' || business_day || ': ' || COUNT(*) || ' returns, last ' || MAX(seq) AS row \
         FROM order_returns GROUP BY store_id, terminal_no, business_day HAVING MIN(seq) <> 1 OR COUNT(*) <> MAX(seq)",
    ),
    (
        "exchange_is_a_return_and_its_order",
        "SELECT 'store ' || x.store_id || ': an exchange with credit ' || x.credit_fen || ', refund ' || COALESCE(r.refund_fen, 0) || ', paid ' || COALESCE(p.amount, 0) AS row \
         FROM (SELECT store_id, return_id, order_id, credit_fen FROM exchanges \
           UNION ALL SELECT p.store_id, NULL, p.order_id, 0 FROM payments p \
             LEFT JOIN exchanges e ON e.store_id = p.store_id AND e.order_id = p.order_id WHERE p.method = 'exchange' AND e.order_id IS NULL) x \
         LEFT JOIN order_returns r ON r.store_id = x.store_id AND r.id = x.return_id \
         LEFT JOIN orders o ON o.store_id = x.store_id AND o.id = x.order_id \
         LEFT JOIN (SELECT store_id, order_id, SUM(amount_fen) AS amount FROM payments WHERE method = 'exchange' AND status = 'succeeded' \
           GROUP BY store_id, order_id) p ON p.store_id = x.store_id AND p.order_id = x.order_id \
         WHERE r.id IS NULL OR o.id IS NULL OR p.amount IS NULL OR p.amount <> x.credit_fen \
            OR (x.credit_fen <> r.refund_fen AND x.credit_fen <> o.total_fen) OR x.credit_fen > r.refund_fen OR x.credit_fen > o.total_fen",
    ),
    (
        "blind_return_is_its_lines",
        "SELECT 'return ' || r.business_day || '-' || r.terminal_no || '-B' || r.seq || ': refund ' || r.refund_fen || ', lines ' || COALESCE(l.amount, 0) AS row \
         FROM blind_returns r \
         LEFT JOIN (SELECT store_id, return_id, SUM(amount_fen) AS amount FROM blind_return_lines GROUP BY store_id, return_id) l ON l.store_id = r.store_id AND l.return_id = r.id \
         WHERE l.amount IS NULL OR r.goods_fen <> l.amount OR r.refund_fen <> r.goods_fen + r.rounding_fen OR r.rounding_fen > 0",
    ),
    (
        "blind_return_line_has_one_stock_entry",
        "SELECT 'return ' || r.business_day || '-' || r.terminal_no || '-B' || r.seq || ' line ' || l.line_no || ': ' || l.qty_milli || ', booked ' || COALESCE(e.qty, 0) AS row \
         FROM blind_returns r JOIN blind_return_lines l ON l.store_id = r.store_id AND l.return_id = r.id \
         LEFT JOIN (SELECT store_id, ref_id, ref_line, MAX(product_id) AS product_id, SUM(delta_milli) AS qty, SUM(value_delta_fen) AS cost, COUNT(*) AS entries \
           FROM stock_ledger WHERE reason = 'return' GROUP BY store_id, ref_id, ref_line) e \
         ON e.store_id = r.store_id AND e.ref_id = r.id AND e.ref_line = l.line_no \
         WHERE e.entries IS NULL OR e.entries <> 1 OR e.qty <> l.qty_milli OR e.cost <> l.cost_fen OR e.product_id <> l.product_id",
    ),
    (
        "return_entry_belongs_to_a_line",
        "SELECT 'store ' || e.store_id || ' entry ' || e.id AS row FROM stock_ledger e \
         LEFT JOIN order_return_lines l ON l.store_id = e.store_id AND l.return_id = e.ref_id AND l.line_no = e.ref_line \
         LEFT JOIN blind_return_lines b ON b.store_id = e.store_id AND b.return_id = e.ref_id AND b.line_no = e.ref_line \
         WHERE e.reason = 'return' AND l.return_id IS NULL AND b.return_id IS NULL",
    ),
    (
        "blind_return_numbers_have_no_gaps",
        "SELECT 'store ' || store_id || ' till ' || terminal_no || ' day ' || business_day || ': ' || COUNT(*) || ' returns, last ' || MAX(seq) AS row \
         FROM blind_returns GROUP BY store_id, terminal_no, business_day HAVING MIN(seq) <> 1 OR COUNT(*) <> MAX(seq)",
    ),
    (
        "given_price_is_used_by_one_line",
        "SELECT 'store ' || g.store_id || ' product ' || g.product_id || ': given ' || g.unit_price_fen || ', sold at ' || COALESCE(l.amount_fen, 0) AS row \
         FROM price_overrides g LEFT JOIN order_lines l ON l.store_id = g.store_id AND l.order_id = g.order_id AND l.line_no = g.line_no \
         WHERE g.order_id IS NOT NULL AND (l.line_no IS NULL OR l.product_id <> g.product_id \
            OR l.amount_fen > (g.unit_price_fen * l.qty_milli + 500) / 1000)",
    ),
    (
        "barcode_belongs_to_a_product",
        "SELECT 'barcode ' || b.barcode AS row FROM product_barcodes b LEFT JOIN products p ON p.id = b.product_id WHERE p.id IS NULL",
    ),
];

/// Runs every check on what is committed.
pub async fn verify(db: &Db) -> Result<Vec<Finding>> {
    #[derive(FromQueryResult)]
    struct Row {
        row: String,
    }
    let mut findings = Vec::with_capacity(CHECKS.len() + 1);
    for (invariant, select) in CHECKS {
        let rows: Vec<Row> = Sql::new(&select.replace(":sold", SOLD))
            .push(" LIMIT ")
            .arg(i64::try_from(SHOWN).unwrap_or(1))
            .all(db.read_fresh())
            .await?;
        findings.push(finding(
            invariant,
            rows.into_iter().map(|row| row.row).collect(),
        ));
    }
    let bad = first_bad_entry(db.read_fresh()).await?;
    findings.push(finding(
        "operation_log_is_one_chain",
        bad.into_iter().collect(),
    ));
    Ok(findings)
}

/// The same and what is kept outside the database.
pub async fn verify_all(app: &App) -> Result<Vec<Finding>> {
    let mut findings = verify(&app.db).await?;
    let lost = anchor::first_lost(app).await?;
    findings.push(finding(
        "operation_log_holds_its_anchors",
        lost.into_iter().collect(),
    ));
    Ok(findings)
}

fn finding(invariant: &'static str, broken: Vec<String>) -> Finding {
    let holds = broken.is_empty();
    metrics::gauge!("aisle_invariant_violations", "invariant" => invariant)
        .set(f64::from(u32::try_from(broken.len()).unwrap_or(u32::MAX)));
    Finding {
        invariant,
        holds,
        broken,
    }
}

/// Walks the log from its first entry, or from where it was cut, and names the first one that was changed or
/// is missing. Inside a transaction it sees what the transaction did.
pub async fn first_bad_entry(source: &impl Source) -> Result<Option<String>> {
    let cut = cut::last(source).await?;
    let begin = cut.map_or((0, String::new()), |cut| (cut.last_id, cut.hash));
    first_bad_between(source, begin, None).await
}

/// The same behind the entry of this number and hash, to the end of the log or up to an entry.
pub(super) async fn first_bad_between(
    source: &impl Source,
    (mut last, mut hash): (i64, String),
    until: Option<(i64, &str)>,
) -> Result<Option<String>> {
    let mut whole = entry::is_whole(&hash);
    loop {
        let page: Vec<Entry> = Sql::new("SELECT ")
            .push(COLUMNS)
            .push(" FROM operation_log o WHERE o.id > ")
            .arg(last)
            .opt(" AND o.id <= ", until.map(|(id, _)| id))
            .push(" ORDER BY o.id LIMIT ")
            .arg(LOG_PAGE)
            .all(source)
            .await?;
        let is_end = i64::try_from(page.len()).unwrap_or(0) < LOG_PAGE;
        for entry in page {
            let id = entry.id;
            if id != last + 1 {
                return Ok(Some(format!("entry {} is missing", last + 1)));
            }
            if entry.prev_hash != hash {
                return Ok(Some(format!(
                    "entry {id} does not follow from the one before it"
                )));
            }
            // Nobody writes the old form any more, so behind the new one it was put there.
            if !entry.is_sealed() || (whole && !entry.is_whole()) {
                return Ok(Some(format!("entry {id} does not say what was written")));
            }
            whole = entry.is_whole();
            (last, hash) = (id, entry.hash);
        }
        if is_end {
            break;
        }
    }
    if let Some((id, named)) = until {
        let is_there = last == id && hash == named;
        return Ok((!is_there).then(|| format!("entry {id} is not the one that was anchored")));
    }
    let counted = Sql::new("SELECT value FROM counters WHERE name = ")
        .arg(COUNTER)
        .number(source)
        .await?;
    Ok((counted != last).then(|| {
        let missing = last + 1;
        format!("entry {missing} is missing: {counted} were written")
    }))
}
