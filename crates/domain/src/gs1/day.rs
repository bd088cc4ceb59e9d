//! Days as GS1 prints them: `YYMMDD`.

use serde::{Deserialize, Serialize};

/// A day of the calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Day {
    year: u16,
    month: u8,
    day: u8,
}

impl Day {
    /// Reads `YYMMDD` (GS1 General Specifications §3.4). Day `00` means the last of the month.
    /// The century is chosen by §7.12: a year 51 or more ahead of the current one is in the
    /// previous century, one 50 or more behind is in the next. `None` when there is no such day.
    pub fn from_yymmdd(digits: &str, current_year: u16) -> Option<Day> {
        if digits.len() != 6 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let two = |at: usize| digits[at..at + 2].parse::<u8>().ok();
        let year = full_year(u16::from(two(0)?), current_year)?;
        let (month, printed_day) = (two(2)?, two(4)?);
        let last = days_in(year, month)?;
        let day = if printed_day == 0 { last } else { printed_day };
        (day <= last).then_some(Day { year, month, day })
    }

    pub fn year(self) -> u16 {
        self.year
    }

    pub fn month(self) -> u8 {
        self.month
    }

    pub fn day(self) -> u8 {
        self.day
    }

    /// The day as a number, e.g. 20261231: the form of business days, in calendar order.
    pub fn yyyymmdd(self) -> i32 {
        i32::from(self.year) * 10_000 + i32::from(self.month) * 100 + i32::from(self.day)
    }
}

fn full_year(two_digits: u16, current_year: u16) -> Option<u16> {
    let century = current_year / 100 * 100;
    let ahead = i32::from(two_digits) - i32::from(current_year % 100);
    match ahead {
        51.. => century.checked_sub(100)?.checked_add(two_digits),
        ..=-50 => century.checked_add(100)?.checked_add(two_digits),
        _ => century.checked_add(two_digits),
    }
}

fn days_in(year: u16, month: u8) -> Option<u8> {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => Some(31),
        4 | 6 | 9 | 11 => Some(30),
        2 if leap => Some(29),
        2 => Some(28),
        _ => None,
    }
}
