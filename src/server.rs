//! The server: puts stores, rooms, dialects and listeners together, and takes them apart again.

mod clocks;
mod desks;
mod foundation;
mod operating;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use bytes::Bytes;
use serde_json::json;
use socketioxide::SocketIo;
use thiserror::Error;
use tokio::net::TcpListener;
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use self::clocks::{Bridged, Clocks};
use self::desks::{Desks, engine, rest};
use self::foundation::Foundation;
use crate::config::{Config, Listen, Notice, OpsListen};
use crate::http::cors::Sharing;
use crate::http::signal::SignalRest;
use crate::http::turns::TurnsRest;
use crate::http::ui::Site;
use crate::http::{base, edge};
use crate::listen::{Lines, bind};
use crate::metrics::Metrics;
use crate::ops;
use crate::room::{Delivery, Directory, sweep, wake};
use crate::rules::poker::Poker;
use crate::rules::turns::Turns;
use crate::store::{Store, StoreError, redis, sqlite};
use crate::trace;
use crate::wire::connection::Care;
use crate::wire::poker::gate::Gate;
use crate::wire::poker::token::Tokens;
use crate::wire::poker_io::{self, NAMESPACE, PokerDelivery, PokerIo, Quota};
use crate::wire::signal::delivery::SignalDelivery;
use crate::wire::signal_ws::SignalWs;
use crate::wire::socketio;
use crate::wire::turns::desk::TurnsDesk;
use crate::wire::turns::limits::Limits;
use crate::wire::turns_io::{self, TurnsIo};
use crate::wire::turns_ws::TurnsWs;

/// Time between sweeps of the store.
const SWEEP_INTERVAL: Duration = Duration::from_secs(60);
/// Time between looks for sessions that are due although no node has them in memory.
const WAKE_INTERVAL: Duration = Duration::from_secs(3);
/// Time the Socket.IO sessions get to take their leave; a client that does not read never does.
const FAREWELL: Duration = Duration::from_secs(2);
/// Time clients get to fetch the notice of a shutdown.
const NOTICE_TIME: Duration = Duration::from_millis(300);
/// Bytes of a generated signing key.
const KEY_BYTES: usize = 32;

