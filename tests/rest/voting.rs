//! Votes and rounds, and who may do what without a token.

use roundtable::wire::poker::gate::Auth;
use serde_json::{Value, json};

use crate::desk::{Desk, Team, UNKNOWN, assert_moment, join_as};

#[tokio::test]
async fn a_vote_keeps_its_receipt_when_it_changes() {
    let Team {
        session,
        mira,
        jonas,
        ..
    } = Team::new().await;
    let story = mira.add_story("Now").await;
    let first = jonas
        .act("vote", json!({ "value": "5", "storyId": story }))
        .await
        .data(200);
    assert_moment(&first["timestamp"]);
    for body in [
        json!({ "value": "8", "playerId": jonas.id.to_uppercase() }),
        json!({ "value": "8", "storyId": "" }),
        json!({ "value": "13", "storyId": session }),
    ] {
        assert_eq!(jonas.act("vote", body).await.data(200), first);
    }
}

#[tokio::test]
async fn votes_are_refused_in_the_words_of_the_contract() {
    let Team {
        desk,
        path,
        mira,
        jonas,
        ..
    } = Team::new().await;
    let vote = |value: &str| json!({ "value": value });
    jonas
        .act("vote", vote("5"))
        .await
        .refused(400, "Invalid or completed story");
    mira.add_story("Now").await;
    for story in [UNKNOWN, "default-story-17"] {
        let reply = jonas
            .act("vote", json!({ "value": "5", "storyId": story }))
            .await;
        reply.refused(400, "Invalid or completed story");
    }
    let body = json!({ "value": "5", "playerId": mira.id });
    jonas
        .act("vote", body)
        .await
        .refused(403, "Cannot vote for another player");
    let reply = jonas.act("vote", vote("elevenchars")).await;
    let long = "Vote value must be 10 characters or less";
    reply.invalid([("body.value", long, "too_big")]);
    let reply = jonas
        .act("vote", json!({ "confidence": 2.5, "playerId": "" }))
        .await;
    reply.invalid([
        (
            "body.confidence",
            "Expected integer, received float",
            "invalid_type",
        ),
        ("body.value", "Required", "invalid_type"),
        ("body.playerId", "Player ID is required", "too_small"),
    ]);
    let sven = json!({ "playerName": "Sven", "asSpectator": true });
    let sven = join_as(&desk, &path, sven).await;
    sven.act("vote", vote("5"))
        .await
        .refused(403, "Spectators cannot vote");
    jonas.act("vote", vote("5")).await.data(200);
    mira.act("reveal", json!({})).await.data(200);
    let reply = jonas.act("vote", vote("8")).await;
    reply.refused(400, "Voting closed - cards already revealed");
}

#[tokio::test]
async fn a_long_card_of_the_deck_may_be_played() {
    let fields = json!({ "config": { "cardValues": ["1", "not before next year"] } });
    let Team { mira, jonas, .. } = Team::at(Desk::open().await, fields).await;
    mira.add_story("Now").await;
    let vote = json!({ "value": "not before next year" });
    jonas.act("vote", vote).await.data(200);
}

#[tokio::test]
async fn every_action_needs_a_token_of_a_member() {
    let Team { desk, path, .. } = Team::new().await;
    let other = Team::at(desk.clone(), json!({})).await;
    for action in ["vote", "reveal", "reset-voting", "reset"] {
        let path = format!("{path}/{action}");
        let body = json!({ "value": "5" });
        desk.post(&path, body.clone())
            .await
            .refused(401, "Authentication token required");
        let stranger = other.mira.post(&path, body.clone()).await;
        stranger.refused(403, "Not authorized to perform this action");
        let malformed = other
            .mira
            .post(&format!("/sessions/nope/{action}"), body)
            .await;
        malformed.invalid([(
            "params.sessionId",
            "Invalid session ID format",
            "invalid_string",
        )]);
    }
}

