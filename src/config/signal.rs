//! Poker sessions over raw WebSockets.

use std::time::Duration;

use clap::Args;

use super::values::Secret;
use crate::http::signal::{Listing, SignalRestSettings};
use crate::wire::poker_io::RateLimits;
use crate::wire::signal_ws::{Pace, PrivateIds, SignalSettings};

/// Poker sessions over raw WebSockets.
#[derive(Clone, Debug, Args)]
pub struct SignalConfig {
    /// Whether players see only their own id, and public ones of the others.
    #[arg(long, env = "SIGNAL_PRIVATE_IDS", default_value = "on")]
    pub signal_private_ids: PrivateIds,
    /// Who may list all sessions: anybody, this machine itself, or nobody.
    #[arg(long, env = "SIGNAL_SESSION_LIST", default_value = "local")]
    pub signal_session_list: Listing,
    /// Bearer token that is needed, and enough, to list all sessions.
    #[arg(long, env = "SIGNAL_SESSION_LIST_TOKEN", hide_env_values = true)]
    pub signal_session_list_token: Option<Secret>,
    /// Seconds after the last event at which a session ends if nobody is connected.
    #[arg(long, env = "SIGNAL_SESSION_IDLE_SECS", default_value_t = 86_400)]
    pub signal_session_idle_secs: u64,
    /// Most sessions in the store, from which on none is created.
    #[arg(long, env = "SIGNAL_MAX_SESSIONS", default_value_t = 10_000)]
    pub signal_max_sessions: u64,
    /// Most players in a session, from which on nobody new is let in.
    #[arg(long, env = "SIGNAL_MAX_PLAYERS", default_value_t = 50)]
    pub signal_max_players: usize,
    /// Most connections to a session.
    #[arg(long, env = "SIGNAL_MAX_CONNECTIONS", default_value_t = 100)]
    pub signal_max_connections: usize,
    /// Milliseconds between WebSocket pings.
    #[arg(long, env = "SIGNAL_PING_INTERVAL_MS", default_value_t = 10_000)]
    pub signal_ping_interval_ms: u64,
    /// Milliseconds without any frame after which a connection is dead.
    #[arg(long, env = "SIGNAL_SILENCE_TIMEOUT_MS", default_value_t = 30_000)]
    pub signal_silence_timeout_ms: u64,
    /// Most bytes that may wait for one connection before it is resynchronised.
    #[arg(long, env = "SIGNAL_OUTBOX_BYTES", default_value_t = 262_144)]
    pub signal_outbox_bytes: usize,
}

impl SignalConfig {
    /// The connections' part of it.
    #[must_use]
    pub fn settings(&self, limits: RateLimits) -> SignalSettings {
        SignalSettings {
            private_ids: self.signal_private_ids,
            max_players: self.signal_max_players,
            ping_interval: Duration::from_millis(self.signal_ping_interval_ms),
            silence_timeout: Duration::from_millis(self.signal_silence_timeout_ms),
            outbox_bytes: self.signal_outbox_bytes,
            pace: (limits == RateLimits::On).then(Pace::default),
        }
    }

    /// The REST calls' part of it.
    #[must_use]
    pub fn rest_settings(&self, limits: RateLimits) -> SignalRestSettings {
        let token = self.signal_session_list_token.as_ref();
        SignalRestSettings {
            listing: self.signal_session_list,
            token: token.map(|token| token.expose().to_owned()),
            max_sessions: self.signal_max_sessions,
            session_life: Duration::from_secs(self.signal_session_idle_secs),
            is_limited: limits == RateLimits::On,
        }
    }
}
