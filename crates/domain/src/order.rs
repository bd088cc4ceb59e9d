//! The life of an order. A step consumes the old state, so an illegal one cannot be half done.

use serde::{Deserialize, Serialize};

/// Where an order stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrderState {
    /// Accepted, goods reserved, not paid.
    Received,
    /// Paid; the goods left the stock in the same transaction.
    Paid,
    /// Given up before payment; the reservation is released.
    Cancelled,
    /// Paid, and some of it came back.
    PartlyReturned,
    /// Paid, and all of it came back.
    Returned,
}

/// States of orders that were paid, whatever came back of them since, as a list of names.
pub const SOLD: &str = "('paid', 'partly_returned', 'returned')";

/// What happened to an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrderEvent {
    /// Accepted by the store.
    Received,
    /// Paid in full.
    Paid,
    /// Cancelled by somebody.
    Cancelled,
    /// Cancelled because nobody paid in time.
    Expired,
    /// Some goods came back and their money went back.
    PartlyReturned,
    /// The last goods came back.
    Returned,
}

/// The step does not exist from where the order stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an order that is {from:?} cannot become {to:?}")]
pub struct IllegalStep {
    /// Where it stands.
    pub from: OrderState,
    /// Where it should have gone.
    pub to: OrderState,
}

impl OrderState {
    /// Every state.
    pub const ALL: [OrderState; 5] = [
        OrderState::Received,
        OrderState::Paid,
        OrderState::Cancelled,
        OrderState::PartlyReturned,
        OrderState::Returned,
    ];

    /// The order is paid.
    pub fn pay(self) -> Result<OrderState, IllegalStep> {
        self.step(OrderState::Paid)
    }

    /// The order is given up.
    pub fn cancel(self) -> Result<OrderState, IllegalStep> {
        self.step(OrderState::Cancelled)
    }

    /// Whether it was paid, whatever came back since.
    pub fn is_sold(self) -> bool {
        match self {
            OrderState::Paid | OrderState::PartlyReturned | OrderState::Returned => true,
            OrderState::Received | OrderState::Cancelled => false,
        }
    }

    /// Goods come back; all that was left when `is_whole`.
    pub fn give_back(self, is_whole: bool) -> Result<OrderState, IllegalStep> {
        let to = if is_whole {
            OrderState::Returned
        } else {
            OrderState::PartlyReturned
        };
        match self {
            OrderState::Paid | OrderState::PartlyReturned => Ok(to),
            OrderState::Received | OrderState::Cancelled | OrderState::Returned => {
                Err(IllegalStep { from: self, to })
            }
        }
    }

    /// The name in storage and on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            OrderState::Received => "received",
            OrderState::Paid => "paid",
            OrderState::Cancelled => "cancelled",
            OrderState::PartlyReturned => "partly_returned",
            OrderState::Returned => "returned",
        }
    }

    /// The state with this name.
    pub fn parse(name: &str) -> Option<OrderState> {
        OrderState::ALL
            .into_iter()
            .find(|state| state.as_str() == name)
    }

    fn step(self, to: OrderState) -> Result<OrderState, IllegalStep> {
        match self {
            OrderState::Received => Ok(to),
            OrderState::Paid
            | OrderState::Cancelled
            | OrderState::PartlyReturned
            | OrderState::Returned => Err(IllegalStep { from: self, to }),
        }
    }
}

impl OrderEvent {
    /// The name in storage and on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            OrderEvent::Received => "received",
            OrderEvent::Paid => "paid",
            OrderEvent::Cancelled => "cancelled",
            OrderEvent::Expired => "expired",
            OrderEvent::PartlyReturned => "partly_returned",
            OrderEvent::Returned => "returned",
        }
    }
}

/// Where an order was placed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// A staffed till.
    Pos,
    /// A self-checkout; never sells what the books do not have.
    Kiosk,
    /// A phone or web shop; never sells what the books do not have.
    Online,
}

impl Channel {
    /// Every channel.
    pub const ALL: [Channel; 3] = [Channel::Pos, Channel::Kiosk, Channel::Online];

    /// The name in storage and on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Channel::Pos => "pos",
            Channel::Kiosk => "kiosk",
            Channel::Online => "online",
        }
    }

    /// The channel with this name.
    pub fn parse(name: &str) -> Option<Channel> {
        Channel::ALL
            .into_iter()
            .find(|channel| channel.as_str() == name)
    }
}

/// The number people read: business day, till, running number.
pub fn order_no(day: crate::time::BusinessDay, terminal_no: i64, seq: i64) -> String {
    format!("{}-{terminal_no:02}-{seq:06}", day.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_ends_once() {
        let paid = OrderState::Received.pay().unwrap();
        assert_eq!(
            paid.cancel(),
            Err(IllegalStep {
                from: OrderState::Paid,
                to: OrderState::Cancelled
            })
        );
        assert!(OrderState::Cancelled.pay().is_err());
    }

    #[test]
    fn only_what_was_paid_comes_back_and_only_once() {
        let part = OrderState::Paid.give_back(false).unwrap();
        assert_eq!(part.give_back(true), Ok(OrderState::Returned));
        for state in [
            OrderState::Received,
            OrderState::Cancelled,
            OrderState::Returned,
        ] {
            assert!(state.give_back(false).is_err(), "{state:?}");
        }
        assert!(part.cancel().is_err() && part.pay().is_err());
    }

    #[test]
    fn the_list_of_what_was_sold_has_those_states_and_no_others() {
        let sold = OrderState::ALL.into_iter().filter(|state| state.is_sold());
        let names: Vec<String> = sold.map(|state| format!("'{}'", state.as_str())).collect();
        assert_eq!(SOLD, format!("({})", names.join(", ")));
    }

    #[test]
    fn numbers_sort_as_they_were_given() {
        assert_eq!(
            order_no(crate::time::BusinessDay(20261122), 1, 123),
            "20261122-01-000123"
        );
    }
}
