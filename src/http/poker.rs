//! The poker dialect over REST: everything of the protocol.
//!
//! A request passes the stations of 2.1 in their order; then a handler checks who asks, checks what
//! he sends, submits one command and answers from inside the room, at exactly the version the
//! command led to. Events reach the sockets by themselves.

mod answer;
mod auth;
mod docs;
mod error_reports;
mod export;
mod history;
mod joining;
mod players;
mod request;
mod rounds;
mod service;
mod sessions;
mod stations;
mod stories;
mod votes;
mod voting;

use std::any::Any;
use std::sync::Arc;
use std::time::Instant;

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post, put};
use tower_http::catch_panic::CatchPanicLayer;

use self::answer::Refusal;
use super::ceilings::{Ceilings, Counters};
use super::docs as documents;
use crate::wire::poker::gate::Gate;

pub(super) use docs::document;
pub use service::{Census, Occupancy};

/// What the operator sets for the REST dialect.
#[derive(Clone, Debug)]
pub struct PokerRestSettings {
    /// Origin of the frontend, for `joinUrl`.
    pub client_url: String,
    /// Name of the environment, as `/api/health` shows it.
    pub environment: String,
    /// How much one address may ask for; `None` is any amount.
    pub ceilings: Option<Ceilings>,
}

/// What the handlers share.
pub struct PokerRest {
    gate: Arc<Gate>,
    settings: PokerRestSettings,
    census: Box<Census>,
    counters: Counters,
    started: Instant,
}

impl PokerRest {
    /// A desk that serves the sessions behind `gate`; `census` counts who is connected.
    #[must_use]
    pub fn new(gate: Arc<Gate>, settings: PokerRestSettings, census: Box<Census>) -> Arc<Self> {
        Arc::new(Self {
            counters: Counters::new(settings.ceilings),
            gate,
            settings,
            census,
            started: Instant::now(),
        })
    }
}

/// Everything below `/api` and `/poker`, for canonical paths (see [`super::paths`]).
pub fn router(desk: Arc<PokerRest>) -> Router {
    let api = routes()
        .method_not_allowed_fallback(not_found)
        .fallback(not_found)
        .layer(from_fn_with_state(desk.clone(), stations::pass))
        .layer(CatchPanicLayer::custom(panicked))
        .with_state(desk);
    let pages = documents::routes(&document(), "/poker").method_not_allowed_fallback(not_found);
    Router::new()
        .nest("/api", api.clone())
        .nest("/poker/api", api)
        .nest("/poker", pages)
}

fn routes() -> Router<Arc<PokerRest>> {
    let session = get(sessions::show)
        .put(sessions::change)
        .delete(sessions::end);
    let of_session = Router::new()
        .route("/join", post(joining::join))
        .route("/stories", get(stories::list).post(stories::add))
        .route("/stories/import", post(stories::import))
        .route("/stories/{story}/activate", put(stories::activate))
        .route("/stories/{story}/move", put(stories::relocate))
        .route("/players", get(players::list))
        .route("/vote", post(voting::cast))
        .route("/votes", get(votes::list))
        .route("/rounds", get(history::list))
        .route("/export", get(history::export))
        .route("/reveal", post(rounds::reveal))
        .route("/reset-voting", post(rounds::reset))
        .route("/reset", post(rounds::go_on));
    let player = put(players::change).delete(players::remove);
    Router::new()
        .route("/sessions", post(sessions::create))
        .route("/sessions/{session}", session)
        .nest("/sessions/{session}", of_session)
        .route(
            "/stories/{story}",
            put(stories::change).delete(stories::delete),
        )
        .route("/stories/{story}/complete", put(stories::complete))
        .route("/players/{player}", player)
        .route("/players/{player}/activity", put(players::note_activity))
        .route("/players/{player}/promote", post(players::promote))
        .route("/health", get(service::health))
        .route("/health/db", get(service::database))
        .route("/websocket/stats", get(service::stats))
        .route("/websocket/health", get(service::sockets))
        .route("/errors", post(error_reports::take))
}

/// The answer to a request for something that does not exist.
pub async fn not_found() -> Response {
    Refusal::Infrastructure(404, "Resource not found".into()).into_response()
}

fn panicked(_: Box<dyn Any + Send>) -> Response {
    // The panic hook has printed the rest.
    tracing::error!("a handler panicked");
    Refusal::Infrastructure(500, "Internal server error".into()).into_response()
}
