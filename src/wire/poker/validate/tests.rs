//! The contract's tables of fields, row by row.

mod backlog;
mod timer;

use serde_json::{Value, json};
use uuid::Uuid;

use super::*;
use crate::rules::ids::{SessionId, StoryId};
use crate::rules::poker::Settings;
use crate::rules::poker::command::{Command, StoryRef};

const SESSION: SessionId = SessionId::new(Uuid::from_u128(7));
const STORY: StoryId = StoryId::new(Uuid::from_u128(9));

/// The issues as `field: message (code)`.
fn issues<T>(outcome: Result<T, Issues>) -> Vec<String> {
    let told = |issue: Issue| {
        let code = serde_json::to_value(issue.code).expect("a code");
        let code = code.as_str().expect("a word").to_owned();
        format!("{}: {} ({code})", issue.field, issue.message)
    };
    outcome
        .err()
        .map_or_else(Vec::new, |issues| issues.0.into_iter().map(told).collect())
}

/// A payload with one field more.
fn with(mut payload: Value, field: &str, value: Value) -> Value {
    payload[field] = value;
    payload
}

#[test]
fn a_new_session_has_the_contracts_defaults() {
    let request = new_session(&json!({"name": " Sprint 41 ", "hostName": "\tMira"}));
    let request = request.expect("a valid request");
    assert_eq!((&*request.name, &*request.host_name), ("Sprint 41", "Mira"));
    assert_eq!(request.host_avatar, "👤");
    assert_eq!(request.password, None);
    assert_eq!(request.settings, Settings::default());
}

#[test]
fn each_field_of_a_new_session_has_its_own_words() {
    let good = json!({"name": "S", "hostName": "M"});
    let config = |field: &str, value: Value| json!({ field: value });
    let rows = [
        (
            "name",
            json!(" "),
            "name: Session name is required (too_small)",
        ),
        (
            "name",
            json!("x".repeat(101)),
            "name: Session name must be 100 characters or less (too_big)",
        ),
        (
            "name",
            json!(5),
            "name: Expected string, received number (invalid_type)",
        ),
        (
            "hostName",
            json!(""),
            "hostName: Host name is required (too_small)",
        ),
        (
            "hostName",
            json!("x".repeat(51)),
            "hostName: Host name must be 50 characters or less (too_big)",
        ),
        (
            "hostAvatar",
            json!("ab"),
            "hostAvatar: Avatar must be a single emoji (invalid_string)",
        ),
        (
            "hostAvatar",
            json!(null),
            "hostAvatar: Expected string, received null (invalid_type)",
        ),
        (
            "password",
            json!("abc"),
            "password: Password must be at least 4 characters (too_small)",
        ),
        (
            "password",
            json!("x".repeat(51)),
            "password: Password must be 50 characters or less (too_big)",
        ),
        (
            "config",
            json!(null),
            "config: Expected object, received null (invalid_type)",
        ),
        (
            "config",
            json!([]),
            "config: Expected object, received array (invalid_type)",
        ),
        (
            "config",
            config("cardValues", json!(["1"])),
            "config.cardValues: At least 2 card values required (too_small)",
        ),
        (
            "config",
            config("cardValues", json!(vec!["1"; 21])),
            "config.cardValues: Maximum 20 card values allowed (too_big)",
        ),
        (
            "config",
            config("cardValues", json!([1, "2"])),
            "config.cardValues.0: Expected string, received number (invalid_type)",
        ),
        (
            "config",
            config("allowSpectators", json!("yes")),
            "config.allowSpectators: Expected boolean, received string (invalid_type)",
        ),
        (
            "config",
            config("autoRevealCards", json!({})),
            "config.autoRevealCards: Expected boolean, received object (invalid_type)",
        ),
        (
            "config",
            config("timerSeconds", json!(-1)),
            "config.timerSeconds: Timer cannot be negative (too_small)",
        ),
        (
            "config",
            config("timerSeconds", json!(3601)),
            "config.timerSeconds: Timer cannot exceed 1 hour (too_big)",
        ),
    ];
    for (field, value, told) in rows {
        let payload = with(good.clone(), field, value);
        assert_eq!(issues(new_session(&payload)), [told], "{payload}");
    }
}

