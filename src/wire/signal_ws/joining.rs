//! Getting into a session, and out of it.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::timeout;
use uuid::Uuid;

use super::AVATAR;
use super::conversation::{Conversation, Flow};
use crate::room::{Lease, Look, SubmitError, now};
use crate::rules::Actor;
use crate::rules::ids::{PlayerId, SeatId, SessionId, js_trim};
use crate::rules::poker::command::{Departure, Door, Entrance, Newcomer};
use crate::rules::poker::{Command, Player, Poker, Rejection, View};
use crate::wire::poker::leaving::Vacancy;
use crate::wire::signal::delivery::Place;
use crate::wire::signal::frames::{self, Scene};
use crate::wire::signal::ids::Names;
use crate::wire::signal::message::Join;
use crate::wire::signal::pages;
use crate::wire::signal::port::Port;
use crate::wire::signal::table::{REMOVED, UNKNOWN};
use crate::wire::ws::{CloseCode, Outbox};

/// What a session is called that takes nobody more.
const FULL: &str = "Session is full";
/// How long somebody who leaves is waited for before his next wish is heard.
const LEAVING: Duration = Duration::from_secs(1);

/// A connection in a session.
pub(super) struct Joined {
    pub(super) place: Place,
    pub(super) port: Arc<Port>,
    /// Keeps the session in memory while somebody is connected to it.
    _lease: Lease,
}

/// Why somebody is not in a session.
enum Outside {
    /// He is told this, and stays connected.
    Refused(&'static str),
    /// He may try again later.
    Unavailable,
}

impl Conversation {
    /// Joins a session; leaves the one the connection was in, unless it is the same person's.
    pub(super) async fn join(&mut self, join: Join) -> Flow {
        let session = SessionId::parse(js_trim(&join.session_id));
        let same = |joined: &Joined| {
            Some(joined.place.session()) == session && joined.port.user_id == join.user_id
        };
        let former = if self.joined.as_ref().is_some_and(same) {
            self.joined.take()
        } else {
            self.leave().await;
            None
        };
        let entered = match session {
            Some(session) => self.enter(session, join, former).await,
            None => Err(Outside::Refused(UNKNOWN)),
        };
        match entered {
            Ok(joined) => {
                self.joined = Some(joined);
                Flow::On
            }
            Err(Outside::Refused(reason)) => {
                self.signal.gate.metrics.reject("NOT_JOINED");
                self.send(frames::session_not_found(reason, now()));
                Flow::On
            }
            Err(Outside::Unavailable) => Flow::Over(CloseCode::TryAgainLater),
        }
    }

    async fn enter(
        &self,
        session: SessionId,
        join: Join,
        former: Option<Joined>,
    ) -> Result<Joined, Outside> {
        let signal = &self.signal;
        let rooms = &signal.gate.rooms;
        let lease = rooms.lease(session).await?;
        let returns = former.is_some();
        let (place, seat) = match former {
            Some(former) => (former.place, former.port.seat),
            None => {
                let place = signal.delivery.reserve(session);
                let place = place.ok_or(Outside::Refused(FULL))?;
                (place, SeatId::new(Uuid::new_v4()))
            }
        };
        let seated = seated(place, self.outbox.clone(), (join.user_id.clone(), seat));
        let command = self.entrance(session, join, seat);
        let entered = rooms.submit_then(session, Actor::System, command, seated);
        let entered = entered.await;
        if matches!(entered, Err(SubmitError::Store(_))) {
            self.vacate(Vacancy {
                session,
                player: None,
                seat,
                how: Departure::Lost,
            })
            .await;
        }
        let (place, port) = entered?.ok_or(Outside::Unavailable)?;
        if !returns {
            signal.gate.metrics.seats.inc();
        }
        Ok(Joined {
            place,
            port,
            _lease: lease,
        })
    }

