//! The commands of the binary.

mod gateway_sim;
mod import;
mod seed;
mod serve;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use aisle_domain::identity::Role;
use aisle_domain::ids::StoreId;
use clap::{Parser, Subcommand};

use crate::clock::Clock;
use crate::config::Config;
use crate::identity::{self, NewTerminal};
use crate::ops::verify;
use crate::{App, Error};

/// The password of the demo sign-ins; shown while it is unchanged.
pub const DEMO_PASSWORD: &str = "aisle-demo";

/// A request that a database or a socket has answered must not stand behind as many others as Tokio's
/// defaults (about 100 and 61) let pass first.
const POLLS_BETWEEN_LOOKS: u32 = 8;

#[derive(Parser)]
#[command(name = "aisle", version, about = "Runs a supermarket.")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run the server.
    Serve,
    /// Bring the database up to date and end.
    Migrate,
    /// Fill an empty database.
    Seed {
        /// Two stores with real goods, opening stock and three people.
        #[arg(long, required = true)]
        demo: bool,
    },
    /// Prove that the books are whole; exits 1 when they are not.
    Verify {
        /// Machine-readable.
        #[arg(long)]
        json: bool,
    },
    /// Load a file of goods (CSV or XLSX) and print what came of it; exits 1 when it failed.
    Import {
        /// products.
        kind: String,
        /// The file.
        file: PathBuf,
        /// Whose stock the opening stock becomes.
        #[arg(long, default_value_t = 1)]
        store: i64,
        /// Write the good rows; without it the file is only checked.
        #[arg(long)]
        apply: bool,
    },
    /// Read a file in a process of its own.
    #[command(hide = true)]
    ImportWorker {
        /// The file.
        file: PathBuf,
    },
    /// Run a simulator of WeChat Pay and Alipay, for trying things out; no real money moves.
    GatewaySim {
        /// Where; loopback addresses only.
        #[arg(long, default_value = "127.0.0.1:9090")]
        listen: SocketAddr,
        /// Where keys and state are kept; `gateway-sim` in the data folder if it is not given.
        #[arg(long)]
        data: Option<PathBuf>,
        /// End when the process that started it ends.
        #[arg(long)]
        with_parent: bool,
    },
    /// Print the OpenAPI document.
    Openapi,
    /// Print the settings in force.
    Config,
    /// People who sign in.
    #[command(subcommand)]
    User(UserCommand),
    /// Tills and self-checkouts.
    #[command(subcommand)]
    Terminal(TerminalCommand),
}

#[derive(Subcommand)]
enum UserCommand {
    /// Add a person; the password is read from standard input.
    Add {
        /// Sign-in name.
        username: String,
        /// Name on receipts.
        #[arg(long)]
        name: Option<String>,
        /// admin, manager or cashier.
        #[arg(long, default_value = "cashier")]
        role: String,
        /// Home store.
        #[arg(long, default_value_t = 1)]
        store: i64,
    },
    /// Change a password; read from standard input. Ends the person's sessions.
    Passwd {
        /// Sign-in name.
        username: String,
    },
    /// Take away the second factor of somebody who has lost it.
    ForgetSecondFactor {
        /// Sign-in name.
        username: String,
    },
}

#[derive(Subcommand)]
enum TerminalCommand {
    /// Enrol a device and print its token.
    Enrol {
        /// Its store.
        #[arg(long)]
        store: i64,
        /// What people call it.
        #[arg(long)]
        name: String,
        /// pos or kiosk.
        #[arg(long, default_value = "pos")]
        kind: String,
    },
}

