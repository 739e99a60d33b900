//! A small Socket.IO client that reads only when told to.

use std::net::SocketAddr;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use socket2::{Domain, Socket, Type};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{WebSocketStream, client_async};

use crate::common::DEADLINE;

/// A session and its host's credentials.
pub(crate) struct Session {
    pub(crate) id: String,
    pub(crate) host: String,
    pub(crate) token: String,
}

/// Opens a session over REST.
pub(crate) async fn open_session(address: SocketAddr) -> Session {
    let body = json!({ "name": "Sprint", "hostName": "Mira" });
    let request = reqwest::Client::new().post(format!("http://{address}/api/sessions"));
    let answer: Value = request
        .json(&body)
        .send()
        .await
        .expect("an answer")
        .json()
        .await
        .expect("JSON");
    let text = |pointer: &str| {
        answer
            .pointer(pointer)
            .and_then(Value::as_str)
            .expect(pointer)
            .to_owned()
    };
    Session {
        id: text("/data/session/id"),
        host: text("/data/session/hostId"),
        token: text("/data/hostToken"),
    }
}

/// One Socket.IO connection over WebSocket.
pub(crate) struct Client {
    stream: WebSocketStream<TcpStream>,
}

impl Client {
    /// Connects with `auth`; the kernel buffers at most about `buffer` bytes that were not read.
    pub(crate) async fn connect(address: SocketAddr, buffer: usize, auth: &Value) -> Self {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None).expect("a socket");
        socket.set_recv_buffer_size(buffer).expect("a small buffer");
        socket.connect(&address.into()).expect("a connection");
        socket.set_nonblocking(true).expect("a socket for tokio");
        let stream = TcpStream::from_std(socket.into()).expect("a stream");
        let url = format!("ws://{address}/socket.io/?EIO=4&transport=websocket");
        let (stream, _) = client_async(url, stream).await.expect("a WebSocket");
        let mut client = Self { stream };
        client.send(&format!("40{auth}")).await;
        client
    }

    /// Sends one Engine.IO packet.
    pub(crate) async fn send(&mut self, packet: &str) {
        let sent = timeout(DEADLINE, self.stream.send(Message::text(packet))).await;
        sent.expect("the server reads")
            .expect("the connection is open");
    }

    /// The next event with its payload; pings are answered on the way. `None` when it is over.
    pub(crate) async fn event(&mut self) -> Option<(String, Value)> {
        loop {
            let packet = self.packet().await?;
            if let Some(event) = packet.strip_prefix("42") {
                let (name, payload): (String, Value) =
                    serde_json::from_str(event).expect("an event");
                return Some((name, payload));
            }
        }
    }

    /// Waits for this event and returns its payload.
    pub(crate) async fn wait_for(&mut self, name: &str) -> Value {
        let found = async {
            loop {
                let (event, payload) = self.event().await.expect("the connection is open");
                if event == name {
                    return payload;
                }
            }
        };
        timeout(DEADLINE, found)
            .await
            .unwrap_or_else(|_| panic!("no {name} in time"))
    }

    /// The next packet that is no ping.
    pub(crate) async fn packet(&mut self) -> Option<String> {
        loop {
            let message = timeout(DEADLINE, self.stream.next())
                .await
                .expect("a packet in time")?;
            match message {
                Ok(Message::Text(text)) if text.as_str() == "2" => self.send("3").await,
                Ok(Message::Text(text)) => return Some(text.as_str().to_owned()),
                Ok(_) => {}
                Err(_) => return None,
            }
        }
    }
}
