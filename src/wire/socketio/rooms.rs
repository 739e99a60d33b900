//! The Socket.IO rooms of one dialect: what happens in a session is sent to everybody in its room.
//!
//! What belongs together leaves together: frames are queued while the room's task takes a step, and
//! dispatched at its end, so that every member costs one write. A recipient whose buffer is full has
//! missed something. It is taken out of the room at once, so that it sees no later event behind the
//! gap, and its conversation shows it the state anew.

use std::cell::OnceCell;
use std::collections::HashMap;
use std::marker::PhantomData;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use socketioxide::SocketIo;
use socketioxide::extract::SocketRef;
use socketioxide::operators::BroadcastOperators;

use super::outbound::Outbound;
use super::{Frame, Link, Undelivered, dismiss};
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
    queued: Mutex<HashMap<SessionId, Vec<Frame>>>,
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
            queued: Mutex::default(),
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

    /// Has a frame sent to everybody in a session's room, with the next [`Rooms::dispatch`].
    pub fn queue(&self, session: SessionId, frame: Frame) {
        self.metrics
            .events_out
            .get_or_create(&EventLabels { event: frame.event })
            .inc();
        self.queued().entry(session).or_default().push(frame);
    }

    /// Sends what is queued for a session, to each member in one write.
    pub fn dispatch(&self, session: SessionId) {
        let Some(frames) = self.queued().remove(&session) else {
            return;
        };
        let packed = OnceCell::new();
        for socket in self.members(session) {
            let sent = self.send(&socket, &frames, &packed);
            if sent == Err(Undelivered::Full) {
                self.suspend(session, &socket);
            }
        }
    }

    /// Sends a frame to everybody in a session's room, behind what is queued.
    pub fn broadcast(&self, session: SessionId, frame: Frame) {
        self.queue(session, frame);
        self.dispatch(session);
    }

    fn send(
        &self,
        socket: &SocketRef,
        frames: &[Frame],
        packed: &OnceCell<Bytes>,
    ) -> Result<(), Undelivered> {
        let Some(outbound) = socket.extensions.get::<Arc<Outbound>>() else {
            return Err(Undelivered::Gone);
        };
        match outbound.direct() {
            Some(line) => Ok(line.write(packed.get_or_init(|| self.pack(frames)))?),
            None => frames.iter().try_for_each(|it| outbound.send(socket, it)),
        }
    }

    fn pack(&self, frames: &[Frame]) -> Bytes {
        if let [frame] = frames {
            return frame.packed(self.namespace).clone();
        }
        let mut packed = BytesMut::new();
        for frame in frames {
            packed.extend_from_slice(frame.packed(self.namespace));
        }
        packed.freeze()
    }

    fn queued(&self) -> MutexGuard<'_, HashMap<SessionId, Vec<Frame>>> {
        self.queued.lock().unwrap_or_else(PoisonError::into_inner)
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
}
