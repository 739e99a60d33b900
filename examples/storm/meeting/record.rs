//! How old every step was when a member was shown it, over all rooms, and how many have been shown.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::Result;
use tokio::task::JoinHandle;
use tokio::time::{MissedTickBehavior, interval};

use super::ledger::Ledger;
use crate::storm::figures::Durations;
use crate::storm::say;

/// Between two lines of progress.
const PROGRESS: Duration = Duration::from_secs(5);

/// The figures of a run in the making.
pub(crate) struct Record {
    opens: Instant,
    delivered: Mutex<Durations>,
    emitted_late: Mutex<Durations>,
    count: AtomicU64,
}

impl Record {
    /// Steps that are due from `opens` on count for the figures.
    pub(crate) fn new(opens: Instant) -> Self {
        Self {
            opens,
            delivered: Mutex::new(Durations::new()),
            emitted_late: Mutex::new(Durations::new()),
            count: AtomicU64::new(0),
        }
    }

    /// A step leaves now.
    pub(crate) fn emitted(&self, ledger: &Ledger, step: u64) {
        self.time(&self.emitted_late, ledger, step);
    }

    /// A step is shown to a member now.
    pub(crate) fn delivered(&self, ledger: &Ledger, step: u64) {
        self.count.fetch_add(1, Ordering::Relaxed);
        self.time(&self.delivered, ledger, step);
    }

    fn time(&self, durations: &Mutex<Durations>, ledger: &Ledger, step: u64) {
        if let Some(since) = ledger.since(step)
            && since >= self.opens
        {
            let mut durations = durations.lock().unwrap_or_else(PoisonError::into_inner);
            durations.record(since.elapsed());
        }
    }

    /// From being due to being shown, and from being due to leaving.
    pub(crate) fn times(&self) -> Result<[Durations; 2]> {
        let copy = |durations: &Mutex<Durations>| {
            let mut copy = Durations::new();
            copy.add(&durations.lock().unwrap_or_else(PoisonError::into_inner))?;
            anyhow::Ok(copy)
        };
        Ok([copy(&self.delivered)?, copy(&self.emitted_late)?])
    }

    /// Says every few seconds how far it is, until aborted.
    pub(crate) fn report(self: &std::sync::Arc<Self>, whole: Duration) -> Reporting {
        let record = self.clone();
        Reporting(tokio::spawn(async move {
            let (start, mut before) = (Instant::now(), 0);
            let mut ticks = interval(PROGRESS);
            ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
            ticks.tick().await;
            loop {
                ticks.tick().await;
                let count = record.count.load(Ordering::Relaxed);
                let rate = (count - before) / PROGRESS.as_secs();
                let (seconds, of) = (start.elapsed().as_secs(), whole.as_secs());
                say(&format!(
                    "{seconds} s of {of}: {count} deliveries, {rate} a second"
                ));
                before = count;
            }
        }))
    }
}

/// Ends the lines when dropped.
pub(crate) struct Reporting(JoinHandle<()>);

impl Drop for Reporting {
    fn drop(&mut self) {
        self.0.abort();
    }
}
