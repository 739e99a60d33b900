//! Service routes and error reports.

use axum::body::Body;
use axum::http::Request;
use serde_json::{Value, json};

use crate::desk::{Desk, assert_moment};

#[tokio::test]
async fn a_healthy_server_says_so() {
    let desk = Desk::open().await;
    let mut health = desk.get("/health").await.body();
    assert_moment(&health["timestamp"].take());
    assert!(health["uptime"].take().is_number());
    let up = json!({ "status": "up" });
    let expected = json!({ "status": "ok", "timestamp": null, "uptime": null,
        "environment": "test", "services": { "database": { "postgres": up, "redis": up } } });
    assert_eq!(health, expected);
    let database = desk.get("/health/db").await;
    let expected = json!({ "postgres": true, "redis": true, "details": {} });
    assert_eq!((database.status, database.body()), (200, expected));
}

#[tokio::test]
async fn sockets_sessions_and_players_are_counted() {
    let desk = Desk::open().await;
    let mut stats = desk.get("/websocket/stats").await.body();
    assert_moment(&stats["timestamp"].take());
    let expected = json!({ "status": "ok", "timestamp": null, "websocket": {
        "server": { "connectedSockets": 2, "totalRooms": 3 },
        "redis": { "totalConnections": 2, "activeSessions": 1, "onlinePlayers": 2 } } });
    assert_eq!(stats, expected);
    let health = desk.get("/websocket/health").await.body();
    let expected = json!({ "status": "up", "connectedSockets": 2, "activeSessions": 1,
        "onlinePlayers": 2 });
    assert_eq!(health, expected);
}

#[tokio::test]
async fn error_reports_of_any_kind_are_taken() {
    let desk = Desk::open().await;
    let report = json!({ "message": "boom\n\u{1b}[31m", "level": "error", "url": "http://x" });
    let large = json!({ "message": "x".repeat(200_000) });
    let rows = [
        (report.to_string(), 1),
        (json!([report, report]).to_string(), 2),
        (large.to_string(), 1),
        (json!([1, null, "x", {}]).to_string(), 1),
        (String::new(), 0),
        ("{".to_owned(), 0),
        ("7".to_owned(), 0),
        ("x".repeat(3_000_000), 0),
    ];
    for (body, logged) in rows {
        for kind in [Some("application/json"), Some("text/plain"), None] {
            let mut request = Request::builder().method("POST").uri("/api/Errors/");
            if let Some(kind) = kind {
                request = request.header("content-type", kind);
            }
            let request = request.body(Body::from(body.clone())).expect("a request");
            let reply = desk.send(request).await;
            let expected = json!({ "success": true, "logged": logged });
            assert_eq!((reply.status, reply.body()), (200, expected));
        }
    }
    assert_eq!(
        desk.get("/errors").await.body()["status"],
        Value::from("error")
    );
}
