//! Own cards: whoever comes back with the player's token is told which card is on the table for
//! him; nobody else is.

#[path = "common/asking.rs"]
#[expect(dead_code, reason = "other tests need the rest")]
mod asking;
#[expect(dead_code, reason = "other tests need the rest")]
mod common;
#[path = "common/socketio.rs"]
mod socketio;

use std::net::SocketAddr;

use asking::{ask, attach, host_of};
use common::serve;
use serde_json::{Value, json};
use socketio::{Client, Session, open_session};

/// What a socket is told right after it has connected, up to the answer to a heartbeat.
async fn told_on_connection(address: SocketAddr, auth: &Value) -> Vec<Value> {
    let mut client = attach(address, auth).await;
    rest_of_the_catch_up(&mut client).await
}

async fn rest_of_the_catch_up(client: &mut Client) -> Vec<Value> {
    let (heard, _) = ask(client, "heartbeat", &json!({})).await;
    let heard = heard.into_iter();
    heard.filter(|it| it[0] == "vote:restored").collect()
}

async fn voted(address: SocketAddr, session: &Session) -> Client {
    let mut host = host_of(address, session).await;
    ask(&mut host, "story:create", &json!({ "title": "Export" })).await;
    let vote = json!({ "value": "13", "confidence": 4 });
    let (_, answer) = ask(&mut host, "vote:submit", &vote).await;
    assert_eq!(answer, json!({ "ok": true }));
    host
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_brings_the_own_card_back_for_as_long_as_it_is_closed() {
    let server = serve(&[]).await;
    let address = server.addresses()[0];
    let session = open_session(address).await;
    let mut host = voted(address, &session).await;

    let auth = json!({ "sessionId": session.id, "token": session.token });
    let told = told_on_connection(address, &auth).await;
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(told[0][1]["value"], "13");
    assert_eq!(told[0][1]["confidence"], 4);

    ask(&mut host, "cards:reveal", &json!({})).await;
    assert!(told_on_connection(address, &auth).await.is_empty());
    server.shut_down().await.expect("it ends in time");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_player_without_a_vote_and_a_watcher_are_told_of_no_card() {
    let server = serve(&[]).await;
    let address = server.addresses()[0];
    let session = open_session(address).await;
    let _host = voted(address, &session).await;
    let ada = json!({ "sessionId": session.id, "playerName": "Ada" });
    let watcher = json!({ "sessionId": session.id });
    for auth in [ada, watcher] {
        assert!(told_on_connection(address, &auth).await.is_empty());
    }
    server.shut_down().await.expect("it ends in time");
}

/// Everybody knows the ids of all, and colleagues share an address, which is enough to act.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_id_without_its_token_brings_no_card_however_it_is_asked() {
    for flags in [&[][..], &["--poker-socket-binding", "off"]] {
        let server = serve(flags).await;
        let address = server.addresses()[0];
        let session = open_session(address).await;
        let _host = voted(address, &session).await;
        let auth = json!({ "sessionId": session.id, "playerId": session.host });
        let mut stranger = attach(address, &auth).await;
        assert!(rest_of_the_catch_up(&mut stranger).await.is_empty());
        let again = json!({ "sessionId": session.id });
        let (heard, answer) = ask(&mut stranger, "session:join", &again).await;
        assert_eq!(answer, json!({ "ok": true }));
        assert!(!heard.is_empty());
        assert!(heard.iter().all(|it| it[0] != "vote:restored"), "{heard:?}");
        server.shut_down().await.expect("it ends in time");
    }
}