#[test]
fn every_field_that_is_wrong_is_reported() {
    let missing = [
        "name: Required (invalid_type)",
        "hostName: Required (invalid_type)",
    ];
    assert_eq!(issues(new_session(&json!({}))), missing);
    for (payload, received) in [
        (json!(null), "null"),
        (json!([]), "array"),
        (json!(1), "number"),
    ] {
        let told = format!(": Expected object, received {received} (invalid_type)");
        assert_eq!(issues(new_session(&payload)), [told]);
    }
}

#[test]
fn lengths_are_counted_in_utf16_units_after_trimming() {
    let name = |name: String| join(&json!({ "playerName": name }), Channel::Rest);
    assert!(name(format!("  {}  ", "x".repeat(50))).is_ok());
    assert!(name("🦊".repeat(25)).is_ok());
    assert!(name("🦊".repeat(26)).is_err());
}

#[test]
fn a_join_differs_between_rest_and_socket() {
    let payload = json!({"playerName": "Jonas", "asSpectator": true, "isSpectator": false});
    let rest = join(&payload, Channel::Rest).expect("valid");
    assert!(rest.spectator && rest.avatar == "👤");
    let socket = join(&payload, Channel::Socket).expect("valid");
    assert!(!socket.spectator && socket.avatar == "avatar-1");

    let named = json!({"playerName": "Jonas", "avatar": "avatar-3"});
    assert!(join(&named, Channel::Socket).is_ok());
    let told = ["avatar: Avatar must be a single emoji (invalid_string)"];
    assert_eq!(issues(join(&named, Channel::Rest)), told);
}

#[test]
fn each_field_of_a_join_has_its_own_words() {
    let good = json!({"playerName": "Jonas"});
    let rows = [
        (
            "playerName",
            json!("  "),
            "playerName: Player name is required (too_small)",
        ),
        (
            "playerName",
            json!("x".repeat(51)),
            "playerName: Player name must be 50 characters or less (too_big)",
        ),
        (
            "password",
            json!("abc"),
            "password: Password must be at least 4 characters (too_small)",
        ),
        (
            "asSpectator",
            json!(1),
            "asSpectator: Expected boolean, received number (invalid_type)",
        ),
    ];
    for (field, value, told) in rows {
        let payload = with(good.clone(), field, value);
        assert_eq!(issues(join(&payload, Channel::Rest)), [told], "{payload}");
    }
    let long = with(good, "password", json!("x".repeat(500)));
    assert!(join(&long, Channel::Rest).is_ok());
}

#[test]
fn an_update_needs_a_field() {
    let told = [": At least one field must be provided for update (custom)"];
    for payload in [json!({}), json!({"other": 1})] {
        assert_eq!(issues(settings_patch(&payload)), told);
        assert_eq!(issues(player_change(&payload, Channel::Rest)), told);
    }
    assert!(settings_patch(&json!({"config": {}})).is_ok());
    let change = player_change(&json!({"isSpectator": true}), Channel::Socket).expect("valid");
    assert_eq!((change.name, change.spectator), (None, Some(true)));
}

#[test]
fn each_field_of_a_story_has_its_own_words() {
    let long = |length: usize| json!("x".repeat(length));
    let rows = [
        (json!({"title": ""}), "title: Title is required (too_small)"),
        (json!({}), "title: Required (invalid_type)"),
        (
            json!({"title": long(256)}),
            "title: Title must be less than 255 characters (too_big)",
        ),
        (
            json!({"title": "t", "description": long(1001)}),
            "description: Description must be less than 1000 characters (too_big)",
        ),
    ];
    for (payload, told) in rows {
        assert_eq!(issues(new_story(&payload, STORY, Channel::Rest)), [told]);
    }
    let rows = [
        (
            json!({"title": ""}),
            "title: Title cannot be empty (too_small)",
        ),
        (
            json!({"isActive": 1}),
            "isActive: Expected boolean, received number (invalid_type)",
        ),
        (
            json!({"finalEstimate": long(11)}),
            "finalEstimate: Final estimate must be less than 10 characters (too_big)",
        ),
    ];
    for (payload, told) in rows {
        assert_eq!(issues(story_change(&payload, Channel::Rest)), [told]);
    }
    let told = ["finalEstimate: Final estimate is required (too_small)"];
    assert_eq!(issues(final_estimate(&json!({"finalEstimate": ""}))), told);
}

