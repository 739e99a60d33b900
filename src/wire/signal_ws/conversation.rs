//! One connection's task: does what the client asks, in order, and sees to it that it is in at most
//! one session at a time.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::ws::WebSocket;
use bytes::Bytes;
use tokio::time::{Instant, sleep, sleep_until};
use tracing::Instrument;
use uuid::Uuid;

use super::SignalWs;
use super::joining::Joined;
use super::pace::{Bucket, Verdict};
use crate::metrics::{ConnectionLabels, EventLabels};
use crate::room::now;
use crate::rules::poker::command::Departure;
use crate::wire::signal::frames;
use crate::wire::signal::message::{Message, Unreadable, Wish, read};
use crate::wire::signal::port::Port;
use crate::wire::ws::{CloseCode, Farewell, Happening, Outbox, Wire};

/// Pause before a client is shown the present state after that has failed.
const RESYNC_PAUSE: Duration = Duration::from_millis(200);

/// One connection and where it is.
pub(super) struct Conversation {
    pub(super) signal: Arc<SignalWs>,
    pub(super) outbox: Arc<Outbox>,
    pub(super) joined: Option<Joined>,
    /// When the client last wanted the cards to be opened.
    pub(super) revealed_at: Option<Instant>,
    /// When it was last told that a vote was dropped.
    corrected_at: Option<Instant>,
    bucket: Option<Bucket>,
}

/// Whether a conversation goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flow {
    On,
    Over(CloseCode),
}

/// Talks until the connection is over.
pub(super) async fn run(signal: Arc<SignalWs>, socket: WebSocket) {
    let labels = ConnectionLabels {
        transport: "websocket",
        dialect: "signal",
    };
    let open = signal.gate.metrics.connections.get_or_create_owned(&labels);
    open.inc();
    let span = tracing::info_span!("connection", connection.id = %Uuid::new_v4());
    converse(signal, socket).instrument(span).await;
    open.dec();
}

async fn converse(signal: Arc<SignalWs>, socket: WebSocket) {
    let mut wire = Wire::new(socket, signal.bounds());
    let pace = signal.settings.pace;
    let mut conversation = Conversation {
        outbox: wire.outbox().clone(),
        joined: None,
        revealed_at: None,
        corrected_at: None,
        bucket: pace.map(|pace| Bucket::new(pace, Instant::now())),
        signal,
    };
    conversation.send(frames::heartbeat_ack(now()));
    let farewell = conversation.listen(&mut wire).await;
    Box::pin(conversation.part()).await;
    wire.close(farewell).await;
}

impl Conversation {
    /// What passes is boxed: the memory of what is left is held for as long as the connection is.
    async fn listen(&mut self, wire: &mut Wire) -> Option<Farewell> {
        let draining = self.signal.draining.clone();
        let nodes = self.signal.gate.rooms.surroundings().nodes.clone();
        let mut lapsed = pin!(nodes.lapsed());
        loop {
            let overdue = self.port().and_then(|port| port.overdue_at());
            let happening = tokio::select! {
                biased;
                () = draining.cancelled() => return Some(CloseCode::GoingAway.into()),
                () = until(overdue) => {
                    Box::pin(self.finish_countdown()).await;
                    continue;
                }
                () = &mut lapsed => {
                    lapsed.set(nodes.lapsed());
                    Box::pin(self.take_seat_again()).await;
                    continue;
                }
                happening = wire.next() => happening,
            };
            let flow = match happening {
                Happening::Message(frame) => Box::pin(self.hear(&frame)).await,
                Happening::Drained => Box::pin(self.bring_up_to_date()).await,
                Happening::Rung => Flow::On,
                Happening::Over(farewell) => return farewell,
                Happening::Dead => return Some(CloseCode::GoingAway.into()),
            };
            if let Flow::Over(code) = flow {
                return Some(code.into());
            }
        }
    }

