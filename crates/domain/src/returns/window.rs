//! How long goods come back without being asked about. Pure.

use crate::time::BusinessDay;

/// Days after the sale within which goods come back as usual; later a second person has to agree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReturnWindow {
    days: Option<i64>,
}

impl ReturnWindow {
    /// The longest there is: ten years.
    pub const DAYS_MAX: i64 = 3650;

    /// So many days; 0 is no end.
    pub fn of_days(days: i64) -> ReturnWindow {
        ReturnWindow {
            days: (days > 0).then_some(days),
        }
    }

    /// As a number of days; 0 is no end.
    pub fn days(self) -> i64 {
        self.days.unwrap_or(0)
    }

    /// Whether goods sold on one day come back too late on another.
    pub fn is_over(self, sold: BusinessDay, today: BusinessDay) -> bool {
        self.days.is_some_and(|days| today > sold.plus_days(days))
    }
}
