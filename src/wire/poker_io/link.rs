//! What a socket's handlers, its conversation and the room's delivery share of one socket.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use serde::ser::Error as _;
use serde::{Serialize, Serializer};
use serde_json::Value;
use serde_json::value::RawValue;
use socketioxide::adapter::LocalAdapter;
use socketioxide::extract::{AckSender, SocketRef};
use socketioxide::handler::{FromMessageParts, MessageHandler};
use socketioxide::socket::{DisconnectReason, Socket};
use socketioxide::{SendError, SocketError};
use socketioxide_core::Value as Packet;
use tokio::sync::{Notify, mpsc};

use super::delivery::dismiss_socket;
use super::events;
use crate::metrics::Metrics;
use crate::rules::ids::{PlayerId, SessionId};
use crate::wire::connection::Line;
use crate::wire::poker::frames::Frame;

/// Events that may wait for the conversation.
const INBOX_EVENTS: usize = 2048;
/// Waiting events from which on the socket is no longer read; the rest is for what is in buffers.
const HOLD_AT: usize = 1024;
/// Waiting events at which it is read again.
const RELEASE_AT: usize = 256;
/// Longest event name that is looked at, in bytes.
const MAX_EVENT_NAME: usize = 128;
/// The window of the ceiling on events of any kind.
const CEILING_WINDOW: Duration = Duration::from_secs(60);

/// An event of the client, in the order of arrival.
#[derive(Debug)]
pub(super) struct Inbound {
    pub(super) event: String,
    pub(super) payload: Value,
    pub(super) ack: Option<Ack>,
}

/// An acknowledgement that the client waits for.
#[derive(Debug)]
pub(super) struct Ack {
    socket: Arc<Socket<LocalAdapter>>,
    id: i64,
}

impl Ack {
    /// Answers, if there is room; may be tried again.
    pub(super) fn answer(&self, answer: &Value) -> Result<(), Undelivered> {
        // The extractor is the only public way to a sender; it cannot fail and reads no packet.
        let mut unread = Packet::Bytes(Bytes::new());
        let Ok(sender) = AckSender::from_message_parts(&self.socket, &mut unread, &Some(self.id));
        sender.send(answer).map_err(|error| undelivered(&error))
    }
}

/// One socket, as far as several tasks are concerned with it.
pub(super) struct Link {
    pub(super) session: SessionId,
    inbox: mpsc::Sender<Inbound>,
    player: OnceLock<PlayerId>,
    gone: OnceLock<DisconnectReason>,
    behind: AtomicBool,
    bell: Notify,
    line: Option<Arc<Line>>,
    ceiling: Ceiling,
    metrics: Arc<Metrics>,
}

/// The other end of a link's inbox.
pub(super) type Inbox = mpsc::Receiver<Inbound>;

/// Most events of any kind per minute, if there is a limit, and the count so far.
struct Ceiling {
    limit: Option<u32>,
    window: Mutex<(Instant, u32)>,
}

impl Link {
    pub(super) fn new(
        session: SessionId,
        ceiling: Option<u32>,
        line: Option<Arc<Line>>,
        metrics: Arc<Metrics>,
    ) -> (Arc<Self>, Inbox) {
        let (inbox, events) = mpsc::channel(INBOX_EVENTS);
        let link = Self {
            session,
            inbox,
            player: OnceLock::new(),
            gone: OnceLock::new(),
            behind: AtomicBool::new(false),
            bell: Notify::new(),
            line,
            ceiling: Ceiling {
                limit: ceiling,
                window: Mutex::new((Instant::now(), 0)),
            },
            metrics,
        };
        (Arc::new(link), events)
    }

    /// The link of a socket of this dialect.
    pub(super) fn of(socket: &SocketRef) -> Option<Arc<Self>> {
        socket.extensions.get::<Arc<Self>>()
    }

    /// The player on this socket, once there is one.
    pub(super) fn player(&self) -> Option<PlayerId> {
        self.player.get().copied()
    }

    pub(super) fn set_player(&self, player: PlayerId) {
        // A socket has at most one player in its life; the conversation sees to that.
        let _ = self.player.set(player);
    }

    /// Why the socket is gone, if it is.
    pub(super) fn gone(&self) -> Option<DisconnectReason> {
        self.gone.get().copied()
    }

    pub(super) fn leave(&self, reason: DisconnectReason) {
        let _ = self.gone.set(reason);
        self.bell.notify_one();
    }

    /// Notes that the socket has missed something and needs the state anew.
    pub(super) fn fall_behind(&self) {
        if !self.behind.swap(true, Ordering::AcqRel) {
            self.metrics.lagging.inc();
        }
        self.bell.notify_one();
    }

