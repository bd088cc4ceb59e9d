//! Adding and changing people and roles: nobody gives more than they hold.

use aisle_domain::identity::{Permission, Role};
use aisle_domain::ids::StoreId;
use serde_json::json;

use crate::harness::{PASSWORD, TestApp, request};
use crate::on_both_dbs;

const GOOD: &str = "three blue herons";

on_both_dbs!(
    a_person_is_added_signs_in_and_is_ended_at_once,
    async |shop: &TestApp| {
        let new = json!({ "username": "liu", "name": "刘理货", "role": "clerk", "password": GOOD,
            "phone": "13812345678" });
        let person = shop
            .post(&shop.manager, "/api/v1/users", new.clone())
            .await
            .expect(201);
        assert_eq!(person["phone"], "138****5678");
        let again = shop.post(&shop.manager, "/api/v1/users", new).await;
        assert_eq!((again.status.as_u16(), again.code()), (409, "name_taken"));

        let token = shop.sign_in_as("liu", GOOD).await;
        shop.get(&token, "/api/v1/stock").await.expect(200);
        assert_eq!(shop.get(&token, "/api/v1/users").await.code(), "denied");

        let path = format!("/api/v1/users/{}", person["id"]);
        shop.patch(&shop.manager, &path, json!({ "role": "cashier" }))
            .await
            .expect(200);
        shop.get(&token, "/api/v1/held-baskets").await.expect(200);
        shop.patch(&shop.manager, &path, json!({ "disabled": true }))
            .await
            .expect(200);
        assert_eq!(
            shop.get(&token, "/api/v1/stock").await.code(),
            "unauthenticated"
        );
        let body = json!({ "username": "liu", "password": GOOD });
        let refused = shop.post("", "/api/v1/sessions", body).await;
        assert_eq!(refused.code(), "bad_credentials");
    }
);

on_both_dbs!(nobody_gives_more_than_they_hold, async |shop: &TestApp| {
    let add = |role: &str, store: i64| {
        json!({ "username": format!("new-{role}-{store}"), "name": "新人", "role": role,
            "store_id": store, "password": GOOD })
    };
    for (role, store, code) in [
        ("admin", 1, "beyond_own_rights"),
        ("owner", 1, "beyond_own_rights"),
        ("auditor", 1, "beyond_own_rights"),
        ("cashier", 2, "not_found"),
        ("pos", 1, "invalid_request"),
        ("wizard", 1, "invalid_request"),
    ] {
        let answer = shop
            .post(&shop.manager, "/api/v1/users", add(role, store))
            .await;
        assert_eq!(answer.code(), code, "{role} in {store}");
    }
    shop.post(&shop.admin, "/api/v1/users", add("cashier", 2))
        .await
        .expect(201);

    let people = shop.get(&shop.manager, "/api/v1/users").await.expect(200);
    let people = people["items"].as_array().unwrap();
    assert!(people.iter().all(|person| person["store_id"] == 1));
    let admin = people
        .iter()
        .find(|person| person["username"] == "admin")
        .unwrap();
    assert_eq!(admin["changeable"], false);
    let path = format!("/api/v1/users/{}", admin["id"]);
    for (path, body) in [
        (path.clone(), json!({ "disabled": true })),
        (format!("{path}/password"), json!({ "password": GOOD })),
    ] {
        let answer = if path.ends_with("password") {
            shop.post(&shop.manager, &path, body).await
        } else {
            shop.patch(&shop.manager, &path, body).await
        };
        assert_eq!(answer.code(), "beyond_own_rights");
    }
    let last = shop
        .patch(&shop.admin, &path, json!({ "role": "manager" }))
        .await;
    assert_eq!(last.code(), "last_admin");
});

