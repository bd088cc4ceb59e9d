//! A simulator on a free port with a clock that stands still, a merchant who checks every signature, and a place
//! where notifications arrive.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU16, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aisle_domain::time::Instant;
use aisle_pay::Surroundings;
use aisle_pay::alipay::text::{notice_text, request_text};
use aisle_pay::crypto::{ApiV3Key, PrivateKey, PublicKey, sha256_hex};
use aisle_pay::sim::Simulator;
use aisle_pay::wechat::text::{SignType, request_message, response_message, v2_sign};
use serde_json::{Value, json};

/// 2026-11-25 10:00:00 in Beijing.
pub(crate) const START: i64 = 1_795_572_000_000;

#[derive(Debug, Default)]
pub(crate) struct Still(AtomicU64);

impl Surroundings for Still {
    fn now(&self) -> Instant {
        Instant(START)
    }

    fn nonce(&self) -> String {
        let count = self.0.fetch_add(1, Ordering::SeqCst);
        sha256_hex(&count.to_be_bytes())[..32].to_owned()
    }
}

/// What came back.
#[derive(Debug)]
pub(crate) enum Reply {
    Said(u16, Value),
    /// A good answer whose signature does not hold.
    Forged,
    Silence,
    Reset,
}

impl Reply {
    /// The status and what was said.
    #[track_caller]
    pub(crate) fn said(self) -> (u16, Value) {
        match self {
            Reply::Said(status, value) => (status, value),
            other => panic!("expected an answer, got {other:?}"),
        }
    }

    /// What was said when it went well.
    #[track_caller]
    pub(crate) fn ok(self) -> Value {
        let (status, value) = self.said();
        assert!((200..300).contains(&status), "{status} {value}");
        value
    }

    /// The code of a problem.
    #[track_caller]
    pub(crate) fn code(self) -> String {
        let (_, value) = self.said();
        let code = ["sub_code", "err_code", "code"]
            .iter()
            .find_map(|name| value[name].as_str());
        code.unwrap_or_else(|| panic!("no code in {value}"))
            .to_owned()
    }
}

/// A notification that arrived.
#[derive(Debug, Clone)]
pub(crate) struct Arrived {
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: String,
}

/// Everything a test needs.
pub(crate) struct Shop {
    pub(crate) dir: tempfile::TempDir,
    pub(crate) address: SocketAddr,
    pub(crate) http: reqwest::Client,
    pub(crate) arrived: Arc<Mutex<Vec<Arrived>>>,
    /// What the place for notifications answers.
    pub(crate) answer: Arc<AtomicU16>,
    pub(crate) told_at: String,
    settings: Value,
    alipay_settings: Value,
    server: tokio::task::JoinHandle<()>,
    nonces: Still,
}

/// Keys take long to make: the first test that needs them leaves a folder for the others.
fn keys() -> PathBuf {
    let kept = Path::new(env!("CARGO_TARGET_TMPDIR")).join("gateway-sim-keys");
    if !kept.join("alipay/settings.json").exists() {
        let fresh = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        Simulator::open(fresh.path(), Arc::new(Still::default())).unwrap();
        std::fs::remove_file(fresh.path().join("journal.jsonl")).unwrap();
        // Somebody else may have been quicker: theirs are as good.
        let _ = std::fs::rename(fresh.path(), &kept);
    }
    kept
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &to);
        } else {
            std::fs::copy(entry.path(), to).unwrap();
        }
    }
}

async fn start(dir: &Path) -> (SocketAddr, tokio::task::JoinHandle<()>) {
    let sim = Simulator::open(dir, Arc::new(Still::default())).unwrap();
    let (ready, listening) = tokio::sync::oneshot::channel();
    let server = tokio::spawn(async move {
        let any = "127.0.0.1:0".parse().unwrap();
        sim.serve(any, |address| ready.send(address).unwrap())
            .await
            .unwrap();
    });
    (listening.await.unwrap(), server)
}

