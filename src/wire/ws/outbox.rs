//! What waits for one peer: bounded in bytes. A peer that is too slow misses what does not fit, is
//! behind from then on, and gets nothing more until somebody has shown it the present state.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::Waker;

use axum::extract::ws::Utf8Bytes;
use futures_util::task::AtomicWaker;
use thiserror::Error;

use super::Farewell;

/// The peer does not read fast enough; it is behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the outbox is full")]
pub struct Full {
    /// Whether it has only now fallen behind.
    pub newly: bool,
}

/// Frames for one peer, in order.
#[derive(Debug)]
pub struct Outbox {
    max_bytes: usize,
    waiting: Mutex<Waiting>,
    bell: AtomicBool,
    writer: AtomicWaker,
}

#[derive(Debug, Default)]
struct Waiting {
    frames: VecDeque<Utf8Bytes>,
    /// Of the frames, and of those being written.
    bytes: usize,
    /// Of those being written.
    writing: usize,
    behind: bool,
    farewell: Option<Farewell>,
}

impl Outbox {
    /// An empty outbox; what is larger than `max_bytes` fits if it is alone.
    #[must_use]
    pub fn new(max_bytes: usize) -> Self {
        Self {
            max_bytes,
            waiting: Mutex::default(),
            bell: AtomicBool::new(false),
            writer: AtomicWaker::new(),
        }
    }

    /// Appends a frame.
    ///
    /// # Errors
    /// [`Full`] if the peer is behind, or is so from now on.
    pub fn push(&self, frame: Utf8Bytes) -> Result<(), Full> {
        self.push_all(&[frame])
    }

    /// Appends frames that belong together: all of them, or none.
    ///
    /// # Errors
    /// [`Full`] if the peer is behind, or is so from now on.
    pub fn push_all(&self, frames: &[Utf8Bytes]) -> Result<(), Full> {
        let more: usize = frames.iter().map(|frame| frame.len()).sum();
        let mut waiting = self.lock();
        let fits = waiting.bytes == 0 || waiting.bytes + more <= self.max_bytes;
        if waiting.behind || !fits {
            let newly = !std::mem::replace(&mut waiting.behind, true);
            return Err(Full { newly });
        }
        waiting.bytes += more;
        waiting.frames.extend(frames.iter().cloned());
        drop(waiting);
        self.writer.wake();
        Ok(())
    }

    /// Whether the peer has missed something.
    #[must_use]
    pub fn is_behind(&self) -> bool {
        self.lock().behind
    }

    /// Notes that whatever was shown to the peer no longer holds.
    pub fn fall_behind(&self) {
        self.lock().behind = true;
        self.writer.wake();
    }

    /// Notes that the peer is about to be shown the present state.
    pub fn catch_up(&self) {
        self.lock().behind = false;
    }

    /// Ends the connection as soon as everything has been written.
    pub fn close(&self, farewell: Farewell) {
        self.lock().farewell.get_or_insert(farewell);
        self.writer.wake();
    }

    /// Calls the task that owns the connection.
    pub fn ring(&self) {
        self.bell.store(true, Ordering::Release);
        self.writer.wake();
    }

    pub(super) fn farewell(&self) -> Option<Farewell> {
        self.lock().farewell
    }

    pub(super) fn register(&self, waker: &Waker) {
        self.writer.register(waker);
    }

    pub(super) fn take_bell(&self) -> bool {
        self.bell.swap(false, Ordering::AcqRel)
    }

    pub(in crate::wire) fn pop(&self) -> Option<Utf8Bytes> {
        let mut waiting = self.lock();
        let frame = waiting.frames.pop_front()?;
        waiting.writing += frame.len();
        Some(frame)
    }

    /// Notes that everything popped has been written.
    pub(super) fn written(&self) {
        let mut waiting = self.lock();
        waiting.bytes -= waiting.writing;
        waiting.writing = 0;
    }

    pub(super) fn is_empty(&self) -> bool {
        self.lock().frames.is_empty()
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Full = Full { newly: true };
    const STILL: Full = Full { newly: false };

    fn frame(bytes: usize) -> Utf8Bytes {
        "x".repeat(bytes).into()
    }

    #[test]
    fn whoever_misses_a_frame_gets_none_until_he_has_caught_up() {
        let outbox = Outbox::new(10);
        assert_eq!(outbox.push(frame(6)), Ok(()));
        assert_eq!(outbox.push(frame(6)), Err(NOW));
        assert_eq!(outbox.push(frame(1)), Err(STILL), "it would follow a gap");
        assert!(outbox.is_behind());
        outbox.catch_up();
        assert_eq!(outbox.push(frame(4)), Ok(()));
    }

    #[test]
    fn what_is_being_written_still_takes_its_place() {
        let outbox = Outbox::new(10);
        outbox.push(frame(6)).expect("room");
        outbox.pop().expect("a frame");
        assert_eq!(outbox.push(frame(6)), Err(NOW));
        outbox.catch_up();
        outbox.written();
        assert_eq!(outbox.push(frame(6)), Ok(()));
    }

    #[test]
    fn what_belongs_together_is_not_torn_apart() {
        let outbox = Outbox::new(10);
        outbox.push(frame(1)).expect("room");
        assert_eq!(outbox.push_all(&[frame(6), frame(6)]), Err(NOW));
        assert_eq!(outbox.pop().map(|it| it.len()), Some(1));
        assert!(outbox.is_empty());
        outbox.written();
        outbox.catch_up();
        assert_eq!(
            outbox.push_all(&[frame(20), frame(20)]),
            Ok(()),
            "it is alone"
        );
    }

    #[test]
    fn a_frame_that_is_larger_than_the_box_fits_alone() {
        let outbox = Outbox::new(10);
        assert_eq!(outbox.push(frame(20)), Ok(()));
        assert_eq!(outbox.push(frame(1)), Err(NOW));
    }
}
