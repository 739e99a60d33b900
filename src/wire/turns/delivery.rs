//! What happens to a clock, told to its viewers: encoded once, in the order of the log.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::extract::ws::Utf8Bytes;

use super::bridge::{Audience, News, What};
use super::frames::{self, Occasion};
use super::meters::Meters;
use crate::metrics::{EventLabels, Metrics};
use crate::room::{Committed, Delivery, now};
use crate::rules::ids::SessionId;
use crate::rules::turns::{Event, Turns};
use crate::wire::ws::{CloseCode, Farewell, Outbox};

/// Hands the changes of clocks to their viewers.
#[derive(Debug)]
pub struct TurnsDelivery {
    viewers: Mutex<HashMap<SessionId, Vec<Viewer>>>,
    metrics: Arc<Metrics>,
    meters: Arc<Meters>,
}

/// One viewer: the id in his own spelling, and his connection.
#[derive(Clone, Debug)]
struct Viewer {
    id: Arc<str>,
    outbox: Arc<Outbox>,
}

/// A viewer's place; given up when dropped.
#[derive(Debug)]
pub struct Watch {
    delivery: Arc<TurnsDelivery>,
    log: SessionId,
    outbox: Arc<Outbox>,
}

impl TurnsDelivery {
    /// A delivery without viewers.
    #[must_use]
    pub fn new(metrics: Arc<Metrics>, meters: Arc<Meters>) -> Arc<Self> {
        Arc::new(Self {
            viewers: Mutex::default(),
            metrics,
            meters,
        })
    }

    /// From now on a viewer is told what happens. Called from the room's task.
    #[must_use]
    pub fn watch(self: &Arc<Self>, log: SessionId, id: Arc<str>, outbox: Arc<Outbox>) -> Watch {
        let viewer = Viewer {
            id,
            outbox: outbox.clone(),
        };
        self.lock().entry(log).or_default().push(viewer);
        Watch {
            delivery: self.clone(),
            log,
            outbox,
        }
    }

    fn tell(&self, log: SessionId, event: &'static str, encode: impl FnOnce(&str) -> Utf8Bytes) {
        let viewers = self.lock().get(&log).cloned().unwrap_or_default();
        let Some(first) = viewers.first() else { return };
        self.metrics
            .events_out
            .get_or_create(&EventLabels { event })
            .inc();
        let frame = encode(&first.id);
        for viewer in &viewers {
            if viewer
                .outbox
                .push(frame.clone())
                .is_err_and(|full| full.newly)
            {
                self.metrics.lagging.inc();
            }
        }
    }

    /// Tells all viewers that the clock is gone, and lets them go.
    fn dismiss(&self, log: SessionId) {
        self.tell(log, "SESSION_DELETED", |id| frames::deleted(id, now()));
        for viewer in self.lock().remove(&log).unwrap_or_default() {
            viewer.outbox.close(Farewell {
                code: CloseCode::Normal,
                reason: "Session deleted",
            });
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<SessionId, Vec<Viewer>>> {
        self.viewers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Delivery<Turns> for Arc<TurnsDelivery> {
    fn publish(&self, log: SessionId, committed: &Committed<'_, Turns>) {
        self.meters.note(&committed.recorded.event);
        match (&committed.recorded.event, &committed.after.clock) {
            (Event::Deleted { .. }, _) => self.dismiss(log),
            (Event::Expired, _) | (_, None) => {}
            (_, Some(clock)) => self.tell(log, "STATE_UPDATE", |_| {
                frames::state(Occasion::Update, clock, now())
            }),
        }
    }

    fn resync(&self, log: SessionId) {
        for viewer in self.lock().get(&log).into_iter().flatten() {
            viewer.outbox.fall_behind();
        }
    }
}

impl Audience for TurnsDelivery {
    fn show(&self, News { id, log, what }: &News) {
        match what {
            What::Deleted => self.dismiss(*log),
            What::State(state) => self.tell(*log, "STATE_UPDATE", |_| {
                frames::foreign_state(id, state, now())
            }),
            What::Message(message) => self.tell(*log, "MESSAGE", |_| message.get().into()),
        }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let mut all = self.delivery.lock();
        let Some(viewers) = all.get_mut(&self.log) else {
            return;
        };
        viewers.retain(|viewer| !Arc::ptr_eq(&viewer.outbox, &self.outbox));
        if viewers.is_empty() {
            all.remove(&self.log);
        }
    }
}
