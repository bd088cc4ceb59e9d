//! A private PostgreSQL under `target/`, for the length of one command.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, ensure};

/// How the server is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Durability {
    /// As in a shop: every commit is on the disk.
    Real,
    /// For tests that never cut the power.
    None,
}

/// A running server; ended when dropped.
#[derive(Debug)]
pub(crate) struct Cluster {
    folder: PathBuf,
    bin: PathBuf,
    port: u16,
}

/// Runs a command with the server's URL in its environment.
pub(crate) fn run(command: &[String]) -> anyhow::Result<bool> {
    let cluster = Cluster::start(Durability::None)?;
    let (program, arguments) = command.split_first().context("a command is needed")?;
    let status = Command::new(program)
        .args(arguments)
        .env("AISLE_TEST_POSTGRES", cluster.url())
        .status()
        .with_context(|| format!("cannot run {program}"))?;
    Ok(status.success())
}

impl Cluster {
    /// Makes and starts a fresh server on a free port.
    pub(crate) fn start(durability: Durability) -> anyhow::Result<Cluster> {
        let bin = programs()?;
        let folder = folder()?;
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let data = folder.join("data");
        let cluster = Cluster { folder, bin, port };
        let data = data.display().to_string();
        cluster.call(
            "initdb",
            &[
                "-D",
                &data,
                "-U",
                "aisle",
                "-A",
                "trust",
                "-E",
                "UTF8",
                "--locale=C",
                "--no-sync",
            ],
        )?;
        let fsync = match durability {
            Durability::Real => "on",
            Durability::None => "off",
        };
        let options = format!(
            "-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c max_connections=300 \
             -c shared_buffers=512MB -c max_wal_size=4GB -c fsync={fsync} -c synchronous_commit={fsync} -c full_page_writes={fsync}"
        );
        let log = cluster.folder.join("log").display().to_string();
        cluster.call(
            "pg_ctl",
            &[
                "-D", &data, "-o", &options, "-l", &log, "-w", "-t", "60", "start",
            ],
        )?;
        Ok(cluster)
    }

    /// Where to connect, without a database.
    pub(crate) fn url(&self) -> String {
        format!("postgres://aisle@127.0.0.1:{}", self.port)
    }

    /// Makes an empty database and answers its URL.
    pub(crate) fn create_database(&self, name: &str) -> anyhow::Result<String> {
        let port = self.port.to_string();
        self.call(
            "createdb",
            &["-h", "127.0.0.1", "-p", &port, "-U", "aisle", name],
        )?;
        Ok(format!("{}/{name}", self.url()))
    }

    fn call(&self, program: &str, arguments: &[&str]) -> anyhow::Result<()> {
        let path = self.bin.join(program);
        let mut command = if is_root()? {
            let mut command = Command::new("runuser");
            command.args(["-u", "postgres", "--"]).arg(&path);
            command
        } else {
            Command::new(&path)
        };
        let output = command
            .args(arguments)
            .current_dir(&self.folder)
            .stdin(std::process::Stdio::null())
            .output()
            .with_context(|| format!("cannot run {program}"))?;
        ensure!(
            output.status.success(),
            "{program} failed: {}{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
        Ok(())
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let data = self.folder.join("data").display().to_string();
        if let Err(error) = self.call("pg_ctl", &["-D", &data, "-m", "immediate", "-w", "stop"]) {
            crate::say(&format!("the test PostgreSQL did not stop: {error:#}"));
        }
        if let Err(error) = std::fs::remove_dir_all(&self.folder) {
            crate::say(&format!("the test PostgreSQL's folder stays: {error}"));
        }
    }
}

fn programs() -> anyhow::Result<PathBuf> {
    let mut found: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path().join("bin"))
        .filter(|bin| bin.join("initdb").exists())
        .collect();
    found.sort();
    if let Some(bin) = found.pop() {
        return Ok(bin);
    }
    let output = Command::new("pg_config").arg("--bindir").output();
    let bin = output
        .ok()
        .map(|output| PathBuf::from(String::from_utf8_lossy(&output.stdout).trim().to_owned()))
        .filter(|bin| bin.join("initdb").exists());
    bin.context("PostgreSQL is not installed: run scripts/setup.sh test")
}

/// A new folder that the server's user may use: PostgreSQL refuses to run as root.
fn folder() -> anyhow::Result<PathBuf> {
    let name = format!("aisle-pg-{}", uuid::Uuid::new_v4().simple());
    let near = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../target")
        .join(&name);
    let near = std::path::absolute(near)?;
    if !is_root()? {
        std::fs::create_dir_all(&near)?;
        return Ok(near);
    }
    for folder in [near, std::env::temp_dir().join(&name)] {
        std::fs::create_dir_all(&folder)?;
        let owned = Command::new("chown")
            .arg("postgres")
            .arg(&folder)
            .status()?
            .success();
        let usable = Command::new("runuser")
            .args(["-u", "postgres", "--", "test", "-w"])
            .arg(&folder)
            .status()?
            .success();
        if owned && usable {
            return Ok(folder);
        }
        std::fs::remove_dir_all(&folder)?;
    }
    anyhow::bail!("the user postgres can use neither target/ nor the temporary folder")
}

fn is_root() -> anyhow::Result<bool> {
    let output = Command::new("id").arg("-u").output()?;
    Ok(output.stdout.starts_with(b"0"))
}
