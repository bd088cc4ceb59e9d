//! A server in the process: fresh database, a clock that stands still, real tokens.

use aisle_db::Engine;
use aisle_db::testing::TestDb;
use aisle_domain::identity::Role;
use aisle_domain::ids::StoreId;
use aisle_domain::time::Instant;
use aisle_server::catalog::NewStore;
use aisle_server::clock::Clock;
use aisle_server::config::Config;
use aisle_server::identity::{NewTerminal, NewUser};
use aisle_server::ops::verify;
use aisle_server::{App, catalog, identity, router};
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use axum::response::Response;
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tower::ServiceExt;
use uuid::Uuid;

/// Runs the same body on both engines: `on_both_dbs!(name, async |shop: &TestApp| { … });`
#[macro_export]
macro_rules! on_both_dbs {
    ($name:ident, $body:expr) => {
        mod $name {
            use super::*;

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                let shop = $crate::harness::TestApp::on(aisle_db::Engine::Sqlite).await;
                ($body)(&shop).await;
                shop.finish().await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                let shop = $crate::harness::TestApp::on(aisle_db::Engine::Postgres).await;
                ($body)(&shop).await;
                shop.finish().await;
            }
        }
    };
}

/// When every test happens: 2026-11-22 10:00 in Shanghai.
pub(crate) const NOW: &str = "2026-11-22T02:00:00Z";
pub(crate) const PASSWORD: &str = "correct horse";
pub(crate) const PIN: &str = "2580";

/// A server with two stores, a person of each role and a till.
pub(crate) struct TestApp {
    pub(crate) app: App,
    router: axum::Router,
    /// The token of a till in store 1.
    pub(crate) till: String,
    /// The token of a self-checkout in store 1.
    pub(crate) kiosk: String,
    pub(crate) admin: String,
    pub(crate) manager: String,
    pub(crate) cashier: String,
    password_hash: String,
    _db: TestDb,
}

/// An answer: status and body.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) body: Value,
    pub(crate) bytes: Vec<u8>,
    pub(crate) headers: axum::http::HeaderMap,
}

impl Answer {
    /// The code of a problem.
    pub(crate) fn code(&self) -> &str {
        self.body["code"].as_str().unwrap_or_default()
    }

    /// The body, after the status was checked.
    pub(crate) fn expect(self, status: u16) -> Value {
        assert_eq!(self.status.as_u16(), status, "{}", self.body);
        self.body
    }
}

impl TestApp {
    pub(crate) async fn on(engine: Engine) -> TestApp {
        TestApp::with(engine, |_| ()).await
    }

    /// The same under other settings.
    pub(crate) async fn with(engine: Engine, set: impl FnOnce(&mut Config)) -> TestApp {
        let db = TestDb::fresh(engine, aisle_server::clock::new_uuid())
            .await
            .unwrap();
        let clock = Clock::manual(Instant::parse_rfc3339(NOW).unwrap());
        let mut config = Config {
            database_url: db.url.clone(),
            data_dir: std::env::temp_dir().join(format!(
                "aisle-it-{}",
                aisle_server::clock::new_uuid().simple()
            )),
            device_rate: 0,
            person_rate: 0,
            address_rate: 0,
            sign_in_rate: 0,
            receipt_rate: 0,
            worker_program: Some(env!("CARGO_BIN_EXE_aisle").into()),
            ..Config::default()
        };
        set(&mut config);
        let app = App::with_db(config, clock, db.db.clone()).await.unwrap();
        for (code, name) in [("01", "一店"), ("02", "二店")] {
            let new = NewStore {
                code: code.to_owned(),
                name: name.to_owned(),
                phone: "0571-1".to_owned(),
                address: String::new(),
                time_zone: "Asia/Shanghai".to_owned(),
            };
            catalog::create_store(&app, &new, "test").await.unwrap();
        }
        let password_hash = identity::hash_password(PASSWORD).unwrap();
        people(&app, &password_hash).await;
        let till = enrol(&app, StoreId(1), "till", "pos").await;
        let kiosk = enrol(&app, StoreId(1), "kiosk", "kiosk").await;
        let mut shop = TestApp {
            router: router::router(app.clone()),
            app,
            till,
            kiosk,
            admin: String::new(),
            manager: String::new(),
            cashier: String::new(),
            password_hash,
            _db: db,
        };
        shop.admin = shop.sign_in("admin").await;
        shop.manager = shop.sign_in("manager").await;
        shop.cashier = shop.sign_in("cashier").await;
        shop
    }

