//! What goes wrong, in the contract's words (2.5), the same over REST and Socket.IO.

use std::time::Duration;

use serde_json::{Value, json};

use super::objects::status_name;
use super::validate::Issue;
use crate::room::SubmitError;
use crate::rules::turns::{Rejection, Status};
use crate::store::StoreError;
use crate::wire::limits::RetryAfter;

/// Why something was not done.
#[derive(Clone, Debug, PartialEq)]
pub struct Failure {
    /// What kind of failure it is.
    pub code: Code,
    /// The contract's text.
    pub message: String,
    /// More of it: a list of issues, or an object.
    pub details: Option<Value>,
    /// When somebody over a limit may ask again.
    pub retry: Option<Retry>,
}

/// The kinds of failures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the variants are the contract's codes")]
pub enum Code {
    Validation,
    WrongState,
    UnknownSession,
    NotFound,
    Conflict,
    TooLarge,
    UnsupportedMediaType,
    RateLimit,
    TooManySessions,
    Unreadable,
    Internal,
}

impl Code {
    /// The code on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Validation => "VALIDATION_ERROR",
            Self::WrongState => "INVALID_STATE_TRANSITION",
            Self::UnknownSession => "SESSION_NOT_FOUND",
            Self::NotFound => "NOT_FOUND",
            Self::Conflict => "CONFLICT",
            Self::TooLarge => "PAYLOAD_TOO_LARGE",
            Self::UnsupportedMediaType => "UNSUPPORTED_MEDIA_TYPE",
            Self::RateLimit => "RATE_LIMIT_EXCEEDED",
            Self::TooManySessions => "TOO_MANY_SESSIONS",
            Self::Unreadable => "STATE_DESERIALIZATION_ERROR",
            Self::Internal => "INTERNAL_ERROR",
        }
    }
}

/// When somebody over a limit may ask again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retry {
    /// The rest of the window.
    pub after: RetryAfter,
    /// The whole window, which is what the contract has the body say.
    pub window: Duration,
}

impl Failure {
    /// A failure without details.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            details: None,
            retry: None,
        }
    }

    /// What was sent is not what can be read.
    pub fn invalid(message: impl Into<String>) -> Self {
        Self::new(Code::Validation, message)
    }

    /// What was sent breaks these rules.
    #[must_use]
    pub fn issues(issues: &[Issue]) -> Self {
        let details = serde_json::to_value(issues).expect("issues encode");
        Self {
            details: Some(details),
            ..Self::invalid("Request validation failed")
        }
    }

    /// Somebody asks too often.
    #[must_use]
    pub fn over_limit(message: &str, retry: Retry) -> Self {
        Self {
            retry: Some(retry),
            ..Self::new(Code::RateLimit, message)
        }
    }

    /// There is no clock of this id.
    #[must_use]
    pub fn unknown(id: &str) -> Self {
        Self::new(Code::UnknownSession, format!("Session {id} not found"))
    }

    /// Nobody of this id takes turns.
    #[must_use]
    pub fn unknown_participant(id: &str) -> Self {
        Self::invalid(format!("Participant {id} not found in session"))
    }

    /// Why `verb` was refused for the clock of this id.
    #[must_use]
    pub fn of(error: &SubmitError<Rejection>, id: &str, verb: Verb) -> Self {
        match error {
            SubmitError::Rejected(Rejection::Unknown) | SubmitError::UnknownSession => {
                Self::unknown(id)
            }
            SubmitError::Rejected(Rejection::WrongStatus(status)) => {
                Self::new(Code::WrongState, verb.refusal(id, *status))
            }
            SubmitError::Rejected(Rejection::ParticipantUnknown) => {
                Self::invalid("Participant not found in session")
            }
            SubmitError::Rejected(Rejection::Outdated { expected, actual }) => {
                let versions = json!({ "expected_version": expected, "actual_version": actual });
                Self::conflict().with(versions)
            }
            SubmitError::Contended => Self::conflict(),
            SubmitError::Store(error) if matches!(**error, StoreError::Damaged { .. }) => {
                let message = "Failed to deserialize session state";
                Self::new(Code::Unreadable, message).with(json!({ "session_id": id }))
            }
            SubmitError::Busy | SubmitError::Store(_) => {
                Self::new(Code::Internal, "Internal server error")
            }
        }
    }

    fn conflict() -> Self {
        let message = "Concurrent modification detected, please retry";
        Self::new(Code::Conflict, message)
    }

    fn with(self, details: Value) -> Self {
        Self {
            details: Some(details),
            ..self
        }
    }
}

/// What was to be done with a clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the variants are the contract's verbs")]
pub enum Verb {
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
