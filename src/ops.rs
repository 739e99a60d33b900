//! The operations listener: probes and metrics, on an address of their own.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use axum::routing::get;
use socketioxide::{SocketIo, TransportType};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::metrics::{ConnectionLabels, Metrics};
use crate::store::Store;
use crate::wire::{poker_io, turns_io};

/// How long the store may take to answer a readiness probe.
const PING_TIMEOUT: Duration = Duration::from_secs(2);
/// The content type of the Prometheus text format.
const METRICS_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// What the probes look at.
pub struct Ops {
    /// Cancelled when the server shuts down.
    pub draining: CancellationToken,
    /// Asked whether it can take appends.
    pub store: Arc<dyn Store>,
    /// Everything that is counted.
    pub metrics: Arc<Metrics>,
    /// Whose connections are counted.
    pub io: SocketIo,
}

/// `/livez`, `/readyz` and `/metrics`.
pub fn router(ops: Arc<Ops>) -> Router {
    Router::new()
        .route("/livez", get(async || "ok\n"))
        .route("/readyz", get(ready))
        .route("/metrics", get(metrics))
        .with_state(ops)
}

async fn ready(State(ops): State<Arc<Ops>>) -> (StatusCode, &'static str) {
    if ops.draining.is_cancelled() {
        return (StatusCode::SERVICE_UNAVAILABLE, "shutting down\n");
    }
    match timeout(PING_TIMEOUT, ops.store.ping()).await {
        Ok(Ok(())) => (StatusCode::OK, "ok\n"),
        Ok(Err(_)) | Err(_) => (
            StatusCode::SERVICE_UNAVAILABLE,
            "the store does not answer\n",
        ),
    }
}

async fn metrics(State(ops): State<Arc<Ops>>) -> impl IntoResponse {
    ops.count_connections();
    ([(CONTENT_TYPE, METRICS_TYPE)], ops.metrics.render())
}

impl Ops {
    /// Counted when asked for, because a connection changes its transport as it lives.
    fn count_connections(&self) {
        self.count(poker_io::NAMESPACE, "poker");
        // Raw viewers count themselves as `sync`.
        self.count(turns_io::NAMESPACE, "sync_io");
    }

    fn count(&self, namespace: &'static str, dialect: &'static str) {
        let sockets = self
            .io
            .of(namespace)
            .map(|namespace| namespace.broadcast().sockets());
        let sockets = sockets.unwrap_or_default();
        let websocket = |transport| matches!(transport, TransportType::Websocket);
        let upgraded = sockets
            .iter()
            .filter(|socket| websocket(socket.transport_type()))
            .count();
        for (transport, count) in [
            ("websocket", upgraded),
            ("polling", sockets.len() - upgraded),
        ] {
            let labels = ConnectionLabels { transport, dialect };
            let count = i64::try_from(count).unwrap_or(i64::MAX);
            self.metrics.connections.get_or_create(&labels).set(count);
        }
    }
}
