//! Engine.IO 4 over HTTP long-polling: one GET waits for packets, one POST at a time brings the
//! client's. What is sent meanwhile waits and goes together, as with the official client.

use std::collections::VecDeque;
use std::future::pending;
use std::net::SocketAddr;
use std::pin::Pin;

use anyhow::{Context, Result, bail, ensure};
use reqwest::RequestBuilder;
use tokio_tungstenite::tungstenite::Utf8Bytes;

/// What stands between two packets of a payload.
const SEPARATOR: char = '\x1e';
/// The packet that ends a session.
const CLOSE: &str = "1";
/// The packet that only ends a poll.
const NOOP: &str = "6";

type Answer = Pin<Box<dyn Future<Output = Result<String>> + Send>>;

/// One Engine.IO session.
pub(crate) struct Polling {
    http: reqwest::Client,
    url: String,
    outbox: Vec<String>,
    inbox: VecDeque<Utf8Bytes>,
    posting: Option<Answer>,
    polling: Option<Answer>,
}

impl Polling {
    /// Opens a session; its open packet is the first text.
    pub(crate) async fn open(http: &reqwest::Client, address: SocketAddr) -> Result<Self> {
        let url = format!("http://{address}/socket.io/?EIO=4&transport=polling");
        let opening = answer(http.get(&url)).await?;
        let sid = session_id(&opening)?;
        Ok(Self {
            http: http.clone(),
            url: format!("{url}&sid={sid}"),
            outbox: Vec::new(),
            inbox: packets(&opening).collect(),
            posting: None,
            polling: None,
        })
    }

    /// Takes a packet; it leaves when the next text is waited for.
    pub(crate) fn send(&mut self, packet: String) {
        self.outbox.push(packet);
    }

    /// The next packet; may be dropped while it waits.
    pub(crate) async fn text(&mut self) -> Result<Utf8Bytes> {
        loop {
            match self.inbox.pop_front() {
                Some(packet) if packet.as_str() == CLOSE => {
                    bail!("the server closed a connection")
                }
                Some(packet) if packet.as_str() == NOOP => {}
                Some(packet) => return Ok(packet),
                None => self.exchange().await?,
            }
        }
    }

    /// Waits for an answer to either request; both go on if this is dropped.
    async fn exchange(&mut self) -> Result<()> {
        if self.posting.is_none() && !self.outbox.is_empty() {
            let payload = payload(&std::mem::take(&mut self.outbox));
            let request = self.http.post(&self.url).body(payload);
            self.posting = Some(Box::pin(answer(request)));
        }
        if self.polling.is_none() {
            self.polling = Some(Box::pin(answer(self.http.get(&self.url))));
        }
        tokio::select! {
            done = wait(&mut self.posting) => {
                self.posting = None;
                done?;
            }
            payload = wait(&mut self.polling) => {
                self.polling = None;
                self.inbox.extend(packets(&payload?));
            }
        }
        Ok(())
    }
}

async fn wait(request: &mut Option<Answer>) -> Result<String> {
    match request {
        Some(answer) => answer.as_mut().await,
        None => pending().await,
    }
}

async fn answer(request: RequestBuilder) -> Result<String> {
    let response = request.send().await?;
    let status = response.status();
    let body = response.text().await?;
    ensure!(status.is_success(), "polling answered {status}: {body}");
    Ok(body)
}

fn payload(packets: &[String]) -> String {
    packets.join(&SEPARATOR.to_string())
}

fn packets(payload: &str) -> impl Iterator<Item = Utf8Bytes> {
    payload.split(SEPARATOR).map(Utf8Bytes::from)
}

/// The id in an open packet, which names the session in all further requests.
fn session_id(opening: &str) -> Result<&str> {
    let (_, rest) = opening
        .split_once(r#""sid":""#)
        .with_context(|| format!("no open packet: {opening}"))?;
    let (sid, _) = rest.split_once('"').context("an open packet without end")?;
    Ok(sid)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packets_of_one_payload_are_separated_by_a_record_separator() {
        let sent = ["2".to_owned(), r#"42["a",{}]"#.to_owned()];
        let payload = payload(&sent);
        assert_eq!(payload, "2\u{1e}42[\"a\",{}]");
        let read: Vec<_> = packets(&payload).collect();
        assert_eq!(read, ["2", r#"42["a",{}]"#]);
    }

    #[test]
    fn a_payload_of_one_packet_has_no_separator() {
        let read: Vec<_> = packets("40{}").collect();
        assert_eq!(read, ["40{}"]);
    }

    #[test]
    fn the_session_is_named_by_the_open_packet() {
        let opening = r#"0{"sid":"Ya1","upgrades":["websocket"],"pingInterval":25000}"#;
        assert_eq!(session_id(opening).expect("an id"), "Ya1");
        assert!(session_id("1").is_err());
    }
}
