//! The Socket.IO rooms of one dialect: what happens in a session is sent to its room with one emit.
//!
//! A recipient whose buffer is full has missed the event. It is taken out of the room at once, so
//! that it sees no later event behind the gap, and its conversation shows it the state anew.

use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use socketioxide::extract::SocketRef;
use socketioxide::operators::BroadcastOperators;
use socketioxide::{BroadcastError, SocketError, SocketIo};

use super::{Frame, Link, dismiss, is_full};
use crate::metrics::{EventLabels, Metrics};
use crate::rules::ids::SessionId;

/// How long a socket that has to go may take to receive the reason (at least 100 ms).
const FAREWELL: Duration = Duration::from_millis(150);

/// The rooms of a namespace whose sockets have links of `H`.
pub struct Rooms<H> {
    io: SocketIo,
    namespace: &'static str,
    name_of: fn(SessionId) -> String,
    metrics: Arc<Metrics>,
    links: PhantomData<fn() -> H>,
}

impl<H: Send + Sync + 'static> Rooms<H> {
    /// The rooms that `name_of` names.
    #[must_use]
    pub fn new(
        io: SocketIo,
        namespace: &'static str,
        name_of: fn(SessionId) -> String,
        metrics: Arc<Metrics>,
    ) -> Self {
        Self {
            io,
            namespace,
            name_of,
            metrics,
            links: PhantomData,
        }
    }

    /// Who is in a session's room; nobody once the server has closed its namespaces.
    #[must_use]
    pub fn members(&self, session: SessionId) -> Vec<SocketRef> {
        self.room(session)
            .map(BroadcastOperators::sockets)
            .unwrap_or_default()
    }

    /// Sends a frame to everybody in a session's room.
    pub fn broadcast(&self, session: SessionId, frame: &Frame) {
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

    /// Takes a socket out of a session's room until it has been shown the state anew.
    pub fn suspend(&self, session: SessionId, socket: &SocketRef) {
        socket.leave((self.name_of)(session));
        if let Some(link) = Link::<H>::of(socket) {
            link.fall_behind(session);
        }
    }

    /// Takes everybody out of a session's room until they have been shown the state anew.
    pub fn suspend_all(&self, session: SessionId) {
        for socket in self.members(session) {
            self.suspend(session, &socket);
        }
    }

    /// Disconnects sockets once the frames before have had time to get out.
    pub fn disconnect_soon(&self, sockets: Vec<SocketRef>) {
        if sockets.is_empty() {
            return;
        }
        tokio::spawn(async move {
            tokio::time::sleep(FAREWELL).await;
            sockets.into_iter().for_each(dismiss::<H>);
        });
    }

    fn room(&self, session: SessionId) -> Option<BroadcastOperators> {
        let namespace = self.io.of(self.namespace)?;
        Some(namespace.within((self.name_of)(session)))
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
            self.suspend(session, socket);
        }
    }
}
