//! A small HTTP/1.1 client that costs the machine as little as possible: the server is what is
//! measured. One connection, one request at a time.

use std::net::Ipv4Addr;

use anyhow::{Context, bail};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A kept-alive connection.
pub(crate) struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    /// Connects.
    pub(crate) async fn open(address: &str) -> anyhow::Result<Connection> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Connection {
            stream,
            buffer: Vec::with_capacity(8192),
        })
    }

    /// Sends a finished request and answers status and body.
    pub(crate) async fn send(&mut self, request: &[u8]) -> anyhow::Result<(u16, Vec<u8>)> {
        self.stream.write_all(request).await?;
        self.buffer.clear();
        loop {
            if self.stream.read_buf(&mut self.buffer).await? == 0 {
                bail!("the connection was closed");
            }
            if let Some((status, from, length)) = head(&self.buffer)? {
                while self.buffer.len() < from + length {
                    if self.stream.read_buf(&mut self.buffer).await? == 0 {
                        bail!("the connection was closed inside a body");
                    }
                }
                return Ok((status, self.buffer[from..from + length].to_vec()));
            }
        }
    }
}

/// One plain GET on a connection of its own.
pub(crate) async fn get(address: &str, path: &str) -> anyhow::Result<(u16, Vec<u8>)> {
    let mut connection = Connection::open(address).await?;
    connection.send(&request("GET", path, None, "")).await
}

/// The bytes of a request.
pub(crate) fn request(method: &str, path: &str, token: Option<&str>, body: &str) -> Vec<u8> {
    let authorization = token.map_or(String::new(), |token| {
        format!("authorization: Bearer {token}\r\n")
    });
    format!(
        "{method} {path} HTTP/1.1\r\nhost: aisle\r\n{authorization}content-type: application/json\r\n\
         content-length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

/// The bytes of a POST that a proxy passes on for somebody at this address.
pub(super) fn request_from(from: Ipv4Addr, path: &str, body: &str) -> Vec<u8> {
    format!(
        "POST {path} HTTP/1.1\r\nhost: aisle\r\nx-forwarded-for: {from}\r\ncontent-type: application/json\r\n\
         content-length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

/// Status, where the body begins, and its length; `None` while the head is incomplete.
fn head(buffer: &[u8]) -> anyhow::Result<Option<(u16, usize, usize)>> {
    let Some(end) = buffer.windows(4).position(|four| four == b"\r\n\r\n") else {
        return Ok(None);
    };
    let text = std::str::from_utf8(&buffer[..end])?;
    let status = text.get(9..12).context("no status line")?.parse()?;
    let length = text
        .lines()
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .map_or(Ok(0), |(_, value)| value.trim().parse())?;
    Ok(Some((status, end + 4, length)))
}
