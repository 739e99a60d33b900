//! What a socket's handlers, its conversation and the deliveries of rooms share of one socket.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use socketioxide::extract::SocketRef;
use socketioxide::socket::DisconnectReason;
use tokio::sync::Notify;

use super::inbound::{Inbound, Queue, Refuse};
use super::inbox::{Inbox, Put};
use super::outbound::Outbound;
use crate::metrics::Metrics;
use crate::rules::ids::SessionId;

/// The window of the ceiling on events of any kind.
const CEILING_WINDOW: Duration = Duration::from_secs(60);

/// One socket, as far as several tasks are concerned with it.
pub struct Link<H> {
    /// What its dialect knows of it.
    pub holder: H,
    inbox: Inbox,
    gone: OnceLock<DisconnectReason>,
    behind: Mutex<Vec<SessionId>>,
    bell: Notify,
    outbound: Arc<Outbound>,
    ceiling: Ceiling,
    metrics: Arc<Metrics>,
}

/// What a conversation has to see to.
#[derive(Debug)]
pub enum Heard {
    /// The client's next event.
    Event(Inbound),
    /// The socket has missed something of these sessions.
    Behind(Vec<SessionId>),
    /// The socket is gone; everything it sent before was heard.
    Gone,
}

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
    ) -> Arc<Self> {
        Arc::new(Self {
            holder,
            inbox: Inbox::default(),
            gone: OnceLock::new(),
            behind: Mutex::default(),
            bell: Notify::new(),
            outbound: Arc::new(Outbound::of(socket)),
            ceiling: Ceiling {
                limit: ceiling,
                window: Mutex::new((Instant::now(), 0)),
            },
            metrics,
        })
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

    /// Waits until there is something to see to. Nothing is lost if the wait is given up.
    pub async fn heard(&self) -> Heard {
        loop {
            if let Some(heard) = self.hear() {
                return heard;
            }
            self.bell.notified().await;
        }
    }

    fn hear(&self) -> Option<Heard> {
        if let Some((inbound, few)) = self.inbox.take() {
            if few && let Some(line) = self.outbound.line() {
                line.release();
            }
            return Some(Heard::Event(inbound));
        }
        if self.gone().is_some() {
            return Some(Heard::Gone);
        }
        let mut behind = self.behind.lock().unwrap_or_else(PoisonError::into_inner);
        let missed = std::mem::take(&mut *behind);
        (!missed.is_empty()).then_some(Heard::Behind(missed))
    }

    /// Ends the transport under the socket, if it has one of its own.
    pub fn cut(&self) {
        if let Some(line) = self.outbound.line() {
            line.cut();
        }
    }

    /// The ways to the socket.
    pub(super) fn outbound(&self) -> &Arc<Outbound> {
        &self.outbound
    }

    /// Queues an event; false if there is no room for it.
    pub(super) fn queue(&self, inbound: Inbound) -> bool {
        let put = self.inbox.put(inbound);
        if put == Put::InAndHold
            && let Some(line) = self.outbound.line()
        {
            line.hold();
            // It may have been emptied meanwhile, by somebody who found nothing to release.
            if self.inbox.is_short() {
                line.release();
            }
        }
        self.bell.notify_one();
        put != Put::Refused
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
