//! Who wants to hear that which log grew.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard};

use tokio::sync::watch;

use super::{Hint, Position};
use crate::rules::SessionId;

/// Below this many logs nobody bothers to look for those without a listener.
const FIRST_PRUNING_LOGS: usize = 1024;

/// The listeners of the logs of one store.
#[derive(Debug, Default)]
pub(super) struct Hints {
    listened: Mutex<Listened>,
}

#[derive(Debug, Default)]
struct Listened {
    logs: HashMap<SessionId, watch::Sender<Hint>>,
    prune_at: usize,
}

impl Hints {
    /// Listens to one log from now on.
    pub(super) fn subscribe(&self, session: SessionId) -> watch::Receiver<Hint> {
        let mut listened = self.lock();
        listened.prune();
        let log = listened.logs.entry(session).or_default();
        log.subscribe()
    }

    /// Tells the listeners where these logs now end.
    pub(super) fn announce(&self, grown: impl IntoIterator<Item = (SessionId, Position)>) {
        let mut listened = self.lock();
        for (session, end) in grown {
            let Some(log) = listened.logs.get(&session) else {
                continue;
            };
            if log.receiver_count() == 0 {
                // Whoever comes next makes a new sender.
                listened.logs.remove(&session);
                continue;
            }
            log.send_modify(|hint| hint.end = end);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Listened> {
        self.listened.lock().expect("no holder panics")
    }
}

impl Listened {
    /// Removes logs without a listener, whenever their number has doubled.
    fn prune(&mut self) {
        if self.logs.len() >= self.prune_at.max(FIRST_PRUNING_LOGS) {
            self.logs.retain(|_, log| log.receiver_count() > 0);
            self.prune_at = 2 * self.logs.len();
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn listeners_that_left_are_forgotten() {
        let hints = Hints::default();
        let kept = hints.subscribe(SessionId::new(Uuid::from_u128(0)));
        for id in 1..10 * FIRST_PRUNING_LOGS as u128 {
            drop(hints.subscribe(SessionId::new(Uuid::from_u128(id))));
        }
        assert!(hints.lock().logs.len() <= FIRST_PRUNING_LOGS);
        hints.announce([(SessionId::new(Uuid::from_u128(0)), Position::START)]);
        assert!(kept.has_changed().expect("the sender lives"));
    }
}
