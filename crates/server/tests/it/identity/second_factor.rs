//! Codes of an app and recovery codes, in the back office.

use aisle_db::{Engine, Sql};
use axum::body::Body;
use axum::http::Request;
use serde_json::{Value, json};
use totp_rs::{Builder, Secret};

use crate::harness::{Answer, PASSWORD, TestApp, request};
use crate::on_both_dbs;

const OWN: &str = "/api/v1/users/current/second-factor";
const STEP_MS: i64 = 30_000;

/// The code the app shows so many steps from now.
fn code(shop: &TestApp, secret: &str, steps: i64) -> String {
    let at = shop.app.clock.now().0 + steps * STEP_MS;
    let totp = Builder::new()
        .with_secret(Secret::try_from_base32(secret).unwrap())
        .with_account_name("anybody")
        .build()
        .unwrap();
    totp.generate(u64::try_from(at / 1000).unwrap()).to_string()
}

/// Sets one up; answers what the app knows and the recovery codes.
async fn set_up(shop: &TestApp, token: &str) -> (String, Vec<String>) {
    let body = json!({ "password": PASSWORD });
    let offer = shop.post(token, OWN, body).await.expect(201);
    let secret = offer["secret"].as_str().unwrap().to_owned();
    assert!(
        offer["url"]
            .as_str()
            .unwrap()
            .starts_with("otpauth://totp/")
    );
    let body = json!({ "code": code(shop, &secret, 0) });
    let path = format!("{OWN}/confirm");
    let codes = shop.post(token, &path, body).await.expect(200);
    let codes: Vec<String> = serde_json::from_value(codes["recovery_codes"].clone()).unwrap();
    assert_eq!(codes.len(), 10);
    (secret, codes)
}

fn sign_in_call(username: &str, code: Option<&str>) -> Request<Body> {
    let body = json!({ "username": username, "password": PASSWORD, "code": code });
    request("POST", "", "/api/v1/sessions", Some(body))
}

async fn sign_in(shop: &TestApp, username: &str, code: Option<&str>) -> Answer {
    shop.send(sign_in_call(username, code)).await
}

on_both_dbs!(
    a_code_is_asked_for_in_the_back_office_and_is_good_once,
    async |shop: &TestApp| {
        let (secret, _) = set_up(shop, &shop.manager).await;
        let needed = sign_in(shop, "manager", None).await;
        assert_eq!(
            (needed.status.as_u16(), needed.code()),
            (401, "second_factor_needed")
        );
        assert!(!needed.headers.contains_key("set-cookie"));
        let confirmed = code(shop, &secret, 0);
        let used = sign_in(shop, "manager", Some(&confirmed)).await;
        assert_eq!(
            (used.status.as_u16(), used.code()),
            (403, "bad_second_factor")
        );

        shop.app.clock.advance_ms(2 * STEP_MS);
        let now = code(shop, &secret, 0);
        let wrong = json!({ "username": "manager", "password": "wrong", "code": now });
        let wrong = shop.post("", "/api/v1/sessions", wrong).await;
        assert_eq!(wrong.code(), "bad_credentials");
        sign_in(shop, "manager", Some(&now)).await.expect(201);
        for spent in [now, code(shop, &secret, -1)] {
            let again = sign_in(shop, "manager", Some(&spent)).await;
            assert_eq!(again.code(), "bad_second_factor");
        }
        sign_in(shop, "cashier", None).await.expect(201);
        let mut at_till = sign_in_call("manager", None);
        at_till
            .headers_mut()
            .insert("x-aisle-terminal", shop.till.parse().unwrap());
        shop.send(at_till).await.expect(201);
    }
);

on_both_dbs!(
    codes_one_step_away_count_and_those_further_away_do_not,
    async |shop: &TestApp| {
        let (secret, _) = set_up(shop, &shop.manager).await;
        for (steps, status) in [(-2, 403), (2, 403), (-1, 201), (0, 201), (1, 201)] {
            if steps == -2 {
                shop.app.clock.advance_ms(10 * STEP_MS);
            }
            let code = code(shop, &secret, steps);
            let answer = sign_in(shop, "manager", Some(&code)).await;
            assert_eq!(answer.status, status, "{steps} steps");
        }
    }
);

on_both_dbs!(
    of_two_who_come_with_one_code_at_once_one_gets_in,
    async |shop: &TestApp| {
        let (secret, recovery) = set_up(shop, &shop.manager).await;
        shop.app.clock.advance_ms(STEP_MS);
        for code in [code(shop, &secret, 0), recovery[0].clone()] {
            let both = [(); 2].map(|()| sign_in(shop, "manager", Some(&code)));
            let answers = futures_util::future::join_all(both).await;
            let inside = answers.iter().filter(|answer| answer.status == 201).count();
            assert_eq!(inside, 1, "{answers:?}");
        }
    }
);