on_both_dbs!(
    a_role_of_the_shops_own_counts_from_the_next_request_on,
    async |shop: &TestApp| {
        let grants = json!({ "catalog.read": "allowed", "stock.read": "allowed" });
        let role = json!({ "name": "盘点员", "scope": "own", "grants": grants });
        assert_eq!(
            shop.post(&shop.manager, "/api/v1/roles", role.clone())
                .await
                .code(),
            "denied"
        );
        let made = shop
            .post(&shop.admin, "/api/v1/roles", role.clone())
            .await
            .expect(201);
        let name = made["role"].as_str().unwrap().to_owned();
        let taken = shop.post(&shop.admin, "/api/v1/roles", role).await;
        assert_eq!(taken.code(), "name_taken");

        let new = json!({ "username": "qian", "name": "钱盘点", "role": name, "password": GOOD });
        shop.post(&shop.admin, "/api/v1/users", new)
            .await
            .expect(201);
        let token = shop.sign_in_as("qian", GOOD).await;
        let me = shop
            .get(&token, "/api/v1/sessions/current")
            .await
            .expect(200);
        assert_eq!(me["permissions"], json!(["catalog.read", "stock.read"]));
        assert_eq!(me["user"]["role_name"], "盘点员");

        let path = format!("/api/v1/roles/{name}");
        let less =
            json!({ "name": "盘点员", "scope": "own", "grants": { "catalog.read": "allowed" } });
        shop.put(&shop.admin, &path, less).await.expect(200);
        assert_eq!(shop.get(&token, "/api/v1/stock").await.code(), "denied");
        let own_only = json!({ "name": "店内授权", "scope": "own",
            "grants": { "role.manage": "allowed", "catalog.read": "allowed" } });
        let made = shop
            .post(&shop.admin, "/api/v1/roles", own_only)
            .await
            .expect(201);
        let new =
            json!({ "username": "sun", "name": "孙", "role": made["role"], "password": GOOD });
        shop.post(&shop.admin, "/api/v1/users", new)
            .await
            .expect(201);
        let lesser = shop.sign_in_as("sun", GOOD).await;
        let more =
            json!({ "name": "更多", "scope": "own", "grants": { "stock.adjust": "allowed" } });
        let beyond = shop.post(&lesser, "/api/v1/roles", more).await;
        assert_eq!(
            (beyond.status.as_u16(), beyond.code()),
            (403, "beyond_own_rights")
        );
        assert_eq!(
            shop.delete(&lesser, &path).await.code(),
            "beyond_own_rights"
        );
        let used = shop.delete(&shop.admin, &path).await;
        assert_eq!((used.status.as_u16(), used.code()), (409, "still_in_use"));
        let odd = json!({ "name": "x", "scope": "own", "grants": { "moon.visit": "allowed" } });
        assert_eq!(
            shop.put(&shop.admin, &path, odd).await.code(),
            "invalid_request"
        );
        let preset = json!({ "name": "x", "scope": "own", "grants": {} });
        assert_eq!(
            shop.put(&shop.admin, "/api/v1/roles/cashier", preset)
                .await
                .code(),
            "not_found"
        );
    }
);

on_both_dbs!(
    every_role_is_listed_with_its_answers,
    async |shop: &TestApp| {
        let owner = shop.person_of(Role::Owner, StoreId(1)).await;
        let list = shop.get(&owner, "/api/v1/roles").await.expect(200);
        let items = list["items"].as_array().unwrap();
        assert_eq!(items.len(), Role::ALL.len());
        assert_eq!(items[4]["grants"]["drawer.open"], "approval");
        let permissions = list["permissions"].as_array().unwrap();
        assert_eq!(permissions.len(), Permission::ALL.len());
    }
);

on_both_dbs!(
    a_new_password_must_be_good_and_ends_the_other_sessions,
    async |shop: &TestApp| {
        let other = shop.sign_in_as("cashier", PASSWORD).await;
        let path = "/api/v1/users/current/password";
        let change = |old: &str, new: &str| json!({ "old_password": old, "password": new });
        let wrong = shop.post(&shop.cashier, path, change("wrong", GOOD)).await;
        assert_eq!(wrong.code(), "bad_credentials");
        let weak = shop
            .post(&shop.cashier, path, change(PASSWORD, "cashier123"))
            .await;
        assert_eq!((weak.status.as_u16(), weak.code()), (422, "weak_password"));
        shop.post(&shop.cashier, path, change(PASSWORD, GOOD))
            .await
            .expect(204);
        shop.get(&shop.cashier, "/api/v1/products")
            .await
            .expect(200);
        assert_eq!(
            shop.get(&other, "/api/v1/products").await.code(),
            "unauthenticated"
        );
        shop.sign_in_as("cashier", GOOD).await;
    }
);

on_both_dbs!(
    people_see_and_end_their_own_sessions_and_managers_those_of_their_people,
    async |shop: &TestApp| {
        let second = shop.sign_in_as("cashier", PASSWORD).await;
        let list = shop.get(&second, "/api/v1/sessions").await.expect(200);
        let items = list["items"].as_array().unwrap();
        assert_eq!(items.len(), 2);
        let first = items
            .iter()
            .find(|session| session["current"] == false)
            .unwrap();
        let path = format!("/api/v1/sessions/{}", first["id"].as_str().unwrap());
        assert_eq!(shop.delete(&shop.manager, &path).await.code(), "not_found");
        shop.delete(&second, &path).await.expect(204);
        assert_eq!(
            shop.get(&shop.cashier, "/api/v1/products").await.code(),
            "unauthenticated"
        );

        let people = shop.get(&shop.manager, "/api/v1/users").await.expect(200);
        let people = people["items"].as_array().unwrap();
        let cashier = people
            .iter()
            .find(|person| person["username"] == "cashier")
            .unwrap();
        let path = format!("/api/v1/users/{}/sessions", cashier["id"]);
        let ended = shop.delete(&shop.manager, &path).await.expect(200);
        assert_eq!(ended["ended"], 1);
        assert_eq!(
            shop.get(&second, "/api/v1/products").await.code(),
            "unauthenticated"
        );
    }
);

