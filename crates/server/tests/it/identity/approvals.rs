//! PINs, guesses and the second person's yes.

use aisle_domain::identity::Role;
use aisle_domain::ids::StoreId;
use aisle_server::clock::new_uuid;
use axum::body::Body;
use axum::http::Request;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::harness::{PASSWORD, PIN, TestApp, request};
use crate::on_both_dbs;

const COLA: &str = "6901234567892";

/// An unpaid order to cancel.
async fn unpaid(shop: &TestApp) -> String {
    let id = new_uuid();
    let order = json!({ "id": id, "channel": "pos", "lines": [{ "barcode": COLA }] });
    shop.post(&shop.till, "/api/v1/orders", order)
        .await
        .expect(201);
    format!("/api/v1/orders/{id}/cancel")
}

on_both_dbs!(
    a_cashier_cancels_with_the_managers_pin_and_the_log_names_both,
    async |shop: &TestApp| {
        shop.product(COLA, 300, 10).await;
        shop.give_pin(&shop.manager).await;
        let cancel = unpaid(shop).await;
        let reason = json!({ "reason": "不要了" });
        let alone = shop.at_till("POST", &cancel, reason.clone(), None).await;
        assert_eq!(
            (alone.status.as_u16(), alone.code()),
            (403, "approval_needed")
        );
        assert_eq!(alone.body["fields"][0]["permission"], "order.cancel");

        let ask = json!({ "permission": "order.cancel", "username": "manager", "pin": PIN });
        let yes = shop
            .at_till("POST", "/api/v1/approvals", ask, None)
            .await
            .expect(201);
        let id = yes["id"].as_str().unwrap();
        // The answer may be lost, so the same call may come again.
        for _ in 0..2 {
            shop.at_till("POST", &cancel, reason.clone(), Some(id))
                .await
                .expect(200);
        }
        let other = unpaid(shop).await;
        let reused = shop.at_till("POST", &other, reason.clone(), Some(id)).await;
        assert_eq!(reused.code(), "approval_needed");
        let elsewhere = shop
            .at_till("POST", "/api/v1/drawer/open", json!({}), Some(id))
            .await;
        assert_eq!(elsewhere.code(), "approval_needed");

        let late = json!({ "permission": "order.cancel", "username": "manager", "pin": PIN });
        let late = shop
            .at_till("POST", "/api/v1/approvals", late, None)
            .await
            .expect(201);
        shop.app.clock.advance_ms(3 * 60_000);
        let late = late["id"].as_str().unwrap();
        let late = shop.at_till("POST", &other, reason, Some(late)).await;
        assert_eq!(late.code(), "approval_needed");
    }
);

on_both_dbs!(
    only_another_person_who_holds_it_in_this_store_may_agree,
    async |shop: &TestApp| {
        shop.give_pin(&shop.cashier).await;
        let second = shop.person_of(Role::Cashier, StoreId(1)).await;
        shop.give_pin(&second).await;
        let far = shop.person_of(Role::Manager, StoreId(2)).await;
        shop.give_pin(&far).await;
        shop.give_pin(&shop.manager).await;
        for (username, pin, code) in [
            ("cashier", PIN, "approver_denied"),
            ("cashier-1", PIN, "approver_denied"),
            ("manager-2", PIN, "bad_pin"),
            ("manager", "9999", "bad_pin"),
            ("nobody", PIN, "bad_pin"),
        ] {
            let ask = json!({ "permission": "drawer.open", "username": username, "pin": pin });
            let answer = shop.at_till("POST", "/api/v1/approvals", ask, None).await;
            assert_eq!(
                (answer.status.as_u16(), answer.code()),
                (403, code),
                "{username}"
            );
        }
        let free = json!({ "permission": "catalog.write", "username": "manager", "pin": PIN });
        assert_eq!(
            shop.at_till("POST", "/api/v1/approvals", free, None)
                .await
                .code(),
            "denied"
        );
    }
);

