//! Rate limits in fixed windows, shared by REST and Socket.IO (2.6), and by all servers on one Redis.
//!
//! Whatever is counted is counted here, too, so that there is an answer when the shared counters
//! have none.

#[cfg(test)]
mod tests;

use std::error::Error;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::time::timeout;

use super::failure::{Failure, Retry};
use super::log_of;
use crate::rules::SessionId;
use crate::store::Counters;
use crate::wire::limits::{RetryAfter, Usage, Windows};

/// Windows that are remembered, so that memory stays bounded.
const MAX_WINDOWS: usize = 100_000;
const GENERAL_WINDOW: Duration = Duration::from_secs(60);
/// The window of a socket's events.
pub const EVENT_WINDOW: Duration = GENERAL_WINDOW;
const SWITCH_WINDOW: Duration = Duration::from_secs(1);
/// How long the shared counters may take.
const COUNT_TIMEOUT: Duration = Duration::from_millis(250);
/// Events per minute and socket, switches excepted (6).
const EVENTS_PER_MINUTE: u32 = 100;

/// How much may be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budgets {
    /// Requests per minute and address.
    pub general_per_minute: u32,
    /// Switches per second and clock.
    pub switches_per_second: u32,
}

/// Counts requests and events.
pub struct Limits {
    budgets: Option<Budgets>,
    shared: Option<Arc<dyn Counters>>,
    general: Windows<Option<IpAddr>>,
    switches: Windows<SessionId>,
}

/// How much of a budget is used.
#[derive(Clone, Copy, Debug)]
pub struct Standing {
    /// The budget.
    pub limit: u32,
    /// How long the budget lasts.
    pub window: Duration,
    /// What of it is used.
    pub usage: Usage,
    message: &'static str,
}

impl Limits {
    /// Nothing counted here yet; without budgets nothing is limited.
    #[must_use]
    pub fn new(budgets: Option<Budgets>, shared: Option<Arc<dyn Counters>>) -> Self {
        Self {
            budgets,
            shared,
            general: Windows::of(GENERAL_WINDOW, MAX_WINDOWS),
            switches: Windows::of(SWITCH_WINDOW, MAX_WINDOWS),
        }
    }

    /// Counts any request of an address.
    pub async fn count_request(&self, address: Option<IpAddr>) -> Option<Standing> {
        let limit = self.budgets?.general_per_minute;
        let address = address.map(|address| address.to_canonical());
        let here = self.general.count(address, Instant::now());
        let key = address.map(|address| format!("rl:general:{address}"));
        let usage = self.everywhere(key, GENERAL_WINDOW).await;
        Some(Standing::general(limit, usage.unwrap_or(here)))
    }

    /// Counts an event in a socket's own window.
    #[must_use]
    pub fn count_event(&self, window: &Windows<()>) -> Option<Standing> {
        self.budgets?;
        let usage = window.count((), Instant::now());
        Some(Standing::general(EVENTS_PER_MINUTE, usage))
    }

    /// Counts a switch of the clock of this id.
    pub async fn count_switch(&self, id: &str) -> Option<Standing> {
        let limit = self.budgets?.switches_per_second;
        let here = self.switches.count(log_of(id), Instant::now());
        let key = Some(format!("rl:switch:{id}"));
        let usage = self.everywhere(key, SWITCH_WINDOW).await;
        Some(Standing {
            limit,
            window: SWITCH_WINDOW,
            usage: usage.unwrap_or(here),
            message: "Too many cycle switches for this session, please slow down",
        })
    }

    /// Counts an event in the counter that all servers share, if there is one and it answers.
    async fn everywhere(&self, key: Option<String>, window: Duration) -> Option<Usage> {
        let (shared, key) = (self.shared.as_ref()?, key?);
        let counted = timeout(COUNT_TIMEOUT, shared.hit(&key, window)).await;
        let failure: &dyn Error = match &counted {
            Ok(Ok(hit)) => {
                return Some(Usage {
                    count: hit.count,
                    ends_in: RetryAfter(hit.ends_in),
                });
            }
            Ok(Err(error)) => error,
            Err(late) => late,
        };
        tracing::debug!(error = failure, "counted on this server alone");
        None
    }
}

impl Standing {
    const fn general(limit: u32, usage: Usage) -> Self {
        Self {
            limit,
            window: GENERAL_WINDOW,
            usage,
            message: "Too many requests, please try again later",
        }
    }

    /// Refuses what is over the limit.
    ///
    /// # Errors
    /// The refusal.
    pub fn check(&self) -> Result<(), Failure> {
        if self.usage.count <= self.limit {
            return Ok(());
        }
        let retry = Retry {
            after: self.usage.ends_in,
            window: self.window,
        };
        Err(Failure::over_limit(self.message, retry))
    }
}
