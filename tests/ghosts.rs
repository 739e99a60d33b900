//! Whoever is gone is gone: no seat, no socket and no room membership outlives its connection.

mod common;
#[path = "common/socketio.rs"]
mod socketio;

use std::time::Duration;

use common::{DEADLINE, metric, serve};
use roundtable::server::Server;
use serde_json::json;
use socketio::{Client, open_session};
use tokio::time::{sleep, timeout};

const BUFFER_BYTES: usize = 1 << 16;
const VISITS: usize = 120;

async fn becomes_zero(server: &Server, name: &str) {
    let gone = async {
        while metric(server, name).await != 0.0 {
            sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(DEADLINE, gone)
        .await
        .unwrap_or_else(|_| panic!("{name} stays above zero"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_that_break_at_any_moment_of_joining_leave_no_ghost() {
    let server = serve(&["--rate-limits", "off"]).await;
    let address = server.addresses()[0];
    let session = open_session(address).await;
    let credentials =
        json!({ "sessionId": session.id, "playerId": session.host, "token": session.token });
    for visit in 0..VISITS {
        let mut client = Client::connect(address, BUFFER_BYTES, &credentials).await;
        // Some leave before they are let in, some in the middle of it, some right behind it.
        for _ in 0..visit % 4 {
            client.packet().await.expect("the connection is open");
        }
        drop(client);
    }
    becomes_zero(&server, "roundtable_seats").await;
    becomes_zero(
        &server,
        r#"roundtable_connections{transport="websocket",dialect="poker"}"#,
    )
    .await;

    let players = format!("http://{address}/api/sessions/{}/players", session.id);
    let answer: serde_json::Value = reqwest::get(players)
        .await
        .expect("an answer")
        .json()
        .await
        .expect("JSON");
    assert_eq!(answer.pointer("/data/0/isOnline"), Some(&json!(false)));
    server
        .shut_down()
        .await
        .expect("nothing keeps it from ending");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_full_of_clients_ends_in_time_and_gives_up_no_seat() {
    let server = serve(&["--rate-limits", "off", "--shutdown-secs", "5"]).await;
    let address = server.addresses()[0];
    let session = open_session(address).await;
    let credentials =
        json!({ "sessionId": session.id, "playerId": session.host, "token": session.token });
    let mut clients = Vec::new();
    for _ in 0..20 {
        let mut client = Client::connect(address, BUFFER_BYTES, &credentials).await;
        client.wait_for("session:joined").await;
        clients.push(client);
    }
    server.shut_down().await.expect("it ends in time");
    for mut client in clients {
        while let Some(packet) = client.packet().await {
            assert!(
                !packet.starts_with("41"),
                "a server-side disconnect keeps clients away"
            );
        }
    }
}
