//! The sync dialect on raw WebSockets: a viewer only listens, and may ask for the state.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::ws::{WebSocket, WebSocketUpgrade};
use axum::response::Response;
use bytes::Bytes;
use serde_json::Value;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::turns::delivery::{TurnsDelivery, Watch};
use super::turns::failure::{Failure, Verb};
use super::turns::frames::{self, Occasion};
use super::turns::log_of;
use super::turns::meters::Meters;
use super::ws::{self, Bounds, CloseCode, Farewell, Happening, Heartbeat, Outbox, Wire};
use crate::metrics::ConnectionLabels;
use crate::room::{Directory, Lease, Look, SubmitError, now};
use crate::rules::turns::{Rejection, Turns};

/// Most bytes of a message (1.1).
const MAX_MESSAGE_BYTES: usize = 1024 * 1024;
/// Pause before a viewer is shown the present state after that has failed.
const RESYNC_PAUSE: Duration = Duration::from_millis(200);
const SHUTDOWN: Farewell = Farewell {
    code: CloseCode::GoingAway,
    reason: "Server shutting down",
};
const FAILED: Farewell = Farewell {
    code: CloseCode::Internal,
    reason: "Internal server error",
};

/// What all viewers share.
pub struct TurnsWs {
    /// The clocks.
    pub rooms: Arc<Directory<Turns>>,
    /// The viewers.
    pub delivery: Arc<TurnsDelivery>,
    /// Who counts.
    pub meters: Arc<Meters>,
    /// Time between the ticks at which silent viewers are cut.
    pub heartbeat: Duration,
    /// Most bytes that may wait for one viewer.
    pub outbox_bytes: usize,
    /// A tick of the heartbeat.
    pub started: Instant,
    /// The conversations under way.
    pub conversations: TaskTracker,
    /// Cancelled when the server shuts down.
    pub draining: CancellationToken,
}

/// Why an id cannot be watched: what the connection is closed with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadId {
    /// There is none, or an empty one.
    Missing,
    /// It does not have the shape of a UUID.
    Malformed,
    /// The request's address is none.
    NoAddress,
}

/// Reads the id that a viewer names; any hexadecimal digits in the groups of a UUID will do (1.1).
///
/// # Errors
/// What is wrong with it.
pub fn watched_id(named: Option<&str>) -> Result<&str, BadId> {
    const GROUPS: [usize; 5] = [8, 4, 4, 4, 12];
    let id = named.filter(|id| !id.is_empty()).ok_or(BadId::Missing)?;
    let hex = |group: &str| group.bytes().all(|byte| byte.is_ascii_hexdigit());
    let groups: Vec<&str> = id.split('-').collect();
    let lengths = groups.iter().map(|group| group.len());
    if lengths.eq(GROUPS) && groups.iter().all(|group| hex(group)) {
        Ok(id)
    } else {
        Err(BadId::Malformed)
    }
}

impl BadId {
    const fn farewell(self) -> Farewell {
        let reason = match self {
            Self::Missing => "Missing sessionId parameter",
            Self::Malformed => "Invalid sessionId format",
            Self::NoAddress => return FAILED,
        };
        Farewell {
            code: CloseCode::Policy,
            reason,
        }
    }
}

impl TurnsWs {
    /// Answers an upgrade; whoever names no id learns that on the open connection (1.1).
    pub fn welcome(
        self: Arc<Self>,
        upgrade: WebSocketUpgrade,
        id: Result<Arc<str>, BadId>,
    ) -> Response {
        let bounds = Bounds {
            max_message_bytes: MAX_MESSAGE_BYTES,
            outbox_bytes: self.outbox_bytes,
            heartbeat: Heartbeat::Ticks {
                since: self.started,
                every: self.heartbeat,
            },
        };
        let mut upgrade = ws::bounded(upgrade, &bounds);
        let offered = upgrade.requested_protocols().next().cloned();
        if let Some(first) = offered {
            upgrade.set_selected_protocol(first);
        }
        let tasks = self.conversations.clone();
        upgrade.on_upgrade(async move |socket: WebSocket| {
            let wire = Wire::new(socket, bounds);
            tasks.track_future(run(self, wire, id)).await;
        })
    }
}

/// Shows one clock to one viewer until either goes.
async fn run(turns: Arc<TurnsWs>, mut wire: Wire, id: Result<Arc<str>, BadId>) {
    let labels = ConnectionLabels {
        transport: "websocket",
        dialect: "sync",
    };
    let metrics = turns.rooms.surroundings().metrics.clone();
    let open = metrics.connections.get_or_create_owned(&labels);
    open.inc();
    turns.meters.viewers.inc();
    let meters = turns.meters.clone();
    let ending = match id {
        Ok(id) => {
            View::open(turns, id, wire.outbox().clone())
                .show(&mut wire)
                .await
        }
        Err(bad) => Some(Some(bad.farewell())),
    };
    open.dec();
    meters.viewers.dec();
    if let Some(farewell) = ending {
        Box::pin(wire.close(farewell)).await;
    }
}

