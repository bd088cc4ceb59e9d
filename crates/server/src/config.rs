//! Settings: defaults ← TOML file ← environment (`AISLE_*`, the same names).

use std::net::SocketAddr;
use std::path::PathBuf;

use figment::Figment;
use figment::providers::{Env, Format, Serialized, Toml};
use ipnet::IpNet;
use serde::{Deserialize, Serialize};

/// Everything a person can set before the start.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Where to listen.
    pub listen: SocketAddr,
    /// Where the embedded database, pictures and backups live.
    pub data_dir: PathBuf,
    /// `sqlite://…` or `postgres://…`; empty = a file in the data directory.
    pub database_url: String,
    /// Comma separated PostgreSQL replicas for reads.
    pub replica_urls: String,
    /// Requests per second allowed to one device; 0 = no limit.
    pub device_rate: u32,
    /// Calls per second allowed to one person away from a till; 0 = no limit.
    pub person_rate: u32,
    /// Calls per second allowed to one address, those of devices apart; 0 = no limit.
    pub address_rate: u32,
    /// Tries per minute to sign in from one address without a device; 0 = no limit.
    pub sign_in_rate: u32,
    /// Receipts per minute that one address may look at by their links; 0 = no limit.
    pub receipt_rate: u32,
    /// What the shop is called from outside, such as `https://shop.example`: it stands in the QR codes on
    /// receipts, and payment gateways report there; empty = no codes, and reports to where it listens.
    pub public_url: String,
    /// Networks of proxies whose `X-Forwarded-For` counts, such as `["10.0.0.0/8"]`.
    pub trusted_proxies: Vec<IpNet>,
    /// Whether who manages people or roles must have a second factor to work in the back office.
    pub require_second_factor: bool,
    /// Days that entries of the operation log are kept, a year and a day at least; 0 = for ever.
    pub keep_operations_days: u32,
    /// Days that events of tills are kept, as many as the page of risk looks back at least; 0 = for ever.
    pub keep_till_events_days: u32,
    /// Days that wrong guesses and sessions that are over are kept; 0 = for ever.
    pub keep_guesses_days: u32,
    /// The key that small secrets are sealed under; empty = a systemd credential or a file.
    pub secret_key: Hidden,
    /// `human` or `json`.
    pub log_format: String,
    /// What to log, in the syntax of tracing's env filter.
    pub log: String,
    /// The settings file, when one was named.
    pub config: Option<PathBuf>,
    /// The program that reads uploaded files; none = this one. For tests, which are another program.
    #[serde(skip)]
    pub worker_program: Option<PathBuf>,
    /// Where systemd hands over what only this service may read.
    #[serde(skip)]
    pub credentials_dir: Option<PathBuf>,
}

/// A setting that is never shown.
#[derive(Clone, Default, Deserialize)]
#[serde(transparent)]
pub struct Hidden(String);

impl Hidden {
    /// The setting itself.
    pub fn expose(&self) -> &str {
        &self.0
    }

    fn shown(&self) -> &'static str {
        if self.0.is_empty() { "" } else { "hidden" }
    }
}

impl From<String> for Hidden {
    fn from(text: String) -> Hidden {
        Hidden(text)
    }
}

impl std::fmt::Debug for Hidden {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.shown())
    }
}

impl Serialize for Hidden {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.shown())
    }
}

impl Default for Config {
    fn default() -> Config {
        Config {
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            data_dir: PathBuf::from("./data"),
            database_url: String::new(),
            replica_urls: String::new(),
            device_rate: 2000,
            person_rate: 200,
            address_rate: 1000,
            sign_in_rate: 60,
            receipt_rate: 60,
            public_url: String::new(),
            trusted_proxies: Vec::new(),
            require_second_factor: false,
            keep_operations_days: 3 * 365 + 1,
            keep_till_events_days: 366,
            keep_guesses_days: 90,
            secret_key: Hidden::default(),
            log_format: "human".to_owned(),
            log: "info,sqlx=warn".to_owned(),
            config: None,
            worker_program: None,
            credentials_dir: None,
        }
    }
}

