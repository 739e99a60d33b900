//! What servers and programs of another make publish about clocks.

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;
use thiserror::Error;

use super::{MESSAGES_PREFIX, ORIGIN};
use crate::rules::SessionId;
use crate::wire::turns::log_of;

/// News of one clock.
#[derive(Debug)]
pub struct News {
    /// The id in the publisher's spelling.
    pub id: String,
    /// Where the viewers of that id are.
    pub log: SessionId,
    /// What is new.
    pub what: What,
}

/// What is new of a clock.
#[derive(Debug)]
pub enum What {
    /// Its state, an object.
    State(Box<RawValue>),
    /// It is gone.
    Deleted,
    /// Something is to be passed to its viewers as it is, an object.
    Message(Box<RawValue>),
}

/// Why what was published cannot be read.
#[derive(Debug, Error)]
pub(super) enum Malformed {
    #[error("it is not the JSON that is expected")]
    Json(#[from] serde_json::Error),
    #[error("there is no object in it")]
    NoObject,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Update<'a> {
    session_id: String,
    #[serde(borrow)]
    state: Option<&'a RawValue>,
    deleted: Option<Value>,
    origin: Option<Value>,
}

#[derive(Deserialize)]
struct Envelope {
    message: Box<RawValue>,
}

impl News {
    /// Reads what was published on a channel; `None` if that was by a server of this make.
    pub(super) fn read(channel: &str, payload: &[u8]) -> Result<Option<Self>, Malformed> {
        if let Some(id) = channel.strip_prefix(MESSAGES_PREFIX) {
            let Envelope { message } = serde_json::from_slice(payload)?;
            let what = What::Message(object(message)?);
            return Ok(Some(Self::of(id.to_owned(), what)));
        }
        let update: Update<'_> = serde_json::from_slice(payload)?;
        if update.origin.is_some_and(|origin| origin == ORIGIN) {
            return Ok(None);
        }
        let what = if update.deleted == Some(Value::Bool(true)) {
            What::Deleted
        } else {
            What::State(state(update.state.ok_or(Malformed::NoObject)?)?)
        };
        Ok(Some(Self::of(update.session_id, what)))
    }

    fn of(id: String, what: What) -> Self {
        let log = log_of(&id);
        Self { id, log, what }
    }
}

/// A state is an object, or a text that contains one.
fn state(published: &RawValue) -> Result<Box<RawValue>, Malformed> {
    if !published.get().starts_with('"') {
        return object(published.to_owned());
    }
    let text: String = serde_json::from_str(published.get())?;
    object(serde_json::from_str(&text)?)
}

fn object(value: Box<RawValue>) -> Result<Box<RawValue>, Malformed> {
    if value.get().starts_with('{') {
        Ok(value)
    } else {
        Err(Malformed::NoObject)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "7b1c9a52-3f0e-4a77-9d55-0c6a8e2f4b10";

    fn read(channel: &str, payload: &str) -> Option<(String, String)> {
        let news = News::read(channel, payload.as_bytes()).ok()??;
        assert_eq!(news.log, log_of(&news.id));
        let what = match news.what {
            What::State(state) => format!("state {}", state.get()),
            What::Deleted => "deleted".to_owned(),
            What::Message(message) => format!("message {}", message.get()),
        };
        Some((news.id, what))
    }

    fn update(payload: &str) -> Option<String> {
        let (id, what) = read("session-updates", payload)?;
        assert_eq!(id, "a");
        Some(what)
    }

    #[test]
    fn a_state_is_read_from_a_text_or_an_object_and_kept_as_it_is() {
        for payload in [
            r#"{"sessionId":"a","state":"{\"z\":1,\"a\":[ 2.50 ]}","timestamp":1}"#,
            r#"{"timestamp":"x","more":0,"state": {"z":1,"a":[ 2.50 ]},"sessionId":"a"}"#,
            r#"{"sessionId":"a","deleted":false,"state":" {\"z\":1,\"a\":[ 2.50 ]} "}"#,
        ] {
            let state = update(payload);
            assert_eq!(state.as_deref(), Some(r#"state {"z":1,"a":[ 2.50 ]}"#));
        }
    }

    #[test]
    fn a_deletion_needs_no_state() {
        for payload in [
            r#"{"sessionId":"a","deleted":true,"timestamp":1}"#,
            r#"{"sessionId":"a","deleted":true,"state":"x"}"#,
        ] {
            assert_eq!(update(payload).as_deref(), Some("deleted"));
        }
    }

    #[test]
    fn what_bears_the_mark_is_no_news() {
        let ours = br#"{"sessionId":"a","state":"{}","origin":"roundtable"}"#;
        assert!(matches!(News::read("session-updates", ours), Ok(None)));
        let theirs = r#"{"sessionId":"a","state":"{}","origin":"elsewhere"}"#;
        assert_eq!(update(theirs).as_deref(), Some("state {}"));
    }

    #[test]
    fn a_message_is_kept_as_it_is_for_the_id_of_its_channel() {
        let payload = r#"{"sessionId":"b","message":{"type": "X","n":1.0}}"#;
        let (id, what) = read(&format!("ws:{ID}"), payload).unwrap();
        assert_eq!(
            (id.as_str(), what.as_str()),
            (ID, r#"message {"type": "X","n":1.0}"#)
        );
    }

    #[test]
    fn what_is_malformed_is_refused() {
        for payload in [
            "",
            "x",
            "null",
            "[]",
            "1",
            r#""a""#,
            "{}",
            "\u{7f}\0",
            r#"{"state":"{}"}"#,
            r#"{"sessionId":1,"state":"{}"}"#,
            r#"{"sessionId":"a"}"#,
            r#"{"sessionId":"a","state":null}"#,
            r#"{"sessionId":"a","state":"x"}"#,
            r#"{"sessionId":"a","state":"[]"}"#,
            r#"{"sessionId":"a","state":"\"{}\""}"#,
            r#"{"sessionId":"a","state":1}"#,
            r#"{"sessionId":"a","deleted":"true"}"#,
        ] {
            let read = News::read("session-updates", payload.as_bytes());
            assert!(read.is_err(), "{payload}");
        }
        for payload in [
            "",
            "x",
            "{}",
            r#"{"message":1}"#,
            r#"{"message":"{}"}"#,
            r#"{"message":null}"#,
        ] {
            assert!(News::read("ws:a", payload.as_bytes()).is_err(), "{payload}");
        }
        assert!(News::read("session-updates", b"\xff{").is_err());
    }
}
