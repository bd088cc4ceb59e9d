//! What happens, as it happens, for tills and pages that listen.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use aisle_domain::ids::StoreId;
use aisle_domain::time::Instant;
use serde_json::Value;
use tokio::sync::broadcast;

/// Events kept for listeners that come back.
const KEPT: usize = 2048;
/// More than a server tells of in a millisecond, and few enough for ids that browsers count exactly.
const IDS_PER_MS: u64 = 1000;

/// One event.
#[derive(Debug, Clone)]
pub struct Event {
    /// Grows by one from the start of the server; what a listener names when it comes back.
    pub id: u64,
    /// `price.changed`, `order.paid` …
    pub kind: &'static str,
    /// Only for this store; `None` = for all.
    pub store: Option<StoreId>,
    /// What happened.
    pub data: Arc<Value>,
}

#[derive(Debug)]
struct State {
    next: u64,
    kept: VecDeque<Event>,
}

/// The stream of this server.
#[derive(Debug)]
pub struct Events {
    state: Mutex<State>,
    sender: broadcast::Sender<Event>,
}

/// What a listener gets first: what it missed, or that it missed too much.
#[derive(Debug)]
pub enum Missed {
    /// Everything since the event it named.
    Events(Vec<Event>),
    /// Too far behind, or this server started since: fetch everything anew.
    TooMuch,
}

impl Events {
    /// A stream that begins now. Its ids begin with the time, so that none of an earlier start of the server
    /// is taken for one of this: whoever names it is told to fetch everything anew.
    pub fn from(start: Instant) -> Events {
        Events {
            state: Mutex::new(State {
                next: u64::try_from(start.0).unwrap_or(0) * IDS_PER_MS + 1,
                kept: VecDeque::with_capacity(KEPT),
            }),
            sender: broadcast::Sender::new(KEPT),
        }
    }

    /// Tells everybody.
    pub fn publish(&self, kind: &'static str, data: Value) {
        self.send(kind, None, data);
    }

    /// Tells those of one store.
    pub fn publish_in(&self, store: StoreId, kind: &'static str, data: Value) {
        self.send(kind, Some(store), data);
    }

    /// Whether anybody listens; spares making events nobody gets.
    pub fn is_heard(&self) -> bool {
        self.sender.receiver_count() > 0
    }

    /// Listens from now on, after what was missed since `last`.
    pub fn listen(&self, last: Option<u64>) -> (Missed, broadcast::Receiver<Event>) {
        let state = self
            .state
            .lock()
            .unwrap_or_else(|poison| poison.into_inner());
        let receiver = self.sender.subscribe();
        let missed = match last {
            None => Missed::Events(Vec::new()),
            Some(last) if last.saturating_add(1) == state.next => Missed::Events(Vec::new()),
            Some(last) => match state.kept.front() {
                Some(oldest) if oldest.id <= last.saturating_add(1) && last < state.next => {
                    Missed::Events(state.kept.iter().filter(|e| e.id > last).cloned().collect())
                }
                _ => Missed::TooMuch,
            },
        };
        (missed, receiver)
    }

    fn send(&self, kind: &'static str, store: Option<StoreId>, data: Value) {
        let mut state = self
            .state
            .lock()
            .unwrap_or_else(|poison| poison.into_inner());
        let event = Event {
            id: state.next,
            kind,
            store,
            data: Arc::new(data),
        };
        state.next += 1;
        if state.kept.len() == KEPT {
            state.kept.pop_front();
        }
        state.kept.push_back(event.clone());
        // Nobody listening is not a fault.
        let _ = self.sender.send(event);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const START: Instant = Instant(1_795_000_000_000);

    fn first_id() -> u64 {
        u64::try_from(START.0).unwrap() * IDS_PER_MS + 1
    }

    fn told(events: &Events, count: usize) {
        for version in 0..count {
            events.publish("price.changed", json!({ "version": version }));
        }
    }

    #[test]
    fn a_listener_that_comes_back_gets_what_it_missed() {
        let events = Events::from(START);
        told(&events, 3);
        let (missed, _) = events.listen(Some(first_id()));
        assert!(matches!(missed, Missed::Events(list) if list.len() == 2));
    }

    #[test]
    fn one_that_was_away_too_long_is_told_so() {
        let events = Events::from(START);
        told(&events, KEPT + 1);
        let before = first_id() - 1;
        assert!(matches!(events.listen(Some(before)).0, Missed::TooMuch));
        assert!(matches!(events.listen(Some(u64::MAX)).0, Missed::TooMuch));
    }

    #[test]
    fn an_id_of_before_a_restart_is_none_of_this_start() {
        let earlier = Events::from(START);
        told(&earlier, 5);
        let last = first_id() + 4;
        for happened in [0, 1, 5, 6, 2000] {
            let restarted = Events::from(START.plus_ms(2000));
            told(&restarted, happened);
            assert!(matches!(restarted.listen(Some(last)).0, Missed::TooMuch));
        }
    }
}