#[tokio::test]
async fn the_cards_open_once_and_show_the_same_to_everybody() {
    let Team { mira, jonas, .. } = Team::new().await;
    jonas
        .act("reveal", json!({}))
        .await
        .refused(400, "No active story found");
    mira.add_story("Now").await;
    mira.act("reveal", json!({}))
        .await
        .refused(400, "No votes to reveal");
    mira.act("vote", json!({ "value": "8", "confidence": 3 }))
        .await
        .data(200);
    jonas
        .act("reveal", json!({}))
        .await
        .refused(403, "Host authorization required");
    jonas.act("vote", json!({ "value": "3" })).await.data(200);

    let opened = jonas.act("reveal", json!({})).await.data(200);
    let again = mira.act("reveal", json!({})).await.data(200);
    assert_eq!(opened, again);
    let consensus = json!({ "hasConsensus": false, "suggestedValue": "3", "averageValue": 5.5,
        "deviation": 2.5, "value": "3", "agreement": 0.5, "average": 5.5,
        "distribution": { "8": 1, "3": 1 }, "totalVotes": 2 });
    assert_eq!(opened["consensus"], consensus);
    let statistics = json!({ "min": 3, "max": 8, "median": 8, "standardDeviation": 2.5,
        "confidenceAverage": 3 });
    assert_eq!(opened["statistics"], statistics);
    let vote = &opened["votes"][0];
    assert_eq!(
        (&vote["playerId"], &vote["playerName"]),
        (&json!(mira.id), &json!("Mira"))
    );
    assert_eq!(
        (&vote["value"], &vote["confidence"]),
        (&json!("8"), &json!(3))
    );
    assert_moment(&vote["timestamp"]);
    assert_eq!(opened["votes"][1].get("confidence"), None);
}

#[tokio::test]
async fn cards_without_numbers_have_no_statistics() {
    let Team { mira, .. } = Team::new().await;
    mira.add_story("Now").await;
    mira.act("vote", json!({ "value": "☕" })).await.data(200);
    let opened = mira.act("reveal", json!({})).await.data(200);
    assert_eq!(opened.get("statistics"), Some(&Value::Null));
    assert_eq!(opened["consensus"]["hasConsensus"], true);
}

#[tokio::test]
async fn a_round_is_reset_by_the_host_or_after_the_reveal() {
    let Team {
        path, mira, jonas, ..
    } = Team::new().await;
    mira.add_story("Now").await;
    jonas.act("vote", json!({ "value": "5" })).await.data(200);
    jonas
        .act("reset-voting", json!({}))
        .await
        .refused(403, "Host authorization required");
    mira.act("reveal", json!({})).await.data(200);
    let reset = jonas.act("reset-voting", json!({})).await.data(200);
    assert_eq!(reset, json!({ "message": "Voting reset successfully" }));
    let votes = mira.get(&format!("{path}/votes")).await.data(200);
    assert_eq!(
        votes,
        json!({ "votes": [], "revealed": false, "consensus": null })
    );
}

#[tokio::test]
async fn the_host_goes_on_to_the_next_story() {
    let Team {
        path, mira, jonas, ..
    } = Team::new().await;
    mira.add_story("One").await;
    let next = json!({ "newStory": { "title": "Two" } });
    jonas
        .act("reset", next.clone())
        .await
        .refused(403, "Host authorization required");
    let reply = mira
        .act("reset", json!({ "newStory": { "title": "" } }))
        .await;
    reply.invalid([(
        "body.newStory.title",
        "Story title is required",
        "too_small",
    )]);
    let gone_on = mira.act("reset", next).await.data(200);
    assert_eq!(gone_on, json!({ "message": "New round started" }));
    let stories = mira.get(&format!("{path}/stories")).await.data(200);
    assert_moment(&stories[0]["completedAt"]);
    assert_eq!(
        (&stories[1]["title"], &stories[1]["isActive"]),
        (&json!("Two"), &json!(true))
    );
    mira.act("reset", json!({})).await.data(200);
    let stories = mira.get(&format!("{path}/stories")).await.data(200);
    assert_eq!(stories[1]["isActive"], false);
}

