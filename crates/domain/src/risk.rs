//! What one person did, compared with colleagues over the same days.
//!
//! Promises: a figure is marked only when two rules agree. It is beyond what chance explains: above the
//! expected count by three times its root, the control limit of a u chart (Shewhart; ISO 7870-2). And it
//! is beyond how colleagues differ among themselves: a modified z-score above 3.5 (Iglewicz and Hoaglin,
//! How to Detect and Handle Outliers, 1993). Both start from the median of the others, which one more
//! unusual colleague hardly moves. Few events or few colleagues mark nobody.

use crate::money::round_div;

/// A rate is so many millionths of an event for one order, or for one day.
const ONE: i128 = 1_000_000;
/// With fewer colleagues there is nobody to compare with.
pub const PEERS_LEAST: usize = 3;
/// A mark says at least so many times as often as colleagues.
const TIMES_LEAST: i128 = 2;
/// The square of the three roots of a control chart.
const LIMIT_SQUARED: i128 = 9;
/// 0.6745 and 3.5, in ten-thousandths.
const Z_FACTOR: i128 = 6745;
const Z_LIMIT: i128 = 35_000;
/// Fewer orders do not tell when a store is open.
const ORDERS_LEAST: i64 = 50;
/// Usual are the hours in which so many of a hundred orders are sold.
const USUAL_PERCENT: i64 = 99;

/// How often something happened, and in how many orders or days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Measure {
    /// Events.
    pub count: i64,
    /// Orders or days; 0 cannot be compared.
    pub of: i64,
}

/// A measure beside those of the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Comparison {
    /// Millionths of an event for one; none without orders or days.
    pub rate: Option<i64>,
    /// The median of the others' rates; none with too few of them.
    pub median: Option<i64>,
    /// Clearly more than what is usual.
    pub unusual: bool,
}

/// Each measure beside those of all others; fewer than `least` events are never unusual.
pub fn compare(measures: &[Measure], least: i64) -> Vec<Comparison> {
    let rates: Vec<Option<i64>> = measures.iter().map(rate).collect();
    let each = measures.iter().enumerate().map(|(at, measure)| {
        let others: Vec<i64> = (rates.iter().enumerate())
            .filter(|(other, _)| *other != at)
            .filter_map(|(_, rate)| *rate)
            .collect();
        let median = median(&others).filter(|_| others.len() >= PEERS_LEAST);
        let unusual = match (rates[at], median) {
            (Some(rate), Some(median)) => {
                measure.count >= least && is_unusual(*measure, rate, median, &others)
            }
            _ => false,
        };
        Comparison {
            rate: rates[at],
            median,
            unusual,
        }
    });
    each.collect()
}

fn rate(measure: &Measure) -> Option<i64> {
    (measure.of > 0).then(|| round_div(i128::from(measure.count) * ONE, measure.of.into()))
}

fn is_unusual(measure: Measure, rate: i64, median: i64, others: &[i64]) -> bool {
    let (rate, median_wide) = (i128::from(rate), i128::from(median));
    // Where colleagues never do it, one event is still nothing.
    let expected = (median_wide * i128::from(measure.of)).max(ONE);
    let above = i128::from(measure.count) * ONE - expected;
    let beyond_chance = above > 0 && above * above > LIMIT_SQUARED * expected * ONE;
    let spread = others.iter().map(|other| (other - median).abs());
    let spread = self::median(&spread.collect::<Vec<_>>()).unwrap_or(0);
    let beyond_peers = Z_FACTOR * (rate - median_wide) > Z_LIMIT * i128::from(spread);
    beyond_chance && beyond_peers && rate >= TIMES_LEAST * median_wide
}

fn median(values: &[i64]) -> Option<i64> {
    let mut sorted = values.to_vec();
    sorted.sort_unstable();
    let upper = *sorted.get(sorted.len() / 2)?;
    let lower = sorted[(sorted.len() - 1) / 2];
    Some(round_div(i128::from(lower) + i128::from(upper), 2))
}

/// The hours of the day in which a store sells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hours {
    /// The first, 0–23.
    pub from: usize,
    /// How many, perhaps past midnight.
    pub count: usize,
}

impl Hours {
    /// The shortest run of hours with nearly all orders; none while there are too few of them.
    pub fn usual(orders: &[i64; 24]) -> Option<Hours> {
        let total: i64 = orders.iter().sum();
        if total < ORDERS_LEAST {
            return None;
        }
        let runs = (1..=24).flat_map(|count| (0..24).map(move |from| Hours { from, count }));
        let sold = |run: &Hours| -> i64 {
            (run.from..run.from + run.count)
                .map(|hour| orders[hour % 24])
                .sum()
        };
        runs.into_iter()
            .find(|run| sold(run) * 100 >= total * USUAL_PERCENT)
    }

