//! The demo shop pays through the gateway simulator: its keys are made here, so that both can be tried at once.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use aisle_domain::ids::StoreId;
use aisle_domain::payments::FeeRule;
use aisle_pay::Channel;
use aisle_pay::sim::Simulator;
use anyhow::Context;
use serde_json::{Value, json};

use crate::App;
use crate::clock::Clock;
use crate::http::Actor;
use crate::payments::{NewChannel, set_channel};

use super::SIMULATOR;

/// 0.6 %, as contracts of small shops have it.
const FEE: FeeRule = FeeRule {
    rate_ppm: 6000,
    min: aisle_domain::money::Money::ZERO,
    cap: None,
};

/// Sets both channels of these stores up.
pub(super) async fn connect(app: &App, stores: &[StoreId]) -> anyhow::Result<()> {
    let dir = app.config.data_dir.join(SIMULATOR.0);
    // On its first start it writes down what a merchant needs.
    Simulator::open(&dir, Arc::new(Clock::System))?;
    for store in stores {
        for new in [wechat(&dir)?, alipay(&dir)?] {
            set_channel(app, &Actor::system(*store), &new).await?;
        }
    }
    Ok(())
}

fn read(dir: &Path, name: &str) -> anyhow::Result<String> {
    std::fs::read_to_string(dir.join(name)).with_context(|| name.to_owned())
}

fn wechat(dir: &Path) -> anyhow::Result<NewChannel> {
    let known: Value = serde_json::from_str(&read(dir, "wechat/settings.json")?)?;
    let text = |name: &str| known[name].as_str().unwrap_or_default().to_owned();
    Ok(NewChannel {
        channel: Channel::Wechat,
        enabled: true,
        settings: json!({
            "mchid": known["mchid"], "appid": known["appid"], "serial_no": known["serial_no"],
            "platform_keys": { text("public_key_id"): read(dir, "wechat/platform_pub.pem")? },
            "base_url": format!("http://{}", SIMULATOR.1),
        }),
        secrets: HashMap::from([
            ("private_key".to_owned(), read(dir, "wechat/mch_key.pem")?),
            ("apiv3_key".to_owned(), text("apiv3_key")),
            ("v2_key".to_owned(), text("v2_key")),
        ]),
        fee: FEE,
    })
}

fn alipay(dir: &Path) -> anyhow::Result<NewChannel> {
    let known: Value = serde_json::from_str(&read(dir, "alipay/settings.json")?)?;
    Ok(NewChannel {
        channel: Channel::Alipay,
        enabled: true,
        settings: json!({
            "app_id": known["app_id"], "seller_id": known["seller_id"],
            "alipay_public_key": read(dir, "alipay/alipay_pub.pem")?,
            "base_url": format!("http://{}/gateway.do", SIMULATOR.1),
        }),
        secrets: HashMap::from([("private_key".to_owned(), read(dir, "alipay/app_key.pem")?)]),
        fee: FEE,
    })
}
