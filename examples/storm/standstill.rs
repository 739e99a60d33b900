//! How long the storm itself did not get to run at a stretch: a machine that is paused or too busy
//! makes every server look slow.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// Between two looks at the clock.
const NAP: Duration = Duration::from_millis(5);

/// Looks at the clock until dropped.
pub(crate) struct Standstill(Arc<Seen>);

#[derive(Default)]
struct Seen {
    longest_micros: AtomicU64,
    over: AtomicBool,
}

impl Standstill {
    /// Begins to look.
    pub(crate) fn watch() -> Self {
        let seen = Arc::new(Seen::default());
        let watching = seen.clone();
        thread::spawn(move || {
            while !watching.over.load(Ordering::Relaxed) {
                let before = Instant::now();
                thread::sleep(NAP);
                watching.note(before.elapsed());
            }
        });
        Self(seen)
    }

    /// The longest one so far, in milliseconds.
    pub(crate) fn longest_ms(&self) -> f64 {
        self.0.longest_micros.load(Ordering::Relaxed) as f64 / 1000.0
    }
}

impl Seen {
    fn note(&self, nap: Duration) {
        let overslept = nap.saturating_sub(NAP).as_micros();
        let overslept = u64::try_from(overslept).unwrap_or(u64::MAX);
        self.longest_micros.fetch_max(overslept, Ordering::Relaxed);
    }
}

impl Drop for Standstill {
    fn drop(&mut self) {
        self.0.over.store(true, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_nap_took_too_long_is_a_standstill_and_the_longest_counts() {
        let seen = Arc::new(Seen::default());
        for nap in [NAP + Duration::from_millis(7), NAP, Duration::ZERO] {
            seen.note(nap);
        }
        let standstill = Standstill(seen);
        assert!((standstill.longest_ms() - 7.0).abs() < f64::EPSILON);
    }
}
