//! Answers in their envelopes: `data` or `error`, never both (2.4, 2.5).

use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::json;

use crate::http::json::Json;
use crate::wire::turns::failure::{Code, Failure};
use crate::wire::turns::limits::Standing;

/// What was asked for, in its envelope.
pub(super) fn data(status: u16, data: &impl Serialize) -> Json {
    Json::new(status, &json!({ "data": data }))
}

const fn status_of(code: Code) -> u16 {
    match code {
        Code::Validation | Code::WrongState => 400,
        Code::UnknownSession | Code::NotFound => 404,
        Code::Conflict => 409,
        Code::TooLarge => 413,
        Code::UnsupportedMediaType => 415,
        Code::RateLimit | Code::TooManySessions => 429,
        Code::Unreadable | Code::Internal => 500,
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let mut error = json!({ "code": self.code.name(), "message": self.message });
        if let Some(details) = self.details {
            error["details"] = details;
        }
        if let Some(retry) = self.retry {
            error["retry_after_seconds"] = retry.window.as_secs().into();
        }
        let status = status_of(self.code);
        let mut response = Json::new(status, &json!({ "error": error })).into_response();
        if let Some(retry) = self.retry {
            response
                .headers_mut()
                .insert(RETRY_AFTER, retry.after.as_secs().into());
        }
        response
    }
}

/// Tells the caller where he stands.
pub(super) fn describe(standing: &Standing, headers: &mut HeaderMap) {
    let remaining = standing.limit.saturating_sub(standing.usage.count);
    let policy = format!("{};w={}", standing.limit, standing.window.as_secs());
    let reset = standing.usage.ends_in.as_secs().to_string();
    for (name, value) in [
        ("ratelimit-policy", policy),
        ("ratelimit-limit", standing.limit.to_string()),
        ("ratelimit-remaining", remaining.to_string()),
        ("ratelimit-reset", reset),
    ] {
        let value = HeaderValue::try_from(value).expect("digits make a header");
        headers.insert(HeaderName::from_static(name), value);
    }
}
