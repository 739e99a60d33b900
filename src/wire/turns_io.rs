//! The sync dialect over Socket.IO: the namespace `/sync` (6). A socket may watch several clocks and
//! command any; what happens to a clock comes from its room's task, one write for each who watches it.
//!
//! The Socket.IO room of a clock is named by its log, because its id is not known any more when it
//! has been deleted; nobody outside sees the name.

mod conversation;
mod delivery;
mod events;
mod frames;
mod link;
mod watching;

use std::sync::Arc;

use serde_json::Value;
use socketioxide::SocketIo;
use socketioxide::extract::{SocketRef, TryData};
use socketioxide::handler::ConnectHandler;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use self::conversation::Conversation;
use self::link::{Holder, Link};
use super::turns::desk::TurnsDesk;

pub use delivery::TurnsIoDelivery;

/// The namespace of the dialect.
pub const NAMESPACE: &str = "/sync";

/// What all sockets of the dialect share.
pub struct TurnsIo {
    /// Whoever commands the clocks.
    pub desk: Arc<TurnsDesk>,
    /// Whoever tells the sockets.
    pub delivery: Arc<TurnsIoDelivery>,
    /// Clocks that one socket may watch at a time.
    pub max_watched: usize,
    /// The conversations under way.
    pub conversations: TaskTracker,
    /// Cancelled when the server shuts down.
    pub draining: CancellationToken,
}

/// What the connect handler needs of the middleware's findings.
#[derive(Clone)]
struct Admission {
    link: Arc<Link>,
    named: Option<Value>,
}

/// Serves the dialect on its namespace.
pub fn mount(io: &SocketIo, turns: Arc<TurnsIo>) {
    let door = turns.clone();
    let admit = move |socket: SocketRef, TryData(auth): TryData<Value>| {
        admit(&door, &socket, auth.ok());
        std::future::ready(Ok::<(), std::convert::Infallible>(()))
    };
    let start = move |socket: SocketRef| {
        let turns = turns.clone();
        async move { start(turns, socket) }
    };
    io.ns(NAMESPACE, start.with(admit));
}

/// Everybody is let in; what is wrong with the handshake is told on the open connection.
fn admit(turns: &TurnsIo, socket: &SocketRef, auth: Option<Value>) {
    let metrics = turns.desk.rooms.surroundings().metrics.clone();
    let link = Link::new(socket, Holder::default(), None, metrics);
    link.attach(socket, |_, _, _| ());
    socket.extensions.insert(Admission {
        link,
        named: named(socket, auth),
    });
}

/// The clock named in the CONNECT packet, else in the query string (Engine.IO 3 clients have no
/// `auth`). An empty name is none.
fn named(socket: &SocketRef, auth: Option<Value>) -> Option<Value> {
    let from_auth = auth.and_then(|mut auth| Some(auth.get_mut("sessionId")?.take()));
    let query = || socket.req_parts().uri.query().unwrap_or_default();
    let named = from_auth.or_else(|| super::turns::named_id(query()).map(Value::from));
    named.filter(|it| !it.is_null() && it.as_str() != Some(""))
}

/// The connect handler: starts the socket's task.
fn start(turns: Arc<TurnsIo>, socket: SocketRef) {
    let Some(admission) = socket.extensions.remove::<Admission>() else {
        return;
    };
    let Admission { link, named } = admission;
    let tasks = turns.conversations.clone();
    tasks.spawn(Conversation::new(turns, socket, link).run(named));
}
