//! Every documented call × every role × own store, other store, nothing: made from the API document,
//! so that a new call is in it by itself.

use aisle_domain::identity::{Grant, Permission, Role};
use aisle_domain::ids::StoreId;
use aisle_server::clock::new_uuid;
use axum::http::Method;
use serde_json::{Value, json};

use crate::gateways::{Gateways, code};
use crate::harness::{Answer, TestApp, cash_sale, request};
use crate::on_both_dbs;

const COLA: &str = "6901234567892";
/// Whoever asks is answered.
const OPEN: [&str; 8] = [
    "POST /api/v1/sessions",
    "POST /api/v1/sessions/pin",
    "POST /api/v1/enrolments",
    "POST /api/v1/terminals/challenges",
    "POST /api/v1/terminals/token",
    "GET /api/v1/sign-in-hints",
    "POST /api/v1/payment-notices/{place}",
    "GET /api/v1/receipts/{token}",
];
/// Whoever is signed in may: their own things, and what everybody sees.
const OWN: [&str; 6] = [
    "/api/v1/sessions",
    "/api/v1/users/current/",
    "/api/v1/approvals",
    "/api/v1/approval-codes",
    "/api/v1/status",
    "/api/v1/stores",
];
/// Streams that do not end.
const ENDLESS: &str = "GET /api/v1/events";

pub(crate) struct Call {
    pub(crate) method: Method,
    path: String,
    /// What the document says it needs.
    permission: Option<Permission>,
}

impl Call {
    pub(crate) fn name(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    fn has_place(&self) -> bool {
        self.path.contains('{')
    }

    /// The path with `id` in its place.
    pub(crate) fn with(&self, id: &str) -> String {
        match (self.path.find('{'), self.path.find('}')) {
            (Some(from), Some(to)) => format!("{}{id}{}", &self.path[..from], &self.path[to + 1..]),
            _ => self.path.clone(),
        }
    }
}

pub(crate) fn calls() -> Vec<Call> {
    let document: Value = serde_json::to_value(aisle_server::router::openapi()).unwrap();
    let mut calls = Vec::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, call) in methods.as_object().unwrap() {
            let said = format!("{} {}", call["summary"], call["description"]);
            let permission = said
                .split_once("Needs `")
                .map(|(_, rest)| rest.split('`').next().unwrap())
                .map(|name| Permission::parse(name).unwrap_or_else(|| panic!("{path}: {name}")));
            calls.push(Call {
                method: method.to_uppercase().parse().unwrap(),
                path: path.clone(),
                permission,
            });
        }
    }
    assert!(calls.len() > 60, "the document is not read any more");
    calls
}

async fn ask(shop: &TestApp, token: &str, call: &Call, id: &str) -> Answer {
    let body = matches!(call.method, Method::POST | Method::PATCH | Method::PUT).then(|| json!({}));
    shop.send(request(call.method.as_str(), token, &call.with(id), body))
        .await
}

on_both_dbs!(
    every_call_answers_every_role_as_the_table_says,
    async |shop: &TestApp| {
        let mut tokens = Vec::new();
        for role in Role::ALL {
            let token = match role {
                Role::Pos => shop.till.clone(),
                Role::Kiosk => shop.kiosk.clone(),
                role => shop.person_of(*role, StoreId(1)).await,
            };
            tokens.push((*role, token));
        }
        for call in calls() {
            let absent = new_uuid().to_string();
            let nobody = ask(shop, "", &call, &absent).await;
            let is_open = OPEN.contains(&call.name().as_str());
            let is_refused = nobody.status == 401 && nobody.code() != "notice_refused";
            assert_eq!(is_refused, !is_open, "{}: {}", call.name(), nobody.status);
            let Some(permission) = call.permission else {
                let is_own = OWN.iter().any(|prefix| call.path.starts_with(prefix));
                assert!(is_open || is_own, "{} names no permission", call.name());
                continue;
            };
            for (role, token) in &tokens {
                if call.name() == ENDLESS {
                    continue;
                }
                let answer = ask(shop, token, &call, &absent).await;
                let seen = (answer.status.as_u16(), answer.code());
                let told = format!("{} as {}: {seen:?}", call.name(), role.as_str());
                match role.grant(permission) {
                    Grant::Denied => assert_eq!(seen, (403, "denied"), "{told}"),
                    Grant::Approval => assert_eq!(seen, (403, "approval_needed"), "{told}"),
                    Grant::Allowed => {
                        let refused = matches!(answer.code(), "denied" | "approval_needed");
                        assert!(!refused && answer.status.as_u16() < 500, "{told}");
                    }
                }
            }
        }
    }
);

/// Goods the cashier took back without a receipt, with this manager's yes, at this till of store 2; answers
/// its id.
async fn blind_return(shop: &TestApp, (manager, till): (&str, &str)) -> String {
    let cashier = shop.person_of(Role::Cashier, StoreId(2)).await;
    shop.give_pin(manager).await;
    let ask = json!({ "permission": "order.return_blind", "username": "manager-2",
        "pin": crate::harness::PIN });
    let who = (cashier.as_str(), till);
    let yes = shop.by(who, ("POST", "/api/v1/approvals"), ask, None).await;
    let yes = yes.expect(201)["id"].as_str().unwrap().to_owned();
    let id = new_uuid().to_string();
    let path = format!("/api/v1/blind-returns/{id}");
    let body = json!({ "reason": "坏了", "lines": [{ "barcode": COLA }] });
    shop.by(who, ("PUT", &path), body, Some(&yes))
        .await
        .expect(201);
    id
}