on_both_dbs!(
    who_goes_away_is_signed_out_and_who_works_is_not,
    async |shop: &TestApp| {
        for _ in 0..4 {
            shop.app.clock.advance_ms(90 * 60_000);
            shop.app.identity.forget_all().await;
            shop.get(&shop.manager, "/api/v1/products")
                .await
                .expect(200);
        }
        assert_eq!(
            shop.get(&shop.cashier, "/api/v1/products").await.code(),
            "unauthenticated"
        );
    }
);

on_both_dbs!(
    a_page_that_asks_by_itself_keeps_nobody_signed_in,
    async |shop: &TestApp| {
        let by_itself = async || {
            let mut call = request("GET", &shop.manager, "/api/v1/products", None);
            let header = "1".parse().unwrap();
            call.headers_mut().insert("x-aisle-unattended", header);
            shop.send(call).await.status.as_u16()
        };
        let mut answers = Vec::new();
        for _ in 0..4 {
            shop.app.clock.advance_ms(50 * 60_000);
            shop.app.identity.forget_all().await;
            answers.push(by_itself().await);
        }
        assert_eq!(answers, [200, 200, 401, 401]);
    }
);

on_both_dbs!(
    an_open_stream_ends_when_whoever_listens_may_not_any_more,
    async |shop: &TestApp| {
        let people = shop.get(&shop.manager, "/api/v1/users").await.expect(200);
        let people = people["items"].as_array().unwrap();
        let cashier = people
            .iter()
            .find(|person| person["username"] == "cashier")
            .unwrap();
        let path = format!("/api/v1/users/{}", cashier["id"]);
        shop.get(&shop.cashier, "/api/v1/products")
            .await
            .expect(200);
        let listening = shop.get(&shop.cashier, "/api/v1/events");
        let ending = shop.patch(&shop.manager, &path, json!({ "disabled": true }));
        let (stream, ended) = tokio::join!(
            tokio::time::timeout(std::time::Duration::from_secs(20), listening),
            ending
        );
        ended.expect(200);
        assert_eq!(stream.expect("the stream goes on").status, 200);
    }
);

on_both_dbs!(
    a_phone_number_is_whole_only_for_who_may_see_it_and_each_time_is_written_down,
    async |shop: &TestApp| {
        let new = json!({ "username": "liu", "name": "刘理货", "role": "clerk", "password": GOOD,
            "phone": "13812345678" });
        let person = shop
            .post(&shop.manager, "/api/v1/users", new)
            .await
            .expect(201);
        let path = format!("/api/v1/users/{}", person["id"]);
        let reveal = format!("{path}/reveal");
        for _ in 0..2 {
            let seen = shop
                .post(&shop.manager, &reveal, json!({}))
                .await
                .expect(200);
            assert_eq!(seen["phone"], "13812345678");
        }
        let head_cashier = shop.person_of(Role::HeadCashier, StoreId(1)).await;
        let denied = shop.post(&head_cashier, &reveal, json!({})).await;
        assert_eq!((denied.status.as_u16(), denied.code()), (403, "denied"));
        let changed = json!({ "phone": "13912340000" });
        shop.patch(&shop.manager, &path, changed).await.expect(200);

        let list = shop.get(&shop.admin, "/api/v1/users").await.expect(200);
        let target = format!("user%20{}", person["id"]);
        let log = format!("/api/v1/operations?target={target}");
        let log = shop.get(&shop.admin, &log).await.expect(200);
        let actions: Vec<&str> = log["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|entry| entry["action"].as_str().unwrap())
            .collect();
        assert_eq!(
            actions,
            ["user.change", "user.reveal", "user.reveal", "user.add"]
        );
        assert_eq!(
            log["items"][0]["detail"]["changes"]["phone"],
            json!(["138****5678", "139****0000"])
        );
        for told in [list.to_string(), log.to_string()] {
            assert!(!told.contains("13812345678") && !told.contains("13912340000"));
        }
    }
);