on_both_dbs!(
    a_code_made_on_the_managers_phone_is_good_once,
    async |shop: &TestApp| {
        let drawer = json!({ "permission": "drawer.open" });
        let made = shop
            .post(&shop.manager, "/api/v1/approval-codes", drawer.clone())
            .await
            .expect(201);
        let other = json!({ "permission": "order.cancel", "code": made["code"] });
        assert_eq!(
            shop.at_till("POST", "/api/v1/approvals", other, None)
                .await
                .code(),
            "bad_code"
        );
        let ask = json!({ "permission": "drawer.open", "code": made["code"] });
        let yes = shop
            .at_till("POST", "/api/v1/approvals", ask.clone(), None)
            .await
            .expect(201);
        assert_eq!(yes["approver"], "manager");
        assert_eq!(
            shop.at_till("POST", "/api/v1/approvals", ask, None)
                .await
                .code(),
            "bad_code"
        );
        let made = shop
            .post(&shop.manager, "/api/v1/approval-codes", drawer)
            .await
            .expect(201);
        shop.app.clock.advance_ms(6 * 60_000);
        let late = json!({ "permission": "drawer.open", "code": made["code"] });
        assert_eq!(
            shop.at_till("POST", "/api/v1/approvals", late, None)
                .await
                .code(),
            "bad_code"
        );
    }
);

on_both_dbs!(
    a_code_is_made_for_what_somebody_is_asked_about_and_its_maker_holds,
    async |shop: &TestApp| {
        let path = "/api/v1/approval-codes";
        let list = shop.get(&shop.manager, path).await.expect(200);
        let asked = [
            "order.cancel",
            "order.return",
            "payment.settle",
            "order.return_blind",
            "price.override",
            "drawer.open",
        ];
        assert_eq!(list["permissions"], json!(asked));
        let nothing = shop.get(&shop.cashier, path).await.expect(200);
        assert_eq!(nothing["permissions"], json!([]));
        let own = json!({ "permission": "drawer.open" });
        assert_eq!(shop.post(&shop.cashier, path, own).await.code(), "denied");
    }
);

on_both_dbs!(
    the_log_tells_two_approvers_of_one_name_apart,
    async |shop: &TestApp| {
        shop.give_pin(&shop.manager).await;
        let path = format!("/api/v1/users/{}", shop.id_of("manager").await);
        shop.patch(&shop.admin, &path, json!({ "name": "王芳" }))
            .await
            .expect(200);
        let ask = json!({ "permission": "drawer.open", "username": "manager", "pin": PIN });
        let yes = shop
            .at_till("POST", "/api/v1/approvals", ask, None)
            .await
            .expect(201);
        assert_eq!(yes["approver"], "王芳");
        let logged = shop.last_operation("approval.give").await;
        assert_eq!(logged["approver"], "王芳 (manager)");
    }
);

on_both_dbs!(
    a_deed_that_was_allowed_is_allowed_again_when_the_till_lost_the_answer,
    async |shop: &TestApp| {
        let cola = shop.product(COLA, 300, 10).await;
        let price = json!({ "product_id": cola, "unit_price_fen": 200, "reason": "临期" });
        let path = |id: Uuid| format!("/api/v1/price-overrides/{id}");
        let (given, other) = (new_uuid(), new_uuid());
        let yes = shop.manager_agrees("price.override").await;
        for named in [Some(yes.as_str()), None, None] {
            let answer = shop
                .at_till("PUT", &path(given), price.clone(), named)
                .await;
            answer.expect(200);
        }
        let another = shop.at_till("PUT", &path(other), price.clone(), None).await;
        assert_eq!(another.code(), "approval_needed");
        let drawer = shop
            .at_till("POST", "/api/v1/drawer/open", json!({}), None)
            .await;
        assert_eq!(drawer.code(), "approval_needed");
        shop.app.clock.advance_ms(3 * 60_000);
        let late = shop.at_till("PUT", &path(given), price, None).await;
        assert_eq!(late.code(), "approval_needed");
    }
);

