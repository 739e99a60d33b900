//! A recipient that cannot keep up is resynchronised, never waited for.

mod common;
#[path = "common/socketio.rs"]
mod socketio;

use common::{metric, serve};
use serde_json::{Value, json};
use socketio::{Client, open_session};

/// Enough bytes to fill the kernel's buffers and the server's on top of them.
const EVENTS: usize = 4000;
const SMALL_BUFFER_BYTES: usize = 4096;
const LARGE_BUFFER_BYTES: usize = 1 << 20;

fn title(payload: &Value, pointer: &str) -> usize {
    let title = payload
        .pointer(pointer)
        .and_then(Value::as_str)
        .expect("a title");
    title.parse().expect("a number")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_stopped_reading_gets_the_state_anew_and_delays_nobody() {
    let server = serve(&["--rate-limits", "off"]).await;
    let address = server.addresses()[0];
    let session = open_session(address).await;
    let credentials =
        json!({ "sessionId": session.id, "playerId": session.host, "token": session.token });
    let mut host = Client::connect(address, LARGE_BUFFER_BYTES, &credentials).await;
    host.wait_for("session:joined").await;
    let watching = json!({ "sessionId": session.id });
    let mut slow = Client::connect(address, SMALL_BUFFER_BYTES, &watching).await;
    slow.wait_for("session:joined").await;

    host.send(r#"42["story:create",{"title":"0"}]"#).await;
    host.wait_for("story:activated").await;
    slow.wait_for("story:activated").await;
    let description = "x".repeat(1000);
    for n in 1..=EVENTS {
        let update =
            json!(["story:update", { "title": n.to_string(), "description": description }]);
        host.send(&format!("42{update}")).await;
        let told = host.wait_for("story:updated").await;
        assert_eq!(
            title(&told, "/story/title"),
            n,
            "the host hears everything in order"
        );
    }
    assert!(metric(&server, "roundtable_lagging_recipients_total").await >= 1.0);

    let mut last = 0;
    let mut resynchronised = false;
    while last < EVENTS {
        let (event, payload) = slow
            .event()
            .await
            .expect("a slow client is not cut at once");
        match event.as_str() {
            "story:updated" => {
                let n = title(&payload, "/story/title");
                assert_eq!(n, last + 1, "no gap but behind a snapshot");
                last = n;
            }
            "session:joined" => {
                last = title(&payload, "/currentStory/title");
                resynchronised = true;
            }
            _ => {}
        }
    }
    assert!(resynchronised);
    server.shut_down().await.expect("it ends in time");
}
