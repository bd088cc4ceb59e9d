//! Connections: HTTP/1.1, and the two ways an answer can fail to come.

use std::convert::Infallible;
use std::net::TcpStream as StdStream;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tower::ServiceExt;

/// Instead of an answer.
#[derive(Debug, Clone, Copy)]
enum Instead {
    Silence,
    Reset,
}

/// Nobody answers; the connection stays.
pub(crate) fn silence() -> Response {
    instead(Instead::Silence)
}

/// The connection is reset.
pub(crate) fn reset() -> Response {
    instead(Instead::Reset)
}

fn instead(of: Instead) -> Response {
    let mut response = ().into_response();
    response.extensions_mut().insert(of);
    response
}

/// Answers every connection.
pub(crate) async fn serve(listener: TcpListener, router: axum::Router) {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                tokio::spawn(connection(stream, router.clone()));
            }
            // Out of file handles: some will come back.
            Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    }
}

/// A broken connection ends this one task and is what was wanted.
async fn connection(stream: TcpStream, router: axum::Router) {
    let Ok((stream, twin)) = twins(stream) else {
        return;
    };
    let service = service_fn(move |request: hyper::Request<Incoming>| {
        let (router, twin) = (router.clone(), twin.clone());
        async move {
            let answered: Result<Response, Infallible> =
                router.oneshot(request.map(Body::new)).await;
            let response = match answered {
                Ok(response) => response,
                Err(never) => match never {},
            };
            match response.extensions().get::<Instead>() {
                None => Ok(response),
                Some(Instead::Silence) => std::future::pending().await,
                Some(Instead::Reset) => {
                    // Without waiting for what was not sent, closing is a reset.
                    let _ = socket2::SockRef::from(&*twin).set_linger(Some(Duration::ZERO));
                    Err(std::io::Error::from(std::io::ErrorKind::ConnectionReset))
                }
            }
        }
    });
    let http = hyper::server::conn::http1::Builder::new();
    let _ = http.serve_connection(TokioIo::new(stream), service).await;
}

/// The stream and a second handle on it, to set how it is closed.
fn twins(stream: TcpStream) -> std::io::Result<(TcpStream, Arc<StdStream>)> {
    let stream = stream.into_std()?;
    let twin = stream.try_clone()?;
    Ok((TcpStream::from_std(stream)?, Arc::new(twin)))
}
