//! Running the server until it is told to stop.

use std::net::SocketAddr;
use std::time::Duration;

use listenfd::ListenFd;
use tokio::net::{TcpListener, TcpSocket};
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

use crate::catalog::imports;
use crate::clock::Clock;
use crate::config::Config;
use crate::{App, identity, ops, router, sales};

/// Requests in flight may take this long to end.
const DRAIN: Duration = Duration::from_secs(8);
/// Connections that may wait to be taken up; the system may allow fewer.
const BACKLOG: u32 = 4096;

pub(super) async fn serve(config: Config) -> anyhow::Result<()> {
    log(&config)?;
    let listen = config.listen;
    let app = App::start(config, Clock::System).await?;
    app.tasks.spawn(sales::expire_for_ever(app.clone()));
    app.tasks.spawn(ops::tend_log_for_ever(app.clone()));
    app.tasks.spawn(identity::tidy_for_ever(app.clone()));
    imports::resume(&app).await?;
    let listener = match ListenFd::from_env().take_tcp_listener(0)? {
        Some(inherited) => {
            inherited.set_nonblocking(true)?;
            TcpListener::from_std(inherited)?
        }
        None => bind(listen)?,
    };
    greet(&app, &listener)?;
    let stopping = app.clone();
    let service = router::router(app.clone()).into_make_service_with_connect_info::<SocketAddr>();
    let server = axum::serve(listener, service).with_graceful_shutdown(async move {
        told_to_stop().await;
        tracing::info!("stopping");
        stopping.tasks.begin_stop();
    });
    let late = app.clone();
    tokio::select! {
        ended = async { server.await } => ended?,
        () = async move {
            late.tasks.stopping().await;
            tokio::time::sleep(DRAIN).await;
        } => tracing::warn!("some requests did not end in time"),
    }
    app.tasks.stop().await;
    Ok(())
}

/// Everybody comes back at once after a restart: nobody is left to knock again a second later.
fn bind(listen: SocketAddr) -> std::io::Result<TcpListener> {
    let socket = if listen.is_ipv4() {
        TcpSocket::new_v4()
    } else {
        TcpSocket::new_v6()
    }?;
    socket.set_reuseaddr(true)?;
    socket.bind(listen)?;
    socket.listen(BACKLOG)
}

fn greet(app: &App, listener: &TcpListener) -> anyhow::Result<()> {
    let address = listener.local_addr()?;
    let products = app.catalogue.products();
    tracing::info!(%address, products = products.len(), "ready");
    let stores = app.catalogue.stores();
    let mut lines = vec![
        String::new(),
        format!("  Aisle {} is open", env!("CARGO_PKG_VERSION")),
        format!("  back office   http://{address}/admin/"),
        format!("  till          http://{address}/pos/"),
        format!("  API           http://{address}/api/docs"),
        format!("  {} goods in {} stores", products.len(), stores.len()),
        String::new(),
    ];
    if stores.is_empty() {
        lines.push("  nothing is set up yet: `aisle seed --demo` fills a demo shop".to_owned());
    }
    super::say(&lines.join("\n"));
    Ok(())
}

pub(super) async fn told_to_stop() {
    let terminate = async {
        match signal(SignalKind::terminate()) {
            Ok(mut signal) => {
                signal.recv().await;
            }
            Err(error) => {
                tracing::error!(%error, "cannot hear SIGTERM");
                std::future::pending::<()>().await;
            }
        }
    };
    tokio::select! {
        () = terminate => {}
        _ = tokio::signal::ctrl_c() => {}
    }
}

fn log(config: &Config) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(&config.log)?;
    let builder = tracing_subscriber::fmt().with_env_filter(filter);
    if config.log_format == "json" {
        builder.json().init();
    } else {
        builder.init();
    }
    Ok(())
}
