use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::checkout::tests::product;
use crate::pricing::{self, BasketLine, PriceOverride, PriceSource};
use crate::time::BusinessDay;

fn qty(milli: i64) -> Quantity {
    Quantity::from_milli(milli)
}

fn fen(fen: i64) -> Money {
    Money::from_fen(fen)
}

fn line(line_no: i64, milli: i64, amount: i64) -> SoldLine {
    SoldLine {
        line_no,
        product: ProductId(line_no),
        sold: Share {
            qty: qty(milli),
            amount: fen(amount),
            tax: fen(amount / 9),
            cost: fen(amount / 2),
        },
        returned: Share::default(),
        is_counted: milli % 1000 == 0,
    }
}

fn bought(lines: &[(i64, i64)], rounding: CashRounding) -> Bought {
    let lines: Vec<SoldLine> = (1..)
        .zip(lines)
        .map(|(no, (milli, amount))| line(no, *milli, *amount))
        .collect();
    let goods: Money = lines.iter().map(|line| line.sold.amount).sum();
    let total = goods + rounding.adjustment(goods);
    Bought {
        state: OrderState::Paid,
        lines,
        total,
        tenders: vec![Tender {
            id: PaymentId(Uuid::from_u128(1)),
            paid: total,
            refunded: Money::ZERO,
        }],
    }
}

/// Books a return.
fn book(bought: &mut Bought, done: &Return) {
    bought.state = done.state;
    for line in &done.lines {
        let sold = bought
            .lines
            .iter_mut()
            .find(|sold| sold.line_no == line.line_no)
            .unwrap();
        sold.returned = sold.returned.plus(line.share);
    }
    for (id, part) in &done.tenders {
        let tender = bought
            .tenders
            .iter_mut()
            .find(|tender| tender.id == *id)
            .unwrap();
        tender.refunded += *part;
    }
}

fn one(line_no: i64, milli: i64) -> Vec<Wanted> {
    vec![Wanted {
        line_no,
        qty: qty(milli),
    }]
}

#[test]
fn three_pieces_for_ten_yuan_come_back_one_by_one_for_ten_yuan() {
    let mut order = bought(&[(3000, 1000)], CashRounding::None);
    let refunds: Vec<i64> = (0..3)
        .map(|_| {
            let done = decide(&order, &one(1, 1000), CashRounding::None).unwrap();
            book(&mut order, &done);
            done.refund.fen()
        })
        .collect();
    assert_eq!(refunds, [333, 334, 333]);
    order.state = OrderState::PartlyReturned;
    let more = decide(&order, &one(1, 1000), CashRounding::None);
    let left = Quantity::ZERO;
    assert_eq!(more, Err(Refusal::TooMany { line_no: 1, left }));
}

#[test]
fn the_dropped_fen_of_the_sale_are_not_paid_back() {
    let order = bought(&[(1000, 333), (1000, 333)], CashRounding::DropFen);
    assert_eq!(order.total, fen(660));
    let wanted = [one(1, 1000), one(2, 1000)].concat();
    let done = decide(&order, &wanted, CashRounding::DropFen).unwrap();
    assert_eq!(
        (done.refund, done.rounding, done.state),
        (fen(660), fen(-6), OrderState::Returned)
    );
}

#[test]
fn something_weighed_comes_back_in_part_and_a_bottle_does_not() {
    let order = bought(&[(526, 1052), (2000, 600)], CashRounding::None);
    let half = decide(&order, &one(1, 263), CashRounding::None).unwrap();
    assert_eq!(
        (half.refund, half.state),
        (fen(526), OrderState::PartlyReturned)
    );
    let part = decide(&order, &one(2, 500), CashRounding::None);
    assert_eq!(part, Err(Refusal::NotWhole(2)));
    let absent = decide(&order, &one(9, 1000), CashRounding::None);
    assert_eq!(absent, Err(Refusal::NoSuchLine(9)));
}

#[test]
fn a_refund_goes_to_the_payments_in_turn_and_never_beyond_one() {
    let mut order = bought(&[(4000, 4000)], CashRounding::None);
    order.tenders = [(2, 1500), (1, 2500)]
        .map(|(id, paid)| Tender {
            id: PaymentId(Uuid::from_u128(id)),
            paid: fen(paid),
            refunded: Money::ZERO,
        })
        .to_vec();
    let done = decide(&order, &one(1, 2000), CashRounding::None).unwrap();
    let parts: Vec<i64> = done.tenders.iter().map(|(_, part)| part.fen()).collect();
    assert_eq!(parts, [1500, 500]);
}

