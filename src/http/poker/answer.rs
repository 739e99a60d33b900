//! The envelopes of the dialect: successes, refusals, and failures of the infrastructure.

use std::borrow::Cow;

use axum::http::StatusCode;
use axum::http::header::{CONTENT_TYPE, RETRY_AFTER};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use crate::room::SubmitError;
use crate::rules::poker::Rejection;
use crate::wire::limits::RetryAfter;
use crate::wire::poker::failure::Failure;
use crate::wire::poker::validate::Issues;

const JSON: &str = "application/json; charset=utf-8";

/// A success, already encoded: what it says is read inside the room's task.
#[derive(Debug)]
pub(super) struct Answer {
    status: StatusCode,
    body: Vec<u8>,
}

#[derive(Serialize)]
struct Success<'a, T> {
    success: bool,
    data: &'a T,
}

#[derive(Serialize, ToSchema)]
pub(super) struct Message {
    message: &'static str,
}

impl Answer {
    /// 200 with this `data`.
    pub(super) fn ok(data: &impl Serialize) -> Self {
        Self::of(StatusCode::OK, data)
    }

    /// 201 with this `data`.
    pub(super) fn created(data: &impl Serialize) -> Self {
        Self::of(StatusCode::CREATED, data)
    }

    /// 200 with a text only.
    pub(super) fn message(message: &'static str) -> Self {
        Self::ok(&Message { message })
    }

    fn of(status: StatusCode, data: &impl Serialize) -> Self {
        let success = true;
        let body = encode(&Success { success, data });
        Self { status, body }
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        (self.status, [(CONTENT_TYPE, JSON)], self.body).into_response()
    }
}

/// Why a request was not served.
#[derive(Debug)]
pub(super) enum Refusal {
    /// The rules or the dialect refuse it.
    Refused(Failure),
    /// The body or the path breaks the contract.
    Invalid(Issues),
    /// The address asks for too much.
    Limited(RetryAfter),
    /// Something under the dialect: its envelope is another one.
    Infrastructure(u16, Cow<'static, str>),
}

/// The stable code of a refusal, for whoever counts; a response extension.
#[derive(Clone, Copy, Debug)]
pub(super) struct Refused(pub(super) &'static str);

#[derive(Serialize)]
struct Failed<'a> {
    success: bool,
    error: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    details: Option<&'a Issues>,
}

#[derive(Serialize)]
struct Broken<'a> {
    status: &'static str,
    message: &'a str,
}

impl Refusal {
    /// A refusal of the dialect's own.
    pub(super) const fn new(status: u16, text: &'static str, code: &'static str) -> Self {
        Self::Refused(Failure { status, text, code })
    }

    /// 403 with this text.
    pub(super) const fn forbidden(text: &'static str) -> Self {
        Self::new(403, text, "FORBIDDEN")
    }

    /// 401 with this text; only for dead credentials, because clients start over on it.
    pub(super) const fn unauthorized(text: &'static str) -> Self {
        Self::new(401, text, "UNAUTHORIZED")
    }

    /// The refusal of a command; `text` if the store failed.
    pub(super) fn of(error: &SubmitError<Rejection>, text: &'static str) -> Self {
        let failure = Failure::from(error);
        Self::Refused(match error {
            SubmitError::Store(_) => Failure { text, ..failure },
            _ => failure,
        })
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Refused(failure) => failure.code,
            Self::Invalid(_) => "INVALID_PAYLOAD",
            Self::Limited(_) => "RATE_LIMITED",
            Self::Infrastructure(404, _) => "NOT_FOUND",
            Self::Infrastructure(500.., _) => "INTERNAL",
            Self::Infrastructure(..) => "BAD_REQUEST",
        }
    }

    fn status(&self) -> StatusCode {
        let status = match self {
            Self::Refused(failure) => failure.status,
            Self::Invalid(_) => 400,
            Self::Limited(_) => 429,
            Self::Infrastructure(status, _) => *status,
        };
        StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    fn body(&self) -> Vec<u8> {
        let failed = |error, details| {
            let success = false;
            encode(&Failed {
                success,
                error,
                details,
            })
        };
        match self {
            Self::Refused(failure) => failed(failure.text, None),
            Self::Invalid(issues) => failed("Validation failed", Some(issues)),
            Self::Limited(_) => failed("Too many requests", None),
            Self::Infrastructure(_, message) => encode(&Broken {
                status: "error",
                message,
            }),
        }
    }
}

impl From<Issues> for Refusal {
    fn from(issues: Issues) -> Self {
        Self::Invalid(issues)
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let json = [(CONTENT_TYPE, JSON)];
        let mut response = (self.status(), json, self.body()).into_response();
        if let Self::Limited(wait) = self {
            let seconds = wait.as_secs().into();
            response.headers_mut().insert(RETRY_AFTER, seconds);
        }
        response.extensions_mut().insert(Refused(self.code()));
        response
    }
}

fn encode(body: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(body).expect("wire objects always encode")
}
