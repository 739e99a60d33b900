//! Stories.

use serde_json::{Value, json};

use crate::desk::{Team, UNKNOWN, assert_moment};

#[tokio::test]
async fn a_new_story_is_the_active_one() {
    let Team {
        desk,
        session,
        path,
        mira,
        jonas,
    } = Team::new().await;
    let body = json!({ "title": "One", "description": "first", "orderIndex": 77 });
    let mut story = mira.act("stories", body.clone()).await.data(201);
    let (id, created) = (story["id"].take(), story["createdAt"].take());
    assert_moment(&created);
    let expected = json!({ "id": null, "createdAt": null, "sessionId": session, "title": "One",
        "description": "first", "orderIndex": 1, "isActive": true });
    assert_eq!(story, expected, "and nothing is null");
    mira.add_story("Two").await;
    let listed = desk.get(&format!("{path}/stories")).await.data(200);
    assert_eq!(
        (&listed[0]["id"], &listed[0]["isActive"]),
        (&id, &json!(false))
    );
    assert_eq!(
        (&listed[1]["orderIndex"], &listed[1]["isActive"]),
        (&json!(2), &json!(true))
    );
    jonas
        .act("stories", body)
        .await
        .refused(403, "Host authorization required");
    let empty = desk.get(&format!("/sessions/{UNKNOWN}/stories")).await;
    assert_eq!(empty.data(200), json!([]));
}

#[tokio::test]
async fn stories_are_changed_activated_and_completed() {
    let Team { path, mira, .. } = Team::new().await;
    let (one, two) = (mira.add_story("One").await, mira.add_story("Two").await);
    let (one_path, two_path) = (format!("/stories/{one}"), format!("/stories/{two}"));
    let changed = mira
        .put(&two_path, json!({ "title": "Zwei", "description": "d" }))
        .await;
    assert_eq!(changed.data(200)["title"], "Zwei");
    assert_eq!(
        mira.put(&two_path, json!({})).await.data(200)["title"],
        "Zwei"
    );
    let estimated = mira
        .put(&one_path, json!({ "finalEstimate": "8" }))
        .await
        .data(200);
    assert_eq!(
        (&estimated["finalEstimate"], &estimated["isActive"]),
        (&json!("8"), &json!(false))
    );
    assert_moment(&estimated["completedAt"]);
    let activate = format!("{path}/stories/{one}/activate");
    let active = mira.put(&activate, json!({})).await.data(200);
    assert_eq!(
        (&active["isActive"], &active["completedAt"]),
        (&json!(true), &Value::Null)
    );
    let active = mira
        .put(&two_path, json!({ "isActive": true }))
        .await
        .data(200);
    assert_eq!(active["isActive"], true);
    let complete = format!("{two_path}/complete");
    let done = mira
        .put(&complete, json!({ "finalEstimate": "3" }))
        .await
        .data(200);
    assert_eq!(
        (&done["isActive"], &done["finalEstimate"]),
        (&json!(false), &json!("3"))
    );
    assert_moment(&done["completedAt"]);
}

#[tokio::test]
async fn a_story_is_validated_when_it_changes() {
    let Team { path, mira, .. } = Team::new().await;
    let story = format!("/stories/{}", mira.add_story("One").await);
    let body = json!({ "title": "", "isActive": "yes", "finalEstimate": "x".repeat(11) });
    let reply = mira.put(&story, body).await;
    assert_eq!(reply.body()["details"].as_array().map(Vec::len), Some(3));
    let reply = mira.put(&format!("{story}/complete"), json!({})).await;
    reply.invalid([("body.finalEstimate", "Required", "invalid_type")]);
    let malformed = (
        "params.storyId",
        "Invalid story ID format",
        "invalid_string",
    );
    mira.put("/stories/nope", json!({}))
        .await
        .invalid([malformed]);
    mira.delete("/stories/nope").await.invalid([malformed]);
    let activate = format!("{path}/stories/nope/activate");
    mira.put(&activate, json!({})).await.invalid([malformed]);
    let reply = mira
        .put("/sessions/x/stories/nope/activate", json!({}))
        .await;
    let session = (
        "params.sessionId",
        "Invalid session ID format",
        "invalid_string",
    );
    reply.invalid([session, malformed]);
}

#[tokio::test]
async fn stories_of_nobody_and_of_others_are_not_found() {
    let Team {
        desk,
        path,
        mira,
        jonas,
        ..
    } = Team::new().await;
    let ours = mira.add_story("Ours").await;
    let other = Team::at(desk, json!({})).await;
    for (person, id) in [(&mira, UNKNOWN), (&other.mira, &*ours)] {
        let story = format!("/stories/{id}");
        person
            .put(&story, json!({ "title": "x" }))
            .await
            .refused(404, "Story not found");
        person.delete(&story).await.refused(404, "Story not found");
        let complete = format!("{story}/complete");
        let body = json!({ "finalEstimate": "5" });
        person
            .put(&complete, body)
            .await
            .refused(404, "Story not found");
        let activate = format!("{}/stories/{id}/activate", person.path);
        person
            .put(&activate, json!({}))
            .await
            .refused(404, "Story not found");
    }
    let activate = format!("{path}/stories/{ours}/activate");
    let stranger = other.mira.put(&activate, json!({})).await;
    stranger.refused(403, "Not authorized to perform this action");
    let guest = jonas.delete(&format!("/stories/{ours}")).await;
    guest.refused(403, "Host authorization required");
}

