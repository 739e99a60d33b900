//! What was played, as a list and as a file.

use serde_json::{Value, json};

use crate::desk::{Desk, Team, UNKNOWN, assert_moment};

/// A team that has agreed on one story and is voting on another.
async fn played() -> Team {
    let team = Team::new().await;
    let Team { mira, jonas, .. } = &team;
    mira.add_story("=Now, or \"later\"").await;
    let vote = json!({ "value": "5", "confidence": 4 });
    jonas.act("vote", vote).await.data(200);
    mira.act("vote", json!({ "value": "5" })).await.data(200);
    mira.act("reveal", json!({})).await.data(200);
    let renamed = json!({ "name": "Jon" });
    jonas
        .put(&format!("/players/{}", jonas.id), renamed)
        .await
        .data(200);
    mira.add_story("Next").await;
    jonas
        .act("vote", json!({ "value": "secret" }))
        .await
        .data(200);
    team
}

#[tokio::test]
async fn rounds_are_listed_as_they_were_when_their_cards_were_opened() {
    let team = played().await;
    let mut rounds = team
        .desk
        .get(&format!("{}/rounds", team.path))
        .await
        .data(200);
    assert_eq!(
        rounds.as_array().map(Vec::len),
        Some(1),
        "only what was opened"
    );
    let mut round = rounds[0].take();
    for moment in ["startedAt", "revealedAt"] {
        assert_moment(&round[moment].take());
    }
    let stories = team
        .desk
        .get(&format!("{}/stories", team.path))
        .await
        .data(200);
    assert_eq!(round["storyId"].take(), stories[0]["id"]);
    let votes = json!([
        { "playerId": team.jonas.id, "playerName": "Jonas", "value": "5", "confidence": 4 },
        { "playerId": team.mira.id, "playerName": "Mira", "value": "5" },
    ]);
    let consensus = round["consensus"].take();
    assert_eq!(
        (&consensus["value"], &consensus["hasConsensus"]),
        (&json!("5"), &json!(true))
    );
    assert_eq!(round["statistics"].take()["confidenceAverage"], 4);
    let expected = json!({ "number": 1, "storyId": null, "title": "=Now, or \"later\"", "votes": votes,
        "startedAt": null, "revealedAt": null, "consensus": null, "statistics": null });
    assert_eq!(round, expected);
}

#[tokio::test]
async fn a_session_without_a_reveal_has_no_rounds_and_a_round_without_numbers_no_statistics() {
    let Team {
        desk, path, mira, ..
    } = Team::new().await;
    mira.add_story("Now").await;
    mira.act("vote", json!({ "value": "?" })).await.data(200);
    let rounds = format!("{path}/rounds");
    assert_eq!(desk.get(&rounds).await.data(200), json!([]));
    mira.act("reveal", json!({})).await.data(200);
    let round = desk.get(&rounds).await.data(200)[0].take();
    assert_eq!(round.get("statistics"), None);
    assert_eq!(round["votes"][0].get("confidence"), None);
    let unknown = desk.get(&format!("/sessions/{UNKNOWN}/rounds")).await;
    assert_eq!(unknown.data(200), json!([]));
}

#[tokio::test]
async fn a_file_of_a_session_has_what_was_opened_and_nothing_else() {
    let team = played().await;
    let file = team.desk.get(&format!("{}/export", team.path)).await;
    assert_eq!(file.status, 200);
    assert_eq!(
        file.header("content-type"),
        "application/json; charset=utf-8"
    );
    let name = format!("attachment; filename=\"session-{}.json\"", team.session);
    assert_eq!(file.header("content-disposition"), name);
    let body = file.body();
    assert_eq!(body["session"]["id"], team.session);
    assert_eq!(body["stories"][0]["finalEstimate"], "5");
    assert_eq!(body["rounds"][0]["votes"][0]["playerName"], "Jonas");
    assert!(!file.text.contains("secret"), "{}", file.text);
}

#[tokio::test]
async fn a_table_of_a_session_has_a_row_per_story_and_vote() {
    let team = played().await;
    let file = team
        .desk
        .get(&format!("{}/export?format=csv", team.path))
        .await;
    assert_eq!(
        (file.status, file.header("content-type")),
        (200, "text/csv; charset=utf-8")
    );
    let name = format!("attachment; filename=\"session-{}.csv\"", team.session);
    assert_eq!(file.header("content-disposition"), name);
    assert!(!file.text.contains("secret"), "{}", file.text);
    let rows: Vec<_> = file.text.split("\r\n").collect();
    assert_eq!(
        rows.len(),
        6,
        "the columns, two stories, two votes, and the end: {rows:#?}"
    );
    let columns = "record,storyId,title,description,estimate,completedAt,round,startedAt,revealedAt,player,value,confidence";
    assert_eq!(rows[0], columns);
    let title = "\"'=Now, or \"\"later\"\"\"";
    assert!(rows[1].starts_with("story,"));
    assert!(
        rows[1].ends_with(&format!(",{title},,5,,,,,,,")),
        "{}",
        rows[1]
    );
    assert!(rows[2].ends_with(",Next,,,,,,,,,"), "{}", rows[2]);
    assert!(
        rows[3].starts_with("vote,") && rows[3].contains(&format!(",{title},,,,1,")),
        "{}",
        rows[3]
    );
    assert!(rows[3].ends_with(",Jonas,5,4"), "{}", rows[3]);
    assert!(rows[4].ends_with(",Mira,5,"), "{}", rows[4]);
}

#[tokio::test]
async fn files_of_other_formats_and_of_nobody_are_refused() {
    let Team { desk, path, .. } = Team::new().await;
    let message = "Invalid enum value. Expected 'csv' | 'json'";
    let issue = ("query.format", message, "invalid_enum_value");
    desk.get(&format!("{path}/export?format=xml"))
        .await
        .invalid([issue]);
    let unknown = desk.get(&format!("/sessions/{UNKNOWN}/export")).await;
    unknown.refused(404, "Session not found");
}

#[tokio::test]
async fn a_protected_session_shows_what_was_played_to_its_members_only() {
    let desk = Desk::open().await;
    let team = Team::at(desk.clone(), json!({ "password": "hunter22" })).await;
    for what in ["rounds", "export", "export?format=csv"] {
        let path = format!("{}/{what}", team.path);
        desk.get(&path)
            .await
            .refused(401, "Authentication token required");
        assert_eq!(team.jonas.get(&path).await.status, 200, "{what}");
        let others = Team::at(desk.clone(), Value::Null).await;
        let refused = others.mira.get(&path).await;
        refused.refused(403, "Not authorized to perform this action");
    }
}
