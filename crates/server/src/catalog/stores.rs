//! Setting up stores.

use aisle_db::{Bulk, Sql, Tx};
use aisle_domain::ids::StoreId;
use aisle_domain::money::CashRounding;
use aisle_domain::returns::ReturnWindow;
use aisle_domain::scale_label::{LabelCheck, ScaleRule, default_rules};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::http::{Actor, refuse_card_number, text};
use crate::ops::{self, Operation};
use crate::{App, Error, Result, codes};

use super::catalogue::Store;

/// What makes a store.
#[derive(Debug, Clone)]
pub struct NewStore {
    /// Short code, unique.
    pub code: String,
    /// Name on receipts.
    pub name: String,
    /// Telephone on receipts.
    pub phone: String,
    /// Address on receipts.
    pub address: String,
    /// IANA name.
    pub time_zone: String,
}

/// Creates a store with a sales floor, a back room, goods in transit and the usual scale labels.
pub async fn create_store(app: &App, new: &NewStore, actor: &str) -> Result<StoreId> {
    let now = app.clock.now();
    let id = aisle_db::transact!(app.db, |tx| {
        // Taking the number locks the counter: two stores are opened one after the other.
        let id = crate::ops::take_numbers(tx, "stores", 1).await?;
        ensure_code_is_free(tx, &new.code).await?;
        Sql::new("INSERT INTO stores (id, code, name, phone, address, time_zone, rounding, created_at) VALUES (")
                .arg(id)
                .push(", ")
                .arg(new.code.as_str())
                .push(", ")
                .arg(new.name.as_str())
                .push(", ")
                .arg(new.phone.as_str())
                .push(", ")
                .arg(new.address.as_str())
                .push(", ")
                .arg(new.time_zone.as_str())
                .push(", 'drop_fen', ")
                .arg(now.0)
                .push(")")
                .run(tx)
                .await?;
        let places = [
            (1, "floor", "卖场"),
            (2, "back", "后仓"),
            (3, "transit", "在途"),
        ];
        Bulk::into("locations")
            .bigint("store_id", places.iter().map(|_| id))
            .bigint("id", places.iter().map(|place| place.0))
            .text("kind", places.iter().map(|place| place.1))
            .text("name", places.iter().map(|place| place.2))
            .insert(tx)
            .await?;
        write_scale_rules(tx, StoreId(id), &default_rules()).await?;
        let operation = Operation::by_name(StoreId(id), actor, "store.create")
            .on(format!("store {id}"))
            .change(&Value::Null, &json!({ "code": new.code, "name": new.name }));
        ops::record(tx, now, operation).await?;
        Ok::<_, Error>(StoreId(id))
    })?;
    app.catalogue.refresh_stores(&app.db).await?;
    Ok(id)
}

async fn ensure_code_is_free(tx: &Tx, code: &str) -> Result<()> {
    let holder = Sql::new("SELECT id FROM stores WHERE code = ")
        .arg(code)
        .opt_number(tx)
        .await?;
    match holder {
        None => Ok(()),
        Some(id) => Err(Error::with(
            &codes::NAME_TAKEN,
            vec![json!({ "name": "code", "value": code, "id": id })],
        )),
    }
}

/// What may change of a store; absent fields stay.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct StoreChange {
    name: Option<String>,
    phone: Option<String>,
    address: Option<String>,
    /// 0–23.
    day_cutoff_hour: Option<i64>,
    /// `none`, `drop_fen`, `drop_jiao`, `round_jiao`, `round_yuan`.
    rounding: Option<String>,
    pos_negative_stock: Option<bool>,
    reservation_minutes: Option<i64>,
    /// Days within which goods come back without a second person, 0–3650; 0 is no end.
    return_window_days: Option<i64>,
    /// Lines at the end of a receipt.
    receipt_footer: Option<String>,
}