    fn entrance(&self, session: SessionId, join: Join, seat: SeatId) -> Command {
        let around = self.signal.gate.rooms.surroundings();
        let newcomer = Newcomer {
            id: PlayerId::new(Uuid::new_v4()),
            name: join.name,
            avatar: AVATAR.to_owned(),
            spectator: false,
            proof: None,
            key: Some(self.signal.key(session, &join.user_id)),
        };
        let by = Door::Key {
            node: around.nodes.me(),
            seat,
            max_players: self.signal.settings.max_players,
        };
        Command::Enter(Box::new(Entrance { newcomer, by }))
    }

    /// Takes the seat again that others may have given up while this node was away.
    pub(super) async fn take_seat_again(&self) {
        let Some(joined) = &self.joined else { return };
        let rooms = &self.signal.gate.rooms;
        let (player, seat) = (joined.port.player, joined.port.seat);
        let node = rooms.surroundings().nodes.me();
        let command = Command::TakeSeat { player, node, seat };
        let (session, actor) = (joined.place.session(), Actor::Player(player));
        // What fails now is tried with the next renewal.
        let _ = rooms.submit(session, actor, command).await;
    }

    /// Leaves the session on purpose, if it is in one.
    pub(super) async fn leave(&mut self) {
        self.stand_up(Departure::WithCard).await;
    }

    pub(super) async fn stand_up(&mut self, how: Departure) {
        let Some(joined) = self.joined.take() else {
            return;
        };
        let Joined { place, port, .. } = joined;
        let session = place.session();
        // Whoever leaves does not hear of it.
        drop(place);
        self.signal.gate.metrics.seats.dec();
        self.vacate(Vacancy {
            session,
            player: Some(port.player),
            seat: port.seat,
            how,
        })
        .await;
    }

    /// Gives a seat up; if the store does not take that now, then later, and nobody waits for it.
    async fn vacate(&self, vacancy: Vacancy) {
        let signal = self.signal.clone();
        let vacating = async move {
            let draining = &signal.draining;
            signal.gate.vacate(vacancy, draining).await;
        };
        let vacating = self.signal.conversations.spawn(vacating);
        let _ = timeout(LEAVING, vacating).await;
    }
}

/// What is done in the room's task right after somebody has come in: from then on he is told what
/// happens, and nothing falls between that and what he is shown.
fn seated(
    mut place: Place,
    outbox: Arc<Outbox>,
    (user_id, seat): (String, SeatId),
) -> impl FnOnce(Look<'_, Poker>) -> Option<(Place, Arc<Port>)> + Send + use<> {
    move |look| {
        let state = look.state;
        let sits = |player: &&Player| player.seat(seat).is_some();
        let player = state.roster().find(sits)?;
        let prior = last_shown(player, seat);
        let player = player.id;
        let port = Arc::new(Port::new(player, user_id, seat, outbox));
        place.take(port.clone(), state);
        let scene = Scene {
            session: place.session(),
            state,
            at: look.now,
        };
        port.catch_up();
        let names = Names::of(state, Some(port.viewer()));
        let mut frames = vec![frames::joined(scene, names)];
        let present = pages::catch_up_from(prior, state);
        frames.extend(present.iter().map(|news| news.encode(scene, names)));
        // What does not fit is shown later.
        let _ = port.send_all(&frames);
        Some((place, port))
    }
}

/// What the page of somebody showed who has lost his only line, and may show still.
fn last_shown(player: &Player, seat: SeatId) -> Option<View> {
    let only = player.seats.len() == 1;
    player.seat(seat).filter(|_| only)?.prior
}

impl From<SubmitError<Rejection>> for Outside {
    fn from(error: SubmitError<Rejection>) -> Self {
        match error {
            SubmitError::Rejected(Rejection::PlayerRemoved) => Self::Refused(REMOVED),
            SubmitError::Rejected(Rejection::SessionFull) => Self::Refused(FULL),
            SubmitError::Rejected(_) | SubmitError::UnknownSession => Self::Refused(UNKNOWN),
            SubmitError::Busy | SubmitError::Contended | SubmitError::Store(_) => Self::Unavailable,
        }
    }
}