impl Shop {
    pub(crate) async fn open() -> Shop {
        let dir = tempfile::tempdir().unwrap();
        copy(&keys(), dir.path());
        let (address, server) = start(dir.path()).await;
        let arrived = Arc::new(Mutex::new(Vec::new()));
        let answer = Arc::new(AtomicU16::new(200));
        let told_at = hear(arrived.clone(), answer.clone()).await;
        let settings = |name: &str| {
            serde_json::from_str(&std::fs::read_to_string(dir.path().join(name)).unwrap()).unwrap()
        };
        Shop {
            settings: settings("wechat/settings.json"),
            alipay_settings: settings("alipay/settings.json"),
            address,
            http: reqwest::Client::builder()
                .no_proxy()
                .timeout(Duration::from_millis(1500))
                .build()
                .unwrap(),
            arrived,
            answer,
            told_at,
            server,
            nonces: Still(AtomicU64::new(1 << 40)),
            dir,
        }
    }

    /// Ends the simulator and starts it again on what it kept.
    pub(crate) async fn restart(&mut self) {
        self.server.abort();
        let (address, server) = start(self.dir.path()).await;
        (self.address, self.server) = (address, server);
    }

    pub(crate) fn file(&self, name: &str) -> String {
        std::fs::read_to_string(self.dir.path().join(name)).unwrap()
    }

    pub(crate) fn setting(&self, name: &str) -> &str {
        self.settings[name].as_str().unwrap()
    }

    pub(crate) fn alipay_setting(&self, name: &str) -> &str {
        self.alipay_settings[name].as_str().unwrap()
    }

    /// The headers of a signed request.
    pub(crate) fn authorization(&self, method: &str, target: &str, at: i64, body: &str) -> String {
        let nonce = self.nonces.nonce();
        let time = (at / 1000).to_string();
        let message = request_message(method, target, &time, &nonce, body);
        let key = PrivateKey::parse(&self.file("wechat/mch_key.pem")).unwrap();
        format!(
            "WECHATPAY2-SHA256-RSA2048 mchid=\"{}\",nonce_str=\"{nonce}\",timestamp=\"{time}\",serial_no=\"{}\",signature=\"{}\"",
            self.setting("mchid"),
            self.setting("serial_no"),
            key.sign(message.as_bytes()),
        )
    }

    /// A call of APIv3 by a merchant who verifies by public key.
    pub(crate) async fn v3(&self, method: &str, target: &str, body: Value) -> Reply {
        let body = if body.is_null() {
            String::new()
        } else {
            body.to_string()
        };
        let authorization = self.authorization(method, target, START, &body);
        let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
        let request = self
            .http
            .request(method, format!("http://{}{target}", self.address))
            .header("authorization", authorization)
            .header("accept", "application/json")
            .header("user-agent", "test")
            .header("wechatpay-serial", self.setting("public_key_id"))
            .body(body);
        let answer = match request.send().await {
            Ok(answer) => answer,
            Err(error) if error.is_timeout() => return Reply::Silence,
            Err(_) => return Reply::Reset,
        };
        let status = answer.status().as_u16();
        let headers = answer.headers().clone();
        let body = answer.bytes().await.unwrap();
        if (200..300).contains(&status) && !self.is_signed(&headers, &body) {
            return Reply::Forged;
        }
        Reply::Said(status, serde_json::from_slice(&body).unwrap_or(Value::Null))
    }

    fn is_signed(&self, headers: &reqwest::header::HeaderMap, body: &[u8]) -> bool {
        let header = |name: &str| {
            headers
                .get(name)
                .map_or("", |value| value.to_str().unwrap())
        };
        self.holds(&header, body)
    }

