//! Taking money and giving an attempt up, over both interfaces.

use serde_json::{Value, json};

use super::call::{Told, V3Call};
use super::codes::Interface;
use super::trade::{Transaction, captured};
use super::{Wechat, answer, asking, moving, text};
use crate::beijing;
use crate::gateway::{Answer, Capture, Charge, Closing, Outcome, QrCode, TradeNo};
use crate::http::failure;

/// Where reports go when nobody listens. The gateway insists on an address; this one leads nowhere.
const NOWHERE: &str = "https://notify.invalid/wechat";

/// What a page inside WeChat needs to open the payment (公众号支付).
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct JsapiOrder {
    /// The app.
    pub app_id: String,
    /// Seconds since the epoch.
    pub time_stamp: String,
    /// Letters and digits.
    pub nonce_str: String,
    /// `prepay_id=…`.
    pub package: String,
    /// `RSA`.
    pub sign_type: String,
    /// Our signature of the four above.
    pub pay_sign: String,
}

impl Wechat {
    pub(super) async fn micropay(&self, charge: &Charge, code: &str) -> Answer<Capture> {
        let (store, name) = &charge.store;
        let scene = json!({ "store_info": { "id": store.to_string(), "name": three_byte(name) } });
        let fields = vec![
            ("device_info", charge.terminal.to_string()),
            ("body", description(charge)),
            ("out_trade_no", charge.trade_no.as_str().to_owned()),
            ("total_fee", charge.amount.fen().to_string()),
            ("spbill_create_ip", self.ready.settings.client_ip.clone()),
            ("scene_info", scene.to_string()),
            ("auth_code", code.to_owned()),
        ];
        let heard = self
            .v2("pay_code", "/pay/micropay", fields, &self.http)
            .await;
        answer(
            heard,
            |fields| {
                let found = Transaction::of_fields(&fields, "SUCCESS");
                captured(self.trade_of(Some(found), &charge.trade_no))
            },
            moving(Interface::V2),
        )
    }

    pub(super) async fn codepay(&self, charge: &Charge, code: &str) -> Answer<Capture> {
        let mut body = self.order(charge);
        body["payer"] = json!({ "auth_code": code });
        body["scene_info"] = json!({
            "device_id": charge.terminal.to_string(),
            "store_info": { "out_id": charge.store.0.to_string() },
        });
        let call = V3Call::post("pay_code", "/v3/pay/transactions/codepay", body);
        answer(
            self.v3(call).await,
            |body| captured(self.trade_of(Transaction::of_json(body), &charge.trade_no)),
            moving(Interface::V3),
        )
    }

    pub(super) async fn native(&self, charge: &Charge) -> Answer<QrCode> {
        let call = V3Call::post(
            "create_qr",
            "/v3/pay/transactions/native",
            self.prepaid_order(charge),
        );
        answer(
            self.v3(call).await,
            |body| match text(&body, "code_url") {
                "" => Outcome::Unknown(failure("bad_answer", "no code_url")),
                content => Outcome::Success(QrCode {
                    content: content.to_owned(),
                }),
            },
            moving(Interface::V3),
        )
    }

    /// An order that a page inside WeChat opens for the customer `openid`.
    pub async fn create_jsapi(&self, charge: &Charge, openid: &str) -> Answer<JsapiOrder> {
        let mut body = self.prepaid_order(charge);
        body["payer"] = json!({ "openid": openid });
        let call = V3Call::post("create_jsapi", "/v3/pay/transactions/jsapi", body);
        answer(
            self.v3(call).await,
            |body| match text(&body, "prepay_id") {
                "" => Outcome::Unknown(failure("bad_answer", "no prepay_id")),
                prepay_id => Outcome::Success(self.jsapi_order(prepay_id)),
            },
            moving(Interface::V3),
        )
    }

    fn jsapi_order(&self, prepay_id: &str) -> JsapiOrder {
        let app_id = self.ready.settings.appid.clone();
        let time_stamp = (self.surroundings.now().0 / 1000).to_string();
        let nonce_str = self.surroundings.nonce();
        let package = format!("prepay_id={prepay_id}");
        let message = super::text::jsapi_message(&app_id, &time_stamp, &nonce_str, &package);
        JsapiOrder {
            pay_sign: self.ready.key.sign(message.as_bytes()),
            app_id,
            time_stamp,
            nonce_str,
            package,
            sign_type: "RSA".to_owned(),
        }
    }