    pub(super) fn take_behind(&self) -> bool {
        self.behind.swap(false, Ordering::AcqRel)
    }

    /// Waits until the socket is gone or has fallen behind.
    pub(super) async fn rung(&self) {
        self.bell.notified().await;
    }

    /// Ends the transport under the socket, if it has one of its own.
    pub(super) fn cut(&self) {
        if let Some(line) = &self.line {
            line.cut();
        }
    }

    /// Lets the client go on sending once most of what it sent is done.
    pub(super) fn drained_to(&self, waiting: usize) {
        if waiting <= RELEASE_AT
            && let Some(line) = &self.line
        {
            line.release();
        }
    }

    /// Queues an event; false if there is no room for it.
    fn queue(&self, inbound: Inbound) -> bool {
        if self.inbox.try_send(inbound).is_err() {
            return false;
        }
        let waiting = INBOX_EVENTS - self.inbox.capacity();
        if waiting >= HOLD_AT
            && let Some(line) = &self.line
        {
            line.hold();
        }
        true
    }

    /// Counts an event against the ceiling; how long to wait if it is over it.
    fn over_ceiling(&self) -> Option<Duration> {
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

/// Queues every event in the order of arrival; an async handler would lose that order, because
/// socketioxide runs each one in a task of its own.
pub(super) struct Queue(pub(super) Arc<Link>);

/// Tells this handler from the blanket implementations for closures.
pub(super) enum Queued {}

impl MessageHandler<LocalAdapter, Queued> for Queue {
    fn call(&self, socket: Arc<Socket<LocalAdapter>>, packet: Packet, ack: Option<i64>) {
        let ack = ack.map(|id| Ack {
            socket: socket.clone(),
            id,
        });
        let Some(inbound) = read(&packet, ack) else {
            return;
        };
        if let Some(wait) = self.0.over_ceiling() {
            // What does not fit is one refusal of many; the client is told often enough.
            let _ = refuse(&SocketRef::from(socket), &inbound, wait);
        } else if !self.0.queue(inbound) {
            tracing::warn!("let a client go that sends faster than it can be served");
            dismiss_socket(SocketRef::from(socket));
        }
    }
}

/// Tells a client that an event was over a limit.
fn refuse(socket: &SocketRef, inbound: &Inbound, wait: Duration) -> Result<(), Undelivered> {
    emit(socket, &events::rate_limited(&inbound.event, wait))?;
    inbound.ack.as_ref().map_or(Ok(()), |ack| {
        ack.answer(&events::over_limit().acknowledgement())
    })
}

/// The event's name and its first argument; whatever cannot be read counts as missing.
fn read(packet: &Packet, ack: Option<Ack>) -> Option<Inbound> {
    let Packet::Str(text, _) = packet else {
        return None;
    };
    let arguments: Vec<&RawValue> = serde_json::from_str(text.as_str()).ok()?;
    let event: String = serde_json::from_str(arguments.first()?.get()).ok()?;
    let payload = arguments
        .get(1)
        .and_then(|raw| serde_json::from_str(raw.get()).ok());
    let event = if event.len() > MAX_EVENT_NAME {
        String::new()
    } else {
        event
    };
    Some(Inbound {
        event,
        payload: payload.unwrap_or(Value::Null),
        ack,
    })
}

/// Why a frame did not get into a socket's buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Undelivered {
    /// The buffer is full; the client does not read fast enough.
    Full,
    /// The socket is gone.
    Gone,
}

fn undelivered(error: &SendError) -> Undelivered {
    match error {
        SendError::Socket(SocketError::InternalChannelFull) => Undelivered::Full,
        SendError::Socket(SocketError::Closed) | SendError::Serialize(_) => Undelivered::Gone,
    }
}

/// Sends one frame to one socket, if there is room.
pub(super) fn emit(socket: &SocketRef, frame: &Frame) -> Result<(), Undelivered> {
    socket
        .emit(frame.event, &frame.body)
        .map_err(|error| undelivered(&error))
}

/// Whether a socket's buffer is full. Nothing is sent: encoding fails after room was found.
pub(super) fn is_full(socket: &SocketRef) -> bool {
    let probed = socket.emit("", &Unencodable);
    matches!(
        probed,
        Err(SendError::Socket(SocketError::InternalChannelFull))
    )
}

struct Unencodable;

impl Serialize for Unencodable {
    fn serialize<S: Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        Err(S::Error::custom("a probe is never sent"))
    }
}
