//! Whether what is published in a cluster is heard: a server that the others do not reach, or have
//! cast out, answers and is silent.

use redis::Cmd;
use tokio::sync::Notify;
use tokio::time;
use uuid::Uuid;

use super::channels::{Ear, Topic};
use super::connection::{COMMAND_TIMEOUT, Connection};
use super::{cluster, keys};

/// A channel that nobody else publishes on.
pub(super) struct Pulse {
    channel: String,
    heard: Notify,
}

impl Default for Pulse {
    fn default() -> Self {
        Self {
            channel: keys::pulse(Uuid::new_v4()),
            heard: Notify::new(),
        }
    }
}

impl Pulse {
    /// What has to be subscribed to.
    pub(super) fn topic(&self) -> Topic {
        Topic::Channel(self.channel.clone())
    }

    /// Whether what any server of a cluster publishes is heard in time.
    pub(super) async fn is_felt(&self, connection: &Connection) -> bool {
        let Some(commands) = connection.as_cluster() else {
            return true;
        };
        // Made before the publication, so that it misses nothing.
        let heard = self.heard.notified();
        let beat = Cmd::publish(&self.channel, "");
        let published = cluster::ask_any(&mut commands.clone(), beat).await;
        // Nothing to be heard tells nothing.
        published.is_err() || time::timeout(COMMAND_TIMEOUT, heard).await.is_ok()
    }
}

impl Ear for Pulse {
    fn hear(&self, _: &str, _: &[u8]) {
        self.heard.notify_waiters();
    }

    fn doubt(&self) {}
}
