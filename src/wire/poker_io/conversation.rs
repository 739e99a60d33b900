//! One socket's task: takes a seat, shows the state, then does what the client asks, in order.

use std::pin::{Pin, pin};
use std::sync::Arc;

use serde_json::Value;
use socketioxide::extract::SocketRef;
use socketioxide::socket::DisconnectReason;
use tracing::Instrument;
use uuid::Uuid;

use super::PokerIo;
use super::events::{self, ClientEvent, Refusal};
use super::handshake::Admission;
use super::link::{Holder, Link};
use super::quota::{OtherNames, Owner};
use crate::metrics::EventLabels;
use crate::room::{Lease, SubmitError, now};
use crate::rules::Actor;
use crate::rules::ids::{PlayerId, SeatId, SessionId};
use crate::rules::poker::command::{Audience, Departure};
use crate::rules::poker::{Command, Rejection};
use crate::wire::connection::Peer;
use crate::wire::poker::leaving::Vacancy;
use crate::wire::poker::payloads::{Acknowledgement, HeartbeatResponse, ServerEvent};
use crate::wire::socketio::{Ack, Heard, Inbound, Speaker, dismiss};

mod acting;
mod joining;
mod reacting;
mod welcome;

/// One socket and what it may do.
struct Conversation {
    poker: Arc<PokerIo>,
    speaker: Speaker<Holder>,
    peer: Peer,
    seat: SeatId,
    standing: Standing,
    /// Whether taking the seat failed in a way that leaves open whether it was taken.
    may_sit: bool,
    others: OtherNames,
    /// Keeps the session in memory while somebody is connected to it.
    _lease: Option<Lease>,
}

/// What the socket may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    /// It listens.
    Watcher,
    /// It is a player's, but has not proven it: it listens and counts as his presence.
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

/// What a conversation has to see to.
enum Task {
    Heard(Heard),
    /// The node was away for so long that others may have given the seat up.
    SitAgain,
}

/// The connect handler: starts the socket's task.
pub(super) fn start(poker: Arc<PokerIo>, socket: SocketRef) {
    let Some(admission) = socket.extensions.remove::<Admission>() else {
        return;
    };
    let tasks = poker.conversations.clone();
    let (session, seat) = (admission.link.holder.session, SeatId::new(Uuid::new_v4()));
    // Nobody's unless somebody looks for a fault: it is memory that a socket holds all its life.
    let span = tracing::debug_span!("connection", connection.id = %seat, %session);
    let begun = Box::pin(Conversation::begin(poker, socket, admission, seat));
    tasks.spawn(run(begun).instrument(span));
}

/// What passes is boxed, so that its memory is given back: what is left is held for as long as the
/// socket lives, and most sockets wait most of the time.
async fn run(begun: Pin<Box<impl Future<Output = (Conversation, Flow)>>>) {
    let (mut conversation, flow) = begun.await;
    if flow == Flow::On {
        conversation.converse().await;
    }
    Box::pin(conversation.leave()).await;
}

impl Conversation {
    /// Brings somebody in who may come in.
    async fn begin(
        poker: Arc<PokerIo>,
        socket: SocketRef,
        admission: Admission,
        seat: SeatId,
    ) -> (Self, Flow) {
        let session = admission.link.holder.session;
        let mut begun = Self {
            _lease: poker.gate.rooms.lease(session).await.ok(),
            speaker: Speaker::new(socket, admission.link, poker.draining.clone()),
            poker,
            peer: admission.peer,
            seat,
            standing: Standing::Watcher,
            may_sit: false,
            others: OtherNames::default(),
        };
        let flow = begun.enter(admission.visitor).await;
        (begun, flow)
    }

    async fn converse(&mut self) {
        let (link, draining) = (self.link().clone(), self.poker.draining.clone());
        // Kept over all events: each new wait for one of these would take its place in a list.
        let mut draining = pin!(draining.cancelled());
        let nodes = self.poker.gate.rooms.surroundings().nodes.clone();
        let mut lapsed = pin!(nodes.lapsed());
        loop {
            let task = tokio::select! {
                biased;
                () = &mut draining => return,
                heard = link.heard() => Task::Heard(heard),
                () = &mut lapsed => {
                    lapsed.set(nodes.lapsed());
                    Task::SitAgain
                }
            };
            if Box::pin(self.see_to(task)).await == Flow::Over {
                return;
            }
        }
    }