/// Changes a store.
pub(super) async fn change(
    app: &App,
    actor: &Actor,
    store: &Store,
    change: StoreChange,
) -> Result<()> {
    let rounding = match change.rounding.as_deref() {
        None => store.policy.rounding,
        Some(name) => CashRounding::parse(name)
            .ok_or_else(|| Error::invalid("rounding", "not a rounding rule"))?,
    };
    let cutoff = change.day_cutoff_hour.unwrap_or(store.cutoff_hour.into());
    if !(0..=23).contains(&cutoff) {
        return Err(Error::invalid("day_cutoff_hour", "0 to 23"));
    }
    let minutes = change
        .reservation_minutes
        .unwrap_or(store.reservation_minutes);
    if !(1..=10_080).contains(&minutes) {
        return Err(Error::invalid("reservation_minutes", "1 to 10080"));
    }
    let window = change
        .return_window_days
        .unwrap_or(store.return_window.days());
    if !(0..=ReturnWindow::DAYS_MAX).contains(&window) {
        return Err(Error::invalid("return_window_days", "0 to 3650"));
    }
    let field = |name, new: &Option<String>, old: &str, min, max| match new {
        Some(new) => text(name, new, min, max),
        None => Ok(old.to_owned()),
    };
    let name = field("name", &change.name, &store.name, 1, 60)?;
    let phone = field("phone", &change.phone, &store.phone, 0, 30)?;
    let address = field("address", &change.address, &store.address, 0, 120)?;
    let footer = change
        .receipt_footer
        .as_ref()
        .unwrap_or(&store.receipt_footer);
    if footer.chars().count() > 300 {
        return Err(Error::invalid("receipt_footer", "at most 300 characters"));
    }
    refuse_card_number("receipt_footer", footer)?;
    let now = app.clock.now();
    let before = settings(store);
    let after = Settings {
        name: &name,
        phone: &phone,
        address: &address,
        day_cutoff_hour: cutoff,
        rounding: rounding.as_str(),
        pos_negative_stock: change
            .pos_negative_stock
            .unwrap_or(before.pos_negative_stock),
        reservation_minutes: minutes,
        return_window_days: window,
        receipt_footer: footer,
    };
    aisle_db::transact!(app.db, |tx| {
        update(tx, store.id, &after).await?;
        let operation = Operation::of(actor, "store.change")
            .on(format!("store {}", store.id))
            .change(&before, &after);
        ops::record(tx, now, operation).await
    })?;
    app.catalogue.refresh_stores(&app.db).await
}

/// What can be changed of a store, as stored.
#[derive(Debug, Serialize)]
struct Settings<'a> {
    name: &'a str,
    phone: &'a str,
    address: &'a str,
    day_cutoff_hour: i64,
    rounding: &'a str,
    pos_negative_stock: bool,
    reservation_minutes: i64,
    return_window_days: i64,
    receipt_footer: &'a str,
}

fn settings(store: &Store) -> Settings<'_> {
    Settings {
        name: &store.name,
        phone: &store.phone,
        address: &store.address,
        day_cutoff_hour: store.cutoff_hour.into(),
        rounding: store.policy.rounding.as_str(),
        pos_negative_stock: store.policy.pos_negative_stock,
        reservation_minutes: store.reservation_minutes,
        return_window_days: store.return_window.days(),
        receipt_footer: &store.receipt_footer,
    }
}

async fn update(tx: &Tx, id: StoreId, settings: &Settings<'_>) -> Result<()> {
    Sql::new("UPDATE stores SET name = ")
        .arg(settings.name)
        .push(", phone = ")
        .arg(settings.phone)
        .push(", address = ")
        .arg(settings.address)
        .push(", day_cutoff_hour = ")
        .arg(settings.day_cutoff_hour)
        .push(", rounding = ")
        .arg(settings.rounding)
        .push(", pos_negative_stock = ")
        .arg(settings.pos_negative_stock)
        .push(", reservation_minutes = ")
        .arg(settings.reservation_minutes)
        .push(", return_window_days = ")
        .arg(settings.return_window_days)
        .push(", receipt_footer = ")
        .arg(settings.receipt_footer)
        .push(" WHERE id = ")
        .arg(id.get())
        .run(tx)
        .await?;
    Ok(())
}

/// Replaces a store's scale rules and takes them in.
pub(super) async fn replace_rules(
    app: &App,
    actor: &Actor,
    store: &Store,
    rules: &[ScaleRule],
) -> Result<()> {
    let now = app.clock.now();
    aisle_db::transact!(app.db, |tx| {
        write_scale_rules(tx, store.id, rules).await?;
        let patterns = |rules: &[ScaleRule]| -> Value {
            rules.iter().map(|rule| rule.pattern.as_str()).collect()
        };
        let operation = Operation::of(actor, "store.scale_rules")
            .on(format!("store {}", store.id))
            .change(
                &json!({ "patterns": patterns(&store.scale_rules) }),
                &json!({ "patterns": patterns(rules) }),
            );
        ops::record(tx, now, operation).await
    })?;
    app.catalogue.refresh_stores(&app.db).await
}

/// Replaces a store's scale rules.
async fn write_scale_rules(tx: &Tx, store: StoreId, rules: &[ScaleRule]) -> Result<()> {
    Sql::new("DELETE FROM scale_rules WHERE store_id = ")
        .arg(store.get())
        .run(tx)
        .await?;
    Bulk::into("scale_rules")
        .bigint("store_id", rules.iter().map(|_| store.get()))
        .bigint("position", 0..i64::try_from(rules.len()).unwrap_or(0))
        .text("prefix", rules.iter().map(|rule| rule.prefix.as_str()))
        .text("pattern", rules.iter().map(|rule| rule.pattern.as_str()))
        .bigint(
            "weight_decimals",
            rules.iter().map(|rule| rule.weight_decimals.into()),
        )
        .bigint(
            "price_decimals",
            rules.iter().map(|rule| rule.price_decimals.into()),
        )
        .text(
            "check_digit",
            rules.iter().map(|rule| match rule.check {
                LabelCheck::Ean => "ean",
                LabelCheck::None => "none",
            }),
        )
        .bigint("priority", rules.iter().map(|rule| rule.priority.into()))
        .insert(tx)
        .await?;
    Ok(())
}
