//! What happens in a session, told to its Socket.IO room: encoded once, sent with one emit.
//!
//! A recipient whose buffer is full has missed the event. It is taken out of the room at once, so
//! that it sees no later event behind the gap, and its conversation shows it the state anew.

use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use serde_json::json;
use socketioxide::extract::SocketRef;
use socketioxide::operators::BroadcastOperators;
use socketioxide::{BroadcastError, SocketError, SocketIo};

use super::link::{Link, emit, is_full};
use super::{NAMESPACE, room_of};
use crate::metrics::{EventLabels, Metrics};
use crate::room::{Committed, Delivery, Look};
use crate::rules::ids::{PlayerId, SessionId};
use crate::rules::poker::{Event, Poker};
use crate::wire::poker::frames::{self, Frame};

/// How long a socket that has to go may take to receive the reason (at least 100 ms).
const FAREWELL: Duration = Duration::from_millis(150);

/// Hands the events of poker sessions to their Socket.IO rooms.
pub struct PokerDelivery {
    io: SocketIo,
    metrics: Arc<Metrics>,
}

impl PokerDelivery {
    /// Delivers through this server.
    #[must_use]
    pub fn new(io: SocketIo, metrics: Arc<Metrics>) -> Self {
        Self { io, metrics }
    }

    /// The session's room; `None` once the server has closed its namespaces.
    fn room(&self, session: SessionId) -> Option<BroadcastOperators> {
        self.io
            .of(NAMESPACE)
            .map(|namespace| namespace.within(room_of(session)))
    }

    fn members(&self, session: SessionId) -> Vec<SocketRef> {
        self.room(session)
            .map(BroadcastOperators::sockets)
            .unwrap_or_default()
    }

    fn broadcast(&self, session: SessionId, frame: &Frame) {
        let Some(room) = self.room(session) else {
            return;
        };
        self.metrics
            .events_out
            .get_or_create(&EventLabels { event: frame.event })
            .inc();
        // The local adapter answers at once; a future that did not would have sent nothing.
        match room.emit(frame.event, &frame.body).now_or_never() {
            Some(Ok(())) => {}
            Some(Err(BroadcastError::Socket(errors))) => {
                let full = |error: &&SocketError| matches!(error, SocketError::InternalChannelFull);
                self.set_back(session, errors.iter().filter(full).count());
            }
            Some(Err(_)) | None => self.set_back(session, usize::MAX),
        }
    }

    /// Finds out which `missed` recipients have missed an event and takes them out of the room. The
    /// error does not name them; if they cannot be told apart any more, it is everybody.
    fn set_back(&self, session: SessionId, missed: usize) {
        if missed == 0 {
            return;
        }
        let members = self.members(session);
        let full: Vec<_> = members.iter().filter(|socket| is_full(socket)).collect();
        let behind = if full.len() >= missed {
            full
        } else {
            members.iter().collect()
        };
        for socket in behind {
            socket.leave(room_of(session));
            if let Some(link) = Link::of(socket) {
                link.fall_behind();
            }
        }
    }

    /// Lets every connection of a session go, after it was told why.
    fn dismiss(&self, session: SessionId, code: &'static str, error: &'static str) {
        self.broadcast(
            session,
            &Frame::new("session:error", &json!({ "error": error, "code": code })),
        );
        disconnect_soon(self.members(session));
    }

    fn dismiss_player(&self, session: SessionId, player: PlayerId) {
        let mut sockets = self.members(session);
        sockets.retain(|socket| Link::of(socket).is_some_and(|link| link.player() == Some(player)));
        disconnect_soon(sockets);
    }

    /// Shows every connection the state anew, for instance because the deck changed.
    fn show_again(&self, session: SessionId, look: &Look<'_, Poker>) {
        for socket in self.members(session) {
            let Some(link) = Link::of(&socket) else {
                continue;
            };
            let frame = frames::session_joined(session, look, link.player(), None);
            if emit(&socket, &frame).is_err() {
                socket.leave(room_of(session));
                link.fall_behind();
            }
        }
    }
}

impl Delivery<Poker> for PokerDelivery {
    fn publish(&self, session: SessionId, committed: &Committed<'_, Poker>) {
        for frame in frames::of_event(committed) {
            self.broadcast(session, &frame);
        }
        match &committed.recorded.event {
            Event::PlayerRemoved { player, .. } => self.dismiss_player(session, *player),
            Event::SessionDeleted => {
                self.dismiss(session, "SESSION_DELETED", "Session has been deleted");
            }
            Event::SessionExpired => {
                self.dismiss(session, "SESSION_EXPIRED", "Session has expired");
            }
            Event::SettingsChanged { patch } if patch.cards.is_some() => {
                self.show_again(session, &committed.look());
            }
            _ => {}
        }
    }

    fn resync(&self, session: SessionId) {
        for socket in self.members(session) {
            socket.leave(room_of(session));
            if let Some(link) = Link::of(&socket) {
                link.fall_behind();
            }
        }
    }
}

/// Disconnects sockets once the frames before have had time to get out.
fn disconnect_soon(sockets: Vec<SocketRef>) {
    if sockets.is_empty() {
        return;
    }
    tokio::spawn(async move {
        tokio::time::sleep(FAREWELL).await;
        for socket in sockets {
            dismiss_socket(socket);
        }
    });
}

/// Disconnects a socket; one that does not read cannot be told and loses its transport.
pub(super) fn dismiss_socket(socket: SocketRef) {
    let link = Link::of(&socket);
    if socket.disconnect().is_err()
        && let Some(link) = link
    {
        link.cut();
    }
}