    async fn see_to(&mut self, task: Task) -> Flow {
        match task {
            Task::Heard(Heard::Event(inbound)) => self.handle(inbound).await,
            Task::Heard(Heard::Behind(_)) => Box::pin(self.show_again()).await,
            Task::Heard(Heard::Gone) => Flow::Over,
            Task::SitAgain => {
                Box::pin(self.take_seat_again()).await;
                Flow::On
            }
        }
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
            self.speaker
                .send(&events::rate_limited(&inbound.event, wait))
                .await;
            self.speaker
                .answer(inbound.ack, &events::over_limit().acknowledgement())
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
        let mut flow = Flow::On;
        let done = match event {
            ClientEvent::Heartbeat => {
                self.answer_heartbeat(&payload).await;
                Ok(())
            }
            ClientEvent::SessionJoin => {
                let joined = Box::pin(self.join_session(&payload)).await;
                joined.map(|then| flow = then)
            }
            ClientEvent::SessionLeave => {
                return self.leave_session(ack).await;
            }
            ClientEvent::PlayerActivity => self.note_activity().await,
            ClientEvent::ReactionSend => self.react(&payload).await,
            event => self.act(event, &payload).await,
        };
        match done {
            Ok(()) => self.speaker.answer(ack, &Acknowledgement::DONE).await,
            Err(refusal) => self.refuse(ack, &refusal).await,
        }
        flow
    }

    async fn answer_heartbeat(&self, payload: &Value) {
        let timestamp = payload.get("timestamp").and_then(Value::as_number);
        let response = HeartbeatResponse {
            server_time: now().as_millis(),
            timestamp: timestamp.cloned(),
        };
        self.speaker.send(&response.frame()).await;
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
        self.speaker.answer(ack, &Acknowledgement::DONE).await;
        self.link().leave(DisconnectReason::ClientNSDisconnect);
        Flow::Over
    }

    /// Gives the seat up, and the socket with it if it is still there.
    async fn leave(&mut self) {
        if self.player().is_some() {
            self.poker.gate.metrics.seats.dec();
        }
        // A leaving socket does not hear of its own leaving.
        self.poker.delivery.leave(self.session(), self.link());
        if self.poker.draining.is_cancelled() {
            return;
        }
        let how = self.departure().await;
        if self.speaker.socket.connected() {
            dismiss::<Holder>(self.speaker.socket.clone());
        }
        if self.player().is_some() || self.may_sit {
            let vacancy = Vacancy {
                session: self.session(),
                player: self.player(),
                seat: self.seat,
                how,
            };
            let draining = &self.poker.draining;
            self.poker.gate.vacate(vacancy, draining).await;
        }
    }

    /// Whoever has not proven to be the player cannot make him leave.
    async fn departure(&mut self) -> Departure {
        let on_purpose = self.link().gone() == Some(DisconnectReason::ClientNSDisconnect);
        if on_purpose && self.is_proven().await {
            Departure::OnPurpose
        } else {
            Departure::Lost
        }
    }

    fn link(&self) -> &Arc<Link> {
        &self.speaker.link
    }

    fn session(&self) -> SessionId {
        self.link().holder.session
    }

    fn player(&self) -> Option<PlayerId> {
        match self.standing {
            Standing::Watcher => None,
            Standing::Limited(player) | Standing::Proven(player) => Some(player),
        }
    }

    fn owner(&self) -> Owner {
        match self.standing {
            Standing::Proven(player) => Owner::Player(self.session(), player),
            // Nobody uses up the limits of a player without having proven to be him.
            Standing::Limited(_) | Standing::Watcher => Owner::Socket(self.seat),
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
            (Some(ack), _) => {
                self.speaker
                    .answer(Some(ack), &refusal.acknowledgement())
                    .await
            }
            (None, Some(frame)) => self.speaker.send(&frame).await,
            (None, None) => {}
        }
    }
}
