//! Devices: becoming one by a code, keys and the tokens they renew, what they say of themselves.

use axum::body::Body;
use axum::http::Request;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http_body_util::BodyExt;
use p256::ecdsa::signature::Signer;
use p256::ecdsa::{Signature, SigningKey};
use serde_json::{Value, json};

use crate::harness::{Answer, PASSWORD, TestApp, request};
use crate::on_both_dbs;

const MINUTE_MS: i64 = 60_000;

async fn make_code(shop: &TestApp, name: &str) -> Value {
    let new = json!({ "name": name, "kind": "pos" });
    shop.post(&shop.manager, "/api/v1/enrolment-codes", new)
        .await
        .expect(201)
}

async fn take(shop: &TestApp, body: Value) -> Answer {
    shop.post("", "/api/v1/enrolments", body).await
}

fn key(of: u8) -> SigningKey {
    SigningKey::from_slice(&[of; 32]).unwrap()
}

fn public(key: &SigningKey) -> String {
    let point = key.verifying_key().to_sec1_point(false);
    URL_SAFE_NO_PAD.encode(point.as_bytes())
}

/// A till with a key: its id and its first token.
async fn enrol_with(shop: &TestApp, key: &SigningKey) -> (i64, String) {
    let made = make_code(shop, "keyed").await;
    let body = json!({ "code": made["code"], "public_key": public(key) });
    let enrolled = take(shop, body).await.expect(201);
    let token = enrolled["token"].as_str().unwrap().to_owned();
    (made["terminal"]["id"].as_i64().unwrap(), token)
}

async fn answer_to_challenge(shop: &TestApp, terminal: i64, key: &SigningKey) -> Value {
    let challenge = shop
        .post("", "/api/v1/terminals/challenges", json!({}))
        .await
        .expect(201);
    let challenge = challenge["challenge"].as_str().unwrap();
    let message = format!("aisle terminal token\n{terminal}\n{challenge}");
    let signature: Signature = key.sign(message.as_bytes());
    json!({ "terminal_id": terminal, "challenge": challenge,
        "signature": URL_SAFE_NO_PAD.encode(signature.to_bytes()) })
}

async fn renew(shop: &TestApp, answer: &Value) -> Answer {
    shop.post("", "/api/v1/terminals/token", answer.clone())
        .await
}

/// A call of somebody who has this session's token and this device's.
fn at(session: &str, device: &str) -> Request<Body> {
    let mut call = request("GET", session, "/api/v1/sessions/current", None);
    if !device.is_empty() {
        let headers = call.headers_mut();
        headers.insert("x-aisle-terminal", device.parse().unwrap());
    }
    call
}

/// Signs the cashier in at this device.
async fn sign_in_at(shop: &TestApp, username: &str, device: &str) -> String {
    let body = json!({ "username": username, "password": PASSWORD });
    let mut call = request("POST", "", "/api/v1/sessions", Some(body));
    call.headers_mut()
        .insert("x-aisle-terminal", device.parse().unwrap());
    let session = shop.send(call).await.expect(201);
    session["token"].as_str().unwrap().to_owned()
}

async fn listed(shop: &TestApp, id: i64) -> Value {
    let list = shop
        .get(&shop.manager, "/api/v1/terminals")
        .await
        .expect(200);
    let rows = list["items"].as_array().unwrap();
    rows.iter().find(|row| row["id"] == id).unwrap().clone()
}