fn roundings() -> impl Strategy<Value = CashRounding> {
    prop::sample::select(CashRounding::ALL.to_vec())
}

proptest! {
    #[test]
    fn no_sequence_of_returns_pays_back_more_than_was_paid(
        lines in prop::collection::vec((1i64..6000, 0i64..20_000), 1..6),
        steps in prop::collection::vec((0usize..6, 1i64..4000, roundings()), 1..40),
        sold in roundings(),
    ) {
        let mut order = bought(&lines, sold);
        for (at, milli, rounding) in steps {
            let line = order.lines[at % order.lines.len()];
            let milli = if line.is_counted { milli / 1000 * 1000 } else { milli };
            let wanted = one(line.line_no, milli.min(line.left().milli()));
            let Ok(done) = decide(&order, &wanted, rounding) else { continue };
            prop_assert_eq!(done.refund, done.goods + done.rounding);
            prop_assert_eq!(done.refund, done.tenders.iter().map(|(_, part)| *part).sum());
            book(&mut order, &done);
            prop_assert!(order.refunded() <= order.total);
            for line in &order.lines {
                prop_assert!(line.returned.qty <= line.sold.qty);
                prop_assert!(line.returned.amount <= line.sold.amount);
                prop_assert!(line.returned.tax <= line.sold.tax);
                prop_assert!(line.returned.cost <= line.sold.cost);
            }
        }
        let rest: Vec<Wanted> = order.lines.iter()
            .filter(|line| line.left() > Quantity::ZERO)
            .map(|line| Wanted { line_no: line.line_no, qty: line.left() })
            .collect();
        if !rest.is_empty() {
            let done = decide(&order, &rest, sold).unwrap();
            book(&mut order, &done);
        }
        prop_assert_eq!(order.refunded(), order.total);
        for line in &order.lines {
            prop_assert_eq!(line.returned, line.sold);
        }
    }
}

#[test]
fn the_last_day_of_the_window_is_within_it() {
    let (sold, window) = (BusinessDay(20261122), ReturnWindow::of_days(7));
    for (today, is_over) in [
        (20261122, false),
        (20261129, false),
        (20261130, true),
        (20270101, true),
    ] {
        assert_eq!(window.is_over(sold, BusinessDay(today)), is_over, "{today}");
    }
    let endless = ReturnWindow::of_days(0);
    assert!(!endless.is_over(sold, BusinessDay(20991231)));
    assert_eq!((endless.days(), window.days()), (0, 7));
}

/// Goods for `price` a unit.
fn goods(price: i64, milli: i64, source: PriceSource) -> BasketLine {
    BasketLine {
        product: product(1, price),
        barcode: "".into(),
        qty: qty(milli),
        price: source,
        expires: None,
        price_override: None,
    }
}

#[test]
fn without_a_receipt_goods_are_worth_today_and_no_more() {
    let pack = PriceSource::Pack {
        packs: qty(1000),
        price: fen(2000),
    };
    for (line, worth) in [
        (goods(333, 2000, PriceSource::List), 666),
        // A label of yesterday's dearer price, and one of a cheaper price.
        (goods(1000, 500, PriceSource::Label(fen(600))), 500),
        (goods(1000, 500, PriceSource::Label(fen(450))), 450),
        (goods(100, 24_000, pack), 2000),
    ] {
        let mut line = line;
        line.price_override = Some(PriceOverride {
            id: Uuid::from_u128(7),
            unit_price: fen(1),
        });
        let done = blind::decide(&[line], CashRounding::None);
        assert_eq!(done.refund.fen(), worth);
    }
}

proptest! {
    #[test]
    fn without_a_receipt_no_more_goes_back_than_the_goods_cost(
        lines in prop::collection::vec((0i64..100_000, 1i64..50_000), 1..8),
        rule in prop::sample::select(vec![CashRounding::None, CashRounding::DropJiao, CashRounding::RoundYuan]),
    ) {
        let lines: Vec<BasketLine> = lines
            .into_iter()
            .map(|(price, milli)| goods(price, milli, PriceSource::List))
            .collect();
        let today: Money = lines.iter().map(|line| pricing::price(line).amount).sum();
        let done = blind::decide(&lines, rule);
        prop_assert_eq!(done.goods, today);
        prop_assert_eq!(done.refund, done.goods + done.rounding);
        prop_assert!(done.refund >= Money::ZERO && done.refund <= done.goods);
        prop_assert_eq!(done.lines.iter().map(|line| line.amount).sum::<Money>(), done.goods);
    }

    #[test]
    fn an_exchange_makes_and_loses_no_money(refund in 0i64..10_000_000, due in 0i64..10_000_000) {
        let done = Exchange::of(fen(refund), fen(due));
        prop_assert_eq!(done.credit + done.to_pay, fen(due));
        prop_assert_eq!(done.credit + done.to_refund, fen(refund));
        prop_assert!(done.to_pay == Money::ZERO || done.to_refund == Money::ZERO);
        prop_assert!(done.to_pay >= Money::ZERO && done.to_refund >= Money::ZERO);
    }
}

