//! What those who command turn clocks are told when the server itself is in trouble.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Method, Request};
use roundtable::http::Dialect;
use roundtable::http::turns::{TurnsRest, router};
use roundtable::metrics::Metrics;
use roundtable::room::{Directory, Nodes, RoomLimits, Surroundings};
use roundtable::rules::NodeId;
use roundtable::rules::turns::Policy;
use roundtable::store::Store;
use roundtable::wire::turns::delivery::TurnsDelivery;
use roundtable::wire::turns::desk::TurnsDesk;
use roundtable::wire::turns::limits::Limits;
use roundtable::wire::turns::meters::Meters;
use roundtable::wire::turns_ws::TurnsWs;
use serde_json::{Value, json};
use tokio::time::Instant;
use tower::ServiceExt;
use uuid::Uuid;

use crate::outages::Fragile;

const LEASE: Duration = Duration::from_secs(10);
const CLOCK: &str = "7b1c9a52-3f0e-4a77-9d55-0c6a8e2f4b10";

/// The routes of clocks that are kept in this store.
fn clocks(store: Arc<dyn Store>) -> Router {
    let (metrics, meters) = (Arc::new(Metrics::default()), Arc::new(Meters::default()));
    let delivery = TurnsDelivery::new(metrics.clone(), meters.clone());
    let limits = RoomLimits {
        patience: Duration::from_millis(50),
        ..RoomLimits::default()
    };
    let rooms = Directory::new(Surroundings {
        nodes: Nodes::new(store.clone(), NodeId::new(Uuid::new_v4()), LEASE),
        store,
        deliveries: vec![Arc::new(delivery.clone())],
        bridge: None,
        policy: Policy::default(),
        limits,
        metrics,
    });
    let desk = TurnsDesk::new(rooms.clone(), Limits::new(None, None));
    let turns = TurnsWs {
        rooms,
        delivery,
        meters,
        heartbeat: Duration::from_secs(5),
        outbox_bytes: 1024,
        started: Instant::now(),
        conversations: tokio_util::task::TaskTracker::new(),
        draining: tokio_util::sync::CancellationToken::new(),
    };
    router(TurnsRest::new(Arc::new(turns), desk), Dialect::Sync)
}

async fn ask(app: &Router, method: Method, path: &str, body: Option<Value>) -> (u16, Value) {
    let request = Request::builder().method(method).uri(path);
    let request = match body {
        Some(body) => request
            .header("content-type", "application/json")
            .body(Body::from(body.to_string())),
        None => request.body(Body::empty()),
    };
    let answer = app.clone().oneshot(request.expect("a request")).await;
    let answer = answer.expect("an answer");
    let status = answer.status().as_u16();
    let text = to_bytes(answer.into_body(), 1_000_000).await;
    let text = text.expect("a body");
    (status, serde_json::from_slice(&text).unwrap_or(Value::Null))
}

fn plan() -> Value {
    json!({
        "session_id": CLOCK,
        "sync_mode": "global",
        "total_time_ms": 60_000,
        "participants": [{
            "participant_id": "c4d0a6de-9a1b-4f4e-8c55-5b0e2f0d7a01",
            "participant_index": 0,
            "total_time_ms": 60_000
        }]
    })
}

#[tokio::test]
async fn a_store_that_does_not_answer_is_an_internal_error() {
    let store = Arc::new(Fragile::default());
    let app = clocks(store.clone());
    let created = ask(&app, Method::POST, "/v1/sessions", Some(plan())).await;
    assert_eq!(created.0, 201, "{}", created.1);
    store.off.store(true, Ordering::SeqCst);
    let failure =
        json!({ "error": { "code": "INTERNAL_ERROR", "message": "Internal server error" } });
    let path = format!("/v1/sessions/{CLOCK}/start");
    let started = ask(&app, Method::POST, &path, None).await;
    assert_eq!(started, (500, failure));
    let (status, body) = ask(&app, Method::GET, "/ready", None).await;
    assert_eq!((status, &body["status"]), (503, &json!("not_ready")));
    assert_eq!(ask(&app, Method::GET, "/health", None).await.0, 200);

    store.off.store(false, Ordering::SeqCst);
    let (status, body) = ask(&app, Method::POST, &path, None).await;
    assert_eq!((status, &body["data"]["version"]), (200, &json!(2)));
}

#[tokio::test]
async fn a_clock_that_cannot_be_read_is_named() {
    let store = Arc::new(Fragile::default());
    let created = ask(
        &clocks(store.clone()),
        Method::POST,
        "/v1/sessions",
        Some(plan()),
    )
    .await;
    assert_eq!(created.0, 201, "{}", created.1);
    store.garbled.store(true, Ordering::SeqCst);
    // Another server, which has not seen the clock yet.
    let app = clocks(store);
    let failure = json!({ "error": {
        "code": "STATE_DESERIALIZATION_ERROR",
        "message": "Failed to deserialize session state",
        "details": { "session_id": CLOCK }
    } });
    let path = format!("/v1/sessions/{CLOCK}");
    assert_eq!(
        ask(&app, Method::GET, &path, None).await,
        (500, failure.clone())
    );
    let path = format!("{path}/switch");
    assert_eq!(ask(&app, Method::POST, &path, None).await, (500, failure));
}
