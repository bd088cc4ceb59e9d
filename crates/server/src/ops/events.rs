//! What happens, as it happens, for tills and pages that listen.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use aisle_domain::ids::StoreId;
use serde_json::Value;
use tokio::sync::broadcast;

/// Events kept for listeners that come back.
const KEPT: usize = 2048;

/// One event.
#[derive(Debug, Clone)]
pub struct Event {
    /// Grows by one; what a listener names when it comes back.
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

impl Default for Events {
    fn default() -> Events {
        Events {
            state: Mutex::new(State {
                next: 1,
                kept: VecDeque::with_capacity(KEPT),
            }),
            sender: broadcast::Sender::new(KEPT),
        }
    }
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
            Some(last) if last + 1 == state.next => Missed::Events(Vec::new()),
            Some(last) => match state.kept.front() {
                Some(oldest) if oldest.id <= last + 1 && last < state.next => {
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

    #[test]
    fn a_listener_that_comes_back_gets_what_it_missed() {
        let events = Events::default();
        for price in 0..3 {
            events.publish("price.changed", json!({ "version": price }));
        }
        let (missed, _) = events.listen(Some(1));
        assert!(matches!(missed, Missed::Events(list) if list.len() == 2));
    }

    #[test]
    fn one_that_was_away_too_long_is_told_so() {
        let events = Events::default();
        for price in 0..=KEPT {
            events.publish("price.changed", json!({ "version": price }));
        }
        assert!(matches!(events.listen(Some(0)).0, Missed::TooMuch));
        assert!(matches!(events.listen(Some(99_999)).0, Missed::TooMuch));
    }
}
