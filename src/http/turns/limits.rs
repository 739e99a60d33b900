//! Rate limits in fixed windows, told in headers on every answer that is limited (2.6).

use std::net::IpAddr;
use std::time::{Duration, Instant};

use axum::http::{HeaderMap, HeaderName, HeaderValue};

use super::answer::{Failure, Retry};
use crate::rules::SessionId;
use crate::wire::limits::{Usage, Windows};

/// Windows that are remembered, so that memory stays bounded.
const MAX_WINDOWS: usize = 100_000;
const GENERAL_WINDOW: Duration = Duration::from_secs(60);
const SWITCH_WINDOW: Duration = Duration::from_secs(1);

/// How much may be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budgets {
    /// Requests per minute and address.
    pub general_per_minute: u32,
    /// Switches per second and clock.
    pub switches_per_second: u32,
}

/// Counts requests.
#[derive(Debug)]
pub(super) struct Limits {
    budgets: Option<Budgets>,
    general: Windows<Option<IpAddr>>,
    switches: Windows<SessionId>,
}

/// How much of a budget is used, for the headers.
#[derive(Clone, Copy, Debug)]
pub(super) struct Standing {
    limit: u32,
    window: Duration,
    usage: Usage,
}

impl Limits {
    pub(super) fn new(budgets: Option<Budgets>) -> Self {
        Self {
            budgets,
            general: Windows::of(GENERAL_WINDOW, MAX_WINDOWS),
            switches: Windows::of(SWITCH_WINDOW, MAX_WINDOWS),
        }
    }

    /// Counts any request of an address.
    pub(super) fn count_request(&self, address: Option<IpAddr>) -> Option<Standing> {
        let address = address.map(|address| address.to_canonical());
        Some(Standing {
            limit: self.budgets?.general_per_minute,
            window: GENERAL_WINDOW,
            usage: self.general.count(address, Instant::now()),
        })
    }

    /// Counts a switch of a clock.
    pub(super) fn count_switch(&self, log: SessionId) -> Option<Standing> {
        Some(Standing {
            limit: self.budgets?.switches_per_second,
            window: SWITCH_WINDOW,
            usage: self.switches.count(log, Instant::now()),
        })
    }
}

impl Standing {
    /// Refuses what is over the limit.
    pub(super) fn check(&self, message: &str) -> Result<(), Failure> {
        if self.usage.count <= self.limit {
            return Ok(());
        }
        let retry = Retry {
            after_secs: self.usage.ends_in.as_secs(),
            stated_secs: self.window.as_secs(),
        };
        Err(Failure::over_limit(message, retry))
    }

    /// Tells the caller where he stands.
    pub(super) fn describe(&self, headers: &mut HeaderMap) {
        let remaining = self.limit.saturating_sub(self.usage.count);
        let policy = format!("{};w={}", self.limit, self.window.as_secs());
        for (name, value) in [
            ("ratelimit-policy", policy),
            ("ratelimit-limit", self.limit.to_string()),
            ("ratelimit-remaining", remaining.to_string()),
            ("ratelimit-reset", self.usage.ends_in.as_secs().to_string()),
        ] {
            let value = HeaderValue::try_from(value).expect("digits make a header");
            headers.insert(HeaderName::from_static(name), value);
        }
    }
}
