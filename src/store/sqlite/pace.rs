//! When the writing thread goes to work.
//!
//! What is urgent does not wait for anything but the commit under way. What is patient, mostly who has come
//! and gone, waits for others of its kind, so that hundreds who come back at the same moment share some
//! commits, and their syncs.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

/// Shortest time from one commit to the next that has nothing urgent in it.
const PAUSE: Duration = Duration::from_millis(1);

/// Whether something may wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Haste {
    /// It may not.
    Urgent,
    /// For about a millisecond.
    Patient,
}

/// What keeps the thread from waiting.
#[derive(Clone, Debug, Default)]
pub(super) struct Bell(Arc<AtomicBool>);

impl Bell {
    /// Tells the thread that something urgent is in its queue.
    pub(super) fn ring(&self, thread: &Thread) {
        // Mostly it has been told already.
        if !self.0.swap(true, Ordering::AcqRel) {
            thread.unpark();
        }
    }

    /// Lets everything that is patient wait until `PAUSE` after the last commit, or until the bell rings.
    pub(super) fn await_others(&self, last: Instant) {
        let end = last + PAUSE;
        while !self.0.load(Ordering::Acquire) {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return;
            }
            thread::park_timeout(left);
        }
    }

    /// Forgets who has rung; what they rang for is taken out of the queue afterwards.
    pub(super) fn hush(&self) {
        self.0.store(false, Ordering::Release);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    const PATIENCE: Duration = Duration::from_secs(20);

    /// Waits on a thread of its own after a commit at `last`; when that was over, and how to end it.
    fn waiting(bell: &Bell, last: Instant) -> (mpsc::Receiver<Instant>, Thread) {
        let (done, over) = mpsc::channel();
        let bell = bell.clone();
        let waiter = thread::spawn(move || {
            bell.await_others(last);
            done.send(Instant::now())
        });
        (over, waiter.thread().clone())
    }

    #[test]
    fn patient_work_waits_until_some_time_has_passed_since_the_last_commit() {
        let (bell, last) = (Bell::default(), Instant::now());
        let (over, _) = waiting(&bell, last);
        let over = over.recv_timeout(PATIENCE).expect("it ends");
        assert!(over >= last + PAUSE);
    }

    #[test]
    fn urgent_work_ends_the_wait() {
        let (bell, never) = (Bell::default(), Instant::now() + 10 * PATIENCE);
        let (over, waiter) = waiting(&bell, never);
        bell.ring(&waiter);
        over.recv_timeout(PATIENCE).expect("it ends");
        let (over, _) = waiting(&bell, never);
        over.recv_timeout(PATIENCE).expect("it does not begin");
        bell.hush();
        let (over, _) = waiting(&bell, Instant::now());
        over.recv_timeout(PATIENCE).expect("it ends by itself");
    }
}
