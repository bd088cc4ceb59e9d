//! Whatever happens in whatever order: the ledger is what happened to the trades, and a restart forgets nothing.

use std::collections::HashMap;

use proptest::prelude::*;

use crate::gateway::Channel;
use crate::sim::book::{Book, Key, Names};
use crate::sim::journal::Change;
use crate::sim::ledger::{Kind, Totals};
use crate::sim::moves::{AskedRefund, code_hash};
use crate::sim::scenario::{Match, Scenario};
use crate::sim::trade::{Asked, Product, RefundStep, State};

/// What somebody does; trades are named by a small number so that much happens to each.
#[derive(Debug, Clone)]
enum Act {
    Plan(u8, usize),
    Pay(u8, Product),
    Phone(u8, bool),
    Scan(u8),
    Refuse(u8),
    Reverse(u8),
    Cancel(u8),
    Close(u8),
    Refund(u8, u8, i64),
    Wait(i64),
}

fn act() -> impl Strategy<Value = Act> {
    let no = || 0..6u8;
    let product = prop_oneof![Just(Product::Code), Just(Product::Qr)];
    prop_oneof![
        (no(), 0..Scenario::names().len()).prop_map(|(no, at)| Act::Plan(no, at)),
        (no(), product).prop_map(|(no, product)| Act::Pay(no, product)),
        (no(), any::<bool>()).prop_map(|(no, late)| Act::Phone(no, late)),
        no().prop_map(Act::Scan),
        no().prop_map(Act::Refuse),
        no().prop_map(Act::Reverse),
        no().prop_map(Act::Cancel),
        no().prop_map(Act::Close),
        (no(), 0..4u8, 1..120i64).prop_map(|(no, refund, fen)| Act::Refund(no, refund, fen)),
        prop_oneof![0..20i64, 20..200i64, 1000..100_000i64].prop_map(Act::Wait),
    ]
}

/// Even numbers are WeChat's.
fn key(no: u8) -> Key {
    let channel = if no.is_multiple_of(2) {
        Channel::Wechat
    } else {
        Channel::Alipay
    };
    (channel, format!("NUMBER{no}"))
}

fn asked(no: u8, product: Product) -> Asked {
    let (channel, out_trade_no) = key(no);
    Asked {
        channel,
        out_trade_no,
        product,
        amount_fen: 100 + i64::from(no),
        subject: "goods".to_owned(),
        attach: String::new(),
        notify_url: Some("http://127.0.0.1/told".to_owned()),
        expires_at: None,
        store: String::new(),
        terminal: String::new(),
        operator: String::new(),
        code_hash: (product == Product::Code).then(|| code_hash(&no.to_string())),
        public_key: true,
    }
}

fn perform(book: &mut Book, act: Act) {
    let now = book.now - book.advance_ms;
    book.tick(now);
    match act {
        Act::Plan(no, at) => {
            let scenarios = Scenario::parse_all(&Scenario::names()[at]).unwrap();
            let of = Match::OutTradeNo(key(no).1);
            book.plan(|plans| plans.add(&of, scenarios, code_hash));
        }
        Act::Pay(no, product) => {
            let asked = asked(no, product);
            let fault = book.prepare(&asked.out_trade_no, None);
            let _ = crate::sim::called::call(book, fault, |book| book.place(asked));
        }
        Act::Phone(no, late) => {
            book.pay_by_phone(&key(no), late);
        }
        Act::Scan(no) if book.trade(&key(no)).is_some() => {
            book.change(&key(no), crate::sim::trade::Trade::scan);
        }
        Act::Refuse(no) if book.trade(&key(no)).is_some() => {
            let now = book.now;
            book.change(&key(no), |trade| trade.refuse(now));
        }
        Act::Scan(_) | Act::Refuse(_) => {}
        Act::Reverse(no) if key(no).0 == Channel::Wechat => {
            let _ = book.reverse(&key(no));
        }
        Act::Cancel(no) if key(no).0 == Channel::Alipay => {
            let _ = book.cancel(&key(no));
        }
        Act::Reverse(_) | Act::Cancel(_) => {}
        Act::Close(no) => {
            let _ = book.close(&key(no));
        }
        Act::Refund(no, refund, amount_fen) => {
            let asked = AskedRefund {
                refund_no: format!("{no}R{refund}"),
                amount_fen,
                reason: String::new(),
                notify_url: None,
            };
            let _ = book.refund(&key(no), asked);
        }
        Act::Wait(seconds) => book.advance(seconds, now),
    }
}