on_both_dbs!(
    a_recovery_code_is_good_once_however_it_is_typed,
    async |shop: &TestApp| {
        let (_, recovery) = set_up(shop, &shop.manager).await;
        let typed = recovery[3].to_uppercase().replace('-', " ");
        let token = sign_in(shop, "manager", Some(&typed)).await.expect(201);
        let again = sign_in(shop, "manager", Some(&recovery[3])).await;
        assert_eq!(again.code(), "bad_second_factor");
        let token = token["token"].as_str().unwrap();
        let state = shop.get(token, OWN).await.expect(200);
        let wanted = json!({ "set": true, "recovery_codes_left": 9, "required": false });
        assert_eq!(state, wanted);
    }
);

on_both_dbs!(
    new_recovery_codes_end_the_old_ones_and_need_the_password_and_a_code,
    async |shop: &TestApp| {
        let path = format!("{OWN}/recovery-codes");
        let without = json!({ "password": PASSWORD, "code": "123456" });
        let nothing_set = shop.post(&shop.manager, &path, without.clone()).await;
        assert_eq!(nothing_set.code(), "not_found");
        let (secret, old) = set_up(shop, &shop.manager).await;
        let wrong = shop.post(&shop.manager, &path, without).await;
        assert_eq!(wrong.code(), "bad_second_factor");
        shop.app.clock.advance_ms(2 * STEP_MS);
        let code = code(shop, &secret, 0);
        let no_password = json!({ "password": "wrong", "code": code });
        let refused = shop.post(&shop.manager, &path, no_password).await;
        assert_eq!(refused.code(), "bad_credentials");
        let body = json!({ "password": PASSWORD, "code": code });
        let made = shop
            .post(&shop.manager, &path, body.clone())
            .await
            .expect(200);
        let new: Vec<String> = serde_json::from_value(made["recovery_codes"].clone()).unwrap();
        assert_eq!(new.len(), 10);
        let again = shop.post(&shop.manager, &path, body).await;
        assert_eq!(again.code(), "bad_second_factor", "the code is used up");
        let ended = sign_in(shop, "manager", Some(&old[0])).await;
        assert_eq!(ended.code(), "bad_second_factor");
        sign_in(shop, "manager", Some(&new[0])).await.expect(201);
        let logged = shop.last_operation("user.recovery_codes").await;
        assert_eq!(logged["actor"], "manager");
    }
);

on_both_dbs!(
    what_is_stored_of_it_gives_nothing_away,
    async |shop: &TestApp| {
        let (secret, recovery) = set_up(shop, &shop.manager).await;
        let reader = shop.app.db.read_fresh();
        let stored = format!(
            "{:?} {:?}",
            Sql::new("SELECT secret AS text FROM second_factors")
                .one::<Text>(reader)
                .await
                .unwrap(),
            Sql::new("SELECT code_hash AS text FROM recovery_codes")
                .all::<Text>(reader)
                .await
                .unwrap(),
        );
        assert!(stored.contains("v1."), "{stored}");
        assert!(!stored.contains(&secret));
        for code in recovery {
            assert!(!stored.contains(&code) && !stored.contains(&code.replace('-', "")));
        }
    }
);

#[derive(Debug, aisle_db::FromQueryResult)]
struct Text {
    #[expect(dead_code, reason = "shown by Debug")]
    text: String,
}

on_both_dbs!(
    of_many_guesses_at_a_code_few_are_looked_at_until_somebody_releases_the_lock,
    async |shop: &TestApp| {
        let (secret, _) = set_up(shop, &shop.cashier).await;
        shop.app.clock.advance_ms(STEP_MS);
        let mut looked_at = 0;
        for guess in 0..12 {
            let guess = format!("{guess:06}");
            let answer = sign_in(shop, "cashier", Some(&guess)).await;
            looked_at += u32::from(answer.code() == "bad_second_factor");
        }
        assert_eq!(looked_at, 5);
        let right = code(shop, &secret, 0);
        let locked = sign_in(shop, "cashier", Some(&right)).await;
        assert_eq!(locked.code(), "too_many_attempts");
        let path = format!("/api/v1/users/{}/release", shop.id_of("cashier").await);
        shop.post(&shop.manager, &path, json!({})).await.expect(200);
        sign_in(shop, "cashier", Some(&right)).await.expect(201);
    }
);

