//! Signs of life: when to ask a peer for one, and when to take it for dead.

use std::time::Duration;

use tokio::time::Instant;

/// When a peer is taken for dead.
#[derive(Clone, Copy, Debug)]
pub enum Heartbeat {
    /// After a time without any frame, pongs included.
    Silence {
        /// Time between protocol pings.
        ping_interval: Duration,
        /// That time.
        timeout: Duration,
    },
    /// At the tick of a clock common to all, if it has not answered the ping of the one before.
    Ticks {
        /// A tick of that clock.
        since: Instant,
        /// Time between ticks.
        every: Duration,
    },
}

/// What is to be done for a peer now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Beat {
    Wait,
    Ping,
    Dead,
}

/// The signs of life of one peer.
#[derive(Debug)]
pub(super) struct Pulse {
    heartbeat: Heartbeat,
    heard_at: Instant,
    pinged_at: Instant,
    /// Whether it has sent a pong since it was pinged.
    answered: bool,
}

impl Pulse {
    pub(super) fn new(heartbeat: Heartbeat, now: Instant) -> Self {
        Self {
            heartbeat,
            heard_at: now,
            pinged_at: now,
            answered: true,
        }
    }

    /// A frame has come.
    pub(super) fn hear(&mut self, now: Instant) {
        self.heard_at = now;
    }

    /// A pong has come.
    pub(super) fn answer(&mut self) {
        self.answered = true;
    }

    pub(super) fn beat(&mut self, now: Instant) -> Beat {
        if now < self.next() {
            return Beat::Wait;
        }
        let dead = match self.heartbeat {
            Heartbeat::Silence { timeout, .. } => now >= self.heard_at + timeout,
            Heartbeat::Ticks { .. } => !self.answered,
        };
        if dead {
            return Beat::Dead;
        }
        self.pinged_at = now;
        self.answered = false;
        Beat::Ping
    }

    /// When to look again.
    pub(super) fn next(&self) -> Instant {
        match self.heartbeat {
            Heartbeat::Silence {
                ping_interval,
                timeout,
            } => (self.pinged_at + ping_interval).min(self.heard_at + timeout),
            Heartbeat::Ticks { since, every } => {
                let passed = self.pinged_at.duration_since(since).as_nanos();
                let ticks = passed / every.as_nanos().max(1) + 1;
                since + every * u32::try_from(ticks).unwrap_or(u32::MAX)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn whoever_sends_anything_is_not_silent() {
        let start = Instant::now();
        let heartbeat = Heartbeat::Silence {
            ping_interval: 10 * SECOND,
            timeout: 30 * SECOND,
        };
        let mut pulse = Pulse::new(heartbeat, start);
        assert_eq!(pulse.beat(start + 9 * SECOND), Beat::Wait);
        assert_eq!(pulse.beat(start + 10 * SECOND), Beat::Ping);
        assert_eq!(pulse.beat(start + 20 * SECOND), Beat::Ping);
        pulse.hear(start + 25 * SECOND);
        assert_eq!(pulse.beat(start + 30 * SECOND), Beat::Ping);
        assert_eq!(pulse.beat(start + 54 * SECOND), Beat::Ping);
        assert_eq!(pulse.next(), start + 55 * SECOND);
        assert_eq!(pulse.beat(start + 55 * SECOND), Beat::Dead);
    }

    #[test]
    fn at_a_tick_only_a_pong_since_the_last_one_counts() {
        let since = Instant::now();
        let every = 5 * SECOND;
        let start = since + 2 * SECOND;
        let mut pulse = Pulse::new(Heartbeat::Ticks { since, every }, start);
        assert_eq!(
            pulse.next(),
            since + 5 * SECOND,
            "the tick is common to all"
        );
        assert_eq!(pulse.beat(since + 5 * SECOND), Beat::Ping);
        pulse.answer();
        assert_eq!(pulse.beat(since + 10 * SECOND), Beat::Ping);
        pulse.hear(since + 12 * SECOND);
        assert_eq!(pulse.beat(since + 14 * SECOND), Beat::Wait);
        assert_eq!(pulse.beat(since + 15 * SECOND), Beat::Dead);
    }
}
