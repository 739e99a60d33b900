//! Events that wait for the conversation, in the order of arrival.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::Inbound;

/// Events that may wait for the conversation.
const EVENTS: usize = 2048;
/// Waiting events from which on the socket is no longer read; the rest is for what is in buffers.
const HOLD_AT: usize = 1024;
/// Waiting events at which it is read again.
const RELEASE_AT: usize = 256;
/// Room that is kept when nothing waits. Most sockets never have two events waiting, so that there
/// is none until the first one comes.
const KEPT: usize = 8;

/// A bounded queue.
#[derive(Debug, Default)]
pub(super) struct Inbox(Mutex<VecDeque<Inbound>>);

/// What an event that was put in means for the socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Put {
    /// It may go on.
    In,
    /// It has to pause.
    InAndHold,
    /// There is no room.
    Refused,
}

impl Inbox {
    /// Puts an event behind the others.
    pub(super) fn put(&self, inbound: Inbound) -> Put {
        let mut events = self.events();
        if events.len() >= EVENTS {
            return Put::Refused;
        }
        events.push_back(inbound);
        if events.len() >= HOLD_AT {
            Put::InAndHold
        } else {
            Put::In
        }
    }

    /// The next event, and whether so few are left that the socket may go on.
    pub(super) fn take(&self) -> Option<(Inbound, bool)> {
        let mut events = self.events();
        let inbound = events.pop_front()?;
        if events.is_empty() {
            events.shrink_to(KEPT);
        }
        Some((inbound, events.len() <= RELEASE_AT))
    }

    /// Whether so few wait that the socket may go on.
    pub(super) fn is_short(&self) -> bool {
        self.events().len() <= RELEASE_AT
    }

    fn events(&self) -> MutexGuard<'_, VecDeque<Inbound>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
