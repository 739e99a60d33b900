//! The Socket.IO server under all namespaces: its settings, what socketioxide leaves out, and what
//! all namespaces need - ordered inboxes, rooms whose slow members are resynchronised.

mod frame;
mod inbound;
mod inbox;
mod link;
mod opening;
mod outbound;
mod polling;
mod rooms;
mod sending;
mod speaker;

use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::Uri;
use axum::middleware::Next;
use axum::response::Response;
use socketioxide::layer::SocketIoLayer;
use socketioxide::service::SocketIoService;
use socketioxide::{ParserConfig, SocketIo};

pub use frame::Frame;
pub use inbound::{Ack, Inbound, Refuse};
pub use link::{Heard, Link, dismiss};
pub use polling::front;
pub use rooms::{Member, Rooms};
pub use sending::{Undelivered, emit};
pub use speaker::{Backoff, Speaker};

/// Where Engine.IO is served.
pub const PATH: &str = "/socket.io";
/// Binary attachments of one message; no dialect has any, so they only have to be survived.
const MAX_ATTACHMENTS: usize = 4;
/// Read buffer per WebSocket; messages are small, and memory per connection is what counts.
const READ_BUFFER_BYTES: usize = 256;

/// What the operator sets for Engine.IO and Socket.IO.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// Time between pings.
    pub ping_interval: Duration,
    /// Time a client may take to answer one.
    pub ping_timeout: Duration,
    /// Time a client may take to connect to a namespace.
    pub connect_timeout: Duration,
    /// Most bytes of one message, on any transport.
    pub max_message_bytes: usize,
    /// Packets that may wait for one client.
    pub buffer_packets: usize,
}

/// Builds the server; namespaces are added to it afterwards.
#[must_use]
pub fn build(settings: Settings) -> (SocketIoLayer, SocketIo) {
    // `max_payload` covers polling only; without the other two a WebSocket takes 64 MiB.
    let limit = settings.max_message_bytes;
    let parser = ParserConfig::common()
        .max_incoming_binaries(MAX_ATTACHMENTS)
        .max_incoming_binary_buf_size(limit);
    SocketIo::builder()
        .req_path(PATH)
        .with_parser(parser)
        .ping_interval(settings.ping_interval)
        .ping_timeout(settings.ping_timeout)
        .connect_timeout(settings.connect_timeout)
        .max_payload(limit as u64)
        .ws_max_message_size(limit)
        .ws_max_frame_size(limit)
        .ws_read_buffer_size(READ_BUFFER_BYTES)
        .max_buffer_size(settings.buffer_packets)
        .build_layer()
}

/// Opens sessions that begin as WebSockets; they concern nobody else who serves a listener.
pub async fn open(
    State(engine): State<SocketIoService<Router>>,
    mut request: Request,
    next: Next,
) -> Response {
    match opening::open(&engine, &mut request) {
        Some(opened) => opened,
        None => next.run(request).await,
    }
}

/// The same address in memory of its own.
fn copied(uri: &Uri) -> Option<Uri> {
    Uri::try_from(uri.to_string()).ok()
}
