//! The Socket.IO server under all namespaces: its settings, what socketioxide leaves out, and what
//! all namespaces need - ordered inboxes, rooms whose slow members are resynchronised.

mod frame;
mod inbound;
mod inbox;
mod link;
mod opening;
mod outbound;
mod rooms;
mod sending;
mod speaker;

use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{OriginalUri, Request, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, SEC_WEBSOCKET_KEY};
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, Uri};
use axum::middleware::Next;
use axum::response::Response;
use socketioxide::layer::SocketIoLayer;
use socketioxide::service::SocketIoService;
use socketioxide::{ParserConfig, SocketIo};

pub use frame::Frame;
pub use inbound::{Ack, Inbound, Refuse};
pub use link::{Heard, Link, dismiss};
pub use rooms::{Member, Rooms};
pub use sending::{Undelivered, emit};
pub use speaker::{Backoff, Speaker};

/// Where Engine.IO is served.
pub const PATH: &str = "/socket.io";
/// Binary attachments of one message; no dialect has any, so they only have to be survived.
const MAX_ATTACHMENTS: usize = 4;
/// Read buffer per WebSocket; messages are small, and memory per connection is what counts.
const READ_BUFFER_BYTES: usize = 256;
/// What the opening of a session is read for; whatever else a browser sends is not looked at.
const NEEDED_HEADERS: [HeaderName; 2] = [SEC_WEBSOCKET_KEY, CONTENT_TYPE];
/// Largest error body that is rewritten.
const MAX_ERROR_BYTES: usize = 1024;

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

/// Answers polling requests as Engine.IO servers on Node do: uncached, with numeric error codes,
/// and with the session closed when the client gives up in mid-poll.
pub async fn front(mut request: Request, next: Next) -> Response {
    if !request.uri().path().starts_with(PATH) {
        return next.run(request).await;
    }
    let mut guard = PollGuard::of(&request, &next);
    let opens_session = !request.uri().query().unwrap_or_default().contains("sid=");
    if opens_session {
        request = detached(request);
    }
    let mut response = next.run(request).await;
    guard.disarm();
    response
        .headers_mut()
        .insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if response.status() == StatusCode::BAD_REQUEST {
        numeric_code(response).await
    } else {
        response
    }
}

/// Leaves of a request what is needed, copied out of the read buffer that all of it are slices of:
/// socketioxide keeps address and headers for as long as the session lives, and would keep 16 KB of
/// buffer alive with them.
fn detached(request: Request) -> Request {
    let (mut parts, body) = request.into_parts();
    if let Some(uri) = copied(&parts.uri) {
        parts.uri = uri;
    }
    let needed = NEEDED_HEADERS.into_iter().filter_map(|name| {
        let value = parts.headers.get(&name)?;
        Some((name, HeaderValue::from_bytes(value.as_bytes()).ok()?))
    });
    parts.headers = needed.collect();
    // The router keeps a slice of its own.
    parts.extensions.remove::<OriginalUri>();
    Request::from_parts(parts, body)
}

/// The same address in memory of its own.
fn copied(uri: &Uri) -> Option<Uri> {
    Uri::try_from(uri.to_string()).ok()
}

/// Turns `"code":"1"` into `"code":1`.
async fn numeric_code(response: Response) -> Response {
    let (mut parts, body) = response.into_parts();
    let bytes = to_bytes(body, MAX_ERROR_BYTES).await.unwrap_or_default();
    let mut text = String::from_utf8_lossy(&bytes).into_owned();
    for code in '0'..='5' {
        text = text.replace(&format!("\"code\":\"{code}\""), &format!("\"code\":{code}"));
    }
    parts.headers.remove(CONTENT_LENGTH);
    Response::from_parts(parts, Body::from(text))
}

/// Closes the Engine.IO session of a poll whose request was dropped unanswered: the client is gone,
/// and nobody would notice before the next ping times out.
struct PollGuard(Option<(Request, Next)>);

impl PollGuard {
    fn of(request: &Request, next: &Next) -> Self {
        let query = request.uri().query().unwrap_or_default();
        let is_poll = request.method() == Method::GET
            && query.contains("sid=")
            && query.contains("transport=polling");
        if !is_poll {
            return Self(None);
        }
        let closing = Request::builder()
            .method(Method::POST)
            .uri(request.uri().clone())
            .body(Body::from("1"))
            .expect("the address was good for the poll");
        Self(Some((closing, next.clone())))
    }

    fn disarm(&mut self) {
        self.0 = None;
    }
}

impl Drop for PollGuard {
    fn drop(&mut self) {
        if let Some((closing, next)) = self.0.take() {
            tokio::spawn(next.run(closing));
        }
    }
}
