//! One socket's task: takes a seat, shows the state, then does what the client asks, in order.

use std::sync::{Arc, PoisonError};
use std::time::Duration;

use serde_json::{Value, json};
use socketioxide::extract::SocketRef;
use socketioxide::socket::DisconnectReason;
use tokio::time::sleep;
use tracing::Instrument;
use uuid::Uuid;

use super::delivery::dismiss_socket;
use super::events::{self, ClientEvent, Refusal};
use super::handshake::{Admission, Visitor};
use super::link::{Ack, Inbound, Inbox, Link, Undelivered, emit};
use super::quota::{OtherNames, Owner};
use super::{PokerIo, room_of};
use crate::metrics::EventLabels;
use crate::room::{Lease, Look, SubmitError, now};
use crate::rules::Actor;
use crate::rules::ids::{PlayerId, SeatId, SessionId};
use crate::rules::poker::command::{Audience, Departure};
use crate::rules::poker::{Command, Poker, Rejection, View};
use crate::wire::connection::Peer;
use crate::wire::poker::frames::{self, Frame};

mod acting;
mod joining;

/// Pause before a full buffer is tried again; doubled each time, up to the maximum.
const FIRST_PAUSE: Duration = Duration::from_millis(10);
const MAX_PAUSE: Duration = Duration::from_millis(500);

/// One socket and what it may do.
struct Conversation {
    poker: Arc<PokerIo>,
    socket: SocketRef,
    link: Arc<Link>,
    peer: Peer,
    seat: SeatId,
    standing: Standing,
    others: OtherNames,
    /// Keeps the session in memory while somebody is connected to it.
    _lease: Option<Lease>,
}

/// What the socket may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    /// It listens.
    Watcher,
    /// It is a player's, but has not proven it: it listens and counts as his presence [D23].
    Limited(PlayerId),
    /// It is a player's.
    Proven(PlayerId),
}

/// Whether the conversation goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Flow {
    On,
    /// The client has left on purpose, or was shown out.
    Over,
}

/// The connect handler: starts the socket's task.
pub(super) fn start(poker: Arc<PokerIo>, socket: SocketRef) {
    let Some(admission) = socket.extensions.remove::<Admission>() else {
        return;
    };
    let inbox = admission
        .inbox
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .take();
    let Some(inbox) = inbox else { return };
    let tasks = poker.conversations.clone();
    tasks.spawn(async move {
        let session = admission.link.session;
        let conversation = Conversation {
            _lease: poker.gate.rooms.lease(session).await.ok(),
            poker,
            socket,
            link: admission.link,
            peer: admission.peer,
            seat: SeatId::new(Uuid::new_v4()),
            standing: Standing::Watcher,
            others: OtherNames::default(),
        };
        let span = tracing::info_span!("connection", connection.id = %conversation.seat, %session);
        conversation
            .run(admission.visitor, inbox)
            .instrument(span)
            .await;
    });
}

impl Conversation {
    async fn run(mut self, visitor: Visitor, mut inbox: Inbox) {
        let metrics = self.poker.gate.metrics.clone();
        let entered = self.enter(visitor).await;
        metrics.seats.inc();
        if entered == Flow::On {
            self.converse(&mut inbox).await;
        }
        metrics.seats.dec();
        self.leave().await;
    }

    async fn converse(&mut self, inbox: &mut Inbox) {
        loop {
            let (link, draining) = (self.link.clone(), self.poker.draining.clone());
            let flow = tokio::select! {
                biased;
                () = draining.cancelled() => Flow::Over,
                inbound = inbox.recv() => match inbound {
                    Some(inbound) => {
                        self.link.drained_to(inbox.len());
                        self.handle(inbound).await
                    }
                    None => Flow::Over,
                },
                () = link.rung() => self.heed_bell().await,
            };
            if flow == Flow::Over {
                return;
            }
        }
    }

    /// The socket is gone, or has fallen behind. Events sent before it went were queued before.
    async fn heed_bell(&mut self) -> Flow {
        if self.link.gone().is_some() {
            return Flow::Over;
        }
        if self.link.take_behind() {
            self.show_again().await;
        }
        Flow::On
    }

