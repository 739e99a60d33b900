//! A raw WebSocket of one client, cheap enough for thousands.

use std::net::SocketAddr;

use anyhow::{Context, Result, bail};
use futures_util::{SinkExt, StreamExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Message, Utf8Bytes};
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

/// Buffer for reading, per connection; the default of 128 KiB is too much for thousands.
const READ_BUFFER_BYTES: usize = 4096;
/// What the kernel keeps for a client that is meant to fall behind.
const SMALL_RECEIVE_BYTES: u32 = 4096;

/// How much the kernel keeps of what a client has not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Receiving {
    /// As much as the kernel thinks fit.
    Usual,
    /// Next to nothing, so that the server soon notices a client that does not read.
    Little,
}

/// One connection.
pub(crate) struct Socket(WebSocketStream<TcpStream>);

impl Socket {
    /// Opens a connection to a path, which begins with a slash.
    pub(crate) async fn open(
        address: SocketAddr,
        path: &str,
        receiving: Receiving,
    ) -> Result<Self> {
        let stream = connect(address, receiving).await?;
        stream.set_nodelay(true)?;
        let url = format!("ws://{address}{path}");
        let config = WebSocketConfig::default().read_buffer_size(READ_BUFFER_BYTES);
        let (socket, _) = client_async_with_config(url, stream, Some(config)).await?;
        Ok(Self(socket))
    }

    pub(crate) async fn send(&mut self, text: String) -> Result<()> {
        Ok(self.0.send(Message::text(text)).await?)
    }

    /// The next text; may be dropped while it waits. Pings are answered by the way.
    pub(crate) async fn text(&mut self) -> Result<Utf8Bytes> {
        loop {
            let message = self.0.next().await;
            match message.context("the server closed a connection")?? {
                Message::Text(text) => return Ok(text),
                Message::Close(_) => bail!("the server closed a connection"),
                _ => {}
            }
        }
    }
}

async fn connect(address: SocketAddr, receiving: Receiving) -> Result<TcpStream> {
    let socket = if address.is_ipv4() {
        TcpSocket::new_v4()?
    } else {
        TcpSocket::new_v6()?
    };
    if receiving == Receiving::Little {
        // Before connecting: the window is agreed on then.
        socket.set_recv_buffer_size(SMALL_RECEIVE_BYTES)?;
    }
    Ok(socket.connect(address).await?)
}
