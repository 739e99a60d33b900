//! Reactions: an emoji for everybody in the room, which passes and is not stored.

#[path = "common/asking.rs"]
mod asking;
mod common;
#[path = "common/socketio.rs"]
mod socketio;

use std::net::SocketAddr;

use asking::{ask, attach, host_of, refused};
use common::{DEADLINE, metric, serve};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use socketio::{Client, open_session};
use tokio::time::timeout;
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::Message;

const APPENDS: &str = "roundtable_append_seconds_count";

async fn react(client: &mut Client, payload: &Value) -> (Vec<Value>, Value) {
    ask(client, "reaction:send", payload).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reaction_of_a_spectator_is_shown_to_everybody_and_stored_nowhere() {
    let server = serve(&[]).await;
    let address = server.addresses()[0];
    let session = open_session(address).await;
    let mut host = host_of(address, &session).await;
    let mut watcher = attach(address, &json!({ "sessionId": session.id })).await;
    let spectator = json!({ "sessionId": session.id, "playerName": "Ada", "isSpectator": true });
    let mut ada = attach(address, &spectator).await;
    let player = host.wait_for("player:joined").await["player"]["id"].clone();
    let before = metric(&server, APPENDS).await;

    let shown = json!({ "playerId": player, "emoji": "👩‍👩‍👧‍👦" });
    let (heard, answer) = react(&mut ada, &json!({ "emoji": "👩‍👩‍👧‍👦" })).await;
    assert_eq!(heard, [json!(["reaction:sent", shown])]);
    assert_eq!(answer, json!({ "ok": true }));
    for client in [&mut host, &mut watcher] {
        assert_eq!(client.wait_for("reaction:sent").await, shown);
    }
    assert_eq!(metric(&server, APPENDS).await, before);
    server.shut_down().await.expect("it ends in time");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_no_emoji_of_a_member_is_shown_to_nobody() {
    let server = serve(&[]).await;
    let address = server.addresses()[0];
    let session = open_session(address).await;
    let mut host = host_of(address, &session).await;
    for emoji in [json!(""), json!("🙏".repeat(9)), json!(7), Value::Null] {
        let (heard, answer) = react(&mut host, &json!({ "emoji": emoji })).await;
        assert!(heard.is_empty(), "{heard:?}");
        refused(&answer, "INVALID_PAYLOAD");
    }
    let mut watcher = attach(address, &json!({ "sessionId": session.id })).await;
    let (_, answer) = react(&mut watcher, &json!({ "emoji": "🙏" })).await;
    refused(&answer, "NO_PLAYER");
    let (heard, _) = react(&mut host, &json!({ "emoji": "🙏🙏🙏🙏🙏🙏🙏🙏" })).await;
    assert_eq!(heard.len(), 1, "nothing but the last was shown: {heard:?}");
    server.shut_down().await.expect("it ends in time");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_sixty_first_reaction_of_a_minute_is_refused() {
    let server = serve(&[]).await;
    let address = server.addresses()[0];
    let session = open_session(address).await;
    let mut host = host_of(address, &session).await;
    for _ in 0..60 {
        let (_, answer) = react(&mut host, &json!({ "emoji": "👏" })).await;
        assert_eq!(answer, json!({ "ok": true }));
    }
    let (heard, answer) = react(&mut host, &json!({ "emoji": "👏" })).await;
    refused(&answer, "RATE_LIMITED");
    assert_eq!(heard[0][0], "rate:limit");
    assert_eq!(heard[0][1]["event"], "reaction:send");
    server.shut_down().await.expect("it ends in time");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_whose_fun_is_switched_off_shows_no_reactions() {
    let server = serve(&[]).await;
    let address = server.addresses()[0];
    let session = session_without_fun(address).await;
    let player = json!({ "sessionId": session, "playerName": "Ada" });
    let mut ada = attach(address, &player).await;
    let (heard, answer) = react(&mut ada, &json!({ "emoji": "🙏" })).await;
    assert!(heard.is_empty(), "{heard:?}");
    refused(&answer, "FORBIDDEN");
    server.shut_down().await.expect("it ends in time");
}

/// A session whose facilitator has switched fun off on a page.
async fn session_without_fun(address: SocketAddr) -> Value {
    let body = json!({ "name": "Sprint", "facilitatorId": "ann-1", "facilitatorName": "Ann" });
    let request = reqwest::Client::new().post(format!("http://{address}/signal/sessions"));
    let answer = request.json(&body).send().await.expect("an answer");
    let session = answer.json::<Value>().await.expect("JSON")["id"].take();
    let (mut page, _) = connect_async(format!("ws://{address}/signal"))
        .await
        .expect("a WebSocket");
    let join =
        json!({ "type": "join", "sessionId": session, "userId": "ann-1", "userName": "Ann" });
    let change = json!({ "settings": { "enableFunFeatures": false } });
    let settings = json!({
        "type": "sync_event",
        "event": { "type": "SETTINGS_UPDATED", "payload": change },
    });
    for message in [join, settings] {
        let sent = page.send(Message::text(message.to_string())).await;
        sent.expect("it is open");
    }
    loop {
        let message = timeout(DEADLINE, page.next()).await.expect("in time");
        let message = message.expect("it is open").expect("a message");
        if message
            .to_text()
            .is_ok_and(|text| text.contains("SETTINGS_UPDATED"))
        {
            return session;
        }
    }
}