/// Runs the command line.
pub fn run() -> ExitCode {
    let cli = Cli::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .global_queue_interval(POLLS_BETWEEN_LOOKS)
        .event_interval(POLLS_BETWEEN_LOOKS)
        .build();
    let ended = match runtime {
        Ok(runtime) => runtime.block_on(execute(cli.command)),
        Err(error) => Err(error.into()),
    };
    match ended {
        Ok(code) => code,
        Err(error) => {
            say_error(&format!("aisle: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

async fn execute(command: Command) -> anyhow::Result<ExitCode> {
    match &command {
        Command::Openapi => {
            say(&crate::router::openapi().to_pretty_json()?);
            return Ok(ExitCode::SUCCESS);
        }
        Command::ImportWorker { file } => return Ok(crate::catalog::imports::worker::run(file)),
        _ => {}
    }
    let config = Config::load()?;
    match command {
        Command::Config => say(&shown(&config)?),
        Command::Serve => serve::serve(config).await?,
        Command::GatewaySim {
            listen,
            data,
            with_parent,
        } => {
            let wanted = gateway_sim::Wanted {
                listen,
                dir: data.unwrap_or_else(|| config.data_dir.join("gateway-sim")),
                with_parent,
            };
            gateway_sim::run(wanted).await?;
        }
        Command::Migrate => {
            App::start(config, Clock::System).await?;
        }
        Command::Seed { .. } => seed::demo(&App::start(config, Clock::System).await?).await?,
        Command::Verify { json } => return verify_command(config, json).await,
        Command::User(command) => user(config, command).await?,
        Command::Terminal(TerminalCommand::Enrol { store, name, kind }) => {
            enrol(config, store, &name, &kind).await?;
        }
        Command::Import {
            kind,
            file,
            store,
            apply,
        } => {
            let wanted = import::Wanted {
                kind: &kind,
                file: &file,
                store,
                apply,
            };
            if !import::import(config, wanted).await? {
                return Ok(ExitCode::FAILURE);
            }
        }
        Command::Openapi | Command::ImportWorker { .. } => unreachable!("answered above"),
    }
    Ok(ExitCode::SUCCESS)
}

/// The settings in force, a password in the database URL hidden.
fn shown(config: &Config) -> anyhow::Result<String> {
    let mut shown = config.clone();
    shown.database_url = crate::config::without_password(&config.database().url);
    shown.replica_urls = config
        .database()
        .replica_urls
        .iter()
        .map(|url| crate::config::without_password(url))
        .collect::<Vec<_>>()
        .join(",");
    Ok(serde_json::to_string_pretty(&shown)?)
}

async fn verify_command(config: Config, json: bool) -> anyhow::Result<ExitCode> {
    let app = App::start(config, Clock::System).await?;
    let findings = verify::verify_all(&app).await?;
    let whole = findings.iter().all(|finding| finding.holds);
    if json {
        say(&serde_json::to_string_pretty(&findings)?);
    } else {
        for finding in &findings {
            say(&format!(
                "{} {}",
                if finding.holds { "ok    " } else { "BROKEN" },
                finding.invariant
            ));
            for row in &finding.broken {
                say(&format!("         {row}"));
            }
        }
    }
    Ok(if whole {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

async fn user(config: Config, command: UserCommand) -> anyhow::Result<()> {
    let app = App::start(config, Clock::System).await?;
    match command {
        UserCommand::Add {
            username,
            name,
            role,
            store,
        } => {
            let hash = read_password_hash()?;
            let now = app.clock.now();
            let people = || Role::ALL.iter().filter(|role| !role.is_device());
            anyhow::ensure!(
                people().any(|known| known.as_str() == role),
                "the role is one of {}",
                people()
                    .map(|role| role.as_str())
                    .collect::<Vec<_>>()
                    .join(", ")
            );
            anyhow::ensure!(
                app.catalogue.store(StoreId(store)).is_some(),
                "there is no store {store}"
            );
            let name = name.as_deref().unwrap_or(&username);
            let result: crate::Result<i64> = aisle_db::transact!(app.db, |tx| {
                let user = identity::NewUser {
                    username: &username,
                    name,
                    password_hash: hash.clone(),
                    role: &role,
                    store_id: StoreId(store),
                    demo: false,
                    phone: "",
                    pin_hash: None,
                };
                identity::insert_user(tx, &user, now).await
            });
            say(&format!("user {} added", result?));
        }
        UserCommand::Passwd { username } => {
            let hash = read_password_hash()?;
            let changed: crate::Result<bool> = aisle_db::transact!(app.db, |tx| {
                identity::set_password(tx, &username, &hash).await
            });
            anyhow::ensure!(changed?, "there is no user {username}");
            say("password changed");
        }
        UserCommand::ForgetSecondFactor { username } => {
            let had_one = identity::forget_second_factor(&app, &username).await?;
            anyhow::ensure!(had_one, "there is no second factor of {username}");
            say("second factor taken away");
        }
    }
    Ok(())
}

/// The password somebody types, as it is stored.
fn read_password_hash() -> anyhow::Result<String> {
    let mut password = String::new();
    std::io::stdin().read_line(&mut password)?;
    let password = password.trim_end_matches(['\r', '\n']);
    anyhow::ensure!(
        password.chars().count() >= 8,
        "a password has at least 8 characters"
    );
    Ok(identity::hash_password(password)?)
}

async fn enrol(config: Config, store: i64, name: &str, kind: &str) -> anyhow::Result<()> {
    anyhow::ensure!(matches!(kind, "pos" | "kiosk"), "the kind is pos or kiosk");
    let app = App::start(config, Clock::System).await?;
    anyhow::ensure!(
        app.catalogue.store(StoreId(store)).is_some(),
        "there is no store {store}"
    );
    let new = NewTerminal {
        store_id: StoreId(store),
        name,
        kind,
        actor: "command line",
    };
    let (_, token) = identity::enrol(&app, new)
        .await
        .map_err(|error: Error| anyhow::anyhow!(error))?;
    say(&token);
    Ok(())
}

/// What the command answers.
#[expect(clippy::print_stdout, reason = "this is a command line")]
fn say(text: &str) {
    println!("{text}");
}

/// What went wrong.
#[expect(clippy::print_stderr, reason = "this is a command line")]
fn say_error(text: &str) {
    eprintln!("{text}");
}
