//! A small table language: `shelf`, `sell`, `hold` lines with the expected answer behind `->`.

use super::*;
use crate::catalog::{Product, ProductState};
use crate::money::Rate;
use crate::pricing::PriceSource;
use proptest::prelude::*;
use std::sync::Arc;

/// A product at a price.
pub(crate) fn product(id: i64, price_fen: i64) -> Arc<Product> {
    Arc::new(Product {
        id: ProductId(id),
        code: "".into(),
        name: format!("product {id}").into(),
        short_name: "".into(),
        spec: "".into(),
        unit: "瓶".into(),
        unit_id: 1,
        weighed: false,
        category_id: None,
        brand_id: None,
        price: Money::from_fen(price_fen),
        member_price: None,
        floor_price: None,
        cost: Money::from_fen(price_fen / 2),
        tax_rate: Rate(1300),
        safety_stock: Quantity::ZERO,
        shelf_life_days: 0,
        supplier: "".into(),
        state: ProductState::Active,
        mnemonic: "".into(),
        picture: None,
        barcodes: Box::new([]),
        tags: Box::new([]),
        version: 1,
        updated_at: 0,
    })
}

fn line(id: i64, qty_milli: i64) -> BasketLine {
    BasketLine {
        product: product(id, id * 100 + 50),
        barcode: "".into(),
        qty: Quantity::from_milli(qty_milli),
        price: PriceSource::List,
        expires: None,
        price_override: None,
    }
}

fn basket(channel: Channel, lines: Vec<BasketLine>, tendered: Option<i64>) -> Basket {
    Basket {
        order_id: OrderId(Uuid::from_u128(7)),
        channel,
        lines,
        cash: tendered.map(|fen| CashTender {
            id: PaymentId(Uuid::from_u128(8)),
            tendered: Money::from_fen(fen),
        }),
        expected_total: None,
        happened_at: None,
    }
}

const POLICY: StorePolicy = StorePolicy {
    rounding: CashRounding::DropFen,
    pos_negative_stock: true,
};
const TODAY: BusinessDay = BusinessDay(20261122);

/// Plays a table: products are numbers, `1x3` is three of product 1 (price 1.50, 2.50, …).
fn play(table: &str) {
    let mut shelf = Shelf::new();
    for row in table.lines().map(str::trim).filter(|row| !row.is_empty()) {
        let words: Vec<&str> = row.split_whitespace().collect();
        let arrow = words.iter().position(|word| *word == "->");
        let goods = |from: usize| -> Vec<(i64, i64)> {
            words[from..arrow.unwrap_or(words.len())]
                .iter()
                .map(|word| {
                    let (id, count) = word.split_once('x').unwrap();
                    (id.parse().unwrap(), count.parse::<i64>().unwrap() * 1000)
                })
                .collect()
        };
        if words[0] == "shelf" {
            for (id, milli) in goods(1) {
                shelf
                    .entry(ProductId(id))
                    .or_default()
                    .receive(Quantity::from_milli(milli), Money::from_fen(100));
            }
            continue;
        }
        let channel = Channel::parse(words[1]).unwrap();
        let lines = goods(2)
            .into_iter()
            .map(|(id, qty)| line(id, qty))
            .collect();
        let tendered = (words[0] == "sell").then_some(1_000_000);
        let answer = match decide(&mut shelf, &basket(channel, lines, tendered), POLICY, TODAY) {
            Ok(sale) => format!("{} {}", sale.state.as_str(), sale.total.fen()),
            Err(Refusal::OutOfStock(short)) => short
                .iter()
                .map(|s| format!("short {} left {}", s.product, s.left.milli() / 1000))
                .collect::<Vec<_>>()
                .join(" "),
            Err(other) => format!("{other:?}"),
        };
        assert_eq!(answer, words[arrow.unwrap() + 1..].join(" "), "{row}");
    }
}

#[test]
fn the_last_piece_is_sold_once_where_stock_is_guarded() {
    play(
        "shelf 1x2 2x1
         sell kiosk 1x1      -> paid 150
         sell kiosk 1x2      -> short 1 left 1
         sell kiosk 1x1 1x1  -> short 1 left 1
         sell kiosk 1x1 2x1  -> paid 400
         sell online 2x1     -> short 2 left 0
         sell pos 2x1        -> paid 250",
    );
}

#[test]
fn a_promise_counts_as_gone() {
    play(
        "shelf 1x3
         hold online 1x2 -> received 300
         sell kiosk 1x2  -> short 1 left 1
         sell kiosk 1x1  -> paid 150",
    );
}

#[test]
fn cash_is_rounded_by_its_own_line_and_change_is_given() {
    let mut shelf = Shelf::new();
    let mut odd = line(1, 1000);
    odd.price = PriceSource::Label(Money::from_fen(1289));
    let sale = decide(
        &mut shelf,
        &basket(Channel::Pos, vec![odd], Some(2000)),
        POLICY,
        TODAY,
    )
    .unwrap();
    assert_eq!((sale.total.fen(), sale.rounding.fen()), (1280, -9));
    assert_eq!(sale.cash.unwrap().change.fen(), 720);
}