    /// Whether an answer or a notification is signed by the platform's public key.
    pub(crate) fn holds<'a>(&self, header: &dyn Fn(&str) -> &'a str, body: &[u8]) -> bool {
        let serial = header("wechatpay-serial");
        let key = if serial == self.setting("public_key_id") {
            self.file("wechat/platform_pub.pem")
        } else {
            assert_eq!(serial, self.setting("platform_serial"));
            self.file("wechat/platform_cert.pem")
        };
        let (time, nonce) = (header("wechatpay-timestamp"), header("wechatpay-nonce"));
        let key = PublicKey::parse(&key).unwrap();
        let message = response_message(time, nonce, body);
        key.verify(&message, header("wechatpay-signature"))
    }

    /// A call of the older interface.
    pub(crate) async fn v2(&self, path: &str, fields: &[(&str, &str)]) -> Reply {
        let nonce = self.nonces.nonce();
        let mut all: BTreeMap<&str, &str> = fields.iter().copied().collect();
        all.insert("appid", self.setting("appid"));
        all.insert("mch_id", self.setting("mchid"));
        all.insert("nonce_str", &nonce);
        all.insert("sign_type", "HMAC-SHA256");
        let key = self.setting("v2_key");
        let sign = v2_sign(all.iter().map(|(n, v)| (*n, *v)), key, SignType::HmacSha256);
        all.insert("sign", &sign);
        let fields = all
            .iter()
            .map(|(name, value)| format!("<{name}><![CDATA[{value}]]></{name}>"));
        let body = format!("<xml>{}</xml>", fields.collect::<String>());
        let request = self
            .http
            .post(format!("http://{}{path}", self.address))
            .body(body);
        let text = match request.send().await {
            Ok(answer) => answer.text().await.unwrap(),
            Err(error) if error.is_timeout() => return Reply::Silence,
            Err(_) => return Reply::Reset,
        };
        let fields = fields_of(&text);
        let pairs = fields
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()));
        let signed = v2_sign(pairs, key, SignType::HmacSha256);
        if fields["return_code"] == "SUCCESS" && fields["sign"] != signed {
            return Reply::Forged;
        }
        Reply::Said(200, json!(fields))
    }

    /// A call of Alipay.
    pub(crate) async fn alipay(&self, method: &str, content: Value) -> Reply {
        let content = content.to_string();
        let mut params = BTreeMap::from([
            ("app_id", self.alipay_settings["app_id"].as_str().unwrap()),
            ("method", method),
            ("charset", "utf-8"),
            ("sign_type", "RSA2"),
            ("timestamp", "2026-11-25 10:00:00"),
            ("version", "1.0"),
            ("notify_url", self.told_at.as_str()),
            ("biz_content", content.as_str()),
        ]);
        let text = request_text(params.iter().map(|(n, v)| (*n, *v)));
        let key = PrivateKey::parse(&self.file("alipay/app_key.pem")).unwrap();
        let sign = key.sign(text.as_bytes());
        params.insert("sign", &sign);
        let form = [("biz_content", params.remove("biz_content").unwrap())];
        let url = format!("http://{}/gateway.do", self.address);
        let request = self.http.post(url).query(&params).form(&form);
        let text = match request.send().await {
            Ok(answer) => answer.text().await.unwrap(),
            Err(error) if error.is_timeout() => return Reply::Silence,
            Err(_) => return Reply::Reset,
        };
        let name = format!("{{\"{}_response\":", method.replace('.', "_"));
        let (node, sign) = text
            .strip_prefix(&name)
            .and_then(|rest| rest.strip_suffix("\"}"))
            .and_then(|rest| rest.split_once(",\"sign\":\""))
            .unwrap_or_else(|| panic!("{text}"));
        let key = PublicKey::parse(&self.file("alipay/alipay_pub.pem")).unwrap();
        if !key.verify(node.as_bytes(), sign) {
            return Reply::Forged;
        }
        Reply::Said(200, serde_json::from_str(node).unwrap())
    }

    /// Something said to the simulator itself.
    pub(crate) async fn tell(&self, path: &str, body: Value) -> (u16, Value) {
        let url = format!("http://{}/sim/{path}", self.address);
        let answer = self
            .http
            .post(url)
            .header("content-type", "application/json");
        let answer = answer.body(body.to_string()).send().await.unwrap();
        let status = answer.status().as_u16();
        let text = answer.text().await.unwrap();
        (status, serde_json::from_str(&text).unwrap_or(Value::Null))
    }

    /// Plans a scenario for a trade.
    pub(crate) async fn plan(&self, no: &str, scenario: &str) {
        let body = json!({"match": {"out_trade_no": no}, "scenario": scenario});
        assert_eq!(self.tell("scenario", body).await.0, 200);
    }

    /// Moves the clock; what came due has happened and was sent.
    pub(crate) async fn advance(&self, seconds: i64) {
        let body = json!({"advance_s": seconds});
        assert_eq!(self.tell("clock", body).await.0, 200);
    }

    /// What the simulator believes to have moved: paid, returned.
    pub(crate) async fn money(&self) -> (i64, i64) {
        let url = format!("http://{}/sim/ledger", self.address);
        let text = self
            .http
            .get(url)
            .send()
            .await
            .unwrap()
            .text()
            .await
            .unwrap();
        let ledger: Value = serde_json::from_str(&text).unwrap();
        let totals = &ledger["totals"];
        (
            totals["paid_fen"].as_i64().unwrap(),
            totals["refunded_fen"].as_i64().unwrap(),
        )
    }

    /// What arrived so far.
    pub(crate) fn letters(&self) -> Vec<Arrived> {
        self.arrived.lock().unwrap().clone()
    }

    /// What a WeChat notification says, its signature checked and its seal opened.
    pub(crate) fn opened(&self, letter: &Arrived) -> Value {
        let header = |name: &str| letter.headers.get(name).map_or("", String::as_str);
        assert!(self.holds(&header, letter.body.as_bytes()), "{letter:?}");
        let body: Value = serde_json::from_str(&letter.body).unwrap();
        let text = |name: &str| body["resource"][name].as_str().unwrap();
        let key = ApiV3Key::parse(self.setting("apiv3_key")).unwrap();
        let plain = key
            .open(text("nonce"), text("associated_data"), text("ciphertext"))
            .unwrap();
        serde_json::from_slice(&plain).unwrap()
    }

    /// What an Alipay notification says, its signature checked.
    pub(crate) fn form(&self, letter: &Arrived) -> BTreeMap<String, String> {
        let form: BTreeMap<String, String> = url::form_urlencoded::parse(letter.body.as_bytes())
            .into_owned()
            .collect();
        let text = notice_text(form.iter().map(|(n, v)| (n.as_str(), v.as_str())));
        let key = PublicKey::parse(&self.file("alipay/alipay_pub.pem")).unwrap();
        assert!(key.verify(text.as_bytes(), &form["sign"]), "{form:?}");
        form
    }
}

