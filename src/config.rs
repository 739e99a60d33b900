//! The configuration: flags and environment, checked before a port is bound.
//!
//! Variables of the dialects have the dialect's name in front, or the name that the original server
//! gave them; all others are prefixed with `ROUNDTABLE_`.

mod signal;
mod sync;
mod values;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use clap::{Args, Parser, Subcommand};
use ipnet::IpNet;

use crate::http::Dialect;
use crate::http::base::BasePath;
use crate::http::cors::Origins;
use crate::rules::poker::Policy;
use crate::wire::poker::gate::{Auth, Binding};
use crate::wire::poker_io::RateLimits;

pub use signal::SignalConfig;
pub use sync::SyncConfig;
pub use values::{Bridging, ConfigError, Listen, LogFormat, Notice, OpsListen, Secret, StoreUrl};

/// A Socket.IO-compatible room server for team sessions.
#[derive(Clone, Debug, Parser)]
#[command(version, about)]
pub struct Config {
    /// What to do; without a command, serve.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// Ports, store and limits of the server.
    #[command(flatten)]
    pub server: ServerConfig,
    /// Poker sessions.
    #[command(flatten)]
    pub poker: PokerConfig,
    /// Poker sessions over raw WebSockets.
    #[command(flatten)]
    pub signal: SignalConfig,
    /// Shared turn clocks.
    #[command(flatten)]
    pub sync: SyncConfig,
}

/// What the binary can do besides serving.
#[derive(Clone, Debug, Subcommand)]
pub enum Command {
    /// Ask a running server whether it is ready; exit code 0 if it is.
    Healthcheck {
        /// The readiness probe to ask.
        #[arg(long, default_value = "http://127.0.0.1:9464/readyz")]
        url: String,
    },
}

