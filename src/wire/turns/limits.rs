//! Rate limits in fixed windows, shared by REST and Socket.IO (2.6).

use std::net::IpAddr;
use std::time::{Duration, Instant};

use super::failure::{Failure, Retry};
use crate::rules::SessionId;
use crate::wire::limits::{Usage, Windows};

/// Windows that are remembered, so that memory stays bounded.
const MAX_WINDOWS: usize = 100_000;
const GENERAL_WINDOW: Duration = Duration::from_secs(60);
/// The window of a socket's events.
pub const EVENT_WINDOW: Duration = GENERAL_WINDOW;
const SWITCH_WINDOW: Duration = Duration::from_secs(1);
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
#[derive(Debug)]
pub struct Limits {
    budgets: Option<Budgets>,
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
    /// Nothing counted yet; without budgets nothing is limited.
    #[must_use]
    pub fn new(budgets: Option<Budgets>) -> Self {
        Self {
            budgets,
            general: Windows::of(GENERAL_WINDOW, MAX_WINDOWS),
            switches: Windows::of(SWITCH_WINDOW, MAX_WINDOWS),
        }
    }

    /// Counts any request of an address.
    #[must_use]
    pub fn count_request(&self, address: Option<IpAddr>) -> Option<Standing> {
        let address = address.map(|address| address.to_canonical());
        let limit = self.budgets?.general_per_minute;
        let usage = self.general.count(address, Instant::now());
        Some(Standing::general(limit, usage))
    }

    /// Counts an event in a socket's own window.
    #[must_use]
    pub fn count_event(&self, window: &Windows<()>) -> Option<Standing> {
        self.budgets?;
        let usage = window.count((), Instant::now());
        Some(Standing::general(EVENTS_PER_MINUTE, usage))
    }

    /// Counts a switch of a clock.
    #[must_use]
    pub fn count_switch(&self, log: SessionId) -> Option<Standing> {
        Some(Standing {
            limit: self.budgets?.switches_per_second,
            window: SWITCH_WINDOW,
            usage: self.switches.count(log, Instant::now()),
            message: "Too many cycle switches for this session, please slow down",
        })
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
