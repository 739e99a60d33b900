//! Counts requests by route and shows what was counted (2.8).

use std::sync::Arc;
use std::time::Instant;

use axum::extract::{MatchedPath, Request, State};
use axum::http::HeaderValue;
use axum::http::header::CONTENT_TYPE;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::TurnsRest;

/// The content type of the text exposition; the encoder's dialect of it is understood as that, too.
const METRICS_TYPE: HeaderValue =
    HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
/// What all requests are called that match no route.
const UNMATCHED: &str = "unmatched";

/// Counts a request when it is answered.
pub(super) async fn measure(
    State(desk): State<Arc<TurnsRest>>,
    request: Request,
    next: Next,
) -> Response {
    let began = Instant::now();
    let method = request.method().clone();
    let path = request.extensions().get::<MatchedPath>();
    let route = path.map_or(UNMATCHED.to_owned(), |path| pattern(path.as_str()));
    let response = next.run(request).await;
    let asked = (method.as_str(), route.as_str());
    let status = response.status().as_u16();
    desk.turns.meters.count(asked, status, began.elapsed());
    response
}

/// A route as the contract writes it, wherever it is mounted.
fn pattern(path: &str) -> String {
    let path = path.strip_prefix("/sync").unwrap_or(path);
    if path.contains("{*") {
        return UNMATCHED.to_owned();
    }
    path.replace("{session}", ":id")
}

/// `GET /metrics`
pub(super) async fn show(State(desk): State<Arc<TurnsRest>>) -> Response {
    let text = desk.turns.meters.render();
    ([(CONTENT_TYPE, METRICS_TYPE)], text).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn routes_are_counted_by_their_pattern() {
        for (path, route) in [
            ("/v1/sessions/{session}/switch", "/v1/sessions/:id/switch"),
            ("/sync/v1/time", "/v1/time"),
            ("/health", "/health"),
            ("/v1/{*path}", UNMATCHED),
        ] {
            assert_eq!(pattern(path), route);
        }
    }
}