#[tokio::test]
async fn a_story_with_votes_stays() {
    let Team {
        path, mira, jonas, ..
    } = Team::new().await;
    let (one, two) = (mira.add_story("One").await, mira.add_story("Two").await);
    let deleted = mira.delete(&format!("/stories/{one}")).await.data(200);
    assert_eq!(deleted, json!({ "message": "Story deleted successfully" }));
    assert_eq!(jonas.act("vote", json!({ "value": "5" })).await.status, 200);
    let story = format!("/stories/{two}");
    mira.delete(&story)
        .await
        .refused(400, "Cannot delete story that has votes");
    mira.add_story("Three").await;
    mira.delete(&story)
        .await
        .refused(400, "Cannot delete story that has votes");
    assert_eq!(
        mira.get(&format!("{path}/stories")).await.data(200)[0]["id"],
        two
    );
}

#[tokio::test]
async fn a_story_that_is_not_to_be_active_waits_behind_the_active_one() {
    let Team { mira, .. } = Team::new().await;
    let waiting = json!({ "title": "One", "activate": false });
    let first = mira.act("stories", waiting.clone()).await.data(201);
    assert_eq!(first["isActive"], true, "no other is");
    let second = mira.act("stories", waiting).await.data(201);
    assert_eq!(
        (&second["isActive"], &second["orderIndex"]),
        (&json!(false), &json!(2))
    );
    let bad = mira
        .act("stories", json!({ "title": "T", "activate": "no" }))
        .await;
    let message = "Expected boolean, received string";
    bad.invalid([("body.activate", message, "invalid_type")]);
}

#[tokio::test]
async fn many_stories_are_imported_at_once_or_not_at_all() {
    let Team {
        path, mira, jonas, ..
    } = Team::new().await;
    let stories = json!([{ "title": "One", "description": "d" }, { "title": "Two" }]);
    let imported = mira
        .act("stories/import", json!({ "stories": stories }))
        .await;
    let imported = imported.data(201);
    assert_eq!(
        (&imported[0]["title"], &imported[0]["isActive"]),
        (&json!("One"), &json!(true))
    );
    assert_eq!(
        (&imported[1]["orderIndex"], &imported[1]["isActive"]),
        (&json!(2), &json!(false))
    );
    let full = json!(vec![json!({ "title": "T" }); 200]);
    for _ in 0..4 {
        mira.act("stories/import", json!({ "stories": full }))
            .await
            .data(201);
    }
    let over = mira.act("stories/import", json!({ "stories": full })).await;
    over.refused(400, "Too many stories in this session");
    let listed = mira.get(&format!("{path}/stories")).await.data(200);
    assert_eq!(listed.as_array().map(Vec::len), Some(802));
    let bad = mira
        .act("stories/import", json!({ "stories": [{ "title": 1 }] }))
        .await;
    bad.invalid([(
        "body.stories.0.title",
        "Expected string, received number",
        "invalid_type",
    )]);
    let refused = jonas.act("stories/import", json!({ "stories": [] })).await;
    refused.refused(403, "Host authorization required");
}

#[tokio::test]
async fn a_story_moves_in_the_list() {
    let Team {
        desk,
        path,
        mira,
        jonas,
        ..
    } = Team::new().await;
    let one = mira.add_story("One").await;
    mira.add_story("Two").await;
    let place = format!("{path}/stories/{one}/move");
    let moved = mira.put(&place, json!({ "toIndex": 1 })).await.data(200);
    assert_eq!(
        (&moved["title"], &moved["orderIndex"]),
        (&json!("One"), &json!(2))
    );
    let listed = desk.get(&format!("{path}/stories")).await.data(200);
    assert_eq!(
        (&listed[0]["title"], &listed[0]["orderIndex"]),
        (&json!("Two"), &json!(1))
    );
    let bad = mira.put(&place, json!({ "toIndex": -1 })).await;
    let message = "Number must be greater than or equal to 0";
    bad.invalid([("body.toIndex", message, "too_small")]);
    let refused = jonas.put(&place, json!({ "toIndex": 0 })).await;
    refused.refused(403, "Host authorization required");
    let unknown = format!("{path}/stories/{UNKNOWN}/move");
    let refused = mira.put(&unknown, json!({ "toIndex": 0 })).await;
    refused.refused(404, "Story not found");
}
