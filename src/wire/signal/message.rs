//! The messages of a client, read but not believed.

use serde_json::{Map, Value};

use super::text::{MAX_NAME, MAX_TITLE, chosen_id, cut};

/// What a client wants.
#[derive(Clone, Debug, PartialEq)]
pub enum Message {
    /// To be in a session.
    Join(Join),
    /// To be in none.
    Leave,
    /// To know whether the server is there.
    Heartbeat,
    /// Something of its session.
    Event(Box<Wish>),
    /// Something that only the server tells, or nobody knows.
    Nothing,
}

/// Who wants to be in which session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Join {
    /// As it was typed.
    pub session_id: String,
    /// The id by which he is known again.
    pub user_id: String,
    /// What he is called.
    pub name: String,
}

/// What a joined client wants.
#[derive(Clone, Debug, PartialEq)]
#[expect(missing_docs, reason = "the variants are the events of the contract")]
pub enum Wish {
    /// To put a card; `None` of what cannot be one.
    Vote {
        player_id: Option<String>,
        value: Option<String>,
    },
    /// To start a round; `None` for a topic that is no text.
    Start(Option<Topic>),
    Reveal,
    CountDown,
    Settings(Map<String, Value>),
    Emoji {
        from: Option<String>,
        to: Option<String>,
        emoji: Option<String>,
    },
    /// To leave, if this is his own id.
    Leave(Option<String>),
    /// Nothing that can be read.
    Malformed,
}

impl Message {
    /// Its name for those who count.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Join(_) => "join",
            Self::Leave => "leave",
            Self::Heartbeat => "heartbeat",
            Self::Nothing => "other",
            Self::Event(wish) => match &**wish {
                Wish::Vote { .. } => "VOTE_SUBMITTED",
                Wish::Start(_) => "VOTING_STARTED",
                Wish::Reveal => "VOTES_REVEALED",
                Wish::CountDown => "COUNTDOWN_STARTED",
                Wish::Settings(_) => "SETTINGS_UPDATED",
                Wish::Emoji { .. } => "EMOJI_SENT",
                Wish::Leave(_) => "PLAYER_LEFT",
                Wish::Malformed => "malformed",
            },
        }
    }
}

/// What a round is about, if anything.
pub type Topic = Option<String>;

/// What cannot be read; the only things that are ever answered with an `error` (1.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// No JSON, or `null`.
    #[error("Invalid message format")]
    Format,
    /// No `type` that is known.
    #[error("Unknown message type")]
    Type,
    /// A `join` without what it needs.
    #[error("Missing required fields for join")]
    Join,
}

/// Reads a frame.
///
/// # Errors
/// [`Unreadable`] with the contract's text.
pub fn read(frame: &[u8]) -> Result<Message, Unreadable> {
    let value: Value = serde_json::from_slice(frame).map_err(|_| Unreadable::Format)?;
    if value.is_null() {
        return Err(Unreadable::Format);
    }
    match value.get("type").and_then(Value::as_str) {
        Some("join") => join(&value).map(Message::Join).ok_or(Unreadable::Join),
        Some("leave") => Ok(Message::Leave),
        Some("heartbeat") => Ok(Message::Heartbeat),
        Some("sync_event") => Ok(event(&value)),
        _ => Err(Unreadable::Type),
    }
}

fn join(message: &Value) -> Option<Join> {
    Some(Join {
        session_id: text(message, "sessionId").filter(|it| !it.is_empty())?,
        user_id: chosen_id(message.get("userId")?.as_str()?)?.to_owned(),
        name: cut(message.get("userName")?.as_str()?, MAX_NAME)?,
    })
}

fn event(message: &Value) -> Message {
    let Some(event) = message.get("event") else {
        return Message::Nothing;
    };
    let payload = event.get("payload").filter(|payload| !payload.is_null());
    let kind = event.get("type").and_then(Value::as_str);
    let needed = payload.ok_or(Wish::Malformed);
    let wish = match kind.unwrap_or_default() {
        "VOTE_SUBMITTED" => needed.map(vote),
        "VOTING_STARTED" => needed.map(|payload| Wish::Start(topic(payload))),
        "SETTINGS_UPDATED" => needed.map(settings),
        "PLAYER_LEFT" => needed.map(|payload| Wish::Leave(text(payload, "playerId"))),
        "VOTES_REVEALED" => Ok(Wish::Reveal),
        "COUNTDOWN_STARTED" => Ok(Wish::CountDown),
        "EMOJI_SENT" => Ok(emoji(payload.unwrap_or(&Value::Null))),
        _ => return Message::Nothing,
    };
    Message::Event(Box::new(wish.unwrap_or_else(|malformed| malformed)))
}

fn vote(payload: &Value) -> Wish {
    Wish::Vote {
        player_id: text(payload, "playerId"),
        value: payload.get("vote").and_then(card),
    }
}