    /// Shows the state anew as soon as the client has read what it was sent before.
    async fn show_again(&mut self) {
        let mut pause = FIRST_PAUSE;
        while self.is_there() {
            sleep(pause).await;
            // What it showed last is not known; the default view makes it start the round over.
            if !matches!(self.welcome(Greeting::Again).await, Ok(Shown::Partly)) {
                return;
            }
            pause = MAX_PAUSE.min(pause * 2);
        }
    }

    /// Shows the state and joins the room, between two events, so that none is missed or doubled.
    async fn welcome(&self, greeting: Greeting) -> Result<Shown, SubmitError<Rejection>> {
        let (socket, link) = (self.socket.clone(), self.link.clone());
        let (session, seat, viewer) = (self.session(), self.seat, self.player());
        let token = match greeting {
            Greeting::Created => viewer.map(|player| self.poker.gate.token(session, player, false)),
            _ => None,
        };
        let look = move |look: Look<'_, Poker>| {
            let frames = greeting.frames(session, &look, (viewer, seat), token.as_deref());
            for frame in frames {
                match emit(&socket, &frame) {
                    Ok(()) => {}
                    Err(Undelivered::Full) => return Shown::Partly,
                    Err(Undelivered::Gone) => return Shown::ToNobody,
                }
            }
            join(&socket, &link);
            Shown::Fully
        };
        self.poker.gate.rooms.view(session, look).await
    }

    async fn handle(&mut self, inbound: Inbound) -> Flow {
        let event = ClientEvent::named(&inbound.event);
        let label = event.map_or("other", ClientEvent::name);
        self.poker
            .gate
            .metrics
            .events_in
            .get_or_create(&EventLabels { event: label })
            .inc();
        let counted = self
            .poker
            .quota
            .count(self.owner(), &inbound.event, &mut self.others);
        if let Err(wait) = counted {
            self.poker
                .gate
                .metrics
                .rate_limited
                .get_or_create(&EventLabels { event: label })
                .inc();
            self.send(&events::rate_limited(&inbound.event, wait)).await;
            self.answer(inbound.ack, &events::over_limit().acknowledgement())
                .await;
            return Flow::On;
        }
        match event {
            Some(event) => self.attend(event, inbound).await,
            None => {
                self.refuse(inbound.ack, &events::unknown()).await;
                Flow::On
            }
        }
    }

    async fn attend(&mut self, event: ClientEvent, inbound: Inbound) -> Flow {
        let Inbound { payload, ack, .. } = inbound;
        let done = match event {
            ClientEvent::Heartbeat => Ok(self.answer_heartbeat(&payload).await),
            ClientEvent::SessionJoin => self.join_session(&payload).await,
            ClientEvent::SessionLeave => {
                return self.leave_session(ack).await;
            }
            ClientEvent::PlayerActivity => self.note_activity().await,
            event => self.act(event, &payload).await,
        };
        match done {
            Ok(()) => self.answer(ack, &json!({ "ok": true })).await,
            Err(refusal) => self.refuse(ack, &refusal).await,
        }
        Flow::On
    }

    async fn answer_heartbeat(&self, payload: &Value) {
        let mut body = json!({ "serverTime": now().as_millis() });
        if let Some(timestamp) = payload.get("timestamp").filter(|it| it.is_number()) {
            body["timestamp"] = timestamp.clone();
        }
        self.send(&Frame::new("heartbeat:response", &body)).await;
    }

    async fn note_activity(&self) -> Result<(), Refusal> {
        let event = ClientEvent::PlayerActivity;
        let player = self.player().ok_or_else(|| event.without_player())?;
        let command = Command::NoteActivity {
            player,
            audience: Audience::Room,
        };
        self.submit(command)
            .await
            .map_err(|error| event.refused(&error))
    }

    async fn leave_session(&mut self, ack: Option<Ack>) -> Flow {
        let Some(_) = self.player() else {
            self.refuse(ack, &ClientEvent::SessionLeave.without_player())
                .await;
            return Flow::On;
        };
        self.answer(ack, &json!({ "ok": true })).await;
        self.link.leave(DisconnectReason::ClientNSDisconnect);
        Flow::Over
    }

    /// Gives the seat up, and the socket with it if it is still there.
    async fn leave(self) {
        // A leaving socket does not hear of its own leaving.
        self.socket.leave(room_of(self.session()));
        if self.poker.draining.is_cancelled() {
            return;
        }
        if let Some(player) = self.player() {
            let command = Command::LeaveSeat {
                player,
                seat: self.seat,
                how: self.departure(),
            };
            if let Err(error) = self.submit(command).await {
                let session = self.session();
                tracing::debug!(%session, error = &error as &dyn std::error::Error, "a seat was given up without the room");
            }
        }
        if self.socket.connected() {
            dismiss_socket(self.socket.clone());
        }
    }

    /// Whether there is any use in waiting for the client.
    fn is_there(&self) -> bool {
        self.link.gone().is_none() && !self.poker.draining.is_cancelled()
    }

    fn departure(&self) -> Departure {
        let on_purpose = self.link.gone() == Some(DisconnectReason::ClientNSDisconnect);
        // Whoever has not proven to be the player cannot make him leave.
        match self.standing {
            Standing::Proven(_) if on_purpose => Departure::OnPurpose,
            _ => Departure::Lost,
        }
    }

    fn session(&self) -> SessionId {
        self.link.session
    }

    fn player(&self) -> Option<PlayerId> {
        match self.standing {
            Standing::Watcher => None,
            Standing::Limited(player) | Standing::Proven(player) => Some(player),
        }
    }

    fn owner(&self) -> Owner {
        match self.player() {
            Some(player) => Owner::Player(self.session(), player),
            None => Owner::Socket(self.seat),
        }
    }

    async fn submit(&self, command: Command) -> Result<(), SubmitError<Rejection>> {
        let actor = self.player().map_or(Actor::System, Actor::Player);
        self.poker
            .gate
            .rooms
            .submit(self.session(), actor, command)
            .await
    }

    async fn refuse(&self, ack: Option<Ack>, refusal: &Refusal) {
        self.poker.gate.metrics.reject(refusal.code);
        match (ack, refusal.frame()) {
            (Some(ack), _) => self.answer(Some(ack), &refusal.acknowledgement()).await,
            (None, Some(frame)) => self.send(&frame).await,
            (None, None) => {}
        }
    }

    async fn answer(&self, ack: Option<Ack>, answer: &Value) {
        let Some(ack) = ack else { return };
        self.insist(|| ack.answer(answer)).await;
    }

    async fn send(&self, frame: &Frame) {
        self.insist(|| emit(&self.socket, frame)).await;
    }

    /// Tries until the client has read enough to make room, or is gone.
    async fn insist(&self, attempt: impl Fn() -> Result<(), Undelivered>) {
        let mut pause = FIRST_PAUSE;
        while attempt() == Err(Undelivered::Full) && self.is_there() {
            sleep(pause).await;
            pause = MAX_PAUSE.min(pause * 2);
        }
    }
}

