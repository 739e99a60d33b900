//! Moments that fit into an emoji: how a reaction says when it was emitted.

use std::fmt;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

/// What stands before the moment in a delivered reaction.
const BEFORE: &str = r#""emoji":""#;

/// A moment of this process, in microseconds since the first one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Moment(u64);

impl Moment {
    pub(crate) fn now() -> Self {
        Self(u64::try_from(beginning().elapsed().as_micros()).unwrap_or(u64::MAX))
    }

    pub(crate) fn elapsed(self) -> Duration {
        Duration::from_micros(Self::now().0.saturating_sub(self.0))
    }

    /// The moment that a delivered reaction shows.
    pub(crate) fn shown_in(text: &str) -> Result<Self> {
        let shown = text.split_once(BEFORE).and_then(|(_, rest)| {
            let (digits, _) = rest.split_once('"')?;
            u64::from_str_radix(digits, 16).ok()
        });
        shown.map(Self).context("a reaction without a moment")
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:x}", self.0)
    }
}

fn beginning() -> Instant {
    static BEGINNING: OnceLock<Instant> = OnceLock::new();
    *BEGINNING.get_or_init(Instant::now)
}
