//! Sessions and joining.

use serde_json::json;

use crate::desk::{Desk, Team, UNKNOWN, assert_moment, join_as, text};

const NO_SESSION: &str = "Session not found or inactive";

#[tokio::test]
async fn a_new_session_is_answered_with_its_host_a_link_and_a_token() {
    let desk = Desk::open().await;
    let body = json!({ "name": " Sprint 41 ", "hostName": "Mira", "unknown": 1 });
    let created = desk.post("/sessions", body).await.data(201);
    let session = &created["session"];
    let id = text(&session["id"]);
    assert_eq!(session["name"], "Sprint 41");
    assert_eq!(session["isActive"], true);
    assert_eq!(session["playerCount"], 1);
    let config = json!({ "cardValues": ["1", "2", "3", "5", "8", "13", "?"],
        "allowSpectators": true, "autoRevealCards": false, "timerSeconds": 60 });
    assert_eq!(session["config"], config);
    let host = &session["players"][0];
    assert_eq!(
        (&host["id"], &host["name"]),
        (&session["hostId"], &json!("Mira"))
    );
    assert_eq!(
        (&host["avatar"], &host["isSpectator"]),
        (&json!("👤"), &json!(false))
    );
    for moment in [
        &session["createdAt"],
        &session["expiresAt"],
        &host["joinedAt"],
    ] {
        assert_moment(moment);
    }
    let url = format!("http://localhost:5173/game/{id}");
    assert_eq!(created["joinUrl"], url);
    assert!(text(&created["hostToken"]).starts_with("eyJ"));
}

#[tokio::test]
async fn a_session_is_public() {
    let Team {
        desk,
        session,
        path,
        mira,
        jonas,
    } = Team::new().await;
    let shown = desk.get(&path).await.data(200);
    assert_eq!(
        (&shown["id"], &shown["cardsRevealed"]),
        (&json!(session), &json!(false))
    );
    assert_eq!(shown["players"][0]["id"], mira.id);
    assert_eq!(shown["players"][1]["id"], jonas.id);
    let reply = desk.get(&format!("/sessions/{UNKNOWN}")).await;
    reply.refused(404, "Session not found or has expired");
    let reply = desk.get("/sessions/not-an-id").await;
    reply.invalid([("params.id", "Invalid session ID format", "invalid_string")]);
}

#[tokio::test]
async fn joining_answers_an_identity() {
    let Team {
        desk,
        session,
        path,
        ..
    } = Team::new().await;
    let join = format!("{path}/join");
    let joined = desk
        .post(&join, json!({ "playerName": "Jonas" }))
        .await
        .data(200);
    assert_eq!(joined["sessionId"], session);
    assert_eq!(
        desk.get(&path).await.data(200)["playerCount"],
        3,
        "names may repeat"
    );
    desk.post(&join, json!({ "playerName": " " }))
        .await
        .invalid([("body.playerName", "Player name is required", "too_small")]);
    let reply = desk.post("/sessions/nope/join", json!({})).await;
    reply.invalid([
        ("params.id", "Invalid session ID format", "invalid_string"),
        ("body.playerName", "Required", "invalid_type"),
    ]);
    let unknown = format!("/sessions/{UNKNOWN}/join");
    let reply = desk.post(&unknown, json!({ "playerName": "Ada" })).await;
    reply.refused(404, NO_SESSION);
}

