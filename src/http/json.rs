//! Answers of JSON, always, errors too.

use axum::body::Body;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

/// A status and a JSON text.
#[derive(Debug)]
pub(super) struct Json {
    status: StatusCode,
    body: String,
}

impl Json {
    /// Encodes a body.
    pub(super) fn new(status: u16, body: &impl Serialize) -> Self {
        let body = serde_json::to_string(body).expect("wire objects always encode");
        Self::text(status, body)
    }

    /// A body that is JSON already.
    pub(super) fn text(status: u16, body: String) -> Self {
        Self {
            status: StatusCode::from_u16(status).expect("a status of HTTP"),
            body,
        }
    }
}

impl IntoResponse for Json {
    fn into_response(self) -> Response {
        let mut response = Response::new(Body::from(self.body));
        *response.status_mut() = self.status;
        let json = HeaderValue::from_static("application/json; charset=utf-8");
        response.headers_mut().insert(CONTENT_TYPE, json);
        response
    }
}
