//! Both payment gateways beside a test's server, simulated, under the test's clock.

use std::path::PathBuf;
use std::sync::Arc;

use aisle_pay::sim::Simulator;
use aisle_server::clock::{new_uuid, random_bytes};
use aisle_server::sales::watch_once;
use serde_json::{Value, json};

use crate::harness::{Answer, TestApp};

/// The simulator, set up as the channels of a store.
pub(crate) struct Gateways {
    dir: PathBuf,
    address: String,
    http: reqwest::Client,
}

impl Gateways {
    /// In store 1.
    pub(crate) async fn beside(shop: &TestApp) -> Gateways {
        Gateways::set_up_by(shop, &shop.admin).await
    }

    /// In the store of whoever has this token.
    pub(crate) async fn set_up_by(shop: &TestApp, token: &str) -> Gateways {
        let dir = std::env::temp_dir().join(format!("aisle-sim-{}", new_uuid().simple()));
        std::fs::create_dir_all(&dir).unwrap();
        let outside = Arc::new(shop.app.clock.clone());
        let simulator = Simulator::open(&dir, outside).unwrap();
        let (tell, told) = tokio::sync::oneshot::channel();
        tokio::spawn(async move {
            let any = "127.0.0.1:0".parse().unwrap();
            let ready = |address| tell.send(address).unwrap();
            simulator.serve(any, ready).await.unwrap();
        });
        let gateways = Gateways {
            address: format!("http://{}", told.await.unwrap()),
            http: aisle_pay::connections().unwrap(),
            dir,
        };
        for (channel, body) in [("wechat", gateways.wechat()), ("alipay", gateways.alipay())] {
            let path = format!("/api/v1/payment-channels/{channel}");
            shop.put(token, &path, body).await.expect(200);
        }
        gateways
    }

    fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.dir.join(name)).unwrap()
    }

    fn wechat(&self) -> Value {
        let known: Value = serde_json::from_str(&self.read("wechat/settings.json")).unwrap();
        let key_id = known["public_key_id"].as_str().unwrap();
        json!({
            "enabled": true,
            "settings": { "mchid": known["mchid"], "appid": known["appid"], "serial_no": known["serial_no"],
                "platform_keys": { key_id: self.read("wechat/platform_pub.pem") }, "base_url": self.address },
            "secrets": { "private_key": self.read("wechat/mch_key.pem"), "apiv3_key": known["apiv3_key"],
                "v2_key": known["v2_key"] },
            "fee_ppm": 6000,
        })
    }

    fn alipay(&self) -> Value {
        let known: Value = serde_json::from_str(&self.read("alipay/settings.json")).unwrap();
        json!({
            "enabled": true,
            "settings": { "app_id": known["app_id"], "seller_id": known["seller_id"],
                "alipay_public_key": self.read("alipay/alipay_pub.pem"),
                "base_url": format!("{}/gateway.do", self.address) },
            "secrets": { "private_key": self.read("alipay/app_key.pem") },
        })
    }

    async fn tell(&self, path: &str, body: &Value) -> Value {
        let answer = self
            .http
            .post(format!("{}{path}", self.address))
            .header("content-type", "application/json")
            .body(body.to_string())
            .send()
            .await
            .unwrap();
        assert!(answer.status().is_success(), "{path}: {}", answer.status());
        serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap_or(Value::Null)
    }

    /// What happens to the next payment.
    pub(crate) async fn plan(&self, scenario: &str) {
        let body = json!({ "match": { "next": true }, "scenario": scenario });
        self.tell("/sim/scenario", &body).await;
    }

    /// The customer's phone: `pay` or `refuse`.
    pub(crate) async fn phone(&self, trade_no: &str, action: &str) {
        self.tell(&format!("/sim/phone/{trade_no}/{action}"), &json!({}))
            .await;
    }

    /// The customer pays although the shop has given it up.
    pub(crate) async fn pay_late(&self, trade_no: &str) {
        self.tell(&format!("/sim/phone/{trade_no}/pay?late=true"), &json!({}))
            .await;
    }

    /// What customers paid less what they got back, as the gateways believe.
    pub(crate) async fn net_fen(&self) -> i64 {
        let url = format!("{}/sim/ledger", self.address);
        let ledger = self
            .http
            .get(url)
            .send()
            .await
            .unwrap()
            .bytes()
            .await
            .unwrap();
        let ledger: Value = serde_json::from_slice(&ledger).unwrap();
        ledger["totals"]["net_fen"]
            .as_i64()
            .unwrap_or_else(|| panic!("{ledger}"))
    }
}

impl Drop for Gateways {
    fn drop(&mut self) {
        // A folder that stays in the system's temporary files harms nobody.
        let _ = std::fs::remove_dir_all(&self.dir);
    }
}

/// Time passes, second by second where the janitor looks.
pub(crate) async fn pass(shop: &TestApp, seconds: i64) {
    for _ in 0..seconds {
        shop.app.clock.advance_ms(1000);
        watch_once(&shop.app).await.unwrap();
    }
}

/// A code a customer's phone shows; another one each time.
pub(crate) fn code(prefix: &str) -> String {
    let chance = u64::from_be_bytes(random_bytes::<8>()) % 100_000_000_000;
    format!("{prefix}{chance:011}00001")
}

/// Pays an order at the till.
pub(crate) async fn pay(shop: &TestApp, order: &str, body: Value) -> Answer {
    shop.at_till(
        "POST",
        &format!("/api/v1/orders/{order}/payments"),
        body,
        None,
    )
    .await
}
