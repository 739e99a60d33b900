//! The exact arithmetic of turns, in whole milliseconds.

use super::{Clock, Participant};
use crate::rules::Timestamp;

/// What the end of a turn, or its interruption, does to a participant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Booking {
    /// Milliseconds since the turn began or went on; zero if the clock of the log stood still.
    pub(super) millis: u64,
}

impl Booking {
    /// The part of a turn that began at `since` and is booked at `at`.
    #[must_use]
    pub(super) const fn between(since: Timestamp, at: Timestamp) -> Self {
        Self {
            millis: at.as_millis().saturating_sub(since.as_millis()),
        }
    }
}

impl Participant {
    /// Time has passed in his turn.
    pub(super) fn book(&mut self, booking: Booking) {
        self.used_millis = self.used_millis.saturating_add(booking.millis);
        self.left_millis = self.left_millis.saturating_sub(booking.millis);
    }

    /// His turn is over. Whoever has time left gets the increment, the others have expired.
    pub(super) fn end_turn(&mut self, increment_millis: u64) {
        self.turns += 1;
        if self.left_millis == 0 {
            self.expired = true;
        } else {
            self.left_millis = self.left_millis.saturating_add(increment_millis);
        }
    }
}

impl Clock {
    /// Books the running turn on whose turn it is; nothing if none runs.
    pub(super) fn book(&mut self, at: Timestamp) {
        let (Some(place), Some(since)) = (self.active, self.turn_began_at) else {
            return;
        };
        if let Some(participant) = self.participants.get_mut(place) {
            participant.book(Booking::between(since, at));
        }
    }
}
