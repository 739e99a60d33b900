//! What monitors ask: whether the store answers, and who is connected.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Json, Response};
use serde_json::{Value, json};
use tokio::time::timeout;

use super::PokerRest;
use crate::room::now;
use crate::wire::poker::objects::{Iso, Number};

/// How long the store may take to answer.
const PING_TIMEOUT: Duration = Duration::from_secs(2);

/// How much is going on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Occupancy {
    /// Live Socket.IO connections.
    pub connected_sockets: usize,
    /// Socket.IO rooms.
    pub total_rooms: usize,
    /// Sessions somebody is connected to.
    pub active_sessions: usize,
    /// Players with a connection.
    pub online_players: usize,
}

/// Counts what is going on; an error says why sockets cannot be served.
pub type Census = dyn Fn() -> Result<Occupancy, &'static str> + Send + Sync;

/// `GET /health`
pub(super) async fn health(State(desk): State<Arc<PokerRest>>) -> Response {
    let down = desk.store_error().await;
    let (status, code, store) = match down {
        None => ("ok", StatusCode::OK, json!({ "status": "up" })),
        Some(error) => {
            let store = json!({ "status": "down", "error": error });
            ("degraded", StatusCode::SERVICE_UNAVAILABLE, store)
        }
    };
    let body = json!({
        "status": status,
        "timestamp": Iso(now()),
        "uptime": Number(desk.uptime_secs()),
        "environment": desk.settings.environment,
        // One store stands for both of the original; the one there is not is always up.
        "services": { "database": { "postgres": store, "redis": { "status": "up" } } },
    });
    (code, Json(body)).into_response()
}

/// `GET /health/db`
pub(super) async fn database(State(desk): State<Arc<PokerRest>>) -> Response {
    let up = |details: Value, postgres: bool| {
        Json(json!({ "postgres": postgres, "redis": true, "details": details }))
    };
    match desk.store_error().await {
        None => up(json!({}), true).into_response(),
        Some(error) => {
            let body = up(json!({ "postgres": error }), false);
            (StatusCode::SERVICE_UNAVAILABLE, body).into_response()
        }
    }
}

/// `GET /websocket/stats`
pub(super) async fn stats(State(desk): State<Arc<PokerRest>>) -> Response {
    let (status, code, seen) = match (desk.census)() {
        Ok(seen) => ("ok", StatusCode::OK, seen),
        Err(_) => (
            "degraded",
            StatusCode::SERVICE_UNAVAILABLE,
            Occupancy::default(),
        ),
    };
    let server = json!({
        "connectedSockets": seen.connected_sockets,
        "totalRooms": seen.total_rooms,
    });
    let redis = json!({
        "totalConnections": seen.connected_sockets,
        "activeSessions": seen.active_sessions,
        "onlinePlayers": seen.online_players,
    });
    let body = json!({
        "status": status,
        "timestamp": Iso(now()),
        "websocket": { "server": server, "redis": redis },
    });
    (code, Json(body)).into_response()
}

/// `GET /websocket/health`
pub(super) async fn sockets(State(desk): State<Arc<PokerRest>>) -> Response {
    match (desk.census)() {
        Ok(seen) => Json(json!({
            "status": "up",
            "connectedSockets": seen.connected_sockets,
            "activeSessions": seen.active_sessions,
            "onlinePlayers": seen.online_players,
        }))
        .into_response(),
        Err(error) => {
            let body = Json(json!({ "status": "down", "error": error }));
            (StatusCode::SERVICE_UNAVAILABLE, body).into_response()
        }
    }
}

impl PokerRest {
    async fn store_error(&self) -> Option<String> {
        let store = &self.gate.rooms.surroundings().store;
        match timeout(PING_TIMEOUT, store.ping()).await {
            Ok(Ok(())) => None,
            Ok(Err(error)) => Some(error.to_string()),
            Err(_) => Some("the store does not answer".to_owned()),
        }
    }

    /// Seconds since the start, with milliseconds.
    fn uptime_secs(&self) -> f64 {
        (self.started.elapsed().as_secs_f64() * 1000.0).round() / 1000.0
    }
}
