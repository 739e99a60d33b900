//! The document is the one that the contract lists.

use super::*;

fn names(value: &Value) -> Vec<&str> {
    let fields = value.as_object().expect("an object");
    fields.keys().map(String::as_str).collect()
}

#[test]
fn the_document_has_the_paths_chapters_and_schemas_of_the_contract() {
    let document = document().into_value();
    assert_eq!(document["openapi"], "3.0.3");
    assert_eq!(document["info"]["title"], "SyncKairos API");
    assert_eq!(document["info"]["version"], "2.0.0");
    assert_eq!(
        names(&document["paths"]),
        [
            "/health",
            "/ready",
            "/v1/sessions",
            "/v1/sessions/{id}",
            "/v1/sessions/{id}/complete",
            "/v1/sessions/{id}/pause",
            "/v1/sessions/{id}/resume",
            "/v1/sessions/{id}/start",
            "/v1/sessions/{id}/switch",
            "/v1/time",
        ]
    );
    let tags = document["tags"].as_array().expect("tags");
    let tags: Vec<_> = tags.iter().map(|tag| &tag["name"]).collect();
    assert_eq!(tags, ["Health", "Time", "Sessions"]);
    assert_eq!(
        names(&document["components"]["schemas"]),
        [
            "CreateSessionRequest",
            "EmptyBody",
            "ErrorResponse",
            "HealthResponse",
            "Participant",
            "SessionIdParam",
            "SessionResponse",
            "SwitchCycleRequest",
            "SwitchCycleResponse",
            "SwitchCycleResult",
            "SyncParticipant",
            "SyncState",
        ]
    );
}

#[test]
fn only_fields_that_are_always_there_may_be_null() {
    let document = document().into_value();
    let state = &document["components"]["schemas"]["SyncState"];
    let fields = state["properties"].as_object().expect("fields");
    let nullable = fields.iter().filter(|(_, it)| it["nullable"] == true);
    let nullable: Vec<_> = nullable.map(|(name, _)| name.as_str()).collect();
    assert_eq!(
        nullable,
        [
            "active_participant_id",
            "cycle_started_at",
            "session_completed_at",
            "session_started_at",
            "time_per_cycle_ms",
        ]
    );
    let required = state["required"].as_array().expect("names");
    assert_eq!(required.len(), fields.len() - 1, "all but max_time_ms");
}
