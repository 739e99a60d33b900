//! What happens to a clock, told to its Socket.IO room: encoded once, sent to each member with one write.

use std::sync::Arc;

use socketioxide::SocketIo;

use super::link::{Holder, Link};
use super::{NAMESPACE, frames, room_of};
use crate::metrics::Metrics;
use crate::room::{Committed, Delivery, now};
use crate::rules::ids::SessionId;
use crate::rules::turns::{Event, Turns};
use crate::wire::socketio::Rooms;
use crate::wire::turns::bridge::{Audience, News, What};

/// Hands the changes of clocks to their Socket.IO rooms.
pub struct TurnsIoDelivery(Rooms<Holder>);

impl TurnsIoDelivery {
    /// Delivers through this server.
    #[must_use]
    pub fn new(io: SocketIo, metrics: Arc<Metrics>) -> Self {
        Self(Rooms::new(io, NAMESPACE, room_of, metrics))
    }

    /// Tells everybody that the clock is gone, and lets them out of the room. Whoever cannot be told
    /// now has been taken out as one who is behind, and learns it when he is shown the state.
    fn delete(&self, log: SessionId) {
        let members = self.0.members(log);
        let mut links = members.iter().filter_map(Link::of);
        let Some(id) = links.find_map(|link| link.holder.id_of(log)) else {
            return;
        };
        self.0.broadcast(log, frames::deleted(&id, now()));
        for socket in self.0.members(log) {
            socket.leave(room_of(log));
            if let Some(link) = Link::of(&socket) {
                link.holder.forget(log);
            }
        }
    }
}

impl Delivery<Turns> for TurnsIoDelivery {
    fn publish(&self, log: SessionId, committed: &Committed<'_, Turns>) {
        match (&committed.recorded.event, &committed.after.clock) {
            (Event::Deleted { .. }, _) => self.delete(log),
            (Event::Expired, _) | (_, None) => {}
            (_, Some(_)) if self.0.members(log).is_empty() => {}
            (_, Some(clock)) => self.0.broadcast(log, frames::state(clock, now())),
        }
    }

    fn resync(&self, log: SessionId) {
        self.0.suspend_all(log);
    }
}

impl Audience for TurnsIoDelivery {
    fn show(&self, News { id, log, what }: &News) {
        if self.0.members(*log).is_empty() {
            return;
        }
        match what {
            What::Deleted => self.delete(*log),
            What::State(state) => {
                self.0
                    .broadcast(*log, frames::foreign_state(id, state, now()));
            }
            What::Message(message) => self.0.broadcast(*log, frames::message(id, message)),
        }
    }
}
