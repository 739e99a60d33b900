//! What clients send: queued in the order of arrival, read leniently.

use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use serde_json::Value;
use serde_json::value::RawValue;
use socketioxide::adapter::LocalAdapter;
use socketioxide::extract::SocketRef;
use socketioxide::handler::MessageHandler;
use socketioxide::socket::Socket;
use socketioxide_core::Value as Packet;

use super::outbound::Outbound;
use super::{Link, Undelivered, dismiss};

/// Longest event name that is looked at, in bytes.
const MAX_EVENT_NAME: usize = 128;

/// An event of the client, in the order of arrival.
#[derive(Debug)]
pub struct Inbound {
    /// Its name; empty if it is too long to be one.
    pub event: String,
    /// Its first argument; null if it cannot be read.
    pub payload: Value,
    /// The acknowledgement that the client asks for.
    pub ack: Option<Ack>,
}

/// An acknowledgement that the client waits for.
#[derive(Debug)]
pub struct Ack {
    socket: Arc<Socket<LocalAdapter>>,
    outbound: Arc<Outbound>,
    id: i64,
}

impl Ack {
    /// Answers, if there is room; may be tried again.
    ///
    /// # Errors
    /// Why it was not sent.
    pub fn answer(&self, answer: &impl Serialize) -> Result<(), Undelivered> {
        self.outbound.answer(&self.socket, self.id, answer)
    }
}

/// Tells a client that an event was over the ceiling and how long to wait.
pub type Refuse = fn(&SocketRef, &Inbound, Duration);

/// Queues every event in the order of arrival; an async handler would lose that order, because
/// socketioxide runs each one in a task of its own.
pub(super) struct Queue<H> {
    /// Whose events they are.
    pub(super) link: Arc<Link<H>>,
    /// What happens to those over the link's ceiling.
    pub(super) refuse: Refuse,
}

impl<H> Clone for Queue<H> {
    fn clone(&self) -> Self {
        Self {
            link: self.link.clone(),
            refuse: self.refuse,
        }
    }
}

/// Tells this handler from the blanket implementations for closures.
pub(super) enum Queued {}

impl<H: Send + Sync + 'static> MessageHandler<LocalAdapter, Queued> for Queue<H> {
    fn call(&self, socket: Arc<Socket<LocalAdapter>>, packet: Packet, ack: Option<i64>) {
        let ack = ack.map(|id| Ack {
            socket: socket.clone(),
            outbound: self.link.outbound().clone(),
            id,
        });
        let Some(inbound) = read(&packet, ack) else {
            return;
        };
        if let Some(wait) = self.link.over_ceiling() {
            (self.refuse)(&SocketRef::from(socket), &inbound, wait);
        } else if !self.link.queue(inbound) {
            tracing::warn!("let a client go that sends faster than it can be served");
            dismiss::<H>(SocketRef::from(socket));
        }
    }
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