/// What each trade says of itself against what the ledger says of it.
fn check(book: &Book) {
    let mut by_trade: HashMap<&str, Vec<(Kind, i64)>> = HashMap::new();
    for movement in book.movements() {
        let of_trade = by_trade.entry(&movement.out_trade_no).or_default();
        of_trade.push((movement.kind, movement.amount_fen));
    }
    for trade in book.newest() {
        let moved = by_trade
            .remove(trade.asked.out_trade_no.as_str())
            .unwrap_or_default();
        let count = |kind: Kind| moved.iter().filter(|(of, _)| *of == kind).count();
        assert!(count(Kind::Payment) <= 1, "paid twice: {trade:?}");
        assert!(count(Kind::Reversal) <= 1, "reversed twice: {trade:?}");
        let held: i64 = moved.iter().map(|(_, fen)| fen).sum();
        let open: i64 = trade
            .refunds
            .iter()
            .filter(|refund| refund.step != RefundStep::Done)
            .map(|refund| refund.amount_fen)
            .sum();
        let wanted = match trade.state {
            State::Paid => trade.asked.amount_fen - trade.refunded_fen(),
            _ if trade.paid_at.is_some() => open,
            _ => 0,
        };
        assert_eq!(held, wanted, "{trade:?} {moved:?}");
        assert!(trade.refunding_fen() <= trade.asked.amount_fen);
    }
    assert!(by_trade.is_empty(), "money of a trade that is not there");
    let totals = Totals::of(book.movements());
    assert_eq!(totals.paid_fen - totals.refunded_fen, totals.net_fen);
    let numbers = book.movements().iter().map(|movement| movement.no);
    assert!(numbers.eq(1..=book.movements().len() as i64));
}

proptest! {
    #[test]
    fn the_ledger_is_what_happened_to_the_trades(acts in prop::collection::vec(act(), 1..80)) {
        let mut book = Book::restore(Names::default(), Vec::new());
        book.tick(1_795_572_000_000);
        let mut lines: Vec<String> = Vec::new();
        for act in acts {
            perform(&mut book, act);
            check(&book);
            let change = book.drain();
            lines.extend(change.map(|change| serde_json::to_string(&change).unwrap()));
        }
        let read = |line: &String| serde_json::from_str::<Change>(line).unwrap();
        let restored = Book::restore(Names::default(), lines.iter().map(read).collect());
        let shown = |book: &Book| {
            let mut all = serde_json::to_value(book.whole()).unwrap();
            // Trades of one step are written in no order.
            let trades = all["trades"].as_array_mut();
            if let Some(trades) = trades {
                trades.sort_by_key(|trade| trade["asked"]["out_trade_no"].to_string());
            }
            all
        };
        prop_assert_eq!(shown(&restored), shown(&book));
    }
}

#[test]
fn a_ledger_with_a_second_payment_is_noticed() {
    let mut book = Book::restore(Names::default(), Vec::new());
    book.tick(1_795_572_000_000);
    perform(&mut book, Act::Pay(0, Product::Code));
    check(&book);
    let twice = book.movements().first().cloned();
    book.moved(twice, 0);
    assert!(std::panic::catch_unwind(|| check(&book)).is_err());
}

#[test]
fn a_line_that_was_cut_off_is_dropped_and_any_other_damage_is_told() {
    use crate::sim::journal::Journal;
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("journal.jsonl");
    let mut book = Book::restore(Names::default(), Vec::new());
    let mut journal = Journal::begin(&path, &book.whole()).unwrap();
    book.tick(1_795_572_000_000);
    for no in [0, 2] {
        perform(&mut book, Act::Pay(no, Product::Code));
        journal.append(&book.drain().unwrap()).unwrap();
    }
    let whole = std::fs::read(&path).unwrap();
    assert_eq!(Journal::read(&path).unwrap().len(), 3);
    std::fs::write(&path, &whole[..whole.len() - 10]).unwrap();
    let restored = Book::restore(Names::default(), Journal::read(&path).unwrap());
    assert_eq!(restored.count(), 1);
    let damaged = String::from_utf8(whole)
        .unwrap()
        .replacen("\"trades\"", "\"trades", 1);
    std::fs::write(&path, damaged).unwrap();
    assert!(Journal::read(&path).is_err());
}

#[test]
fn every_scenario_has_a_name_that_is_read_again() {
    for name in Scenario::names() {
        assert!(Scenario::parse_all(&name).is_some(), "{name}");
    }
    assert_eq!(
        Scenario::parse_all("user_paying:3, notify_twice")
            .unwrap()
            .len(),
        2
    );
    for wrong in ["", "no_such", "user_paying:-1", "user_paying:x", "timeout,"] {
        assert_eq!(Scenario::parse_all(wrong), None, "{wrong}");
    }
}
