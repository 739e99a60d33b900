//! Turn clocks, put together: who keeps them, who is told, and the bridge to other servers.

use std::sync::Arc;

use super::foundation::Foundation;
use crate::config::{Bridging, SyncConfig};
use crate::room::{Bridge, Delivery, Directory};
use crate::rules::turns::Turns;
use crate::store::redis::Link;
use crate::wire::turns::bridge::{Audience, Relay, TurnsBridge};
use crate::wire::turns::delivery::TurnsDelivery;
use crate::wire::turns::meters::Meters;
use crate::wire::turns_io::TurnsIoDelivery;

/// Turn clocks and whoever is told of them.
pub(super) struct Clocks {
    pub(super) rooms: Arc<Directory<Turns>>,
    pub(super) viewers: Arc<TurnsDelivery>,
    pub(super) sockets: Arc<TurnsIoDelivery>,
    pub(super) meters: Arc<Meters>,
    pub(super) bridged: Option<Bridged>,
}

/// What other servers publish, and who is told here.
pub(super) struct Bridged {
    pub(super) relay: Relay,
    pub(super) audiences: Vec<Arc<dyn Audience>>,
}

impl Clocks {
    /// Clocks without viewers.
    pub(super) async fn open(config: &SyncConfig, foundation: &Foundation) -> Self {
        let (metrics, meters) = (foundation.metrics.clone(), Arc::new(Meters::default()));
        let viewers = TurnsDelivery::new(metrics.clone(), meters.clone());
        let sockets = Arc::new(TurnsIoDelivery::new(metrics));
        let deliveries: Vec<Arc<dyn Delivery<Turns>>> =
            vec![Arc::new(viewers.clone()), sockets.clone()];
        let policy = config.policy();
        let link = bridge_link(config, foundation);
        let bridge = TurnsBridge::new(policy.life);
        let bridge = link
            .is_some()
            .then(|| Arc::new(bridge) as Arc<dyn Bridge<Turns>>);
        let bridged = match link {
            Some(link) => Some(Bridged {
                relay: Relay::open(link).await,
                audiences: vec![viewers.clone(), sockets.clone()],
            }),
            None => None,
        };
        Self {
            rooms: foundation.rooms(policy, deliveries, bridge),
            viewers,
            sockets,
            meters,
            bridged,
        }
    }
}

/// To Redis, if other servers may be there.
fn bridge_link(config: &SyncConfig, foundation: &Foundation) -> Option<Link> {
    let link = foundation.link.clone();
    link.filter(|_| config.sync_bridge == Bridging::On)
}
