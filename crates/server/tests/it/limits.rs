//! Who asks too much is refused, and nobody else is.

use std::net::SocketAddr;

use aisle_db::Engine;
use aisle_server::config::Config;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::Request;
use serde_json::json;

use crate::harness::{PASSWORD, TestApp, request};

fn from(address: &str, mut call: Request<Body>) -> Request<Body> {
    let peer = SocketAddr::new(address.parse().unwrap(), 50_000);
    call.extensions_mut().insert(ConnectInfo(peer));
    call
}

fn products(token: &str) -> Request<Body> {
    request("GET", token, "/api/v1/products?limit=1", None)
}

async fn both(set: impl Fn(&mut Config), test: impl AsyncFn(&TestApp)) {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let shop = TestApp::with(engine, &set).await;
        test(&shop).await;
        shop.finish().await;
    }
}

/// How many of so many calls, as fast as they go, are refused.
async fn refused(shop: &TestApp, times: u32, call: impl Fn() -> Request<Body>) -> u32 {
    let mut count = 0;
    for _ in 0..times {
        let answer = shop.send(call()).await;
        if answer.code() == "too_many_requests" {
            assert_eq!(answer.status, 429);
            assert_eq!(answer.headers["retry-after"], "1");
            count += 1;
        }
    }
    count
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_person_who_asks_too_much_waits_and_the_others_do_not() {
    let set = |config: &mut Config| config.person_rate = 5;
    both(set, async |shop| {
        assert!(refused(shop, 40, || products(&shop.manager)).await > 0);
        assert_eq!(refused(shop, 4, || products(&shop.cashier)).await, 0);
        assert_eq!(refused(shop, 40, || products(&shop.till)).await, 0);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn strangers_at_one_address_are_limited_together_and_devices_there_are_not() {
    let set = |config: &mut Config| config.address_rate = 5;
    both(set, async |shop| {
        let stranger = |at: u32| {
            let address = format!("2001:db8::{at}");
            from(&address, products(&format!("as_nobody{at}")))
        };
        let mut count = 0;
        for at in 1..40 {
            count += u32::from(shop.send(stranger(at)).await.status == 429);
        }
        assert!(count > 0);
        let till = || from("2001:db8::1", products(&shop.till));
        assert_eq!(refused(shop, 40, till).await, 0);
        let elsewhere = || from("2001:db8:0:1::1", products(&shop.cashier));
        assert_eq!(refused(shop, 4, elsewhere).await, 0);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn signing_in_from_one_address_has_a_limit_of_its_own() {
    // The people of the test shop sign in three times.
    let set = |config: &mut Config| config.sign_in_rate = 6;
    both(set, async |shop| {
        let sign_in = |address: &'static str, forwarded: &str| {
            let body = json!({ "username": "cashier", "password": PASSWORD });
            let mut call = request("POST", "", "/api/v1/sessions", Some(body));
            let forwarded = forwarded.parse().unwrap();
            call.headers_mut().insert("x-forwarded-for", forwarded);
            from(address, call)
        };
        // A stranger cannot name another address for each try.
        let mut count = 0;
        for at in 0..10 {
            let call = sign_in("203.0.113.9", &format!("198.51.100.{at}"));
            count += u32::from(shop.send(call).await.code() == "too_many_requests");
        }
        assert!((3..=4).contains(&count), "{count} were refused");
        shop.send(sign_in("203.0.113.10", "198.51.100.1"))
            .await
            .expect(201);
        let mut at_till = sign_in("203.0.113.9", "198.51.100.1");
        at_till
            .headers_mut()
            .insert("x-aisle-terminal", shop.till.parse().unwrap());
        shop.send(at_till).await.expect(201);
    })
    .await;
}
