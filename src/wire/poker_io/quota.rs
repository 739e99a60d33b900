//! Rate limits: fixed windows of a minute per event and player, so
//! that reconnecting does not refill them.

use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};
use std::time::{Duration, Instant};

use super::events::{ClientEvent, OTHER_EVENTS_PER_MINUTE};
use crate::rules::ids::{PlayerId, SeatId, SessionId};
use crate::wire::limits::{RetryAfter, Windows};

/// Distinct unknown names that have windows of their own, per socket; the others share one.
const MAX_OTHER_NAMES: usize = 32;
/// Events of any kind per minute and socket.
const CEILING_PER_MINUTE: u32 = 300;
/// Windows that are remembered.
const MAX_WINDOWS: usize = 200_000;

/// Whether the rate limits are in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum RateLimits {
    /// As the contract has them.
    On,
    /// None at all; for load tests behind a closed door.
    Off,
}

/// Counts events.
pub struct Quota {
    limits: RateLimits,
    windows: Windows<Key>,
    names: RandomState,
}

/// Whose window it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Owner {
    /// A player, through all his sockets.
    Player(SessionId, PlayerId),
    /// A socket without a player.
    Socket(SeatId),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Name {
    Known(ClientEvent),
    Other(u64),
    Rest,
}

/// The unknown names that one socket has used, by hash; bounded.
#[derive(Debug, Default)]
pub(super) struct OtherNames(HashSet<u64>);

impl OtherNames {
    fn place(&mut self, hash: u64) -> Name {
        if !self.0.contains(&hash) && self.0.len() >= MAX_OTHER_NAMES {
            return Name::Rest;
        }
        self.0.insert(hash);
        Name::Other(hash)
    }
}

type Key = (Owner, Name);

impl Quota {
    /// Nothing counted yet.
    #[must_use]
    pub fn new(limits: RateLimits) -> Self {
        let windows = Windows::new(MAX_WINDOWS);
        Self {
            limits,
            windows,
            names: RandomState::new(),
        }
    }

    /// The ceiling on events of any kind, per minute and socket.
    pub(super) fn ceiling(&self) -> Option<u32> {
        (self.limits == RateLimits::On).then_some(CEILING_PER_MINUTE)
    }

    /// Counts an event, refused ones too.
    ///
    /// # Errors
    /// How long to wait, if it is over the limit.
    pub(super) fn count(
        &self,
        owner: Owner,
        name: &str,
        others: &mut OtherNames,
    ) -> Result<(), Duration> {
        if self.limits == RateLimits::Off {
            return Ok(());
        }
        let (name, limit) = match ClientEvent::named(name) {
            Some(event) => (Name::Known(event), event.per_minute()),
            None => (
                others.place(self.names.hash_one(name)),
                OTHER_EVENTS_PER_MINUTE,
            ),
        };
        self.windows
            .hit((owner, name), limit, Instant::now())
            .map_err(|RetryAfter(wait)| wait)
    }
}
