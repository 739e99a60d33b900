//! One joined connection, as far as its own task and the room's are concerned with it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::extract::ws::Utf8Bytes;
use tokio::time::Instant;

use super::ids::Viewer;
use crate::rules::ids::{CommandId, PlayerId, SeatId};
use crate::wire::ws::{Full, Outbox};

/// Time after which whoever has not reported the end of his countdown is shown the result (5.4).
const COUNTDOWN_REPORT: Duration = Duration::from_secs(10);
/// Age up to which the end of a countdown may still be reported (5.4).
const COUNTDOWN_AGE: Duration = Duration::from_secs(30);

/// One joined connection.
#[derive(Debug)]
pub struct Port {
    /// Whose player it is.
    pub player: PlayerId,
    /// The id he came with.
    pub user_id: String,
    /// The seat it takes.
    pub seat: SeatId,
    outbox: Arc<Outbox>,
    moment: Mutex<Moment>,
}

/// What of a connection changes.
#[derive(Debug, Default)]
struct Moment {
    expected: Option<Expected>,
    countdown: Option<Countdown>,
    dismissed: Option<&'static str>,
}

/// A command that a connection waits for.
#[derive(Clone, Copy, Debug)]
struct Expected {
    cause: CommandId,
    deed: Deed,
    /// Whether it has led to anything.
    happened: bool,
}

/// What a connection has asked for and will see happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// A vote; its echo has the value.
    Vote,
    /// A reveal that the page has already shown.
    Reveal,
    /// Settings; whoever proposes them tells everybody which of them are in force.
    Settle,
    /// Anything that pages see alike.
    Other,
}

/// A countdown that a page was told to run.
#[derive(Clone, Copy, Debug)]
struct Countdown {
    round: u64,
    began: Instant,
    /// Whether the page still owes its end.
    running: bool,
}

/// What the end of a countdown means that a page reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Report {
    /// No countdown was running.
    None,
    /// The one of the round whose cards are open.
    Present,
    /// One of an earlier round.
    Leftover,
}

impl Port {
    /// A connection that has just joined.
    #[must_use]
    pub fn new(player: PlayerId, user_id: String, seat: SeatId, outbox: Arc<Outbox>) -> Self {
        Self {
            player,
            user_id,
            seat,
            outbox,
            moment: Mutex::default(),
        }
    }

    /// As whom it looks at the session.
    #[must_use]
    pub fn viewer(&self) -> Viewer<'_> {
        Viewer {
            player: self.player,
            user_id: &self.user_id,
        }
    }

    /// Whether it came with the public id of somebody else, whom it must call otherwise.
    #[must_use]
    pub fn is_lookalike(&self) -> bool {
        self.viewer().lookalike().is_some()
    }

    /// Hands a frame to the connection.
    ///
    /// # Errors
    /// [`Full`] if it does not read fast enough; it then gets the state anew later.
    pub fn send(&self, frame: Utf8Bytes) -> Result<(), Full> {
        self.outbox.push(frame)
    }

    /// Hands frames to the connection that belong together.
    ///
    /// # Errors
    /// [`Full`], as for one.
    pub fn send_all(&self, frames: &[Utf8Bytes]) -> Result<(), Full> {
        self.outbox.push_all(frames)
    }

    /// Whether the connection has missed something.
    #[must_use]
    pub fn is_behind(&self) -> bool {
        self.outbox.is_behind()
    }

    /// Notes that what the connection was shown does not hold.
    pub fn fall_behind(&self) {
        self.outbox.fall_behind();
    }

    /// Notes that the connection is about to be shown the present state.
    pub fn catch_up(&self) {
        self.outbox.catch_up();
    }

    /// Notes what it has asked for, so that it is known when it happens.
    pub fn expect(&self, cause: CommandId, deed: Deed) {
        let happened = false;
        self.lock().expected = Some(Expected {
            cause,
            deed,
            happened,
        });
    }

    /// What it has asked for with this command, which has led to something.
    pub fn fulfil(&self, cause: CommandId) -> Option<Deed> {
        let mut moment = self.lock();
        let expected = moment.expected.as_mut().filter(|it| it.cause == cause)?;
        expected.happened = true;
        Some(expected.deed)
    }

    /// Whether nothing of what it has asked for has happened yet.
    #[must_use]
    pub fn waits(&self) -> bool {
        let expected = self.lock().expected;
        expected.is_some_and(|expected| !expected.happened)
    }

    /// Stops expecting; true if nothing of what was asked for has happened.
    pub fn give_up(&self) -> bool {
        let expected = self.lock().expected.take();
        expected.is_some_and(|expected| !expected.happened)
    }

    /// Notes that the page counts down to the result of this round.
    pub fn count_down(&self, round: u64) {
        self.lock().countdown = Some(Countdown {
            round,
            began: Instant::now(),
            running: true,
        });
        // The connection's task has a deadline more.
        self.outbox.ring();
    }

    /// When the page is to be shown the result although it has not reported.
    #[must_use]
    pub fn overdue_at(&self) -> Option<Instant> {
        let countdown = self.lock().countdown.filter(|it| it.running)?;
        Some(countdown.began + COUNTDOWN_REPORT)
    }

    /// Waits no longer for the end of the countdown to this round; false if it was not due.
    pub fn is_overdue(&self, round: Option<u64>) -> bool {
        match &mut self.lock().countdown {
            Some(countdown) if countdown.running => {
                countdown.running = false;
                round == Some(countdown.round)
            }
            _ => false,
        }
    }

    /// The page has reported the end of a countdown, or wants this round revealed: which of both
    /// it was. A countdown is reported once; its second firing comes too soon to count (5.3).
    pub fn report(&self, round: u64, revealed: bool) -> Report {
        let Some(countdown) = self.lock().countdown.take() else {
            return Report::None;
        };
        if countdown.round == round && revealed {
            Report::Present
        } else if countdown.round != round && countdown.began.elapsed() < COUNTDOWN_AGE {
            Report::Leftover
        } else {
            Report::None
        }
    }

    /// Takes the connection out of its session, for this reason.
    pub fn dismiss(&self, reason: &'static str) {
        self.lock().dismissed = Some(reason);
    }

    /// Why it is not in its session any more.
    #[must_use]
    pub fn dismissed(&self) -> Option<&'static str> {
        self.lock().dismissed
    }

    fn lock(&self) -> MutexGuard<'_, Moment> {
        self.moment.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