impl Drop for Shop {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// The fields of one level of XML as the simulator writes it.
fn fields_of(xml: &str) -> BTreeMap<String, String> {
    let inner = xml
        .strip_prefix("<xml>")
        .and_then(|rest| rest.strip_suffix("</xml>"));
    let mut rest = inner.unwrap_or_else(|| panic!("{xml}"));
    let mut fields = BTreeMap::new();
    while let Some((name, after)) = rest.strip_prefix('<').and_then(|rest| rest.split_once('>')) {
        let (value, after) = after.split_once(&format!("</{name}>")).unwrap();
        let value = quick_xml::escape::unescape(value).unwrap();
        fields.insert(name.to_owned(), value.into_owned());
        rest = after;
    }
    fields
}

/// A place where notifications arrive, and its address.
async fn hear(arrived: Arc<Mutex<Vec<Arrived>>>, answer: Arc<AtomicU16>) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let hear = move |headers: axum::http::HeaderMap, body: String| async move {
        let headers = headers
            .iter()
            .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()));
        let headers = headers.collect();
        arrived.lock().unwrap().push(Arrived { headers, body });
        let status = axum::http::StatusCode::from_u16(answer.load(Ordering::SeqCst)).unwrap();
        let words = if status.is_success() {
            "success"
        } else {
            "fail"
        };
        (status, words)
    };
    let router = axum::Router::new().route("/told", axum::routing::post(hear));
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    format!("http://{address}/told")
}