/// Why the server could not start, or not end well.
#[derive(Debug, Error)]
pub enum ServerError {
    /// An address cannot be listened on.
    #[error("cannot listen on {address}")]
    Bind {
        /// The address.
        address: SocketAddr,
        /// What the system says.
        #[source]
        source: io::Error,
    },
    /// The database cannot be opened.
    #[error("cannot open the store")]
    Open(#[source] sqlite::OpenError),
    /// Redis cannot be used.
    #[error("cannot open the store")]
    Connect(#[source] redis::ConnectError),
    /// The store does not work.
    #[error("cannot use the store")]
    Store(#[source] StoreError),
    /// The system has no randomness.
    #[error("cannot generate a signing key")]
    Random,
    /// Not everything ended within the time for it.
    #[error("the shutdown took more than {0:?}")]
    Late(Duration),
}

/// A server that is listening.
pub struct Server {
    config: Config,
    lines: Arc<Lines>,
    ops_lines: Arc<Lines>,
    io: SocketIo,
    rooms: Arc<Directory<Poker>>,
    clocks: Arc<Directory<Turns>>,
    conversations: TaskTracker,
    draining: CancellationToken,
    background: TaskTracker,
    stop: CancellationToken,
    addresses: Vec<SocketAddr>,
    ops_address: Option<SocketAddr>,
}

impl Server {
    /// Opens the store, binds all addresses and starts serving.
    ///
    /// # Errors
    /// Whatever keeps it from that; nothing is left running then.
    pub async fn start(config: Config) -> Result<Self, ServerError> {
        let foundation = Foundation::lay(&config).await?;
        let (store, metrics) = (&foundation.store, &foundation.metrics);
        let listeners = bind_all(config.server.listeners().iter().map(|it| it.address))?;
        let ops_listener = match config.server.ops_listen {
            OpsListen::Off => None,
            OpsListen::At(address) => bind_all([address])?.pop(),
        };
        let tokens = tokens(&config, store.as_ref()).await?;
        let (layer, io) = socketio::build(socketio_settings(&config));
        let places = config.signal.signal_max_connections;
        let signal_delivery = SignalDelivery::new(places, metrics.clone());
        let poker_delivery = Arc::new(PokerDelivery::new(metrics.clone()));
        let deliveries: Vec<Arc<dyn Delivery<Poker>>> =
            vec![poker_delivery.clone(), Arc::new(signal_delivery.clone())];
        let rooms = foundation.rooms(config.poker.policy(), deliveries, None);
        let draining = CancellationToken::new();
        let conversations = TaskTracker::new();
        let auth = (config.poker.poker_auth, config.poker.poker_socket_binding);
        let gate = Arc::new(Gate::new(rooms.clone(), tokens, auth.0, auth.1));
        let poker = PokerIo {
            gate: gate.clone(),
            delivery: poker_delivery,
            quota: Quota::new(config.server.rate_limits),
            conversations: conversations.clone(),
            draining: draining.clone(),
        };
        poker_io::mount(&io, Arc::new(poker));
        let signal = Arc::new(SignalWs {
            gate: gate.clone(),
            delivery: signal_delivery,
            settings: config.signal.settings(config.server.rate_limits),
            conversations: conversations.clone(),
            draining: draining.clone(),
        });
        let limits = config.server.rate_limits;
        let Clocks {
            rooms: clocks,
            viewers,
            sockets,
            meters,
            bridged,
        } = Clocks::open(&config.sync, &foundation).await;
        let desk = TurnsDesk::new(
            clocks.clone(),
            Limits::new(config.sync.budgets(limits), foundation.counters()),
        );
        let turns_io = TurnsIo {
            desk: desk.clone(),
            delivery: sockets,
            max_watched: config.sync.sync_max_joined,
            conversations: conversations.clone(),
            draining: draining.clone(),
        };
        turns_io::mount(&io, Arc::new(turns_io));
        let turns = Arc::new(TurnsWs {
            rooms: clocks.clone(),
            delivery: viewers,
            meters,
            heartbeat: Duration::from_millis(config.sync.sync_heartbeat_ms),
            outbox_bytes: config.sync.sync_outbox_bytes,
            started: Instant::now(),
            conversations: conversations.clone(),
            draining: draining.clone(),
        });
        let desks = Desks {
            engine: engine(layer, rest(&config, gate, &io)),
            signal: SignalRest::new(signal, config.signal.rest_settings(limits)),
            turns: TurnsRest::new(turns, desk),
            site: Site::embedded(&config.server.base_path),
        };
        let mut server = Self {
            lines: lines(&config, metrics.clone()),
            ops_lines: lines(&config, metrics.clone()),
            config,
            io,
            rooms,
            clocks,
            conversations,
            draining,
            background: TaskTracker::new(),
            stop: CancellationToken::new(),
            addresses: Vec::new(),
            ops_address: None,
        };
        server.listen(listeners, &desks);
        let ops = server.ops(&foundation);
        server.listen_ops(ops_listener, ops::router(ops));
        server.keep(&foundation);
        server.relay(bridged);
        Ok(server)
    }

    /// Starts what looks after the store, and shows the other nodes that this one lives.
    fn keep(&self, foundation: &Foundation) {
        let (rooms, clocks) = (self.rooms.clone(), self.clocks.clone());
        let draining = || self.draining.clone();
        let (store, nodes) = (foundation.store.clone(), foundation.nodes.clone());
        let sweep = sweep::sweep(store, SWEEP_INTERVAL, self.stop.clone());
        self.background.spawn(sweep);
        self.background.spawn(nodes.keep(self.stop.clone()));
        self.background
            .spawn(wake::wake(rooms, WAKE_INTERVAL, draining()));
        self.background
            .spawn(wake::wake(clocks, WAKE_INTERVAL, draining()));
    }

    /// Starts to show viewers what other servers publish.
    fn relay(&self, bridged: Option<Bridged>) {
        if let Some(Bridged { relay, audiences }) = bridged {
            self.background
                .spawn(relay.run(audiences, self.draining.clone()));
        }
    }

    fn listen(&mut self, listeners: Vec<TcpListener>, desks: &Desks) {
        let configured = self.config.server.listeners();
        for (listener, Listen { dialect, .. }) in listeners.into_iter().zip(configured) {
            let poker = self.config.poker.cors_origin.clone();
            let sync = self.config.sync.sync_cors_origin.clone();
            let sharing = Sharing::new((poker, sync), dialect);
            let base = self.config.server.base_path.clone();
            let app = edge(desks.router(dialect), sharing)
                .layer(from_fn_with_state(desks.engine.clone(), socketio::open));
            let app = base::below(base, app).layer(from_fn(trace::request));
            if let Ok(address) = listener.local_addr() {
                tracing::info!(%address, ?dialect, "serving");
                self.addresses.push(address);
            }
            self.background
                .spawn(self.lines.clone().serve(listener, app));
        }
    }

    fn listen_ops(&mut self, listener: Option<TcpListener>, app: Router) {
        let Some(listener) = listener else { return };
        self.ops_address = listener.local_addr().ok();
        if let Some(address) = self.ops_address {
            tracing::info!(%address, "serving probes and metrics");
        }
        self.background
            .spawn(self.ops_lines.clone().serve(listener, app));
    }

    /// The addresses served, in the order of the configuration.
    #[must_use]
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// The address of probes and metrics.
    #[must_use]
    pub fn ops_address(&self) -> Option<SocketAddr> {
        self.ops_address
    }

    /// Ends the server as the protocol has it: clients see their transport close and come back.
    ///
    /// # Errors
    /// [`ServerError::Late`] if the time for it ran out.
    pub async fn shut_down(self) -> Result<(), ServerError> {
        let patience = Duration::from_secs(self.config.server.shutdown_secs);
        let ended = timeout(patience, self.drain()).await;
        ended.map_err(|_| ServerError::Late(patience))
    }

    async fn drain(&self) {
        // From here on a lost connection is the server's doing: seats are kept for the next run.
        self.draining.cancel();
        if self.config.poker.poker_shutdown_notice == Notice::On {
            self.give_notice().await;
        }
        self.lines.stop();
        if timeout(FAREWELL, self.io.close()).await.is_err() {
            tracing::warn!("some connections had to be cut");
        }
        // Requests under way are answered; whoever does not take the answer is not waited for.
        let _ = timeout(FAREWELL, self.lines.finished()).await;
        // Conversations on streams of their own say goodbye; so does nobody whose stream is cut.
        self.conversations.close();
        let _ = timeout(FAREWELL, self.conversations.wait()).await;
        self.lines.cut();
        self.conversations.wait().await;
        self.lines.finished().await;
        self.rooms.close().await;
        self.clocks.close().await;
        self.stop.cancel();
        self.ops_lines.stop();
        self.ops_lines.cut();
        self.background.close();
        self.background.wait().await;
        // The lease runs on: whoever comes back before it ends is never seen offline.
    }

    async fn give_notice(&self) {
        let Some(namespace) = self.io.of(NAMESPACE) else {
            return;
        };
        let notice = json!({ "error": "Server shutting down", "code": "SERVER_SHUTDOWN" });
        // Whoever cannot take it sees the transport close, like everybody.
        let _ = namespace
            .broadcast()
            .emit("connection:error", &notice)
            .await;
        // A polling client fetches it with its next request, which must still find the server.
        sleep(NOTICE_TIME).await;
    }
}

fn bind_all(
    addresses: impl IntoIterator<Item = SocketAddr>,
) -> Result<Vec<TcpListener>, ServerError> {
    let mut listeners = Vec::new();
    for address in addresses {
        let listener = bind(address);
        listeners.push(listener.map_err(|source| ServerError::Bind { address, source })?);
    }
    Ok(listeners)
}

async fn tokens(config: &Config, store: &dyn Store) -> Result<Tokens, ServerError> {
    let life = config.poker.policy().session_life;
    if let Some(secret) = &config.poker.jwt_secret {
        return Ok(Tokens::new(
            &Bytes::copy_from_slice(secret.expose().as_bytes()),
            life,
        ));
    }
    let mut candidate = [0; KEY_BYTES];
    getrandom::fill(&mut candidate).map_err(|_| ServerError::Random)?;
    let key = store
        .secret("jwt", Bytes::copy_from_slice(&candidate))
        .await;
    Ok(Tokens::new(&key.map_err(ServerError::Store)?, life))
}

fn socketio_settings(config: &Config) -> socketio::Settings {
    let server = &config.server;
    socketio::Settings {
        ping_interval: Duration::from_millis(server.ping_interval_ms),
        ping_timeout: Duration::from_millis(server.ping_timeout_ms),
        connect_timeout: Duration::from_millis(server.connect_timeout_ms),
        max_message_bytes: server.max_message_bytes,
        buffer_packets: server.socket_buffer_packets,
    }
}

fn lines(config: &Config, metrics: Arc<Metrics>) -> Arc<Lines> {
    let server = &config.server;
    let care = Care {
        patience: Duration::from_secs(server.write_timeout_secs),
        waiting: server.socket_buffer_packets,
        metrics,
        tasks: TaskTracker::new(),
    };
    let trusted = server.trusted_proxies.clone();
    Arc::new(Lines::new(server.max_connections, trusted, care))
}
