//! The backlog over sockets: what the host plans, everybody is told.

#[path = "common/asking.rs"]
mod asking;
#[expect(dead_code, reason = "other tests need the rest")]
mod common;
#[path = "common/socketio.rs"]
mod socketio;

use std::net::SocketAddr;

use asking::{ask, attach, host_of, refused};
use common::serve;
use serde_json::{Value, json};
use socketio::{Client, Session, open_session};

/// Calls the session's REST routes as its host and returns the `data` of the answer.
async fn call(
    address: SocketAddr,
    session: &Session,
    (method, path): (&str, &str),
    body: Value,
) -> Value {
    let url = format!("http://{address}/api/sessions/{}{path}", session.id);
    let method = method.parse().expect("a method");
    let request = reqwest::Client::new().request(method, url);
    let request = request.bearer_auth(&session.token).json(&body);
    let answer = request.send().await.expect("an answer");
    let mut answer: Value = answer.json().await.expect("JSON");
    assert_eq!(answer["success"], true, "{answer}");
    answer["data"].take()
}

/// Waits for so many events and returns their names, each with the title of its story.
async fn titles(client: &mut Client, count: usize) -> Vec<(String, Value)> {
    let mut told = Vec::new();
    while told.len() < count {
        let (event, payload) = client.event().await.expect("the connection is open");
        told.push((event, payload["story"]["title"].clone()));
    }
    told
}

fn told<const N: usize>(events: [(&str, &str); N]) -> Vec<(String, Value)> {
    events
        .map(|(event, title)| (event.to_owned(), json!(title)))
        .into()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_story_can_be_added_without_interrupting_the_vote() {
    let server = serve(&[]).await;
    let address = server.addresses()[0];
    let session = open_session(address).await;
    let mut host = host_of(address, &session).await;
    let first = json!({ "title": "One", "activate": false });
    let (heard, answer) = ask(&mut host, "story:create", &first).await;
    assert_eq!(answer, json!({ "ok": true }));
    assert_eq!(
        (&heard[0][0], &heard[1][0]),
        (&json!("story:created"), &json!("story:activated"))
    );
    ask(&mut host, "vote:submit", &json!({ "value": "5" })).await;
    let second = json!({ "title": "Two", "activate": false });
    let (heard, _) = ask(&mut host, "story:create", &second).await;
    assert_eq!(heard.len(), 1, "it is not activated: {heard:?}");
    assert_eq!(
        (&heard[0][0], &heard[0][1]["story"]["isActive"]),
        (&json!("story:created"), &json!(false))
    );
    let (heard, _) = ask(&mut host, "cards:reveal", &json!({})).await;
    let votes = &heard.last().expect("an event")[1]["votes"];
    assert_eq!(votes[0]["value"], "5", "the vote goes on");
    let unreadable = json!({ "title": "Three", "activate": "no" });
    let (heard, answer) = ask(&mut host, "story:create", &unreadable).await;
    refused(&answer, "INVALID_PAYLOAD");
    assert!(heard.is_empty(), "{heard:?}");
    server.shut_down().await.expect("it ends in time");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_import_is_told_story_by_story_and_the_first_becomes_active() {
    let server = serve(&[]).await;
    let address = server.addresses()[0];
    let session = open_session(address).await;
    let mut watcher = attach(address, &json!({ "sessionId": session.id })).await;
    let body = json!({ "stories": [{ "title": "One" }, { "title": "Two" }, { "title": "Three" }] });
    let stories = call(address, &session, ("POST", "/stories/import"), body).await;
    assert_eq!(stories.as_array().map(Vec::len), Some(3));
    let expected = told([
        ("story:created", "One"),
        ("story:activated", "One"),
        ("story:created", "Two"),
        ("story:created", "Three"),
    ]);
    assert_eq!(titles(&mut watcher, 4).await, expected);
    let body = json!({ "stories": [{ "title": "Four" }] });
    call(address, &session, ("POST", "/stories/import"), body).await;
    assert_eq!(
        titles(&mut watcher, 1).await,
        told([("story:created", "Four")])
    );
    server.shut_down().await.expect("it ends in time");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_moved_story_brings_a_new_order_to_everybody_and_no_move_brings_nothing() {
    let server = serve(&[]).await;
    let address = server.addresses()[0];
    let session = open_session(address).await;
    let mut host = host_of(address, &session).await;
    let body = json!({ "stories": [{ "title": "One" }, { "title": "Two" }, { "title": "Three" }] });
    let stories = call(address, &session, ("POST", "/stories/import"), body).await;
    let [one, two, three] = [0, 1, 2].map(|n| stories[n]["id"].clone());
    let mut watcher = attach(address, &json!({ "sessionId": session.id })).await;
    titles(&mut host, 4).await;

    let order = json!({ "storyIds": [three, one, two] });
    let first = json!({ "storyId": three, "toIndex": 0 });
    let (heard, answer) = ask(&mut host, "story:move", &first).await;
    assert_eq!(
        (heard, answer),
        (
            vec![json!(["story:reordered", order])],
            json!({ "ok": true })
        )
    );
    assert_eq!(watcher.wait_for("story:reordered").await, order);
    let (heard, answer) = ask(&mut host, "story:move", &first).await;
    assert_eq!((heard, answer), (vec![], json!({ "ok": true })));

    let path = format!("/stories/{}/move", three.as_str().expect("an id"));
    let moved = call(address, &session, ("PUT", &path), json!({ "toIndex": 99 })).await;
    assert_eq!(moved["orderIndex"], 3);
    let order = json!({ "storyIds": [one, two, three] });
    assert_eq!(watcher.wait_for("story:reordered").await, order);

    let nobody = json!({ "storyId": session.id, "toIndex": 0 });
    let (_, answer) = ask(&mut host, "story:move", &nobody).await;
    refused(&answer, "STORY_NOT_FOUND");
    let (_, answer) = ask(&mut host, "story:move", &json!({ "storyId": one })).await;
    refused(&answer, "INVALID_PAYLOAD");
    let guest = json!({ "sessionId": session.id, "playerName": "Ada" });
    let mut guest = attach(address, &guest).await;
    let (_, answer) = ask(&mut guest, "story:move", &first).await;
    refused(&answer, "FORBIDDEN");
    server.shut_down().await.expect("it ends in time");
}