    async fn hear(&mut self, frame: &Bytes) -> Flow {
        let verdict = self
            .bucket
            .as_mut()
            .map(|bucket| bucket.take(Instant::now()));
        match verdict {
            None | Some(Verdict::Heard) => {}
            Some(Verdict::Dropped) => {
                self.count_dropped();
                self.correct_dropped(frame).await;
                return Flow::On;
            }
            Some(Verdict::Enough) => {
                tracing::warn!("closed a connection that sends too much");
                return Flow::Over(CloseCode::Policy);
            }
        }
        match read(frame) {
            Ok(message) => self.heed(message).await,
            Err(unreadable) => {
                self.complain(unreadable);
                Flow::On
            }
        }
    }

    async fn heed(&mut self, message: Message) -> Flow {
        self.count(&message);
        match message {
            Message::Join(join) => return self.join(join).await,
            Message::Leave => self.leave().await,
            Message::Heartbeat => self.send(frames::heartbeat_ack(now())),
            // Before a join there is nothing to be wished for.
            Message::Event(wish) => {
                if let Some(port) = self.port() {
                    self.fulfil(&port, *wish).await;
                }
            }
            Message::Nothing => {}
        }
        Flow::On
    }

    /// A page whose vote was dropped believes that it has voted.
    async fn correct_dropped(&mut self, frame: &Bytes) {
        const INTERVAL: Duration = Duration::from_secs(1);
        let now = Instant::now();
        let told = self.corrected_at.is_some_and(|at| now - at < INTERVAL);
        let is_vote = || {
            let message = read(frame);
            matches!(&message, Ok(Message::Event(wish)) if matches!(**wish, Wish::Vote { .. }))
        };
        if !told
            && is_vote()
            && let Some(port) = self.port()
        {
            self.corrected_at = Some(now);
            self.show_round(&port).await;
        }
    }

    pub(super) fn complain(&self, unreadable: Unreadable) {
        self.signal.gate.metrics.reject("UNREADABLE");
        self.send(frames::error(&unreadable.to_string(), now()));
    }

    /// The connection's place in its session, unless it was taken out of it.
    pub(super) fn port(&self) -> Option<Arc<Port>> {
        let port = &self.joined.as_ref()?.port;
        port.dismissed().is_none().then(|| port.clone())
    }

    /// An answer that does not fit gets lost like everything else the client does not read.
    pub(super) fn send(&self, frame: axum::extract::ws::Utf8Bytes) {
        if self.outbox.push(frame).is_err_and(|full| full.newly) {
            self.signal.gate.metrics.lagging.inc();
        }
    }

    /// The client has read what there was before it missed something.
    async fn bring_up_to_date(&mut self) -> Flow {
        let Some(joined) = &self.joined else {
            self.outbox.catch_up();
            return Flow::On;
        };
        if let Some(reason) = joined.port.dismissed() {
            self.outbox.catch_up();
            self.send(frames::session_not_found(reason, now()));
            return Flow::On;
        }
        if self.resync(&joined.port).await.is_err() {
            // It stays behind, and this is tried again.
            sleep(RESYNC_PAUSE).await;
        }
        Flow::On
    }

    /// The connection is over. At a shutdown the seat is kept for the next run.
    async fn part(&mut self) {
        if self.signal.draining.is_cancelled() {
            self.joined = None;
        }
        self.stand_up(Departure::Lost).await;
    }

    fn count(&self, message: &Message) {
        let event = message.name();
        let metrics = &self.signal.gate.metrics;
        metrics
            .events_in
            .get_or_create(&EventLabels { event })
            .inc();
    }

    fn count_dropped(&self) {
        let event = "message";
        let metrics = &self.signal.gate.metrics;
        metrics
            .rate_limited
            .get_or_create(&EventLabels { event })
            .inc();
    }
}

async fn until(moment: Option<Instant>) {
    match moment {
        Some(moment) => sleep_until(moment).await,
        None => std::future::pending().await,
    }
}
