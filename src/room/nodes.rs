//! Which nodes are alive. A node lives for as long as it renews its lease; whoever has a session in
//! memory gives up the seats of nodes that do not.
//!
//! A node that was only paused finds out from its own renewal and takes its seats again. While it
//! does not know better - after a pause, or after the store was away and nobody could renew - it
//! declares nobody dead.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::futures::Notified;
use tokio::sync::{Mutex, Notify, watch};
use tokio::time::{self, Instant, MissedTickBehavior};
use tokio_util::sync::CancellationToken;

use crate::rules::NodeId;
use crate::store::{Store, StoreError};

/// Renewals per lease: two may fail before anybody notices.
const RENEWALS_PER_LEASE: u32 = 3;

/// Whose leases are in force.
type Living = Arc<HashSet<NodeId>>;

/// This node among the others.
pub struct Nodes {
    me: NodeId,
    store: Arc<dyn Store>,
    lease: Duration,
    living: watch::Sender<Living>,
    lapse: Notify,
    /// Held while the store is asked, so that whoever comes meanwhile shares the answer.
    last: Mutex<Renewal>,
}

/// The last renewal that succeeded.
#[derive(Default)]
struct Renewal {
    began: Option<Instant>,
    /// When this node found that it had been away for longer than its lease; forgotten a lease
    /// later, when everybody has had the time to say that he lives.
    lapsed_at: Option<Instant>,
}

impl Nodes {
    /// A node of which the others do not know yet.
    #[must_use]
    pub fn new(store: Arc<dyn Store>, me: NodeId, lease: Duration) -> Arc<Self> {
        Arc::new(Self {
            me,
            store,
            lease,
            living: watch::Sender::new(Arc::new(HashSet::from([me]))),
            lapse: Notify::new(),
            last: Mutex::default(),
        })
    }

    /// Makes this node known to the others, before it takes any seat.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] if nobody can know of it.
    pub async fn announce(&self) -> Result<(), StoreError> {
        self.renew().await.map(|_| ())
    }

    /// This node.
    #[must_use]
    pub const fn me(&self) -> NodeId {
        self.me
    }

    /// Who is alive, as far as this node has heard; changes with that.
    #[must_use]
    pub fn living(&self) -> watch::Receiver<Living> {
        self.living.subscribe()
    }

    /// Waits, from now on, until seats of this node may have been given up although it lives.
    pub fn lapsed(&self) -> Notified<'_> {
        self.lapse.notified()
    }

    /// Renews the lease until `stop`.
    pub async fn keep(self: Arc<Self>, stop: CancellationToken) {
        let mut ticks = time::interval(self.lease / RENEWALS_PER_LEASE);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        while stop.run_until_cancelled(ticks.tick()).await.is_some() {
            if let Err(error) = self.renew().await {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "could not renew the lease of this node"
                );
            }
        }
    }

    /// Who is alive for sure, also of those of whom this node has not heard yet; `None` if that
    /// cannot be told now, and [`Nodes::living`] changes when it can.
    pub async fn confirm(&self) -> Option<Living> {
        let is_certain = self.renew().await.ok()?;
        is_certain.then(|| self.living.borrow().clone())
    }

    /// Renews the lease, unless somebody else has done so since; whether those who are not alive now
    /// are dead.
    async fn renew(&self) -> Result<bool, StoreError> {
        let asked = Instant::now();
        let mut last = self.last.lock().await;
        if last.began.is_none_or(|began| began < asked) {
            let began = Instant::now();
            let living = self.store.renew(self.me, self.lease).await?;
            let ended = last.began.map(|began| began + self.lease);
            let lapsed = ended.is_some_and(|ended| ended <= Instant::now());
            last.began = Some(began);
            self.note(&mut last, lapsed, living.into_iter().collect());
        }
        Ok(last.lapsed_at.is_none())
    }

    fn note(&self, last: &mut Renewal, lapsed: bool, living: HashSet<NodeId>) {
        let now = Instant::now();
        if lapsed {
            tracing::warn!("this node was away for longer than its lease");
            last.lapsed_at = Some(now);
        }
        let certain_again = last.lapsed_at.is_some_and(|at| at + self.lease <= now);
        if certain_again {
            last.lapsed_at = None;
        }
        self.living.send_if_modified(|known| {
            let news = certain_again || **known != living;
            *known = Arc::new(living);
            news
        });
        if last.lapsed_at.is_some() {
            // With every renewal for a while, because others may still act on what they saw before.
            self.lapse.notify_waiters();
        }
    }
}
