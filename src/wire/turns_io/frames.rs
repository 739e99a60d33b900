//! The events of the server, and its acknowledgements (6).

use std::time::Duration;

use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};
use serde_json::{Value, json};

use crate::rules::Timestamp;
use crate::rules::turns::Clock;
use crate::wire::socketio::Frame;
use crate::wire::turns::failure::Failure;
use crate::wire::turns::objects::{StateObject, SwitchObject, TimeObject};

/// An acknowledgement, encoded where the state is seen.
pub(super) type Answer = Box<RawValue>;

/// Tells a socket that it watches a clock.
pub(super) fn joined(id: &str, at: Timestamp) -> Frame {
    let body = json!({ "sessionId": id, "timestamp": at });
    Frame::new("sync:joined", &body)
}

/// The whole state.
pub(super) fn state(clock: &Clock, at: Timestamp) -> Frame {
    shown(&clock.plan.id, &StateObject::from(clock), at)
}

/// The whole state, as a server of another make has published it.
pub(super) fn foreign_state(id: &str, state: &RawValue, at: Timestamp) -> Frame {
    shown(id, state, at)
}

fn shown<S: Serialize + ?Sized>(id: &str, state: &S, at: Timestamp) -> Frame {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct State<'a, S: ?Sized> {
        session_id: &'a str,
        timestamp: Timestamp,
        state: &'a S,
    }
    let body = State {
        session_id: id,
        timestamp: at,
        state,
    };
    Frame::new("sync:state", &body)
}

/// Something that another program has to say to all who watch a clock.
pub(super) fn message(id: &str, message: &RawValue) -> Frame {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Message<'a> {
        session_id: &'a str,
        message: &'a RawValue,
    }
    let session_id = id;
    Frame::new(
        "sync:message",
        &Message {
            session_id,
            message,
        },
    )
}

/// The clock is gone; nobody watches it any more.
pub(super) fn deleted(id: &str, at: Timestamp) -> Frame {
    let body = json!({ "sessionId": id, "timestamp": at });
    Frame::new("sync:deleted", &body)
}

/// Why an event had no effect, for a client that asked for no acknowledgement.
pub(super) fn error(event: &str, failure: &Failure) -> Frame {
    let mut body = described(failure);
    body["event"] = event.into();
    Frame::new("sync:error", &body)
}

/// How long to wait before such an event is taken again.
pub(super) fn rate_limit(event: &str, wait: Duration) -> Frame {
    let millis = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX).max(1);
    let body = json!({ "event": event, "retryAfterMs": millis });
    Frame::new("rate:limit", &body)
}

/// Why an event had no effect, for a client that asked for an acknowledgement.
pub(super) fn refusal(failure: &Failure) -> Answer {
    let mut body = described(failure);
    body["ok"] = false.into();
    encode(&body)
}

fn described(failure: &Failure) -> Value {
    let mut body = json!({ "error": failure.message, "code": failure.code.name() });
    if let Some(details) = &failure.details {
        body["details"] = details.clone();
    }
    body
}

/// It is done.
pub(super) fn done() -> Answer {
    encode(&json!({ "ok": true }))
}

/// It is done; this is the state.
pub(super) fn with_state(clock: &Clock) -> Answer {
    #[derive(Serialize)]
    struct Done<'a> {
        ok: bool,
        state: StateObject<'a>,
    }
    let state = clock.into();
    encode(&Done { ok: true, state })
}

/// The state at this moment.
pub(super) fn with_present_state(clock: &Clock, at: Timestamp) -> Answer {
    #[derive(Serialize)]
    struct Present<'a> {
        ok: bool,
        state: StateObject<'a>,
        timestamp: Timestamp,
    }
    encode(&Present {
        ok: true,
        state: clock.into(),
        timestamp: at,
    })
}

/// The socket watches the clock; this is the state, if there is a clock.
pub(super) fn watching(id: &str, clock: Option<&Clock>, at: Timestamp) -> Answer {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Watching<'a> {
        ok: bool,
        session_id: &'a str,
        timestamp: Timestamp,
        state: Option<StateObject<'a>>,
    }
    encode(&Watching {
        ok: true,
        session_id: id,
        timestamp: at,
        state: clock.map(StateObject::from),
    })
}

/// The turn is over.
pub(super) fn switched(clock: &Clock) -> Answer {
    #[derive(Serialize)]
    struct Switched<'a> {
        ok: bool,
        version: u64,
        result: SwitchObject<'a>,
    }
    encode(&Switched {
        ok: true,
        version: clock.version,
        result: SwitchObject::of(clock),
    })
}

/// What the server says of its time.
pub(super) fn time(at: Timestamp) -> Answer {
    let time = TimeObject::at(at);
    encode(&json!({
        "ok": true,
        "timestampMs": time.timestamp_ms,
        "serverVersion": time.server_version,
        "driftToleranceMs": time.drift_tolerance_ms,
    }))
}

fn encode(answer: &impl Serialize) -> Answer {
    to_raw_value(answer).expect("wire objects always encode")
}
