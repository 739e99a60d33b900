//! When each vote of an open-loop run is due, and the thread that says so.
//!
//! The votes of all rooms are spread evenly over the time, and are due whether or not the ones
//! before have been delivered: a server that stalls gets no pause, and the wait counts.

use std::thread;
use std::time::{Duration, Instant};

/// The even distribution of a number of votes over some rooms and some time.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Schedule {
    pub(crate) start: Instant,
    /// Votes per second, all rooms together.
    pub(crate) rate: u32,
    pub(crate) rooms: usize,
    /// Votes in each room.
    pub(crate) votes: u64,
}

impl Schedule {
    /// When a room's vote is due; both count from 0.
    pub(crate) fn due(&self, room: usize, vote: u64) -> Instant {
        let before = vote * self.rooms as u64 + room as u64;
        self.start + Duration::from_secs_f64(before as f64 / f64::from(self.rate))
    }

    /// When the last vote is due.
    pub(crate) fn end(&self) -> Instant {
        self.due(self.rooms - 1, self.votes - 1)
    }

    /// Tells of each vote of each room when it is due, in a thread of its own: the timers of the
    /// runtime are a millisecond coarse.
    pub(crate) fn pace(self, mut tell: impl FnMut(usize, u64) + Send + 'static) {
        thread::spawn(move || {
            for vote in 0..self.votes {
                for room in 0..self.rooms {
                    let at = self.due(room, vote);
                    thread::sleep(at.saturating_duration_since(Instant::now()));
                    tell(room, vote);
                }
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_votes_of_all_rooms_are_spread_evenly() {
        let start = Instant::now();
        let schedule = Schedule {
            start,
            rate: 10,
            rooms: 2,
            votes: 2,
        };
        let due = [(0, 0), (1, 0), (0, 1), (1, 1)].map(|(room, vote)| schedule.due(room, vote));
        assert_eq!(
            due,
            [0, 100, 200, 300].map(|at| start + Duration::from_millis(at))
        );
        assert_eq!(schedule.end(), due[3]);
    }
}
