//! Sessions that begin as WebSockets. They are upgraded here and handed to socketioxide as streams:
//! the way through its HTTP service would keep the request, and hyper's view of the stream, in memory
//! for as long as the session lives.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::header::{CONNECTION, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY};
use axum::http::header::{SEC_WEBSOCKET_VERSION, UPGRADE};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Request as Head, StatusCode};
use axum::response::Response;
use bytes::Bytes;
use hyper::service::Service;
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use socketioxide::service::SocketIoService;
use tungstenite::handshake::derive_accept_key;

use super::{PATH, copied};
use crate::wire::connection::{Guarded, Line, Peer};

/// Bytes of a handshake's key, in Base64.
const KEY_BYTES: usize = 24;

/// Answers a request that opens a session over WebSocket; `None` for any other, and for those that are
/// to be refused.
pub(super) fn open(engine: &SocketIoService<Router>, request: &mut Request) -> Option<Response> {
    if !opens(request) {
        return None;
    }
    let (answer, head) = (accept(request.headers())?, head_of(request)?);
    // What opens the session (`0{...}`) follows at once, without a word from the client.
    head.extensions().get::<Arc<Line>>()?.keep_back();
    let upgrade = hyper::upgrade::on(request);
    let engine = engine.clone();
    tokio::spawn(async move {
        // A client that has gone meanwhile has opened nothing.
        if let Some(stream) = upgrade.await.ok().and_then(stream_of)
            && let Err(error) = engine.call((stream, head)).await
        {
            tracing::debug!(%error, "a WebSocket opened no session");
        }
    });
    Some(answer)
}

/// Whether the request opens a session that socketioxide will take, without a doubt.
fn opens(request: &Request) -> bool {
    let query = request.uri().query().unwrap_or_default();
    let first = |name: &str| query.split('&').find_map(|it| it.strip_prefix(name));
    let path = request.uri().path().strip_prefix(PATH);
    request.method() == Method::GET
        && path.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        && matches!(first("EIO="), Some("3" | "4"))
        && first("transport=") == Some("websocket")
        && first("sid").is_none()
}

/// The answer that agrees to a handshake, if it is a sound one.
fn accept(headers: &HeaderMap) -> Option<Response> {
    let text = |name: HeaderName| headers.get(name)?.to_str().ok();
    let key = text(SEC_WEBSOCKET_KEY).filter(|key| key.len() == KEY_BYTES)?;
    let is_sound = text(UPGRADE)?.eq_ignore_ascii_case("websocket")
        && text(CONNECTION)?.to_ascii_lowercase().contains("upgrade")
        && text(SEC_WEBSOCKET_VERSION)? == "13";
    let accepted = HeaderValue::try_from(derive_accept_key(key.as_bytes())).ok()?;
    let response = Response::builder()
        .status(StatusCode::SWITCHING_PROTOCOLS)
        .header(UPGRADE, HeaderValue::from_static("websocket"))
        .header(CONNECTION, HeaderValue::from_static("Upgrade"))
        .header(SEC_WEBSOCKET_ACCEPT, accepted)
        .body(Body::empty());
    is_sound.then_some(response.ok()?)
}

/// What a session keeps of the request that opened it.
fn head_of(request: &Request) -> Option<Head<()>> {
    let mut head = Head::new(());
    *head.uri_mut() = copied(request.uri())?;
    let extensions = head.extensions_mut();
    extensions.insert(*request.extensions().get::<Peer>()?);
    extensions.insert(request.extensions().get::<Arc<Line>>()?.clone());
    Some(head)
}

/// The accepted stream itself, with whatever was read from it already.
fn stream_of(upgraded: Upgraded) -> Option<Guarded> {
    let parts = upgraded.downcast::<TokioIo<Guarded>>().ok()?;
    // Copied, because it is a slice of a buffer of some KiB, even if it is empty.
    let read = Bytes::copy_from_slice(&parts.read_buf);
    Some(parts.io.into_inner().with_read(read).answering_first_ping())
}
