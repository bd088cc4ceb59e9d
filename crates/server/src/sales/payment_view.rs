//! Payments as clients see them.

use std::collections::HashMap;

use aisle_db::Source;
use aisle_domain::ids::StoreId;
use aisle_domain::payments::AttemptState;
use aisle_domain::time::Instant;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::Result;
use crate::payments::{AttemptRow, CallRow, EventRow, RefundRow, attempts, money_back};

use super::checkout::Placed;
use super::tenders::{self, PaymentRow};

/// A payment of an order.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct PaymentView {
    id: Uuid,
    /// `cash`, `wechat`, `alipay`, `card`.
    method: String,
    /// `pending`, `succeeded`, `declined`, `unknown`, `reversed`.
    status: String,
    amount_fen: i64,
    tendered_fen: i64,
    pub(super) change_fen: i64,
    created_at: String,
    /// How it went through a gateway; absent for cash.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    attempt: Option<AttemptView>,
    /// Money that goes back to it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    refunds: Vec<RefundView>,
}

/// An attempt to take money through a gateway.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct AttemptView {
    /// `prepared`, `dispatched`, `user_paying`, `unknown`, `reversing`, `differs`, `succeeded`, `failed`,
    /// `reversed`, `late_paid`.
    state: String,
    /// `wechat_code`, `alipay_code`, `qr`, `terminal`.
    product: String,
    /// What the customer scans, while it can be paid.
    qr: Option<String>,
    expires_at: String,
    /// When it is looked at again by itself.
    check_at: Option<String>,
    finished_at: Option<String>,
    /// Our number at the gateway.
    trade_no: String,
    /// The gateway's number.
    gateway_no: Option<String>,
    /// Who paid, masked by the gateway.
    payer: String,
    /// What the gateway says was paid.
    captured_fen: Option<i64>,
    /// What the channel takes.
    fee_fen: Option<i64>,
    /// Why it failed or is not known: the gateway's code, or `timeout`, `connection`, `bad_signature`, `not_sent` …
    error_code: String,
    error_text: String,
}

/// Money that goes back to a payment.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct RefundView {
    pub(super) id: Uuid,
    order_id: Uuid,
    payment_id: Uuid,
    return_id: Option<Uuid>,
    /// `return`, `cancel` (the order was given up), `late` (nobody waited for the money).
    kind: String,
    method: String,
    amount_fen: i64,
    /// `requested`, `processing`, `succeeded`, `abnormal` (a person has to act), `settled` (by a person).
    state: String,
    refund_no: String,
    gateway_no: Option<String>,
    reason: String,
    actor: String,
    created_at: String,
    check_at: Option<String>,
    finished_at: Option<String>,
    error_code: String,
    error_text: String,
}

/// A payment with everything that happened to it.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct PaymentDetail {
    pub(super) order_id: Uuid,
    pub(super) order_no: String,
    pub(super) payment: PaymentView,
    /// Its states, in the order of time.
    pub(super) events: Vec<PaymentEventView>,
    /// The calls to the gateway, the newest first.
    pub(super) calls: Vec<CallView>,
}

/// A state of a payment.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct PaymentEventView {
    state: String,
    at: String,
    actor: String,
    reason: String,
}

/// A call to a gateway.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CallView {
    /// `pay_code`, `create_qr`, `query`, `reverse`, `close`, `refund`, `query_refund`.
    operation: String,
    /// `success`, `pending`, `declined`, `unknown`, `config`.
    result: String,
    http_status: Option<i64>,
    code: String,
    request_id: String,
    took_ms: i64,
    at: String,
}

impl PaymentView {
    /// Of an order that was just recorded.
    pub(super) fn of_placed(placed: &Placed, at: Instant) -> Vec<PaymentView> {
        let cash = placed.sale.cash.iter();
        cash.map(|cash| PaymentView {
            id: cash.id.get(),
            method: "cash".to_owned(),
            status: "succeeded".to_owned(),
            amount_fen: cash.amount.fen(),
            tendered_fen: cash.tendered.fen(),
            change_fen: cash.change.fen(),
            created_at: at.to_rfc3339(),
            attempt: None,
            refunds: Vec::new(),
        })
        .collect()
    }

