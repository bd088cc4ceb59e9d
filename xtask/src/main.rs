//! What developers run: generated files, house rules, a PostgreSQL for tests, benchmarks.

#![expect(clippy::disallowed_methods, reason = "tools make their own identities")]

mod bench;
mod fault;
mod generate;
mod postgres;
mod tidy;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "xtask", about = "Tools of this workspace.")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Check the house rules: budgets, layers, forbidden words, current maps.
    Tidy,
    /// Write the generated files: openapi.json and the database schemas.
    Gen {
        /// Only say whether they are current.
        #[arg(long)]
        check: bool,
    },
    /// Run a command with a private PostgreSQL in `AISLE_TEST_POSTGRES`.
    WithPostgres {
        /// The command.
        #[arg(trailing_var_arg = true, required = true)]
        command: Vec<String>,
    },
    /// Measure: sales, look-ups, search, memory; writes target/bench/report.json.
    Bench(bench::Options),
    /// Measure how fast entries are found in an operation log of this length.
    BenchLogs(bench::logs::Options),
    /// Measure the page of risk over so many events of tills.
    BenchRisk(bench::risk::Options),
    /// Kill the server under load and prove that nothing acknowledged is lost.
    Fault(fault::Options),
}

fn main() -> ExitCode {
    let result = match Cli::parse().command {
        Command::Tidy => tidy::check(),
        Command::Gen { check } => generate::run(check),
        Command::WithPostgres { command } => postgres::run(&command),
        Command::Bench(options) => bench::run(&options),
        Command::BenchLogs(options) => bench::logs::run(&options),
        Command::BenchRisk(options) => bench::risk::run(&options),
        Command::Fault(options) => fault::run(&options),
    };
    match result {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            say(&format!("xtask: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

/// Prints a line for people.
#[expect(clippy::print_stdout, reason = "this is a command line")]
pub(crate) fn say(text: &str) {
    println!("{text}");
}