impl Config {
    /// Reads all sources. A wrong name or value is an error that says where it stands.
    pub fn load() -> anyhow::Result<Config> {
        let named: Config = Figment::from(Serialized::defaults(Config::default()))
            .merge(environment())
            .extract()?;
        let file = named
            .config
            .clone()
            .unwrap_or_else(|| named.data_dir.join("aisle.toml"));
        let config: Config = Figment::from(Serialized::defaults(Config::default()))
            .merge(Toml::file(file))
            .merge(environment())
            .extract()?;
        config.check()?;
        ensure_link_base(&config.public_url)?;
        Ok(Config {
            credentials_dir: std::env::var_os("CREDENTIALS_DIRECTORY").map(PathBuf::from),
            ..config
        })
    }

    /// How the world reaches this server, without a slash at the end.
    pub fn public_address(&self) -> String {
        if self.public_url.is_empty() {
            format!("http://{}", self.listen)
        } else {
            self.public_url.trim_end_matches('/').to_owned()
        }
    }

    fn check(&self) -> anyhow::Result<()> {
        let least = [
            (
                "keep_operations_days",
                self.keep_operations_days,
                crate::ops::cut::KEEP_LEAST_DAYS,
            ),
            ("keep_till_events_days", self.keep_till_events_days, 93),
        ];
        for (name, days, least) in least {
            let is_possible = days == 0 || days >= least;
            anyhow::ensure!(is_possible, "{name}: 0, or {least} days at least");
        }
        Ok(())
    }

    /// What to open.
    pub fn database(&self) -> aisle_db::Settings {
        let url = if self.database_url.is_empty() {
            format!("sqlite://{}", self.data_dir.join("aisle.db").display())
        } else {
            self.database_url.clone()
        };
        let replica_urls = self
            .replica_urls
            .split(',')
            .map(str::trim)
            .filter(|url| !url.is_empty())
            .map(str::to_owned)
            .collect();
        aisle_db::Settings { url, replica_urls }
    }

    /// Where uploaded files are kept.
    pub fn imports_dir(&self) -> PathBuf {
        self.data_dir.join("imports")
    }

    /// The program that is started to read an uploaded file.
    pub fn worker_program(&self) -> std::io::Result<PathBuf> {
        match &self.worker_program {
            Some(program) => Ok(program.clone()),
            None => std::env::current_exe(),
        }
    }

    /// Where pictures are kept.
    pub fn pictures_dir(&self) -> PathBuf {
        self.data_dir.join("pictures")
    }
}

/// Links begin with it, so it is a whole address.
fn ensure_link_base(public_url: &str) -> anyhow::Result<()> {
    let is_whole = ["https://", "http://"]
        .iter()
        .any(|scheme| public_url.len() > scheme.len() && public_url.starts_with(scheme));
    anyhow::ensure!(
        public_url.is_empty() || is_whole,
        "public_url is an address such as https://shop.example, not {public_url:?}"
    );
    Ok(())
}

/// Only the names of settings: other `AISLE_*` variables belong to tests.
fn environment() -> Env {
    Env::prefixed("AISLE_").only(&[
        "listen",
        "data_dir",
        "database_url",
        "replica_urls",
        "device_rate",
        "person_rate",
        "address_rate",
        "sign_in_rate",
        "receipt_rate",
        "public_url",
        "trusted_proxies",
        "require_second_factor",
        "keep_operations_days",
        "keep_till_events_days",
        "keep_guesses_days",
        "secret_key",
        "log_format",
        "log",
        "config",
    ])
}

/// A database URL that may be shown.
pub fn without_password(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else {
        return url.to_owned();
    };
    match rest.split_once('@') {
        Some((user, host)) => {
            let name = user.split(':').next().unwrap_or_default();
            format!("{scheme}://{name}@{host}")
        }
        None => url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_begin_with_a_whole_address_or_none() {
        for good in ["", "https://shop.example", "http://10.0.0.2:8080/"] {
            assert!(ensure_link_base(good).is_ok(), "{good}");
        }
        for bad in ["shop.example", "https://", "ftp://shop.example"] {
            assert!(ensure_link_base(bad).is_err(), "{bad}");
        }
    }
}
