//! People and devices.

mod approvals;
mod devices;
mod locks;
pub(crate) mod matrix;
mod names;
mod people;
mod second_factor;

use serde_json::json;

use crate::harness::{PASSWORD, TestApp, request};
use crate::on_both_dbs;

on_both_dbs!(
    a_wrong_password_and_an_unknown_name_are_told_the_same,
    async |shop: &TestApp| {
        for (username, password) in [("admin", "wrong"), ("nobody", PASSWORD)] {
            let answer = shop
                .post(
                    "",
                    "/api/v1/sessions",
                    json!({ "username": username, "password": password }),
                )
                .await;
            assert_eq!(
                (answer.status.as_u16(), answer.code()),
                (401, "bad_credentials")
            );
        }
    }
);

on_both_dbs!(
    a_session_ends_when_it_is_signed_out_and_when_its_time_is_over,
    async |shop: &TestApp| {
        let body = json!({ "username": "cashier", "password": PASSWORD });
        let session = shop.post("", "/api/v1/sessions", body).await.expect(201);
        let token = session["token"].as_str().unwrap();
        let current = shop
            .get(token, "/api/v1/sessions/current")
            .await
            .expect(200);
        assert_eq!(current["user"]["username"], "cashier");
        assert_eq!(current["store"]["code"], "01");
        shop.delete(token, "/api/v1/sessions/current")
            .await
            .expect(204);
        assert_eq!(
            shop.get(token, "/api/v1/sessions/current").await.status,
            401
        );
        shop.app.clock.advance_ms(15 * 3_600_000);
        shop.app
            .identity
            .forget(&aisle_server::identity::token_hash(&shop.cashier))
            .await;
        assert_eq!(
            shop.get(&shop.cashier, "/api/v1/sessions/current")
                .await
                .code(),
            "unauthenticated"
        );
    }
);

on_both_dbs!(a_revoked_till_sells_nothing_more, async |shop: &TestApp| {
    let list = shop
        .get(&shop.manager, "/api/v1/terminals")
        .await
        .expect(200);
    let till = list["items"][0]["id"].as_i64().unwrap();
    shop.get(&shop.till, "/api/v1/products").await.expect(200);
    shop.delete(&shop.manager, &format!("/api/v1/terminals/{till}"))
        .await
        .expect(204);
    assert_eq!(
        shop.get(&shop.till, "/api/v1/products").await.code(),
        "unauthenticated"
    );
});

on_both_dbs!(
    a_cashier_changes_no_goods_and_sees_no_cost,
    async |shop: &TestApp| {
        let id = shop.product("6901234567892", 300, 1).await;
        let answer = shop
            .patch(
                &shop.cashier,
                &format!("/api/v1/products/{id}"),
                json!({ "price_fen": 1 }),
            )
            .await;
        assert_eq!((answer.status.as_u16(), answer.code()), (403, "denied"));
        assert_eq!(answer.body["fields"][0]["permission"], "catalog.write");
        let seen = shop
            .get(&shop.cashier, &format!("/api/v1/products/{id}"))
            .await
            .expect(200);
        assert!(seen.get("cost_fen").is_none());
        let stock = shop.get(&shop.cashier, "/api/v1/stock").await.expect(200);
        assert!(stock["items"][0].get("cost_value_fen").is_none());
    }
);

on_both_dbs!(
    a_page_of_another_site_may_not_sell,
    async |shop: &TestApp| {
        let mut post = request(
            "POST",
            &shop.till,
            "/api/v1/till-events",
            Some(json!({ "items": [] })),
        );
        post.headers_mut()
            .insert("origin", "https://elsewhere.example".parse().unwrap());
        post.headers_mut()
            .insert("host", "shop.example".parse().unwrap());
        let answer = shop.send(post).await;
        assert_eq!(
            (answer.status.as_u16(), answer.code()),
            (403, "cross_origin")
        );
    }
);

on_both_dbs!(
    on_a_secure_connection_only_the_cookie_counts_that_nobody_else_can_set,
    async |shop: &TestApp| {
        for (host, proto, name, status) in [
            ("127.0.0.1:8080", "http", "__Host-aisle", 200),
            ("127.0.0.1:8080", "http", "aisle", 401),
            ("shop.example", "https", "__Host-aisle", 200),
            ("shop.example", "https", "aisle", 401),
            ("192.168.1.5:8080", "http", "aisle", 200),
        ] {
            let mut call = request("GET", "", "/api/v1/products", None);
            let headers = call.headers_mut();
            headers.insert("host", host.parse().unwrap());
            headers.insert("x-forwarded-proto", proto.parse().unwrap());
            let cookie = format!("{name}={}", shop.cashier);
            headers.insert("cookie", cookie.parse().unwrap());
            assert_eq!(shop.send(call).await.status, status, "{name} at {host}");
        }
    }
);

on_both_dbs!(
    demo_sign_ins_are_shown_only_while_they_are_unchanged,
    async |shop: &TestApp| {
        let hints = shop.get("", "/api/v1/sign-in-hints").await.expect(200);
        assert_eq!(hints, json!({ "demo": [] }));
    }
);
