//! Who is locked out after wrong guesses, and who is not.

use std::net::SocketAddr;

use aisle_db::Sql;
use aisle_domain::ids::StoreId;
use aisle_server::identity;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::Request;
use serde_json::json;

use crate::harness::{Answer, PASSWORD, PIN, TestApp, request};
use crate::on_both_dbs;

async fn by_pin(shop: &TestApp, till: &str, username: &str, pin: &str) -> Answer {
    let body = json!({ "username": username, "pin": pin });
    let mut call = request("POST", "", "/api/v1/sessions/pin", Some(body));
    call.headers_mut()
        .insert("x-aisle-terminal", till.parse().unwrap());
    shop.send(call).await
}

on_both_dbs!(
    wrong_pins_at_one_till_lock_nobody_out_at_another,
    async |shop: &TestApp| {
        shop.give_pin(&shop.manager).await;
        let other = shop.enrol_in(StoreId(1)).await;
        for _ in 0..20 {
            by_pin(shop, &shop.till, "manager", "9999").await;
        }
        let here = by_pin(shop, &shop.till, "manager", PIN).await;
        assert_eq!(here.code(), "too_many_attempts");
        by_pin(shop, &other, "manager", PIN).await.expect(201);
    }
);

on_both_dbs!(
    of_guesses_at_many_tills_no_more_are_looked_at_than_twenty_an_hour,
    async |shop: &TestApp| {
        shop.give_pin(&shop.manager).await;
        let mut tills = vec![shop.till.clone()];
        for _ in 0..5 {
            tills.push(shop.enrol_in(StoreId(1)).await);
        }
        let mut looked_at = 0;
        for minute in 0..60 {
            for till in &tills {
                let answer = by_pin(shop, till, "manager", &format!("{:04}", 3000 + minute)).await;
                looked_at += u32::from(answer.code() == "bad_pin");
            }
            shop.app.clock.advance_ms(60_000);
        }
        assert!((11..=20).contains(&looked_at), "{looked_at} were looked at");
    }
);

on_both_dbs!(
    guesses_at_names_nobody_has_lock_no_other_name_out,
    async |shop: &TestApp| {
        shop.give_pin(&shop.manager).await;
        for _ in 0..8 {
            by_pin(shop, &shop.till, "nobody", "9999").await;
        }
        let code = by_pin(shop, &shop.till, "nobody", "9999").await;
        assert_eq!(code.code(), "too_many_attempts");
        let other = by_pin(shop, &shop.till, "nobody-else", "9999").await;
        assert_eq!(other.code(), "bad_pin");
        by_pin(shop, &shop.till, "manager", PIN).await.expect(201);
    }
);

on_both_dbs!(
    who_manages_people_releases_a_lock_and_the_log_tells,
    async |shop: &TestApp| {
        shop.give_pin(&shop.manager).await;
        for _ in 0..8 {
            by_pin(shop, &shop.till, "manager", "9999").await;
        }
        let id = shop.id_of("manager").await;
        let people = shop.get(&shop.admin, "/api/v1/users").await.expect(200);
        let people = people["items"].as_array().unwrap();
        let locked = |name: &str| {
            let person = people.iter().find(|person| person["username"] == name);
            person.unwrap()["locked_until"].clone()
        };
        assert!(locked("manager").is_string());
        assert!(locked("cashier").is_null());

        let path = format!("/api/v1/users/{id}/release");
        let denied = shop.post(&shop.cashier, &path, json!({})).await;
        assert_eq!(denied.code(), "denied");
        let released = shop.post(&shop.admin, &path, json!({})).await.expect(200);
        assert!(released["locked_until"].is_null());
        let logged = shop.last_operation("user.release").await;
        assert_eq!(logged["target"], format!("user {id}"));
        assert_eq!(logged["actor"], "admin");
        by_pin(shop, &shop.till, "manager", PIN).await.expect(201);

        let admin = format!("/api/v1/users/{}/release", shop.id_of("admin").await);
        let beyond = shop.post(&shop.manager, &admin, json!({})).await;
        assert_eq!(beyond.code(), "beyond_own_rights");
    }
);

fn from(address: &str, password: &str) -> Request<Body> {
    let body = json!({ "username": "cashier", "password": password });
    let mut call = request("POST", "", "/api/v1/sessions", Some(body));
    let peer = SocketAddr::new(address.parse().unwrap(), 50_000);
    call.extensions_mut().insert(ConnectInfo(peer));
    call
}

on_both_dbs!(
    who_has_a_network_of_addresses_guesses_as_from_one,
    async |shop: &TestApp| {
        let mut looked_at = 0;
        for at in 1..=8 {
            let answer = shop.send(from(&format!("2001:db8:1:2::{at}"), "x")).await;
            looked_at += u32::from(answer.code() == "bad_credentials");
        }
        assert_eq!(looked_at, 5);
        let there = shop.send(from("2001:db8:1:2:ffff::1", PASSWORD)).await;
        assert_eq!(there.code(), "too_many_attempts");
        let elsewhere = shop.send(from("2001:db8:1:3::1", PASSWORD)).await;
        elsewhere.expect(201);
    }
);

on_both_dbs!(
    a_sign_in_under_way_does_not_outlive_a_new_password,
    async |shop: &TestApp| {
        let hashes = [PASSWORD, "three blue herons"].map(|p| identity::hash_password(p).unwrap());
        for round in 0..4 {
            let old = [PASSWORD, "three blue herons"][round % 2];
            let new_hash = hashes[(round + 1) % 2].clone();
            let body = json!({ "username": "cashier", "password": old });
            let signing_in = shop.post("", "/api/v1/sessions", body);
            let resetting = async {
                // Once the guess is counted the password is being looked at.
                while guesses(shop).await == 0 {
                    tokio::task::yield_now().await;
                }
                let set: aisle_server::Result<bool> = aisle_db::transact!(shop.app.db, |tx| {
                    identity::set_password(tx, "cashier", &new_hash).await
                });
                assert!(set.unwrap());
            };
            let (answer, ()) = tokio::join!(signing_in, resetting);
            shop.app.identity.forget_all().await;
            if answer.status == 201 {
                let token = answer.body["token"].as_str().unwrap();
                let after = shop.get(token, "/api/v1/products").await;
                assert_eq!(after.code(), "unauthenticated", "round {round}");
            } else {
                assert_eq!(answer.code(), "bad_credentials");
                shop.app.clock.advance_ms(25 * 3_600_000);
                identity::tidy(&shop.app).await.unwrap();
            }
        }
    }
);

async fn guesses(shop: &TestApp) -> i64 {
    Sql::new("SELECT COUNT(*) FROM sign_in_attempts WHERE username = 'cashier'")
        .number(shop.app.db.read_fresh())
        .await
        .unwrap()
}

on_both_dbs!(
    a_new_password_given_by_somebody_else_ends_all_sessions_at_once,
    async |shop: &TestApp| {
        let second = shop.sign_in_as("cashier", PASSWORD).await;
        let path = format!("/api/v1/users/{}/password", shop.id_of("cashier").await);
        let body = json!({ "password": "three blue herons" });
        shop.post(&shop.manager, &path, body).await.expect(204);
        for token in [&shop.cashier, &second] {
            let answer = shop.get(token, "/api/v1/products").await;
            assert_eq!(answer.code(), "unauthenticated");
        }
    }
);
