//! Many buyers at once.

use aisle_server::clock::new_uuid;
use axum::http::StatusCode;

use crate::harness::{TestApp, cash_sale};
use crate::on_both_dbs;

const COLA: &str = "6901234567892";
const BUYERS: usize = 1000;
const PIECES: usize = 100;
const SENDS: usize = 5;

on_both_dbs!(
    a_thousand_buyers_of_a_hundred_pieces_each_sending_five_times_get_exactly_a_hundred,
    async |shop: &TestApp| {
        let cola = shop.product(COLA, 300, 100).await;
        let orders: Vec<_> = (0..BUYERS)
            .map(|_| cash_sale(new_uuid(), "kiosk", &[COLA]))
            .collect();
        let sends = (0..SENDS).flat_map(|_| orders.iter().enumerate());
        let answers = futures_util::future::join_all(sends.map(async |(buyer, order)| {
            // A till that is told to wait sends again.
            loop {
                let answer = shop
                    .post(&shop.kiosk, "/api/v1/orders", order.clone())
                    .await;
                let retry = answer.status == StatusCode::SERVICE_UNAVAILABLE
                    || answer.status == StatusCode::TOO_MANY_REQUESTS;
                if !retry {
                    return (buyer, answer);
                }
                tokio::task::yield_now().await;
            }
        }))
        .await;
        assert!(
            answers
                .iter()
                .all(|(_, answer)| !answer.status.is_server_error())
        );
        let sold: std::collections::HashSet<usize> = answers
            .iter()
            .filter(|(_, answer)| answer.status.is_success())
            .map(|(buyer, _)| *buyer)
            .collect();
        assert_eq!(sold.len(), PIECES);
        assert_eq!(
            answers
                .iter()
                .filter(|(_, answer)| answer.status == 201)
                .count(),
            PIECES
        );
        assert_eq!(shop.available(cola).await, 0);
    }
);
