//! Whoever sends more than a route reads gets the answer, and goes on with the same connection.

#[expect(dead_code, reason = "shared with tests that look at metrics")]
mod common;

use common::{DEADLINE, serve};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

const BODY_BYTES: usize = 900_000;

/// Reads an answer's status and leaves the rest of it behind.
async fn status(stream: &mut TcpStream) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.expect("an answer"));
    }
    let head = String::from_utf8(head).expect("text").to_ascii_lowercase();
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "));
    let length: usize = length.map_or(0, |length| length.parse().expect("a number"));
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.expect("a body");
    head[9..12].to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_that_nobody_wants_is_read_and_the_connection_goes_on() {
    let server = serve(&[]).await;
    let asked = async {
        let mut stream = TcpStream::connect(server.addresses()[0])
            .await
            .expect("open");
        for path in ["/nowhere", "/signal/nowhere", "/v1/nowhere"] {
            let head = format!(
                "POST {path} HTTP/1.1\r\nhost: x\r\ncontent-type: text/plain\r\ncontent-length: {BODY_BYTES}\r\n\r\n"
            );
            stream.write_all(head.as_bytes()).await.expect("sent");
            stream
                .write_all(&vec![b'x'; BODY_BYTES / 2])
                .await
                .expect("sent");
            // The other half comes while the answer is on its way.
            stream
                .write_all(&vec![b'x'; BODY_BYTES - BODY_BYTES / 2])
                .await
                .expect("sent");
            assert_eq!(status(&mut stream).await, "404", "{path}");
        }
    };
    timeout(DEADLINE, asked).await.expect("within the deadline");
}
