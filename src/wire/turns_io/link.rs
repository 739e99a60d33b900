//! What is known of a socket of this dialect: the clocks it watches.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::room::Lease;
use crate::rules::ids::SessionId;
use crate::wire::socketio;

/// One socket, as far as several tasks are concerned with it.
pub(super) type Link = socketio::Link<Holder>;

/// The clocks that a socket watches, whether it is in their rooms or has fallen behind.
#[derive(Default)]
pub(super) struct Holder(Mutex<HashMap<SessionId, Watched>>);

struct Watched {
    id: Arc<str>,
    /// Keeps the room in memory.
    _lease: Lease,
}

impl Holder {
    /// Watches a clock from now on, unless that makes more than `max`; false then.
    pub(super) fn watch(&self, log: SessionId, id: Arc<str>, lease: Lease, max: usize) -> bool {
        let mut watched = self.lock();
        if watched.len() >= max && !watched.contains_key(&log) {
            return false;
        }
        watched.insert(log, Watched { id, _lease: lease });
        true
    }

    pub(super) fn forget(&self, log: SessionId) {
        self.lock().remove(&log);
    }

    /// The clocks that are watched.
    pub(super) fn watched(&self) -> Vec<SessionId> {
        self.lock().keys().copied().collect()
    }

    /// The id of a clock that is watched.
    pub(super) fn id_of(&self, log: SessionId) -> Option<Arc<str>> {
        self.lock().get(&log).map(|watched| watched.id.clone())
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<SessionId, Watched>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
