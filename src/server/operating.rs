//! What the operations listener is shown of the server.

use std::sync::Arc;

use tokio::time::Instant;

use super::Server;
use super::foundation::Foundation;
use crate::config::StoreUrl;
use crate::http::base::BasePath;
use crate::http::ui::Site;
use crate::ops::Ops;

impl Server {
    /// What operators see and may do.
    pub(super) fn ops(&self, foundation: &Foundation) -> Arc<Ops> {
        let server = &self.config.server;
        Arc::new(Ops {
            draining: self.draining.clone(),
            store: foundation.store.clone(),
            store_kind: match server.store {
                StoreUrl::Memory => "memory",
                StoreUrl::Sqlite(_) => "sqlite",
                StoreUrl::Redis(_) => "redis",
            },
            node: foundation.nodes.me(),
            started: Instant::now(),
            metrics: foundation.metrics.clone(),
            io: self.io.clone(),
            rooms: self.rooms.clone(),
            clocks: self.clocks.clone(),
            token: server.ops_token.clone(),
            // This listener has no path in front of it.
            site: Site::embedded(&BasePath::default()),
        })
    }
}
