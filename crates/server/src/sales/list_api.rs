//! HTTP of finding orders, and of taking what was found along as a sheet.

use aisle_domain::order::{Channel, OrderState};
use axum::extract::State;
use axum::response::IntoResponse;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use crate::error::Problem;
use crate::http::{
    Can, Cursor, Json, Page, PageQuery, Query, download, instant, plain_text, right,
};
use crate::sheet::{Language, SheetFormat};
use crate::{App, Error, Result};

use super::api::the_store;
use super::list::{self, Wanted};
use super::list_export;
use super::store::OrderRow;
use super::view::{number, time};

/// The calls that find orders.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_orders))
        .routes(routes!(export_orders))
}

/// A query of everything orders are found by, and of more: the query of a URL takes no part of another.
macro_rules! query_of_orders {
    ($name:ident { $($(#[$doc:meta])* $field:ident: $kind:ty,)* }) => {
        #[derive(Deserialize, IntoParams)]
        #[serde(deny_unknown_fields)]
        #[into_params(parameter_in = Query)]
        struct $name {
            /// `20261122`, `20261122-01` or `20261122-01-000123`.
            no: Option<String>,
            /// Member number as recorded.
            customer: Option<String>,
            member: Option<String>,
            /// The last four digits of the member's number.
            member_tail: Option<String>,
            /// `received`, `paid`, `cancelled`, `partly_returned`, `returned`.
            status: Option<String>,
            /// `pos`, `kiosk`, `online`.
            channel: Option<String>,
            /// RFC 3339, inclusive.
            from: Option<String>,
            /// RFC 3339, exclusive.
            to: Option<String>,
            /// Product id.
            product: Option<i64>,
            /// Goods by name, pinyin, code or digits of a barcode.
            goods: Option<String>,
            /// To pay, at least.
            total_min_fen: Option<i64>,
            /// To pay, at most.
            total_max_fen: Option<i64>,
            /// Part of a person's name or sign-in name, or the name of a device.
            cashier: Option<String>,
            /// Paid with, such as `cash`.
            method: Option<String>,
            /// Till number.
            terminal: Option<i64>,
            $($(#[$doc])* $field: $kind,)*
        }

        impl $name {
            async fn wanted(&self, app: &App) -> Result<Wanted> {
                let goods = given("goods", &self.goods)?;
                let cashier = match given("cashier", &self.cashier)? {
                    Some(text) => Some(list::cashier_called(app.db.read(), &text).await?),
                    None => None,
                };
                Ok(Wanted {
                    no: self.no.clone(),
                    customer: self.customer.clone().or_else(|| self.member.clone()),
                    member_tail: tail(&self.member_tail)?,
                    status: status(&self.status)?,
                    channel: channel(&self.channel)?,
                    from: instant("from", self.from.clone())?,
                    to: instant("to", self.to.clone())?,
                    product: self.product,
                    goods: goods.map(|words| list::goods_called(app, &words)).transpose()?,
                    total_min: self.total_min_fen,
                    total_max: self.total_max_fen,
                    cashier,
                    method: given("method", &self.method)?,
                    terminal: self.terminal,
                    before: None,
                })
            }
        }
    };
}

query_of_orders!(OrdersQuery {
    limit: Option<u32>,
    cursor: Option<String>,
});

query_of_orders!(ExportQuery {
    /// `xlsx` or `csv`.
    format: String,
    /// `zh-CN` (the default) or `en`.
    lang: Option<String>,
});

/// A row of the list of orders.
#[derive(Debug, Serialize, ToSchema)]
struct OrderRowView {
    id: Uuid,
    no: String,
    status: String,
    business_day: i64,
    terminal_no: i64,
    channel: String,
    cashier: String,
    member: Option<String>,
    lines_count: i64,
    total_fen: i64,
    discount_fen: i64,
    rounding_fen: i64,
    created_at: String,
    paid_at: Option<String>,
}

/// Orders, newest first. Needs `order.read`.
#[utoipa::path(get, path = "/api/v1/orders", tag = "sales", params(OrdersQuery),
    responses((status = 200, body = Page<OrderRowView>), (status = "default", body = Problem)))]
async fn list_orders(
    State(app): State<App>,
    can: Can<right::OrderRead>,
    Query(query): Query<OrdersQuery>,
) -> Result<Json<Page<OrderRowView>>> {
    let mut wanted = query.wanted(&app).await?;
    let (limit, before) = PageQuery::by_place(query.limit, query.cursor)?;
    wanted.before = before;
    let rows = list::list(app.db.read_fresh(), can.store_id(), wanted, limit + 1).await?;
    let page = Page::cut(rows, limit, |row| Cursor::place((row.created_at, row.id)));
    Ok(Json(Page {
        items: page.items.into_iter().map(OrderRowView::of).collect(),
        next: page.next,
    }))
}

/// What the list shows as a file, at most 100,000 orders. Needs `order.read`.
#[utoipa::path(get, path = "/api/v1/orders/export", tag = "sales", params(ExportQuery),
    responses(
        (status = 200, content(
            (Vec<u8> = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
            (String = "text/csv"))),
        (status = "default", body = Problem)))]
async fn export_orders(
    State(app): State<App>,
    can: Can<right::OrderRead>,
    Query(query): Query<ExportQuery>,
) -> Result<impl IntoResponse> {
    let format =
        SheetFormat::parse(&query.format).ok_or_else(|| Error::invalid("format", "xlsx or csv"))?;
    let language = Language::parse(query.lang.as_deref())
        .ok_or_else(|| Error::invalid("lang", "zh-CN or en"))?;
    let wanted = query.wanted(&app).await?;
    let store = the_store(&app, can.store_id())?;
    let (name, bytes) = list_export::export(&app, &store, wanted, (format, language)).await?;
    Ok(download(format.media_type(), &name, bytes))
}

impl OrderRowView {
    fn of(row: OrderRow) -> OrderRowView {
        OrderRowView {
            no: number(&row),
            id: row.id,
            status: row.state,
            business_day: row.business_day,
            terminal_no: row.terminal_no,
            channel: row.channel,
            cashier: row.cashier,
            member: row.member,
            lines_count: row.lines_count,
            total_fen: row.total_fen,
            discount_fen: row.discount_fen,
            rounding_fen: row.rounding_fen,
            created_at: time(row.created_at),
            paid_at: row.paid_at.map(time),
        }
    }
}

/// A word of the query, when there is one.
fn given(name: &str, value: &Option<String>) -> Result<Option<String>> {
    let value = value.as_deref().filter(|text| !text.trim().is_empty());
    value.map(|text| plain_text(name, text, 1, 60)).transpose()
}

fn tail(value: &Option<String>) -> Result<Option<String>> {
    let tail = given("member_tail", value)?;
    if tail.as_ref().is_some_and(|tail| tail.chars().count() != 4) {
        return Err(Error::invalid("member_tail", "the last four"));
    }
    Ok(tail)
}

fn status(value: &Option<String>) -> Result<Option<String>> {
    let is_unknown = |name: &String| OrderState::parse(name).is_none();
    if value.as_ref().is_some_and(is_unknown) {
        return Err(Error::invalid(
            "status",
            "received, paid, cancelled, partly_returned or returned",
        ));
    }
    Ok(value.clone())
}

fn channel(value: &Option<String>) -> Result<Option<String>> {
    let is_unknown = |name: &String| Channel::parse(name).is_none();
    if value.as_ref().is_some_and(is_unknown) {
        return Err(Error::invalid("channel", "pos, kiosk or online"));
    }
    Ok(value.clone())
}
