//! What a room hears of its log from the store.

use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{self, Instant};

use crate::store::Hint;

/// A room's ear.
pub(super) struct Hints {
    heard: watch::Receiver<Hint>,
    /// The doubts that the room has put to rest by reading the log.
    settled: u64,
    not_before: Instant,
    /// No more will come; the log is still read after every conflicting append.
    over: bool,
}

impl Hints {
    pub(super) fn new(heard: watch::Receiver<Hint>) -> Self {
        let settled = heard.borrow().doubts;
        Self {
            heard,
            settled,
            not_before: Instant::now(),
            over: false,
        }
    }

    /// The newest hint, once there is one that was not heard yet.
    pub(super) async fn next(&mut self) -> Hint {
        time::sleep_until(self.not_before).await;
        self.over |= self.heard.changed().await.is_err();
        if self.over {
            std::future::pending().await
        }
        *self.heard.borrow_and_update()
    }

    /// The reason to read the log before anything rests on it, if there is one.
    pub(super) fn present_doubt(&self) -> Option<Hint> {
        let hint = *self.heard.borrow();
        self.doubts(hint).then_some(hint)
    }

    /// Whether the log must be read, wherever it is said to end.
    pub(super) fn doubts(&self, hint: Hint) -> bool {
        hint.doubts != self.settled
    }

    /// Remembers that the log was read after this hint.
    pub(super) fn settle(&mut self, hint: Hint) {
        self.settled = hint.doubts;
    }

    /// Has the last hint come once more, after a pause.
    pub(super) fn repeat_after(&mut self, pause: Duration) {
        self.heard.mark_changed();
        self.not_before = Instant::now() + pause;
    }
}