    /// Whether this hour is one of them.
    pub fn contains(self, hour: usize) -> bool {
        (hour + 24 - self.from) % 24 < self.count
    }

    /// The first hour after them.
    pub fn until(self) -> usize {
        (self.from + self.count) % 24
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Counts with their orders, and who is marked.
    type Case = (&'static [(i64, i64)], &'static [usize]);

    fn measures(text: &[(i64, i64)]) -> Vec<Measure> {
        let measure = |(count, of): &(i64, i64)| Measure {
            count: *count,
            of: *of,
        };
        text.iter().map(measure).collect()
    }

    fn marked(text: &[(i64, i64)]) -> Vec<usize> {
        let compared = compare(&measures(text), 5);
        let unusual = compared.iter().enumerate().filter(|(_, c)| c.unusual);
        unusual.map(|(at, _)| at).collect()
    }

    #[test]
    fn who_does_much_more_than_all_others_is_marked() {
        // Drawer openings in orders sold, and who is marked.
        let cases: [Case; 11] = [
            (&[(14, 100), (3, 100), (2, 100), (4, 100)], &[0]),
            // The same often, in four times the orders.
            (&[(14, 400), (3, 100), (2, 100), (4, 100)], &[]),
            // Four of four hundred are fewer than three of a hundred.
            (&[(4, 400), (3, 100), (2, 100), (4, 100)], &[]),
            // Too few events, whatever the rate.
            (&[(4, 10), (0, 100), (0, 100), (0, 100)], &[]),
            (&[(5, 100), (0, 100), (0, 100), (0, 100)], &[0]),
            // Too few colleagues.
            (&[(50, 100), (1, 100), (1, 100)], &[]),
            (&[(50, 100)], &[]),
            // Everybody differs: nobody stands out.
            (&[(40, 100), (5, 100), (20, 100), (30, 100), (10, 100)], &[]),
            // Two of six do not hide each other.
            (
                &[(40, 100), (38, 100), (3, 100), (4, 100), (3, 100), (4, 100)],
                &[0, 1],
            ),
            // Without an order there is nothing to compare.
            (&[(40, 0), (3, 100), (3, 100), (3, 100), (3, 100)], &[]),
            (&[], &[]),
        ];
        for (text, expected) in cases {
            assert_eq!(marked(text), expected, "{text:?}");
        }
    }

    #[test]
    fn the_rate_and_the_median_of_the_others_are_told() {
        let compared = compare(&measures(&[(14, 100), (3, 100), (2, 100), (4, 200)]), 5);
        assert_eq!(compared[0].rate, Some(140_000));
        assert_eq!(compared[0].median, Some(20_000));
        assert_eq!(compared[1].median, Some(20_000));
        let alone = compare(&measures(&[(14, 100), (3, 0)]), 5);
        assert_eq!(alone[0].median, None);
        assert_eq!(alone[1].rate, None);
    }

    #[test]
    fn usual_hours_hold_nearly_all_orders() {
        let mut orders = [0; 24];
        orders[8..22].fill(100);
        orders[3] = 2;
        let usual = Hours::usual(&orders).unwrap();
        assert_eq!(usual, Hours { from: 8, count: 14 });
        assert!(usual.contains(8) && usual.contains(21));
        assert!(!usual.contains(22) && !usual.contains(3));
        let mut night = [0; 24];
        for hour in [20, 21, 22, 23, 0, 1] {
            night[hour] = 20;
        }
        let late = Hours::usual(&night).unwrap();
        assert_eq!((late.from, late.until()), (20, 2));
        assert!(late.contains(1) && !late.contains(2));
        assert_eq!(Hours::usual(&[2; 24]), None);
    }

    proptest! {
        #[test]
        fn more_events_never_take_a_mark_away(
            others in prop::collection::vec((0..200_i64, 1..2000_i64), 3..12),
            count in 0..500_i64,
            more in 0..500_i64,
            of in 1..2000_i64,
        ) {
            let with = |count| {
                let mut all = measures(&others);
                all.push(Measure { count, of });
                compare(&all, 5).last().copied().unwrap()
            };
            prop_assert!(!with(count).unusual || with(count + more).unusual);
        }

        #[test]
        fn who_is_like_the_others_is_never_marked(
            count in 0..1000_i64,
            of in 1..5000_i64,
            people in 1..12_usize,
        ) {
            let all = vec![Measure { count, of }; people];
            prop_assert!(compare(&all, 1).iter().all(|each| !each.unusual));
        }

        #[test]
        fn a_mark_has_a_reason_that_can_be_said(
            all in prop::collection::vec((0..500_i64, 0..2000_i64), 0..12),
        ) {
            for (measure, each) in measures(&all).iter().zip(compare(&measures(&all), 5)) {
                if each.unusual {
                    prop_assert!(measure.count >= 5);
                    prop_assert!(each.rate.unwrap() >= 2 * each.median.unwrap());
                }
            }
        }
    }
}
