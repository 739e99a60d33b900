//! The session's timer: it is computed from its start, never ticked, and does not act by itself.

use serde::{Deserialize, Serialize};

use crate::rules::Timestamp;

/// The timer as it was last set.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Timer {
    /// Seconds.
    pub duration: u32,
    /// Since when it runs; `None` while it stands.
    pub started_at: Option<Timestamp>,
    /// How clients show it.
    pub mode: Option<TimerMode>,
    /// What clients do with it.
    pub settings: Option<TimerSettings>,
}

/// How clients show the timer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "lowercase")]
pub enum TimerMode {
    /// Down to zero.
    Countdown,
    /// Up from zero.
    Stopwatch,
    /// Not at all.
    None,
}

/// What clients do with the timer; the server only passes it on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
pub struct TimerSettings {
    /// Reveal when time is up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auto_reveal: Option<bool>,
    /// Go on when time is up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auto_skip: Option<bool>,
    /// Make a sound.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audio_enabled: Option<bool>,
    /// Seconds left at which to warn.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warning_at: Option<Vec<u32>>,
}

impl Timer {
    /// Seconds left at `now`, rounded up; never below 0, the full duration while it stands.
    #[must_use]
    pub fn remaining_secs(&self, now: Timestamp) -> u32 {
        let Some(started_at) = self.started_at else {
            return self.duration;
        };
        let left = (u64::from(self.duration) * 1000)
            .saturating_sub(u64::try_from(now.since(started_at).as_millis()).unwrap_or(u64::MAX));
        u32::try_from(left.div_ceil(1000)).unwrap_or(self.duration)
    }

    /// Whether it still runs at `now`; a stopwatch never runs out.
    #[must_use]
    pub fn is_running(&self, now: Timestamp) -> bool {
        self.started_at.is_some()
            && (self.mode == Some(TimerMode::Stopwatch) || self.remaining_secs(now) > 0)
    }
}
