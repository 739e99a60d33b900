//! The operations listener: probes, metrics and the operator's page, on an address of their own.

mod samples;
mod sessions;
mod stats;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::middleware::from_fn;
use axum::response::IntoResponse;
use axum::routing::{get, post};
use socketioxide::{SocketIo, TransportType};
use tokio::time::{Instant, timeout};
use tokio_util::sync::CancellationToken;

use crate::config::Secret;
use crate::http::hardening;
use crate::http::ui::{self, Site};
use crate::metrics::{ConnectionLabels, Metrics};
use crate::room::Directory;
use crate::rules::NodeId;
use crate::rules::poker::Poker;
use crate::rules::turns::Turns;
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
    /// What kind of store it is.
    pub store_kind: &'static str,
    /// This server among others.
    pub node: NodeId,
    /// When it started.
    pub started: Instant,
    /// Everything that is counted.
    pub metrics: Arc<Metrics>,
    /// Whose connections are counted.
    pub io: SocketIo,
    /// The poker sessions.
    pub rooms: Arc<Directory<Poker>>,
    /// The turn clocks.
    pub clocks: Arc<Directory<Turns>>,
    /// What an operator must know to change something; without one nobody can.
    pub token: Option<Secret>,
    /// The operator's page.
    pub site: Arc<Site>,
}

/// Everything on the listener.
pub fn router(ops: Arc<Ops>) -> Router {
    let pages = ui::dashboard(ops.site.clone());
    Router::new()
        .route("/livez", get(async || "ok\n"))
        .route("/readyz", get(ready))
        .route("/metrics", get(metrics))
        .route("/stats.json", get(stats::show))
        .route("/sessions.json", get(sessions::list))
        .route("/sessions/{session}/close", post(sessions::close))
        .route(
            "/sessions/{session}/players/{player}/kick",
            post(sessions::kick),
        )
        .with_state(ops)
        .merge(pages)
        .layer(from_fn(hardening::harden))
}

async fn ready(State(ops): State<Arc<Ops>>) -> (StatusCode, &'static str) {
    if ops.draining.is_cancelled() {
        return (StatusCode::SERVICE_UNAVAILABLE, "shutting down\n");
    }
    match ops.store_failure().await {
        None => (StatusCode::OK, "ok\n"),
        Some(_) => (
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
    /// Why the store does not take appends now, if it does not.
    async fn store_failure(&self) -> Option<String> {
        match timeout(PING_TIMEOUT, self.store.ping()).await {
            Ok(Ok(())) => None,
            Ok(Err(error)) => Some(error.to_string()),
            Err(_) => Some("the store does not answer".to_owned()),
        }
    }

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
