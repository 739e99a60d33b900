//! Time, health and readiness.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use serde_json::json;
use tokio::time::timeout;

use super::TurnsRest;
use crate::http::json::Json;
use crate::room::now;
use crate::wire::turns::objects::TimeObject;

/// How long the store may take to answer a readiness probe.
const PING_TIMEOUT: Duration = Duration::from_secs(2);

/// `GET /v1/time`
pub(super) async fn time() -> Json {
    Json::new(200, &TimeObject::at(now()))
}

/// `GET /health`
pub(super) async fn health() -> Json {
    Json::new(200, &json!({ "status": "ok" }))
}

/// `GET /ready`
pub(super) async fn ready(State(desk): State<Arc<TurnsRest>>) -> Json {
    let store = &desk.turns.rooms.surroundings().store;
    let error = match timeout(PING_TIMEOUT, store.ping()).await {
        Ok(Ok(())) if !desk.turns.draining.is_cancelled() => {
            return Json::new(200, &json!({ "status": "ready" }));
        }
        Ok(Ok(())) => "shutting down".to_owned(),
        Ok(Err(error)) => error.to_string(),
        Err(_) => "the store does not answer".to_owned(),
    };
    Json::new(503, &json!({ "status": "not_ready", "error": error }))
}
