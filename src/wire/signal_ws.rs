//! The signal dialect on raw WebSockets: one task per connection, which does what the client asks,
//! one message after the other. What happens in the session comes from the room's task through
//! [`SignalDelivery`].

mod acting;
mod conversation;
mod joining;
mod pace;

use std::sync::Arc;
use std::time::Duration;

use axum::extract::ws::{WebSocket, WebSocketUpgrade};
use axum::response::Response;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::poker::gate::Gate;
use super::signal::delivery::SignalDelivery;
use super::ws::{self, Bounds, Heartbeat};
use crate::rules::SessionId;
use crate::rules::poker::Key;

pub use pace::Pace;

/// Most bytes of a message (1.1).
const MAX_MESSAGE_BYTES: usize = 64 * 1024;

/// Whether players see each other's own ids.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum PrivateIds {
    /// Everybody sees his own; others have public ones.
    On,
    /// Everybody sees the ids that clients have chosen, and may use them.
    Off,
}

/// What the operator sets for this dialect.
#[derive(Clone, Debug)]
pub struct SignalSettings {
    /// Whether players see each other's own ids.
    pub private_ids: PrivateIds,
    /// Players on a roster from which on nobody new is let in.
    pub max_players: usize,
    /// Time between protocol pings.
    pub ping_interval: Duration,
    /// Time without any frame after which a connection is dead.
    pub silence_timeout: Duration,
    /// Most bytes that may wait for one connection.
    pub outbox_bytes: usize,
    /// How fast a client may send; `None` is at any speed.
    pub pace: Option<Pace>,
}

/// What all connections of the dialect share.
pub struct SignalWs {
    /// The way into the sessions.
    pub gate: Arc<Gate>,
    /// The joined connections.
    pub delivery: Arc<SignalDelivery>,
    /// What the operator has set.
    pub settings: SignalSettings,
    /// The conversations under way.
    pub conversations: TaskTracker,
    /// Cancelled when the server shuts down; seats are then kept for its next run.
    pub draining: CancellationToken,
}

impl SignalWs {
    /// Answers an upgrade and talks on the connection that comes of it.
    pub fn welcome(self: Arc<Self>, upgrade: WebSocketUpgrade) -> Response {
        let upgrade = ws::bounded(upgrade, &self.bounds());
        let tasks = self.conversations.clone();
        upgrade.on_upgrade(async move |socket: WebSocket| {
            tasks.track_future(conversation::run(self, socket)).await;
        })
    }

    /// The key of whoever chose this id in this session.
    #[must_use]
    pub fn key(&self, session: SessionId, user_id: &str) -> Key {
        let alias = match self.settings.private_ids {
            PrivateIds::On => None,
            PrivateIds::Off => Some(user_id.to_owned()),
        };
        Key {
            fingerprint: self.gate.fingerprint(session, user_id),
            alias,
        }
    }

    fn bounds(&self) -> Bounds {
        Bounds {
            max_message_bytes: MAX_MESSAGE_BYTES,
            outbox_bytes: self.settings.outbox_bytes,
            heartbeat: Heartbeat::Silence {
                ping_interval: self.settings.ping_interval,
                timeout: self.settings.silence_timeout,
            },
        }
    }
}

/// What everybody of this dialect looks like elsewhere; its pages draw no avatars.
pub const AVATAR: &str = "👤";