on_both_dbs!(
    what_is_over_is_removed_and_what_counts_stays,
    async |shop: &TestApp| {
        shop.give_pin(&shop.manager).await;
        let ask = json!({ "permission": "drawer.open", "username": "manager", "pin": PIN });
        shop.at_till("POST", "/api/v1/approvals", ask.clone(), None)
            .await
            .expect(201);
        let drawer = json!({ "permission": "drawer.open" });
        shop.post(&shop.manager, "/api/v1/approval-codes", drawer)
            .await
            .expect(201);
        let count = async |table: &str| {
            let sql = aisle_db::Sql::new("SELECT COUNT(*) FROM ").push(table);
            sql.number(shop.app.db.read_fresh()).await.unwrap()
        };
        let tables = ["approvals", "approval_codes"];
        aisle_server::identity::tidy(&shop.app).await.unwrap();
        for table in tables {
            assert!(count(table).await > 0, "{table} lost what counts");
        }
        shop.app.clock.advance_ms(25 * 3_600_000);
        aisle_server::identity::tidy(&shop.app).await.unwrap();
        for table in tables {
            assert_eq!(count(table).await, 0, "{table}");
        }
    }
);

on_both_dbs!(
    of_ten_thousand_wrong_pins_an_hour_few_are_looked_at_also_after_a_restart,
    async |shop: &TestApp| {
        shop.give_pin(&shop.manager).await;
        let mut looked_at = 0;
        // Parallel guesses first: a try is counted before it is looked at.
        let guess = |pin: u32| json!({ "username": "manager", "pin": format!("{pin:04}") });
        let parallel = (0..40).map(|pin| shop.send(pin_call(shop, guess(pin))));
        for answer in futures_util::future::join_all(parallel).await {
            looked_at += u32::from(answer.code() == "bad_pin");
        }
        for pin in 40..10_000u32 {
            // What is kept is in the database: a new server has nothing in memory.
            if pin % 1000 == 0 {
                shop.app.identity.forget_all().await;
            }
            let answer = shop.send(pin_call(shop, guess(pin))).await;
            looked_at += u32::from(answer.code() == "bad_pin");
            shop.app.clock.advance_ms(361);
        }
        assert!(
            (5..=20).contains(&looked_at),
            "{looked_at} guesses were looked at"
        );
        let right = json!({ "username": "manager", "pin": PIN });
        let locked = shop.send(pin_call(shop, right.clone())).await;
        assert_eq!(
            (locked.status.as_u16(), locked.code()),
            (429, "too_many_attempts")
        );
        shop.app.clock.advance_ms(16 * 60_000);
        shop.send(pin_call(shop, right)).await.expect(201);
    }
);

fn pin_call(shop: &TestApp, body: Value) -> Request<Body> {
    let mut call = request("POST", "", "/api/v1/sessions/pin", Some(body));
    call.headers_mut()
        .insert("x-aisle-terminal", shop.till.parse().unwrap());
    call
}

on_both_dbs!(
    a_session_that_began_at_a_till_is_worth_nothing_elsewhere,
    async |shop: &TestApp| {
        shop.give_pin(&shop.cashier).await;
        let body = json!({ "username": "cashier", "pin": PIN });
        let anywhere = shop.post("", "/api/v1/sessions/pin", body.clone()).await;
        assert_eq!(anywhere.code(), "terminal_required");
        let session = shop.send(pin_call(shop, body)).await.expect(201);
        let token = session["token"].as_str().unwrap();
        let mut here = request("GET", token, "/api/v1/products", None);
        here.headers_mut()
            .insert("x-aisle-terminal", shop.till.parse().unwrap());
        shop.send(here).await.expect(200);
        assert_eq!(
            shop.get(token, "/api/v1/products").await.code(),
            "unauthenticated"
        );
        let mut other = request("GET", token, "/api/v1/products", None);
        other
            .headers_mut()
            .insert("x-aisle-terminal", shop.kiosk.parse().unwrap());
        assert_eq!(shop.send(other).await.code(), "unauthenticated");
    }
);

