//! The operations listener: what a dashboard shows, and what an operator may do.

#[path = "common/asking.rs"]
#[expect(dead_code, reason = "other tests need the rest")]
mod asking;
#[expect(dead_code, reason = "other tests need the rest")]
mod common;
#[path = "common/socketio.rs"]
mod socketio;

use asking::{attach, host_of};
use common::serve;
use reqwest::{Client, Method};
use roundtable::server::Server;
use serde_json::{Value, json};
use socketio::open_session;

const TOKEN: &str = "an operator's secret";

/// Asks the operations listener, with this token if it is not empty.
async fn ask(server: &Server, (method, path): (Method, &str), token: &str) -> (u16, Value) {
    let address = server.ops_address().expect("it is served");
    let mut request = Client::new().request(method, format!("http://{address}{path}"));
    if !token.is_empty() {
        request = request.bearer_auth(token);
    }
    let answer = request.send().await.expect("an answer");
    let status = answer.status().as_u16();
    (status, answer.json().await.expect("JSON"))
}

async fn get(server: &Server, path: &str) -> Value {
    let (status, body) = ask(server, (Method::GET, path), "").await;
    assert_eq!(status, 200, "{body}");
    body
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dashboard_is_told_what_this_node_does() {
    let server = serve(&[]).await;
    let address = server.addresses()[0];
    let session = open_session(address).await;
    let mut host = host_of(address, &session).await;
    let (_, answer) = asking::ask(&mut host, "story:create", &json!({ "title": "One" })).await;
    assert_eq!(answer["ok"], true);
    let (_, answer) = asking::ask(&mut host, "vote:submit", &json!({ "value": "" })).await;
    assert_eq!(answer["ok"], false);

    let stats = get(&server, "/stats.json").await;
    let websocket = json!({ "transport": "websocket", "dialect": "poker", "count": 1 });
    let connections = stats["connections"].as_array().expect("a list");
    assert!(connections.contains(&websocket), "{stats}");
    assert_eq!(stats["sessions"], json!({ "poker": 1, "sync": 0 }));
    assert_eq!(stats["seats"], 1);
    assert_eq!(
        stats["store"],
        json!({ "kind": "memory", "isUp": true, "error": null })
    );
    assert_eq!(
        stats["eventsIn"],
        json!({ "total": 2, "byEvent": { "story:create": 1, "vote:submit": 1 } })
    );
    assert_eq!(stats["broadcasts"]["byEvent"]["story:created"], 1);
    assert_eq!(stats["rejections"]["INVALID_PAYLOAD"], 1);
    assert_eq!(stats["rateLimited"]["total"], 0);
    assert_eq!(
        (&stats["resynchronised"], &stats["cut"]),
        (&json!(0), &json!(0))
    );
    assert!(
        stats["append"]["count"].as_u64().expect("a number") >= 3,
        "{stats}"
    );
    let last = stats["append"]["buckets"]
        .as_array()
        .and_then(|it| it.last());
    assert_eq!(last.expect("a bucket")["count"], stats["append"]["count"]);
    assert!(stats["uptimeSeconds"].as_f64().expect("a number") > 0.0);
    assert!(
        stats["memory"]["residentBytes"]
            .as_u64()
            .is_none_or(|bytes| bytes > 1_000_000)
    );
    assert_eq!(stats["node"].as_str().map(str::len), Some(36));
    server.shut_down().await.expect("it ends in time");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sessions_are_listed_without_a_name_or_a_vote() {
    let server = serve(&[]).await;
    let address = server.addresses()[0];
    let session = open_session(address).await;
    let mut host = host_of(address, &session).await;
    asking::ask(
        &mut host,
        "story:create",
        &json!({ "title": "Secret title" }),
    )
    .await;
    asking::ask(&mut host, "vote:submit", &json!({ "value": "77" })).await;
    attach(
        address,
        &json!({ "sessionId": session.id, "playerName": "Ada" }),
    )
    .await;
    let mut listed = get(&server, "/sessions.json").await;
    let age = listed["sessions"][0]["ageSeconds"].take();
    assert!(age.as_u64().is_some_and(|age| age < 60), "{age}");
    let only = listed["sessions"][0].clone();
    assert_eq!(
        (&only["id"], &only["dialect"]),
        (&json!(session.id), &json!("poker"))
    );
    assert_eq!((&only["players"], &only["stories"]), (&json!(2), &json!(1)));
    assert_eq!(listed["inMemory"], 1);
    let text = listed.to_string();
    for secret in ["Sprint", "Mira", "Ada", "Secret", "77"] {
        assert!(
            !text.replace(&session.id, "").contains(secret),
            "{secret}: {text}"
        );
    }
    server.shut_down().await.expect("it ends in time");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_operator_with_the_token_removes_players_and_closes_sessions() {
    let server = serve(&["--ops-token", TOKEN]).await;
    let address = server.addresses()[0];
    let session = open_session(address).await;
    let mut host = host_of(address, &session).await;
    let guest = json!({ "sessionId": session.id, "playerName": "Ada" });
    let mut ada = attach(address, &guest).await;
    let player = host.wait_for("player:joined").await["player"]["id"].clone();
    let player = player.as_str().expect("an id");
    let kick = format!("/sessions/{}/players/{player}/kick", session.id);
    let close = format!("/sessions/{}/close", session.id);
    for path in [&kick, &close] {
        for wrong in ["", "wrong"] {
            let (status, body) = ask(&server, (Method::POST, path), wrong).await;
            assert_eq!(status, 401, "{body}");
        }
    }

    let host_is = format!("/sessions/{}/players/{}/kick", session.id, session.host);
    assert_eq!(ask(&server, (Method::POST, &host_is), TOKEN).await.0, 409);
    let kicked = ask(&server, (Method::POST, &kick), TOKEN).await;
    assert_eq!(kicked, (200, json!({ "kicked": player })));
    assert_eq!(ada.wait_for("player:removed").await["playerId"], player);
    assert_eq!(ask(&server, (Method::POST, &kick), TOKEN).await.0, 404);

    let closed = ask(&server, (Method::POST, &close), TOKEN).await;
    assert_eq!(closed, (200, json!({ "closed": session.id })));
    assert_eq!(
        host.wait_for("session:error").await["code"],
        "SESSION_DELETED"
    );
    assert_eq!(ask(&server, (Method::POST, &close), TOKEN).await.0, 404);
    assert_eq!(
        ask(&server, (Method::POST, "/sessions/nope/close"), TOKEN)
            .await
            .0,
        404
    );
    server.shut_down().await.expect("it ends in time");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_configured_token_nobody_changes_anything() {
    let server = serve(&[]).await;
    let session = open_session(server.addresses()[0]).await;
    let close = format!("/sessions/{}/close", session.id);
    let (status, body) = ask(&server, (Method::POST, &close), TOKEN).await;
    assert_eq!(status, 403);
    let text = body["error"].as_str().expect("a text");
    assert!(text.contains("--ops-token"), "{text}");
    server.shut_down().await.expect("it ends in time");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_operators_page_is_on_the_operations_listener_alone() {
    let server = serve(&[]).await;
    let ops = server.ops_address().expect("it is served");
    let page = reqwest::get(format!("http://{ops}/dashboard"))
        .await
        .expect("an answer");
    assert_eq!(page.status(), 200);
    assert_eq!(page.headers()["x-content-type-options"], "nosniff");
    assert_eq!(page.headers()["referrer-policy"], "no-referrer");
    for path in ["/dashboard", "/stats.json", "/sessions.json"] {
        let public = server.addresses()[0];
        let answer = reqwest::get(format!("http://{public}{path}"))
            .await
            .expect("an answer");
        assert_eq!(answer.status(), 404, "{path}");
    }
    server.shut_down().await.expect("it ends in time");
}
