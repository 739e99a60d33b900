//! What is wrong with a body, problem by problem.

use serde_json::json;

use super::*;

const ID: &str = "7b1c9a52-3f0e-4a77-9d55-0c6a8e2f4b10";

fn body() -> Value {
    json!({
        "session_id": ID, "sync_mode": "global", "total_time_ms": 360_000,
        "participants": [{ "participant_id": ID, "participant_index": 0, "total_time_ms": 60_000.0 }],
    })
}

fn problems(body: &Value) -> Vec<(String, String, &'static str)> {
    let issues = plan(body).expect_err("something is wrong");
    issues
        .into_iter()
        .map(|it| (it.field, it.message, it.code))
        .collect()
}

/// The only problem that a body has with this value in this place.
fn problem(pointer: &str, value: Value) -> (String, &'static str) {
    let mut body = body();
    let (parent, key) = pointer.rsplit_once('/').expect("a pointer");
    let parent = body.pointer_mut(parent).expect("a parent");
    parent[key] = value;
    let mut problems = problems(&body);
    assert_eq!(problems.len(), 1, "{problems:?}");
    let (field, message, code) = problems.remove(0);
    assert_eq!(field, pointer[1..].replace('/', "."));
    (message, code)
}

#[test]
fn a_plan_is_read_and_what_is_unknown_is_dropped() {
    let mut body = body();
    body["auto_advance"] = json!(true);
    body["metadata"] = json!({ "any": 1 });
    let plan = plan(&body).expect("a plan");
    assert_eq!((plan.id.as_str(), plan.increment_millis), (ID, 0));
    assert_eq!(plan.participants[0].millis, 60_000);
}

#[test]
fn numbers_are_integers_within_their_limits() {
    let total = |value| problem("/total_time_ms", value);
    let message = |text: &str, code| (text.to_owned(), code);
    assert_eq!(
        total(json!(1.5)),
        message("Total time must be an integer", "invalid_type")
    );
    let low = "Total time must be at least 1000ms (1 second)";
    assert_eq!(total(json!(999)), message(low, "too_small"));
    let high = "Total time cannot exceed 86400000ms (24 hours)";
    assert_eq!(total(json!(86_400_001)), message(high, "too_big"));
    let null = "Invalid input: expected number, received null";
    assert_eq!(total(json!(null)), message(null, "invalid_type"));
    let increment = problem("/increment_ms", json!(60_001));
    assert_eq!(
        increment,
        message("Increment cannot exceed 60000ms (1 minute)", "too_big")
    );
    let index = problem("/participants/0/participant_index", json!(-1));
    assert_eq!(
        index,
        message("Participant index must be non-negative", "too_small")
    );
    let unsafe_index = problem(
        "/participants/0/participant_index",
        json!(9_007_199_254_740_992_u64),
    );
    assert_eq!(
        unsafe_index,
        message("Participant index must be an integer", "too_big")
    );
}

#[test]
fn all_problems_are_listed_elements_before_the_array() {
    let many: Vec<Value> = vec![json!(7); MAX_PARTICIPANTS + 1];
    let listed = problems(&json!({ "participants": many }));
    let fields: Vec<&str> = listed.iter().map(|(field, ..)| field.as_str()).collect();
    assert_eq!(fields[..3], ["session_id", "sync_mode", "participants.0"]);
    assert_eq!(
        fields[MAX_PARTICIPANTS + 3..],
        ["participants", "total_time_ms"]
    );
    let array = problems(&json!([]));
    let whole = "Invalid input: expected object, received array".to_owned();
    assert_eq!(array, [(String::new(), whole, "invalid_type")]);
}

#[test]
fn uuids_have_a_version_and_a_variant_or_are_nil_or_max() {
    for id in [
        ID,
        &ID.to_uppercase(),
        "00000000-0000-0000-0000-000000000000",
    ] {
        assert!(is_uuid(id), "{id}");
    }
    for id in [
        "7b1c9a52-3f0e-0a77-9d55-0c6a8e2f4b10",
        "7b1c9a52-3f0e-4a77-7d55-0c6a8e2f4b10",
        "FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF",
        "7b1c9a523f0e4a779d550c6a8e2f4b10",
    ] {
        assert!(!is_uuid(id), "{id}");
    }
}