#[tokio::test]
async fn the_same_name_and_token_bring_the_same_player_back() {
    let Team {
        desk,
        session,
        path,
        mira,
        jonas,
    } = Team::new().await;
    let join = format!("{path}/join");
    let again = json!({ "playerName": " JONAS ", "avatar": "🚀" });
    let joined = jonas.post(&join, again).await.data(200);
    assert_eq!(joined["playerId"], jonas.id);
    let shown = desk.get(&path).await.data(200);
    assert_eq!(shown["playerCount"], 2);
    assert_eq!(shown["players"][1]["name"], "JONAS");
    assert_eq!(shown["players"][1]["avatar"], "🚀");

    let other = jonas
        .post(&join, json!({ "playerName": "Jo" }))
        .await
        .data(200);
    assert_ne!(other["playerId"], jonas.id);
    let stranger = desk.token(UNKNOWN, &mira.id);
    let call = ("POST", &*join);
    let reply = desk
        .call(call, &stranger, json!({ "playerName": "Mira" }))
        .await;
    assert_ne!(
        reply.data(200)["playerId"],
        mira.id,
        "a foreign token is ignored"
    );
    let reply = desk
        .call(call, "rubbish", json!({ "playerName": "Mira" }))
        .await;
    assert_ne!(reply.data(200)["playerId"], mira.id);

    let removed = format!("/players/{}", jonas.id);
    assert_eq!(mira.delete(&removed).await.status, 200);
    let token = desk.token(&session, &jonas.id);
    let reply = desk
        .call(call, &token, json!({ "playerName": "JONAS" }))
        .await;
    assert_ne!(reply.data(200)["playerId"], jonas.id, "he was removed");
}

#[tokio::test]
async fn spectators_are_refused_where_they_are_not_allowed() {
    let fields = json!({ "config": { "allowSpectators": false } });
    let Team {
        desk, path, jonas, ..
    } = Team::at(Desk::open().await, fields).await;
    let text = "Spectators are not allowed in this session";
    let body = json!({ "playerName": "Sven", "asSpectator": true });
    desk.post(&format!("{path}/join"), body)
        .await
        .refused(403, text);
    let own = format!("/players/{}", jonas.id);
    jonas
        .put(&own, json!({ "isSpectator": true }))
        .await
        .refused(403, text);
}

#[tokio::test]
async fn a_protected_session_asks_newcomers_and_readers_for_proof() {
    let fields = json!({ "password": "tulip" });
    let team = Team::at(Desk::open().await, fields).await;
    let Team {
        desk,
        session,
        path,
        mira,
        jonas,
    } = team;
    let join = format!("{path}/join");
    let body = json!({ "playerName": "Ada" });
    desk.post(&join, body)
        .await
        .refused(401, "Password required");
    let body = json!({ "playerName": "Ada", "password": "rose!" });
    desk.post(&join, body)
        .await
        .refused(401, "Invalid password");
    let back = jonas.post(&join, json!({ "playerName": "Jonas" })).await;
    assert_eq!(
        back.data(200)["playerId"],
        jonas.id,
        "he has been let in before"
    );

    assert_eq!(
        desk.get(&path).await.status,
        200,
        "the session itself is public"
    );
    let other = Team::at(desk.clone(), json!({})).await;
    for part in ["stories", "players", "votes"] {
        let path = format!("{path}/{part}");
        desk.get(&path)
            .await
            .refused(401, "Authentication token required");
        let rubbish = desk.call(("GET", &path), "rubbish", json!(null)).await;
        rubbish.refused(401, "Invalid or expired token");
        let stranger = other.mira.get(&path).await;
        stranger.refused(403, "Not authorized to perform this action");
        let nobody = desk.token(&session, UNKNOWN);
        let nobody = desk.call(("GET", &path), &nobody, json!(null)).await;
        nobody.refused(401, "Player no longer exists in session");
        assert_eq!(mira.get(&path).await.status, 200);
    }
}

#[tokio::test]
async fn a_token_that_says_nothing_is_unauthorized() {
    let Team {
        desk,
        session,
        path,
        mira,
        ..
    } = Team::new().await;
    let call = ("POST", &*format!("{path}/stories"));
    for (token, error) in [
        (String::new(), "Authentication token required"),
        ("rubbish".to_owned(), "Invalid or expired token"),
        (desk.token(UNKNOWN, &mira.id), "Session no longer exists"),
        (
            desk.token(&session, UNKNOWN),
            "Player no longer exists in session",
        ),
    ] {
        desk.call(call, &token, json!({})).await.refused(401, error);
    }
}

