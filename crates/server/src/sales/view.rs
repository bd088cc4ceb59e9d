//! Orders as clients see them.

use aisle_db::Source;
use aisle_domain::ids::StoreId;
use aisle_domain::order::order_no;
use aisle_domain::time::{BusinessDay, Instant};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::Result;
use crate::identity::Names;

use super::checkout::Placed;
use super::engine::Job;
use super::exchange_store::{self, ExchangeRow};
use super::payment_view::{self, PaymentView};
use super::price_override::{self, OverrideRow};
use super::returns_store::{self, Returned};
use super::store::{self, OrderRow};

/// An order.
#[derive(Debug, Serialize, ToSchema)]
pub struct OrderView {
    id: Uuid,
    /// Day, till, running number.
    no: String,
    /// `received`, `paid`, `cancelled`, `partly_returned`, `returned`.
    status: String,
    store_id: i64,
    business_day: i64,
    terminal_no: i64,
    channel: String,
    cashier: String,
    member: Option<String>,
    /// To pay: lines and rounding.
    total_fen: i64,
    discount_fen: i64,
    /// Cash rounding, negative when in the customer's favour.
    rounding_fen: i64,
    /// Tax contained in the lines.
    tax_fen: i64,
    change_fen: i64,
    created_at: String,
    sold_at: String,
    paid_at: Option<String>,
    /// Until when an unpaid order keeps its goods.
    expires_at: Option<String>,
    reprints: i64,
    /// What went back to the customer.
    refunded_fen: i64,
    lines: Vec<LineView>,
    /// Every try to pay, in the order of time.
    payments: Vec<PaymentView>,
    /// What was paid so far.
    paid_fen: i64,
    /// What came back, in the order of time.
    returns: Vec<ReturnView>,
    /// Exchanges one half of which is this order.
    exchanges: Vec<ExchangeView>,
    /// Every stage with its time; only in the answer to reading one order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    events: Vec<EventView>,
}

/// A line of an order.
#[derive(Debug, Serialize, ToSchema)]
struct LineView {
    line_no: i64,
    product_id: i64,
    name: String,
    spec: String,
    unit: String,
    barcode: String,
    qty_milli: i64,
    unit_price_fen: i64,
    discount_fen: i64,
    amount_fen: i64,
    tax_fen: i64,
    /// What came back of it.
    returned_milli: i64,
    /// The price somebody gave these goods; only in the answer to reading one order.
    #[serde(skip_serializing_if = "Option::is_none")]
    price_override: Option<OverrideView>,
}

/// A price that counted instead of the goods' own.
#[derive(Debug, Serialize, ToSchema)]
struct OverrideView {
    unit_price_fen: i64,
    reason: String,
    /// Sign-in name, as recorded.
    actor: String,
    /// What this person is called.
    actor_name: String,
    approver: Option<String>,
}

/// Goods that came back.
#[derive(Debug, Serialize, ToSchema)]
struct ReturnView {
    id: Uuid,
    /// Day, till, R and running number.
    no: String,
    reason: String,
    cashier: String,
    approver: Option<String>,
    goods_fen: i64,
    rounding_fen: i64,
    refund_fen: i64,
    created_at: String,
    lines: Vec<ReturnedLineView>,
}

/// A line of a return.
#[derive(Debug, Serialize, ToSchema)]
struct ReturnedLineView {
    line_no: i64,
    qty_milli: i64,
    amount_fen: i64,
    /// `shelf` or `loss`.
    goods_to: String,
}

/// Goods that came back for goods that were taken along.
#[derive(Debug, Serialize, ToSchema)]
struct ExchangeView {
    return_id: Uuid,
    return_no: String,
    /// The order something came back of.
    from_order_id: Uuid,
    /// The order of the goods taken along.
    order_id: Uuid,
    order_no: String,
    /// What of the refund paid for them.
    credit_fen: i64,
}

/// A stage of an order.
#[derive(Debug, Serialize, ToSchema)]
struct EventView {
    seq: i64,
    kind: String,
    at: String,
    /// As recorded: a sign-in name, or that of a device or job.
    actor: String,
    /// What people call them.
    actor_name: String,
    reason: String,
}

impl OrderView {
    /// Of an order that was just recorded.
    pub(super) fn of_placed(store: StoreId, job: &Job, placed: &Placed) -> OrderView {
        let sale = &placed.sale;
        let paid_at = sale.cash.map(|_| job.created_at.to_rfc3339());
        OrderView {
            id: job.basket.order_id.get(),
            no: order_no(placed.day, job.terminal.no, placed.seq),
            status: sale.state.as_str().to_owned(),
            store_id: store.get(),
            business_day: placed.day.0,
            terminal_no: job.terminal.no,
            channel: job.basket.channel.as_str().to_owned(),
            cashier: job.cashier.clone(),
            member: job.member.clone(),
            total_fen: sale.total.fen(),
            discount_fen: sale.discount.fen(),
            rounding_fen: sale.rounding.fen(),
            tax_fen: sale.tax.fen(),
            change_fen: sale.cash.map_or(0, |cash| cash.change.fen()),
            created_at: job.created_at.to_rfc3339(),
            sold_at: job.sold_at.to_rfc3339(),
            paid_at,
            expires_at: None,
            reprints: 0,
            refunded_fen: 0,
            lines: lines_of(job, placed),
            payments: PaymentView::of_placed(placed, job.created_at),
            paid_fen: sale.cash.map_or(0, |cash| cash.amount.fen()),
            returns: Vec::new(),
            exchanges: Vec::new(),
            events: Vec::new(),
        }
    }