/// Ports, store and limits of the server.
#[derive(Clone, Debug, Args)]
pub struct ServerConfig {
    /// Address to serve, as ADDR=DIALECT; repeatable. Default: 0.0.0.0:PORT=poker.
    #[arg(long, env = "ROUNDTABLE_LISTEN", value_delimiter = ',')]
    pub listen: Vec<Listen>,
    /// Port of the default listener.
    #[arg(long, env = "PORT", default_value_t = 3001)]
    pub port: u16,
    /// Path below which the world finds the server, if a proxy shares its host with others. Everything
    /// is served below it as well as at the root.
    #[arg(long, env = "ROUNDTABLE_BASE_PATH", default_value = "/")]
    pub base_path: BasePath,
    /// Address of the operations listener, or `off`.
    #[arg(long, env = "ROUNDTABLE_OPS_LISTEN", default_value = "127.0.0.1:9464")]
    pub ops_listen: OpsListen,
    /// Token with which an operator may close sessions and remove players on the operations listener;
    /// without one nobody can.
    #[arg(long, env = "ROUNDTABLE_OPS_TOKEN", hide_env_values = true)]
    pub ops_token: Option<Secret>,
    /// Where sessions are kept: `sqlite:PATH`, `memory:`, or `redis://HOST`, which several servers may
    /// share; `rediss://` with TLS, `redis-cluster://HOST,HOST` for a cluster.
    #[arg(
        long,
        env = "ROUNDTABLE_STORE",
        hide_env_values = true,
        default_value = "sqlite:./data/roundtable.db"
    )]
    pub store: StoreUrl,
    /// Networks whose `X-Forwarded-For` is believed, as CIDR.
    #[arg(long, env = "ROUNDTABLE_TRUSTED_PROXIES", value_delimiter = ',')]
    pub trusted_proxies: Vec<IpNet>,
    /// Open connections at most.
    #[arg(long, env = "ROUNDTABLE_MAX_CONNECTIONS", default_value_t = 50_000)]
    pub max_connections: usize,
    /// Seconds after which a connection that does not read is cut.
    #[arg(long, env = "ROUNDTABLE_WRITE_TIMEOUT_SECS", default_value_t = 20)]
    pub write_timeout_secs: u64,
    /// Seconds that a shutdown may take.
    #[arg(long, env = "ROUNDTABLE_SHUTDOWN_SECS", default_value_t = 10)]
    pub shutdown_secs: u64,
    /// Seconds after which a session without connections and commands leaves memory.
    #[arg(long, env = "ROUNDTABLE_ROOM_IDLE_SECS", default_value_t = 300)]
    pub room_idle_secs: u64,
    /// Milliseconds after which a node that shows no sign of life counts as dead.
    #[arg(long, env = "ROUNDTABLE_NODE_LEASE_MS", default_value_t = 10_000, value_parser = clap::value_parser!(u64).range(300..))]
    pub node_lease_ms: u64,
    /// Milliseconds between Engine.IO pings.
    #[arg(long, env = "ROUNDTABLE_PING_INTERVAL_MS", default_value_t = 25_000)]
    pub ping_interval_ms: u64,
    /// Milliseconds that an Engine.IO client may take to answer a ping.
    #[arg(long, env = "ROUNDTABLE_PING_TIMEOUT_MS", default_value_t = 60_000)]
    pub ping_timeout_ms: u64,
    /// Milliseconds that a client may take to connect to a namespace.
    #[arg(long, env = "ROUNDTABLE_CONNECT_TIMEOUT_MS", default_value_t = 45_000)]
    pub connect_timeout_ms: u64,
    /// Most bytes of one Socket.IO message, on any transport.
    #[arg(
        long,
        env = "ROUNDTABLE_MAX_MESSAGE_BYTES",
        default_value_t = 1_000_000
    )]
    pub max_message_bytes: usize,
    /// Packets that may wait for one Socket.IO client before it is resynchronised.
    #[arg(long, env = "ROUNDTABLE_SOCKET_BUFFER_PACKETS", default_value_t = 512)]
    pub socket_buffer_packets: usize,
    /// Rate limits of events and requests.
    #[arg(long, env = "ROUNDTABLE_RATE_LIMITS", default_value = "on")]
    pub rate_limits: RateLimits,
    /// How much is logged: error, warn, info, debug or trace, or a filter of tracing-subscriber.
    #[arg(long, env = "LOG_LEVEL", default_value = "info")]
    pub log_level: String,
    /// Form of the log on standard error.
    #[arg(long, env = "ROUNDTABLE_LOG_FORMAT", default_value = "text")]
    pub log_format: LogFormat,
}

/// Poker sessions.
#[derive(Clone, Debug, Args)]
pub struct PokerConfig {
    /// Allowed browser origins: one, a comma list, or `*`.
    #[arg(long, env = "CORS_ORIGIN", default_value = "http://localhost:5173")]
    pub cors_origin: Origins,
    /// Origin of the frontend, for `joinUrl`.
    #[arg(long, env = "CLIENT_URL", default_value = "http://localhost:5173")]
    pub client_url: String,
    /// Key that signs tokens; without one, a random one is kept in the store.
    #[arg(long, env = "JWT_SECRET", hide_env_values = true)]
    pub jwt_secret: Option<Secret>,
    /// Name of the environment, as `/api/health` shows it.
    #[arg(long, env = "NODE_ENV", default_value = "development")]
    pub node_env: String,
    /// Whether votes, reveals and resets over REST need a token.
    #[arg(long, env = "POKER_AUTH", default_value = "strict")]
    pub poker_auth: Auth,
    /// Whether sockets have to prove whose player they are before they may act.
    #[arg(long, env = "POKER_SOCKET_BINDING", default_value = "on")]
    pub poker_socket_binding: Binding,
    /// Milliseconds a player whose line broke stays on the roster.
    #[arg(long, env = "POKER_DISCONNECT_GRACE_MS", default_value_t = 15_000)]
    pub poker_disconnect_grace_ms: u64,
    /// Milliseconds a player who joined over REST may take to connect.
    #[arg(long, env = "POKER_JOIN_GRACE_MS", default_value_t = 60_000)]
    pub poker_join_grace_ms: u64,
    /// Milliseconds of the host's absence after which another takes over; 0 is never.
    #[arg(long, env = "POKER_HOST_HANDOVER_MS", default_value_t = 120_000)]
    pub poker_host_handover_ms: u64,
    /// Whether clients are told of a shutdown; the original client shows its error page then.
    #[arg(long, env = "POKER_SHUTDOWN_NOTICE", default_value = "off")]
    pub poker_shutdown_notice: Notice,
    /// Most players in a session.
    #[arg(long, env = "POKER_MAX_PLAYERS", default_value_t = 200)]
    pub poker_max_players: usize,
    /// Most stories in a session.
    #[arg(long, env = "POKER_MAX_STORIES", default_value_t = 1000)]
    pub poker_max_stories: usize,
}