#[tokio::test]
async fn settings_are_merged_by_the_host_alone() {
    let Team {
        desk,
        path,
        mira,
        jonas,
        ..
    } = Team::new().await;
    let change = json!({ "name": " New ", "config": { "timerSeconds": 4.5 } });
    let changed = mira.put(&path, change.clone()).await.data(200);
    assert_eq!(
        (&changed["name"], &changed["cardsRevealed"]),
        (&json!("New"), &json!(false))
    );
    assert_eq!(changed["config"]["timerSeconds"], 4.5);
    assert_eq!(changed["config"]["cardValues"][0], "1");

    let other = Team::at(desk, json!({})).await;
    jonas
        .put(&path, change.clone())
        .await
        .refused(403, "Host authorization required");
    let stranger = other.mira.put(&path, change.clone()).await;
    stranger.refused(403, "Not authorized to perform this action");
    let unknown = format!("/sessions/{UNKNOWN}");
    mira.put(&unknown, change.clone())
        .await
        .refused(403, "Session not found");
    let text = "At least one field must be provided for update";
    mira.put(&path, json!({}))
        .await
        .invalid([("body", text, "custom")]);
    let malformed = jonas.put("/sessions/nope", change).await;
    malformed.invalid([("params.id", "Invalid session ID format", "invalid_string")]);
}

#[tokio::test]
async fn a_deleted_session_is_nowhere_any_more() {
    let Team {
        desk,
        path,
        mira,
        jonas,
        ..
    } = Team::new().await;
    jonas
        .delete(&path)
        .await
        .refused(403, "Host authorization required");
    let ended = mira.delete(&path).await.data(200);
    assert_eq!(ended, json!({ "message": "Session deleted successfully" }));
    desk.get(&path)
        .await
        .refused(404, "Session not found or has expired");
    let body = json!({ "playerName": "Ada" });
    desk.post(&format!("{path}/join"), body)
        .await
        .refused(404, NO_SESSION);
    for part in ["stories", "players"] {
        let path = format!("{path}/{part}");
        assert_eq!(desk.get(&path).await.data(200), json!([]));
    }
    desk.get(&format!("{path}/votes"))
        .await
        .refused(404, "Session not found");
    mira.delete(&path)
        .await
        .refused(401, "Session no longer exists");
}

#[tokio::test]
async fn a_former_host_is_no_host() {
    let Team {
        desk,
        path,
        mira,
        jonas,
        ..
    } = Team::new().await;
    let ada = join_as(&desk, &path, json!({ "playerName": "Ada" })).await;
    let promote = format!("/players/{}/promote", jonas.id);
    let promoted = mira.post(&promote, json!({})).await.data(200);
    assert_eq!(promoted["newHost"]["isHost"], true);
    assert_eq!(promoted["previousHost"]["id"], mira.id);
    let story = json!({ "title": "One" });
    mira.act("stories", story.clone())
        .await
        .refused(403, "Host authorization required");
    assert_eq!(
        jonas.act("stories", story).await.status,
        201,
        "with his old token"
    );
    let remove = format!("/players/{}", ada.id);
    mira.delete(&remove)
        .await
        .refused(403, "Only session host can remove players");
    assert_eq!(jonas.delete(&remove).await.status, 200);
}

#[tokio::test]
async fn a_session_says_whether_it_has_a_password_and_never_which() {
    let desk = Desk::open().await;
    let open = Team::at(desk.clone(), json!({})).await;
    assert_eq!(desk.get(&open.path).await.data(200)["hasPassword"], false);
    let locked = Team::at(desk.clone(), json!({ "password": "hunter22" })).await;
    let shown = desk.get(&locked.path).await;
    assert!(!shown.text.contains("hunter22") && !shown.text.contains("argon2"));
    assert_eq!(shown.data(200)["hasPassword"], true);
}
