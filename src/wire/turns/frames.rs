//! The messages of the server to viewers (1.2): exactly these fields.

use axum::extract::ws::Utf8Bytes;
use serde::Serialize;
use serde_json::json;
use serde_json::value::RawValue;

use super::objects::StateObject;
use crate::rules::Timestamp;
use crate::rules::turns::Clock;

/// On what occasion a viewer is shown the state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Occasion {
    /// It has changed.
    Update,
    /// He has asked for it.
    Sync,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct State<'a, S> {
    r#type: &'static str,
    session_id: &'a str,
    timestamp: Timestamp,
    state: S,
}

/// The first frame of every viewer.
#[must_use]
pub fn connected(id: &str, at: Timestamp) -> Utf8Bytes {
    encode(&json!({ "type": "CONNECTED", "sessionId": id, "timestamp": at }))
}

/// The whole state.
#[must_use]
pub fn state(occasion: Occasion, clock: &Clock, at: Timestamp) -> Utf8Bytes {
    encode(&State {
        r#type: match occasion {
            Occasion::Update => "STATE_UPDATE",
            Occasion::Sync => "STATE_SYNC",
        },
        session_id: &clock.plan.id,
        timestamp: at,
        state: StateObject::from(clock),
    })
}

/// The whole state, as a server of another make has published it.
#[must_use]
pub fn foreign_state(id: &str, state: &RawValue, at: Timestamp) -> Utf8Bytes {
    encode(&State {
        r#type: "STATE_UPDATE",
        session_id: id,
        timestamp: at,
        state,
    })
}

/// The clock is gone; the connection goes, too.
#[must_use]
pub fn deleted(id: &str, at: Timestamp) -> Utf8Bytes {
    encode(&json!({ "type": "SESSION_DELETED", "sessionId": id, "timestamp": at }))
}

/// The answer to `PING`.
#[must_use]
pub fn pong(at: Timestamp) -> Utf8Bytes {
    encode(&json!({ "type": "PONG", "timestamp": at }))
}

/// The answer to a request that cannot be met.
#[must_use]
pub fn error(code: &str, message: &str) -> Utf8Bytes {
    encode(&json!({ "type": "ERROR", "code": code, "message": message }))
}

fn encode(message: &impl Serialize) -> Utf8Bytes {
    let text = serde_json::to_string(message);
    text.expect("wire objects always encode").into()
}