on_both_dbs!(
    what_belongs_to_another_store_is_answered_like_what_is_not_there,
    async |shop: &TestApp| {
        let product = shop.product(COLA, 300, 5).await;
        let there = shop.person_of(Role::Manager, StoreId(2)).await;
        let till = shop.enrol_in(StoreId(2)).await;
        let order = new_uuid();
        shop.post(&till, "/api/v1/orders", cash_sale(order, "pos", &[COLA]))
            .await
            .expect(201);
        let held = new_uuid();
        let basket = json!({ "id": held, "total_fen": 300,
            "lines": [{ "product_id": product, "qty_milli": 1000 }] });
        shop.post(&till, "/api/v1/held-baskets", basket)
            .await
            .expect(201);
        let owner = shop.person_of(Role::Owner, StoreId(2)).await;
        let _gateways = Gateways::set_up_by(shop, &owner).await;
        let (payment, refund) = paid_and_returned(shop, &till, &there).await;
        let terminals = shop.get(&there, "/api/v1/terminals").await.expect(200);
        let people = shop.get(&there, "/api/v1/users").await.expect(200);
        let blind = blind_return(shop, (&there, &till)).await;
        let foreign = [
            ("/api/v1/orders/{", order.to_string()),
            ("/api/v1/blind-returns/{", blind),
            ("/api/v1/held-baskets/{", held.to_string()),
            ("/api/v1/payments/{", payment),
            ("/api/v1/refunds/{", refund),
            (
                "/api/v1/terminals/{",
                terminals["items"][0]["id"].to_string(),
            ),
            ("/api/v1/users/{", people["items"][0]["id"].to_string()),
        ];
        let here = shop.person_of(Role::Manager, StoreId(1)).await;
        let mut asked = 0;
        for call in calls().iter().filter(|call| call.has_place()) {
            for (prefix, id) in foreign
                .iter()
                .filter(|(prefix, _)| call.path.starts_with(prefix))
            {
                let absent = if prefix.contains("terminals") || prefix.contains("users") {
                    "987654321".to_owned()
                } else {
                    new_uuid().to_string()
                };
                let mut bodies = Vec::new();
                for id in [id, &absent] {
                    let mut answer = whole(shop, &here, call, id).await;
                    answer.body["request_id"] = Value::Null;
                    bodies.push((answer.status, answer.body));
                }
                assert_eq!(bodies[0], bodies[1], "{}", call.name());
                assert!(
                    bodies[0].0.is_client_error(),
                    "{}: {:?}",
                    call.name(),
                    bodies[0]
                );
                asked += 1;
            }
        }
        assert!(asked >= 10, "only {asked} calls were compared");
        shop.get(&there, &format!("/api/v1/orders/{order}"))
            .await
            .expect(200);
        let all = shop.person_of(Role::Owner, StoreId(1)).await;
        let mut other = request("GET", &all, &format!("/api/v1/orders/{order}"), None);
        other
            .headers_mut()
            .insert("x-aisle-store", "2".parse().unwrap());
        shop.send(other).await.expect(200);
        let mut own_only = request("GET", &here, &format!("/api/v1/orders/{order}"), None);
        own_only
            .headers_mut()
            .insert("x-aisle-store", "2".parse().unwrap());
        assert_eq!(shop.send(own_only).await.code(), "not_found");
    }
);

/// A payment through a gateway and its refund.
async fn paid_and_returned(shop: &TestApp, till: &str, manager: &str) -> (String, String) {
    let id = new_uuid();
    let order = json!({ "id": id, "channel": "pos", "lines": [{ "barcode": COLA }] });
    shop.post(till, "/api/v1/orders", order).await.expect(201);
    let path = format!("/api/v1/orders/{id}");
    let pay = json!({ "id": new_uuid(), "method": "code", "auth_code": code("13") });
    shop.post(till, &format!("{path}/payments"), pay)
        .await
        .expect(200);
    let back = json!({ "reason": "wrong", "lines": [{ "line_no": 1, "qty_milli": 1000 }] });
    shop.post(manager, &format!("{path}/returns"), back)
        .await
        .expect(201);
    let order = shop.get(manager, &path).await.expect(200);
    let of = |value: &Value| value["id"].as_str().unwrap().to_owned();
    let payment = &order["payments"][0];
    (of(payment), of(&payment["refunds"][0]))
}

/// With a body the call accepts, so that it gets as far as looking for the thing.
async fn whole(shop: &TestApp, token: &str, call: &Call, id: &str) -> Answer {
    let body = match (
        call.method.as_str(),
        call.path.rsplit('/').next().unwrap_or_default(),
    ) {
        ("POST", "cancel") => Some(json!({ "reason": "wrong" })),
        ("POST", "payments") => {
            Some(json!({ "id": new_uuid(), "method": "cash", "tendered_fen": 1000 }))
        }
        ("POST", "settle") => Some(json!({ "note": "in cash" })),
        ("POST", "password") => Some(json!({ "password": "a long new passphrase" })),
        ("POST" | "PATCH" | "PUT", _) => Some(json!({})),
        _ => None,
    };
    shop.send(request(call.method.as_str(), token, &call.with(id), body))
        .await
}
