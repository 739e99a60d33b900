//! How fast a client may send: a bucket that fills up again (5.8).

use std::time::Duration;

use tokio::time::Instant;

/// How fast a client may send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// Messages per second in the long run.
    pub per_second: u32,
    /// Messages at once.
    pub burst: u32,
    /// How long it may go on with too many.
    pub patience: Duration,
    /// Messages over the pace in that time from which on it is not waited for its end.
    pub max_excess: u32,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            per_second: 20,
            burst: 40,
            patience: Duration::from_secs(10),
            max_excess: 1000,
        }
    }
}

/// What becomes of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Heard,
    Dropped,
    /// It is too much for too long.
    Enough,
}

/// Counts the messages of one client.
#[derive(Debug)]
pub(super) struct Bucket {
    pace: Pace,
    left: f64,
    filled_at: Instant,
    /// Since when the client has been too fast without a full rest, and by how much.
    excess: Option<(Instant, u32)>,
}

impl Bucket {
    pub(super) fn new(pace: Pace, now: Instant) -> Self {
        Self {
            pace,
            left: f64::from(pace.burst),
            filled_at: now,
            excess: None,
        }
    }

    pub(super) fn take(&mut self, now: Instant) -> Verdict {
        self.fill(now);
        if self.left >= 1.0 {
            self.left -= 1.0;
            return Verdict::Heard;
        }
        let (since, count) = self.excess.get_or_insert((now, 0));
        *count += 1;
        let long = now.duration_since(*since) >= self.pace.patience;
        if long || *count > self.pace.max_excess {
            return Verdict::Enough;
        }
        Verdict::Dropped
    }

    fn fill(&mut self, now: Instant) {
        let rest = now.duration_since(self.filled_at).as_secs_f64();
        let full = f64::from(self.pace.burst);
        self.left = full.min(self.left + rest * f64::from(self.pace.per_second));
        self.filled_at = now;
        if self.left >= full {
            self.excess = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdicts(bucket: &mut Bucket, now: Instant, count: usize) -> Vec<Verdict> {
        (0..count).map(|_| bucket.take(now)).collect()
    }

    fn heard(verdicts: &[Verdict]) -> usize {
        verdicts.iter().filter(|&&it| it == Verdict::Heard).count()
    }

    #[test]
    fn a_burst_is_heard_and_then_so_many_a_second() {
        let start = Instant::now();
        let mut bucket = Bucket::new(Pace::default(), start);
        assert_eq!(heard(&verdicts(&mut bucket, start, 60)), 40);
        let later = start + Duration::from_secs(1);
        assert_eq!(heard(&verdicts(&mut bucket, later, 60)), 20);
    }

    #[test]
    fn whoever_does_not_stop_is_not_heard_out() {
        let start = Instant::now();
        let mut bucket = Bucket::new(Pace::default(), start);
        let mut last = Verdict::Heard;
        for tenth in 0..=120 {
            let now = start + Duration::from_millis(100 * tenth);
            last = *verdicts(&mut bucket, now, 5).last().expect("a verdict");
        }
        assert_eq!(last, Verdict::Enough);
        let flood = verdicts(&mut Bucket::new(Pace::default(), start), start, 1100);
        assert_eq!(flood.last(), Some(&Verdict::Enough));
    }

    #[test]
    fn a_rest_makes_up_for_a_burst() {
        let start = Instant::now();
        let mut bucket = Bucket::new(Pace::default(), start);
        for minute in 0..10 {
            let now = start + Duration::from_secs(60 * minute);
            let told = verdicts(&mut bucket, now, 50);
            assert!(!told.contains(&Verdict::Enough));
            assert_eq!(heard(&told), 40);
        }
    }
}
