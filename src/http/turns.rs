//! The sync dialect over HTTP: a clock's commands and state, and the upgrades of its viewers.
//!
//! A request passes the stations of 2.1 in their order: body, general rate limit, path, body
//! check, switch rate limit, clock.

mod answer;
mod commands;
mod docs;
mod metered;
mod service;
mod stations;
pub mod upgrades;

use std::sync::Arc;

use axum::Router;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::{RawQuery, Request, State};
use axum::http::header::HOST;
use axum::http::uri::Authority;
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get, post};
use tower::ServiceExt;

use super::Dialect;
use super::docs::{self as documents, Document};
use crate::wire::turns::desk::TurnsDesk;
use crate::wire::turns::failure::{Code, Failure};
use crate::wire::turns::named_id;
use crate::wire::turns_ws::{BadId, TurnsWs, watched_id};

pub(super) use docs::document;

/// What the handlers share.
pub struct TurnsRest {
    turns: Arc<TurnsWs>,
    desk: Arc<TurnsDesk>,
}

impl TurnsRest {
    /// Commands the clocks of `desk` and lets viewers in to `turns`.
    #[must_use]
    pub fn new(turns: Arc<TurnsWs>, desk: Arc<TurnsDesk>) -> Arc<Self> {
        Arc::new(Self { turns, desk })
    }
}

/// The routes of the dialect on a listener of `listener`, for canonical paths (see
/// [`super::paths`]): `/v1` and everything below `/sync`, and at the root what is its own there.
pub fn router(desk: Arc<TurnsRest>, listener: Dialect) -> Router {
    let limited = from_fn_with_state(desk.clone(), stations::pass);
    let clocks = clocks()
        .method_not_allowed_fallback(not_found)
        .fallback(not_found)
        .layer(limited);
    let document = document();
    let root = match listener {
        Dialect::Sync => service(&document, "").nest("/v1", clocks.clone()),
        Dialect::Poker | Dialect::Signal => Router::new().nest("/v1", clocks.clone()),
    };
    let below = service(&document, "/sync")
        .nest("/v1", clocks)
        .fallback(not_found);
    let measured = from_fn_with_state(desk.clone(), metered::measure);
    root.nest("/sync", below)
        .layer(measured)
        .route("/ws", any(watch))
        .route("/ws/sync", any(watch))
        .with_state(desk)
}

/// Answers every request for something that does not exist, and counts it.
pub fn lost(desk: Arc<TurnsRest>) -> Router {
    let limited = from_fn_with_state(desk.clone(), stations::pass);
    let measured = from_fn_with_state(desk, metered::measure);
    Router::new()
        .fallback(not_found)
        .layer(limited)
        .layer(measured)
}

/// What is not limited; `place` is where it is mounted.
fn service(document: &Document, place: &str) -> Router<Arc<TurnsRest>> {
    Router::new()
        .route("/health", get(service::health))
        .route("/ready", get(service::ready))
        .route("/metrics", get(metered::show))
        .merge(documents::routes(document, place))
        .method_not_allowed_fallback(not_found)
}

fn clocks() -> Router<Arc<TurnsRest>> {
    let clock = get(commands::show).delete(commands::delete);
    Router::new()
        .route("/time", get(service::time))
        .route("/sessions", post(commands::create))
        .route("/sessions/{session}", clock)
        .route("/sessions/{session}/start", post(commands::start))
        .route("/sessions/{session}/switch", post(commands::switch))
        .route("/sessions/{session}/pause", post(commands::pause))
        .route("/sessions/{session}/resume", post(commands::resume))
        .route("/sessions/{session}/complete", post(commands::complete))
}

async fn watch(
    State(desk): State<Arc<TurnsRest>>,
    RawQuery(query): RawQuery,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
    request: Request,
) -> Response {
    let named = query.as_deref().and_then(named_id);
    match upgrade {
        Ok(upgrade) => {
            let id = watched_id(named.as_deref()).map(Into::into);
            let id = id.and_then(|id: Arc<str>| has_address(&request).map(|()| id));
            desk.turns.clone().welcome(upgrade, id)
        }
        Err(_) => lost(desk).oneshot(request).await.into_response(),
    }
}

/// Whether the host named by a request can be part of an address.
fn has_address(request: &Request) -> Result<(), BadId> {
    let host = request.headers().get(HOST);
    let named = host.is_none_or(|host| Authority::try_from(host.as_bytes()).is_ok());
    named.then_some(()).ok_or(BadId::NoAddress)
}

/// The answer to a request for something that does not exist.
pub async fn not_found() -> Response {
    Failure::new(Code::NotFound, "Route not found").into_response()
}
