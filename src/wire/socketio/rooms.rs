//! The rooms of one dialect: what happens in a session is sent to everybody in its room.
//!
//! What belongs together leaves together: frames are queued while the room's task takes a step, and
//! dispatched at its end, so that every member costs one write. A recipient whose buffer is full has
//! missed something. It is taken out of the room at once, so that it sees no later event behind the
//! gap, and its conversation shows it the state anew.
//!
//! socketioxide's own rooms are not used: they find each member anew for every broadcast, by its id,
//! which was an eighth of the whole cost of a delivery.

use std::cell::OnceCell;
use std::collections::HashMap;
use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use socketioxide::extract::SocketRef;

use super::frame::pack;
use super::{Frame, Link, Undelivered, dismiss, outbound};
use crate::metrics::{EventLabels, Metrics};
use crate::room::Dispatched;
use crate::rules::ids::SessionId;
use crate::wire::connection::Line;

/// How long a socket that has to go may take to receive the reason (at least 100 ms).
const FAREWELL: Duration = Duration::from_millis(150);

/// The rooms of a namespace whose sockets have links of `H`.
pub struct Rooms<H> {
    namespace: &'static str,
    metrics: Arc<Metrics>,
    rooms: Mutex<HashMap<SessionId, Arc<Mutex<Room<H>>>>>,
}

/// The room of one session.
struct Room<H> {
    members: Vec<Member<H>>,
    queued: Vec<Frame>,
}

/// Somebody in a room.
pub struct Member<H> {
    /// His socket.
    pub socket: SocketRef,
    /// What others know of it.
    pub link: Arc<Link<H>>,
    /// His stream, if he has one of his own. The link knows it, too, but each detour is a cache line
    /// that every delivery has to wait for.
    line: Option<Arc<Line>>,
}

impl<H> Clone for Member<H> {
    fn clone(&self) -> Self {
        Self {
            socket: self.socket.clone(),
            link: self.link.clone(),
            line: self.line.clone(),
        }
    }
}

impl<H: Send + Sync + 'static> Rooms<H> {
    /// The rooms of this namespace.
    #[must_use]
    pub fn new(namespace: &'static str, metrics: Arc<Metrics>) -> Self {
        Self {
            namespace,
            metrics,
            rooms: Mutex::default(),
        }
    }

    /// Lets a socket into a session's room, unless it is gone. Called from the session's task; its
    /// conversation has to let it [leave](Rooms::leave) in the end.
    pub fn join(&self, session: SessionId, socket: &SocketRef, link: &Arc<Link<H>>) {
        if link.gone().is_some() {
            return;
        }
        let mut rooms = lock(&self.rooms);
        let room = rooms.entry(session).or_insert_with(|| {
            Arc::new(Mutex::new(Room {
                members: Vec::new(),
                queued: Vec::new(),
            }))
        });
        let mut room = lock(room);
        if !room.members.iter().any(|it| Arc::ptr_eq(&it.link, link)) {
            room.members.push(Member {
                socket: socket.clone(),
                link: link.clone(),
                line: link.outbound().line().cloned(),
            });
        }
    }

    /// Takes a socket out of a session's room.
    pub fn leave(&self, session: SessionId, link: &Arc<Link<H>>) {
        let Some(room) = self.room(session) else {
            return;
        };
        let mut inside = lock(&room);
        inside.members.retain(|it| !Arc::ptr_eq(&it.link, link));
        let deserted = inside.members.is_empty();
        drop(inside);
        if deserted {
            self.close(session, &room);
        }
    }

    /// Forgets a room that nobody is in; one that is being used just now is forgotten another time.
    fn close(&self, session: SessionId, room: &Mutex<Room<H>>) {
        let mut rooms = lock(&self.rooms);
        if room.try_lock().is_ok_and(|room| room.members.is_empty()) {
            rooms.remove(&session);
        }
    }

    /// Who is in a session's room.
    #[must_use]
    pub fn members(&self, session: SessionId) -> Vec<Member<H>> {
        let room = self.room(session);
        room.map(|room| lock(&room).members.clone())
            .unwrap_or_default()
    }

    /// Whether nobody is in a session's room.
    #[must_use]
    pub fn is_empty(&self, session: SessionId) -> bool {
        let room = self.room(session);
        room.is_none_or(|room| lock(&room).members.is_empty())
    }

    /// Has a frame sent to everybody in a session's room, with the next [`Rooms::dispatch`].
    pub fn queue(&self, session: SessionId, frame: Frame) {
        let Some(room) = self.room(session) else {
            return;
        };
        self.metrics
            .events_out
            .get_or_create(&EventLabels { event: frame.event })
            .inc();
        lock(&room).queued.push(frame);
    }

    /// Sends what is queued for a session, to each member in one write.
    pub fn dispatch(&self, session: SessionId) -> Dispatched {
        let Some(room) = self.room(session) else {
            return Dispatched::default();
        };
        let mut room = lock(&room);
        let frames = mem::take(&mut room.queued);
        if frames.is_empty() {
            return Dispatched::default();
        }
        let packed = OnceCell::new();
        let packed = || packed.get_or_init(|| pack(&frames, self.namespace));
        room.members
            .retain(|member| match member.send(&frames, &packed) {
                Ok(()) => true,
                Err(Undelivered::Full) => {
                    member.link.fall_behind(session);
                    false
                }
                Err(Undelivered::Gone) => false,
            });
        Dispatched {
            messages: frames.len(),
            connections: room.members.len(),
        }
    }

    /// Sends a frame to everybody in a session's room, behind what is queued.
    pub fn broadcast(&self, session: SessionId, frame: Frame) {
        self.queue(session, frame);
        self.dispatch(session);
    }

    /// Takes a socket out of a session's room until it has been shown the state anew.
    pub fn suspend(&self, session: SessionId, link: &Arc<Link<H>>) {
        self.leave(session, link);
        link.fall_behind(session);
    }

    /// Takes everybody out of a session's room until they have been shown the state anew.
    pub fn suspend_all(&self, session: SessionId) {
        for member in self.members(session) {
            self.suspend(session, &member.link);
        }
    }

    /// Disconnects members once the frames before have had time to get out.
    pub fn disconnect_soon(&self, members: Vec<Member<H>>) {
        if members.is_empty() {
            return;
        }
        tokio::spawn(async move {
            tokio::time::sleep(FAREWELL).await;
            let sockets = members.into_iter().map(|member| member.socket);
            sockets.for_each(dismiss::<H>);
        });
    }

    fn room(&self, session: SessionId) -> Option<Arc<Mutex<Room<H>>>> {
        lock(&self.rooms).get(&session).cloned()
    }
}

impl<H: Send + Sync + 'static> Member<H> {
    fn send<'a>(
        &self,
        frames: &[Frame],
        packed: &impl Fn() -> &'a Bytes,
    ) -> Result<(), Undelivered> {
        let directly = self.line.as_ref();
        if let Some(sent) = directly.and_then(|line| outbound::write(line, packed())) {
            return sent;
        }
        self.link.outbound().send_each(&self.socket, frames)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