/// How much of the state a client was shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shown {
    Fully,
    /// The buffer is full; the client is not in the room.
    Partly,
    ToNobody,
}

/// On what occasion a client is shown the state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Greeting {
    /// A known player connects.
    Back,
    /// This socket has just created its player.
    Created,
    /// Somebody only listens, or asks for the state again.
    Plain,
    /// The client missed events.
    Again,
}

impl Greeting {
    fn frames(
        self,
        session: SessionId,
        look: &Look<'_, Poker>,
        (viewer, seat): (Option<PlayerId>, SeatId),
        token: Option<&str>,
    ) -> Vec<Frame> {
        let mut frames = Vec::new();
        if let (Self::Back, Some(viewer)) = (self, viewer) {
            frames.push(frames::player_reconnected(look, viewer));
        }
        frames.push(frames::session_joined(session, look, viewer, token));
        let player = viewer.and_then(|id| look.state.player(id));
        let prior = match self {
            Self::Again => Some(View::default()),
            _ => player
                .and_then(|player| player.seat(seat))
                .and_then(|seat| seat.prior),
        };
        frames.extend(frames::catch_up(look.state, prior));
        frames
    }
}

/// Joins the session's room. A socket that is disconnected meanwhile has already been cleaned up,
/// so a membership taken after that must be given back.
fn join(socket: &SocketRef, link: &Link) {
    socket.join(room_of(link.session));
    if !socket.connected() {
        socket.leave_all();
    }
}
