//! Whoever answers requests, put together for each listener.

use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::middleware::{from_fn, from_fn_with_state};
use socketioxide::SocketIo;
use socketioxide::layer::SocketIoLayer;
use socketioxide::service::SocketIoService;
use tower::{Layer, ServiceExt};

use crate::config::Config;
use crate::http;
use crate::http::Dialect;
use crate::http::ceilings::Ceilings;
use crate::http::poker::{Occupancy, PokerRest, PokerRestSettings};
use crate::http::signal::SignalRest;
use crate::http::turns::TurnsRest;
use crate::http::ui::Site;
use crate::wire::poker::gate::Gate;
use crate::wire::poker_io::{self, RateLimits};
use crate::wire::socketio;

/// The one Socket.IO server of all listeners.
pub(super) type Engine = SocketIoService<Router>;

/// Whoever answers requests.
pub(super) struct Desks {
    /// Socket.IO, and poker's REST behind it.
    pub(super) engine: Engine,
    pub(super) signal: Arc<SignalRest>,
    pub(super) turns: Arc<TurnsRest>,
    pub(super) site: Arc<Site>,
}

impl Desks {
    /// Everything that a listener of this dialect serves.
    pub(super) fn router(&self, listener: Dialect) -> Router {
        let routes = http::turns::router(self.turns.clone(), listener).merge(http::signal::router(
            self.signal.clone(),
            listener,
            self.site.clone(),
        ));
        let routes = match listener {
            Dialect::Sync => routes
                .merge(http::ui::clients(self.site.clone()))
                .fallback_service(self.core_or_lost()),
            Dialect::Poker | Dialect::Signal => routes
                .merge(http::ui::router(self.site.clone()))
                .fallback_service(self.core()),
        };
        routes.layer(from_fn_with_state(listener, http::turns::upgrades::check))
    }

    /// What is the same on all public listeners.
    fn core(&self) -> Router {
        Router::new()
            .fallback_service(self.engine.clone())
            .layer(from_fn(socketio::front))
    }

    /// On a listener for clocks, what is nobody else's is theirs, and does not exist.
    fn core_or_lost(&self) -> Router {
        let (core, lost) = (self.core(), http::turns::lost(self.turns.clone()));
        let choose = async move |request: Request| {
            let owner = Dialect::Sync.owner_of(request.uri().path());
            let router = if owner == Dialect::Sync { lost } else { core };
            router.oneshot(request).await
        };
        Router::new().fallback(choose)
    }
}

/// Socket.IO in front of poker's REST. Called once: a router may apply a layer to each route and
/// request anew, and every application is an engine with sessions of its own.
pub(super) fn engine(layer: SocketIoLayer, desk: Arc<PokerRest>) -> Engine {
    layer.layer(http::poker::router(desk).fallback(http::poker::not_found))
}

pub(super) fn rest(config: &Config, gate: Arc<Gate>, io: &SocketIo) -> Arc<PokerRest> {
    let limited = config.server.rate_limits == RateLimits::On;
    let settings = PokerRestSettings {
        client_url: config.poker.client_url.clone(),
        environment: config.poker.node_env.clone(),
        ceilings: limited.then(Ceilings::default),
    };
    let io = io.clone();
    let census = move || {
        let now = poker_io::attendance(&io).ok_or("the server is shutting down")?;
        Ok(Occupancy {
            connected_sockets: now.sockets,
            // As Socket.IO counts on Node: every socket is in a room of its own, too.
            total_rooms: now.sockets + now.sessions,
            active_sessions: now.sessions,
            online_players: now.players,
        })
    };
    PokerRest::new(gate, settings, Box::new(census))
}
