//! What people and tests tell the simulator: scenarios, the customer's phone, the clock; and what it shows them.
//!
//! Only pages of the simulator itself may call this: a page of somebody else that a browser on this machine has open
//! could otherwise pay and move the clock.

use std::sync::Arc;

use aisle_domain::time::Instant;
use axum::extract::{Json, Path, Query, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Router, extract::rejection::JsonRejection};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::gateway::Channel;
use crate::sim::book::Book;
use crate::sim::ledger::{Movement, Totals};
use crate::sim::moves::code_hash;
use crate::sim::notice::Notice;
use crate::sim::scenario::{Match, Scenario};
use crate::sim::trade::{State as Standing, Trade};
use crate::sim::{Simulator, deliver};

type Sim = State<Arc<Simulator>>;

/// The page shows this many of the newest.
const SHOWN: usize = 100;
/// The clock moves at most so far at once: ten years.
const ADVANCE_MAX_S: i64 = 315_360_000;

/// The calls under `/sim`.
pub(crate) fn routes() -> Router<Arc<Simulator>> {
    Router::new()
        .route("/sim/scenario", post(scenario))
        .route("/sim/phone/{no}/{action}", post(phone))
        .route("/sim/clock", get(clock).post(advance))
        .route("/sim/ledger", get(ledger))
        .route("/sim/state", get(state))
        .layer(middleware::from_fn(from_here))
}

/// Refuses what a page of another origin sends, and names that only pretend to be this machine.
async fn from_here(request: Request, next: Next) -> Response {
    if !is_from_here(request.headers()) {
        return problem(
            StatusCode::FORBIDDEN,
            "only pages of the simulator itself may do this",
        );
    }
    next.run(request).await
}

fn is_from_here(headers: &HeaderMap) -> bool {
    let text = |name: header::HeaderName| headers.get(name)?.to_str().ok();
    let host = text(header::HOST).unwrap_or_default();
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    let own = text(header::ORIGIN).is_none_or(|origin| origin == format!("http://{host}"));
    matches!(name, "localhost" | "127.0.0.1" | "[::1]") && own
}

