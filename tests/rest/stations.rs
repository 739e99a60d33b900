//! The stations before the handlers: envelopes, CORS, headers, paths, ceilings.

use std::net::IpAddr;

use axum::body::Body;
use axum::http::Request;
use roundtable::http::ceilings::Ceilings;
use roundtable::wire::connection::Peer;
use roundtable::wire::poker::gate::Auth;
use serde_json::{Value, json};

use crate::desk::{Desk, ORIGIN, Team, UNKNOWN};

fn raw(method: &str, path: &str, kind: Option<&str>, body: &'static str) -> Request<Body> {
    let mut request = Request::builder().method(method).uri(path);
    if let Some(kind) = kind {
        request = request.header("content-type", kind);
    }
    request.body(Body::from(body)).expect("a request")
}

#[tokio::test]
async fn a_body_that_is_not_json_by_its_type_is_refused_everywhere() {
    let desk = Desk::open().await;
    for (method, path) in [
        ("POST", "/api/sessions"),
        ("PUT", "/api/nowhere"),
        ("PATCH", "/api/sessions"),
    ] {
        for kind in [None, Some("text/plain")] {
            let reply = desk.send(raw(method, path, kind, "{}")).await;
            reply.failed(400, "Content-Type must be application/json");
        }
    }
}

#[tokio::test]
async fn broken_json_is_refused_before_the_route_is_looked_up() {
    let desk = Desk::open().await;
    for path in ["/api/sessions", "/api/nowhere"] {
        for body in ["{\"name\":", "nonsense", "7", "\"text\"", "null", "\u{1}"] {
            let reply = desk
                .send(raw("POST", path, Some("application/json"), body))
                .await;
            assert_eq!(
                (reply.status, &reply.body()["status"]),
                (400, &json!("error"))
            );
            assert_ne!(reply.body()["message"], "");
        }
    }
}

#[tokio::test]
async fn an_empty_body_is_an_empty_object() {
    let desk = Desk::open().await;
    let kind = Some("Application/JSON; charset=utf-8");
    let reply = desk.send(raw("POST", "/api/sessions", kind, "")).await;
    reply.invalid([
        ("body.name", "Required", "invalid_type"),
        ("body.hostName", "Required", "invalid_type"),
    ]);
    let reply = desk.send(raw("POST", "/api/sessions", kind, "[]")).await;
    reply.invalid([("body", "Expected object, received array", "invalid_type")]);
}

#[tokio::test]
async fn a_body_over_100_kb_is_too_large() {
    let desk = Desk::open().await;
    let body = |length: usize| json!({ "name": "S", "hostName": "M", "x": "x".repeat(length) });
    let fits = desk.post("/sessions", body(102_000)).await;
    assert_eq!(fits.status, 201);
    let reply = desk.post("/sessions", body(102_400)).await;
    reply.failed(413, "request entity too large");
}

#[tokio::test]
async fn unknown_routes_and_methods_are_not_found() {
    let Team {
        desk, path, mira, ..
    } = Team::new().await;
    for call in [
        ("GET", "/nowhere"),
        ("GET", ""),
        ("GET", "/players"),
        ("POST", "/auth/refresh"),
        ("PATCH", &*path),
        ("DELETE", &*format!("{path}/stories")),
        ("GET", &*format!("{path}/vote")),
        ("GET", &*format!("{path}//")),
    ] {
        let reply = desk.call(call, &mira.token, json!({})).await;
        reply.failed(404, "Resource not found");
    }
}

#[tokio::test]
async fn paths_ignore_case_a_slash_at_the_end_and_their_prefix() {
    let Team { desk, session, .. } = Team::new().await;
    for path in [
        format!("/API/Sessions/{}/", session.to_uppercase()),
        format!("/poker/api/sessions/{session}"),
        format!("/Poker/API/sessions/{session}/"),
    ] {
        let request = raw("GET", &path, None, "");
        assert_eq!(desk.send(request).await.data(200)["id"], *session);
    }
}

#[tokio::test]
async fn head_works_where_get_does() {
    let Team { desk, path, .. } = Team::new().await;
    for (path, status) in [(&*path, 200), (&*format!("/sessions/{UNKNOWN}"), 404)] {
        let reply = desk.call(("HEAD", path), "", Value::Null).await;
        assert_eq!((reply.status, &*reply.text), (status, ""));
    }
}

#[tokio::test]
async fn every_preflight_is_answered() {
    let desk = Desk::open().await;
    for (path, methods) in [
        ("/api/sessions", "GET,HEAD,PUT,PATCH,POST,DELETE"),
        ("/nowhere", "GET,HEAD,PUT,PATCH,POST,DELETE"),
        ("/socket.io/?EIO=4", "GET,POST"),
    ] {
        let asked = "authorization,content-type,x-request-id";
        let request = Request::builder()
            .method("OPTIONS")
            .uri(path)
            .header("origin", "http://elsewhere")
            .header("access-control-request-headers", asked)
            .body(Body::empty());
        let reply = desk.send(request.expect("a request")).await;
        assert_eq!((reply.status, &*reply.text), (204, ""));
        assert_eq!(reply.header("access-control-allow-methods"), methods);
        assert_eq!(reply.header("access-control-allow-headers"), asked);
        assert_eq!(reply.header("access-control-allow-origin"), ORIGIN);
        assert_eq!(reply.header("access-control-allow-credentials"), "true");
        assert_eq!(reply.header("vary"), "Origin");
    }
}

#[tokio::test]
async fn every_answer_carries_cors_and_hardening_headers() {
    let desk = Desk::open().await;
    for reply in [
        desk.get("/health").await,
        desk.get("/nowhere").await,
        desk.post("/sessions", json!({})).await,
        desk.send(raw("POST", "/api/sessions", None, "")).await,
        desk.send(raw("GET", "/elsewhere", None, "")).await,
    ] {
        assert_eq!(reply.header("access-control-allow-origin"), ORIGIN);
        assert_eq!(reply.header("x-content-type-options"), "nosniff");
        assert_eq!(reply.header("x-frame-options"), "SAMEORIGIN");
        assert_eq!(reply.header("referrer-policy"), "no-referrer");
        assert_ne!(reply.header("strict-transport-security"), "");
    }
}

#[tokio::test]
async fn an_address_over_its_ceiling_has_to_wait() {
    let ceilings = Ceilings {
        requests_per_minute: 4,
        arrivals_per_minute: 1,
        error_reports_per_minute: 1,
    };
    let desk = Desk::with(Auth::Strict, Some(ceilings));
    let new = json!({ "name": "S", "hostName": "M" });
    assert_eq!(desk.post("/sessions", new.clone()).await.status, 201);
    let reply = desk.post("/sessions", new).await;
    let wait: u64 = reply.header("retry-after").parse().expect("seconds");
    assert!((1..=60).contains(&wait));
    reply.refused(429, "Too many requests");

    assert_eq!(desk.get("/nowhere").await.status, 404);
    assert_eq!(desk.get("/nowhere").await.status, 404);
    assert_eq!(desk.get("/nowhere").await.status, 429);
    assert_eq!(desk.get("/health").await.status, 200);
    for logged in [1, 0, 0] {
        let reply = desk.post("/errors", json!({ "message": "boom" })).await;
        assert_eq!(reply.body(), json!({ "success": true, "logged": logged }));
    }
    let mut other = raw("GET", "/api/nowhere", None, "");
    other
        .extensions_mut()
        .insert(Peer(IpAddr::from([192, 0, 2, 2])));
    assert_eq!(desk.send(other).await.status, 404);
}