#[test]
fn too_little_cash_changes_nothing() {
    let mut shelf = Shelf::new();
    let answer = decide(
        &mut shelf,
        &basket(Channel::Pos, vec![line(1, 1000)], Some(100)),
        POLICY,
        TODAY,
    );
    assert_eq!(
        answer,
        Err(Refusal::InsufficientTender {
            due: Money::from_fen(150),
            tendered: Money::from_fen(100)
        })
    );
    assert!(shelf.is_empty());
}

#[test]
fn a_carton_is_sold_at_its_own_price_and_takes_its_pieces() {
    let mut shelf = Shelf::new();
    let mut carton = line(1, 24_000);
    carton.price = PriceSource::Pack {
        packs: Quantity::from_milli(2000),
        price: Money::from_fen(1600),
    };
    let sale = decide(
        &mut shelf,
        &basket(Channel::Pos, vec![carton], Some(3200)),
        POLICY,
        TODAY,
    )
    .unwrap();
    assert_eq!(sale.total.fen(), 3200);
    assert_eq!(sale.lines[0].priced.unit_price.fen(), 133);
    assert_eq!(shelf[&ProductId(1)].on_hand.milli(), -24_000);
}

#[test]
fn expired_or_withdrawn_goods_are_named() {
    let mut shelf = Shelf::new();
    let mut old = line(1, 1000);
    old.expires = Some(BusinessDay(20261121));
    let answer = decide(
        &mut shelf,
        &basket(Channel::Pos, vec![old], Some(1000)),
        POLICY,
        TODAY,
    );
    assert_eq!(answer, Err(Refusal::Expired(vec![ProductId(1)])));
}

#[test]
fn the_till_is_told_when_its_total_is_not_ours() {
    let mut shelf = Shelf::new();
    let mut stale = basket(Channel::Pos, vec![line(1, 1000)], Some(1000));
    stale.expected_total = Some(Money::from_fen(140));
    let answer = decide(&mut shelf, &stale, POLICY, TODAY);
    assert_eq!(
        answer,
        Err(Refusal::PriceChanged {
            expected: Money::from_fen(140),
            now: Money::from_fen(150)
        })
    );
}

#[test]
fn a_late_sale_needs_nothing_a_count_has_taken_out_already() {
    let mut shelf = Shelf::new();
    let counted = shelf.entry(ProductId(1)).or_default();
    counted.receive(Quantity::from_milli(1000), Money::from_fen(100));
    counted.counted_at = Some(Instant(5000));
    let counted = *counted;
    let mut late = basket(Channel::Kiosk, vec![line(1, 3000)], Some(1000));
    late.happened_at = Some(Instant(5000));
    let sale = decide(&mut shelf, &late, POLICY, TODAY).unwrap();
    assert_eq!(shelf[&ProductId(1)], counted);
    assert_eq!(sale.lines[0].cost.fen(), 300);
    assert!(sale.lines[0].given_back.is_some());
    late.happened_at = Some(Instant(5001));
    assert!(matches!(
        decide(&mut shelf, &late, POLICY, TODAY),
        Err(Refusal::OutOfStock(_))
    ));
    // Goods that are only promised are still in the shop.
    late.happened_at = Some(Instant(5000));
    late.cash = None;
    assert!(matches!(
        decide(&mut shelf, &late, POLICY, TODAY),
        Err(Refusal::OutOfStock(_))
    ));
}

proptest! {
    #[test]
    fn guarded_stock_never_goes_below_zero_and_money_adds_up(
        stock in prop::collection::vec(0i64..20, 4),
        baskets in prop::collection::vec((0usize..3, any::<bool>(), prop::collection::vec((1i64..5, 1i64..6), 1..6)), 1..60),
    ) {
        let policy = StorePolicy { rounding: CashRounding::RoundJiao, pos_negative_stock: false };
        let mut shelf = Shelf::new();
        for (at, pieces) in stock.iter().enumerate() {
            let id = ProductId(i64::try_from(at).unwrap() + 1);
            shelf.entry(id).or_default().receive(Quantity::from_milli(pieces * 1000), Money::from_fen(70));
        }
        for (channel, paid, goods) in baskets {
            let before = shelf.clone();
            let lines: Vec<_> = goods.iter().map(|(id, count)| line(*id, count * 1000)).collect();
            let asked = basket(Channel::ALL[channel], lines, paid.then_some(10_000_000));
            match decide(&mut shelf, &asked, policy, TODAY) {
                Err(_) => prop_assert_eq!(&before, &shelf),
                Ok(sale) => {
                    let sum: Money = sale.lines.iter().map(|l| l.priced.amount).sum();
                    prop_assert_eq!(sum + sale.rounding, sale.total);
                    prop_assert_eq!(sale.cash.is_some(), paid);
                }
            }
            prop_assert!(shelf.values().all(|level| level.available() >= Quantity::ZERO));
        }
    }
}