    fn of(row: PaymentRow, attempt: Option<AttemptView>, refunds: Vec<RefundView>) -> PaymentView {
        let told = AttemptState::parse(&row.status).map_or("unknown", AttemptState::told);
        PaymentView {
            id: row.id,
            method: row.method,
            status: told.to_owned(),
            amount_fen: row.amount_fen,
            tendered_fen: row.tendered_fen,
            change_fen: row.change_fen,
            created_at: Instant(row.created_at).to_rfc3339(),
            attempt,
            refunds,
        }
    }

    pub(super) fn id(&self) -> Uuid {
        self.id
    }

    /// What it adds to the order.
    pub(super) fn paid_fen(&self) -> i64 {
        if self.status == "succeeded" {
            self.amount_fen
        } else {
            0
        }
    }
}

/// Every payment of an order.
pub(super) async fn of_order(
    source: &impl Source,
    store: StoreId,
    order: Uuid,
) -> Result<Vec<PaymentView>> {
    let rows = tenders::payments(source, store, order).await?;
    let mut attempts: HashMap<Uuid, AttemptView> = HashMap::new();
    let mut refunds: HashMap<Uuid, Vec<RefundView>> = HashMap::new();
    // Of those paid in cash and nothing else there is no more to read.
    if rows
        .iter()
        .any(|row| row.method != "cash" || !row.is_succeeded())
        || rows.len() > 1
    {
        for row in attempts::of_order(source, store, order).await? {
            attempts.insert(row.id, AttemptView::of(row));
        }
        let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
        for row in money_back::of_payments(source, store, &ids).await? {
            let of_one = refunds.entry(row.payment_id).or_default();
            of_one.push(RefundView::of(row));
        }
    }
    Ok(rows
        .into_iter()
        .map(|row| {
            let (attempt, back) = (attempts.remove(&row.id), refunds.remove(&row.id));
            PaymentView::of(row, attempt, back.unwrap_or_default())
        })
        .collect())
}

impl AttemptView {
    pub(super) fn of(row: AttemptRow) -> AttemptView {
        let can_be_paid =
            AttemptState::parse(&row.state).is_some_and(AttemptState::holds_its_amount);
        AttemptView {
            qr: row.qr.filter(|_| can_be_paid),
            trade_no: row.id.simple().to_string(),
            state: row.state,
            product: row.product,
            expires_at: Instant(row.expires_at).to_rfc3339(),
            check_at: row.check_at.map(time),
            finished_at: row.finished_at.map(time),
            gateway_no: row.gateway_no,
            payer: row.payer,
            captured_fen: row.captured_fen,
            fee_fen: row.fee_fen,
            error_code: row.error_code,
            error_text: row.error_text,
        }
    }
}

impl RefundView {
    pub(super) fn of(row: RefundRow) -> RefundView {
        RefundView {
            refund_no: row.id.simple().to_string(),
            id: row.id,
            order_id: row.order_id,
            payment_id: row.payment_id,
            return_id: row.return_id,
            kind: row.kind,
            method: row.method,
            amount_fen: row.amount_fen,
            state: row.state,
            gateway_no: row.gateway_no,
            reason: row.reason,
            actor: row.actor,
            created_at: time(row.created_at),
            check_at: row.check_at.map(time),
            finished_at: row.finished_at.map(time),
            error_code: row.error_code,
            error_text: row.error_text,
        }
    }
}

impl PaymentEventView {
    pub(super) fn of(row: EventRow) -> PaymentEventView {
        PaymentEventView {
            state: row.state,
            at: time(row.at),
            actor: row.actor,
            reason: row.reason,
        }
    }
}

impl CallView {
    pub(super) fn of(row: CallRow) -> CallView {
        CallView {
            operation: row.operation,
            result: row.result,
            http_status: row.http_status,
            code: row.code,
            request_id: row.request_id,
            took_ms: row.took_ms,
            at: time(row.at),
        }
    }
}

fn time(at: i64) -> String {
    Instant(at).to_rfc3339()
}
