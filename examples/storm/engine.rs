//! Engine.IO 4 on either transport, and the way into a session of Socket.IO on top of it.

use std::net::SocketAddr;

use anyhow::{Result, bail, ensure};
use tokio_tungstenite::tungstenite::Utf8Bytes;

use super::polling::Polling;
use super::rest::Seat;
use super::socket::{Receiving, Socket};

const OPEN: &str = "0{";
const PING: &str = "2";
const PONG: &str = "3";
const REFUSED: &str = "44";
const ERROR: &str = r#"42["session:error","#;
/// How the state of a session begins, which every newcomer is shown.
pub(crate) const STATE: &str = r#"42["session:joined","#;
const WEBSOCKET: &str = "/socket.io/?EIO=4&transport=websocket";

/// How the packets travel.
#[derive(Clone)]
pub(crate) enum Transport {
    /// As frames of a WebSocket from the beginning.
    WebSocket(Receiving),
    /// As HTTP requests of a client that all sessions share.
    Polling(reqwest::Client),
}

impl Transport {
    pub(crate) const WEBSOCKET: Self = Self::WebSocket(Receiving::Usual);

    /// Long polls of a client of their own, which waits for as long as the server does.
    pub(crate) fn polling() -> Result<Self> {
        let http = reqwest::Client::builder().no_proxy();
        Ok(Self::Polling(http.build()?))
    }
}

/// One connection.
pub(crate) struct Engine {
    line: Line,
    received_bytes: u64,
}

enum Line {
    WebSocket(Box<Socket>),
    Polling(Box<Polling>),
}

impl Engine {
    /// Connects to no session yet.
    pub(crate) async fn open(address: SocketAddr, transport: &Transport) -> Result<Self> {
        let line = match transport {
            Transport::WebSocket(receiving) => {
                let socket = Socket::open(address, WEBSOCKET, *receiving).await?;
                Line::WebSocket(Box::new(socket))
            }
            Transport::Polling(http) => {
                Line::Polling(Box::new(Polling::open(http, address).await?))
            }
        };
        let mut engine = Self {
            line,
            received_bytes: 0,
        };
        let opening = engine.text().await?;
        ensure!(opening.starts_with(OPEN), "no open packet: {opening}");
        Ok(engine)
    }

    /// Takes a seat; the session's state is what is returned.
    pub(crate) async fn enter(&mut self, seat: &Seat) -> Result<Utf8Bytes> {
        self.send(format!("40{}", seat.auth())).await?;
        loop {
            let text = self.text().await?;
            if text.starts_with(STATE) {
                return Ok(text);
            }
            if text.starts_with(REFUSED) || text.starts_with(ERROR) {
                bail!("a player was not let in: {text}");
            }
        }
    }

    /// Sends a packet, or with polling has it sent when the next text is waited for.
    pub(crate) async fn send(&mut self, packet: String) -> Result<()> {
        match &mut self.line {
            Line::WebSocket(socket) => socket.send(packet).await,
            Line::Polling(polling) => {
                polling.send(packet);
                Ok(())
            }
        }
    }

    /// The next packet that is no heartbeat; may be dropped while it waits.
    pub(crate) async fn text(&mut self) -> Result<Utf8Bytes> {
        loop {
            let text = match &mut self.line {
                Line::WebSocket(socket) => socket.text().await?,
                Line::Polling(polling) => polling.text().await?,
            };
            self.received_bytes += text.len() as u64;
            if text.as_str() != PING {
                return Ok(text);
            }
            self.send(PONG.to_owned()).await?;
        }
    }

    /// The bytes of all packets received, without what HTTP and WebSocket add.
    pub(crate) fn received_bytes(&self) -> u64 {
        self.received_bytes
    }
}
