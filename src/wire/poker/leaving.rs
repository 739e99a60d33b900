//! Giving seats up, whatever the store is doing: a seat that nobody sits in any more would show its
//! player as online for as long as this node lives.

use std::time::Duration;

use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use super::gate::Gate;
use crate::room::{Look, SubmitError};
use crate::rules::Actor;
use crate::rules::ids::{PlayerId, SeatId, SessionId};
use crate::rules::poker::command::Departure;
use crate::rules::poker::{Command, Poker, Rejection};

/// Pause before a store that failed is asked again; doubled each time, up to the maximum.
const FIRST_PAUSE: Duration = Duration::from_millis(200);
const MAX_PAUSE: Duration = Duration::from_secs(5);

/// A seat that is not needed any more.
#[derive(Clone, Copy, Debug)]
pub struct Vacancy {
    /// Where it is.
    pub session: SessionId,
    /// Whose it is; unknown if taking it failed halfway.
    pub player: Option<PlayerId>,
    /// The seat.
    pub seat: SeatId,
    /// How it became vacant.
    pub how: Departure,
}

impl Gate {
    /// Gives a seat up, as often as it takes. At a shutdown seats are kept for the next run.
    pub async fn vacate(&self, vacancy: Vacancy, draining: &CancellationToken) {
        let mut pause = FIRST_PAUSE;
        loop {
            let failure = match self.try_to_vacate(vacancy).await {
                // It is gone, or its session is.
                Ok(()) | Err(SubmitError::Rejected(_) | SubmitError::UnknownSession) => return,
                Err(error) => error,
            };
            let session = vacancy.session;
            tracing::debug!(%session, error = &failure as &dyn std::error::Error, "a seat could not be given up yet");
            if draining.run_until_cancelled(sleep(pause)).await.is_none() {
                return;
            }
            pause = MAX_PAUSE.min(pause * 2);
        }
    }

    async fn try_to_vacate(&self, vacancy: Vacancy) -> Result<(), SubmitError<Rejection>> {
        let Vacancy {
            session,
            player,
            seat,
            how,
        } = vacancy;
        let player = match player {
            Some(player) => Some(player),
            None => self.sitter(session, seat).await?,
        };
        let Some(player) = player else { return Ok(()) };
        let command = Command::LeaveSeat { player, seat, how };
        self.rooms
            .submit(session, Actor::Player(player), command)
            .await
    }

    async fn sitter(
        &self,
        session: SessionId,
        seat: SeatId,
    ) -> Result<Option<PlayerId>, SubmitError<Rejection>> {
        let sits = move |look: Look<'_, Poker>| {
            let players = look.state.players.iter();
            let mut sitting = players.filter(|player| player.seat(seat).is_some());
            sitting.next().map(|player| player.id)
        };
        self.rooms.view(session, sits).await
    }
}
