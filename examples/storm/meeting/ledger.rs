//! When each step of a room was due or was taken, so that everybody who is shown it knows how old it
//! is. At a fixed rate a step counts from when it was *due*, however late it was taken, so that no
//! wait is left out (no coordinated omission).

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use crate::storm::pacer::Schedule;
use crate::storm::rounds::Window;

/// Marks a step that was not taken yet.
const NOT_TAKEN: u32 = u32::MAX;

/// What sets the speed.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Tempo {
    /// Steps are due whether or not the ones before are done (open loop).
    Open(Schedule),
    /// Each step is taken as soon as a person would, until the window closes (closed loop).
    Closed(Window),
}

impl Tempo {
    /// From when on steps count for the figures.
    pub(crate) fn opens(&self) -> Instant {
        match self {
            Self::Open(schedule) => schedule.start + crate::storm::stand::WARM_UP,
            Self::Closed(window) => window.opens,
        }
    }

    /// When the last step is due at the latest.
    pub(crate) fn ends(&self) -> Instant {
        match self {
            Self::Open(schedule) => schedule.end(),
            Self::Closed(window) => window.closes,
        }
    }

    /// How many steps are due at first.
    pub(crate) fn due_at_first(&self) -> u64 {
        match self {
            Self::Open(_) => 0,
            Self::Closed(_) => u64::MAX,
        }
    }
}

/// The steps of one room.
pub(crate) struct Ledger {
    tempo: Tempo,
    room: usize,
    began: Instant,
    /// When each step was taken, in microseconds since the beginning; kept in a closed loop only.
    taken: Mutex<Vec<u32>>,
    count: AtomicU64,
    closed: AtomicBool,
}

impl Ledger {
    pub(crate) fn new(tempo: Tempo, room: usize) -> Self {
        Self {
            tempo,
            room,
            began: Instant::now(),
            taken: Mutex::new(Vec::new()),
            count: AtomicU64::new(0),
            closed: AtomicBool::new(false),
        }
    }

    /// Enters a step that is about to be taken; false if the room is closed to further ones.
    pub(crate) fn enter(&self, step: u64) -> bool {
        let mut taken = self.taken();
        match self.tempo {
            Tempo::Open(schedule) if step >= schedule.votes => return false,
            Tempo::Open(_) => {}
            Tempo::Closed(_) if self.closed.load(Ordering::Acquire) => return false,
            Tempo::Closed(_) => {
                let place = usize::try_from(step).expect("a run has an end");
                if taken.len() <= place {
                    taken.resize(place + 1, NOT_TAKEN);
                }
                let micros = self.began.elapsed().as_micros();
                taken[place] = u32::try_from(micros).unwrap_or(NOT_TAKEN);
            }
        }
        self.count.fetch_add(1, Ordering::Release);
        true
    }

    /// Lets no further step begin.
    pub(crate) fn close(&self) {
        let _taken = self.taken();
        self.closed.store(true, Ordering::Release);
    }

    /// From when on the wait for a step counts.
    pub(crate) fn since(&self, step: u64) -> Option<Instant> {
        match self.tempo {
            Tempo::Open(schedule) => Some(schedule.due(self.room, step)),
            Tempo::Closed(_) => {
                let micros = *self.taken().get(usize::try_from(step).ok()?)?;
                let taken = std::time::Duration::from_micros(micros.into());
                (micros != NOT_TAKEN).then(|| self.began + taken)
            }
        }
    }

    /// How many steps there will have been, once that is known.
    pub(crate) fn total(&self) -> Option<u64> {
        match self.tempo {
            Tempo::Open(schedule) => Some(schedule.votes),
            Tempo::Closed(_) => self
                .closed
                .load(Ordering::Acquire)
                .then(|| self.count.load(Ordering::Acquire)),
        }
    }

    /// How many steps were taken.
    pub(crate) fn taken_count(&self) -> u64 {
        self.count.load(Ordering::Acquire)
    }

    fn taken(&self) -> MutexGuard<'_, Vec<u32>> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn open(votes: u64) -> (Schedule, Ledger) {
        let schedule = Schedule {
            start: Instant::now(),
            rate: 10,
            rooms: 2,
            votes,
        };
        (schedule, Ledger::new(Tempo::Open(schedule), 1))
    }

    fn closed() -> Ledger {
        let opens = Instant::now();
        let closes = opens + Duration::from_secs(1);
        Ledger::new(Tempo::Closed(Window { opens, closes }), 0)
    }

    #[test]
    fn at_a_fixed_rate_a_step_counts_from_when_it_was_due_however_late_it_is_taken() {
        let (schedule, ledger) = open(3);
        let due = schedule.start + Duration::from_millis(500);
        assert_eq!(ledger.since(2), Some(due));
        assert!(ledger.enter(2));
        assert_eq!(ledger.since(2), Some(due));
    }

    #[test]
    fn at_a_fixed_rate_the_number_of_steps_is_known_from_the_start() {
        let (_, ledger) = open(3);
        assert_eq!(ledger.total(), Some(3));
        assert!(!ledger.enter(3));
        assert_eq!(ledger.taken_count(), 0);
    }

    #[test]
    fn in_a_closed_loop_a_step_counts_from_when_it_was_taken() {
        let ledger = closed();
        assert_eq!(ledger.since(1), None);
        assert!(ledger.enter(1));
        assert!(ledger.since(1).is_some());
        assert_eq!(ledger.since(0), None);
    }

    #[test]
    fn a_closed_ledger_knows_its_total_and_takes_no_more() {
        let ledger = closed();
        assert!(ledger.enter(0));
        assert_eq!(ledger.total(), None);
        ledger.close();
        assert!(!ledger.enter(1));
        assert_eq!(ledger.total(), Some(1));
    }
}