on_both_dbs!(
    it_counts_once_it_is_confirmed_and_ends_the_other_sessions_then,
    async |shop: &TestApp| {
        let wrong = shop
            .post(&shop.manager, OWN, json!({ "password": "wrong" }))
            .await;
        assert_eq!(wrong.code(), "bad_credentials");
        let device = shop
            .post(&shop.till, OWN, json!({ "password": PASSWORD }))
            .await;
        assert_eq!(device.code(), "unauthenticated");
        let none = shop
            .post(
                &shop.manager,
                &format!("{OWN}/confirm"),
                json!({ "code": "123456" }),
            )
            .await;
        assert_eq!(none.code(), "not_found");
        let body = json!({ "password": PASSWORD });
        shop.post(&shop.manager, OWN, body.clone())
            .await
            .expect(201);
        let bad = shop
            .post(
                &shop.manager,
                &format!("{OWN}/confirm"),
                json!({ "code": "123456" }),
            )
            .await;
        assert_eq!(bad.code(), "bad_second_factor");
        let other = sign_in(shop, "manager", None).await.expect(201);
        set_up(shop, &shop.manager).await;
        let other = other["token"].as_str().unwrap();
        assert_eq!(
            shop.get(other, "/api/v1/products").await.code(),
            "unauthenticated"
        );
        shop.get(&shop.manager, "/api/v1/products")
            .await
            .expect(200);
        let again = shop.post(&shop.manager, OWN, body).await;
        assert_eq!(
            (again.status.as_u16(), again.code()),
            (409, "second_factor_set")
        );
    }
);

on_both_dbs!(
    who_manages_people_takes_away_a_lost_one_of_who_holds_no_more,
    async |shop: &TestApp| {
        set_up(shop, &shop.cashier).await;
        set_up(shop, &shop.admin).await;
        let path =
            async |name: &str| format!("/api/v1/users/{}/second-factor", shop.id_of(name).await);
        let people = shop.get(&shop.manager, "/api/v1/users").await.expect(200);
        let has: Vec<&Value> = people["items"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|person| person["has_second_factor"] == true)
            .map(|person| &person["username"])
            .collect();
        assert_eq!(has, ["admin", "cashier"]);
        for (name, code) in [
            ("admin", "beyond_own_rights"),
            ("manager", "invalid_request"),
        ] {
            let refused = shop.delete(&shop.manager, &path(name).await).await;
            assert_eq!(refused.code(), code, "{name}");
        }
        let cashier = path("cashier").await;
        shop.delete(&shop.manager, &cashier).await.expect(204);
        assert_eq!(
            shop.delete(&shop.manager, &cashier).await.code(),
            "not_found"
        );
        sign_in(shop, "cashier", None).await.expect(201);
        let logged = shop.last_operation("user.second_factor").await;
        assert_eq!(logged["actor"], "manager");
        assert_eq!(logged["detail"], json!({ "set": false }));
    }
);

on_both_dbs!(
    ones_own_is_taken_away_with_the_password_and_a_code,
    async |shop: &TestApp| {
        let (_, recovery) = set_up(shop, &shop.manager).await;
        let path = format!("{OWN}/remove");
        let remove = |password: &str, code: &str| json!({ "password": password, "code": code });
        for (body, code) in [
            (remove("wrong", &recovery[0]), "bad_credentials"),
            (remove(PASSWORD, "000000"), "bad_second_factor"),
        ] {
            assert_eq!(shop.post(&shop.manager, &path, body).await.code(), code);
        }
        let right = remove(PASSWORD, &recovery[0]);
        shop.post(&shop.manager, &path, right).await.expect(204);
        sign_in(shop, "manager", None).await.expect(201);
    }
);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_the_shop_requires_it_nothing_is_allowed_before_it_is_set_up() {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let shop = TestApp::with(engine, |config| config.require_second_factor = true).await;
        let who = "/api/v1/sessions/current";
        let me = shop.get(&shop.manager, who).await.expect(200);
        assert_eq!(me["lacks_second_factor"], true);
        assert_eq!(me["permissions"], json!([]));
        let refused = shop.get(&shop.manager, "/api/v1/users").await;
        assert_eq!(
            (refused.status.as_u16(), refused.code()),
            (403, "second_factor_required")
        );
        // Who manages neither people nor roles works as before, and so does a manager at a till.
        let cashier = shop.get(&shop.cashier, who).await.expect(200);
        assert_eq!(cashier["lacks_second_factor"], false);
        let mut at_till = sign_in_call("manager", None);
        let headers = at_till.headers_mut();
        headers.insert("x-aisle-terminal", shop.till.parse().unwrap());
        let session = shop.send(at_till).await.expect(201);
        let mut sell = request(
            "GET",
            session["token"].as_str().unwrap(),
            "/api/v1/products",
            None,
        );
        let headers = sell.headers_mut();
        headers.insert("x-aisle-terminal", shop.till.parse().unwrap());
        shop.send(sell).await.expect(200);

        set_up(&shop, &shop.manager).await;
        shop.get(&shop.manager, "/api/v1/users").await.expect(200);
        shop.finish().await;
    }
}
