//! Showing a client the state, and letting it hear what happens from there on.

use super::{Conversation, Flow, Standing};
use crate::room::{Look, SubmitError};
use crate::rules::ids::{PlayerId, SeatId, SessionId};
use crate::rules::poker::{Poker, Rejection, Stage, View, player};
use crate::wire::poker::frames;
use crate::wire::poker::screen::Screen;
use crate::wire::socketio::{Backoff, Frame, Undelivered, emit};

/// How much of the state a client was shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shown {
    /// All of it; the client is in the room.
    Fully,
    /// The buffer is full; the client is not in the room.
    Partly,
    /// Nothing: the client is gone, or has no business here any more.
    Nothing,
}

/// On what occasion a client is shown the state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Greeting {
    /// A known player connects.
    Back,
    /// This socket has just created its player.
    Created,
    /// Somebody only listens, or asks for the state again.
    Plain,
    /// The client missed events.
    Again,
}

impl Conversation {
    /// Shows the state anew as soon as the client has read what it was sent before.
    pub(super) async fn show_again(&mut self) -> Flow {
        let mut backoff = Backoff::default();
        while self.speaker.is_there() {
            backoff.pause().await;
            match self.welcome(Greeting::Again).await {
                Ok(Shown::Fully) => return Flow::On,
                Ok(Shown::Nothing) => return Flow::Over,
                Ok(Shown::Partly) | Err(_) => {}
            }
        }
        Flow::Over
    }

    /// Shows the state and joins the room, between two events, so that none is missed or doubled.
    pub(super) async fn welcome(
        &mut self,
        greeting: Greeting,
    ) -> Result<Shown, SubmitError<Rejection>> {
        let look = self.welcoming(greeting, self.player());
        let (shown, proven) = self.poker.gate.rooms.view(self.session(), look).await?;
        if let Standing::Limited(player) = self.standing {
            self.standing = self.standing_of(player, proven);
        }
        Ok(shown)
    }

    /// What shows the state to this viewer, inside the room's task. Tells how much was shown, and whether
    /// the viewer has proven who he is by his address.
    pub(super) fn welcoming(
        &self,
        greeting: Greeting,
        viewer: Option<PlayerId>,
    ) -> impl FnOnce(Look<'_, Poker>) -> (Shown, bool) + Send + use<> {
        let (socket, link) = (self.speaker.socket.clone(), self.link().clone());
        let delivery = self.poker.delivery.clone();
        let (session, seat) = (self.session(), self.seat);
        let token = match greeting {
            Greeting::Created => viewer.map(|player| self.poker.gate.token(session, player, false)),
            _ => None,
        };
        let proven = viewer.map(|player| self.proven_from_here(player));
        move |look: Look<'_, Poker>| {
            let proven = proven.is_some_and(|proven| proven(look.state));
            if !is_wanted(look.state, viewer) {
                return (Shown::Nothing, proven);
            }
            if let Some(player) = viewer {
                // Before anything about him is told: it may be that he has to go.
                link.holder.set_player(player);
            }
            let frames = greeting.frames(session, &look, (viewer, seat), token.as_deref());
            let shown = match emit(&socket, &frames) {
                Ok(()) => {
                    delivery.join(session, &socket, &link);
                    Shown::Fully
                }
                Err(Undelivered::Full) => Shown::Partly,
                Err(Undelivered::Gone) => Shown::Nothing,
            };
            (shown, proven)
        }
    }
}

/// Whether the session is open and the viewer has not been removed; a socket that was outside of
/// the room when that happened was not disconnected with the others.
fn is_wanted(state: &Poker, viewer: Option<PlayerId>) -> bool {
    let removed = |id| {
        state
            .player(id)
            .is_none_or(|it| it.standing == player::Standing::Removed)
    };
    state.stage == Stage::Open && !viewer.is_some_and(removed)
}

impl Greeting {
    fn frames(
        self,
        session: SessionId,
        look: &Look<'_, Poker>,
        (viewer, seat): (Option<PlayerId>, SeatId),
        token: Option<&str>,
    ) -> Vec<Frame> {
        let screen = Screen::of(session, look);
        let mut frames = Vec::new();
        if let (Self::Back, Some(viewer)) = (self, viewer) {
            frames.extend(screen.reconnected(viewer));
        }
        frames.push(screen.joined(viewer, token));
        let seated = viewer
            .and_then(|id| look.state.player(id))
            .and_then(|it| it.seat(seat));
        let prior = match self {
            // What it showed last is not known; the default view makes it start the round over.
            Self::Again => Some(View::default()),
            _ => seated.and_then(|seat| seat.prior),
        };
        frames.extend(frames::catch_up(look.state, prior));
        frames
    }
}
