//! Handshakes of viewers, checked as the original server does (1.1), which knows more versions of
//! the protocol and fewer paths than others.

use axum::extract::{Request, State};
use axum::http::header::{CONNECTION, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_VERSION, UPGRADE};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::http::Dialect;

/// The versions that are spoken; they differ in nothing that is used here.
const VERSIONS: HeaderValue = HeaderValue::from_static("13, 8");
const CURRENT: HeaderValue = HeaderValue::from_static("13");
/// Where viewers connect.
const PATHS: [&str; 2] = ["/ws", "/ws/sync"];
/// Bytes of a handshake's key.
const KEY_BYTES: usize = 16;

/// Refuses handshakes on this dialect's paths that are none.
pub async fn check(State(listener): State<Dialect>, mut request: Request, next: Next) -> Response {
    let path = request.uri().path();
    // Upgrades of the root belong to another dialect on every listener.
    let ours = listener.owner_of(path) == Dialect::Sync && path != "/";
    if !ours || !is_upgrade(request.headers()) {
        return next.run(request).await;
    }
    if !PATHS.contains(&path) {
        return refuse(StatusCode::BAD_REQUEST);
    }
    if request.method() != Method::GET {
        return refuse(StatusCode::METHOD_NOT_ALLOWED);
    }
    match text(request.headers(), &SEC_WEBSOCKET_VERSION) {
        Some("13" | "8") => {}
        _ => {
            let mut response = refuse(StatusCode::BAD_REQUEST);
            let headers = response.headers_mut();
            headers.insert(SEC_WEBSOCKET_VERSION, VERSIONS);
            return response;
        }
    }
    if !has_key(request.headers()) {
        return refuse(StatusCode::BAD_REQUEST);
    }
    request.headers_mut().insert(SEC_WEBSOCKET_VERSION, CURRENT);
    next.run(request).await
}

fn is_upgrade(headers: &HeaderMap) -> bool {
    text(headers, &UPGRADE).is_some_and(|it| it.eq_ignore_ascii_case("websocket"))
}

fn has_key(headers: &HeaderMap) -> bool {
    let key = text(headers, &SEC_WEBSOCKET_KEY).and_then(|key| STANDARD.decode(key).ok());
    key.is_some_and(|key| key.len() == KEY_BYTES)
}

fn text<'a>(headers: &'a HeaderMap, name: &axum::http::HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

fn refuse(status: StatusCode) -> Response {
    let reason = status.canonical_reason().unwrap_or_default();
    (status, [(CONNECTION, "close")], reason).into_response()
}
