//! One request, one answer, ten seconds.

use std::time::Duration;

use reqwest::RequestBuilder;
use reqwest::header::HeaderMap;
use reqwest::redirect::Policy;

use crate::gateway::Failure;
use crate::settings::{Problem, SettingsError, wrong};

/// A whole call, from the name look-up to the last byte.
pub(crate) const LIMIT: Duration = Duration::from_secs(10);
/// The longest answer of an interface that talks in a few fields.
const ANSWER_BYTES_MAX: usize = 1 << 20;
/// The longest bill that is taken, packed.
const FILE_BYTES_MAX: usize = 64 << 20;

/// The connections all clients share: encrypted by rustls, sent once, redirects not followed.
pub fn connections() -> Result<reqwest::Client, SettingsError> {
    builder()
        .build()
        .map_err(|_| wrong("base_url", Problem::NoTls))
}

/// Connections that show `identity` (certificate and key as PEM) to the other side.
pub(crate) fn connections_as(identity: &[u8]) -> Result<reqwest::Client, SettingsError> {
    let identity = reqwest::Identity::from_pem(identity)
        .map_err(|_| wrong("certificate", Problem::NotCertificate))?;
    builder()
        .identity(identity)
        .build()
        .map_err(|_| wrong("certificate", Problem::NoTls))
}

fn builder() -> reqwest::ClientBuilder {
    reqwest::Client::builder()
        .user_agent(concat!("aisle/", env!("CARGO_PKG_VERSION")))
        .redirect(Policy::none())
        .retry(reqwest::retry::never())
        // A proxy is not a setting of this system, and one found in the environment would be a surprise.
        .no_proxy()
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Reply {
    /// A header as text; empty when it is not there.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    }

    /// An answer in the two hundreds.
    pub(crate) fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

/// Sends a question and reads its short answer.
pub(crate) async fn ask(request: RequestBuilder) -> Result<Reply, Failure> {
    send(request, ANSWER_BYTES_MAX, LIMIT).await
}

/// Sends a question and reads a file.
pub(crate) async fn fetch(request: RequestBuilder) -> Result<Reply, Failure> {
    send(request, FILE_BYTES_MAX, LIMIT).await
}

async fn send(request: RequestBuilder, longest: usize, limit: Duration) -> Result<Reply, Failure> {
    let mut response = request.timeout(limit).send().await.map_err(lost)?;
    let status = response.status().as_u16();
    let headers = std::mem::take(response.headers_mut());
    let mut body = Vec::new();
    while let Some(piece) = response.chunk().await.map_err(lost)? {
        if body.len() + piece.len() > longest {
            return Err(failure("bad_answer", "the answer is too long"));
        }
        body.extend_from_slice(&piece);
    }
    Ok(Reply {
        status,
        headers,
        body,
    })
}

/// The error's own text may hold the address with all its parameters, so it is not passed on.
fn lost(error: reqwest::Error) -> Failure {
    if error.is_timeout() {
        return failure("timeout", "no answer within ten seconds");
    }
    failure("connection", "the connection failed")
}

pub(crate) fn failure(code: &str, message: &str) -> Failure {
    Failure {
        code: code.to_owned(),
        message: message.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::{TcpListener, TcpStream};

    use super::*;

    /// Asks somebody who says `words` and then nothing more, for a tenth of a second.
    async fn ask_who_says(words: &'static str, longest: usize) -> Result<Reply, Failure> {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let silent = tokio::spawn(async move {
            let (mut stream, _): (TcpStream, _) = listener.accept().await.unwrap();
            stream.read_buf(&mut Vec::new()).await.unwrap();
            stream.write_all(words.as_bytes()).await.unwrap();
            std::future::pending::<()>().await;
        });
        let request = connections().unwrap().get(url);
        let heard = send(request, longest, Duration::from_millis(100)).await;
        silent.abort();
        heard
    }

    #[tokio::test]
    async fn the_limit_is_for_the_whole_call() {
        let half = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf";
        for words in ["", "HTTP/1.1 200 OK\r\n", half] {
            let code = ask_who_says(words, 1000).await.unwrap_err().code;
            assert_eq!(code, "timeout", "{words}");
        }
    }

    #[tokio::test]
    async fn an_answer_without_an_end_is_not_taken() {
        let answer = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nnine byte";
        assert_eq!(ask_who_says(answer, 9).await.unwrap().body.len(), 9);
        assert_eq!(
            ask_who_says(answer, 8).await.unwrap_err().code,
            "bad_answer"
        );
    }
}
