//! What happens to a clock, told to its Socket.IO room: encoded once, sent to each member with one write.

use std::sync::Arc;

use socketioxide::extract::SocketRef;

use super::link::{Holder, Link};
use super::{NAMESPACE, frames};
use crate::metrics::Metrics;
use crate::room::{Committed, Delivery, now};
use crate::rules::ids::SessionId;
use crate::rules::turns::{Event, Turns};
use crate::wire::socketio::{Member, Rooms};
use crate::wire::turns::bridge::{Audience, News, What};

/// Hands the changes of clocks to their Socket.IO rooms.
pub struct TurnsIoDelivery(Rooms<Holder>);

impl TurnsIoDelivery {
    /// Delivers through this server.
    #[must_use]
    pub fn new(metrics: Arc<Metrics>) -> Self {
        Self(Rooms::new(NAMESPACE, metrics))
    }

    /// Lets a socket hear of a clock from now on. Called from the room's task.
    pub(super) fn join(&self, log: SessionId, socket: &SocketRef, link: &Arc<Link>) {
        self.0.join(log, socket, link);
    }

    /// Lets a socket hear no more of a clock.
    pub(super) fn leave(&self, log: SessionId, link: &Arc<Link>) {
        self.0.leave(log, link);
    }

    /// Tells everybody that the clock is gone, and lets them out of the room. Whoever cannot be told
    /// now has been taken out as one who is behind, and learns it when he is shown the state.
    fn delete(&self, log: SessionId) {
        let members = self.0.members(log);
        let mut links = members.iter().map(|member| &member.link);
        let Some(id) = links.find_map(|link| link.holder.id_of(log)) else {
            return;
        };
        self.0.broadcast(log, frames::deleted(&id, now()));
        for Member { link, .. } in self.0.members(log) {
            self.0.leave(log, &link);
            link.holder.forget(log);
        }
    }
}

impl Delivery<Turns> for TurnsIoDelivery {
    fn publish(&self, log: SessionId, committed: &Committed<'_, Turns>) {
        match (&committed.recorded.event, &committed.after.clock) {
            (Event::Deleted { .. }, _) => self.delete(log),
            (Event::Expired, _) | (_, None) => {}
            (_, Some(_)) if self.0.is_empty(log) => {}
            (_, Some(clock)) => self.0.broadcast(log, frames::state(clock, now())),
        }
    }

    fn resync(&self, log: SessionId) {
        self.0.suspend_all(log);
    }
}

impl Audience for TurnsIoDelivery {
    fn show(&self, News { id, log, what }: &News) {
        if self.0.is_empty(*log) {
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