    /// Every test ends with whole books.
    pub(crate) async fn finish(&self) {
        let findings = verify::verify(&self.app.db).await.unwrap();
        let broken: Vec<_> = findings.iter().filter(|finding| !finding.holds).collect();
        assert!(broken.is_empty(), "{broken:?}");
        self.app.tasks.stop().await;
    }

    /// Sends a request; the answer may be a stream.
    pub(crate) async fn open(&self, request: Request<Body>) -> Response {
        self.router.clone().oneshot(request).await.unwrap()
    }

    /// Sends a request and reads the answer whole.
    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.open(request).await;
        let status = response.status();
        let headers = response.headers().clone();
        let bytes = response
            .into_body()
            .collect()
            .await
            .unwrap()
            .to_bytes()
            .to_vec();
        Answer {
            status,
            body: serde_json::from_slice(&bytes).unwrap_or(Value::Null),
            bytes,
            headers,
        }
    }

    /// Sends a request and reads the headers alone, as of a stream that does not end.
    pub(crate) async fn headers_of(&self, request: Request<Body>) -> axum::http::HeaderMap {
        let response = self.router.clone().oneshot(request).await.unwrap();
        response.headers().clone()
    }

    pub(crate) async fn get(&self, token: &str, path: &str) -> Answer {
        self.send(request("GET", token, path, None)).await
    }

    pub(crate) async fn post(&self, token: &str, path: &str, body: Value) -> Answer {
        self.send(request("POST", token, path, Some(body))).await
    }

    pub(crate) async fn put(&self, token: &str, path: &str, body: Value) -> Answer {
        self.send(request("PUT", token, path, Some(body))).await
    }

    pub(crate) async fn patch(&self, token: &str, path: &str, body: Value) -> Answer {
        self.send(request("PATCH", token, path, Some(body))).await
    }

    pub(crate) async fn delete(&self, token: &str, path: &str) -> Answer {
        self.send(request("DELETE", token, path, None)).await
    }

    /// A call of the cashier at the till, perhaps with a second person's yes.
    pub(crate) async fn at_till(
        &self,
        method: &str,
        path: &str,
        body: Value,
        approval: Option<&str>,
    ) -> Answer {
        let who = (self.cashier.as_str(), self.till.as_str());
        self.by(who, (method, path), body, approval).await
    }

    /// A call of a person at a till.
    pub(crate) async fn by(
        &self,
        (person, till): (&str, &str),
        (method, path): (&str, &str),
        body: Value,
        approval: Option<&str>,
    ) -> Answer {
        let mut call = request(method, person, path, Some(body));
        let headers = call.headers_mut();
        headers.insert("x-aisle-terminal", till.parse().unwrap());
        if let Some(approval) = approval {
            headers.insert("x-aisle-approval", approval.parse().unwrap());
        }
        self.send(call).await
    }

    /// Sets [`PIN`] for the person with this token.
    pub(crate) async fn give_pin(&self, token: &str) {
        let body = json!({ "password": PASSWORD, "pin": PIN });
        self.post(token, "/api/v1/users/current/pin", body)
            .await
            .expect(204);
    }

    /// The manager's yes to the cashier at the till; answers its id.
    pub(crate) async fn manager_agrees(&self, permission: &str) -> String {
        self.give_pin(&self.manager).await;
        let ask = json!({ "permission": permission, "username": "manager", "pin": PIN });
        let yes = self.at_till("POST", "/api/v1/approvals", ask, None).await;
        yes.expect(201)["id"].as_str().unwrap().to_owned()
    }

    /// A price the manager gives goods at the till; answers its name.
    pub(crate) async fn give_price(&self, product: i64, price_fen: i64) -> String {
        let id = aisle_server::clock::new_uuid().to_string();
        let yes = self.manager_agrees("price.override").await;
        let body = json!({ "product_id": product, "unit_price_fen": price_fen, "reason": "临期" });
        let path = format!("/api/v1/price-overrides/{id}");
        let given = self.at_till("PUT", &path, body, Some(&yes)).await;
        given.expect(200);
        id
    }

    /// A new person called `role-store`, signed in; answers the token.
    pub(crate) async fn person_of(&self, role: Role, store: StoreId) -> String {
        let username = format!("{}-{store}", role.as_str());
        let now = self.app.clock.now();
        let added: aisle_server::Result<i64> = aisle_db::transact!(self.app.db, |tx| {
            let user = NewUser {
                username: &username,
                name: &username,
                password_hash: self.password_hash.clone(),
                role: role.as_str(),
                store_id: store,
                demo: false,
                phone: "",
                pin_hash: None,
            };
            identity::insert_user(tx, &user, now).await
        });
        added.unwrap();
        self.sign_in(&username).await
    }

    /// The id of a person by sign-in name.
    pub(crate) async fn id_of(&self, username: &str) -> i64 {
        let people = self.get(&self.admin, "/api/v1/users").await.expect(200);
        let people = people["items"].as_array().unwrap();
        let person = people.iter().find(|person| person["username"] == username);
        person.unwrap()["id"].as_i64().unwrap()
    }

    /// The newest operation of this kind.
    pub(crate) async fn last_operation(&self, action: &str) -> Value {
        let path = format!("/api/v1/operations?action={action}");
        let log = self.get(&self.admin, &path).await.expect(200);
        log["items"][0].clone()
    }

    /// A till in this store; answers its token.
    pub(crate) async fn enrol_in(&self, store: StoreId) -> String {
        enrol(&self.app, store, "another till", "pos").await
    }

    /// A product with stock; answers its id.
    pub(crate) async fn product(&self, barcode: &str, price_fen: i64, pieces: i64) -> i64 {
        let unit: aisle_server::Result<i64> = aisle_db::transact!(self.app.db, |tx| {
            catalog::unit_named(tx, "瓶", false).await
        });
        let body = json!({ "name": format!("商品 {barcode}"), "unit_id": unit.unwrap(), "price_fen": price_fen,
            "cost_fen": price_fen / 2, "barcodes": [{ "barcode": barcode }] });
        let product = self
            .post(&self.admin, "/api/v1/products", body)
            .await
            .expect(201);
        let id = product["id"].as_i64().unwrap();
        if pieces > 0 {
            self.stock(id, pieces).await;
        }
        id
    }

    /// Opening stock of a product.
    pub(crate) async fn stock(&self, product: i64, pieces: i64) {
        let body = json!({ "id": aisle_server::clock::new_uuid(), "reason": "opening",
            "lines": [{ "product_id": product, "delta_milli": pieces * 1000 }] });
        self.post(&self.manager, "/api/v1/stock/adjustments", body)
            .await
            .expect(201);
    }

    /// What can be sold of a product.
    pub(crate) async fn available(&self, product: i64) -> i64 {
        let product = self
            .get(&self.till, &format!("/api/v1/products/{product}"))
            .await
            .expect(200);
        product["qty_milli"].as_i64().unwrap()
    }

    async fn sign_in(&self, username: &str) -> String {
        self.sign_in_as(username, PASSWORD).await
    }

    /// Signs in and answers the token.
    pub(crate) async fn sign_in_as(&self, username: &str, password: &str) -> String {
        let body = json!({ "username": username, "password": password });
        let session = self.post("", "/api/v1/sessions", body).await.expect(201);
        session["token"].as_str().unwrap().to_owned()
    }
}