    pub(super) async fn reverse_v2(&self, trade_no: &TradeNo) -> Answer<Closing> {
        let fields = vec![("out_trade_no", trade_no.as_str().to_owned())];
        let heard = self
            .v2("reverse", "/secapi/pay/reverse", fields, &self.identified)
            .await;
        // A refused reversal, too, may say that it wants to be repeated.
        let again = match &heard.told {
            Told::Done(fields) | Told::Refused(_, fields) => {
                fields.get("recall").is_some_and(|recall| recall == "Y")
            }
            Told::Stranger(_) | Told::Lost(_) => false,
        };
        let mut answered = answer(
            heard,
            |_| Outcome::Success(Closing::Done),
            |code, failure| reversal_refused(Interface::V2, code, failure),
        );
        if again {
            answered.outcome = Outcome::Success(Closing::Again);
        }
        answered
    }

    pub(super) async fn reverse_v3(&self, trade_no: &TradeNo) -> Answer<Closing> {
        let settings = &self.ready.settings;
        let target = format!(
            "/v3/pay/transactions/out-trade-no/{}/reverse",
            trade_no.as_str()
        );
        let body = json!({ "appid": settings.appid, "mchid": settings.mchid });
        answer(
            self.v3(V3Call::post("reverse", &target, body)).await,
            |body| match text(&body, "recall") {
                "Y" => Outcome::Success(Closing::Again),
                _ => Outcome::Success(Closing::Done),
            },
            |code, failure| reversal_refused(Interface::V3, code, failure),
        )
    }

    pub(super) async fn close_order(&self, trade_no: &TradeNo) -> Answer<Closing> {
        let target = format!(
            "/v3/pay/transactions/out-trade-no/{}/close",
            trade_no.as_str()
        );
        let body = json!({ "mchid": self.ready.settings.mchid });
        answer(
            self.v3(V3Call::post("close", &target, body)).await,
            |_| Outcome::Success(Closing::Done),
            |code, failure| match code {
                "ORDERCLOSED" => Outcome::Success(Closing::Done),
                "ORDERPAID" => Outcome::Success(Closing::IsPaid),
                // The order may still be on its way, and then somebody could pay it.
                "ORDERNOTEXIST" | "RESOURCENOTEXISTS" | "USERPAYING" => {
                    Outcome::Success(Closing::Again)
                }
                _ => asking(Interface::V3)(code, failure),
            },
        )
    }

    fn order(&self, charge: &Charge) -> Value {
        let settings = &self.ready.settings;
        json!({
            "appid": settings.appid,
            "mchid": settings.mchid,
            "description": description(charge),
            "out_trade_no": charge.trade_no.as_str(),
            "amount": { "total": charge.amount.fen(), "currency": "CNY" },
        })
    }

    fn prepaid_order(&self, charge: &Charge) -> Value {
        let (store, name) = &charge.store;
        let mut body = self.order(charge);
        body["time_expire"] = json!(beijing::rfc3339(charge.expires_at));
        body["notify_url"] = json!(charge.notify_url.as_deref().unwrap_or(NOWHERE));
        body["scene_info"] = json!({
            "payer_client_ip": self.ready.settings.client_ip,
            "device_id": charge.terminal.to_string(),
            "store_info": { "id": store.to_string(), "name": three_byte(name) },
        });
        body
    }
}

fn reversal_refused(
    interface: Interface,
    code: &str,
    failure: crate::gateway::Failure,
) -> Outcome<Closing> {
    match code {
        "ORDERREVERSED" | "ORDERCLOSED" => Outcome::Success(Closing::Done),
        // Not while the customer types the password; and an order that is not there may still be on its way.
        "USERPAYING" | "ORDERNOTEXIST" | "RESOURCENOTEXISTS" => Outcome::Success(Closing::Again),
        _ => asking(interface)(code, failure),
    }
}

/// What the customer reads, in letters the gateway takes.
fn description(charge: &Charge) -> String {
    let text: String = three_byte(&charge.subject).chars().take(40).collect();
    if text.trim().is_empty() {
        return charge.trade_no.as_str().to_owned();
    }
    text
}

/// The gateway's text has at most three bytes a letter: no emoji, and nothing that cannot be seen.
fn three_byte(text: &str) -> String {
    text.chars()
        .filter(|letter| letter.len_utf8() <= 3 && !letter.is_control())
        .collect()
}
