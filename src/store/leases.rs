//! Which nodes are alive, where all of them share one process.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::rules::NodeId;

/// The leases of the nodes that use one store.
#[derive(Debug, Default)]
pub(super) struct Leases {
    until: Mutex<HashMap<NodeId, Instant>>,
}

impl Leases {
    /// Begins the node's lease anew; returns whose leases are in force.
    pub(super) fn renew(&self, node: NodeId, lease: Duration) -> Vec<NodeId> {
        let now = Instant::now();
        let mut leases = self.lock();
        leases.retain(|_, until| now < *until);
        leases.insert(node, now + lease);
        leases.keys().copied().collect()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<NodeId, Instant>> {
        self.until.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
