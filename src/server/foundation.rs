//! What all room kinds stand on: the store, this node among the others, and who counts.

use std::sync::Arc;
use std::time::Duration;

use uuid::Uuid;

use super::ServerError;
use crate::config::{Config, StoreUrl};
use crate::metrics::Metrics;
use crate::room::{Bridge, Delivery, Directory, Nodes, RoomLimits, Surroundings};
use crate::rules::{Machine, NodeId};
use crate::store::{Counters, Store, memory::Memory, redis, sqlite};

/// What all room kinds stand on.
pub(super) struct Foundation {
    pub(super) store: Arc<dyn Store>,
    /// To Redis, if that is where the store is.
    pub(super) link: Option<redis::Link>,
    pub(super) nodes: Arc<Nodes>,
    pub(super) metrics: Arc<Metrics>,
    limits: RoomLimits,
}

impl Foundation {
    /// Opens the store and joins the other nodes that use it.
    pub(super) async fn lay(config: &Config) -> Result<Self, ServerError> {
        let (store, link) = open(&config.server.store).await?;
        let me = NodeId::new(Uuid::new_v4());
        let lease = Duration::from_millis(config.server.node_lease_ms);
        let nodes = Nodes::new(store.clone(), me, lease);
        nodes.announce().await.map_err(ServerError::Store)?;
        Ok(Self {
            store,
            link,
            nodes,
            metrics: Arc::default(),
            limits: RoomLimits {
                idle: Duration::from_secs(config.server.room_idle_secs),
                ..RoomLimits::default()
            },
        })
    }

    /// The counters that the servers of one store share, if they can.
    pub(super) fn counters(&self) -> Option<Arc<dyn Counters>> {
        let link = self.link.clone()?;
        Some(Arc::new(link))
    }

    /// The rooms of one kind, and where their events go.
    pub(super) fn rooms<M: Machine>(
        &self,
        policy: M::Policy,
        deliveries: Vec<Arc<dyn Delivery<M>>>,
        bridge: Option<Arc<dyn Bridge<M>>>,
    ) -> Arc<Directory<M>> {
        Directory::new(Surroundings {
            store: self.store.clone(),
            deliveries,
            bridge,
            policy,
            nodes: self.nodes.clone(),
            limits: self.limits.clone(),
            metrics: self.metrics.clone(),
        })
    }
}

async fn open(url: &StoreUrl) -> Result<(Arc<dyn Store>, Option<redis::Link>), ServerError> {
    let store: Arc<dyn Store> = match url {
        StoreUrl::Redis(url) => {
            let store = redis::Redis::connect(url.clone()).await;
            let store = store.map_err(ServerError::Connect)?;
            let link = store.link();
            return Ok((Arc::new(store), Some(link)));
        }
        StoreUrl::Memory => Arc::new(Memory::default()),
        StoreUrl::Sqlite(path) => Arc::new(sqlite::Sqlite::open(path).map_err(ServerError::Open)?),
    };
    Ok((store, None))
}