#[tokio::test]
async fn values_are_listed_only_when_their_own_round_was_opened() {
    let Team {
        desk,
        path,
        mira,
        jonas,
        ..
    } = Team::new().await;
    let votes = format!("{path}/votes");
    let nothing = json!({ "votes": [], "revealed": false, "consensus": null });
    assert_eq!(desk.get(&votes).await.data(200), nothing);
    let closed = mira.add_story("Closed").await;
    jonas
        .act("vote", json!({ "value": "q9x", "confidence": 4 }))
        .await
        .data(200);
    let mut listed = desk.get(&votes).await.data(200);
    assert_moment(&listed["votes"][0]["timestamp"].take());
    let secret = json!({ "playerId": jonas.id, "playerName": "Jonas", "hasVoted": true,
        "value": null, "confidence": null, "timestamp": null });
    let expected = json!({ "votes": [secret], "revealed": false, "consensus": null });
    assert_eq!(listed, expected);

    let open = mira.add_story("Open").await;
    mira.act("vote", json!({ "value": "5" })).await.data(200);
    mira.act("reveal", json!({})).await.data(200);
    let listed = desk.get(&format!("{votes}?storyId={open}")).await.data(200);
    assert_eq!(
        (&listed["revealed"], &listed["votes"][0]["value"]),
        (&json!(true), &json!("5"))
    );
    assert_eq!(listed["votes"][0].get("confidence"), None);
    assert_eq!(listed["consensus"]["distribution"], json!({ "5": 1 }));
    mira.add_story("Next").await;
    let earlier = desk.get(&format!("{votes}?storyId={open}")).await.data(200);
    assert_eq!(earlier, listed, "an opened round stays open");
    let earlier = desk.get(&format!("{votes}?storyId={closed}")).await;
    assert!(!earlier.text.contains("q9x"), "{}", earlier.text);
    assert_eq!(earlier.data(200)["votes"][0]["hasVoted"], true);
}

#[tokio::test]
async fn votes_of_foreign_and_malformed_stories_are_not_shown() {
    let Team {
        desk,
        session,
        path,
        mira,
        ..
    } = Team::new().await;
    let theirs = Team::at(desk.clone(), json!({}))
        .await
        .mira
        .add_story("Secret")
        .await;
    for story in [UNKNOWN, &*theirs] {
        let reply = mira.get(&format!("{path}/votes?storyId={story}")).await;
        reply.refused(404, "Story not found");
    }
    let reply = desk.get(&format!("{path}/votes?a=b&storyId=nope")).await;
    reply.invalid([("query.storyId", "Invalid story ID format", "invalid_string")]);
    for alias in ["", &*session] {
        let reply = desk.get(&format!("{path}/votes?storyId={alias}")).await;
        assert_eq!(reply.status, 200);
    }
    let unknown = desk.get(&format!("/sessions/{UNKNOWN}/votes")).await;
    unknown.refused(404, "Session not found");
}

#[tokio::test]
async fn an_open_desk_believes_everybody() {
    let team = Team::at(Desk::with(Auth::Open, None), json!({})).await;
    let Team {
        desk,
        path,
        mira,
        jonas,
        ..
    } = team;
    mira.add_story("Now").await;
    let action = |what: &str| format!("{path}/{what}");
    let vote = |player: &str| json!({ "value": "5", "playerId": player });
    desk.post(&action("vote"), vote(&jonas.id)).await.data(200);
    jonas.act("vote", vote(&mira.id)).await.data(200);
    jonas.act("vote", json!({ "value": "8" })).await.data(200);
    let reply = desk.post(&action("vote"), json!({ "value": "5" })).await;
    reply.invalid([("body.playerId", "Required", "invalid_type")]);
    desk.post(&action("vote"), vote(UNKNOWN))
        .await
        .refused(404, "Player not found");
    let opened = desk.post(&action("reveal"), json!({})).await.data(200);
    assert_eq!(opened["votes"].as_array().map(Vec::len), Some(2));
    desk.post(&action("reset-voting"), json!({}))
        .await
        .data(200);
    let reply = desk
        .post(&action("stories"), json!({ "title": "Mine" }))
        .await;
    reply.refused(401, "Authentication token required");
    let nowhere = format!("/sessions/{UNKNOWN}/reveal");
    desk.post(&nowhere, json!({}))
        .await
        .refused(404, "Session not found");
}
