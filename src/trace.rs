//! Requests in the log: each runs in a span with an id, which the answer carries back.

use std::time::Instant;

use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use tracing::{Instrument, info_span};
use uuid::Uuid;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// Longest id that is taken over from the client, in bytes.
const MAX_ID_BYTES: usize = 64;

/// Runs a request in its span. The path is logged without its query, which may hold secrets.
pub async fn request(request: Request, next: Next) -> Response {
    let id = id_of(&request);
    let path = request.uri().path().to_owned();
    let span =
        info_span!("request", request.id = %id, http.method = %request.method(), http.path = path);
    let started = Instant::now();
    async move {
        let mut response = next.run(request).await;
        let (status, millis) = (response.status().as_u16(), started.elapsed().as_millis());
        if response.status().is_server_error() {
            tracing::warn!(
                http.status = status,
                http.millis = millis,
                "a request failed"
            );
        } else {
            tracing::debug!(
                http.status = status,
                http.millis = millis,
                "answered a request"
            );
        }
        if let Ok(id) = HeaderValue::try_from(id) {
            response.headers_mut().insert(REQUEST_ID, id);
        }
        response
    }
    .instrument(span)
    .await
}

/// The client's id if it is short and harmless, else a new one.
fn id_of(request: &Request) -> String {
    let given = request
        .headers()
        .get(&REQUEST_ID)
        .and_then(|id| id.to_str().ok());
    let harmless = |id: &&str| {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
        (1..=MAX_ID_BYTES).contains(&id.len()) && id.bytes().all(plain)
    };
    given
        .filter(harmless)
        .map_or_else(|| Uuid::new_v4().to_string(), str::to_owned)
}