on_both_dbs!(
    a_code_makes_a_till_once_however_it_is_typed,
    async |shop: &TestApp| {
        let made = make_code(shop, "2号机").await;
        let id = made["terminal"]["id"].as_i64().unwrap();
        assert!(listed(shop, id).await["enrolled_at"].is_null());
        let code = made["code"].as_str().unwrap();
        let typed = format!(" {}-{} ", &code[..4].to_lowercase(), &code[4..]);

        let enrolled = take(shop, json!({ "code": typed })).await.expect(201);
        let token = enrolled["token"].as_str().unwrap();
        let me = shop
            .get(token, "/api/v1/sessions/current")
            .await
            .expect(200);
        assert_eq!(me["terminal"]["id"], id);
        assert_eq!(me["terminal"]["no"], 3);
        assert!(listed(shop, id).await["enrolled_at"].is_string());

        let again = take(shop, json!({ "code": code })).await;
        assert_eq!((again.status.as_u16(), again.code()), (403, "bad_code"));
        let log = shop
            .get(
                &shop.admin,
                &format!("/api/v1/operations?target=terminal%20{id}"),
            )
            .await
            .expect(200);
        let actions: Vec<_> = log["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|entry| entry["action"].as_str().unwrap())
            .collect();
        assert_eq!(actions, ["terminal.enrol", "terminal.code"]);
        assert_eq!(log["items"][0]["actor"], "manager");
    }
);

on_both_dbs!(
    a_code_is_too_old_after_ten_minutes_and_gone_when_there_is_another,
    async |shop: &TestApp| {
        let made = make_code(shop, "2号机").await;
        let path = format!(
            "/api/v1/terminals/{}/enrolment-code",
            made["terminal"]["id"]
        );
        let second = shop.post(&shop.manager, &path, json!({})).await.expect(201);
        let first = take(shop, json!({ "code": made["code"] })).await;
        assert_eq!(first.code(), "bad_code");
        shop.app.clock.advance_ms(10 * MINUTE_MS);
        let late = take(shop, json!({ "code": second["code"] })).await;
        assert_eq!(late.code(), "bad_code");
    }
);

on_both_dbs!(
    the_browser_that_takes_a_fresh_code_is_the_till_and_the_one_before_is_not,
    async |shop: &TestApp| {
        let made = make_code(shop, "2号机").await;
        let old = take(shop, json!({ "code": made["code"] }))
            .await
            .expect(201);
        let old = old["token"].as_str().unwrap();
        let cashier = sign_in_at(shop, "cashier", old).await;
        shop.send(at(&cashier, old)).await.expect(200);

        let path = format!(
            "/api/v1/terminals/{}/enrolment-code",
            made["terminal"]["id"]
        );
        let fresh = shop.post(&shop.manager, &path, json!({})).await.expect(201);
        // Until somebody takes it nothing changes.
        shop.send(at(&cashier, old)).await.expect(200);
        let new = take(shop, json!({ "code": fresh["code"] }))
            .await
            .expect(201);
        let new = new["token"].as_str().unwrap();
        assert_eq!(shop.send(at("", old)).await.status, 401);
        assert_eq!(shop.send(at(&cashier, new)).await.status, 401);
        let me = shop.send(at("", new)).await.expect(200);
        assert_eq!(me["terminal"]["id"], made["terminal"]["id"]);
    }
);

on_both_dbs!(guessed_codes_cost_time, async |shop: &TestApp| {
    let made = make_code(shop, "2号机").await;
    for _ in 0..5 {
        let wrong = take(shop, json!({ "code": "AAAABBBB" })).await;
        assert_eq!(wrong.code(), "bad_code");
    }
    let right = json!({ "code": made["code"] });
    let locked = take(shop, right.clone()).await;
    assert_eq!(
        (locked.status.as_u16(), locked.code()),
        (429, "too_many_attempts")
    );
    shop.app.clock.advance_ms(MINUTE_MS + 1);
    take(shop, right).await.expect(201);
    for body in [
        json!({ "code": "short" }),
        json!({ "code": "AAAABBBB", "public_key": "AAAA" }),
    ] {
        assert_eq!(take(shop, body).await.code(), "invalid_request");
    }
});

on_both_dbs!(
    nobody_enrols_a_device_that_may_do_more_than_they,
    async |shop: &TestApp| {
        let role =
            json!({ "name": "设备员", "scope": "all", "grants": { "terminal.manage": "allowed" } });
        let role = shop
            .post(&shop.admin, "/api/v1/roles", role)
            .await
            .expect(201);
        let person = json!({ "username": "zhou", "name": "周", "role": role["role"], "password": "three blue herons" });
        shop.post(&shop.admin, "/api/v1/users", person)
            .await
            .expect(201);
        let token = shop.sign_in_as("zhou", "three blue herons").await;
        let made = make_code(shop, "2号机").await;
        let again = format!(
            "/api/v1/terminals/{}/enrolment-code",
            made["terminal"]["id"]
        );
        let new = json!({ "name": "3号机", "kind": "pos" });
        for (path, body) in [
            ("/api/v1/terminals", new.clone()),
            ("/api/v1/enrolment-codes", new.clone()),
            (again.as_str(), json!({})),
        ] {
            let refused = shop.post(&token, path, body).await;
            let seen = (refused.status.as_u16(), refused.code());
            assert_eq!(seen, (403, "beyond_own_rights"), "{path}");
        }
        shop.post(&shop.manager, "/api/v1/terminals", new)
            .await
            .expect(201);
    }
);

on_both_dbs!(
    a_token_lives_for_ten_minutes_and_only_the_key_renews_it,
    async |shop: &TestApp| {
        let own = key(7);
        let (id, first) = enrol_with(shop, &own).await;
        let cashier = sign_in_at(shop, "cashier", &first).await;
        shop.send(at(&cashier, &first)).await.expect(200);
        // A stolen cookie is worth nothing without the device, and nothing with a token that died.
        assert_eq!(shop.send(at(&cashier, "")).await.status, 401);
        shop.app.clock.advance_ms(10 * MINUTE_MS);
        shop.app.identity.forget_all().await;
        assert_eq!(shop.send(at(&cashier, &first)).await.status, 401);

        let forged = answer_to_challenge(shop, id, &key(8)).await;
        let forged = renew(shop, &forged).await;
        assert_eq!(
            (forged.status.as_u16(), forged.code()),
            (401, "unauthenticated")
        );
        let answer = answer_to_challenge(shop, id, &own).await;
        let renewed = renew(shop, &answer).await.expect(201);
        let token = renewed["token"].as_str().unwrap();
        shop.send(at(&cashier, token)).await.expect(200);

        let replayed = renew(shop, &answer).await;
        assert_eq!(
            (replayed.status.as_u16(), replayed.code()),
            (401, "bad_challenge")
        );
        let late = answer_to_challenge(shop, id, &own).await;
        shop.app.clock.advance_ms(MINUTE_MS);
        assert_eq!(renew(shop, &late).await.code(), "bad_challenge");
        let other = answer_to_challenge(shop, id, &own).await;
        let mut elsewhere = other.clone();
        elsewhere["terminal_id"] = json!(1);
        assert_eq!(renew(shop, &elsewhere).await.code(), "unauthenticated");
        renew(shop, &other).await.expect(201);
    }
);

on_both_dbs!(
    a_revoked_till_is_ended_at_once_with_its_open_streams,
    async |shop: &TestApp| {
        let own = key(7);
        let (id, token) = enrol_with(shop, &own).await;
        let cashier = sign_in_at(shop, "cashier", &token).await;
        let mut call = request("GET", &cashier, "/api/v1/events", None);
        call.headers_mut()
            .insert("x-aisle-terminal", token.parse().unwrap());
        let mut stream = shop.open(call).await.into_body();
        stream.frame().await.unwrap().unwrap();

        shop.delete(&shop.manager, &format!("/api/v1/terminals/{id}"))
            .await
            .expect(204);
        let ended = async { while stream.frame().await.is_some() {} };
        tokio::time::timeout(std::time::Duration::from_secs(5), ended)
            .await
            .expect("the stream ends");
        assert_eq!(shop.send(at(&cashier, &token)).await.status, 401);
        let answer = answer_to_challenge(shop, id, &own).await;
        assert_eq!(renew(shop, &answer).await.code(), "unauthenticated");
        let path = format!("/api/v1/terminals/{id}/enrolment-code");
        let fresh = shop.post(&shop.manager, &path, json!({})).await;
        assert_eq!(
            (fresh.status.as_u16(), fresh.code()),
            (409, "terminal_revoked")
        );
    }
);

on_both_dbs!(
    the_list_says_how_each_till_is_and_who_is_at_it,
    async |shop: &TestApp| {
        let (id, token) = enrol_with(shop, &key(7)).await;
        let said = json!({ "version": "0.1.0", "unsent": 3 });
        shop.post(&token, "/api/v1/terminals/self/report", said)
            .await
            .expect(204);
        let quiet = json!({ "version": "0.1.0" });
        shop.post(&token, "/api/v1/terminals/self/report", quiet)
            .await
            .expect(204);
        let row = listed(shop, id).await;
        assert_eq!(
            (&row["online"], &row["has_key"], &row["unsent"]),
            (&json!(true), &json!(true), &json!(3))
        );
        assert_eq!(row["app_version"], "0.1.0");
        assert!(row["cashier"].is_null());

        let first = sign_in_at(shop, "cashier", &token).await;
        assert_eq!(listed(shop, id).await["cashier"], "cashier");
        let second = sign_in_at(shop, "manager", &token).await;
        assert_eq!(listed(shop, id).await["cashier"], "manager");
        // One person at a time.
        assert_eq!(shop.send(at(&first, &token)).await.status, 401);
        let mut leave = request("DELETE", &second, "/api/v1/sessions/current", None);
        leave
            .headers_mut()
            .insert("x-aisle-terminal", token.parse().unwrap());
        shop.send(leave).await.expect(204);
        shop.app.clock.advance_ms(2 * MINUTE_MS);
        let row = listed(shop, id).await;
        assert!(row["cashier"].is_null());
        assert_eq!(row["online"], false);

        for (who, body, code) in [
            (
                &shop.manager,
                json!({ "version": "0.1.0" }),
                "terminal_required",
            ),
            (&shop.till, json!({ "version": "" }), "invalid_request"),
            (
                &shop.till,
                json!({ "version": "1", "unsent": -1 }),
                "invalid_request",
            ),
        ] {
            let answer = shop.post(who, "/api/v1/terminals/self/report", body).await;
            assert_eq!(answer.code(), code);
        }
    }
);
