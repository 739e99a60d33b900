//! Plain WebSockets beside Socket.IO: they are counted, and told when the server goes.

mod common;

use common::{DEADLINE, metric, serve};
use futures_util::{SinkExt, StreamExt};
use roundtable::server::Server;
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

type Page = WebSocketStream<MaybeTlsStream<TcpStream>>;

const CONNECTIONS: &str = r#"roundtable_connections{transport="websocket",dialect="signal"}"#;

/// Opens a session and joins it.
async fn joined(server: &Server) -> Page {
    let address = server.addresses()[0];
    let body = json!({ "name": "Sprint", "facilitatorId": "ann-1", "facilitatorName": "Ann" });
    let request = reqwest::Client::new().post(format!("http://{address}/signal/sessions"));
    let answer = request.json(&body).send().await.expect("an answer");
    let session: Value = answer.json().await.expect("JSON");
    let (mut page, _) = connect_async(format!("ws://{address}/signal"))
        .await
        .expect("a WebSocket");
    let join =
        json!({ "type": "join", "sessionId": session["id"], "userId": "ann-1", "userName": "Ann" });
    page.send(Message::text(join.to_string()))
        .await
        .expect("it is open");
    wait_for(&mut page, "joined").await;
    page
}

async fn wait_for(page: &mut Page, kind: &str) {
    loop {
        let message = timeout(DEADLINE, page.next())
            .await
            .expect("a message in time");
        let message = message.expect("it is open").expect("a message");
        let Message::Text(text) = message else {
            continue;
        };
        let message: Value = serde_json::from_str(&text).expect("JSON");
        if message["type"] == kind {
            return;
        }
    }
}

async fn until(server: &Server, name: &str, expected: f64) {
    let reached = async {
        while (metric(server, name).await - expected).abs() > f64::EPSILON {
            tokio::task::yield_now().await;
        }
    };
    timeout(DEADLINE, reached)
        .await
        .unwrap_or_else(|_| panic!("{name} did not become {expected}"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_and_seats_are_counted_while_they_last() {
    let server = serve(&[]).await;
    let page = joined(&server).await;
    assert!((metric(&server, CONNECTIONS).await - 1.0).abs() < f64::EPSILON);
    until(&server, "roundtable_seats", 1.0).await;
    drop(page);
    until(&server, CONNECTIONS, 0.0).await;
    until(&server, "roundtable_seats", 0.0).await;
    server.shut_down().await.expect("it ends in time");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_goes_says_so() {
    let server = serve(&[]).await;
    let mut page = joined(&server).await;
    let ended = tokio::spawn(server.shut_down());
    let closed = async {
        loop {
            match page.next().await.expect("a goodbye").expect("a frame") {
                Message::Close(frame) => return frame,
                _ => continue,
            }
        }
    };
    let frame = timeout(DEADLINE, closed).await.expect("in time");
    assert_eq!(frame.expect("a code").code, CloseCode::Away);
    ended.await.expect("no panic").expect("it ends in time");
}
