//! Players.

use serde_json::{Value, json};

use crate::desk::{Team, UNKNOWN, assert_moment, join_as};

#[tokio::test]
async fn players_are_listed_with_their_presence_and_whether_they_voted() {
    let Team {
        desk,
        path,
        mira,
        jonas,
        ..
    } = Team::new().await;
    mira.add_story("Now").await;
    jonas.act("vote", json!({ "value": "5" })).await.data(200);
    let mut listed = desk.get(&format!("{path}/players")).await.data(200);
    for player in listed.as_array_mut().expect("players") {
        assert_moment(&player["joinedAt"].take());
        assert_moment(&player["lastSeenAt"].take());
    }
    let player = |id: &str, name: &str, avatar: &str| {
        json!({ "id": id, "name": name, "avatar": avatar, "isSpectator": false, "isActive": true,
            "isHost": name == "Mira", "joinedAt": null, "lastSeenAt": null, "isOnline": true,
            "votedInCurrentRound": name == "Jonas", "hasVoted": name == "Jonas" })
    };
    let expected = json!([
        player(&mira.id, "Mira", "🦊"),
        player(&jonas.id, "Jonas", "👤")
    ]);
    assert_eq!(listed, expected);
    let empty = desk.get(&format!("/sessions/{UNKNOWN}/players")).await;
    assert_eq!(empty.data(200), json!([]));
}

#[tokio::test]
async fn a_player_changes_himself_and_nobody_else() {
    let Team { mira, jonas, .. } = Team::new().await;
    let own = format!("/players/{}", jonas.id.to_uppercase());
    let mut changed = jonas
        .put(&own, json!({ "name": " Jo ", "isSpectator": true }))
        .await
        .data(200);
    assert_moment(&changed["lastSeenAt"].take());
    let expected = json!({ "id": jonas.id, "name": "Jo", "avatar": "👤", "isSpectator": true,
        "isActive": true, "lastSeenAt": null });
    assert_eq!(changed, expected);
    let noted = jonas
        .put(&format!("{own}/activity"), json!({}))
        .await
        .data(200);
    assert_eq!(noted, json!({ "message": "Activity updated" }));

    let text = "At least one field must be provided for update";
    jonas
        .put(&own, json!({}))
        .await
        .invalid([("body", text, "custom")]);
    let foreign = format!("/players/{}", mira.id);
    let reply = jonas.put(&foreign, json!({ "name": 7 })).await;
    reply.refused(403, "Can only modify your own player data");
    let reply = jonas.put(&format!("{foreign}/activity"), json!({})).await;
    reply.refused(403, "Cannot update other players activity");
    let reply = jonas.put("/players/nope", json!({})).await;
    reply.invalid([("params.id", "Invalid player ID format", "invalid_string")]);
}

#[tokio::test]
async fn only_the_host_removes_and_never_himself() {
    let Team {
        desk,
        path,
        mira,
        jonas,
        ..
    } = Team::new().await;
    let ada = join_as(&desk, &path, json!({ "playerName": "Ada" })).await;
    let forbidden = "Only session host can remove players";
    let of = |id: &str| format!("/players/{id}");
    jonas.delete(&of(&ada.id)).await.refused(403, forbidden);
    mira.delete(&of(&mira.id)).await.refused(403, forbidden);
    mira.delete(&of(UNKNOWN))
        .await
        .refused(404, "Player not found");
    let other = Team::at(desk.clone(), json!({})).await;
    other
        .mira
        .delete(&of(&ada.id))
        .await
        .refused(404, "Player not found");

    let removed = mira.delete(&of(&ada.id)).await.data(200);
    assert_eq!(removed, json!({ "message": "Player removed" }));
    assert_eq!(desk.get(&path).await.data(200)["playerCount"], 2);
    let late = ada.act("vote", json!({ "value": "5" })).await;
    late.refused(401, "Player no longer exists in session");
    mira.delete(&of(&ada.id))
        .await
        .refused(404, "Player not found");
    let promote = format!("/players/{}/promote", ada.id);
    mira.post(&promote, json!({}))
        .await
        .refused(404, "Player not found");
}

#[tokio::test]
async fn only_the_host_promotes() {
    let Team { mira, jonas, .. } = Team::new().await;
    let promote = |id: &str| format!("/players/{id}/promote");
    let reply = jonas.post(&promote(&jonas.id), json!({})).await;
    reply.refused(403, "Only session host can promote players");
    mira.post(&promote(UNKNOWN), json!({}))
        .await
        .refused(404, "Player not found");
    let same = mira.post(&promote(&mira.id), json!({})).await.data(200);
    assert_eq!(same["newHost"]["id"], mira.id);
    let promoted = mira.post(&promote(&jonas.id), json!({})).await.data(200);
    assert_eq!(promoted["newHost"]["isHost"], true);
    assert_eq!(promoted["previousHost"]["isHost"], false);
    assert_ne!(promoted["newHost"]["joinedAt"], Value::Null);
}