    /// Of a stored order, with everything that belongs to it.
    pub(super) async fn load(source: &impl Source, row: OrderRow) -> Result<OrderView> {
        let store = StoreId(row.store_id);
        let lines = store::lines(source, store, row.id).await?;
        let payments = payment_view::of_order(source, store, row.id).await?;
        let events = store::events(source, store, row.id).await?;
        let overrides = price_override::of_order(source, store, row.id).await?;
        let returned = returns_store::of_order(source, store, row.id).await?;
        let exchanges = exchange_store::of_order(source, store, row.id).await?;
        let recorded = events.iter().map(|event| event.actor.as_str());
        let givers = overrides.iter().map(|given| given.actor.as_str());
        let names = Names::load(source, recorded.chain(givers)).await?;
        let lines = lines
            .into_iter()
            .map(|line| line_view(line, &overrides, (&returned, &names)));
        let change = payments.iter().map(|payment| payment.change_fen).sum();
        let paid = payments.iter().map(PaymentView::paid_fen).sum();
        Ok(OrderView {
            no: number(&row),
            id: row.id,
            status: row.state,
            store_id: row.store_id,
            business_day: row.business_day,
            terminal_no: row.terminal_no,
            channel: row.channel,
            cashier: row.cashier,
            member: row.member,
            total_fen: row.total_fen,
            discount_fen: row.discount_fen,
            rounding_fen: row.rounding_fen,
            tax_fen: row.tax_fen,
            change_fen: change,
            created_at: time(row.created_at),
            sold_at: time(row.sold_at),
            paid_at: row.paid_at.map(time),
            expires_at: row.expires_at.map(time),
            reprints: row.reprints,
            refunded_fen: returned.heads.iter().map(|head| head.refund_fen).sum(),
            lines: lines.collect(),
            payments,
            paid_fen: paid,
            returns: returns_of(&returned),
            exchanges: exchanges.into_iter().map(exchange_view).collect(),
            events: events
                .into_iter()
                .map(|event| event_view(event, &names))
                .collect(),
        })
    }

    /// The payment with this identity.
    pub(super) fn payment(&self, id: Uuid) -> Option<PaymentView> {
        self.payments
            .iter()
            .find(|payment| payment.id() == id)
            .cloned()
    }

    /// The number people read.
    pub(super) fn no(&self) -> &str {
        &self.no
    }
}

/// The number people read.
pub(super) fn number(row: &OrderRow) -> String {
    order_no(BusinessDay(row.business_day), row.terminal_no, row.seq)
}

fn lines_of(job: &Job, placed: &Placed) -> Vec<LineView> {
    (1i64..)
        .zip(job.basket.lines.iter().zip(&placed.sale.lines))
        .map(|(line_no, (asked, sold))| LineView {
            line_no,
            product_id: asked.product.id.get(),
            name: asked.product.name.to_string(),
            spec: asked.product.spec.to_string(),
            unit: asked.product.unit.to_string(),
            barcode: asked.barcode.to_string(),
            qty_milli: asked.qty.milli(),
            unit_price_fen: sold.priced.unit_price.fen(),
            discount_fen: sold.priced.discount.fen(),
            amount_fen: sold.priced.amount.fen(),
            tax_fen: sold.priced.tax.fen(),
            returned_milli: 0,
            price_override: None,
        })
        .collect()
}

fn line_view(
    row: store::LineRow,
    overrides: &[OverrideRow],
    (returned, names): (&Returned, &Names),
) -> LineView {
    let given = overrides
        .iter()
        .find(|given| given.line_no == Some(row.line_no));
    let back = returned
        .lines
        .iter()
        .filter(|line| line.line_no == row.line_no);
    LineView {
        returned_milli: back.map(|line| line.qty_milli).sum(),
        price_override: given.map(|given| OverrideView {
            unit_price_fen: given.unit_price_fen,
            reason: given.reason.clone(),
            actor_name: names.of(&given.actor),
            actor: given.actor.clone(),
            approver: given.approver.clone(),
        }),
        line_no: row.line_no,
        product_id: row.product_id,
        name: row.name,
        spec: row.spec,
        unit: row.unit,
        barcode: row.barcode,
        qty_milli: row.qty_milli,
        unit_price_fen: row.unit_price_fen,
        discount_fen: row.discount_fen,
        amount_fen: row.amount_fen,
        tax_fen: row.tax_fen,
    }
}

fn returns_of(returned: &Returned) -> Vec<ReturnView> {
    let lines = |id: Uuid| {
        let lines = returned
            .lines
            .iter()
            .filter(move |line| line.return_id == id);
        lines.map(|line| ReturnedLineView {
            line_no: line.line_no,
            qty_milli: line.qty_milli,
            amount_fen: line.amount_fen,
            goods_to: line.goods_to.clone(),
        })
    };
    let heads = returned.heads.iter();
    heads
        .map(|head| ReturnView {
            id: head.id,
            no: head.number(),
            reason: head.reason.clone(),
            cashier: head.cashier.clone(),
            approver: head.approver.clone(),
            goods_fen: head.goods_fen,
            rounding_fen: head.rounding_fen,
            refund_fen: head.refund_fen,
            created_at: time(head.created_at),
            lines: lines(head.id).collect(),
        })
        .collect()
}

fn exchange_view(row: ExchangeRow) -> ExchangeView {
    ExchangeView {
        return_no: row.return_no(),
        order_no: row.order_no(),
        return_id: row.return_id,
        from_order_id: row.from_order_id,
        order_id: row.order_id,
        credit_fen: row.credit_fen,
    }
}

fn event_view(row: store::EventRow, names: &Names) -> EventView {
    EventView {
        seq: row.seq,
        kind: row.kind,
        at: time(row.at),
        actor_name: names.of(&row.actor),
        actor: row.actor,
        reason: row.reason,
    }
}

/// A time as it is sent.
pub(super) fn time(at: i64) -> String {
    Instant(at).to_rfc3339()
}
