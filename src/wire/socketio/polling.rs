//! Polling requests, answered as Engine.IO servers on Node do.

use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::extract::{OriginalUri, Request};
use axum::http::header::{CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, SEC_WEBSOCKET_KEY};
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, Uri};
use axum::middleware::Next;
use axum::response::Response;
use serde::Deserialize;
use tokio::time::timeout;

use super::{PATH, copied};

/// What the opening of a session is read for; whatever else a browser sends is not looked at.
const NEEDED_HEADERS: [HeaderName; 2] = [SEC_WEBSOCKET_KEY, CONTENT_TYPE];
/// Largest body of socketioxide's own making that is looked into.
const MAX_OWN_BYTES: usize = 1024;
/// The answer to a ping of Engine.IO.
const PONG: &str = "3";
/// How long a session that begins is waited for to ping. It does at once.
const FIRST_PING_PATIENCE: Duration = Duration::from_millis(100);

/// Answers polling requests as Engine.IO servers on Node do: uncached, with numeric error codes, without
/// a ping before its time, and with the session closed when the client gives up in mid-poll.
pub async fn front(mut request: Request, next: Next) -> Response {
    if !request.uri().path().starts_with(PATH) {
        return next.run(request).await;
    }
    let mut guard = PollGuard::of(&request, &next);
    let query = request.uri().query().unwrap_or_default();
    let opens_session = !query.contains("sid=");
    let pings = opens_session && query.contains("EIO=4") && query.contains("transport=polling");
    let beginning = pings.then(|| (request.uri().clone(), next.clone()));
    if opens_session {
        request = detached(request);
    }
    let mut response = next.run(request).await;
    guard.disarm();
    if let Some((uri, next)) = beginning.filter(|_| response.status().is_success()) {
        response = begun(response, &uri, next).await;
    }
    response
        .headers_mut()
        .insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if response.status() == StatusCode::BAD_REQUEST {
        numeric_code(response).await
    } else {
        response
    }
}

/// A session that has begun, after its first ping was answered for the client: socketioxide sends it at
/// once, Engine.IO's own servers after an interval. Nobody else knows of the session yet, so nothing else
/// can be in its first poll.
async fn begun(response: Response, uri: &Uri, next: Next) -> Response {
    let (parts, body) = response.into_parts();
    let opened = to_bytes(body, MAX_OWN_BYTES).await.unwrap_or_default();
    if let Some(sid) = opened.strip_prefix(b"0").and_then(sid_of) {
        let uri = format!("{uri}&sid={sid}");
        let ask = |method, body| {
            let request = Request::builder().method(method).uri(&uri).body(body);
            next.clone().run(request.expect("the address is good"))
        };
        let polled = timeout(FIRST_PING_PATIENCE, ask(Method::GET, Body::empty())).await;
        if polled.is_ok() {
            ask(Method::POST, Body::from(PONG)).await;
        }
    }
    Response::from_parts(parts, Body::from(opened))
}

fn sid_of(handshake: &[u8]) -> Option<String> {
    #[derive(Deserialize)]
    struct Handshake {
        sid: String,
    }
    let handshake: Handshake = serde_json::from_slice(handshake).ok()?;
    Some(handshake.sid)
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

/// Turns `"code":"1"` into `"code":1`.
async fn numeric_code(response: Response) -> Response {
    let (mut parts, body) = response.into_parts();
    let bytes = to_bytes(body, MAX_OWN_BYTES).await.unwrap_or_default();
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
