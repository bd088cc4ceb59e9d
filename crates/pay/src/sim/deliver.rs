//! Sending notifications: signed, to plain HTTP on loopback addresses, again until they are confirmed.

use std::sync::Arc;
use std::time::Duration;

use crate::gateway::Channel;
use crate::sim::notice::Notice;
use crate::sim::{Simulator, alipay, wechat};

/// How long a merchant has for an answer.
const PATIENCE: Duration = Duration::from_secs(5);
/// How often what came due is looked for.
const PAUSE: Duration = Duration::from_millis(100);

/// What is sent.
pub(crate) struct Letter {
    pub(crate) content_type: &'static str,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: String,
}

pub(crate) fn client() -> reqwest::Client {
    let builder = reqwest::Client::builder()
        .timeout(PATIENCE)
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none());
    builder.build().expect("a client of plain settings")
}

/// Sends what comes due.
pub(crate) async fn deliver_for_ever(sim: Arc<Simulator>) {
    loop {
        deliver_due(&sim).await;
        tokio::time::sleep(PAUSE).await;
    }
}

/// Sends everything that is due. One at a time: two who send at once would send everything twice.
pub(crate) async fn deliver_due(sim: &Simulator) {
    let _turn = sim.sending.lock().await;
    let due = sim.with(|book| book.due_notices());
    for notice in due {
        let (confirmed, result) = send(sim, &notice).await;
        sim.with(|book| book.told(&notice.id, confirmed, result));
    }
}

async fn send(sim: &Simulator, notice: &Notice) -> (bool, String) {
    if !is_loopback(&notice.url) {
        return (false, "not a plain HTTP loopback address".to_owned());
    }
    let letter = match notice.channel {
        Channel::Wechat => wechat::letter(sim, notice),
        _ => alipay::letter(sim, notice),
    };
    let request = sim.http.post(&notice.url);
    let request = request
        .header("content-type", letter.content_type)
        .body(letter.body);
    let request = letter
        .headers
        .into_iter()
        .fold(request, |request, (name, value)| {
            request.header(name, value)
        });
    match request.send().await {
        Ok(answer) => {
            let status = answer.status();
            let text = answer.text().await.unwrap_or_default();
            let confirmed = match notice.channel {
                Channel::Wechat => status == 200 || status == 204,
                _ => text == "success",
            };
            (confirmed, format!("HTTP {}", status.as_u16()))
        }
        Err(error) if error.is_timeout() => (false, "timeout".to_owned()),
        Err(_) => (false, "no connection".to_owned()),
    }
}

/// The simulator sends nothing to other machines, whatever a merchant asks for.
fn is_loopback(url: &str) -> bool {
    let Ok(url) = url::Url::parse(url) else {
        return false;
    };
    let local = match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    local && url.scheme() == "http"
}
