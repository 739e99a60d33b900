//! The stations that a request passes before it is routed: ceilings, body, content type.

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, HttpBody as _};
use axum::extract::{Request, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, Method};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http_body_util::BodyExt;
use serde_json::Value;
use tokio::time::timeout;

use super::PokerRest;
use super::answer::{Refusal, Refused};
use super::request::Payload;
use crate::http::ceilings::Kind;
use crate::metrics::EventLabels;
use crate::wire::connection::Peer;

/// Largest body, in bytes.
const MAX_BODY_BYTES: usize = 100 * 1024;
/// Bytes read of a body that is too large, so that the client is done sending and reads the answer.
const MAX_DRAINED_BYTES: usize = 2 * 1024 * 1024;
/// Time a client may take to send a body.
const BODY_TIMEOUT: Duration = Duration::from_secs(30);
/// Where error reports go: they pass every station unread, and no refusal is ever sent there.
const ERROR_REPORTS: &str = "/errors";
/// Where probes ask: never refused for their number.
const HEALTH: &str = "/health";

/// Leads a request through the stations and counts it if it was refused.
pub(super) async fn pass(
    State(desk): State<Arc<PokerRest>>,
    request: Request,
    next: Next,
) -> Response {
    let response = match desk.prepare(request).await {
        Ok(request) => next.run(request).await,
        Err(refusal) => refusal.into_response(),
    };
    if let Some(&Refused(code)) = response.extensions().get() {
        desk.gate.metrics.reject(code);
    }
    response
}

impl PokerRest {
    async fn prepare(&self, request: Request) -> Result<Request, Refusal> {
        let path = request.uri().path();
        if path == ERROR_REPORTS && request.method() == Method::POST {
            return Ok(request);
        }
        if !path.starts_with(HEALTH) {
            let peer = request.extensions().get::<Peer>().copied();
            self.count(peer, Kind::Request)?;
        }
        let (mut parts, body) = request.into_parts();
        if is_json(&parts.headers) {
            let payload = read_json(body).await?;
            parts.extensions.insert(payload);
        } else if needs_json(&parts.method) {
            let text = "Content-Type must be application/json";
            return Err(Refusal::Infrastructure(400, text.into()));
        }
        Ok(Request::from_parts(parts, Body::empty()))
    }

    /// Counts a request of an address.
    pub(super) fn count(&self, peer: Option<Peer>, kind: Kind) -> Result<(), Refusal> {
        self.counters.count(peer, kind).map_err(|wait| {
            let event = "rest";
            let metrics = &self.gate.metrics.rate_limited;
            metrics.get_or_create(&EventLabels { event }).inc();
            Refusal::Limited(wait)
        })
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let named = headers.get(CONTENT_TYPE).and_then(|it| it.to_str().ok());
    named.is_some_and(|named| named.to_ascii_lowercase().contains("application/json"))
}

fn needs_json(method: &Method) -> bool {
    matches!(*method, Method::POST | Method::PUT | Method::PATCH)
}

async fn read_json(body: Body) -> Result<Payload, Refusal> {
    let broken = |text: String| Refusal::Infrastructure(400, text.into());
    let bytes = match read(body, MAX_BODY_BYTES).await {
        Read::All(bytes) => bytes,
        Read::TooLarge => {
            let text = "request entity too large";
            return Err(Refusal::Infrastructure(413, text.into()));
        }
        Read::Broken => return Err(broken("request aborted".to_owned())),
    };
    if bytes.is_empty() {
        return Ok(Payload::default());
    }
    let value: Value = serde_json::from_slice(&bytes).map_err(|error| broken(error.to_string()))?;
    if !(value.is_object() || value.is_array()) {
        return Err(broken("expected an object or an array".to_owned()));
    }
    Ok(Payload(Arc::new(value)))
}

/// How reading a body went.
pub(super) enum Read {
    /// It is this.
    All(Vec<u8>),
    /// It is larger than allowed.
    TooLarge,
    /// The client gave up or took too long.
    Broken,
}

/// Reads a body of at most `max` bytes; a larger one is drained as far as is reasonable.
pub(super) async fn read(body: Body, max: usize) -> Read {
    match timeout(BODY_TIMEOUT, collect(body, max)).await {
        Ok(Ok(read)) => read,
        Ok(Err(_)) | Err(_) => Read::Broken,
    }
}

async fn collect(mut body: Body, max: usize) -> Result<Read, axum::Error> {
    let (mut bytes, mut total) = (Vec::new(), 0);
    let expected = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
    bytes.reserve(expected.min(max));
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame?.into_data() else {
            continue;
        };
        total += data.len();
        if total <= max {
            bytes.extend_from_slice(&data);
        } else if total > max.max(MAX_DRAINED_BYTES) {
            break;
        }
    }
    Ok(if total <= max {
        Read::All(bytes)
    } else {
        Read::TooLarge
    })
}
