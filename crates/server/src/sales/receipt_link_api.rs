//! HTTP of receipts for customers: no sign-in, whoever holds the link sees its order and nothing else.

use aisle_domain::time::Instant;
use axum::extract::State;
use axum::http::{HeaderName, HeaderValue};
use axum::response::IntoResponse;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::catalog::Store;
use crate::error::Problem;
use crate::http::{Address, Json, Path};
use crate::{App, Error, Result, codes};

use super::api::the_store;
use super::receipt_link;
use super::returns_store::{self, Returned};
use super::store::{self, LineRow, OrderRow};
use super::tenders::{self, PaymentRow};
use super::view::number;

/// The call behind the link.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(show_public_receipt))
}

/// An order as its customer sees it: no person of the shop, no number of a member.
#[derive(Serialize, ToSchema)]
struct PublicReceipt {
    store: PublicStore,
    no: String,
    /// `received`, `paid`, `cancelled`, `partly_returned`, `returned`.
    status: String,
    sold_at: String,
    /// IANA name: where the times are.
    time_zone: String,
    lines: Vec<PublicLine>,
    /// To pay: lines and rounding.
    total_fen: i64,
    discount_fen: i64,
    rounding_fen: i64,
    payments: Vec<PublicPayment>,
    change_fen: i64,
    refunded_fen: i64,
    returns: Vec<PublicReturn>,
}

#[derive(Serialize, ToSchema)]
struct PublicStore {
    name: String,
    phone: String,
    address: String,
}

#[derive(Serialize, ToSchema)]
struct PublicLine {
    line_no: i64,
    name: String,
    spec: String,
    unit: String,
    qty_milli: i64,
    unit_price_fen: i64,
    discount_fen: i64,
    amount_fen: i64,
    /// What came back of it.
    returned_milli: i64,
}

#[derive(Serialize, ToSchema)]
struct PublicPayment {
    method: String,
    status: String,
    amount_fen: i64,
    tendered_fen: i64,
}

#[derive(Serialize, ToSchema)]
struct PublicReturn {
    no: String,
    refund_fen: i64,
    created_at: String,
}

/// The order behind the link on a receipt. Asks nobody; strangers are limited by their network.
#[utoipa::path(get, path = "/api/v1/receipts/{token}", tag = "sales", security(()),
    params(("token" = String, Path)),
    responses((status = 200, body = PublicReceipt), (status = "default", body = Problem)))]
async fn show_public_receipt(
    State(app): State<App>,
    address: Address,
    Path(token): Path<String>,
) -> Result<impl IntoResponse> {
    let network = address.network();
    app.limits.count_stranger(network)?;
    app.limits.count_receipt(network)?;
    let (store, order) = receipt_link::read(&app, &token)?;
    let store = the_store(&app, store)?;
    let reader = app.db.read();
    let row = store::order(reader, store.id, order)
        .await?
        .ok_or_else(|| Error::code(&codes::NOT_FOUND))?;
    let lines = store::lines(reader, store.id, order).await?;
    let mut payments = tenders::payments(reader, store.id, order).await?;
    payments.retain(PaymentRow::is_succeeded);
    let returned = returns_store::of_order(reader, store.id, order).await?;
    let view = view(&store, row, (lines, payments), &returned);
    let noindex = HeaderValue::from_static("noindex, nofollow");
    Ok((
        [(HeaderName::from_static("x-robots-tag"), noindex)],
        Json(view),
    ))
}

fn view(
    store: &Store,
    row: OrderRow,
    (lines, payments): (Vec<LineRow>, Vec<PaymentRow>),
    returned: &Returned,
) -> PublicReceipt {
    let back = |line_no: i64| {
        let lines = returned.lines.iter();
        let of_line = lines.filter(|line| line.line_no == line_no);
        of_line.map(|line| line.qty_milli).sum()
    };
    let time = |at: i64| Instant(at).to_rfc3339();
    PublicReceipt {
        store: PublicStore {
            name: store.name.clone(),
            phone: store.phone.clone(),
            address: store.address.clone(),
        },
        no: number(&row),
        status: row.state,
        sold_at: time(row.sold_at),
        time_zone: store.zone.name().to_owned(),
        lines: lines
            .into_iter()
            .map(|line| PublicLine {
                returned_milli: back(line.line_no),
                line_no: line.line_no,
                name: line.name,
                spec: line.spec,
                unit: line.unit,
                qty_milli: line.qty_milli,
                unit_price_fen: line.unit_price_fen,
                discount_fen: line.discount_fen,
                amount_fen: line.amount_fen,
            })
            .collect(),
        total_fen: row.total_fen,
        discount_fen: row.discount_fen,
        rounding_fen: row.rounding_fen,
        change_fen: payments.iter().map(|payment| payment.change_fen).sum(),
        payments: payments
            .into_iter()
            .map(|payment| PublicPayment {
                method: payment.method,
                status: payment.status,
                amount_fen: payment.amount_fen,
                tendered_fen: payment.tendered_fen,
            })
            .collect(),
        refunded_fen: returned.heads.iter().map(|head| head.refund_fen).sum(),
        returns: returned
            .heads
            .iter()
            .map(|head| PublicReturn {
                no: head.number(),
                refund_fen: head.refund_fen,
                created_at: time(head.created_at),
            })
            .collect(),
    }
}
