//! Answers in their envelopes: `data` or `error`, never both (2.4, 2.5).

use axum::http::header::RETRY_AFTER;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::{Value, json};

use super::validate::Issue;
use crate::http::json::Json;
use crate::room::SubmitError;
use crate::rules::turns::{Rejection, Status};
use crate::wire::turns::objects::status_name;

/// What was asked for, in its envelope.
pub(super) fn data(status: u16, data: &impl Serialize) -> Json {
    Json::new(status, &json!({ "data": data }))
}

/// What goes wrong, in the contract's words.
#[derive(Debug)]
pub(super) struct Failure {
    status: u16,
    code: &'static str,
    message: String,
    details: Option<Value>,
    retry: Option<Retry>,
}

/// When somebody over a limit may ask again.
#[derive(Clone, Copy, Debug)]
pub(super) struct Retry {
    /// Seconds to the end of the window, at least 1.
    pub(super) after_secs: u64,
    /// What the body says, whatever is left of the window.
    pub(super) stated_secs: u64,
}

impl Failure {
    fn new(status: u16, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            code,
            message: message.into(),
            details: None,
            retry: None,
        }
    }

    pub(super) fn not_found(message: &str) -> Self {
        Self::new(404, "NOT_FOUND", message)
    }

    pub(super) fn invalid(message: impl Into<String>) -> Self {
        Self::new(400, "VALIDATION_ERROR", message)
    }

    pub(super) fn issues(issues: &[Issue]) -> Self {
        let details = serde_json::to_value(issues).expect("issues encode");
        Self {
            details: Some(details),
            ..Self::invalid("Request validation failed")
        }
    }

    pub(super) fn too_large() -> Self {
        Self::new(413, "PAYLOAD_TOO_LARGE", "Request body too large")
    }

    pub(super) fn unsupported_charset() -> Self {
        Self::new(415, "UNSUPPORTED_MEDIA_TYPE", "Unsupported charset")
    }

    pub(super) fn over_limit(message: &str, retry: Retry) -> Self {
        Self {
            retry: Some(retry),
            ..Self::new(429, "RATE_LIMIT_EXCEEDED", message)
        }
    }

    /// Why `verb` was refused for the clock of this id.
    pub(super) fn of(error: &SubmitError<Rejection>, id: &str, verb: Verb) -> Self {
        match error {
            SubmitError::Rejected(Rejection::Unknown) | SubmitError::UnknownSession => {
                Self::unknown(id)
            }
            SubmitError::Rejected(Rejection::WrongStatus(status)) => {
                Self::new(400, "INVALID_STATE_TRANSITION", verb.refusal(id, *status))
            }
            SubmitError::Rejected(Rejection::ParticipantUnknown) => {
                Self::invalid("Participant not found in session")
            }
            SubmitError::Rejected(Rejection::Outdated { expected, actual }) => Self {
                details: Some(json!({ "expected_version": expected, "actual_version": actual })),
                ..Self::new(
                    409,
                    "CONFLICT",
                    "Concurrent modification detected, please retry",
                )
            },
            SubmitError::Busy | SubmitError::Store(_) => {
                Self::new(500, "INTERNAL_ERROR", "Internal server error")
            }
        }
    }

    pub(super) fn unknown(id: &str) -> Self {
        let message = format!("Session {id} not found");
        Self::new(404, "SESSION_NOT_FOUND", message)
    }

    pub(super) fn unknown_participant(id: &str) -> Self {
        Self::invalid(format!("Participant {id} not found in session"))
    }
}

/// What was to be done with a clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verb {
    Start,
    Switch,
    Pause,
    Resume,
    Other,
}

impl Verb {
    fn refusal(self, id: &str, status: Status) -> String {
        let cannot = match self {
            Self::Start => "cannot be started",
            Self::Pause => "cannot be paused",
            Self::Resume => "cannot be resumed",
            Self::Switch | Self::Other => "not running",
        };
        let status = status_name(status);
        format!("Session {id} {cannot} (current status: {status})")
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let mut error = json!({ "code": self.code, "message": self.message });
        if let Some(details) = self.details {
            error["details"] = details;
        }
        if let Some(retry) = self.retry {
            error["retry_after_seconds"] = retry.stated_secs.into();
        }
        let mut response = Json::new(self.status, &json!({ "error": error })).into_response();
        if let Some(retry) = self.retry {
            response
                .headers_mut()
                .insert(RETRY_AFTER, retry.after_secs.into());
        }
        response
    }
}
