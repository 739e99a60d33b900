use serde_json::{Value, json};
use uuid::Uuid;

use super::*;
use crate::rules::turns::command::{Mode, PlannedParticipant};
use crate::rules::turns::{Command, Plan, Policy};
use crate::rules::{Actor, Context, Machine};

const ID: &str = "7B1C9A52-3f0e-4a77-9d55-0c6a8e2f4b10";
const AT: Timestamp = Timestamp::from_millis(1_795_203_000_000);

/// What others see of these commands, one after the other.
fn echoes(commands: impl IntoIterator<Item = Command>) -> Vec<Echo> {
    let (mut state, policy) = (Turns::default(), Policy::default());
    let bridge = TurnsBridge::new(policy.life);
    let cx = Context {
        now: AT,
        actor: Actor::System,
        fresh: Uuid::nil(),
        policy: &policy,
    };
    let mut echoes = Vec::new();
    for command in commands {
        for event in state.decide(&cx, command).unwrap() {
            state.evolve(AT, &event);
            echoes.extend(bridge.echoes(AT, &event, &state));
        }
    }
    echoes
}

fn create() -> Command {
    Command::Create(Box::new(Plan {
        id: ID.into(),
        mode: Mode::Global,
        participants: vec![PlannedParticipant {
            id: "p0".into(),
            index: 0,
            millis: 1_000,
            group: None,
        }],
        total_millis: 1_000,
        per_turn_millis: None,
        increment_millis: 0,
        max_millis: None,
    }))
}

fn published(echo: &Echo) -> Value {
    let Echo::Publish { channel, message } = echo else {
        panic!("{echo:?}")
    };
    assert_eq!(channel, "session-updates");
    assert!(message.starts_with(OUR_BEGINNING), "{message}");
    let ours = News::read(channel, message.as_bytes());
    assert!(matches!(ours, Ok(None)), "{message}");
    serde_json::from_str(message).unwrap()
}

#[test]
fn every_change_is_mirrored_and_published_with_the_state_after_it() {
    let echoes = echoes([create(), Command::Start]);
    for (version, pair) in (1..).zip(echoes.chunks(2)) {
        let Echo::Set { key, value, life } = &pair[0] else {
            panic!("{pair:?}")
        };
        assert_eq!(
            (key.as_str(), *life),
            (&*format!("session:{ID}"), Duration::from_hours(1))
        );
        let state: Value = serde_json::from_str(value).unwrap();
        assert_eq!(
            (&state["session_id"], &state["version"]),
            (&json!(ID), &json!(version))
        );
        let expected = json!({
            "sessionId": ID, "state": value, "timestamp": AT, "origin": "roundtable",
        });
        assert_eq!(published(&pair[1]), expected);
    }
    assert_eq!(echoes.len(), 4);
}

#[test]
fn a_deletion_is_published_even_if_there_was_nothing() {
    let delete = Command::Delete { id: ID.into() };
    let [gone, told] = &echoes([delete])[..] else {
        panic!("two echoes")
    };
    let key = format!("session:{ID}");
    assert_eq!(gone, &Echo::Delete { key });
    let expected = json!({
        "sessionId": ID, "deleted": true, "timestamp": AT, "origin": "roundtable",
    });
    assert_eq!(published(told), expected);
}

#[test]
fn an_expiry_is_not_published() {
    let bridge = TurnsBridge::new(Duration::from_secs(1));
    assert_eq!(bridge.echoes(AT, &Event::Expired, &Turns::default()), []);
}