/// A card as the rules know it: a number in its shortest form, or a text.
fn card(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => {
            let number = number.as_f64()?;
            // JavaScript has one zero on its cards.
            Some((if number == 0.0 { 0.0 } else { number }).to_string())
        }
        _ => None,
    }
}

/// What a round shall be about; `None` if that is no text.
fn topic(payload: &Value) -> Option<Topic> {
    match payload.get("issueName") {
        None | Some(Value::Null) => Some(None),
        Some(Value::String(text)) => Some(cut(text, MAX_TITLE)),
        Some(_) => None,
    }
}

fn settings(payload: &Value) -> Wish {
    Wish::Settings(payload.as_object().cloned().unwrap_or_default())
}

fn emoji(payload: &Value) -> Wish {
    Wish::Emoji {
        from: text(payload, "fromPlayerId"),
        to: text(payload, "toPlayerId"),
        emoji: text(payload, "emoji"),
    }
}

fn text(object: &Value, key: &str) -> Option<String> {
    object.get(key).and_then(Value::as_str).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wish(event: &str) -> Wish {
        let frame = format!(r#"{{"type":"sync_event","event":{event}}}"#);
        match read(frame.as_bytes()) {
            Ok(Message::Event(wish)) => *wish,
            other => panic!("{event} is no wish but {other:?}"),
        }
    }

    #[test]
    fn what_is_no_message_is_told_apart() {
        for frame in ["", "{", "null", "\u{0}", "\"x"] {
            assert_eq!(read(frame.as_bytes()), Err(Unreadable::Format), "{frame}");
        }
        for frame in [
            "{}",
            "[]",
            "5",
            "\"x\"",
            "true",
            r#"{"type":"dance"}"#,
            r#"{"type":1}"#,
        ] {
            assert_eq!(read(frame.as_bytes()), Err(Unreadable::Type), "{frame}");
        }
        let nested = "[".repeat(10_000);
        assert_eq!(read(nested.as_bytes()), Err(Unreadable::Format));
    }

    #[test]
    fn a_join_needs_three_texts() {
        let whole = r#"{"type":"join","sessionId":"s","userId":"u","userName":" Bob "}"#;
        let Ok(Message::Join(join)) = read(whole.as_bytes()) else {
            panic!("this is a join");
        };
        assert_eq!((join.user_id.as_str(), join.name.as_str()), ("u", "Bob"));
        for (field, value) in [
            ("sessionId", "\"\""),
            ("userId", "7"),
            ("userName", "\" \""),
        ] {
            let mut lacking: Value = serde_json::from_str(whole).expect("JSON");
            lacking[field] = serde_json::from_str(value).expect("JSON");
            let read = read(lacking.to_string().as_bytes());
            assert_eq!(read, Err(Unreadable::Join), "{field} = {value}");
        }
    }

    #[test]
    fn cards_are_numbers_in_their_shortest_form_or_texts() {
        for (vote, card) in [
            ("3", Some("3")),
            ("3.0", Some("3")),
            ("0", Some("0")),
            ("-0.0", Some("0")),
            ("0.5", Some("0.5")),
            ("\"?\"", Some("?")),
            ("true", None),
            ("{}", None),
            ("[3]", None),
            ("null", None),
        ] {
            let event = format!(
                r#"{{"type":"VOTE_SUBMITTED","payload":{{"playerId":"u","vote":{vote}}}}}"#
            );
            let value = card.map(str::to_owned);
            let player_id = Some("u".to_owned());
            assert_eq!(wish(&event), Wish::Vote { player_id, value }, "{vote}");
        }
    }

    #[test]
    fn only_what_clients_may_send_is_a_wish() {
        for kind in [
            "SESSION_UPDATED",
            "PLAYER_JOINED",
            "PLAYER_DISCONNECTED",
            "",
            "X",
        ] {
            let frame = format!(r#"{{"type":"sync_event","event":{{"type":"{kind}"}}}}"#);
            assert_eq!(read(frame.as_bytes()), Ok(Message::Nothing), "{kind}");
        }
        for frame in [
            r#"{"type":"sync_event"}"#,
            r#"{"type":"sync_event","event":7}"#,
        ] {
            assert_eq!(read(frame.as_bytes()), Ok(Message::Nothing), "{frame}");
        }
    }

    #[test]
    fn events_without_the_payload_they_need_are_malformed() {
        for kind in [
            "VOTE_SUBMITTED",
            "VOTING_STARTED",
            "SETTINGS_UPDATED",
            "PLAYER_LEFT",
        ] {
            assert_eq!(wish(&format!(r#"{{"type":"{kind}"}}"#)), Wish::Malformed);
            let null = format!(r#"{{"type":"{kind}","payload":null}}"#);
            assert_eq!(wish(&null), Wish::Malformed);
        }
        assert_eq!(wish(r#"{"type":"VOTES_REVEALED"}"#), Wish::Reveal);
    }
}