/// A line as the price rules froze it: at its list price, as a pack, by a label, or at a given price.
fn priced(line_no: i64, (price, milli, kind, part): (i64, i64, u8, i64)) -> SoldLine {
    let less = fen(price).share(part, 100);
    let pack = PriceSource::Pack {
        packs: qty(milli),
        price: less,
    };
    let mut line = match kind {
        0 => goods(price, milli, pack),
        1 => goods(price, milli, PriceSource::Label(less.times(qty(milli)))),
        _ => goods(price, milli, PriceSource::List),
    };
    line.price_override = (kind == 2).then_some(PriceOverride {
        id: Uuid::from_u128(7),
        unit_price: less,
    });
    let sold = pricing::price(&line);
    SoldLine {
        line_no,
        product: ProductId(line_no),
        sold: Share {
            qty: line.qty,
            amount: sold.amount,
            tax: sold.tax,
            cost: sold.amount.share(part, 100),
        },
        returned: Share::default(),
        is_counted: milli % 1000 == 0,
    }
}

/// `total` cut into payments at these hundredths.
fn tenders(total: Money, cuts: &[i64]) -> Vec<Tender> {
    let mut cuts: Vec<Money> = cuts.iter().map(|cut| total.share(*cut, 100)).collect();
    cuts.extend([Money::ZERO, total]);
    cuts.sort();
    (1..)
        .zip(cuts.windows(2))
        .map(|(id, cut)| Tender {
            id: PaymentId(Uuid::from_u128(id)),
            paid: cut[1] - cut[0],
            refunded: Money::ZERO,
        })
        .collect()
}

proptest! {
    #[test]
    fn whatever_the_prices_and_tenders_no_line_and_no_payment_gives_back_more_than_it_took(
        lines in prop::collection::vec((1i64..20_000, 1i64..9000, 0u8..4, 0i64..=100), 1..8),
        cuts in prop::collection::vec(0i64..=100, 0..5),
        steps in prop::collection::vec(
            (prop::collection::btree_map(0usize..8, 1i64..9000, 1..4), roundings()),
            1..30,
        ),
        sold in roundings(),
    ) {
        let lines: Vec<SoldLine> = (1..).zip(lines).map(|(no, line)| priced(no, line)).collect();
        let amount: Money = lines.iter().map(|line| line.sold.amount).sum();
        let total = amount + sold.adjustment(amount);
        let tenders = tenders(total, &cuts);
        let mut order = Bought { state: OrderState::Paid, lines, total, tenders };
        let mut back = vec![Money::ZERO; order.lines.len()];
        for (parts, rounding) in steps {
            let wanted: Vec<Wanted> = parts.into_iter()
                .filter_map(|(at, milli)| Some((order.lines.get(at)?, milli)))
                .map(|(line, milli)| (line, if line.is_counted { milli / 1000 * 1000 } else { milli }))
                .map(|(line, milli)| Wanted { line_no: line.line_no, qty: qty(milli.min(line.left().milli())) })
                .filter(|wanted| wanted.qty > Quantity::ZERO)
                .collect();
            if wanted.is_empty() { continue }
            let done = decide(&order, &wanted, rounding).unwrap();
            book(&mut order, &done);
            for line in &done.lines {
                back[usize::try_from(line.line_no).unwrap() - 1] += line.share.amount;
            }
            for (line, back) in order.lines.iter().zip(&back) {
                prop_assert!(*back <= line.sold.amount);
                prop_assert_eq!(*back, line.returned.amount);
            }
            for tender in &order.tenders {
                prop_assert!(tender.refunded <= tender.paid);
            }
            prop_assert_eq!(done.refund, done.tenders.iter().map(|(_, part)| *part).sum());
        }
        let rest: Vec<Wanted> = order.lines.iter()
            .filter(|line| line.left() > Quantity::ZERO)
            .map(|line| Wanted { line_no: line.line_no, qty: line.left() })
            .collect();
        if !rest.is_empty() {
            let done = decide(&order, &rest, sold).unwrap();
            book(&mut order, &done);
        }
        prop_assert!(order.tenders.iter().all(|tender| tender.refunded == tender.paid));
    }
}