fn problem(status: StatusCode, words: &str) -> Response {
    (status, Json(json!({"error": words}))).into_response()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SetScenario {
    r#match: Match,
    scenario: String,
}

async fn scenario(State(sim): Sim, body: Result<Json<SetScenario>, JsonRejection>) -> Response {
    let Json(set) = match body {
        Ok(set) => set,
        Err(rejection) => return problem(StatusCode::BAD_REQUEST, &rejection.body_text()),
    };
    let Some(scenarios) = Scenario::parse_all(&set.scenario) else {
        let words = format!("the scenarios are {}", Scenario::names().join(", "));
        return problem(StatusCode::BAD_REQUEST, &words);
    };
    let waiting = sim.with(|book| {
        book.plan(|plans| {
            plans.add(&set.r#match, scenarios, code_hash);
            plans.waiting()
        })
    });
    Json(json!({"scenario": set.scenario, "waiting": waiting})).into_response()
}

#[derive(Deserialize)]
struct How {
    #[serde(default)]
    late: bool,
}

async fn phone(
    State(sim): Sim,
    Path((no, action)): Path<(String, String)>,
    Query(how): Query<How>,
) -> Response {
    let done = sim.with(|book| {
        let key = book.by_number(&no).ok_or(StatusCode::NOT_FOUND)?;
        let before = book.trade(&key).map(|trade| trade.state);
        let now = book.now;
        let done = match action.as_str() {
            "pay" => book.pay_by_phone(&key, how.late),
            "scan" => {
                book.change(&key, Trade::scan);
                true
            }
            "refuse" => {
                book.change(&key, |trade| trade.refuse(now));
                !matches!(
                    before,
                    Some(Standing::Paid | Standing::Closed | Standing::Reversed)
                )
            }
            _ => return Err(StatusCode::NOT_FOUND),
        };
        let shown = book.trade(&key).map(|trade| trade_view(book, trade));
        done.then_some(shown).ok_or(StatusCode::CONFLICT)
    });
    match done {
        Ok(trade) => Json(trade).into_response(),
        Err(StatusCode::CONFLICT) => problem(
            StatusCode::CONFLICT,
            "this trade cannot be paid or refused any more",
        ),
        Err(status) => problem(status, "no such trade, or not pay, refuse or scan"),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Advance {
    advance_s: i64,
}

/// Moves the clock, and answers when what came due was sent.
async fn advance(State(sim): Sim, body: Result<Json<Advance>, JsonRejection>) -> Response {
    let advance_s = match body {
        Ok(Json(body)) if (0..=ADVANCE_MAX_S).contains(&body.advance_s) => body.advance_s,
        Ok(_) => {
            return problem(
                StatusCode::BAD_REQUEST,
                "the clock only goes forward, ten years at most",
            );
        }
        Err(rejection) => return problem(StatusCode::BAD_REQUEST, &rejection.body_text()),
    };
    let real_now = sim.surroundings.now().0;
    sim.with(|book| book.advance(advance_s, real_now));
    deliver::deliver_due(&sim).await;
    clock(State(sim)).await
}

async fn clock(State(sim): Sim) -> Response {
    let (now, advance_ms) = sim.with(|book| (book.now, book.advance_ms));
    Json(json!({"now": time(now), "advance_s": advance_ms / 1000})).into_response()
}

fn time(at: i64) -> String {
    Instant(at).to_rfc3339()
}

async fn ledger(State(sim): Sim) -> Response {
    let view = sim.with(|book| ledger_view(book, book.movements().len()));
    Json(view).into_response()
}

/// The sums of everything and the `shown` newest movements, the oldest of them first.
fn ledger_view(book: &Book, shown: usize) -> Value {
    let of =
        |channel: Channel| Totals::of(book.movements().iter().filter(|m| m.channel == channel));
    let from = book.movements().len().saturating_sub(shown);
    json!({
        "now": time(book.now),
        "totals": Totals::of(book.movements()),
        "wechat": of(Channel::Wechat),
        "alipay": of(Channel::Alipay),
        "movements": book.movements()[from..].iter().map(movement_view).collect::<Vec<_>>(),
    })
}

fn movement_view(movement: &Movement) -> Value {
    let mut view = serde_json::to_value(movement).expect("a movement is plain data");
    view["at"] = json!(time(movement.at));
    view["fee_fen"] = json!(movement.fee_fen());
    view
}

async fn state(State(sim): Sim, headers: HeaderMap) -> Response {
    let view = sim.with(|book| {
        let trades = book
            .newest()
            .take(SHOWN)
            .map(|trade| trade_view(book, trade));
        json!({
            "now": time(book.now),
            "advance_s": book.advance_ms / 1000,
            "waiting": book.plans.waiting(),
            "scenarios": Scenario::names(),
            "trades": trades.collect::<Vec<_>>(),
            "ledger": ledger_view(book, SHOWN),
        })
    });
    let host = headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok());
    let mut view = view;
    view["host"] = json!(host);
    Json(view).into_response()
}

fn trade_view(book: &Book, trade: &Trade) -> Value {
    let asked = &trade.asked;
    let notices = book.notices().iter().filter(|notice| {
        notice.channel == asked.channel && notice.out_trade_no == asked.out_trade_no
    });
    json!({
        "channel": asked.channel,
        "out_trade_no": asked.out_trade_no,
        "gateway_no": trade.gateway_no,
        "product": asked.product,
        "subject": asked.subject,
        "amount_fen": asked.amount_fen,
        "refunded_fen": trade.refunded_fen(),
        "state": trade.state,
        "qr": trade.qr,
        "created_at": time(trade.created_at),
        "paid_at": trade.paid_at.map(time),
        "refunds": trade.refunds.iter().map(|refund| json!({
            "refund_no": refund.refund_no,
            "amount_fen": refund.amount_fen,
            "step": refund.step,
        })).collect::<Vec<_>>(),
        "notices": notices.map(notice_view).collect::<Vec<_>>(),
    })
}

fn notice_view(notice: &Notice) -> Value {
    json!({
        "id": notice.id,
        "about": notice.about,
        "standing": notice.standing,
        "tries": notice.tries,
        "result": notice.result,
    })
}
