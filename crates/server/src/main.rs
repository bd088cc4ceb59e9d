//! The binary `aisle`.

use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

/// The engine's task is woken from outside, by SQLite's thread or a socket, some thirty times in a
/// commit; under load it must not stand behind as many requests as Tokio's defaults (up to about
/// 100 and 61) let pass first.
const POLLS_BETWEEN_LOOKS: u32 = 8;

fn main() -> ExitCode {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .global_queue_interval(POLLS_BETWEEN_LOOKS)
        .event_interval(POLLS_BETWEEN_LOOKS)
        .build();
    match runtime {
        Ok(runtime) => runtime.block_on(aisle_server::cli::run()),
        Err(error) => {
            eprintln!("aisle cannot start its threads: {error}");
            ExitCode::FAILURE
        }
    }
}
