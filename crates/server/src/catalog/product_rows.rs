//! Rows of goods, their barcodes and tags: the SQL that writes them.

use aisle_db::{Bulk, Sql, Tx};
use aisle_domain::catalog::{PackBarcode, Product};
use aisle_domain::money::Money;
use aisle_domain::time::Instant;

use crate::Result;

use super::product::Changed;

/// Writes changed goods, new and old.
pub(super) async fn write(tx: &Tx, changed: &[Changed], now: Instant) -> Result<()> {
    let goods = || changed.iter().map(|(product, _)| product);
    Bulk::into("products")
        .bigint("id", goods().map(|p| p.id.get()))
        .text("code", goods().map(|p| &*p.code))
        .text("name", goods().map(|p| &*p.name))
        .text("short_name", goods().map(|p| &*p.short_name))
        .text("spec", goods().map(|p| &*p.spec))
        .bigint_opt("brand_id", goods().map(|p| p.brand_id))
        .bigint_opt("category_id", goods().map(|p| p.category_id))
        .bigint("unit_id", goods().map(|p| p.unit_id))
        .bigint("price_fen", goods().map(|p| p.price.fen()))
        .bigint_opt(
            "member_price_fen",
            goods().map(|p| p.member_price.map(Money::fen)),
        )
        .bigint_opt(
            "floor_price_fen",
            goods().map(|p| p.floor_price.map(Money::fen)),
        )
        .bigint("cost_fen", goods().map(|p| p.cost.fen()))
        .bigint("tax_rate_bp", goods().map(|p| p.tax_rate.0))
        .bigint(
            "safety_stock_milli",
            goods().map(|p| p.safety_stock.milli()),
        )
        .bigint("shelf_life_days", goods().map(|p| p.shelf_life_days))
        .text("supplier", goods().map(|p| &*p.supplier))
        .text("state", goods().map(|p| p.state.as_str()))
        .text("mnemonic", goods().map(|p| &*p.mnemonic))
        .text_opt(
            "picture",
            goods().map(|p| p.picture.as_deref().map(str::to_owned)),
        )
        .bigint("version", goods().map(|p| p.version))
        .bigint("created_at", goods().map(|_| now.0))
        .bigint("updated_at", goods().map(|p| p.updated_at))
        .tail(
            "ON CONFLICT (id) DO UPDATE SET code = excluded.code, name = excluded.name, \
             short_name = excluded.short_name, spec = excluded.spec, brand_id = excluded.brand_id, \
             category_id = excluded.category_id, unit_id = excluded.unit_id, \
             price_fen = excluded.price_fen, member_price_fen = excluded.member_price_fen, \
             floor_price_fen = excluded.floor_price_fen, cost_fen = excluded.cost_fen, \
             tax_rate_bp = excluded.tax_rate_bp, safety_stock_milli = excluded.safety_stock_milli, \
             shelf_life_days = excluded.shelf_life_days, supplier = excluded.supplier, \
             state = excluded.state, mnemonic = excluded.mnemonic, picture = excluded.picture, \
             version = excluded.version, updated_at = excluded.updated_at",
        )
        .insert(tx)
        .await?;
    write_barcodes(tx, changed).await?;
    write_tags(tx, changed).await
}

async fn write_barcodes(tx: &Tx, changed: &[Changed]) -> Result<()> {
    let differs = |(product, old): &&Changed| {
        old.as_ref()
            .is_none_or(|old| old.barcodes != product.barcodes)
    };
    let rewritten: Vec<&Product> = changed.iter().filter(differs).map(|(p, _)| p).collect();
    let ids: Vec<i64> = rewritten.iter().map(|product| product.id.get()).collect();
    Sql::new("DELETE FROM product_barcodes WHERE ")
        .among(tx, "product_id", &ids)
        .run(tx)
        .await?;
    let rows: Vec<(i64, i64, &PackBarcode)> = rewritten
        .iter()
        .flat_map(|product| {
            (0i64..)
                .zip(&product.barcodes)
                .map(|(at, pack)| (product.id.get(), at, pack))
        })
        .collect();
    Bulk::into("product_barcodes")
        .text("barcode", rows.iter().map(|row| &*row.2.barcode))
        .bigint("product_id", rows.iter().map(|row| row.0))
        .bigint("position", rows.iter().map(|row| row.1))
        .bigint("qty_milli", rows.iter().map(|row| row.2.qty.milli()))
        .bigint_opt(
            "price_fen",
            rows.iter().map(|row| row.2.price.map(Money::fen)),
        )
        .insert(tx)
        .await?;
    Ok(())
}

async fn write_tags(tx: &Tx, changed: &[Changed]) -> Result<()> {
    let differs =
        |(product, old): &&Changed| old.as_ref().is_none_or(|old| old.tags != product.tags);
    let rewritten: Vec<&Product> = changed.iter().filter(differs).map(|(p, _)| p).collect();
    let ids: Vec<i64> = rewritten.iter().map(|product| product.id.get()).collect();
    Sql::new("DELETE FROM product_tags WHERE ")
        .among(tx, "product_id", &ids)
        .run(tx)
        .await?;
    let rows: Vec<(i64, i64)> = rewritten
        .iter()
        .flat_map(|product| product.tags.iter().map(|tag| (product.id.get(), *tag)))
        .collect();
    Bulk::into("product_tags")
        .bigint("product_id", rows.iter().map(|row| row.0))
        .bigint("tag_id", rows.iter().map(|row| row.1))
        .insert(tx)
        .await?;
    Ok(())
}
