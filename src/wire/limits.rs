//! Fixed windows: how often somebody may do something per minute, or per second.
//!
//! A window starts with the first event of its key and ends its length later, whatever comes in
//! between; refused events count too. Memory is bounded: when all places are taken, the window that
//! ends next makes room, so a flood of keys can only make the limits milder, never refuse a stranger.

use std::collections::{HashMap, VecDeque};
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How long a window lasts unless said otherwise.
pub const WINDOW: Duration = Duration::from_secs(60);

/// Counts events per key in windows of one length.
#[derive(Debug)]
pub struct Windows<K> {
    length: Duration,
    max_keys: usize,
    state: Mutex<State<K>>,
}

/// How long until the window ends; more than zero, at most its length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryAfter(pub Duration);

impl RetryAfter {
    /// Seconds, rounded up: 1 to 60.
    #[must_use]
    pub fn as_secs(self) -> u64 {
        self.as_millis().div_ceil(1000).max(1)
    }

    /// Milliseconds.
    #[must_use]
    pub fn as_millis(self) -> u64 {
        u64::try_from(self.0.as_millis()).unwrap_or(u64::MAX)
    }
}

/// What a window has seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Usage {
    /// Events in it, this one included.
    pub count: u32,
    /// How long until it ends.
    pub ends_in: RetryAfter,
}

#[derive(Debug)]
struct State<K> {
    open: HashMap<K, Window>,
    /// The keys of `open`; windows are of one length, so they end in the order they began in.
    order: VecDeque<K>,
}

#[derive(Clone, Copy, Debug)]
struct Window {
    began: Instant,
    count: u32,
}

impl<K: Clone + Eq + Hash> Windows<K> {
    /// Windows of [`WINDOW`]; remembers at most `max_keys` at a time.
    #[must_use]
    pub fn new(max_keys: usize) -> Self {
        Self::of(WINDOW, max_keys)
    }

    /// Windows of this length; remembers at most `max_keys` at a time.
    #[must_use]
    pub fn of(length: Duration, max_keys: usize) -> Self {
        let (open, order) = (HashMap::new(), VecDeque::new());
        Self {
            length,
            max_keys: max_keys.max(1),
            state: Mutex::new(State { open, order }),
        }
    }

    /// Counts one event of `key` at `now`.
    ///
    /// # Errors
    /// The time until the window ends, if this event is the `limit + 1`st in it or a later one.
    pub fn hit(&self, key: K, limit: u32, now: Instant) -> Result<(), RetryAfter> {
        let usage = self.count(key, now);
        if usage.count <= limit {
            return Ok(());
        }
        Err(usage.ends_in)
    }

    /// Counts one event of `key` at `now`.
    pub fn count(&self, key: K, now: Instant) -> Usage {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.close_ended(now, self.length);
        let window = state.window(key, self.max_keys, now);
        window.count = window.count.saturating_add(1);
        let ends = window.began + self.length;
        Usage {
            count: window.count,
            ends_in: RetryAfter(ends.saturating_duration_since(now)),
        }
    }
}

impl<K: Clone + Eq + Hash> State<K> {
    fn close_ended(&mut self, now: Instant, length: Duration) {
        while let Some(key) = self.order.front() {
            let began = self.open.get(key).map(|window| window.began);
            if began.is_some_and(|began| now < began + length) {
                return;
            }
            self.close_oldest();
        }
    }

    fn close_oldest(&mut self) {
        if let Some(key) = self.order.pop_front() {
            self.open.remove(&key);
        }
    }

    fn window(&mut self, key: K, max_keys: usize, now: Instant) -> &mut Window {
        if !self.open.contains_key(&key) {
            if self.open.len() >= max_keys {
                self.close_oldest();
            }
            self.order.push_back(key.clone());
        }
        let fresh = Window {
            began: now,
            count: 0,
        };
        self.open.entry(key).or_insert(fresh)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn the_event_behind_the_limit_is_told_when_the_window_ends() {
        let (windows, start) = (Windows::new(8), Instant::now());
        assert_eq!(windows.hit("a", 2, start), Ok(()));
        assert_eq!(windows.hit("a", 2, start + 10 * SECOND), Ok(()));
        let refused = windows.hit("a", 2, start + 10 * SECOND).unwrap_err();
        assert_eq!(refused, RetryAfter(50 * SECOND));
        assert_eq!(windows.hit("b", 2, start + 10 * SECOND), Ok(()));
    }

    #[test]
    fn a_window_starts_with_the_first_event_and_refusals_do_not_extend_it() {
        let (windows, start) = (Windows::new(8), Instant::now());
        for second in 0..60 {
            let _ = windows.hit("a", 1, start + second * SECOND);
        }
        assert_eq!(windows.hit("a", 1, start + 60 * SECOND), Ok(()));
        assert!(windows.hit("a", 1, start + 61 * SECOND).is_err());
    }

    #[test]
    fn seconds_are_rounded_up_and_never_zero() {
        let secs = |millis| RetryAfter(Duration::from_millis(millis)).as_secs();
        assert_eq!((secs(1), secs(57_830), secs(60_000)), (1, 58, 60));
        assert_eq!(RetryAfter(Duration::from_nanos(1)).as_secs(), 1);
    }

    #[test]
    fn the_oldest_window_makes_room_for_a_new_key() {
        let (windows, start) = (Windows::new(2), Instant::now());
        for key in ["a", "b", "c"] {
            assert_eq!(windows.hit(key, 1, start), Ok(()));
        }
        assert_eq!(windows.hit("a", 1, start), Ok(()), "it was forgotten");
        assert!(windows.hit("c", 1, start).is_err(), "it was not");
    }
}
