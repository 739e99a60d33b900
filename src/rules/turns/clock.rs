//! The exact arithmetic of turns, in whole milliseconds.

use super::{Clock, Participant};
use crate::rules::Timestamp;

impl Participant {
    /// Time has passed in his turn.
    pub(super) fn book(&mut self, millis: u64) {
        self.used_millis = self.used_millis.saturating_add(millis);
        self.left_millis = self.left_millis.saturating_sub(millis);
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
    /// Books the running turn on whose turn it is; nothing if none runs, or time went back.
    pub(super) fn book(&mut self, at: Timestamp) {
        let (Some(place), Some(since)) = (self.active, self.turn_began_at) else {
            return;
        };
        if let Some(participant) = self.participants.get_mut(place) {
            participant.book(at.as_millis().saturating_sub(since.as_millis()));
        }
    }
}
