//! When each vote of an open-loop run is due, and the thread that says so.
//!
//! The votes of all rooms are spread evenly over the time, and are due whether or not the ones
//! before have been delivered: a server that stalls gets no pause, and the wait counts.

use std::thread;
use std::time::{Duration, Instant};

use tokio::sync::watch;

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

    /// Tells each room how many of its votes are due, in a thread of its own: the timers of the
    /// runtime are a millisecond coarse.
    pub(crate) fn pace(self, rooms: Vec<watch::Sender<u64>>) {
        thread::spawn(move || {
            for vote in 0..self.votes {
                for (room, due) in rooms.iter().enumerate() {
                    let at = self.due(room, vote);
                    thread::sleep(at.saturating_duration_since(Instant::now()));
                    // A room that has given up says so itself.
                    let _ = due.send(vote + 1);
                }
            }
        });
    }
}
