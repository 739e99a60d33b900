//! What a socket's handlers, its conversation and the deliveries of rooms share of one socket.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use socketioxide::extract::SocketRef;
use socketioxide::socket::DisconnectReason;
use tokio::sync::{Notify, mpsc};

use super::inbound::{Inbound, Queue, Refuse};
use super::outbound::Outbound;
use crate::metrics::Metrics;
use crate::rules::ids::SessionId;

/// Events that may wait for the conversation.
const INBOX_EVENTS: usize = 2048;
/// Waiting events from which on the socket is no longer read; the rest is for what is in buffers.
const HOLD_AT: usize = 1024;
/// Waiting events at which it is read again.
const RELEASE_AT: usize = 256;
/// The window of the ceiling on events of any kind.
const CEILING_WINDOW: Duration = Duration::from_secs(60);

/// One socket, as far as several tasks are concerned with it.
pub struct Link<H> {
    /// What its dialect knows of it.
    pub holder: H,
    inbox: mpsc::Sender<Inbound>,
    gone: OnceLock<DisconnectReason>,
    behind: Mutex<Vec<SessionId>>,
    bell: Notify,
    outbound: Arc<Outbound>,
    ceiling: Ceiling,
    metrics: Arc<Metrics>,
}

/// The other end of a link's inbox.
pub type Inbox = mpsc::Receiver<Inbound>;

/// Most events of any kind per minute, if there is a limit, and the count so far.
struct Ceiling {
    limit: Option<u32>,
    window: Mutex<(Instant, u32)>,
}

impl<H: Send + Sync + 'static> Link<H> {
    /// A link to a socket; at most `ceiling` events a minute get into its inbox.
    pub fn new(
        socket: &SocketRef,
        holder: H,
        ceiling: Option<u32>,
        metrics: Arc<Metrics>,
    ) -> (Arc<Self>, Inbox) {
        let (inbox, events) = mpsc::channel(INBOX_EVENTS);
        let link = Self {
            holder,
            inbox,
            gone: OnceLock::new(),
            behind: Mutex::default(),
            bell: Notify::new(),
            outbound: Arc::new(Outbound::of(socket)),
            ceiling: Ceiling {
                limit: ceiling,
                window: Mutex::new((Instant::now(), 0)),
            },
            metrics,
        };
        (Arc::new(link), events)
    }

    /// Installs the handlers that fill the inbox. Called in the connect middleware, before CONNECT
    /// is answered, because events that arrive before their handler exists are lost.
    pub fn attach(self: &Arc<Self>, socket: &SocketRef, refuse: Refuse) {
        socket.on_fallback(Queue {
            link: self.clone(),
            refuse,
        });
        let leaving = self.clone();
        socket.on_disconnect(move |reason: DisconnectReason| {
            leaving.leave(reason);
            std::future::ready(())
        });
        socket.extensions.insert(self.outbound.clone());
        socket.extensions.insert(self.clone());
    }

    /// The link of a socket of this dialect.
    #[must_use]
    pub fn of(socket: &SocketRef) -> Option<Arc<Self>> {
        socket.extensions.get::<Arc<Self>>()
    }

    /// Why the socket is gone, if it is.
    #[must_use]
    pub fn gone(&self) -> Option<DisconnectReason> {
        self.gone.get().copied()
    }

    /// Notes that the socket is gone.
    pub fn leave(&self, reason: DisconnectReason) {
        let _ = self.gone.set(reason);
        self.bell.notify_one();
    }

    /// Notes that the socket has missed something of a session and needs its state anew.
    pub fn fall_behind(&self, session: SessionId) {
        let mut behind = self.behind.lock().unwrap_or_else(PoisonError::into_inner);
        if !behind.contains(&session) {
            behind.push(session);
            self.metrics.lagging.inc();
        }
        drop(behind);
        self.bell.notify_one();
    }

    /// The sessions that the socket has fallen behind of; it counts as up to date afterwards.
    pub fn take_behind(&self) -> Vec<SessionId> {
        let mut behind = self.behind.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *behind)
    }

    /// Waits until the socket is gone or has fallen behind.
    pub async fn rung(&self) {
        self.bell.notified().await;
    }

    /// Ends the transport under the socket, if it has one of its own.
    pub fn cut(&self) {
        if let Some(line) = self.outbound.line() {
            line.cut();
        }
    }

    /// Lets the client go on sending once most of what it sent is done.
    pub fn drained_to(&self, waiting: usize) {
        if waiting <= RELEASE_AT
            && let Some(line) = self.outbound.line()
        {
            line.release();
        }
    }

    /// The ways to the socket.
    pub(super) fn outbound(&self) -> &Arc<Outbound> {
        &self.outbound
    }

    /// Queues an event; false if there is no room for it.
    pub(super) fn queue(&self, inbound: Inbound) -> bool {
        if self.inbox.try_send(inbound).is_err() {
            return false;
        }
        let waiting = INBOX_EVENTS - self.inbox.capacity();
        if waiting >= HOLD_AT
            && let Some(line) = self.outbound.line()
        {
            line.hold();
        }
        true
    }

    /// Counts an event against the ceiling; how long to wait if it is over it.
    pub(super) fn over_ceiling(&self) -> Option<Duration> {
        let limit = self.ceiling.limit?;
        let mut window = self
            .ceiling
            .window
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let age = window.0.elapsed();
        if age >= CEILING_WINDOW {
            *window = (Instant::now(), 0);
        }
        window.1 = window.1.saturating_add(1);
        (window.1 > limit).then(|| CEILING_WINDOW.saturating_sub(age))
    }
}

/// Disconnects a socket; one that does not read cannot be told and loses its transport.
pub fn dismiss<H: Send + Sync + 'static>(socket: SocketRef) {
    let link = Link::<H>::of(&socket);
    if socket.disconnect().is_err()
        && let Some(link) = link
    {
        link.cut();
    }
}