impl Config {
    /// Checks what the types cannot.
    ///
    /// # Errors
    /// The first contradiction.
    pub fn check(&self) -> Result<(), ConfigError> {
        /// Frames of a snapshot that are no votes, and some room for what follows it.
        const SNAPSHOT_MARGIN: usize = 32;
        let needed = self.poker.poker_max_players + SNAPSHOT_MARGIN;
        if self.server.socket_buffer_packets < needed {
            return Err(ConfigError::BufferTooSmall(needed));
        }
        let server = &self.server;
        for (name, value) in [
            ("--ping-interval-ms", server.ping_interval_ms),
            ("--ping-timeout-ms", server.ping_timeout_ms),
            ("--write-timeout-secs", server.write_timeout_secs),
            ("--connect-timeout-ms", server.connect_timeout_ms),
            (
                "--signal-ping-interval-ms",
                self.signal.signal_ping_interval_ms,
            ),
            (
                "--signal-silence-timeout-ms",
                self.signal.signal_silence_timeout_ms,
            ),
            (
                "--signal-session-idle-secs",
                self.signal.signal_session_idle_secs,
            ),
            ("--sync-session-life-secs", self.sync.sync_session_life_secs),
            ("--sync-heartbeat-ms", self.sync.sync_heartbeat_ms),
        ] {
            if value == 0 {
                return Err(ConfigError::Zero(name));
            }
        }
        Ok(())
    }
}

impl ServerConfig {
    /// The listeners, the default one if none is named.
    #[must_use]
    pub fn listeners(&self) -> Vec<Listen> {
        if !self.listen.is_empty() {
            return self.listen.clone();
        }
        let address = SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), self.port);
        vec![Listen {
            address,
            dialect: Dialect::Poker,
        }]
    }
}

impl PokerConfig {
    /// The rules' part of it.
    #[must_use]
    pub fn policy(&self) -> Policy {
        let handover = Duration::from_millis(self.poker_host_handover_ms);
        Policy {
            disconnect_grace: Duration::from_millis(self.poker_disconnect_grace_ms),
            join_grace: Duration::from_millis(self.poker_join_grace_ms),
            host_handover: (!handover.is_zero()).then_some(handover),
            max_players: self.poker_max_players,
            max_stories: self.poker_max_stories,
            ..Policy::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_never_printed() {
        let secrets = ["--jwt-secret", "hunter2", "--ops-token", "hunter2"];
        let config = Config::parse_from(["roundtable"].into_iter().chain(secrets));
        assert!(!format!("{config:?}").contains("hunter2"));
    }

    #[test]
    fn a_buffer_that_cannot_hold_a_snapshot_is_refused() {
        let config = Config::parse_from(["roundtable", "--socket-buffer-packets", "100"]);
        assert_eq!(config.check(), Err(ConfigError::BufferTooSmall(232)));
        assert_eq!(Config::parse_from(["roundtable"]).check(), Ok(()));
    }
}