on_both_dbs!(
    wrong_passwords_are_counted_by_name_and_address_and_a_spoofed_address_is_not_believed,
    async |shop: &TestApp| {
        let sign_in = |password: &str, forwarded: String| {
            let body = json!({ "username": "cashier", "password": password });
            let mut call = request("POST", "", "/api/v1/sessions", Some(body));
            call.headers_mut()
                .insert("x-forwarded-for", forwarded.parse().unwrap());
            call
        };
        let mut codes = Vec::new();
        for at in 0..8 {
            let answer = shop.send(sign_in("wrong", format!("203.0.113.{at}"))).await;
            codes.push(answer.code().to_owned());
        }
        assert_eq!(
            codes
                .iter()
                .filter(|code| *code == "bad_credentials")
                .count(),
            5
        );
        assert_eq!(
            shop.send(sign_in(PASSWORD, String::new())).await.code(),
            "too_many_attempts"
        );
        shop.app.clock.advance_ms(61_000);
        shop.send(sign_in(PASSWORD, String::new()))
            .await
            .expect(201);
    }
);

on_both_dbs!(an_approval_opens_the_drawer_once, async |shop: &TestApp| {
    shop.give_pin(&shop.manager).await;
    let ask = json!({ "permission": "drawer.open", "username": "manager", "pin": PIN });
    let yes = shop
        .at_till("POST", "/api/v1/approvals", ask, None)
        .await
        .expect(201);
    let id = yes["id"].as_str().unwrap();
    let mut codes = Vec::new();
    for _ in 0..2 {
        let answer = shop
            .at_till("POST", "/api/v1/drawer/open", json!({}), Some(id))
            .await;
        codes.push(answer.code().to_owned());
    }
    // The till of this test has no printer, so the first one gets as far as that.
    assert_eq!(codes, ["no_printer", "approval_needed"]);
});

on_both_dbs!(
    a_right_code_does_not_wipe_out_the_guesses_made_at_the_till,
    async |shop: &TestApp| {
        let wrong = json!({ "permission": "drawer.open", "code": "00000000" });
        let mut looked_at = 0;
        for _ in 0..6 {
            for _ in 0..4 {
                let answer = shop
                    .at_till("POST", "/api/v1/approvals", wrong.clone(), None)
                    .await;
                looked_at += u32::from(answer.code() == "bad_code");
            }
            let path = "/api/v1/approval-codes";
            let drawer = json!({ "permission": "drawer.open" });
            let made = shop.post(&shop.manager, path, drawer).await.expect(201);
            let right = json!({ "permission": "drawer.open", "code": made["code"] });
            shop.at_till("POST", "/api/v1/approvals", right, None).await;
        }
        assert!(
            (4..=20).contains(&looked_at),
            "{looked_at} guesses were looked at"
        );
    }
);

on_both_dbs!(
    a_new_password_given_by_somebody_else_takes_the_pin_away,
    async |shop: &TestApp| {
        shop.give_pin(&shop.cashier).await;
        let people = shop.get(&shop.manager, "/api/v1/users").await.expect(200);
        let people = people["items"].as_array().unwrap();
        let id = |name: &str| {
            let person = people
                .iter()
                .find(|person| person["username"] == name)
                .unwrap();
            person["id"].as_i64().unwrap()
        };
        let body = json!({ "password": "three blue herons" });
        let reset = |id: i64| format!("/api/v1/users/{id}/password");
        let own = shop
            .post(&shop.manager, &reset(id("manager")), body.clone())
            .await;
        assert_eq!(own.code(), "invalid_request");
        shop.post(&shop.manager, &reset(id("cashier")), body)
            .await
            .expect(204);
        let pin = json!({ "username": "cashier", "pin": PIN });
        assert_eq!(shop.send(pin_call(shop, pin)).await.code(), "bad_pin");
    }
);
