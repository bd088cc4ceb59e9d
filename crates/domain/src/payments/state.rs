//! Where an attempt stands.

/// Where an attempt stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AttemptState {
    /// Written down; nothing was sent.
    Prepared,
    /// Being sent, or sent and not answered.
    Dispatched,
    /// The customer has something to do.
    UserPaying,
    /// Nobody knows whether money moved.
    Unknown,
    /// Being given up; money may still move, both ways.
    Reversing,
    /// Another amount was paid than was asked for: a person decides.
    Differs,
    /// Paid, and used for its order.
    Succeeded,
    /// No money moved.
    Failed,
    /// Given up; what had been paid went back.
    Reversed,
    /// Paid when nobody waited for it; it is paid back.
    LatePaid,
}

impl AttemptState {
    /// Every state.
    pub const ALL: [AttemptState; 10] = [
        AttemptState::Prepared,
        AttemptState::Dispatched,
        AttemptState::UserPaying,
        AttemptState::Unknown,
        AttemptState::Reversing,
        AttemptState::Differs,
        AttemptState::Succeeded,
        AttemptState::Failed,
        AttemptState::Reversed,
        AttemptState::LatePaid,
    ];

    /// The name in storage.
    pub fn as_str(self) -> &'static str {
        match self {
            AttemptState::Prepared => "prepared",
            AttemptState::Dispatched => "dispatched",
            AttemptState::UserPaying => "user_paying",
            AttemptState::Unknown => "unknown",
            AttemptState::Reversing => "reversing",
            AttemptState::Differs => "differs",
            AttemptState::Succeeded => "succeeded",
            AttemptState::Failed => "failed",
            AttemptState::Reversed => "reversed",
            AttemptState::LatePaid => "late_paid",
        }
    }

    /// The state with this name.
    pub fn parse(name: &str) -> Option<AttemptState> {
        AttemptState::ALL
            .into_iter()
            .find(|state| state.as_str() == name)
    }

    /// Whether nothing but late money can happen any more.
    pub fn is_over(self) -> bool {
        match self {
            AttemptState::Succeeded
            | AttemptState::Failed
            | AttemptState::Reversed
            | AttemptState::LatePaid => true,
            AttemptState::Prepared
            | AttemptState::Dispatched
            | AttemptState::UserPaying
            | AttemptState::Unknown
            | AttemptState::Reversing
            | AttemptState::Differs => false,
        }
    }

    /// Whether its money is still waited for, so that no other attempt may ask for the same.
    pub fn holds_its_amount(self) -> bool {
        matches!(
            self,
            AttemptState::Prepared | AttemptState::Dispatched | AttemptState::UserPaying
        )
    }

    /// What the till is told: `pending`, `succeeded`, `declined`, `unknown`, `reversed`.
    pub fn told(self) -> &'static str {
        match self {
            AttemptState::Prepared | AttemptState::Dispatched | AttemptState::UserPaying => {
                "pending"
            }
            AttemptState::Unknown | AttemptState::Reversing | AttemptState::Differs => "unknown",
            AttemptState::Succeeded => "succeeded",
            AttemptState::Failed => "declined",
            AttemptState::Reversed | AttemptState::LatePaid => "reversed",
        }
    }
}
