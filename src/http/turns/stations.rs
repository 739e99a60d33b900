//! What a request passes before it is routed: its body is read, and it is counted.

use std::sync::Arc;
use std::time::Instant;

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::TurnsRest;
use super::answer::describe;
use crate::wire::connection::Peer;
use crate::wire::turns::failure::{Code, Failure};
use crate::wire::turns::limits::Standing;

/// Most bytes of a body (2.1).
const MAX_BODY_BYTES: usize = 1024 * 1024;

/// A request's body; an extension.
#[derive(Clone, Debug)]
pub(super) struct Payload(pub(super) Arc<Value>);

/// When a request's head came, which is when its sender meant it; an extension.
#[derive(Clone, Copy, Debug)]
pub(super) struct Arrived(pub(super) Instant);

/// Reads, counts, and tells the caller where he stands.
pub(super) async fn pass(
    State(rest): State<Arc<TurnsRest>>,
    request: Request,
    next: Next,
) -> Response {
    let request = match read(request).await {
        Ok(request) => request,
        Err(failure) => return failure.into_response(),
    };
    let address = request.extensions().get().map(|Peer(address)| *address);
    let standing = rest.desk.limits.count_request(address).await;
    let mut response = match standing.map_or(Ok(()), |standing| standing.check()) {
        Ok(()) => next.run(request).await,
        Err(failure) => failure.into_response(),
    };
    // The switch limit, if it was reached, has the last word.
    let closest = response.extensions().get::<Standing>().copied();
    if let Some(standing) = closest.or(standing) {
        describe(&standing, response.headers_mut());
    }
    response
}

async fn read(request: Request) -> Result<Request, Failure> {
    let arrived = Arrived(Instant::now());
    let is_json = is_json(request.headers())?;
    let (mut parts, body) = request.into_parts();
    let body = to_bytes(body, MAX_BODY_BYTES).await;
    let body = body.map_err(|_| Failure::new(Code::TooLarge, "Request body too large"))?;
    let value = if is_json && !body.is_empty() {
        parse(&body)?
    } else {
        json!({})
    };
    parts.extensions.insert(Payload(Arc::new(value)));
    parts.extensions.insert(arrived);
    Ok(Request::from_parts(parts, Body::empty()))
}

fn parse(body: &[u8]) -> Result<Value, Failure> {
    let malformed = || Failure::invalid("Malformed JSON body");
    let value: Value = serde_json::from_slice(body).map_err(|_| malformed())?;
    let is_scalar = !value.is_object() && !value.is_array();
    if is_scalar {
        Err(malformed())
    } else {
        Ok(value)
    }
}

/// Whether the body is JSON by its type; any other type counts as no body.
fn is_json(headers: &HeaderMap) -> Result<bool, Failure> {
    let kind = headers
        .get(CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok());
    let kind = kind.unwrap_or_default().to_ascii_lowercase();
    let mut parts = kind.split(';').map(str::trim);
    if parts.next() != Some("application/json") {
        return Ok(false);
    }
    let charset = parts.find_map(|part| part.strip_prefix("charset="));
    match charset.map(|it| it.trim_matches('"')) {
        None | Some("utf-8" | "utf8" | "us-ascii") => Ok(true),
        Some(_) => {
            let message = "Unsupported charset";
            Err(Failure::new(Code::UnsupportedMediaType, message))
        }
    }
}
