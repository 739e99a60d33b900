//! Poker over Socket.IO: the root namespace, rooms named `session:<id>`.
//!
//! How a socket lives: the connect middleware checks who is at the door and installs handlers that
//! only queue; the connect handler starts one task, the conversation, which takes a seat, shows
//! the state, and then does what was queued, one event after the other. What happens in the session
//! comes from the room's task through the delivery, one write for each member of the room.

mod conversation;
mod delivery;
mod events;
mod handshake;
mod link;
mod quota;

use std::collections::HashSet;
use std::sync::Arc;

use serde_json::Value;
use socketioxide::SocketIo;
use socketioxide::extract::{SocketRef, TryData};
use socketioxide::handler::ConnectHandler;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use self::link::Link;
use super::poker::gate::Gate;

pub use delivery::PokerDelivery;
pub use quota::{Quota, RateLimits};

/// The namespace of the dialect.
pub const NAMESPACE: &str = "/";

/// What all sockets of the dialect share.
pub struct PokerIo {
    /// The way into the sessions.
    pub gate: Arc<Gate>,
    /// The rooms of the sockets.
    pub delivery: Arc<PokerDelivery>,
    /// The rate limits of the protocol.
    pub quota: Quota,
    /// The conversations under way.
    pub conversations: TaskTracker,
    /// Cancelled when the server shuts down; seats are then kept for its next run.
    pub draining: CancellationToken,
}

/// Serves the dialect on the root namespace.
pub fn mount(io: &SocketIo, poker: Arc<PokerIo>) {
    let door = poker.clone();
    let admit = move |socket: SocketRef, TryData(auth): TryData<Value>| {
        let poker = door.clone();
        async move { handshake::admit(&poker, &socket, auth.ok()).await }
    };
    let start = move |socket: SocketRef| {
        let poker = poker.clone();
        async move { conversation::start(poker, socket) }
    };
    io.ns(NAMESPACE, start.with(admit));
}

/// Who is connected now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Attendance {
    /// Open sockets.
    pub sockets: usize,
    /// Sessions with a socket.
    pub sessions: usize,
    /// Players with a socket.
    pub players: usize,
}

/// Counts who is connected; `None` once the server has closed its namespaces.
#[must_use]
pub fn attendance(io: &SocketIo) -> Option<Attendance> {
    let sockets = io.of(NAMESPACE)?.broadcast().sockets();
    let links: Vec<_> = sockets.iter().filter_map(Link::of).collect();
    let sessions: HashSet<_> = links.iter().map(|link| link.holder.session).collect();
    let players: HashSet<_> = links
        .iter()
        .filter_map(|link| link.holder.player())
        .collect();
    let (sockets, sessions, players) = (sockets.len(), sessions.len(), players.len());
    Some(Attendance {
        sockets,
        sessions,
        players,
    })
}
