//! Shared turn clocks.

use std::time::Duration;

use clap::Args;

use super::values::Bridging;
use crate::http::cors::Origins;
use crate::rules::turns::Policy;
use crate::wire::poker_io::RateLimits;
use crate::wire::turns::limits::Budgets;

/// Shared turn clocks.
#[derive(Clone, Debug, Args)]
pub struct SyncConfig {
    /// Allowed browser origins: one, a comma list, or `*`.
    #[arg(long, env = "SYNC_CORS_ORIGIN", default_value = "*")]
    pub sync_cors_origin: Origins,
    /// Seconds after its last change at which a clock is gone.
    #[arg(long, env = "SYNC_SESSION_LIFE_SECS", default_value_t = 3600)]
    pub sync_session_life_secs: u64,
    /// Milliseconds between the ticks at which viewers that did not answer the last ping are cut.
    #[arg(long, env = "SYNC_HEARTBEAT_MS", default_value_t = 5000)]
    pub sync_heartbeat_ms: u64,
    /// Requests per minute and address.
    #[arg(long, env = "RATE_LIMIT_GENERAL", default_value_t = 100)]
    pub sync_rate_limit_general: u32,
    /// Switches per second and clock.
    #[arg(long, env = "RATE_LIMIT_SWITCH", default_value_t = 10)]
    pub sync_rate_limit_switch: u32,
    /// Clocks that one Socket.IO connection may join at a time.
    #[arg(long, env = "SYNC_MAX_JOINED", default_value_t = 1000)]
    pub sync_max_joined: usize,
    /// Most bytes that may wait for one viewer before it is resynchronised; viewers share them.
    #[arg(long, env = "SYNC_OUTBOX_BYTES", default_value_t = 8_388_608)]
    pub sync_outbox_bytes: usize,
    /// Whether servers of another make on the same Redis see the clocks' changes, and theirs are
    /// shown here.
    #[arg(long, env = "SYNC_BRIDGE", default_value = "on")]
    pub sync_bridge: Bridging,
}

impl SyncConfig {
    /// The rules' part of it.
    #[must_use]
    pub fn policy(&self) -> Policy {
        Policy {
            life: Duration::from_secs(self.sync_session_life_secs),
        }
    }

    /// The rate limits, if there are any.
    #[must_use]
    pub fn budgets(&self, limits: RateLimits) -> Option<Budgets> {
        let budgets = Budgets {
            general_per_minute: self.sync_rate_limit_general,
            switches_per_second: self.sync_rate_limit_switch,
        };
        (limits == RateLimits::On).then_some(budgets)
    }
}
