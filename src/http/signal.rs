//! The signal dialect over HTTP: upgrades, and the few REST calls of its page (chapter 2).

mod creation;
mod listing;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::http::HeaderMap;
use axum::http::header::UPGRADE;
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, any, get};
use serde_json::json;

use super::ceilings::{Ceilings, Counters};
use super::json::Json;
use super::ui::{self, Site};
use super::{Dialect, poker, turns};
use crate::room::now;
use crate::wire::poker::objects::Iso;
use crate::wire::signal_ws::SignalWs;

pub use listing::Listing;

/// Sessions per minute that one address may create.
const CREATIONS_PER_MINUTE: u32 = 60;

/// What the operator sets for the REST calls.
#[derive(Clone)]
pub struct SignalRestSettings {
    /// Who may list all sessions.
    pub listing: Listing,
    /// The bearer token that is needed, and enough, to do so.
    pub token: Option<String>,
    /// Most sessions in the store, from which on none is created.
    pub max_sessions: u64,
    /// How long after its last event a session ends if nobody is connected.
    pub session_life: Duration,
    /// Whether one address may create only so many sessions.
    pub is_limited: bool,
}

/// What the handlers share.
pub struct SignalRest {
    signal: Arc<SignalWs>,
    settings: SignalRestSettings,
    counters: Counters,
}

impl SignalRest {
    /// A desk that opens sessions for, and connections to, `signal`.
    #[must_use]
    pub fn new(signal: Arc<SignalWs>, settings: SignalRestSettings) -> Arc<Self> {
        let ceilings = Ceilings {
            arrivals_per_minute: CREATIONS_PER_MINUTE,
            ..Ceilings::default()
        };
        Arc::new(Self {
            signal,
            counters: Counters::new(settings.is_limited.then_some(ceilings)),
            settings,
        })
    }
}

/// The routes of the dialect on a listener of `listener`, for canonical paths (see
/// [`super::paths`]): everything below `/signal`, and at the root what is its own there. The page
/// of `site` is at the root for whoever does not upgrade, but on listeners for clocks.
pub fn router(desk: Arc<SignalRest>, listener: Dialect, site: Arc<Site>) -> Router {
    let calls = calls().fallback(not_found);
    let root = match listener {
        Dialect::Signal => calls.clone().route("/", lobby(site, listener)),
        Dialect::Poker => Router::new().route("/", lobby(site, listener)),
        Dialect::Sync => Router::new().route("/", get(enter_or_sync)),
    };
    // Below `/signal`, and only there, what is unknown is answered here.
    root.reset_fallback()
        .route("/signal", any(enter))
        .route("/ws/signal", any(enter))
        .nest("/signal", calls)
        .with_state(desk)
}

fn calls() -> Router<Arc<SignalRest>> {
    Router::new()
        .route("/health", get(health).fallback(not_found))
        .route(
            "/sessions",
            get(listing::list)
                .post(creation::create)
                .fallback(not_found),
        )
}

type Upgrade = Result<WebSocketUpgrade, WebSocketUpgradeRejection>;

async fn enter(State(desk): State<Arc<SignalRest>>, upgrade: Upgrade) -> Response {
    match upgrade {
        Ok(upgrade) => desk.signal.clone().welcome(upgrade),
        Err(_) => not_found().await.into_response(),
    }
}

fn lobby(site: Arc<Site>, listener: Dialect) -> MethodRouter<Arc<SignalRest>> {
    let answer =
        async move |State(desk): State<Arc<SignalRest>>, headers: HeaderMap, upgrade: Upgrade| {
            match upgrade {
                Ok(upgrade) => desk.signal.clone().welcome(upgrade),
                Err(_) if !headers.contains_key(UPGRADE) => ui::page(&site, &headers),
                Err(_) if listener == Dialect::Signal => not_found().await.into_response(),
                Err(_) => poker::not_found().await,
            }
        };
    get(answer)
}

async fn enter_or_sync(State(desk): State<Arc<SignalRest>>, upgrade: Upgrade) -> Response {
    match upgrade {
        Ok(upgrade) => desk.signal.clone().welcome(upgrade),
        Err(_) => turns::not_found().await,
    }
}

/// `GET /health`
async fn health() -> Json {
    Json::new(
        200,
        &json!({ "status": "healthy", "timestamp": Iso(now()) }),
    )
}

async fn not_found() -> Json {
    refusal(404, "Not found")
}

/// An error, as this dialect words it.
fn refusal(status: u16, error: &str) -> Json {
    Json::new(status, &json!({ "error": error }))
}