/// What a viewer watches.
struct View {
    turns: Arc<TurnsWs>,
    id: Arc<str>,
    outbox: Arc<Outbox>,
}

/// How a connection ends: with a handshake, or without because nobody is there.
type Ending = Option<Option<Farewell>>;

impl View {
    fn open(turns: Arc<TurnsWs>, id: Arc<str>, outbox: Arc<Outbox>) -> Self {
        Self { turns, id, outbox }
    }

    /// What passes is boxed: the memory of what is left is held for as long as the connection is.
    async fn show(&self, wire: &mut Wire) -> Ending {
        self.send(frames::connected(&self.id, now()));
        let Ok(_watching) = Box::pin(self.watch()).await else {
            return Some(Some(FAILED));
        };
        loop {
            let happening = tokio::select! {
                biased;
                () = self.turns.draining.cancelled() => return Some(Some(SHUTDOWN)),
                happening = wire.next() => happening,
            };
            match happening {
                Happening::Message(message) => Box::pin(self.hear(&message)).await,
                Happening::Drained => Box::pin(self.bring_up_to_date()).await,
                Happening::Rung => {}
                Happening::Over(farewell) => return Some(farewell),
                Happening::Dead => return None,
            }
        }
    }

    /// From a moment between two changes on, the viewer is told of every change.
    async fn watch(&self) -> Result<(Lease, Watch), SubmitError<Rejection>> {
        let log = log_of(&self.id);
        let lease = self.turns.rooms.await_session(log).await?;
        let (delivery, id, outbox) = (
            self.turns.delivery.clone(),
            self.id.clone(),
            self.outbox.clone(),
        );
        let watch = move |_: Look<'_, Turns>| delivery.watch(log, id, outbox);
        let watch = self.turns.rooms.view(log, watch).await?;
        Ok((lease, watch))
    }

    /// Everything but two requests is ignored silently (1.3).
    async fn hear(&self, message: &Bytes) {
        let message: Option<Value> = serde_json::from_slice(message).ok();
        let kind = message.as_ref().and_then(|it| it.get("type")?.as_str());
        match kind {
            Some("PING") => self.send(frames::pong(now())),
            Some("RECONNECT") => self.sync().await,
            _ => {}
        }
    }

    async fn sync(&self) {
        let (id, outbox) = (self.id.clone(), self.outbox.clone());
        let policy = self.turns.rooms.surroundings().policy.clone();
        let rooms = &self.turns.rooms;
        let shown = rooms.view_present(log_of(&self.id), move |look| {
            let frame = match look.state.clock_at(look.now, &policy) {
                Some(clock) => frames::state(Occasion::Sync, clock, now()),
                None => {
                    let unknown = Failure::unknown(&id);
                    frames::error(unknown.code.name(), &unknown.message)
                }
            };
            // A viewer who does not read gets the state when he does.
            let _ = outbox.push(frame);
        });
        if let Err(error) = shown.await {
            let failure = Failure::of(&error, &self.id, Verb::Other);
            self.send(frames::error(failure.code.name(), &failure.message));
        }
    }

    /// The viewer has read what there was before it missed something.
    async fn bring_up_to_date(&self) {
        let outbox = self.outbox.clone();
        let shown = self.turns.rooms.view(log_of(&self.id), move |look| {
            outbox.catch_up();
            if let Some(clock) = &look.state.clock {
                let _ = outbox.push(frames::state(Occasion::Update, clock, now()));
            }
        });
        if shown.await.is_err() {
            // It stays behind, and this is tried again.
            sleep(RESYNC_PAUSE).await;
        }
    }

    fn send(&self, frame: axum::extract::ws::Utf8Bytes) {
        if self.outbox.push(frame).is_err_and(|full| full.newly) {
            self.turns.rooms.surroundings().metrics.lagging.inc();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_viewers_need_the_groups_of_a_uuid_and_nothing_more() {
        for id in [
            "7b1c9a52-3f0e-4a77-9d55-0c6a8e2f4b10",
            "7B1C9A52-3F0E-0A77-0D55-0C6A8E2F4B10",
        ] {
            assert_eq!(watched_id(Some(id)), Ok(id));
        }
        assert_eq!(watched_id(None), Err(BadId::Missing));
        assert_eq!(watched_id(Some("")), Err(BadId::Missing));
        for id in [
            "x",
            "7b1c9a523f0e4a779d550c6a8e2f4b10",
            "7b1c9a52-3f0e-4a77-9d55-0c6a8e2f4b1g",
        ] {
            assert_eq!(watched_id(Some(id)), Err(BadId::Malformed), "{id}");
        }
    }
}
