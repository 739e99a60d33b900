//! What happens in a session, told to its Socket.IO room: encoded once, sent to each member with one write.

use std::sync::Arc;

use socketioxide::extract::SocketRef;

use super::NAMESPACE;
use super::link::{Holder, Link};
use crate::metrics::Metrics;
use crate::room::{Committed, Delivery, Dispatched, Look};
use crate::rules::ids::{PlayerId, SessionId};
use crate::rules::poker::{Event, Poker};
use crate::wire::poker::frames;
use crate::wire::poker::payloads::{ServerEvent, SessionError, Trouble};
use crate::wire::poker::screen::Screen;
use crate::wire::poker::whisper::Whisper;
use crate::wire::socketio::{Frame, Member, Rooms, emit};

/// Hands the events of poker sessions to their Socket.IO rooms.
pub struct PokerDelivery(Rooms<Holder>);

impl PokerDelivery {
    /// Delivers through this server.
    #[must_use]
    pub fn new(metrics: Arc<Metrics>) -> Self {
        Self(Rooms::new(NAMESPACE, metrics))
    }

    /// Lets a socket hear what happens in a session from now on. Called from the room's task.
    pub(super) fn join(&self, session: SessionId, socket: &SocketRef, link: &Arc<Link>) {
        self.0.join(session, socket, link);
    }

    /// Lets a socket hear no more of a session.
    pub(super) fn leave(&self, session: SessionId, link: &Arc<Link>) {
        self.0.leave(session, link);
    }

    /// Shows everybody in a session's room something that is no event, at the end of the step that
    /// the room's task is in: in a storm many of them leave together.
    pub(super) fn show(&self, session: SessionId, frame: Frame) {
        self.0.queue(session, frame);
    }

    /// Lets every connection of a session go, after it was told why.
    fn dismiss(&self, session: SessionId, code: &'static str, error: &'static str) {
        let reason = None;
        let farewell = SessionError(Trouble {
            error,
            code,
            reason,
        });
        self.0.broadcast(session, farewell.frame());
        self.0.disconnect_soon(self.0.members(session));
    }

    fn dismiss_player(&self, session: SessionId, player: PlayerId) {
        self.0.dispatch(session);
        let mut members = self.0.members(session);
        members.retain(|member| member.link.holder.player() == Some(player));
        self.0.disconnect_soon(members);
    }

    /// Shows every connection the state anew, for instance because the deck changed.
    fn show_again(&self, session: SessionId, look: &Look<'_, Poker>) {
        self.0.dispatch(session);
        let screen = Screen::of(session, look);
        for Member { socket, link, .. } in self.0.members(session) {
            let frame = screen.joined(link.holder.player(), None);
            if emit(&socket, &[frame]).is_err() {
                self.0.suspend(session, &link);
            }
        }
    }
}

impl Delivery<Poker> for PokerDelivery {
    fn publish(&self, session: SessionId, committed: &Committed<'_, Poker>) {
        if self.0.is_empty(session) {
            return;
        }
        for frame in frames::of_event(committed) {
            self.0.queue(session, frame);
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

    fn dispatch(&self, session: SessionId) -> Dispatched {
        self.0.dispatch(session)
    }

    fn overhear(&self, session: SessionId, _: &Look<'_, Poker>, words: &[u8]) {
        if let Some(Whisper::Reaction { from, emoji }) = Whisper::decode(words) {
            self.show(session, frames::reaction(from, &emoji));
        }
    }

    fn resync(&self, session: SessionId) {
        self.0.suspend_all(session);
    }
}
