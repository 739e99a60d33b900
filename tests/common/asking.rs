//! Players on sockets who ask and wait for the answer.

use std::net::SocketAddr;

use serde_json::{Value, json};

use crate::socketio::{Client, Session};

const BUFFER_BYTES: usize = 1 << 20;

/// The host's socket.
pub(crate) async fn host_of(address: SocketAddr, session: &Session) -> Client {
    let credentials =
        json!({ "sessionId": session.id, "playerId": session.host, "token": session.token });
    attach(address, &credentials).await
}

/// A socket with these credentials that has seen the state.
pub(crate) async fn attach(address: SocketAddr, credentials: &Value) -> Client {
    let mut client = Client::connect(address, BUFFER_BYTES, credentials).await;
    client.wait_for("session:joined").await;
    client
}

/// Sends an event and returns what the client heard until it was acknowledged, and the
/// acknowledgement.
pub(crate) async fn ask(client: &mut Client, event: &str, payload: &Value) -> (Vec<Value>, Value) {
    client
        .send(&format!("427{}", json!([event, payload])))
        .await;
    let mut heard = Vec::new();
    loop {
        let packet = client.packet().await.expect("the connection is open");
        if let Some(answer) = packet.strip_prefix("437") {
            let [answer]: [Value; 1] = serde_json::from_str(answer).expect("an answer");
            return (heard, answer);
        }
        let event = packet.strip_prefix("42").expect("an event");
        heard.push(serde_json::from_str(event).expect("an event"));
    }
}

/// Asserts that this is a refusal with that code.
#[track_caller]
pub(crate) fn refused(answer: &Value, code: &str) {
    let (ok, told) = (&answer["ok"], &answer["code"]);
    assert_eq!((ok, told), (&json!(false), &json!(code)), "{answer}");
}
