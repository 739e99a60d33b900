//! A viewer of a turn clock over a raw WebSocket; the first of a room switches it over REST.

use std::future::pending;
use std::net::SocketAddr;
use std::pin::Pin;

use anyhow::{Context, Result};
use uuid::Uuid;

use super::agenda::Shown;
use crate::storm::clocks::{Desk, connect};
use crate::storm::socket::Socket;

const UPDATE: &str = r#"{"type":"STATE_UPDATE""#;
const VERSION: &str = r#""version":"#;

/// One viewer.
pub(crate) struct Viewer {
    socket: Socket,
    desk: Desk,
    clock: Uuid,
    switching: Option<Answer>,
}

type Answer = Pin<Box<dyn Future<Output = Result<()>> + Send>>;

impl Viewer {
    /// Opens a connection and waits for the greeting.
    pub(crate) async fn connect(address: SocketAddr, desk: &Desk, clock: Uuid) -> Result<Self> {
        Ok(Self {
            socket: connect(address, clock).await?,
            desk: desk.clone(),
            clock,
            switching: None,
        })
    }

    /// Switches; the request goes on while the next update is waited for.
    pub(crate) fn switch(&mut self) {
        let (desk, clock) = (self.desk.clone(), self.clock);
        self.switching = Some(Box::pin(async move { desk.command(clock, "switch").await }));
    }

    /// Whether the last switch was answered: a clock is pressed once at a time.
    pub(crate) fn is_free(&self) -> bool {
        self.switching.is_none()
    }

    /// What is shown next; may be dropped while it waits.
    pub(crate) async fn next(&mut self) -> Result<Shown> {
        tokio::select! {
            switched = wait(&mut self.switching) => {
                self.switching = None;
                switched?;
                Ok(Shown::Other)
            }
            text = self.socket.text() => shown(&text?),
        }
    }
}

async fn wait(request: &mut Option<Answer>) -> Result<()> {
    match request {
        Some(answer) => answer.as_mut().await,
        None => pending().await,
    }
}

fn shown(text: &str) -> Result<Shown> {
    if !text.starts_with(UPDATE) {
        return Ok(Shown::Other);
    }
    let version = text.split_once(VERSION).and_then(|(_, rest)| {
        let (digits, _) = rest.split_once(|it: char| !it.is_ascii_digit())?;
        digits.parse().ok()
    });
    Ok(Shown::Version(version.context("a state without version")?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_update_is_told_by_its_version() {
        let update = r#"{"type":"STATE_UPDATE","state":{"version":12,"participants":[]}}"#;
        assert_eq!(shown(update).expect("an update"), Shown::Version(12));
        assert!(shown(r#"{"type":"STATE_UPDATE","state":{}}"#).is_err());
    }

    #[test]
    fn the_answer_to_a_reconnection_is_no_update() {
        let answer = r#"{"type":"STATE_SYNC","state":{"version":12}}"#;
        assert_eq!(shown(answer).expect("an answer"), Shown::Other);
    }
}