/// A cash sale of one piece of each.
pub(crate) fn cash_sale(id: Uuid, channel: &str, barcodes: &[&str]) -> Value {
    let lines: Vec<Value> = barcodes
        .iter()
        .map(|barcode| json!({ "barcode": barcode }))
        .collect();
    json!({ "id": id, "channel": channel, "lines": lines,
        "payments": [{ "method": "cash", "tendered_fen": 100_000 }] })
}

pub(crate) fn request(method: &str, token: &str, path: &str, body: Option<Value>) -> Request<Body> {
    let builder = Request::builder().method(method).uri(path);
    let builder = if token.is_empty() {
        builder
    } else {
        builder.header(header::AUTHORIZATION, format!("Bearer {token}"))
    };
    match body {
        Some(body) => builder
            .header(header::CONTENT_TYPE, "application/json")
            .body(Body::from(body.to_string()))
            .unwrap(),
        None => builder.body(Body::empty()).unwrap(),
    }
}

async fn people(app: &App, hash: &str) {
    let now = app.clock.now();
    let added: aisle_server::Result<()> = aisle_db::transact!(app.db, |tx| {
        for (username, role) in [
            ("admin", Role::Admin),
            ("manager", Role::Manager),
            ("cashier", Role::Cashier),
        ] {
            let user = NewUser {
                username,
                name: username,
                password_hash: hash.to_owned(),
                role: role.as_str(),
                store_id: StoreId(1),
                demo: false,
                phone: "",
                pin_hash: None,
            };
            identity::insert_user(tx, &user, now).await?;
        }
        Ok(())
    });
    added.unwrap();
}

async fn enrol(app: &App, store_id: StoreId, name: &str, kind: &str) -> String {
    let new = NewTerminal {
        store_id,
        name,
        kind,
        actor: "test",
    };
    identity::enrol(app, new).await.unwrap().1
}