#[test]
fn only_sockets_say_the_place_of_a_story() {
    let order = |payload: Value, channel| new_story(&payload, STORY, channel).map(|it| it.order);
    let payload = json!({"title": "t", "orderIndex": 4});
    assert_eq!(order(payload.clone(), Channel::Socket), Ok(Some(4)));
    assert_eq!(order(payload, Channel::Rest), Ok(None));
    for bad in [json!(-1), json!(1.5), json!("1"), json!(1e300)] {
        let payload = json!({"title": "t", "orderIndex": bad});
        assert!(order(payload, Channel::Socket).is_err());
    }
}

#[test]
fn an_estimate_over_rest_completes_the_story_unless_it_is_activated() {
    let completes = |payload: Value, channel| {
        let change = story_change(&payload, channel).expect("valid");
        (change.completes, change.active)
    };
    let estimate = json!({"finalEstimate": "5"});
    assert_eq!(completes(estimate.clone(), Channel::Rest), (true, None));
    assert_eq!(completes(estimate, Channel::Socket), (false, None));
    let active = json!({"finalEstimate": "5", "isActive": true});
    assert_eq!(
        completes(active.clone(), Channel::Rest),
        (false, Some(true))
    );
    assert_eq!(completes(active, Channel::Socket), (false, None));
}

#[test]
fn the_next_story_is_optional_but_not_its_title() {
    assert_eq!(next_story(&json!({}), STORY), Ok(None));
    let rows = [
        (
            json!({"title": ""}),
            "newStory.title: Story title is required (too_small)",
        ),
        (
            json!({"title": "x".repeat(201)}),
            "newStory.title: Story title must be 200 characters or less (too_big)",
        ),
        (json!({}), "newStory.title: Required (invalid_type)"),
        (
            json!({"title": "t", "description": "x".repeat(1001)}),
            "newStory.description: Story description must be 1000 characters or less (too_big)",
        ),
    ];
    for (story, told) in rows {
        assert_eq!(
            issues(next_story(&json!({"newStory": story}), STORY)),
            [told]
        );
    }
}

#[test]
fn each_field_of_a_vote_has_its_own_words() {
    let rows = [
        (json!({}), "value: Required (invalid_type)"),
        (
            json!({"value": ""}),
            "value: Vote value is required (too_small)",
        ),
        (
            json!({"value": 5}),
            "value: Expected string, received number (invalid_type)",
        ),
        (
            json!({"value": "5", "confidence": 0}),
            "confidence: Confidence must be between 1-5 (too_small)",
        ),
        (
            json!({"value": "5", "confidence": 6}),
            "confidence: Confidence must be between 1-5 (too_big)",
        ),
        (
            json!({"value": "5", "confidence": 2.5}),
            "confidence: Expected integer, received float (invalid_type)",
        ),
        (
            json!({"value": "5", "confidence": "3"}),
            "confidence: Expected number, received string (invalid_type)",
        ),
    ];
    for (payload, told) in rows {
        assert_eq!(issues(vote(&payload, SESSION)), [told]);
    }
    let ballot = vote(&json!({"value": "☕", "confidence": 3}), SESSION).expect("valid");
    assert_eq!((&*ballot.value, ballot.confidence), ("☕", Some(3)));
    assert_eq!(voter(&json!({"playerId": "x"})), Ok(Some("x".to_owned())));
    assert_eq!(
        issues(voter(&json!({"playerId": ""}))),
        ["playerId: Player ID is required (too_small)"]
    );
}

#[test]
fn a_story_unnamed_or_named_like_the_session_is_the_active_one() {
    let named = |value: Value| story_ref(Some(&value), SESSION);
    assert_eq!(story_ref(None, SESSION), StoryRef::Active);
    assert_eq!(named(json!("")), StoryRef::Active);
    assert_eq!(named(json!(null)), StoryRef::Active);
    assert_eq!(
        named(json!(SESSION.to_string().to_uppercase())),
        StoryRef::Active
    );
    assert_eq!(named(json!(STORY.to_string())), StoryRef::Id(STORY));
    for strange in [json!("default-story-1"), json!(5), json!({}), json!([])] {
        assert_eq!(named(strange), StoryRef::Unknown);
    }
}

#[test]
fn issues_move_into_the_part_of_the_request_they_are_in() {
    let both = Issues::one("", "whole", Code::Custom).and(Issues::one("a.0", "part", Code::TooBig));
    assert_eq!(both.first_message(), "whole");
    let fields: Vec<_> = both
        .within("body")
        .0
        .into_iter()
        .map(|it| it.field)
        .collect();
    assert_eq!(fields, ["body", "body.a.0"]);
}
